//! One error for all of callbacks: whatever is wrong with one, the push is not believed, and the
//! sentence says which setting to look at.

use crate::AppId;
use crate::callback::xml::{MOST_BYTES, MOST_DEPTH};

/// Why a push, a reply or a setting of callbacks is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The signature is another token's.
    #[error("the signature does not match: check that the token here is the console's")]
    Signature,
    /// The mode asks for encryption and the push has none.
    #[error("the push is not encrypted although the mode asks for it: check the mode")]
    NotEncrypted,
    /// The push is encrypted and no key is known.
    #[error("the push is encrypted but no EncodingAESKey is set here: enter the console's")]
    NoKey,
    /// The URL is checked without a text to answer with.
    #[error(
        "the check of the URL carries no usable echostr: save the settings in the console again"
    )]
    NoEcho,

    /// Not an `EncodingAESKey`; the text itself is kept out of the message.
    #[error(
        "the EncodingAESKey has {0} characters or others than A–Z a–z 0–9 + /: copy all 43 from the \
         platform's console"
    )]
    Key(usize),
    /// Not base64.
    #[error("the encrypted text is not base64: check that the body arrived whole")]
    NotBase64,
    /// Decrypts to nothing sensible: another key, or a text that was cut.
    #[error(
        "failed to decrypt: the EncodingAESKey is another one, or the body did not arrive whole \
         ({0})"
    )]
    Undecipherable(&'static str),
    /// Meant for another account.
    #[error("the message is encrypted for account {found:?}, not for {wanted}: check the AppID")]
    OtherAccount {
        /// The AppID inside, cut to 64 characters.
        found: String,
        /// Ours.
        wanted: AppId,
    },

    /// Over [`MOST_BYTES`].
    #[error("the body has {0} bytes, over the {MOST_BYTES} this version reads")]
    TooLong(usize),
    /// Over [`MOST_DEPTH`].
    #[error("the push is nested more than {MOST_DEPTH} deep")]
    TooDeep,
    /// Not well-formed.
    #[error("failed to read the XML near byte {at}: {reason}")]
    Malformed {
        /// Where the reader stood.
        at: u64,
        /// What it said.
        reason: String,
    },
    /// JSON that is none.
    #[error("failed to read the JSON of the push: {0}")]
    MalformedJson(String),
    /// Something a callback never has.
    #[error("the push holds {0}, which no callback has")]
    Forbidden(&'static str),

    /// A field is missing.
    #[error("the push has no field {0}: it is no callback of the platform, or one of a new kind")]
    Missing(&'static str),
    /// A field that should be a number.
    #[error("field {field} of the push is {found:?} where a whole number is expected")]
    NotANumber {
        /// Its name.
        field: &'static str,
        /// Its text, cut to 40 characters.
        found: String,
    },
}
