//! Values of attributes: what a program gives as JSON and what stands in a file's cell, against
//! what the merchant defined.

use audience::AttributeKind;
use serde_json::Value;
use store::follower::Attribute;
use wire::Day;

use crate::books::Books;

/// The longest text, in bytes.
const LONGEST_TEXT: usize = 1_024;

/// Reads a value given as JSON; `null` takes the attribute away. The attribute must be defined, or
/// be one that somebody has.
pub(crate) fn given(books: &Books, name: &str, value: Value) -> Result<Option<Attribute>, String> {
    let defined = books.index.definition(name);
    if defined.is_none() && books.index.column(name).is_none() {
        return Err(unknown(books, name));
    }
    let wrong = || format!("`{name}` is {}; {}", shown(&value), wanted(defined));
    let read = match (&value, defined) {
        (Value::Null, _) => return Ok(None),
        (Value::Bool(flag), None | Some(AttributeKind::Flag)) => Attribute::Bool(*flag),
        (Value::Number(number), None | Some(AttributeKind::Number)) => {
            Attribute::Number(number.as_f64().filter(|n| n.is_finite()).ok_or_else(wrong)?)
        }
        (Value::String(text), None) => Attribute::Text(text.clone()),
        (Value::String(text), Some(AttributeKind::Text | AttributeKind::Date)) => {
            cell_of(defined, text).ok_or_else(wrong)?
        }
        (Value::String(text), Some(AttributeKind::Choice(_))) => {
            cell_of(defined, text).ok_or_else(wrong)?
        }
        _ => return Err(wrong()),
    };
    match &read {
        Attribute::Text(text) if text.len() > LONGEST_TEXT => {
            Err(format!("`{name}` is {} bytes long; at most {LONGEST_TEXT} are taken", text.len()))
        }
        _ => Ok(Some(read)),
    }
}

/// Reads a cell of a file; an empty one tells nothing. A name that is not defined takes what the
/// cell looks like.
pub(crate) fn cell(books: &Books, name: &str, text: &str) -> Result<Option<Attribute>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > LONGEST_TEXT {
        return Err(format!(
            "`{name}` is {} bytes long; at most {LONGEST_TEXT} are taken",
            text.len()
        ));
    }
    let defined = books.index.definition(name);
    match cell_of(defined, text) {
        Some(value) => Ok(Some(value)),
        None => {
            let cut: String = text.chars().take(40).collect();
            Err(format!("`{name}` is {cut:?}; {}", wanted(defined)))
        }
    }
}

fn cell_of(defined: Option<&AttributeKind>, text: &str) -> Option<Attribute> {
    let words = || Attribute::Text(text.to_owned());
    match defined {
        None => Some(guessed(text)),
        Some(AttributeKind::Text) => Some(words()),
        Some(AttributeKind::Number) => {
            text.parse().ok().filter(|number: &f64| number.is_finite()).map(Attribute::Number)
        }
        Some(AttributeKind::Date) => {
            // A moment, as a spreadsheet writes days, counts as its day.
            let day = text.get(..10).filter(|_| text.get(10..11) == Some(" ")).unwrap_or(text);
            day.parse::<Day>().ok().map(|_| Attribute::Text(day.to_owned()))
        }
        Some(AttributeKind::Flag) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" | "是" => Some(Attribute::Bool(true)),
            "false" | "no" | "0" | "否" => Some(Attribute::Bool(false)),
            _ => None,
        },
        Some(AttributeKind::Choice(choices)) => {
            choices.iter().any(|choice| choice == text).then(words)
        }
    }
}

/// What a cell looks like: a number, a flag or text. Numbers with leading zeros (customer numbers,
/// telephone numbers) stay text.
fn guessed(text: &str) -> Attribute {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let words = || Attribute::Text(text.to_owned());
    match text {
        "true" | "是" => Attribute::Bool(true),
        "false" | "否" => Attribute::Bool(false),
        _ if plain && !leading_zero && digits.len() <= 15 => {
            text.parse().map_or_else(|_| words(), Attribute::Number)
        }
        _ => words(),
    }
}

fn wanted(defined: Option<&AttributeKind>) -> String {
    match defined {
        None => "it must be a text, a number, a flag or null".to_owned(),
        Some(AttributeKind::Text) => "it was defined as a text".to_owned(),
        Some(AttributeKind::Number) => "it was defined as a number such as 12.5".to_owned(),
        Some(AttributeKind::Date) => "it was defined as a day such as 1990-01-01".to_owned(),
        Some(AttributeKind::Flag) => "it was defined as a flag: true or false".to_owned(),
        Some(AttributeKind::Choice(choices)) => {
            format!("it was defined as one of {}", choices.join(", "))
        }
    }
}

fn shown(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}

fn unknown(books: &Books, name: &str) -> String {
    let mut names: Vec<&str> = books.index.attribute_names().collect();
    names.sort_unstable();
    names.truncate(20);
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    format!("`{name}` is not an attribute here (there are {known}): define it first")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_guessed_without_losing_customer_numbers() {
        for words in ["00012", "1990-01-01", "1.2.3", "上海", "1234567890123456789"] {
            assert_eq!(guessed(words), Attribute::Text(words.into()));
        }
        assert_eq!(guessed("12.5"), Attribute::Number(12.5));
        assert_eq!(guessed("是"), Attribute::Bool(true));
    }

    #[test]
    fn cells_are_read_as_defined() {
        let choice = AttributeKind::Choice(vec!["金".to_owned()]);
        let read = |kind: &AttributeKind, text| cell_of(Some(kind), text);
        assert_eq!(read(&AttributeKind::Text, "12"), Some(Attribute::Text("12".into())));
        assert_eq!(read(&AttributeKind::Flag, "1"), Some(Attribute::Bool(true)));
        assert_eq!(read(&AttributeKind::Number, "1"), Some(Attribute::Number(1.0)));
        assert_eq!(
            read(&AttributeKind::Date, "1990-01-01 00:00:00"),
            Some(Attribute::Text("1990-01-01".into()))
        );
        assert_eq!(read(&choice, "金"), Some(Attribute::Text("金".into())));
        for (kind, text) in [
            (&AttributeKind::Flag, "maybe"),
            (&AttributeKind::Number, "NaN"),
            (&AttributeKind::Number, "十"),
            (&AttributeKind::Date, "1990-02-30"),
            (&choice, "银"),
        ] {
            assert_eq!(read(kind, text), None, "{kind:?} {text}");
        }
    }
}
