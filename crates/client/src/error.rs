//! Why a call did not succeed, told by what the caller must do about it.

use wire::endpoint::Repeat;
use wire::{Code, Endpoint, Reaction, Refusal, Timestamp, codes};

/// Which counter is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Calls of a day, renewed at midnight China Standard Time.
    Day,
    /// Calls of a minute.
    Minute,
}

/// Why nobody knows whether the platform acted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// No answer in time.
    #[error("no answer within {seconds} s")]
    TimedOut {
        /// How long was waited.
        seconds: u64,
    },
    /// The connection ended after the request may have left.
    #[error("the connection ended before the answer ({why})")]
    Cut {
        /// The network's words.
        why: String,
    },
    /// HTTP 5xx.
    #[error("the answer was HTTP {status}")]
    Server {
        /// The status.
        status: u16,
    },
    /// An answer that cannot be understood.
    #[error("the answer cannot be read ({why})")]
    Unreadable {
        /// What is wrong with it; never a quotation.
        why: String,
    },
    /// −1 or another "busy" code on a call that must not be repeated at will: the platform may
    /// have gone on with it (`platform/02 §5`).
    #[error("the platform was busy ({refusal})")]
    Busy {
        /// Its words.
        refusal: Refusal,
    },
}

/// A call that did not succeed. The text of each is one sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The platform said no.
    #[error("{}", refused(*endpoint, refusal, *reaction))]
    Refused {
        /// What was called; a token endpoint when the token itself was refused.
        endpoint: Endpoint,
        /// Code and words, with nothing secret in them.
        refusal: Refusal,
        /// What to do about it. [`Reaction::RefreshToken`] here means that fresh tokens were tried
        /// and refused too.
        reaction: Reaction,
    },
    /// Whether the platform accepted the call is not known: repeat with the same key of one's own,
    /// or ask the platform.
    #[error("{}", doubtful(*endpoint, why))]
    Doubtful {
        /// What was called.
        endpoint: Endpoint,
        /// What happened.
        why: Doubt,
    },
    /// The call never reached the platform: certainly not accepted.
    #[error(
        "{endpoint} was not called: {why}; nothing was sent, look at the network and repeat it"
    )]
    NotSent {
        /// What was to be called.
        endpoint: Endpoint,
        /// What stood in the way.
        why: String,
    },
    /// The calls allowed are used up: certainly not accepted, and no use before `until`.
    #[error(
        "the calls of {endpoint} are used up for {}: call it again from {until}",
        match limit { Limit::Day => "today", Limit::Minute => "this minute" }
    )]
    Budget {
        /// What was to be called.
        endpoint: Endpoint,
        /// Which counter.
        limit: Limit,
        /// When it is renewed.
        until: Timestamp,
        /// The platform's words (45009, 45011); `None` when the call was held back here.
        refusal: Option<Refusal>,
    },
}

impl Error {
    /// What was called.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        match self {
            Self::Refused { endpoint, .. }
            | Self::Doubtful { endpoint, .. }
            | Self::NotSent { endpoint, .. }
            | Self::Budget { endpoint, .. } => *endpoint,
        }
    }

    /// The platform's code, where it gave one.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused { refusal, .. }
            | Self::Doubtful { why: Doubt::Busy { refusal }, .. }
            | Self::Budget { refusal: Some(refusal), .. } => Some(refusal.errcode),
            _ => None,
        }
    }

    /// Whether the call may have had its effect: in doubt, or the platform says that a call with
    /// the same key is in hand (45066) or done (45065).
    #[must_use]
    pub fn may_have_been_accepted(&self) -> bool {
        match self {
            Self::Doubtful { .. } => true,
            Self::Refused { refusal, reaction, .. } => {
                *reaction == Reaction::AlreadyDone || refusal.errcode == codes::CLIENTMSGID_TOO_FAST
            }
            Self::NotSent { .. } | Self::Budget { .. } => false,
        }
    }

    /// The same failure seen from `endpoint`, whose token was to be fetched: doubt about a token
    /// is no doubt about the call that waited for it.
    pub(crate) fn before(self, endpoint: Endpoint) -> Self {
        match self {
            Self::Doubtful { why, .. } => {
                Self::NotSent { endpoint, why: format!("no token, {why}") }
            }
            Self::NotSent { why, .. } => {
                Self::NotSent { endpoint, why: format!("no token, {why}") }
            }
            other => other,
        }
    }

    /// Whether the same call may well succeed in a moment.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Refused { reaction, .. } => *reaction == Reaction::RetryLater,
            Self::Doubtful { .. } | Self::NotSent { .. } => true,
            Self::Budget { .. } => false,
        }
    }
}

/// Whether the endpoint is one of the two that take the AppSecret.
pub(crate) fn takes_secret(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::Token | Endpoint::StableToken)
}

fn doubtful(endpoint: Endpoint, why: &Doubt) -> String {
    match endpoint.repeat() {
        Repeat::Safe => format!("{endpoint} gave no usable answer: {why}; repeat it later"),
        Repeat::WithSameId => format!(
            "nobody knows whether the platform accepted {endpoint}: {why}; repeat it only with the \
             same clientmsgid"
        ),
        Repeat::Never => format!(
            "nobody knows whether the platform acted on {endpoint}: {why}; look before repeating it"
        ),
    }
}

/// Most codes speak for themselves ([`Code::meaning`]); a few are told better where they are met.
fn refused(endpoint: Endpoint, refusal: &Refusal, reaction: Reaction) -> String {
    let errcode = refusal.errcode;
    let rid = rid(&refusal.errmsg).map(|rid| format!(", rid {rid}")).unwrap_or_default();
    let told = match errcode {
        codes::INVALID_CREDENTIAL | codes::INVALID_APPSECRET if takes_secret(endpoint) => {
            "the AppSecret is wrong: enter the account's present one, as mp.weixin.qq.com shows it"
                .to_owned()
        }
        codes::IP_NOT_ALLOWED => {
            let address = address(&refusal.errmsg).unwrap_or("of this machine");
            format!(
                "the platform refuses address {address}: add it to the account's IP allow-list \
                 (IP白名单) on mp.weixin.qq.com"
            )
        }
        codes::API_UNAUTHORIZED => {
            let kind = if endpoint == Endpoint::MassSend { "verified service" } else { "verified" };
            format!("the account lacks the right for {endpoint}: it must be a {kind} account")
        }
        _ if reaction == Reaction::RefreshToken => format!(
            "the platform refuses fresh tokens at {endpoint}: make sure that no other system \
             forces new tokens of this account, and try again"
        ),
        _ => {
            let meaning = errcode.meaning().trim_end_matches('.');
            return format!("{meaning} ({errcode} from {endpoint}{rid})");
        }
    };
    format!("{told} ({errcode}{rid})")
}

/// The request id at the end of the platform's words (`platform/02 §4`).
fn rid(errmsg: &str) -> Option<&str> {
    let rid = errmsg.rsplit_once("rid: ")?.1.trim();
    (rid.len() <= 40 && !rid.is_empty() && !rid.contains(char::is_whitespace)).then_some(rid)
}

/// The address in `invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist`.
fn address(errmsg: &str) -> Option<&str> {
    let word = errmsg.split_once("invalid ip ")?.1.split([' ', ',']).next()?;
    word.parse::<std::net::IpAddr>().is_ok().then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_with(endpoint: Endpoint, errcode: i64, errmsg: &str) -> Error {
        let refusal = Refusal { errcode: Code(errcode), errmsg: errmsg.into(), msg_id: None };
        let reaction = refusal.errcode.reaction();
        Error::Refused { endpoint, refusal, reaction }
    }

    #[test]
    fn the_text_says_what_to_do() {
        let texts = [
            refused_with(
                Endpoint::StableToken,
                40164,
                "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: \
                 6955b980-1a2b3c4d-5e6f7081",
            ),
            refused_with(Endpoint::StableToken, 40125, "invalid appsecret"),
            refused_with(Endpoint::MassSend, 48001, "api unauthorized"),
            Error::Budget {
                endpoint: Endpoint::MassSend,
                limit: Limit::Day,
                until: "2026-03-03T00:00:00+08:00".parse().unwrap(),
                refusal: None,
            },
            Error::Doubtful { endpoint: Endpoint::MassSend, why: Doubt::TimedOut { seconds: 30 } },
            Error::Doubtful { endpoint: Endpoint::UserGet, why: Doubt::Server { status: 502 } },
            refused_with(Endpoint::MassSendAll, 45028, "has no masssend quota"),
        ]
        .map(|error| error.to_string());
        insta::assert_snapshot!(texts.join("\n"), @"
        the platform refuses address 203.0.113.9: add it to the account's IP allow-list (IP白名单) on mp.weixin.qq.com (40164, rid 6955b980-1a2b3c4d-5e6f7081)
        the AppSecret is wrong: enter the account's present one, as mp.weixin.qq.com shows it (40125)
        the account lacks the right for /cgi-bin/message/mass/send: it must be a verified service account (48001)
        the calls of /cgi-bin/message/mass/send are used up for today: call it again from 2026-03-03T00:00:00+08:00
        nobody knows whether the platform accepted /cgi-bin/message/mass/send: no answer within 30 s; repeat it only with the same clientmsgid
        /cgi-bin/user/get gave no usable answer: the answer was HTTP 502; repeat it later
        The account's own sends to everybody are used up for this day or month; send to a list or a tag, or wait until they are renewed (45028 from /cgi-bin/message/mass/sendall)
        ");
    }

    #[test]
    fn doubt_about_a_token_is_no_doubt_about_the_call() {
        let token = Error::Doubtful {
            endpoint: Endpoint::StableToken,
            why: Doubt::TimedOut { seconds: 15 },
        };
        let seen = token.before(Endpoint::MassSend);
        assert_eq!(seen.endpoint(), Endpoint::MassSend);
        assert!(!seen.may_have_been_accepted());
        assert!(refused_with(Endpoint::MassSend, 45066, "").may_have_been_accepted());
        assert!(!refused_with(Endpoint::MassSend, 45028, "").may_have_been_accepted());
    }
}
