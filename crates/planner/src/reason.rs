//! Why a follower of a segment does not receive a campaign.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident, $word:literal, $english:literal, $chinese:literal;)*) => {
        /// Why a follower of a segment does not receive a campaign. Their words are stable: they
        /// are stored and reported.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl Reason {
            /// Every reason, in the order reports list them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word it is stored and reported by.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// One English sentence.
            #[must_use]
            pub fn english(self) -> &'static str {
                match self { $(Self::$name => $english,)* }
            }

            /// One Chinese sentence.
            #[must_use]
            pub fn chinese(self) -> &'static str {
                match self { $(Self::$name => $chinese,)* }
            }
        }
    };
}

reasons! {
    /// Does not follow any more.
    Left, "left",
        "No longer follows the account.",
        "已取消关注。";
    /// Had all messages of the month.
    MonthFull, "month_full",
        "Has already received every mass message the platform allows in this calendar month.",
        "本自然月的群发名额已用完。";
    /// The account's own calls do not suffice.
    NoRoomThisMonth, "no_room_this_month",
        "The account has no mass-send calls left before the month ends.",
        "本月结束前公众号的群发调用次数已用完。";
    /// The month's plan gives the slot to something worth more, or the campaign is full.
    NotPlanned, "not_planned",
        "The month's plan leaves this follower out of the campaign; `fourcast plan why` says why.",
        "月计划未将该粉丝排入此活动；可用 `fourcast plan why` 查看原因。";
    /// Never gets the campaign, so that its effect can be measured.
    HeldOut, "held_out",
        "Belongs to the campaign's hold-out, which never receives it.",
        "属于该活动的对照组，不会收到。";
    /// The last one of a list that cannot be sent.
    Alone, "alone",
        "Would be the only recipient, and the platform refuses a list of one.",
        "仅剩一名接收者，平台不接受只有一个 OpenID 的群发列表。";
    /// The campaign tries only who certainly has a slot.
    NotTried, "not_tried",
        "May have a slot left, but the campaign tries only those who certainly have one.",
        "名额情况不确定，而该活动只发送给确定有名额的粉丝。";
    /// The platform refused the call.
    Refused, "refused",
        "The platform refused the call that would have carried the message.",
        "平台拒绝了这次群发调用。";
    /// A person cancelled before the call.
    Cancelled, "cancelled",
        "The campaign was cancelled before this message was sent.",
        "活动在发送前已取消。";
    /// Filtered or failed at the platform.
    NotDelivered, "not_delivered",
        "The platform took the message but delivered it to nobody of this batch.",
        "平台已受理，但该批次无人收到。";
    /// The platform delivered to some of the batch and does not say to whom.
    PartlyDelivered, "partly_delivered",
        "The platform delivered to some of this batch and does not say to whom.",
        "平台只送达了该批次中的部分粉丝，且未说明是哪些人。";
    /// No result is known.
    Unknown, "unknown",
        "Whether the message arrived is not known: the platform gave no result.",
        "平台未返回结果，无法确认是否收到。";
}

impl Reason {
    /// Whether the follower may have received after all: the outcome is open, not negative.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::PartlyDelivered | Self::Unknown)
    }

    /// The reason stored as `word`.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == word)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_the_same_everywhere() {
        for reason in Reason::ALL {
            assert_eq!(Reason::of_word(reason.as_str()), Some(*reason));
            let json = serde_json::to_string(reason).unwrap();
            assert_eq!(json, format!("\"{reason}\""));
            assert!(reason.english().ends_with('.') && reason.chinese().ends_with('。'));
        }
        assert_eq!(Reason::of_word("nonsense"), None);
    }
}
