//! Scenarios: the real server and the sandbox in one process, on free ports and virtual clocks.
//! One scenario a file, named by what must be so.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a scenario that cannot go on stops")]

mod a_callback_comes_as_it_likes;
mod a_changed_certificate_is_refused;
mod a_dead_secret_holds_the_campaign;
mod a_follower_left_out_is_told_why;
mod a_lost_answer_is_sent_once;
mod a_month_full_of_faults;
mod a_plan_keeps_to_its_calendar;
mod a_plan_made_anew_keeps_what_was_approved;
mod a_plan_names_the_field_that_is_wrong;
mod a_restart_goes_on_with_what_is_known;
mod a_restored_copy_waits_for_a_person;
mod a_result_that_never_comes_is_held;
mod a_small_month_ends_as_forecast;
mod an_approved_month_is_delivered_as_forecast;
mod an_erased_person_is_gone_and_counts_stay;
mod an_event_told_is_in_the_next_count;
mod bad_input_says_what_is_wrong;
mod cdnow_orders_count_as_calculated_by_hand;
mod consents_are_counted_as_the_platform_holds_them;
mod every_command_speaks_to_the_server;
mod every_fact_has_its_command;
mod every_sandbox_command_speaks_to_the_sandbox;
mod fifth_message_is_not_spent;
mod harness;
mod lists_and_saved_segments_are_named_by_others;
mod people_come_and_go_under_way;
mod platform_tags_end_at_their_limits;
mod platform_tags_go_both_ways;
mod reactions_count_from_when_it_was_sent;
mod refusing_followers_make_a_range;
mod rfm_is_what_pandas_calculates;
mod the_month_ends_quietly;
mod website_send_makes_a_range;
mod what_followers_are_worth_is_learned;
mod what_was_bought_is_asked_by_product;
