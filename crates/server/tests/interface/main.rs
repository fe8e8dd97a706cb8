//! The interface as its users see it: a real server on a free port, asked over HTTP. One file a
//! behaviour.
#![expect(clippy::unwrap_used, clippy::panic, reason = "all of this binary is tests")]

mod callbacks_are_verified_and_stored;
mod description_is_kept_in_the_repository;
mod errors_are_problems;
mod every_endpoint_asks_for_a_key;
mod facts_are_taken_whole_or_refused;
mod imports_are_taken_whole_or_refused;
mod imports_go_on_in_the_background;
mod server_stops_when_told;
mod virtual_clock_is_moved_by_hand;
mod world;
