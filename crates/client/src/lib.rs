//! Calls the platform. The only crate that sends HTTP to it: one [`Client`] an account, all of them
//! on one [`Pool`] of connections.
//!
//! What always holds:
//! - A mass send is never repeated here, whatever happens, except after a refusal that says the
//!   token is dead: such a call was certainly not accepted. Whoever keeps the send's own key
//!   decides about all else, from what [`Error`] says.
//! - An error that leaves open whether the platform acted is [`Error::Doubtful`], and only that
//!   one and 45066 leave it open ([`Error::may_have_been_accepted`]).
//! - No call goes out that would pass a known limit of the day or the minute ([`Budgets`]).
//! - No secret, token or OpenID stands in an error or a log line.
//!
//! A crash leaves nothing behind but the counts of today's calls, which the caller persists
//! ([`Budgets::snapshot`]) or asks the platform for ([`Client::quota_get`]).

mod answer;
mod budget;
mod call;
mod client;
mod drafts;
mod error;
mod followers;
mod line;
mod mass;
mod pool;
mod quota;
mod redact;
mod secret;
mod settings;
mod tags;
mod token;

pub use budget::{Budgets, CallCount, Left};
pub use client::Client;
pub use error::{Doubt, Error, Limit};
pub use mass::Accepted;
pub use pool::{NoPool, Pool};
pub use secret::Secret;
pub use settings::{ClientSettings, InvalidSettings, Timeouts};
