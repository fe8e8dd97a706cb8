//! Callbacks: what the platform pushes to an account's URL, how it is signed and encrypted
//! (`platform/06`). [`envelope`] verifies and opens a push, [`message`] says what it means.

pub mod crypt;
pub mod envelope;
pub mod finish;
pub mod message;
pub mod xml;

mod error;

pub use crypt::CallbackKey;
pub use envelope::{CallbackSettings, Mode, Query};
pub use error::Error;
pub use finish::{FinishStatus, MassSendFinished};
pub use message::{Incoming, Kind};

#[cfg(test)]
mod vectors;
