//! Aligned text for people: columns as wide as their widest cell, Chinese characters counted as
//! the two columns a terminal gives them.

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows under a heading.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns; a heading that starts with `>` sets its column to the right.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        let columns = columns
            .iter()
            .map(|heading| match heading.strip_prefix('>') {
                Some(heading) => (heading.to_owned(), Align::Right),
                None => ((*heading).to_owned(), Align::Left),
            })
            .collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; missing cells are empty.
    pub fn row<C: Into<String>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The text, one line a row, with an end of line after each.
    #[must_use]
    pub fn text(&self) -> String {
        let heading: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let lines: Vec<&[String]> = std::iter::once(heading.as_slice())
            .chain(self.rows.iter().map(Vec::as_slice))
            .collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| lines.iter().filter_map(|line| line.get(at)).map(|c| width(c)).max())
            .map(Option::unwrap_or_default)
            .collect();
        let mut text = String::new();
        for line in lines {
            let mut row = String::new();
            for (at, (width, (_, align))) in widths.iter().zip(&self.columns).enumerate() {
                if at > 0 {
                    row.push_str("  ");
                }
                row.push_str(&padded(line.get(at).map_or("", String::as_str), *width, *align));
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }
}

/// `text` with spaces up to `to` columns of a terminal.
#[must_use]
pub fn padded(text: &str, to: usize, align: Align) -> String {
    let fill = " ".repeat(to.saturating_sub(width(text)));
    match align {
        Align::Left => format!("{text}{fill}"),
        Align::Right => format!("{fill}{text}"),
    }
}

/// Columns a terminal gives to `text`.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { usize::from(!is_without_width(c)) }).sum()
}

// East Asian Wide and Fullwidth blocks of Unicode's EastAsianWidth table.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0xA4CF | 0xA960..=0xA97F | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF | 0xFE10..=0xFE19 | 0xFE30..=0xFE6F | 0xFF01..=0xFF60 | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F | 0x1F680..=0x1F6FF | 0x1F900..=0x1FAFF | 0x20000..=0x3FFFD)
}

fn is_without_width(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F | 0xFEFF)
}

/// A number with commas between thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Cents as yuan.
#[must_use]
pub fn yuan(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}¥{}.{:02}", grouped(cents / 100), cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stay_under_their_headings_with_chinese_in_them() {
        let mut table = Table::new(&["campaign 活动", ">people 人数", "state"]);
        table.row(["油性皮肤·控油周一", "20,000", "settled"]);
        table.row(["Gold members", "7", ""]);
        insta::assert_snapshot!(table.text(), @r"
        campaign 活动      people 人数  state
        油性皮肤·控油周一       20,000  settled
        Gold members                 7
        ");
    }

    #[test]
    fn width_counts_columns_not_characters() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("粉丝"), 4);
        assert_eq!(width("，。"), 4);
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(yuan(-123_456), "-¥1,234.56");
    }
}
