//! The only place with SQL: SQLite now, PostgreSQL later. One noun, one module.
//!
//! What always holds: the account is the first part of every key and the first argument of every
//! function that touches an account's data; a write is atomic and durable before it is answered
//! ([`Store::write`]); several functions called with one [`Tx`] are one write; no counter is kept
//! that could be folded from rows. A crash leaves exactly the answered writes, and at most some
//! that were about to be answered.
//!
//! ```no_run
//! # async fn example(store: store::Store, account: store::AccountId, openid: wire::OpenId,
//! #     at: wire::Timestamp, seq: i64) -> Result<(), store::Error> {
//! let (ord, changed) = store
//!     .write(move |tx| {
//!         Box::pin(async move {
//!             let arrived = store::follower::followed(tx, account, &openid, at, None, None).await?;
//!             store::inbox::done(tx, account, seq, at).await?;
//!             Ok(arrived)
//!         })
//!     })
//!     .await?;
//! # let _ = (ord, changed);
//! # Ok(())
//! # }
//! ```

mod engine;
mod error;
mod ids;
mod row;
mod secret;
mod writer;

pub mod account;
pub mod api_key;
pub mod attribute;
pub mod backup;
pub mod batch;
pub mod campaign;
pub mod consent;
pub mod event;
pub mod fact_version;
pub mod fence;
pub mod finish_event;
pub mod follower;
pub mod identity;
pub mod import;
pub mod inbox;
pub mod list;
pub mod meta;
pub mod order;
pub mod order_line;
pub mod plan;
pub mod segment;
pub mod skip;
pub mod sync_pass;
pub mod tag;
pub mod tagging;

#[cfg(test)]
mod tests;

pub use engine::{Reader, Store, Tx};
pub use error::Error;
pub use ids::{AccountId, BatchId, CampaignId, PassId, PlanId, Unknown};
pub use secret::Secret;
pub use writer::Work;
