//! Tags, read one at a time from the text they stand in.

/// A tag.
pub(super) struct Tag<'a> {
    /// Its name in small letters.
    pub(super) name: String,
    /// Whether it is an end tag.
    pub(super) closes: bool,
    /// As written, in their order.
    pub(super) attributes: Vec<(&'a str, Option<&'a str>)>,
    /// Whether it ends in `/>`.
    pub(super) ends_itself: bool,
}

impl<'a> Tag<'a> {
    /// Value of the first attribute of this name.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        *value
    }
}

/// What stands at a `<`.
pub(super) enum Read<'a> {
    /// A tag, and what follows it.
    Tag(Tag<'a>, &'a str),
    /// A sign of its own, as in "1 < 2".
    Text,
    /// A tag that nothing ends. There is no tag after it either: all the rest would be inside.
    Unfinished,
}

/// Reads what stands at the `<` that begins `text`.
pub(super) fn read(text: &str) -> Read<'_> {
    let Some(inner) = text.strip_prefix('<') else { return Read::Text };
    let (closes, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        return Read::Text;
    }
    match finished(inner, closes) {
        Some((tag, after)) => Read::Tag(tag, after),
        None => Read::Unfinished,
    }
}

fn finished(inner: &str, closes: bool) -> Option<(Tag<'_>, &str)> {
    let name_end = inner.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    let (name, mut rest) = inner.split_at(name_end);
    let mut tag =
        Tag { name: name.to_ascii_lowercase(), closes, attributes: Vec::new(), ends_itself: false };
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>') {
            return Some((tag, after));
        }
        if let Some(after) = rest.strip_prefix('/') {
            tag.ends_itself = after.starts_with('>');
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))?;
        let (key, after) = rest.split_at(end);
        let trimmed = after.trim_start();
        if let Some(value) = trimmed.strip_prefix('=') {
            let (value, after) = read_value(value.trim_start())?;
            if !key.is_empty() {
                tag.attributes.push((key, Some(value)));
            }
            rest = after;
        } else {
            tag.attributes.push((key, None));
            rest = after;
        }
    }
}

fn read_value(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote);
        }
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '>')?;
    Some(text.split_at(end))
}

/// What follows the end tag of `name`; nothing when it is never closed.
pub(super) fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, inner)) = rest.split_once("</") {
        let is_name = inner.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
        let after = inner.get(name.len()..).unwrap_or_default();
        if is_name && after.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/')) {
            return after.split_once('>').map_or("", |(_, after)| after);
        }
        rest = inner;
    }
    ""
}
