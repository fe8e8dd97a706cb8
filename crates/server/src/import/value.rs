//! Cells: amounts, moments, counts. Each reader says what would be right when it refuses.

use wire::{Day, Timestamp};

/// Amounts beyond a thousand million are typing errors, in yuan as in dollars.
const LARGEST_AMOUNT: i64 = 1_000_000_000;

/// The sentence for a cell that was refused.
pub fn refusal(column: &str, found: &str, wanted: &str) -> String {
    let cut: String = found.chars().take(40).collect();
    let dots = if cut.len() < found.len() { "…" } else { "" };
    format!("`{column}` is {cut:?}{dots}; it must be {wanted}")
}

/// Reads a decimal amount as cents, exactly; a refund is negative.
pub fn cents(text: &str) -> Result<i64, &'static str> {
    const WANTED: &str = "an amount with at most two decimals such as 59.90";
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(WANTED),
        None => (digits, ""),
    };
    // Zeros behind the cents change nothing; anything else there would have to be rounded.
    let fraction = if fraction.len() > 2 { fraction.trim_end_matches('0') } else { fraction };
    let numeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 2 || !numeric(whole) || !numeric(fraction) {
        return Err(WANTED);
    }
    let units: i64 = whole.parse().map_err(|_| WANTED)?;
    if units > LARGEST_AMOUNT {
        return Err("an amount of at most 1,000,000,000");
    }
    let cents: i64 = format!("{fraction:0<2}").parse().map_err(|_| WANTED)?;
    let amount = units * 100 + cents;
    Ok(if negative { -amount } else { amount })
}

/// Reads RFC 3339, `2026-03-02[ 10:00[:00]]` or `20260302`; without a zone: China Standard Time.
pub fn moment(text: &str) -> Result<Timestamp, &'static str> {
    const WANTED: &str = "a time such as 2026-03-02, 2026-03-02 10:00:00, 20260302 or \
                          2026-03-02T10:00:00+08:00";
    if text.len() == 8 {
        return day(text).map(Day::start).map_err(|_| WANTED);
    }
    if !has_shape(text, "dddd-dd-dd") {
        return Err(WANTED);
    }
    let clock = text.get(10..).unwrap_or_default();
    let shapes = ["", " dd:dd", "Tdd:dd", " dd:dd:dd", "Tdd:dd:dd"];
    let whole = shapes.iter().any(|shape| shape.len() == clock.len() && has_shape(clock, shape));
    let with_zone = has_shape(clock, "Tdd:dd:dd") && !clock.contains('[');
    if !whole && !with_zone {
        return Err(WANTED);
    }
    text.parse().map_err(|_| WANTED)
}

/// Reads `20260302`.
pub fn day(text: &str) -> Result<Day, &'static str> {
    const WANTED: &str = "a day such as 20260302";
    if text.len() != 8 || !has_shape(text, "dddddddd") {
        return Err(WANTED);
    }
    let number: u32 = text.parse().map_err(|_| WANTED)?;
    let part = |number: u32| i8::try_from(number % 100).ok();
    let year = i16::try_from(number / 10_000).ok();
    match (year, part(number / 100), part(number)) {
        (Some(year), Some(month), Some(day)) => Day::new(year, month, day).ok_or(WANTED),
        _ => Err(WANTED),
    }
}

/// Reads a number of pieces; those of a refund may be negative.
pub fn pieces(text: &str) -> Result<i64, &'static str> {
    const WANTED: &str = "a whole number up to 1,000,000 such as 2";
    let number: i64 = text.parse().map_err(|_| WANTED)?;
    if (-1_000_000..=1_000_000).contains(&number) { Ok(number) } else { Err(WANTED) }
}

/// Reads a whole number.
pub fn whole(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| "a whole number such as 30")
}

/// Whether the text begins as `shape` says: `d` stands for a digit, the rest for itself.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() >= shape.len()
        && shape.bytes().zip(text.bytes()).all(|(wanted, found)| match wanted {
            b'd' => found.is_ascii_digit(),
            other => found == other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_become_cents_exactly() {
        for (text, wanted) in [
            ("0", 0),
            ("12", 1200),
            ("12.3", 1230),
            ("12.34", 1234),
            ("12.3400", 1234),
            ("0.07", 7),
            ("-5.50", -550),
            ("-0.01", -1),
            // 1.15 has no exact floating-point form.
            ("1.15", 115),
            ("1000000000.99", 100_000_000_099),
        ] {
            assert_eq!(cents(text), Ok(wanted), "{text}");
        }
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1.234",
            "1,234.00",
            "¥5",
            "1e3",
            "+5",
            "--5",
            "1.-5",
            "5 ",
            "NaN",
            "１２",
            "1000000001",
            "99999999999999999999",
        ] {
            assert!(cents(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_without_a_zone_are_china_time() {
        let ten: Timestamp = "2026-03-02T10:00:00+08:00".parse().unwrap();
        for text in [
            "2026-03-02 10:00",
            "2026-03-02 10:00:00",
            "2026-03-02T10:00",
            "2026-03-02T10:00:00+08:00",
            "2026-03-02T02:00:00Z",
            "2026-03-02T02:00:00.500Z",
        ] {
            assert_eq!(moment(text), Ok(ten), "{text}");
        }
        assert_eq!(moment("2026-03-02"), Ok(ten + -36_000));
        assert_eq!(moment("20260302"), Ok(ten + -36_000));
        for text in [
            "",
            "2026",
            "2026-3-2",
            "2026/03/02",
            "02.03.2026",
            "2026-02-30",
            "20260230",
            "20261301",
            "2026030",
            "202603021",
            "2026-03-02 10",
            "2026-03-02 25:00",
            "2026-03-02 10:00:00 pm",
            "2026-03-02x",
            "２０２６０３０２",
            "1767225600",
        ] {
            assert!(moment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pieces_are_whole_numbers() {
        assert_eq!(pieces("3"), Ok(3));
        assert_eq!(pieces("-1"), Ok(-1));
        for text in ["", "1.0", "two", "1000001"] {
            assert!(pieces(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_refusal_shows_no_more_than_the_beginning() {
        let sentence = refusal("amount", &"9".repeat(100), "less");
        assert!(sentence.len() < 80, "{sentence}");
        insta::assert_snapshot!(refusal("items", "two", "a number"), @r#"`items` is "two"; it must be a number"#);
    }
}
