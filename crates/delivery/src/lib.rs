//! Campaigns carried out. The engine owns every account of this process: it keeps the followers in
//! step with the platform, freezes audiences, reserves slots, makes the calls and settles what
//! became of them.
//!
//! What always holds: the intent of a call is durable, with its slots reserved and its key fixed,
//! before the call is made; an outcome is *sent*, *refused*, *not sent* or *unknown*, and unknown
//! is a state, never a guess. A crash anywhere leaves batches in a state from which the next round
//! goes on: every loop here reads what is due from the store and may be run twice.

mod answers;
mod attributes;
mod books;
mod call;
mod callbacks;
mod campaign;
mod consents;
mod engine;
mod error;
mod estimates;
mod facts;
mod fence;
mod freeze;
mod history;
mod identity;
mod import;
mod intake;
mod list;
mod owner;
mod person;
mod plan;
mod received;
mod report;
mod saved;
mod settle;
mod signal;
mod snapshot;
mod sync;
mod tagging;
mod value;
pub mod view;

pub use engine::{Engine, Settings};
pub use error::{Error, ErrorKind};
pub use plan::Claim;
