//! What a push says, once it is verified: someone wrote, followed, left, scanned, clicked, or a
//! mass job is finished (`platform/06 §3–4`, `platform/03 §7`).
//!
//! Names of events mix cases on the wire and are compared ignoring case. What this version does not
//! act on is still read, as [`Kind::OtherMessage`] or [`Kind::Other`], so that it can be counted and
//! told apart from a doubled push.

use super::Error;
use super::notice::{read_consents, read_sent, write_consents, write_sent};
use super::xml::Element;
use crate::Timestamp;

pub use super::envelope::{CallbackSettings, Mode, Query};
pub use super::finish::{FinishStatus, MassSendFinished};
pub use super::notice::{ConsentEntry, ConsentWord, NoticeSent};

/// A push: who to whom, when, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The account's original id, `gh_…`.
    pub to: String,
    /// The person's OpenID; of a finished mass job an administrator's or a fixed word, never to be
    /// interpreted.
    pub from: String,
    /// When it happened; the same over all attempts.
    pub created_at: Timestamp,
    /// What happened.
    pub kind: Kind,
}

/// What a push tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Someone wrote.
    Text {
        /// The words.
        content: String,
        /// The message's own number, unlike any mass job's.
        msg_id: i64,
    },
    /// Someone sent a picture, recording, film, place or link.
    OtherMessage {
        /// `image`, `voice`, `video`, `shortvideo`, `location`, `link` or a newer word.
        msg_type: String,
        /// The message's own number.
        msg_id: i64,
    },
    /// Someone follows now.
    Subscribe {
        /// Scene of the QR code they scanned, its `qrscene_` taken off.
        scene: Option<String>,
        /// The QR code's ticket.
        ticket: Option<String>,
    },
    /// Someone follows no longer; their personal data must be deleted.
    Unsubscribe,
    /// A follower scanned a QR code.
    Scan {
        /// Its scene.
        scene: String,
        /// Its ticket.
        ticket: Option<String>,
    },
    /// A follower tapped a menu entry that has a key.
    Click {
        /// The key.
        key: String,
    },
    /// A follower tapped a menu entry that opens a page.
    View {
        /// The page.
        url: String,
    },
    /// A mass job is finished.
    MassSendFinished(MassSendFinished),
    /// A person answered a prompt for subscription notices.
    ConsentAsked(Vec<ConsentEntry>),
    /// A person changed the account's settings of subscription notices.
    ConsentChanged(Vec<ConsentEntry>),
    /// Subscription notices that were accepted have arrived, or have not.
    NoticesSent(Vec<NoticeSent>),
    /// An event this version does not act on.
    Other {
        /// Its name as it came.
        event: String,
        /// What tells it from others of the same person and second: its `MsgID`, `publish_id` or
        /// `EventKey`.
        key: String,
    },
}

impl Incoming {
    /// Reads a verified push.
    ///
    /// # Errors
    /// When it is neither XML nor JSON, or lacks what every push has.
    pub fn parse(plain: &str) -> Result<Self, Error> {
        let xml = Element::read(plain)?;
        let msg_type = text(&xml, "MsgType")?;
        let kind = if msg_type.eq_ignore_ascii_case("event") {
            event(&xml)?
        } else {
            let msg_id = number(&xml, "MsgId")?;
            if msg_type.eq_ignore_ascii_case("text") {
                Kind::Text { content: text(&xml, "Content")?.into(), msg_id }
            } else {
                Kind::OtherMessage { msg_type: msg_type.into(), msg_id }
            }
        };
        Ok(Self {
            to: text(&xml, "ToUserName")?.into(),
            from: text(&xml, "FromUserName")?.into(),
            created_at: Timestamp(number(&xml, "CreateTime")?),
            kind,
        })
    }

    /// Writes the push as the platform does, with the fields that [`Self::parse`] reads.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let head = Element::new("xml")
            .with(Element::string("ToUserName", &self.to))
            .with(Element::string("FromUserName", &self.from))
            .with(Element::number("CreateTime", self.created_at.0));
        let string = Element::string;
        let kind = |name: &str| head.clone().with(string("MsgType", name));
        let event = |name: &str| kind("event").with(string("Event", name));
        let keyed = |name: &str, key: &str| event(name).with(string("EventKey", key));
        let ticketed = |xml: Element, ticket: &Option<String>| match ticket {
            Some(ticket) => xml.with(string("Ticket", ticket)),
            None => xml,
        };
        let xml = match &self.kind {
            Kind::Text { content, msg_id } => kind("text")
                .with(string("Content", content))
                .with(Element::number("MsgId", *msg_id)),
            Kind::OtherMessage { msg_type, msg_id } => {
                kind(msg_type).with(Element::number("MsgId", *msg_id))
            }
            Kind::Subscribe { scene, ticket } => {
                let key = scene.as_ref().map(|scene| format!("{SCENE}{scene}"));
                ticketed(keyed("subscribe", &key.unwrap_or_default()), ticket)
            }
            Kind::Unsubscribe => keyed("unsubscribe", ""),
            Kind::Scan { scene, ticket } => ticketed(keyed("SCAN", scene), ticket),
            Kind::Click { key } => keyed("CLICK", key),
            Kind::View { url } => keyed("VIEW", url),
            Kind::MassSendFinished(finished) => finished.write_into(event("MASSSENDJOBFINISH")),
            Kind::ConsentAsked(entries) => {
                event(ASKED).with(write_consents("SubscribeMsgPopupEvent", entries))
            }
            Kind::ConsentChanged(entries) => {
                event(CHANGED).with(write_consents("SubscribeMsgChangeEvent", entries))
            }
            Kind::NoticesSent(entries) => event(SENT).with(write_sent(entries)),
            Kind::Other { event: name, key } => keyed(name, key),
        };
        xml.write()
    }

    /// What every attempt of one push shares and no other push of the account has: messages by
    /// their number, events by person, second, name and what else tells them apart
    /// (`platform/06 §2`).
    #[must_use]
    pub fn dedup_key(&self) -> String {
        let (event, key) = match &self.kind {
            Kind::Text { msg_id, .. } | Kind::OtherMessage { msg_id, .. } => {
                return format!("message:{msg_id}");
            }
            Kind::Subscribe { .. } => ("subscribe".into(), String::new()),
            Kind::Unsubscribe => ("unsubscribe".into(), String::new()),
            Kind::Scan { scene, .. } => ("scan".into(), scene.clone()),
            Kind::Click { key } => ("click".into(), key.clone()),
            Kind::View { url } => ("view".into(), url.clone()),
            Kind::MassSendFinished(finished) => {
                ("masssendjobfinish".into(), finished.msg_id.to_string())
            }
            Kind::ConsentAsked(entries) => (ASKED.into(), templates(entries)),
            Kind::ConsentChanged(entries) => (CHANGED.into(), templates(entries)),
            Kind::NoticesSent(entries) => {
                let numbers = entries.iter().map(|entry| entry.msg_id.to_string());
                (SENT.into(), numbers.collect::<Vec<_>>().join(","))
            }
            Kind::Other { event, key } => (event.to_ascii_lowercase(), key.clone()),
        };
        format!("event:{}:{}:{event}:{key}", self.from, self.created_at.0)
    }
}

const SCENE: &str = "qrscene_";
const ASKED: &str = "subscribe_msg_popup_event";
const CHANGED: &str = "subscribe_msg_change_event";
const SENT: &str = "subscribe_msg_sent_event";

fn templates(entries: &[ConsentEntry]) -> String {
    entries.iter().map(|entry| entry.template.as_str()).collect::<Vec<_>>().join(",")
}

fn event(xml: &Element) -> Result<Kind, Error> {
    let name = text(xml, "Event")?;
    let key = xml.text_of("EventKey").unwrap_or_default().to_owned();
    let ticket = xml.text_of("Ticket").filter(|ticket| !ticket.is_empty()).map(str::to_owned);
    Ok(match name.to_ascii_lowercase().as_str() {
        "subscribe" => {
            Kind::Subscribe { scene: key.strip_prefix(SCENE).map(str::to_owned), ticket }
        }
        "unsubscribe" => Kind::Unsubscribe,
        "scan" => Kind::Scan { scene: key, ticket },
        "click" => Kind::Click { key },
        "view" => Kind::View { url: key },
        "masssendjobfinish" => Kind::MassSendFinished(MassSendFinished::read(xml)?),
        ASKED => Kind::ConsentAsked(read_consents(xml)?),
        CHANGED => Kind::ConsentChanged(read_consents(xml)?),
        SENT => Kind::NoticesSent(read_sent(xml)?),
        _ => {
            let published =
                || xml.child_ignore_case("PublishEventInfo")?.child_ignore_case("publish_id");
            let number = xml.child_ignore_case("MsgID").or_else(published);
            Kind::Other { event: name.into(), key: number.map_or(key, |child| child.text.clone()) }
        }
    })
}

pub(super) fn text<'xml>(xml: &'xml Element, field: &'static str) -> Result<&'xml str, Error> {
    xml.text_of(field).ok_or(Error::Missing(field))
}

/// A number under this name in any case.
pub(super) fn number(xml: &Element, field: &'static str) -> Result<i64, Error> {
    let child = xml.child_ignore_case(field).ok_or(Error::Missing(field))?;
    child
        .text
        .trim()
        .parse()
        .map_err(|_| Error::NotANumber { field, found: child.text.chars().take(40).collect() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MsgId;
    use crate::callback::vectors::{A_MESSAGE, B_MESSAGE};

    fn incoming(kind: Kind) -> Incoming {
        Incoming {
            to: "gh_0f1e2d3c4b5a".into(),
            from: "oSBX00000000000000000000user".into(),
            created_at: Timestamp(1_767_225_600),
            kind,
        }
    }

    fn of_event(fields: &str) -> Incoming {
        let xml = format!(
            "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\
             <FromUserName><![CDATA[o1]]></FromUserName><CreateTime>1767225600</CreateTime>\
             <MsgType><![CDATA[event]]></MsgType>{fields}</xml>"
        );
        Incoming::parse(&xml).unwrap()
    }

    #[test]
    fn vector_a_is_a_finished_job() {
        let read = Incoming::parse(A_MESSAGE).unwrap();
        let finished = MassSendFinished {
            msg_id: MsgId(1_000_000_007),
            status: FinishStatus::Success,
            total: 5,
            filtered: 4,
            sent: 4,
            errors: 0,
        };
        assert_eq!(read, incoming(Kind::MassSendFinished(finished)));
        assert_eq!(read.to_xml(), A_MESSAGE);
    }

    #[test]
    fn a_text_is_read_with_its_number() {
        let body = "<xml><ToUserName><![CDATA[gh_0f1e2d3c4b5a]]></ToUserName><FromUserName>\
            <![CDATA[oSBX00000000000000000000user]]></FromUserName>\n<CreateTime>1767225600\
            </CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[在吗]]></Content>\
            <MsgId>24500000000000001</MsgId></xml>";
        let text = Kind::Text { content: "在吗".into(), msg_id: 24_500_000_000_000_001 };
        let read = Incoming::parse(body).unwrap();
        assert_eq!(read, incoming(text));
        assert_eq!(read.dedup_key(), "message:24500000000000001");
        // A reply has no number: it is no push.
        assert_eq!(Incoming::parse(B_MESSAGE), Err(Error::Missing("MsgId")));
    }

    #[test]
    fn following_by_a_code_keeps_the_scene_without_its_prefix() {
        let by_code = of_event(
            "<Event>subscribe</Event><EventKey>qrscene_1001</EventKey><Ticket>gQH</Ticket>",
        );
        let expected = Kind::Subscribe { scene: Some("1001".into()), ticket: Some("gQH".into()) };
        assert_eq!(by_code.kind, expected);
        let plain = of_event("<Event>SUBSCRIBE</Event><EventKey></EventKey>");
        assert_eq!(plain.kind, Kind::Subscribe { scene: None, ticket: None });
        let again = of_event("<Event>SCAN</Event><EventKey>1001</EventKey><Ticket>gQH</Ticket>");
        assert_eq!(again.kind, Kind::Scan { scene: "1001".into(), ticket: Some("gQH".into()) });
    }

    #[test]
    fn unknown_events_are_kept_apart() {
        let first = of_event("<Event>TEMPLATESENDJOBFINISH</Event><MsgID>7</MsgID>");
        let second = of_event("<Event>TemplateSendJobFinish</Event><MsgId>8</MsgId>");
        assert_eq!(first.dedup_key(), "event:o1:1767225600:templatesendjobfinish:7");
        assert_ne!(first.dedup_key(), second.dedup_key());
        let published = of_event(
            "<Event>PUBLISHJOBFINISH</Event><PublishEventInfo><publish_id>9</publish_id>\
             <publish_status>0</publish_status></PublishEventInfo>",
        );
        assert_eq!(published.dedup_key(), "event:o1:1767225600:publishjobfinish:9");
    }

    #[test]
    fn attempts_share_a_key_and_other_pushes_do_not() {
        let kinds = [
            Kind::Subscribe { scene: None, ticket: None },
            Kind::Unsubscribe,
            Kind::Scan { scene: "1".into(), ticket: None },
            Kind::Click { key: "1".into() },
            Kind::Click { key: "2".into() },
            Kind::View { url: "1".into() },
        ];
        let keys: std::collections::HashSet<String> =
            kinds.iter().map(|kind| incoming(kind.clone()).dedup_key()).collect();
        assert_eq!(keys.len(), kinds.len());
        for kind in kinds {
            let push = incoming(kind);
            assert_eq!(Incoming::parse(&push.to_xml()).unwrap().dedup_key(), push.dedup_key());
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Incoming::parse("<xml><MsgType>event</MsgType></xml>").unwrap_err();
        assert!(error.to_string().contains("field Event"));
        let body = "<xml><MsgType>text</MsgType><Content>a</Content><MsgId>x1</MsgId></xml>";
        let error = Incoming::parse(body).unwrap_err();
        assert!(error.to_string().contains("MsgId") && error.to_string().contains("x1"));
    }

    fn consent() -> impl Strategy<Value = ConsentEntry> {
        let word = prop_oneof![
            Just(ConsentWord::Accept),
            Just(ConsentWord::Reject),
            Just(ConsentWord::Other("ban".into())),
        ];
        ("\\PC{0,12}", word, prop::option::of(any::<i64>()))
            .prop_map(|(template, word, scene)| ConsentEntry { template, word, scene })
    }

    fn kinds() -> impl Strategy<Value = Kind> {
        let sent = ("\\PC{0,12}", any::<i64>(), any::<i64>(), "\\PC{0,12}").prop_map(
            |(template, msg_id, error_code, error_status)| NoticeSent {
                template,
                msg_id,
                error_code,
                error_status,
            },
        );
        let word = "\\PC{0,12}";
        let ticket = prop::option::of("[a-zA-Z0-9]{1,9}");
        prop_oneof![
            (word, any::<i64>()).prop_map(|(content, msg_id)| Kind::Text { content, msg_id }),
            any::<i64>().prop_map(|msg_id| Kind::OtherMessage { msg_type: "image".into(), msg_id }),
            (prop::option::of(word), ticket.clone())
                .prop_map(|(scene, ticket)| Kind::Subscribe { scene, ticket }),
            Just(Kind::Unsubscribe),
            (word, ticket).prop_map(|(scene, ticket)| Kind::Scan { scene, ticket }),
            word.prop_map(|key| Kind::Click { key }),
            word.prop_map(|url| Kind::View { url }),
            word.prop_map(|key| Kind::Other { event: "LOCATION".into(), key }),
            prop::collection::vec(consent(), 1..4).prop_map(Kind::ConsentAsked),
            prop::collection::vec(consent(), 1..4).prop_map(Kind::ConsentChanged),
            prop::collection::vec(sent, 1..4).prop_map(Kind::NoticesSent),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(kind in kinds()) {
            let push = incoming(kind);
            prop_assert_eq!(Incoming::parse(&push.to_xml()).unwrap(), push);
        }

        #[test]
        fn damaged_pushes_are_read_or_refused(at in 0..A_MESSAGE.len(), byte: u8) {
            let mut bytes = A_MESSAGE.as_bytes().to_vec();
            bytes[at] = byte;
            let _ = Incoming::parse(&String::from_utf8_lossy(&bytes));
        }
    }
}
