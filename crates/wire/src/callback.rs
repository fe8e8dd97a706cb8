//! Callbacks: what the platform pushes to an account's URL, how it is signed and encrypted
//! (`platform/06`). [`envelope`] verifies and opens a push, [`message`] says what it means.

pub mod crypt;
pub mod envelope;
pub mod finish;
pub mod message;
pub mod notice;
pub mod xml;

mod error;
mod json;

pub use crypt::CallbackKey;
pub use envelope::{CallbackSettings, Mode, Query};
pub use error::Error;
pub use finish::{FinishStatus, MassSendFinished};
pub use message::{Incoming, Kind};
pub use notice::{ConsentEntry, ConsentWord, NoticeSent};

#[cfg(test)]
mod vectors;
