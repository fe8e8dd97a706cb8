//! The words of the pages, once in each language: a word that is missing in one does not compile.
//! What accounts and people write is nobody's word here and is shown as it is.

mod table;

use wire::Day;
use wire::rules::AccountKind;

use super::language::Language;
use crate::api::media::file::Kind;
use crate::spec::CallbackMode;
pub use table::Words;
use table::{CHINESE, ENGLISH};

/// The words of a language.
#[must_use]
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::Chinese => &CHINESE,
        Language::English => &ENGLISH,
    }
}

impl Words {
    /// What kind of account it is.
    #[must_use]
    pub fn kind(&self, kind: AccountKind) -> &'static str {
        match kind {
            AccountKind::Service => self.service_account,
            AccountKind::Subscription => self.subscription_account,
        }
    }

    /// What a file is.
    #[must_use]
    pub fn file_kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Image => self.kind_picture,
            Kind::Voice => self.kind_voice,
            Kind::Video => self.kind_film,
            Kind::Thumb => self.kind_thumb,
        }
    }

    /// How callbacks travel.
    #[must_use]
    pub fn callback_mode(&self, mode: CallbackMode) -> &'static str {
        match mode {
            CallbackMode::Plain => self.mode_plain,
            CallbackMode::Compatible => self.mode_compatible,
            CallbackMode::Safe => self.mode_safe,
        }
    }

    /// Where a publication stands (`platform/08 §4`).
    #[must_use]
    pub fn publish_status(&self, status: i64) -> &'static str {
        match status {
            0 => self.publish_done,
            1 => self.publish_under_way,
            2 => self.publish_original,
            4 => self.publish_review,
            5 => self.publish_deleted,
            6 => self.publish_banned,
            _ => self.publish_failed,
        }
    }

    /// The day of the week.
    #[must_use]
    pub fn weekday(&self, day: Day) -> &'static str {
        // Day 0, 1970-01-01, was a Thursday.
        match (day.0 + 3).rem_euclid(7) {
            0 => self.monday,
            1 => self.tuesday,
            2 => self.wednesday,
            3 => self.thursday,
            4 => self.friday,
            5 => self.saturday,
            _ => self.sunday,
        }
    }
}
