//! Writes callback bodies as the platform does: text in CDATA, numbers bare (`platform/06 §3`).

use std::fmt::Display;

/// A body under way.
#[derive(Debug, Default)]
pub struct Xml(String);

impl Xml {
    /// `<name><![CDATA[value]]></name>`.
    pub fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.open(name);
        self.0.push_str("<![CDATA[");
        // XML knows no control characters; an end mark inside a value is split over two sections.
        let allowed = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
        let value: String = value.chars().filter(allowed).collect();
        self.0.push_str(&value.replace("]]>", "]]]]><![CDATA[>"));
        self.0.push_str("]]>");
        self.close(name)
    }

    /// `<name>value</name>`.
    pub fn number(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.open(name);
        self.0.push_str(&value.to_string());
        self.close(name)
    }

    /// `<name>`.
    pub fn open(&mut self, name: &str) -> &mut Self {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    /// `</name>`.
    pub fn close(&mut self, name: &str) -> &mut Self {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    /// What was written before.
    pub fn raw(&mut self, written: &str) -> &mut Self {
        self.0.push_str(written);
        self
    }

    /// The body.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_and_numbers_are_bare() {
        let mut xml = Xml::default();
        xml.text("Event", "subscribe").number("MsgID", 7);
        assert_eq!(xml.finish(), "<Event><![CDATA[subscribe]]></Event><MsgID>7</MsgID>");
    }

    #[test]
    fn an_end_mark_in_a_value_does_not_end_it() {
        let mut xml = Xml::default();
        xml.text("Content", "a]]>\u{1}b");
        assert_eq!(xml.finish(), "<Content><![CDATA[a]]]]><![CDATA[>b]]></Content>");
    }
}
