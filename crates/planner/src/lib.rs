//! Who will receive a campaign and by which calls: pure functions of what is known.
//!
//! - [`forecast()`]: every follower of a segment in exactly one of four sets;
//! - [`month()`]: the numbers of all campaigns of a month, each after those before it;
//! - [`plan`]: who gets which campaign of a month, worth most, and the proof;
//! - [`stages`]: the same, some campaigns before others; [`record`]: a plan as files to check;
//! - [`mod@learn`]: what a message is worth to whom, learned from what happened;
//! - [`choose_way`]: one call for everybody, one for a tag, or lists;
//! - [`parts()`]: the lists;
//! - [`Reason`]: why a follower of the segment does not receive.
//!
//! Invariant: no clock, no input or output; the same question has the same answer. What a plan
//! leaves out has a reason, so received + reasons = segment at every moment.

pub mod forecast;
pub mod learn;
pub mod month;
pub mod parts;
pub mod plan;
pub mod reason;
pub mod record;
pub mod stages;
pub mod way;

pub use forecast::{Forecast, Inputs, Numbers, forecast};
pub use month::month;
pub use parts::{List, Parts, parts};
pub use reason::Reason;
pub use way::{Question, Way, choose_way};
