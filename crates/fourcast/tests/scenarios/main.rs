//! Scenarios: the real server and the sandbox in one process, on free ports and virtual clocks.
//! One scenario a file, named by what must be so.

#![expect(clippy::unwrap_used, reason = "a scenario that cannot go on stops")]

mod a_small_month_ends_as_forecast;
mod fifth_message_is_not_spent;
mod harness;
mod website_send_makes_a_range;
