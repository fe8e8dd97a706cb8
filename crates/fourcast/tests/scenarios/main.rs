//! Scenarios: the real server and the sandbox in one process, on free ports and virtual clocks.
//! One scenario a file, named by what must be so.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a scenario that cannot go on stops")]

mod a_callback_comes_as_it_likes;
mod a_dead_secret_holds_the_campaign;
mod a_lost_answer_is_sent_once;
mod a_month_full_of_faults;
mod a_result_that_never_comes_is_held;
mod a_small_month_ends_as_forecast;
mod bad_input_says_what_is_wrong;
mod cdnow_orders_count_as_calculated_by_hand;
mod every_command_speaks_to_the_server;
mod fifth_message_is_not_spent;
mod harness;
mod people_come_and_go_under_way;
mod refusing_followers_make_a_range;
mod the_month_ends_quietly;
mod website_send_makes_a_range;
