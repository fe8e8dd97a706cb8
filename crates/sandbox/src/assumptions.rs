//! What the platform's pages leave open, as switches of an account: each names a fact that is
//! assumed, holds the assumed value unless told otherwise, and is read by the code that plays it.
//! Numbers the pages do state are dated limits in `wire` instead.

use serde::{Deserialize, Serialize};

macro_rules! assumptions {
    ($($(#[doc = $doc:literal])* $name:ident: $kind:ty = $value:expr;)*) => {
        /// The switches of one account. What a description leaves out keeps its assumed value.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Assumptions {
            $($(#[doc = $doc])* pub $name: $kind,)*
        }

        impl Default for Assumptions {
            fn default() -> Self {
                Self { $($name: $value,)* }
            }
        }

        impl Assumptions {
            /// Names of all switches, as descriptions spell them.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// What each of them means, in the same order.
            pub const MEANINGS: &'static [&'static str] = &[$(concat!($($doc),*),)*];
        }
    };
}

/// What becomes of a call beyond what it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beyond {
    /// It is refused.
    Refused,
    /// It is taken, and reaches nobody.
    ReachesNobody,
}

/// One of the two moments of a mass job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// When it was accepted.
    Call,
    /// When it is carried out.
    Run,
}

/// What the key made up for a job without one is a digest of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Digest {
    /// Of whom it goes to and what it says.
    RangeAndContent,
    /// Of what it says.
    Content,
}

/// What an act that was done before gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// It puts the former allowance back to its beginning.
    Replaces,
    /// It gives another one beside it.
    Adds,
}

/// What becomes of a part that is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unwanted {
    /// It is left out without a word.
    Dropped,
    /// The call is refused.
    Refused,
}

assumptions! {
    /// Code of a call over the minute's number (`platform/01 §5`, open question 5).
    minute_limit_code: i64 = 45011;
    /// A service account's send to everybody beyond the month's number (`platform/01 §7.1`).
    send_to_everybody_over_budget: Beyond = Beyond::Refused;
    /// Whether a service account sends to everybody once a day only (`platform/01 §7.2`).
    one_send_to_everybody_a_day: bool = true;
    /// In whose month a job counts that begins before midnight and ends after (`platform/01 §7.4`).
    job_counts_at: Moment = Moment::Run;
    /// Whether an account whose verification ran out is as one that never had it
    /// (`platform/01 §1` says that the rights come with it, and that it is renewed every year).
    rights_end_with_verification: bool = true;
    /// Whether a delivery that failed (ErrorCount) spends the follower's slot (`platform/03 §9.6`).
    failed_delivery_spends_slot: bool = false;
    /// Whether deleting a sent message gives the slots back (`platform/01 §7.6`).
    deleting_returns_slots: bool = false;
    /// When the audience of a job is read (`platform/03 §2`).
    audience_is_read_at: Moment = Moment::Run;
    /// Whether people who do not follow count in TotalCount of a list send (`platform/03 §9.7`).
    total_counts_everybody_given: bool = true;
    /// What the key of a job without `clientmsgid` is made of (`platform/03 §9.1`).
    digest_covers: Digest = Digest::RangeAndContent;
    /// Longest `clientmsgid` in place of the dated limit; the newest page says 32
    /// (`platform/03 §9.1`).
    clientmsgid_bytes: Option<i64> = None;
    /// Whether the text of 45065 ends in a request id (`platform/03 §9.1`).
    repeated_key_tells_request_id: bool = true;
    /// Seconds for which a job is in hand and its key answers 45066 (`platform/03 §8.6`).
    key_in_hand_seconds: i64 = 1;
    /// Most pictures of one mass message (`platform/03 §9.3`).
    mass_pictures: usize = 20;
    /// Level of an account that never chose how fast its jobs run (`platform/03 §9.8`).
    mass_speed: usize = 0;
    /// Seconds from acceptance to delivery of the smallest job (`platform/03 §7`).
    mass_seconds: i64 = 5;
    /// Days after which a job's number is unknown to `mass/get` and `mass/delete`; the pages know
    /// of such numbers and not how old they were (`platform/03 §9.4`).
    job_days: Option<i64> = None;
    /// Whether texts get a `msg_data_id`, too (`platform/03 §3`).
    texts_have_data_id: bool = false;
    /// Whether a send that needs the administrator's confirmation is taken at once; else it answers
    /// 89504 and is taken when it is confirmed (`platform/03 §9.2`).
    protected_send_is_accepted: bool = true;
    /// Whether sends to a tag or to OpenIDs wait, too, while one waits for the administrator
    /// (`platform/03 §9.2`).
    waiting_send_stops_others: bool = false;
    /// Whether a reprint that is forbidden ends as `err(30003)` when `send_ignore_reprint` is 0;
    /// else as `err(30002)` (`platform/03 §6`).
    forbidden_reprint_reads_judged: bool = false;
    /// Whether people on the blacklist stand in `user/get` (`platform/07`, open question 5).
    blacklisted_are_listed: bool = true;
    /// Whether a customer-service message to somebody on the blacklist answers 43019, as a preview
    /// does (`platform/07 §6`).
    blacklist_closes_replies: bool = false;
    /// Whether one foreign OpenID refuses a whole `user/info/batchget`; else it is told as somebody
    /// who does not follow (`platform/07 §4`).
    foreign_openid_refuses_batch: bool = true;
    /// Whether (un)tagging is all or nothing; else those who can be are, and 45171 lists the rest
    /// (`platform/07`, open question 3).
    tagging_is_all_or_nothing: bool = true;
    /// Whether the platform's own tags count among the hundred (`platform/07 §7`).
    own_tags_count: bool = false;
    /// Real milliseconds for which a tagging call has its people in hand, and its answer waits;
    /// another that names one of them meanwhile answers 45159 (`platform/07 §7`).
    tagging_in_hand_ms: i64 = 0;
    /// Whether the page after the last has an empty `next_openid` (`platform/07`, open question 2).
    last_page_has_cursor: bool = true;
    /// Whether the fields stopped in 2021 are there and empty (`platform/07`, open question 4).
    stopped_fields_are_empty: bool = false;
    /// Whether an empty note takes the former one away; else 40092 (`platform/07 §5`).
    empty_remark_clears: bool = true;
    /// Whether the calls of the former groups still work; else 45103 (`platform/07 §8`).
    groups_work: bool = true;
    /// What writing or clicking again gives (`platform/05 §6.2`).
    act_again: Again = Again::Replaces;
    /// Whether paying lets the account write for 48 hours (`platform/05 §6.1`).
    paying_opens_window: bool = false;
    /// Code of a customer-service message to somebody who left (`platform/05 §6.3`).
    reply_to_leaver_code: i64 = 45015;
    /// Whether a customer-service message refused for what it carries takes from what is allowed
    /// (`platform/05 §6.5`).
    refused_reply_spends: bool = false;
    /// Whether showing "typing" takes from what is allowed (`platform/05 §1`).
    typing_spends: bool = false;
    /// Most entries of a menu sent to a person (`platform/05 §6.4`).
    sent_menu_entries: usize = 10;
    /// Characters of one entry of a menu sent to a person (`platform/05 §6.4`).
    sent_menu_characters: usize = 20;
    /// Whether a template message repeated under its `client_msg_id` is refused with 40241; else it
    /// is answered as the first was and nothing is sent (`platform/04`, open question 4).
    repeated_notice_is_refused: bool = true;
    /// Seconds from acceptance to delivery of a notice.
    notice_seconds: i64 = 2;
    /// What becomes of values a template has no place for (`platform/04 C5`).
    extra_values: Unwanted = Unwanted::Dropped;
    /// Whether a subscription notice refused for its values spends the consent (`platform/04 C3`).
    refused_notice_spends_consent: bool = false;
    /// Whether the answer of `bizsend` has a `msgid` (`platform/04`, open question 2).
    subscription_answers_msgid: bool = false;
    /// Most templates of one prompt on a web page (`platform/04`, open question 5).
    prompt_templates: usize = 3;
    /// Whether calls that ask for GET take POST as well; else 43001 (`platform/02 §1`).
    get_calls_take_post: bool = false;
    /// Whether `clear_quota/v2` may come from everywhere (`platform/01 §6.2`).
    clear_quota_ignores_allow_list: bool = true;
    /// Whether the same permanent scene gives the same code; else one more (`platform/09 §3`).
    same_scene_same_code: bool = true;
    /// Whether `menu/trymatch` wraps its buttons in `menu` (`platform/09`, open question 4).
    match_is_wrapped: bool = false;
    /// Whether unverified accounts may make menus (`platform/09`, open question 3).
    unverified_may_make_menus: bool = false;
    /// Most menus for some followers only; over it 65305. The pages give no number
    /// (`platform/09 §1`).
    conditional_menus: Option<i64> = None;
    /// Code of deleting a file that a menu or a reply of the website shows: 48005 or 45060
    /// (`platform/08 §2`).
    used_file_code: i64 = 48005;
    /// Whether `get_material` gives drafts as well (`platform/08 §2`).
    material_gives_drafts: bool = false;
    /// Whether unverified accounts may keep temporary files (`platform/08`, open question 5).
    unverified_may_upload: bool = false;
    /// Whether unverified accounts and subscription accounts may use short keys (`platform/09 §4`).
    short_keys_for_all: bool = false;
    /// What becomes of an outside link in an article; refused is 45166 (`platform/08`, open
    /// question 4).
    outside_link: Unwanted = Unwanted::Dropped;
    /// Whether a title that is too long is cut; else 45003 (`platform/08`, open question 1).
    long_title_is_cut: bool = false;
    /// Whether articles published without sending have comments (`platform/08`, open question 6).
    publications_have_comments: bool = true;
    /// Most chosen comments of an article; over it 88003.
    elected_comments: usize = 100;
    /// Longest answer to a comment, characters; over it 88007.
    comment_reply_characters: usize = 600;
    /// Seconds between two attempts of a callback (`platform/06 §8.1`).
    callback_retry_seconds: i64 = 5;
    /// Whether the ends of jobs are told again when nobody took them (`platform/06 §8.1`).
    job_ends_are_retried: bool = true;
    /// Whether `success` ends the attempts whatever the status (`platform/06 §8.5`).
    success_needs_no_200: bool = false;
    /// Whether the article statistics the platform has withdrawn still answer; else 47009
    /// (`platform/10 §2`).
    withdrawn_statistics_answer: bool = false;
    /// Whether statistics of weeks and months may span the older text's thirty days; else one day,
    /// fifteen for the distribution (`platform/10`, open question 3).
    period_statistics_span_days: bool = true;
    /// Whether yesterday's statistics answer 61503 before eight o'clock; else no rows
    /// (`platform/10 §1`).
    early_statistics_are_refused: bool = true;
}

impl Assumptions {
    /// Checks what the types leave open.
    ///
    /// # Errors
    /// One sentence that names the switch and what would be right.
    pub fn check(&self) -> Result<(), String> {
        let codes = [
            ("minute_limit_code", self.minute_limit_code),
            ("reply_to_leaver_code", self.reply_to_leaver_code),
            ("used_file_code", self.used_file_code),
        ];
        for (name, code) in codes {
            if wire::codes::Code(code).row().is_none() || code == 0 {
                return Err(format!("assumptions.{name} is {code}; give a code of the platform"));
            }
        }
        let seconds = [
            ("key_in_hand_seconds", self.key_in_hand_seconds),
            ("mass_seconds", self.mass_seconds),
            ("notice_seconds", self.notice_seconds),
            ("callback_retry_seconds", self.callback_retry_seconds),
        ];
        for (name, value) in seconds {
            if !(0..=86_400).contains(&value) {
                return Err(format!("assumptions.{name} is {value}; give 0 to 86400"));
            }
        }
        if !(0..=60_000).contains(&self.tagging_in_hand_ms) {
            let ms = self.tagging_in_hand_ms;
            return Err(format!("assumptions.tagging_in_hand_ms is {ms}; give 0 to 60000"));
        }
        let counts = [
            ("mass_pictures", self.mass_pictures),
            ("sent_menu_entries", self.sent_menu_entries),
            ("sent_menu_characters", self.sent_menu_characters),
            ("prompt_templates", self.prompt_templates),
            ("elected_comments", self.elected_comments),
            ("comment_reply_characters", self.comment_reply_characters),
        ];
        for (name, value) in counts {
            if !(1..=100_000).contains(&value) {
                return Err(format!("assumptions.{name} is {value}; give 1 to 100000"));
            }
        }
        if self.mass_speed > 4 {
            let level = self.mass_speed;
            return Err(format!("assumptions.mass_speed is {level}; give 0 to 4"));
        }
        let optional = [
            ("clientmsgid_bytes", self.clientmsgid_bytes),
            ("job_days", self.job_days),
            ("conditional_menus", self.conditional_menus),
        ];
        for (name, value) in optional {
            if value.is_some_and(|value| !(1..=100_000).contains(&value)) {
                return Err(format!("assumptions.{name} must be 1 to 100000, or null"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_keeps_its_assumed_value() {
        let told: Assumptions = serde_json::from_str(r#"{"mass_seconds":30}"#).unwrap();
        assert_eq!(told, Assumptions { mass_seconds: 30, ..Assumptions::default() });
        told.check().unwrap();
        let unknown = serde_json::from_str::<Assumptions>(r#"{"mass_second":30}"#);
        assert!(unknown.unwrap_err().to_string().contains("mass_second"));
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (text, name) in [
            (r#"{"mass_speed":5}"#, "mass_speed"),
            (r#"{"minute_limit_code":0}"#, "minute_limit_code"),
            (r#"{"notice_seconds":-1}"#, "notice_seconds"),
            (r#"{"mass_pictures":0}"#, "mass_pictures"),
            (r#"{"job_days":0}"#, "job_days"),
            (r#"{"tagging_in_hand_ms":-1}"#, "tagging_in_hand_ms"),
            (r#"{"conditional_menus":0}"#, "conditional_menus"),
            (r#"{"used_file_code":0}"#, "used_file_code"),
        ] {
            let told: Assumptions = serde_json::from_str(text).unwrap();
            assert!(told.check().unwrap_err().contains(name), "{text}");
        }
    }

    #[test]
    fn the_page_about_the_sandbox_names_every_switch() {
        let table = include_str!("../README.md");
        for name in Assumptions::NAMES {
            assert!(table.contains(&format!("| `{name}` |")), "{name} is missing");
        }
    }
}
