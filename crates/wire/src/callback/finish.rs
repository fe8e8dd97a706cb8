//! The event that a mass job is finished (`platform/03 §7`): counts and a status, and never who
//! received it.

use std::fmt;

use super::Error;
use super::message::{number, text};
use super::xml::Element;
use crate::MsgId;

/// How a mass job ended, as `MASSSENDJOBFINISH` tells it. The platform never corrects it later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MassSendFinished {
    /// The job.
    pub msg_id: MsgId,
    /// How it ended.
    pub status: FinishStatus,
    /// People addressed: OpenIDs given, followers carrying the tag, or all followers.
    pub total: i64,
    /// People **left** after the filter (`FilterCount`): those with four messages this month, those
    /// who refuse messages and those who left are taken out. `total − filtered` were filtered away.
    pub filtered: i64,
    /// People who received it.
    pub sent: i64,
    /// People whose delivery failed.
    pub errors: i64,
}

impl MassSendFinished {
    /// Counts may be left out only where nothing was sent.
    pub(super) fn read(xml: &Element) -> Result<Self, Error> {
        let status = FinishStatus::parse(text(xml, "Status")?);
        let count = |field| match number(xml, field) {
            Err(Error::Missing(_)) if status != FinishStatus::Success => Ok(0),
            other => other,
        };
        Ok(Self {
            msg_id: MsgId(number(xml, "MsgID")?),
            total: count("TotalCount")?,
            filtered: count("FilterCount")?,
            sent: count("SentCount")?,
            errors: count("ErrorCount")?,
            status,
        })
    }

    pub(super) fn write_into(&self, xml: Element) -> Element {
        xml.with(Element::number("MsgID", self.msg_id.0))
            .with(Element::string("Status", &self.status.to_string()))
            .with(Element::number("TotalCount", self.total))
            .with(Element::number("FilterCount", self.filtered))
            .with(Element::number("SentCount", self.sent))
            .with(Element::number("ErrorCount", self.errors))
    }
}

/// `Status` of a finished mass job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FinishStatus {
    /// `send success`: done; single deliveries may still have failed.
    Success,
    /// `send fail`.
    Fail,
    /// `err(…)`: nobody received it, for the reason of this number.
    Refused(i64),
    /// Words this version does not know, kept as they came: whether anybody received it is open.
    Unknown(String),
}

impl FinishStatus {
    /// Reads the words of the platform; what it does not know it keeps.
    #[must_use]
    pub fn parse(words: &str) -> Self {
        let trimmed = words.trim();
        let refused = || trimmed.strip_prefix("err(")?.strip_suffix(')')?.parse().ok();
        match trimmed {
            "send success" => Self::Success,
            "send fail" => Self::Fail,
            _ => refused().map_or_else(|| Self::Unknown(words.into()), Self::Refused),
        }
    }

    /// Whether the words prove that nobody received the message. 20431 was seen and never explained
    /// (`platform/03 §7`), and words this version does not know prove nothing either.
    #[must_use]
    pub fn proves_nothing_was_sent(&self) -> bool {
        match self {
            Self::Fail => true,
            Self::Refused(number) => {
                *number != 20431 && REASONS.iter().any(|(known, _)| known == number)
            }
            Self::Success | Self::Unknown(_) => false,
        }
    }

    /// One sentence for people: what happened and what to do.
    #[must_use]
    pub fn explain(&self) -> &'static str {
        match self {
            Self::Success => "The platform delivered the message.",
            Self::Fail => "The platform failed to deliver the message and gave no reason.",
            Self::Refused(number) => {
                let known = REASONS.iter().find(|(reason, _)| reason == number);
                known.map_or(
                    "The platform stopped the message for a reason this version does not know; \
                     look the number up in the platform's documentation.",
                    |(_, sentence)| sentence,
                )
            }
            Self::Unknown(_) => {
                "The platform ended the message with words this version does not know; look at the \
                 account's history on its website to learn whether it went out."
            }
        }
    }
}

impl fmt::Display for FinishStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("send success"),
            Self::Fail => f.write_str("send fail"),
            Self::Refused(number) => write!(f, "err({number})"),
            Self::Unknown(words) => f.write_str(words),
        }
    }
}

/// Why a job was stopped (`platform/03 §7`).
pub const REASONS: &[(i64, &str)] = &[
    (10001, "The platform took the message for an advertisement; change its content."),
    (20001, "The platform stopped the message for political content; change its content."),
    (20002, "The platform stopped the message for pornographic content; change its content."),
    (20004, "The platform stopped the message for offending society; change its content."),
    (20006, "The platform stopped the message for criminal content; change its content."),
    (20008, "The platform took the message for fraud; change its content."),
    (20013, "The platform stopped the message for breach of copyright; change its content."),
    (
        20431,
        "The platform stopped the message with a number it has never documented; send it again \
         with another wording.",
    ),
    (21000, "The platform stopped the message for a reason it does not name; change its content."),
    (
        22000,
        "The platform took the message for mutual promotion of accounts; remove the other account.",
    ),
    (
        30001,
        "The platform's check for originals failed and the message was to stop then; send it \
         again later.",
    ),
    (
        30002,
        "An article is another's original whose owner does not allow reprints; replace the article.",
    ),
    (
        30003,
        "An article was judged a reprint and the message was to stop then; replace the article, or \
         allow sending as a reprint.",
    ),
    (40001, "The administrator refused the message in WeChat; agree with them and send it again."),
    (
        40002,
        "The administrator did not confirm the message in WeChat within 30 minutes; send it again \
         when they can.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback::message::{Incoming, Kind};

    #[test]
    fn only_documented_refusals_prove_that_nothing_was_sent() {
        let proves = |words| FinishStatus::parse(words).proves_nothing_was_sent();
        assert!(proves("send fail") && proves("err(10001)"));
        assert!(!proves("send success") && !proves("err(20431)") && !proves("err(99999)"));
        assert!(!proves("sent, perhaps"));
    }

    #[test]
    fn status_words_are_read_and_written_again() {
        for (words, status) in [
            ("send success", FinishStatus::Success),
            ("send fail", FinishStatus::Fail),
            ("err(30003)", FinishStatus::Refused(30003)),
            ("err(x)", FinishStatus::Unknown("err(x)".into())),
            ("err(1", FinishStatus::Unknown("err(1".into())),
            ("sended", FinishStatus::Unknown("sended".into())),
        ] {
            assert_eq!(FinishStatus::parse(words), status);
            assert_eq!(status.to_string(), words);
        }
    }

    #[test]
    fn every_documented_reason_has_its_own_sentence() {
        let unknown = FinishStatus::Refused(1).explain();
        for number in [
            10001, 20001, 20002, 20004, 20006, 20008, 20013, 21000, 22000, 30001, 30002, 30003,
            40001, 40002, 20431,
        ] {
            assert_ne!(FinishStatus::Refused(number).explain(), unknown, "{number}");
        }
        let mut sentences: Vec<_> = REASONS.iter().map(|(_, sentence)| sentence).collect();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), REASONS.len());
    }

    fn finished(fields: &str) -> Result<MassSendFinished, Error> {
        let xml = format!(
            "<xml><ToUserName>gh_1</ToUserName><FromUserName>mphelper</FromUserName>\
             <CreateTime>1</CreateTime><MsgType>event</MsgType><Event>MassSendJobFinish</Event>\
             {fields}</xml>"
        );
        match Incoming::parse(&xml)?.kind {
            Kind::MassSendFinished(finished) => Ok(finished),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_older_spelling_of_the_number_is_read() {
        let read = finished(
            "<MsgId>3147483671</MsgId><Status>send success</Status><TotalCount>8</TotalCount>\
             <FilterCount>0</FilterCount><SentCount>0</SentCount><ErrorCount>0</ErrorCount>",
        );
        assert_eq!(read.unwrap().msg_id, MsgId(3_147_483_671));
    }

    #[test]
    fn counts_are_never_guessed_for_a_job_that_was_delivered() {
        let without = "<MsgID>1</MsgID><Status>send success</Status><TotalCount>8</TotalCount>";
        assert_eq!(finished(without), Err(Error::Missing("FilterCount")));
        let refused = finished("<MsgID>1</MsgID><Status>err(40001)</Status>").unwrap();
        assert_eq!((refused.total, refused.sent), (0, 0));
        assert_eq!(refused.status, FinishStatus::Refused(40001));
    }
}
