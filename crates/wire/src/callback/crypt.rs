//! Signatures and encryption of callbacks (`platform/06 §1, §6`).
//!
//! AES-256-CBC with the key's first half as IV; what is encrypted is 16 random bytes, the length
//! of the message in four bytes, the message, and the AppID, padded to a multiple of **32**. The
//! cipher alone proves nothing: callers check the signature over the encrypted text first.

use std::fmt;

use aes::Aes256;
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::Error;
use crate::AppId;

/// Padding fills up to this, twice the cipher's own block.
const PADDED_TO: usize = 32;
/// Random bytes, then the length of the message.
const HEAD: usize = 16 + 4;

/// Keys from the platform's console often end in bits that no byte uses, which strict decoders
/// refuse (`platform/06 §6`).
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Lower-case hexadecimal SHA-1 over the parts, sorted by their bytes and joined: with token,
/// timestamp and nonce it is `signature`, with the encrypted text as well `msg_signature`.
#[must_use]
pub fn signature(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    let mut hash = Sha1::new();
    for part in sorted {
        hash.update(part.as_bytes());
    }
    let mut text = String::with_capacity(40);
    for byte in hash.finalize() {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
    }
    text
}

/// Whether the two are the same, in a time that does not tell where they differ.
#[must_use]
pub fn signature_matches(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

/// The key an account's callbacks are encrypted with (`EncodingAESKey`).
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackKey([u8; 32]);

impl CallbackKey {
    /// Reads the 43 characters the platform's console shows.
    ///
    /// # Errors
    /// [`Error::Key`] when they are not 43 characters of base64.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let malformed = || Error::Key(text.chars().count());
        if text.len() != 43 {
            return Err(malformed());
        }
        let bytes = LENIENT.decode(format!("{text}=")).map_err(|_| malformed())?;
        bytes.try_into().map(Self).map_err(|_| malformed())
    }

    /// The 43 characters again, in their canonical form; a secret.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut text = STANDARD.encode(self.0);
        text.truncate(43);
        text
    }

    /// Encrypts a message for `appid`. `random` must be fresh for every message.
    #[must_use]
    pub fn seal(&self, random: &[u8; 16], message: &str, appid: &AppId) -> String {
        let used = HEAD + message.len() + appid.as_str().len();
        let padding = PADDED_TO - used % PADDED_TO;
        let mut bytes = Vec::with_capacity(used + padding);
        bytes.extend_from_slice(random);
        // A callback is far below 4 GiB; were it not, the receiver would refuse the length.
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(message.as_bytes());
        bytes.extend_from_slice(appid.as_str().as_bytes());
        bytes.resize(used + padding, padding as u8);

        let mut cipher = cbc::Encryptor::<Aes256>::new(&self.0.into(), &self.initial().into());
        for block in bytes.chunks_exact_mut(16) {
            if let Ok(block) = block.try_into() {
                cipher.encrypt_block(block);
            }
        }
        STANDARD.encode(bytes)
    }

    /// Decrypts what [`Self::seal`] or the platform made for `appid`.
    ///
    /// # Errors
    /// When it is not base64, was encrypted with another key or was cut, or names another account.
    pub fn open(&self, encrypted: &str, appid: &AppId) -> Result<String, Error> {
        let mut bytes = LENIENT.decode(encrypted.trim()).map_err(|_| Error::NotBase64)?;
        let plain = cbc::Decryptor::<Aes256>::new(&self.0.into(), &self.initial().into())
            .decrypt_padded::<NoPadding>(&mut bytes)
            .map_err(|_| Error::Undecipherable("its length is no multiple of 16"))?;

        let padding = plain.last().copied().map_or(0, usize::from);
        if padding == 0 || padding > PADDED_TO || padding > plain.len() {
            return Err(Error::Undecipherable("its padding is wrong"));
        }
        let (plain, padded) = plain.split_at(plain.len() - padding);
        if padded.iter().any(|&byte| usize::from(byte) != padding) {
            return Err(Error::Undecipherable("its padding is wrong"));
        }

        let (_random, rest) =
            plain.split_at_checked(16).ok_or(Error::Undecipherable("it is too short"))?;
        let (length, rest) =
            rest.split_first_chunk::<4>().ok_or(Error::Undecipherable("it is too short"))?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (message, tail) = rest
            .split_at_checked(length)
            .ok_or(Error::Undecipherable("its message is longer than it is itself"))?;
        if tail != appid.as_str().as_bytes() {
            return Err(Error::OtherAccount {
                found: String::from_utf8_lossy(tail).chars().take(64).collect(),
                wanted: appid.clone(),
            });
        }
        String::from_utf8(message.to_vec())
            .map_err(|_| Error::Undecipherable("its message is not UTF-8"))
    }

    fn initial(&self) -> [u8; 16] {
        let mut initial = [0; 16];
        initial.copy_from_slice(&self.0[..16]);
        initial
    }
}

impl fmt::Debug for CallbackKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallbackKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::callback::vectors::*;

    fn key() -> CallbackKey {
        CallbackKey::parse(KEY).unwrap()
    }

    fn appid() -> AppId {
        AppId::parse(APPID).unwrap()
    }

    #[test]
    fn vector_a_a_push() {
        assert_eq!(signature(&[TOKEN, "1767225601", NONCE]), A_SIGNATURE);
        assert_eq!(signature(&[TOKEN, "1767225601", NONCE, A_ENCRYPTED]), A_MSG_SIGNATURE);
        assert_eq!(key().seal(b"0123456789abcdef", A_MESSAGE, &appid()), A_ENCRYPTED);
        assert_eq!(key().open(A_ENCRYPTED, &appid()).unwrap(), A_MESSAGE);
    }

    #[test]
    fn vector_b_a_reply_with_chinese_text() {
        assert_eq!(signature(&[TOKEN, "1767225602", NONCE, B_ENCRYPTED]), B_MSG_SIGNATURE);
        assert_eq!(key().seal(b"fedcba9876543210", B_MESSAGE, &appid()), B_ENCRYPTED);
        assert_eq!(key().open(B_ENCRYPTED, &appid()).unwrap(), B_MESSAGE);
    }

    #[test]
    fn vector_c_a_full_block_of_padding() {
        let message = "x".repeat(26);
        assert_eq!(key().seal(b"0123456789abcdef", &message, &appid()), C_ENCRYPTED);
        assert_eq!(key().open(C_ENCRYPTED, &appid()).unwrap(), message);
    }

    #[test]
    fn the_official_vectors() {
        let official = CallbackKey::parse(&"A".repeat(43)).unwrap();
        let appid = AppId::parse("wxba5fad812f8e6fb9").unwrap();
        let check = signature(&["AAAAA", "1714036504", "1514711492"]);
        assert_eq!(check, "f464b24fc39322e44b38aa78f5edd27bd1441696");
        let plain = signature(&["AAAAA", "1714037059", "486452656"]);
        assert_eq!(plain, "899cf89e464efb63f54ddac96b0a0a235f53aa78");

        let push = signature(&["AAAAA", "1714112445", "415670741"]);
        assert_eq!(push, "6c5c811b55cc85e0e1b54100749188c20beb3f5d");
        let push = signature(&["AAAAA", "1714112445", "415670741", OFFICIAL_ENCRYPTED]);
        assert_eq!(push, "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3");
        assert_eq!(official.open(OFFICIAL_ENCRYPTED, &appid).unwrap(), OFFICIAL_MESSAGE);
        let sealed = official.seal(b"a8eedb185eb2fecf", OFFICIAL_MESSAGE, &appid);
        assert_eq!(sealed, OFFICIAL_ENCRYPTED);

        let reply = official.seal(b"707722b803182950", r#"{"demo_resp":"good luck"}"#, &appid);
        assert_eq!(
            reply,
            "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
        );
        let signed = signature(&["AAAAA", "1713424427", "415670741", &reply]);
        assert_eq!(signed, "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1");
    }

    #[test]
    fn bits_no_byte_uses_do_not_matter() {
        for last in ['8', '9', '+', '/'] {
            let text = format!("{}{last}", &KEY[..42]);
            assert_eq!(CallbackKey::parse(&text).unwrap(), key(), "{last}");
        }
        assert_eq!(key().reveal(), KEY);
    }

    #[test]
    fn a_key_never_shows() {
        assert_eq!(format!("{:?}", key()), "CallbackKey(…)");
        let error = CallbackKey::parse("secretsecret").unwrap_err();
        assert!(!error.to_string().contains("secretsecret"));
        assert!(CallbackKey::parse(&"-".repeat(43)).is_err());
        assert!(CallbackKey::parse(&"粉".repeat(43)).is_err());
    }

    #[test]
    fn another_account_or_key_does_not_open_it() {
        let other = AppId::parse("wxother").unwrap();
        assert!(matches!(key().open(A_ENCRYPTED, &other), Err(Error::OtherAccount { .. })));
        let wrong = CallbackKey::parse(&"A".repeat(43)).unwrap();
        assert!(wrong.open(A_ENCRYPTED, &appid()).is_err());
        assert_eq!(key().open("粉丝", &appid()), Err(Error::NotBase64));
        assert!(key().open("", &appid()).is_err());
        assert!(key().open(&A_ENCRYPTED[..64], &appid()).is_err());
    }

    #[test]
    fn signatures_compare_whole() {
        assert!(signature_matches(A_SIGNATURE, A_SIGNATURE));
        assert!(!signature_matches(A_SIGNATURE, &A_SIGNATURE[..39]));
        assert!(!signature_matches(A_SIGNATURE, ""));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(random: [u8; 16], message in "\\PC{0,200}") {
            let sealed = key().seal(&random, &message, &appid());
            prop_assert_eq!(key().open(&sealed, &appid()).unwrap(), message);
        }

        #[test]
        fn any_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(key().open(&STANDARD.encode(bytes), &appid()).is_err());
        }
    }
}
