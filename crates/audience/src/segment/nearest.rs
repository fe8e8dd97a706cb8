//! The known name nearest to a mistyped one.

/// The name of `known` nearest to `name`, when one is near enough to propose.
///
/// Near is by edits (a character put in, left out, changed, or two swapped): at most half of the
/// longer name. Among equally near names one that holds all characters of the mistyped name in
/// their order goes first (油皮 in 油性皮肤), then the first in the given order.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    known
        .into_iter()
        .filter_map(|candidate| {
            let letters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
            let edits = edits(&wanted, &letters);
            let near = edits * 2 <= wanted.len().max(letters.len());
            near.then(|| (edits, !holds_in_order(&letters, &wanted), candidate))
        })
        .min_by_key(|(edits, foreign, _)| (*edits, *foreign))
        .map(|(_, _, candidate)| candidate.to_owned())
}

fn holds_in_order(long: &[char], short: &[char]) -> bool {
    let mut letters = long.iter();
    short.iter().all(|letter| letters.any(|other| other == letter))
}

/// Optimal string alignment: three rows of the usual table are enough.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let mut least =
                (last[j] + usize::from(letter != other)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == b[j - 1] && a[i - 1] == *other {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proposes_what_was_probably_meant() {
        let skins = ["油性皮肤", "干性皮肤", "混合皮肤", "上海"];
        assert_eq!(nearest("油皮", skins).as_deref(), Some("油性皮肤"));
        assert_eq!(nearest("干性", skins).as_deref(), Some("干性皮肤"));
        assert_eq!(nearest("北京", skins), None);
        assert_eq!(nearest("subscirbed", ["tag", "subscribed"]).as_deref(), Some("subscribed"));
        assert_eq!(nearest("Tags", ["tag"]).as_deref(), Some("tag"));
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn counts_edits() {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        for (a, b, n) in [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 1)] {
            assert_eq!(edits(&letters(a), &letters(b)), n);
            assert_eq!(edits(&letters(b), &letters(a)), n);
        }
    }
}
