//! What a keyword of a template takes (`platform/04 C5`); the same for template messages and
//! subscription notices.

use wire::Day;

/// Kind of a keyword's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// At most 20 characters of any sort.
    Thing,
    /// At most 32 digits, decimals allowed.
    Number,
    /// At most 32 letters.
    Letter,
    /// At most 5 symbols.
    Symbol,
    /// At most 32 digits, letters and symbols, nothing Chinese.
    CharacterString,
    /// `15:01`, a date before it allowed; ranges with `~`.
    Time,
    /// `2026年1月1日`, a time after it allowed; ranges with `~`.
    Date,
    /// A currency sign, at most 10 digits, 元.
    Amount,
    /// At most 17 digits and symbols.
    PhoneNumber,
    /// At most 8 characters, the first and last may be Chinese.
    CarNumber,
    /// At most 10 Chinese characters, or 20 letters and symbols.
    Name,
    /// At most 5 Chinese characters.
    Phrase,
    /// One of the values approved with the template.
    Const(&'static [&'static str]),
    /// One of the values listed with the template.
    EnumString(&'static [&'static str]),
    /// A historical template's: no limit is known (`platform/04`, uncertainty 3).
    Free,
}

impl Rule {
    /// The word keys begin with.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Thing => "thing",
            Self::Number => "number",
            Self::Letter => "letter",
            Self::Symbol => "symbol",
            Self::CharacterString => "character_string",
            Self::Time => "time",
            Self::Date => "date",
            Self::Amount => "amount",
            Self::PhoneNumber => "phone_number",
            Self::CarNumber => "car_number",
            Self::Name => "name",
            Self::Phrase => "phrase",
            Self::Const(_) => "const",
            Self::EnumString(_) => "enum_string",
            Self::Free => "keyword",
        }
    }

    /// Whether a keyword of this kind takes the value; an empty one it never does.
    #[must_use]
    pub fn takes(self, value: &str) -> bool {
        let length = value.chars().count();
        let all = |allowed: fn(char) -> bool| value.chars().all(allowed);
        !value.is_empty()
            && match self {
                Self::Thing => length <= 20,
                Self::Number => is_number(value, 32),
                Self::Letter => length <= 32 && all(|c| c.is_ascii_alphabetic()),
                Self::Symbol => length <= 5 && all(|c| !c.is_alphanumeric() && !c.is_whitespace()),
                Self::CharacterString => length <= 32 && all(|c| c == ' ' || c.is_ascii_graphic()),
                Self::Time => value.split('~').all(|part| is_moment(part.trim(), false)),
                Self::Date => value.split('~').all(|part| is_moment(part.trim(), true)),
                Self::Amount => is_amount(value),
                Self::PhoneNumber => {
                    length <= 17 && all(|c| c.is_ascii_digit() || c.is_ascii_punctuation())
                }
                Self::CarNumber => is_car_number(value, length),
                Self::Name if value.chars().any(is_chinese) => length <= 10,
                Self::Name => length <= 20 && all(|c| !c.is_numeric()),
                Self::Phrase => length <= 5 && all(is_chinese),
                Self::Const(values) | Self::EnumString(values) => values.contains(&value),
                Self::Free => true,
            }
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Digits, at most so many, one point between them allowed.
fn is_number(value: &str, most: usize) -> bool {
    let (whole, rest) = value.split_once('.').unwrap_or((value, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    are_digits(whole) && are_digits(rest) && digits <= most
}

fn is_amount(value: &str) -> bool {
    let value = value.strip_suffix('元').unwrap_or(value);
    let bare = value.strip_prefix(['¥', '￥', '$', '€', '£']).unwrap_or(value);
    is_number(bare, 10)
}

fn is_car_number(value: &str, length: usize) -> bool {
    let fits = |(place, c): (usize, char)| {
        c.is_ascii_alphanumeric() || (is_chinese(c) && (place == 0 || place + 1 == length))
    };
    length <= 8 && value.chars().enumerate().all(fits)
}

/// A date, a time, or both with a space between; `date` says which of them must be there.
fn is_moment(value: &str, date: bool) -> bool {
    match value.split_once(' ') {
        Some((day, time)) => is_day(day) && is_time(time.trim()),
        None if date => is_day(value),
        None => is_time(value),
    }
}

fn is_day(value: &str) -> bool {
    let parse = || {
        let (year, rest) = value.split_once('年')?;
        let (month, rest) = rest.split_once('月')?;
        let day = rest.strip_suffix('日')?;
        Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    };
    parse().is_some()
}

fn is_time(value: &str) -> bool {
    let parts: Vec<&str> = value.split(':').collect();
    let below = |part: &str, most: u32| {
        part.len() <= 2 && part.parse().is_ok_and(|number: u32| number < most)
    };
    match parts.as_slice() {
        [hour, minute] => below(hour, 24) && minute.len() == 2 && below(minute, 60),
        [hour, minute, second] => below(hour, 24) && below(minute, 60) && below(second, 60),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_what_the_table_says() {
        use Rule::*;
        let long = "1".repeat(32);
        let cases: [(Rule, &[&str], &[&str]); 14] = [
            (
                Thing,
                &["秋季上新", "二十个字二十个字二十个字二十个字二十个字"],
                &["", "二十一个字二十个字二十个字二十个字二十个字"],
            ),
            (Number, &["1", "3.14", &long], &["1.", ".5", "1.2.3", "一", "x"]),
            (Letter, &["abc"], &["a1", "中"]),
            (Symbol, &["+-*"], &["++++++", "a", "1"]),
            (CharacterString, &["SF-12 34", &long], &["单号12"]),
            (
                Time,
                &[
                    "15:01",
                    "9:05:10",
                    "2026年1月1日 15:01",
                    "10:00~12:00",
                    "2026年1月1日 10:00 ~ 2026年1月2日 10:00",
                ],
                &["24:00", "15:1", "2026年1月1日", "明天", "10:00~"],
            ),
            (
                Date,
                &["2026年1月1日", "2026年1月1日 15:01", "2026年1月1日~2026年2月1日"],
                &["2026年2月30日", "2026-01-01", "15:01"],
            ),
            (Amount, &["¥12.50", "12元", "￥1234567890"], &["12345678901", "¥¥1", "一元", "元"]),
            (PhoneNumber, &["+86-0766-66888866"], &["电话1", "123456789012345678"]),
            (CarNumber, &["粤A8Z888挂"], &["粤A8粤Z88", "粤A8Z8888挂"]),
            (Name, &["张三", "Anna-Maria Li"], &["张三李四王五赵六钱七孙", "R2D2"]),
            (Phrase, &["配送中"], &["正在配送中呢", "ok"]),
            (Const(&["进行中"]), &["进行中"], &["未知"]),
            (Free, &["任意\n文字"], &[""]),
        ];
        for (rule, taken, refused) in cases {
            for value in taken {
                assert!(rule.takes(value), "{rule:?} takes {value:?}");
            }
            for value in refused {
                assert!(!rule.takes(value), "{rule:?} refuses {value:?}");
            }
        }
    }
}
