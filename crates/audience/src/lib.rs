//! Followers of one account and the questions asked of them.
//!
//! - [`Set`]: followers as a dense bit set of their ordinals, the one type of every part;
//! - [`Index`]: what is known of the followers, in memory, derived from the store and never the
//!   truth itself: it can always be thrown away and loaded anew;
//! - [`Segment`]: the language that names a set of followers. One function,
//!   [`Segment::evaluate`], answers count, list, forecast and send;
//! - [`preset`]: segments many merchants want, as text with parameters.
//!
//! Invariant: no store, no clock, no input or output. Whoever owns an index feeds it.

pub mod index;
pub mod preset;
pub mod segment;
pub mod set;

pub use index::{Attribute, AttributeKind, Index, Order, OrderLine, Timeline};
pub use segment::{Context, Segment};
pub use set::Set;
