//! `\uXXXX` in bodies: the platform stores such escapes literally (`platform/01`, general facts).

use std::borrow::Cow;

/// Whether the body writes characters as `\uXXXX`.
#[must_use]
pub fn are_in(body: &[u8]) -> bool {
    matches!(literal(body), Cow::Owned(_))
}

/// Doubles the backslash of every `\uXXXX` outside the control characters.
#[must_use]
pub fn literal(body: &[u8]) -> Cow<'_, [u8]> {
    let mut changed: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        if *byte != b'\\' {
            if let Some(copy) = &mut changed {
                copy.push(*byte);
            }
            at += 1;
            continue;
        }
        let literal = body.get(at + 1) == Some(&b'u') && body.get(at + 2..at + 4) != Some(b"00");
        if literal {
            let copy = changed.get_or_insert_with(|| body[..at].to_vec());
            copy.extend_from_slice(b"\\\\u");
        } else if let Some(copy) = &mut changed {
            copy.extend(body.iter().skip(at).take(2));
        }
        at += 2;
    }
    changed.map_or(Cow::Borrowed(body), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unicode_escapes_stay_as_written() {
        let kept = literal(br#"{"a":"\u65b0\n\\u","b":"\u0001"}"#);
        let value: serde_json::Value = serde_json::from_slice(&kept).unwrap();
        assert_eq!(value["a"], "\\u65b0\n\\u");
        assert_eq!(value["b"], "\u{1}");
        assert!(matches!(literal(br#"{"a":"\\u65b0"}"#), Cow::Borrowed(_)));
        let _ = literal(b"\\");
        let _ = literal(b"\\u");
    }
}
