//! People as the merchant names them, into identities as they are kept.

use store::identity::{Identity, IdentityKind};
use wire::OpenId;

use crate::view::Who;

/// The longest name of anything the merchant chooses, in bytes.
pub(crate) const LONGEST_KEY: usize = 128;
/// The longest name of an attribute, a tag, a list, a kind of event, in bytes.
pub(crate) const LONGEST_NAME: usize = 64;

/// Reads a name of somebody.
pub(crate) fn identity(who: &Who) -> Result<Identity, String> {
    let (kind, value) = match who {
        Who::OpenId(text) => (IdentityKind::OpenId, openid(text)?.to_string()),
        Who::UnionId(text) => (IdentityKind::UnionId, key("unionid", text)?),
        Who::Phone(text) => (IdentityKind::Phone, phone(text)?),
        Who::CustomerId(text) => (IdentityKind::CustomerId, key("customer_id", text)?),
    };
    Ok(Identity { kind, value })
}

/// Reads an OpenID; the marks that erased followers leave are none.
pub(crate) fn openid(text: &str) -> Result<OpenId, String> {
    let openid = OpenId::parse(text).map_err(|error| format!("`openid`: {error}"))?;
    if store::follower::is_erased(&openid) {
        return Err(format!("`openid`: {text:?} is the mark of an erased follower"));
    }
    Ok(openid)
}

/// Reads a telephone number as digits: a mainland mobile number without its country code, any
/// other with it.
pub(crate) fn phone(text: &str) -> Result<String, String> {
    let wrong = || {
        "`phone` is not a telephone number: 5 to 15 digits such as 13800138000, +86 138 0013 8000 \
         or +852 5123 4567"
            .to_owned()
    };
    let mut digits = String::with_capacity(15);
    for (at, sign) in text.trim().chars().enumerate() {
        match sign {
            '0'..='9' => digits.push(sign),
            ' ' | '-' | '(' | ')' => {}
            '+' if at == 0 => {}
            _ => return Err(wrong()),
        }
    }
    for code in ["0086", "86"] {
        if let Some(rest) = digits.strip_prefix(code)
            && rest.len() == 11
            && rest.starts_with('1')
        {
            return Ok(rest.to_owned());
        }
    }
    if (5..=15).contains(&digits.len()) { Ok(digits) } else { Err(wrong()) }
}

/// Reads a key: not empty, no control signs, at most 128 bytes.
pub(crate) fn key(field: &str, text: &str) -> Result<String, String> {
    named(field, text, LONGEST_KEY)
}

/// Reads a name: not empty, no control signs, at most 64 bytes.
pub(crate) fn name(field: &str, text: &str) -> Result<String, String> {
    named(field, text, LONGEST_NAME)
}

fn named(field: &str, text: &str, longest: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("`{field}` is empty: 1 to {longest} bytes are taken"));
    }
    if text.len() > longest {
        return Err(format!("`{field}` is {} bytes long; at most {longest} are taken", text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("`{field}` holds a control sign such as a line's end"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_is_the_same_however_it_is_written() {
        for text in ["13800138000", "+86 138-0013-8000", "86 13800138000", "0086(138)00138000"] {
            assert_eq!(phone(text), Ok("13800138000".to_owned()), "{text}");
        }
        assert_eq!(phone("+852 5123 4567"), Ok("85251234567".to_owned()));
        for text in ["", "1380013800x", "1234", "1234567890123456", "138+00138000", "１３８"] {
            assert!(phone(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name("kind", " 到店 "), Ok("到店".to_owned()));
        let told = [name("kind", " "), name("kind", "a\nb"), name("kind", &"长".repeat(22))];
        insta::assert_snapshot!(told.map(Result::unwrap_err).join("\n"), @r"
        `kind` is empty: 1 to 64 bytes are taken
        `kind` holds a control sign such as a line's end
        `kind` is 66 bytes long; at most 64 are taken
        ");
    }

    #[test]
    fn the_mark_of_an_erased_follower_names_nobody() {
        assert!(identity(&Who::OpenId("-erased-5".to_owned())).is_err());
        assert!(identity(&Who::OpenId("oSBX1".to_owned())).is_ok());
    }
}
