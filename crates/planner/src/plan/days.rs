//! The month with a calendar: who gets which campaign on which day.
//!
//! Besides the limits of [the month](super) a plan keeps days between two messages to one follower,
//! holds places back until a day, spares followers a topic they heard enough of, weighs what
//! disturbing them costs, and needs no more mass calls on a day than the account has. With such
//! rules the best plan cannot be found for certain in seconds; a plan is found that comes with a
//! bound no lawful plan exceeds, so that the gap is known.

pub mod calendar;
mod dates;
mod deal;
mod fill;
mod follower;
mod ground;
mod mend;
mod prices;
pub mod proof;
pub mod question;
mod reading;
mod rooms;
mod sweep;
mod tariff;
pub mod why;

#[cfg(test)]
mod tests;
