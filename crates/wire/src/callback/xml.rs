//! The small XML of callbacks: a tree of named elements that hold either text or other elements.
//!
//! Invariant: reading never panics and never grows without bound, whatever the bytes. Bodies over
//! [`MOST_BYTES`], nesting over [`MOST_DEPTH`], document types, processing instructions and
//! entities other than XML's own five are refused; attributes and comments mean nothing here.

use std::fmt::Write;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::Error;

/// Largest body read, bytes; callbacks of the platform stay far below.
pub const MOST_BYTES: usize = 256 * 1024;
/// Deepest nesting read, the root counted; the platform's own deepest is 5.
pub const MOST_DEPTH: usize = 8;

/// One element: a name, and either text or children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name, case kept.
    pub name: String,
    /// Its text; empty when it has children.
    pub text: String,
    /// Elements inside it, in their order.
    pub children: Vec<Element>,
    quoted: bool,
}

impl Element {
    /// An empty element; [`Self::with`] gives it children.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), text: String::new(), children: Vec::new(), quoted: false }
    }

    /// An element holding a string, written as CDATA.
    #[must_use]
    pub fn string(name: &str, text: &str) -> Self {
        Self { text: text.into(), quoted: true, ..Self::new(name) }
    }

    /// An element holding a number, written bare.
    #[must_use]
    pub fn number(name: &str, number: i64) -> Self {
        Self { text: number.to_string(), ..Self::new(name) }
    }

    /// Whether it holds a string, which stands in CDATA.
    #[must_use]
    pub fn is_string(&self) -> bool {
        self.quoted
    }

    /// The element with one more child at its end.
    #[must_use]
    pub fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// The first child of this name, case and all.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child of this name in any case: `MsgID` or `MsgId`.
    #[must_use]
    pub fn child_ignore_case(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name.eq_ignore_ascii_case(name))
    }

    /// Text of the first child of this name.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// Reads a body: XML, or JSON as the same tree where the account chose that format.
    ///
    /// # Errors
    /// When it is too long, too deep, not well-formed, or holds what no callback has.
    pub fn read(body: &str) -> Result<Self, Error> {
        if body.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with('{') {
            return super::json::read(body.trim_start_matches('\u{feff}'));
        }
        if body.len() > MOST_BYTES {
            return Err(Error::TooLong(body.len()));
        }
        let mut reader = Reader::from_str(body.strip_prefix('\u{feff}').unwrap_or(body));
        let mut open: Vec<Open> = Vec::new();
        let mut root = None;
        loop {
            let event = reader.read_event().map_err(|error| Error::Malformed {
                at: reader.error_position(),
                reason: error.to_string(),
            })?;
            let malformed = |reason: &str| Error::Malformed {
                at: reader.buffer_position(),
                reason: reason.into(),
            };
            let closed = match event {
                // The reader takes whatever stands before a space for a name, as `a/`.
                Event::Start(start) | Event::Empty(start)
                    if !is_name(start.name().into_inner()) =>
                {
                    return Err(malformed("an element's name is none"));
                }
                Event::Start(start) | Event::Empty(start) if root.is_some() => {
                    let name = start.name().into_inner();
                    return Err(malformed(&format!("<{name:.40}> stands behind the end")));
                }
                Event::Start(start) => {
                    if open.len() == MOST_DEPTH {
                        return Err(Error::TooDeep);
                    }
                    open.push(Open::new(start.name().into_inner()));
                    None
                }
                Event::Empty(_) if open.len() == MOST_DEPTH => return Err(Error::TooDeep),
                Event::Empty(start) => Some(Element::new(start.name().into_inner())),
                Event::End(_) => open.pop().map(Open::close).transpose()?,
                Event::Text(text) => {
                    add_text(&mut open, &text.into_inner())?;
                    None
                }
                Event::GeneralRef(reference) => {
                    let resolved =
                        resolve(&reference).ok_or(Error::Forbidden("an unknown entity"))?;
                    add_text(&mut open, resolved.encode_utf8(&mut [0; 4]))?;
                    None
                }
                Event::CData(text) => {
                    let inside =
                        open.last_mut().ok_or(Error::Forbidden("text outside the root"))?;
                    inside.quoted.get_or_insert_default().push_str(&text.into_inner());
                    None
                }
                Event::Comment(_) | Event::Decl(_) => None,
                Event::PI(_) => return Err(Error::Forbidden("a processing instruction")),
                Event::DocType(_) => return Err(Error::Forbidden("a document type")),
                Event::Eof if !open.is_empty() => return Err(malformed("it ends too early")),
                Event::Eof => return root.ok_or_else(|| malformed("there is no element")),
            };
            if let Some(element) = closed {
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => root = Some(element),
                }
            }
        }
    }

    /// Writes the element as the platform does: strings in CDATA, numbers bare, no space between.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = String::new();
        self.write_to(&mut text);
        text
    }

    fn write_to(&self, target: &mut String) {
        let name = &self.name;
        // Writing to a String cannot fail.
        let _ = write!(target, "<{name}>");
        if !self.children.is_empty() {
            self.children.iter().for_each(|child| child.write_to(target));
        } else if self.quoted {
            // A `]]>` inside is cut in two, so that neither half ends the section.
            let _ = write!(target, "<![CDATA[{}]]>", self.text.replace("]]>", "]]]]><![CDATA[>"));
        } else {
            for character in self.text.chars() {
                match character {
                    '<' => target.push_str("&lt;"),
                    '>' => target.push_str("&gt;"),
                    '&' => target.push_str("&amp;"),
                    other => target.push(other),
                }
            }
        }
        let _ = write!(target, "</{name}>");
    }
}

/// An element whose end has not come yet.
struct Open {
    name: String,
    bare: String,
    quoted: Option<String>,
    children: Vec<Element>,
}

impl Open {
    fn new(name: &str) -> Self {
        Self { name: name.into(), bare: String::new(), quoted: None, children: Vec::new() }
    }

    /// White space beside children or CDATA only lays the text out.
    fn close(self) -> Result<Element, Error> {
        let beside = self.quoted.is_some() || !self.children.is_empty();
        if (beside && !self.bare.trim().is_empty())
            || (self.quoted.is_some() && !self.children.is_empty())
        {
            return Err(Error::Forbidden("an element with both text and elements or CDATA"));
        }
        let quoted = self.quoted.is_some();
        let text = self.quoted.unwrap_or(if beside { String::new() } else { self.bare });
        Ok(Element { name: self.name, text, children: self.children, quoted })
    }
}

fn add_text(open: &mut [Open], text: &str) -> Result<(), Error> {
    match open.last_mut() {
        Some(element) => element.bare.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(Error::Forbidden("text outside the root")),
    }
    Ok(())
}

/// Letters, digits and what may stand between them. Names outside ASCII are left to the sender.
fn is_name(name: &str) -> bool {
    let may_begin = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    name.starts_with(may_begin)
        && name.chars().all(|c| may_begin(c) || c.is_ascii_digit() || matches!(c, '-' | '.' | ':'))
}

/// One of XML's five entities, or a character by its number.
fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    match &**reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::callback::vectors::{A_MESSAGE, B_MESSAGE};

    const FINISHED: &str = "<xml>\n<ToUserName><![CDATA[gh_0f1e2d3c4b5a]]></ToUserName>\n\
        <MsgID>3147483671</MsgID>\n<Status><![CDATA[send success]]></Status>\n\
        <CopyrightCheckResult><Count>0</Count><ResultList></ResultList><CheckState>1</CheckState>\
        </CopyrightCheckResult>\n<ArticleUrlResult><Count>1</Count><ResultList>\n<item>\
        <ArticleIdx>1</ArticleIdx><ArticleUrl><![CDATA[http://mp.weixin.qq.com/s/A?a=1&b=2]]>\
        </ArticleUrl></item>\n</ResultList></ArticleUrlResult>\n</xml>\n";

    #[test]
    fn the_platforms_samples_are_read() {
        let xml = Element::read(FINISHED).unwrap();
        assert_eq!(xml.name, "xml");
        assert_eq!(xml.text, "");
        assert_eq!(xml.text_of("ToUserName"), Some("gh_0f1e2d3c4b5a"));
        assert!(xml.child("MsgId").is_none());
        assert_eq!(xml.child_ignore_case("MsgId").unwrap().text, "3147483671");
        let item = xml.child("ArticleUrlResult").unwrap().child("ResultList").unwrap();
        let url = item.child("item").unwrap().text_of("ArticleUrl");
        assert_eq!(url, Some("http://mp.weixin.qq.com/s/A?a=1&b=2"));
    }

    #[test]
    fn what_was_read_is_written_again_byte_for_byte() {
        for sample in [A_MESSAGE, B_MESSAGE] {
            assert_eq!(Element::read(sample).unwrap().write(), sample);
        }
    }

    #[test]
    fn cdata_survives_its_own_end_mark() {
        for text in ["]]>", "a]]>b]]>]]", "]]", ">", "<a>&amp;", ""] {
            let written = Element::new("xml").with(Element::string("Content", text)).write();
            assert_eq!(
                Element::read(&written).unwrap().text_of("Content"),
                Some(text),
                "{written}"
            );
        }
    }

    #[test]
    fn the_five_entities_and_numbered_characters_are_read() {
        let xml = Element::read("<xml><A>&lt; &amp;&quot;&apos;&gt;&#65;&#x4F60;</A></xml>");
        assert_eq!(xml.unwrap().text_of("A"), Some("< &\"'>A你"));
    }

    #[test]
    fn what_no_callback_has_is_refused() {
        let bomb =
            "<!DOCTYPE xml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><xml><A>&b;</A></xml>";
        assert_eq!(Element::read(bomb), Err(Error::Forbidden("a document type")));
        for body in [
            "<xml><A>&b;</A></xml>",
            "<xml><A>&#0;</A></xml>",
            "<xml><?php echo ?></xml>",
            "<xml>text<A>1</A></xml>",
            "<xml><A>1</A></xml>text",
            "<xml></xml><xml></xml>",
            "<xml></xml><xml/>",
            "<![CDATA[x]]><xml/>",
            "<xml><A>1</B></xml>",
            "<xml><A>1</A>",
            "<xml><A//></xml>",
            "<xml><A/ b=\"1\">1</A/></xml>",
            "<xml><1>1</1></xml>",
            "</xml>",
            "",
            "success",
        ] {
            assert!(Element::read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert!(Element::read(&deep(MOST_DEPTH)).is_ok());
        assert_eq!(Element::read(&deep(MOST_DEPTH + 1)), Err(Error::TooDeep));
        let empty = format!("{}<b/>{}", "<a>".repeat(MOST_DEPTH), "</a>".repeat(MOST_DEPTH));
        assert_eq!(Element::read(&empty), Err(Error::TooDeep));
        let long = format!("<a>{}</a>", "x".repeat(MOST_BYTES));
        assert_eq!(Element::read(&long), Err(Error::TooLong(MOST_BYTES + 7)));
    }

    fn tree() -> impl Strategy<Value = Element> {
        let leaf = prop_oneof![
            ("[A-Za-z][A-Za-z0-9_]{0,8}", "\\PC{0,20}")
                .prop_map(|(name, text)| Element::string(&name, &text)),
            ("[A-Za-z][A-Za-z0-9_]{0,8}", any::<i64>())
                .prop_map(|(name, number)| Element::number(&name, number)),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            ("[A-Za-z][A-Za-z0-9_]{0,8}", prop::collection::vec(inner, 1..5)).prop_map(
                |(name, children)| children.into_iter().fold(Element::new(&name), Element::with),
            )
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(tree in tree()) {
            prop_assert_eq!(Element::read(&tree.write()).unwrap(), tree);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Element::read(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn any_markup_is_read_or_refused(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "<a>", "</a>", "<b", ">", "/>", "<![CDATA[", "]]>", "&", "amp;", "&#", ";",
                    "<!--", "-->", "<?xml", "?>", "<!DOCTYPE", "[", "粉", " ", "\"", "=", "\0",
                ]),
                0..40,
            ),
        ) {
            let _ = Element::read(&pieces.concat());
        }

        #[test]
        fn damaged_samples_are_read_or_refused(at in 0..FINISHED.len(), byte: u8, cut: bool) {
            let mut bytes = FINISHED.as_bytes().to_vec();
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            let read = Element::read(&String::from_utf8_lossy(&bytes));
            prop_assert!(!cut || at + 1 == FINISHED.len() || read.is_err());
        }
    }
}
