//! The platform's vocabulary: what its ids look like, what its calls and answers carry, what its
//! error codes ask for, how its callbacks are signed, and which limits held on which day.
//!
//! Invariant: no input or output, no async, no clock. Nothing outside this crate names a field or
//! a number of the platform.

pub mod calendar;
pub mod callback;
pub mod codes;
pub mod draft;
pub mod endpoint;
pub mod ids;
pub mod mass;
pub mod media;
pub mod quota;
pub mod rules;
pub mod tag;
pub mod token;
pub mod user;

pub use calendar::{Day, Month, Timestamp};
pub use codes::{Code, Reaction, Refusal};
pub use endpoint::Endpoint;
pub use ids::{AppId, ClientMsgId, MediaId, MsgDataId, MsgId, OpenId, OriginalId, TagId};
