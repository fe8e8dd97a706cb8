//! OpenIDs without a table: `o`, five characters of the account, 22 characters that are one AES
//! block (`platform/07 §1` gives the shape). The block is the ordinal and twelve zero bytes;
//! deciphering checks the zeros, so an OpenID of another account is recognised as foreign.

use aes::Aes128;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha1::{Digest as _, Sha1};

/// Characters of an OpenID.
pub const LENGTH: usize = 28;
const PREFIX: usize = 6;

/// Turns one account's ordinals into OpenIDs and back.
#[derive(Clone)]
pub struct Cipher {
    block: Aes128,
    prefix: [u8; PREFIX],
}

impl Cipher {
    /// The cipher of this account.
    #[must_use]
    pub fn new(appid: &str, seed: u64) -> Self {
        let mut digest = Sha1::new();
        digest.update(appid.as_bytes());
        digest.update([0]);
        digest.update(seed.to_be_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&digest.finalize()[..16]);

        let mut prefix = *b"oXXXXX";
        let of_account = Sha1::digest(appid.as_bytes());
        let letters = URL_SAFE_NO_PAD.encode(&of_account[..6]);
        for (place, letter) in prefix.iter_mut().skip(1).zip(letters.bytes()) {
            *place = letter;
        }
        Self { block: Aes128::new(&Array::from(key)), prefix }
    }

    /// The OpenID of this ordinal.
    #[must_use]
    pub fn openid(&self, person: u32) -> String {
        let mut plain = [0; 16];
        plain[..4].copy_from_slice(&person.to_be_bytes());
        let mut block = Array::from(plain);
        self.block.encrypt_block(&mut block);
        let mut openid = String::with_capacity(LENGTH);
        openid.extend(self.prefix.iter().copied().map(char::from));
        URL_SAFE_NO_PAD.encode_string(block, &mut openid);
        openid
    }

    /// The ordinal of this OpenID; `None` when it is not one of this account.
    #[must_use]
    pub fn person(&self, openid: &str) -> Option<u32> {
        let bytes = openid.as_bytes();
        let tail = bytes.strip_prefix(&self.prefix)?;
        if bytes.len() != LENGTH {
            return None;
        }
        let mut cipher = [0; 18];
        let length = URL_SAFE_NO_PAD.decode_slice(tail, &mut cipher).ok()?;
        let mut block = Array::from(<[u8; 16]>::try_from(cipher.get(..length)?).ok()?);
        self.block.decrypt_block(&mut block);
        let (ordinal, zeros) = block.split_at(4);
        if zeros.iter().any(|byte| *byte != 0) {
            return None;
        }
        Some(u32::from_be_bytes(ordinal.try_into().ok()?))
    }
}

/// Whether the text has the shape of an OpenID, of whatever account.
#[must_use]
pub fn has_shape(text: &str) -> bool {
    text.len() == LENGTH
        && text.starts_with('o')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openids_go_there_and_back() {
        let cipher = Cipher::new("wx0123456789abcdef", 1);
        for person in [0, 1, 9_999, 1_000_000, u32::MAX] {
            let openid = cipher.openid(person);
            assert!(has_shape(&openid), "{openid}");
            assert_eq!(cipher.person(&openid), Some(person));
        }
        assert_eq!(&cipher.openid(0)[..6], &cipher.openid(77)[..6]);
    }

    #[test]
    fn foreign_openids_are_told_apart() {
        let cipher = Cipher::new("wx0123456789abcdef", 1);
        let other_seed = Cipher::new("wx0123456789abcdef", 2);
        let other_account = Cipher::new("wxfedcba9876543210", 1);
        assert_eq!(cipher.person(&other_seed.openid(5)), None);
        assert_eq!(cipher.person(&other_account.openid(5)), None);
        let own = cipher.openid(5);
        assert_eq!(cipher.person(&own[..27]), None);
        assert_eq!(cipher.person(""), None);
        assert_eq!(cipher.person("o你好你好你好你好你"), None);
    }
}
