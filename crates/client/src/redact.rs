//! Takes out of the platform's words what must not be kept: secrets, tokens, OpenIDs.

use crate::Secret;

/// Longest text kept, in characters.
const MOST: usize = 300;
/// OpenIDs are `o` and 27 more (`platform/07 §1`).
const OPENID: usize = 28;
/// No word of an honest error text is longer; tokens are (`platform/02 §1`).
const WORD: usize = 64;

/// `text` without any of `secrets` and without words shaped like an OpenID or a token.
pub(crate) fn redact(text: &str, secrets: &[&Secret]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().map(|secret| secret.reveal()).filter(|secret| secret.len() > 3) {
        text = text.replace(secret, "…");
    }
    let mut kept = String::with_capacity(text.len());
    let mut word = String::new();
    // A space at the end so that the last word is seen too.
    for character in text.chars().chain([' ']) {
        if character.is_ascii_alphanumeric() || matches!(character, '_' | '-') {
            word.push(character);
            continue;
        }
        let telling = word.len() > WORD || (word.len() == OPENID && word.starts_with('o'));
        kept.push_str(if telling { "…" } else { &word });
        word.clear();
        kept.push(if character.is_control() { ' ' } else { character });
    }
    kept.trim_end().chars().take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_tokens_go_and_the_request_id_stays() {
        let token: Secret = "88_q1W2e3".into();
        let text = "invalid openid oSBXaaaaaaaaaaaaaaaaaaaaaa01, token 88_q1W2e3 \
                    rid: 6955b980-1a2b3c4d-5e6f7081";
        assert_eq!(
            redact(text, &[&token]),
            "invalid openid …, token … rid: 6955b980-1a2b3c4d-5e6f7081"
        );
        assert_eq!(redact(&format!("x {}", "a".repeat(130)), &[]), "x …");
        assert_eq!(redact(&"啊 ".repeat(500), &[]).chars().count(), 300);
    }
}
