//! What survives of an article's HTML (`platform/08 §6`): no script, no outside picture, no
//! outside link unless the account may use them.
//!
//! A tokenizer in one pass, no tree: it copies text, and copies, thins out or drops each tag. It
//! never fails, never loses text outside the elements whose content is dropped with them, and what
//! it kept it keeps again unchanged. Its time grows with the length alone, whatever comes in.

mod address;
mod style;
mod tag;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashSet;

use address::Place;
use tag::{Read, Tag};

/// Elements dropped with everything in them.
const DROPPED: [&str; 10] = [
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "video",
    "audio",
    "canvas",
    "title",
    "foreignobject",
];
/// Elements whose tags are dropped and whose content stays.
const UNWRAPPED: [&str; 9] =
    ["html", "head", "body", "meta", "link", "form", "input", "button", "base"];
/// Elements that have no end tag.
const VOID: [&str; 2] = ["embed", "input"];
/// What the web editor makes, beside `mp-common-…`; it stays whole.
const OF_THE_EDITOR: [&str; 4] = ["mpvoice", "mpvideosnap", "qqmusic", "mp-miniprogram"];

/// The HTML as the platform keeps it. `links_stay` is the WeChat Pay permission.
#[must_use]
pub fn keep(html: &str, links_stay: bool) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    // For each open `<a>`: whether its tags were kept.
    let mut links: Vec<bool> = Vec::new();
    while let Some(start) = rest.find('<') {
        let (text, from_tag) = rest.split_at(start);
        kept.push_str(text);
        if let Some(comment) = from_tag.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (mut tag, after) = match tag::read(from_tag) {
            Read::Tag(tag, after) => (tag, after),
            Read::Text => {
                kept.push_str("&lt;");
                rest = &from_tag[1..];
                continue;
            }
            Read::Unfinished => {
                kept.push_str(&from_tag.replace('<', "&lt;"));
                return kept;
            }
        };
        rest = after;
        let name = tag.name.as_str();
        if name == "iframe" && !tag.closes && is_own_film(&tag) {
            if !tag.ends_itself {
                rest = tag::after_end(rest, name);
            }
            tag.ends_itself = false;
            write(&mut kept, &tag, links_stay);
            kept.push_str("</iframe>");
        } else if DROPPED.contains(&name) {
            if !tag.closes && !tag.ends_itself && !VOID.contains(&name) {
                rest = tag::after_end(rest, name);
            }
        } else if UNWRAPPED.contains(&name) || name.starts_with('!') || name.starts_with('?') {
            // The tag goes, its content stays.
        } else if name == "a" {
            let keeps = if tag.closes {
                links.pop().unwrap_or(false)
            } else {
                let keeps = link_stays(&tag, links_stay);
                links.push(keeps);
                keeps
            };
            if keeps {
                write(&mut kept, &tag, links_stay);
            }
        } else {
            write(&mut kept, &tag, links_stay);
        }
    }
    kept.push_str(rest);
    kept
}

/// Plain text of the HTML, for the digest.
#[must_use]
pub fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, from_tag) = rest.split_at(start);
        text.push_str(before);
        rest = match tag::read(from_tag) {
            Read::Tag(_, after) => after,
            Read::Text => &from_tag[1..],
            Read::Unfinished => {
                rest = from_tag;
                break;
            }
        };
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Outside links of a text: every `<a href>` that does not lead to an article of the platform.
#[must_use]
pub fn has_outside_link(text: &str) -> bool {
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let from_tag = rest.get(start..).unwrap_or_default();
        match tag::read(from_tag) {
            Read::Tag(tag, after) => {
                if tag.name == "a" && !tag.closes && !link_stays(&tag, false) {
                    return true;
                }
                rest = after;
            }
            Read::Text => rest = &from_tag[1..],
            Read::Unfinished => return false,
        }
    }
    false
}

/// A link to a mini program, or one that leads where links may lead.
fn link_stays(tag: &Tag<'_>, links_stay: bool) -> bool {
    if tag.attribute("data-miniprogram-appid").is_some_and(|appid| !appid.trim().is_empty()) {
        return true;
    }
    let place = tag.attribute("href").and_then(Place::of);
    place.is_some_and(|place| place.is_article() || links_stay)
}

/// The platform's own films are the only frames that stay.
fn is_own_film(tag: &Tag<'_>) -> bool {
    let class = tag.attribute("class").unwrap_or_default();
    let source = tag.attribute("src").or_else(|| tag.attribute("data-src"));
    class.split_whitespace().any(|word| word == "video_iframe")
        && source.and_then(Place::of).is_some_and(|place| place.is_film())
}

fn is_of_the_editor(name: &str) -> bool {
    OF_THE_EDITOR.contains(&name) || name.starts_with("mp-common-")
}

fn write(kept: &mut String, tag: &Tag<'_>, links_stay: bool) {
    kept.push('<');
    if tag.closes {
        kept.push('/');
    }
    kept.push_str(&tag.name);
    // Of an attribute given twice, readers take the first.
    let mut seen = HashSet::new();
    for (name, value) in &tag.attributes {
        let lower = name.to_ascii_lowercase();
        let value = match value {
            _ if !attribute_stays(tag, &lower, value.unwrap_or_default(), links_stay) => continue,
            value if lower == "style" => match value.and_then(style::keep) {
                Some(style) => Some(style),
                None => continue,
            },
            value => value.map(Cow::Borrowed),
        };
        if !seen.insert(lower) {
            continue;
        }
        kept.push(' ');
        kept.push_str(name);
        if let Some(value) = value {
            kept.push_str("=\"");
            kept.push_str(&value.replace('"', "&quot;"));
            kept.push('"');
        }
    }
    if tag.ends_itself {
        kept.push('/');
    }
    kept.push('>');
}

fn attribute_stays(tag: &Tag<'_>, name: &str, value: &str, links_stay: bool) -> bool {
    if name.contains(['"', '\'', '<']) || name.starts_with("on") || address::runs(value) {
        return false;
    }
    let on_picture_host = |value| Place::of(value).is_some_and(|place| place.is_picture());
    match (tag.name.as_str(), name) {
        // No anchors inside a page.
        (element, "id" | "name") => is_of_the_editor(element),
        ("img", "src" | "data-src") => on_picture_host(value),
        ("img", "srcset" | "data-srcset") => {
            value.split(',').all(|one| one.split_whitespace().next().is_none_or(on_picture_host))
        }
        ("iframe", "src" | "data-src") => Place::of(value).is_some_and(|place| place.is_film()),
        // A mini program's link may carry another address beside it.
        ("a", "href") => Place::of(value).is_none_or(|place| place.is_article() || links_stay),
        // Parts of a drawing refer to each other, and to the platform's pictures.
        (_, "href" | "xlink:href") => value.trim().starts_with('#') || on_picture_host(value),
        _ => true,
    }
}
