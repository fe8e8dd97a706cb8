//! The events of subscription notices: a person answered a prompt, changed the account's settings,
//! or was sent a notice (`platform/04 C4`). Each tells of one template or of several.

use super::Error;
use super::message::{number, text};
use super::xml::Element;

/// The wrappers around the entries. An old sample of a changed setting has the prompt's, and JSON
/// has none (`platform/04 C4`), so each event is read from any.
const WRAPPERS: [&str; 3] =
    ["SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent"];
/// One entry.
const ENTRY: &str = "List";

/// What a person said to notices of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentWord {
    /// They want one, or any number where the template is a long-term one.
    Accept,
    /// They want none.
    Reject,
    /// A word this version does not know; it gives and takes nothing.
    Other(String),
}

/// What a person said to notices of one template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    /// The template.
    pub template: String,
    /// What they said.
    pub word: ConsentWord,
    /// Where they were asked: 1 on a web page, 2 in an article; none of a changed setting.
    pub scene: Option<i64>,
}

/// How the sending of one notice ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeSent {
    /// The template.
    pub template: String,
    /// The notice's own number.
    pub msg_id: i64,
    /// 0 when it arrived.
    pub error_code: i64,
    /// The words beside it.
    pub error_status: String,
}

impl ConsentWord {
    fn read(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "accept" => Self::Accept,
            "reject" => Self::Reject,
            _ => Self::Other(word.into()),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Other(word) => word,
        }
    }
}

/// The entries of an event, whichever wrapper holds them.
pub(super) fn entries(xml: &Element) -> impl Iterator<Item = &Element> {
    let wrapper = WRAPPERS.iter().find_map(|name| xml.child_ignore_case(name)).unwrap_or(xml);
    wrapper.children.iter().filter(|child| child.name.eq_ignore_ascii_case(ENTRY))
}

fn all<T>(xml: &Element, read: impl Fn(&Element) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let all = entries(xml).map(read).collect::<Result<Vec<T>, Error>>()?;
    if all.is_empty() { Err(Error::Missing(ENTRY)) } else { Ok(all) }
}

pub(super) fn read_consents(xml: &Element) -> Result<Vec<ConsentEntry>, Error> {
    all(xml, |entry| {
        let scene = entry.child_ignore_case("PopupScene").map(|_| number(entry, "PopupScene"));
        Ok(ConsentEntry {
            template: text(entry, "TemplateId")?.into(),
            word: ConsentWord::read(text(entry, "SubscribeStatusString")?),
            scene: scene.transpose()?,
        })
    })
}

pub(super) fn read_sent(xml: &Element) -> Result<Vec<NoticeSent>, Error> {
    all(xml, |entry| {
        Ok(NoticeSent {
            template: text(entry, "TemplateId")?.into(),
            msg_id: number(entry, "MsgID")?,
            error_code: number(entry, "ErrorCode")?,
            error_status: entry.text_of("ErrorStatus").unwrap_or_default().into(),
        })
    })
}

pub(super) fn write_consents(wrapper: &str, entries: &[ConsentEntry]) -> Element {
    entries.iter().fold(Element::new(wrapper), |xml, entry| {
        let list = Element::new(ENTRY)
            .with(Element::string("TemplateId", &entry.template))
            .with(Element::string("SubscribeStatusString", entry.word.as_str()));
        xml.with(match entry.scene {
            Some(scene) => list.with(Element::number("PopupScene", scene)),
            None => list,
        })
    })
}

pub(super) fn write_sent(entries: &[NoticeSent]) -> Element {
    entries.iter().fold(Element::new("SubscribeMsgSentEvent"), |xml, entry| {
        xml.with(
            Element::new(ENTRY)
                .with(Element::string("TemplateId", &entry.template))
                .with(Element::number("MsgID", entry.msg_id))
                .with(Element::number("ErrorCode", entry.error_code))
                .with(Element::string("ErrorStatus", &entry.error_status)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback::{Incoming, Kind};

    fn of_event(event: &str, fields: &str) -> Result<Incoming, Error> {
        Incoming::parse(&format!(
            "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\
             <FromUserName><![CDATA[o1]]></FromUserName><CreateTime>1767225600</CreateTime>\
             <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{event}]]></Event>{fields}</xml>"
        ))
    }

    fn of_json(event: &str, list: &str) -> Result<Incoming, Error> {
        Incoming::parse(&format!(
            r#"{{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":"1767225600",
            "MsgType":"event","Event":"{event}","List":{list}}}"#
        ))
    }

    fn entry(template: &str, word: ConsentWord, scene: Option<i64>) -> ConsentEntry {
        ConsentEntry { template: template.into(), word, scene }
    }

    #[test]
    fn a_prompt_tells_of_every_template() {
        let xml = of_event(
            "subscribe_msg_popup_event",
            "<SubscribeMsgPopupEvent><List><TemplateId><![CDATA[9Aw5]]></TemplateId>\
             <SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString>\
             <PopupScene>1</PopupScene></List><List><TemplateId><![CDATA[cy_D]]></TemplateId>\
             <SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString>\
             <PopupScene>1</PopupScene></List></SubscribeMsgPopupEvent>",
        )
        .unwrap();
        let both = vec![
            entry("9Aw5", ConsentWord::Accept, Some(1)),
            entry("cy_D", ConsentWord::Reject, Some(1)),
        ];
        assert_eq!(xml.kind, Kind::ConsentAsked(both));
        assert_eq!(xml.dedup_key(), "event:o1:1767225600:subscribe_msg_popup_event:9Aw5,cy_D");
        // JSON: a list for several, numbers as strings, no wrapper.
        let json = of_json(
            "subscribe_msg_popup_event",
            r#"[{"TemplateId":"9Aw5","SubscribeStatusString":"accept","PopupScene":"1"},
            {"TemplateId":"cy_D","SubscribeStatusString":"reject","PopupScene":1}]"#,
        );
        assert_eq!(json.unwrap(), xml);
    }

    #[test]
    fn a_changed_setting_is_read_from_either_wrapper_and_from_json() {
        let list = "<List><TemplateId>T</TemplateId>\
                    <SubscribeStatusString>reject</SubscribeStatusString></List>";
        let event = "subscribe_msg_change_event";
        let changed = Kind::ConsentChanged(vec![entry("T", ConsentWord::Reject, None)]);
        for wrapper in ["SubscribeMsgChangeEvent", "SubscribeMsgPopupEvent"] {
            let read = of_event(event, &format!("<{wrapper}>{list}</{wrapper}>")).unwrap();
            assert_eq!(read.kind, changed);
        }
        // An object for one.
        let read = of_json(event, r#"{"TemplateId":"T","SubscribeStatusString":"reject"}"#);
        assert_eq!(read.unwrap().kind, changed);
        // The platform may learn new words.
        let read = of_json(event, r#"{"TemplateId":"T","SubscribeStatusString":"ban"}"#).unwrap();
        let other = ConsentWord::Other("ban".into());
        assert_eq!(read.kind, Kind::ConsentChanged(vec![entry("T", other, None)]));
    }

    #[test]
    fn a_sent_notice_is_told_by_its_number() {
        let read = of_event(
            "subscribe_msg_sent_event",
            "<SubscribeMsgSentEvent><List><TemplateId>T</TemplateId>\
             <MsgID>1864323726461255680</MsgID><ErrorCode>0</ErrorCode>\
             <ErrorStatus><![CDATA[success]]></ErrorStatus></List></SubscribeMsgSentEvent>",
        )
        .unwrap();
        let sent = NoticeSent {
            template: "T".into(),
            msg_id: 1_864_323_726_461_255_680,
            error_code: 0,
            error_status: "success".into(),
        };
        assert_eq!(read.kind, Kind::NoticesSent(vec![sent]));
        let key = "event:o1:1767225600:subscribe_msg_sent_event:1864323726461255680";
        assert_eq!(read.dedup_key(), key);
        let json = r#"{"TemplateId":"T","MsgID":"1864323726461255680","ErrorCode":"0",
            "ErrorStatus":"success"}"#;
        assert_eq!(of_json("subscribe_msg_sent_event", json).unwrap(), read);
        assert_eq!(Incoming::parse(&read.to_xml()).unwrap(), read);
    }

    #[test]
    fn what_is_missing_or_no_number_is_named() {
        let popup = "subscribe_msg_popup_event";
        assert_eq!(of_event(popup, ""), Err(Error::Missing("List")));
        assert_eq!(of_json(popup, "[]"), Err(Error::Missing("List")));
        assert_eq!(of_json(popup, "{}"), Err(Error::Missing("TemplateId")));
        assert_eq!(
            of_json(popup, r#"{"TemplateId":"T"}"#),
            Err(Error::Missing("SubscribeStatusString"))
        );
        let wrong = of_json(
            popup,
            r#"{"TemplateId":"T","SubscribeStatusString":"accept","PopupScene":"web"}"#,
        );
        assert!(matches!(wrong, Err(Error::NotANumber { field: "PopupScene", .. })), "{wrong:?}");
        let unsent = of_json("subscribe_msg_sent_event", r#"{"TemplateId":"T"}"#);
        assert_eq!(unsent, Err(Error::Missing("MsgID")));
    }

    #[test]
    fn odd_json_is_refused() {
        assert!(matches!(Incoming::parse("{"), Err(Error::MalformedJson(_))));
        assert_eq!(Incoming::parse("{}"), Err(Error::Missing("MsgType")));
        assert!(Incoming::parse(r#"{"a":[[1]]}"#).is_err());
        let deep = format!("{}1{}", r#"{"a":"#.repeat(9), "}".repeat(9));
        assert_eq!(Incoming::parse(&deep), Err(Error::TooDeep));
        let deepest = format!("{}1{}", r#"{"a":"#.repeat(500), "}".repeat(500));
        assert!(matches!(Incoming::parse(&deepest), Err(Error::MalformedJson(_))));
        let long = format!("{{\"a\":\"{}\"}}", "a".repeat(300_000));
        assert!(matches!(Incoming::parse(&long), Err(Error::TooLong(_))));
        // Flags and nothing are texts like any other.
        let odd = r#" {"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1767225600,
            "MsgType":"event","Event":"CLICK","EventKey":null,"Flag":true}"#;
        assert_eq!(Incoming::parse(odd).unwrap().kind, Kind::Click { key: String::new() });
    }
}
