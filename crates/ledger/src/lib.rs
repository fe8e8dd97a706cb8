//! How many messages of the month each follower has had, and how sure we are.
//!
//! Nothing here is stored. The ledger of a month is a fold over its batches: each batch has one
//! [`Effect`] on its recipients, and [`fold`] of them all gives the [`Slots`]. Kept in memory the
//! slots move with every change of a batch ([`Slots::change`]); because the counters are exact and
//! never saturate, slots that were moved equal slots folded anew, bit for bit.
//!
//! What always holds of a follower, as long as every send is known as a batch:
//! `used_min ≤ messages truly received this month ≤ used_max`.
//!
//! What a person agreed to be told ([`consent`]) is a fold as well, over what was told of it.

pub mod consent;

mod counter;
mod settlement;
mod slots;

pub use counter::Counter;
pub use settlement::{Counts, Effect, Kind, settle};
pub use slots::{Bucket, SlotRange, Slots, fold};
