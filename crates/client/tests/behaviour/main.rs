//! What the client does with a platform that is busy, slow, cut off or of another mind: against a
//! small server that answers what a test tells it to.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod budgets;
mod platform;
mod repeats;
mod secrecy;
mod sends;
mod tokens;
