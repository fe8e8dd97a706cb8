//! What survives of an article's HTML (`platform/08 §6`): no script, no outside picture, no
//! outside link unless the account may use them.
//!
//! A tokenizer in one pass, no tree: it copies text, and copies or drops each tag. It never fails
//! and never loses text outside the elements whose content is dropped with them.

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
const PICTURE_HOSTS: [&str; 2] = ["mmbiz.qpic.cn", "mmbiz.qlogo.cn"];
const ARTICLE_HOST: &str = "mp.weixin.qq.com";

struct Tag<'a> {
    name: String,
    closes: bool,
    attributes: Vec<(&'a str, Option<&'a str>)>,
    ends_itself: bool,
}

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
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some((tag, after)) = read_tag(from_tag) else {
            kept.push_str("&lt;");
            rest = &from_tag[1..];
            continue;
        };
        rest = after;
        let name = tag.name.as_str();
        if DROPPED.contains(&name) {
            if !tag.closes && !tag.ends_itself && !VOID.contains(&name) {
                rest = after_end_tag(rest, name);
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
                write_tag(&mut kept, &tag);
            }
        } else if name == "img" && !picture_stays(&tag) {
            // Pictures from elsewhere vanish.
        } else {
            write_tag(&mut kept, &tag);
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
        rest = match read_tag(from_tag) {
            Some((_, after)) => after,
            None => &from_tag[1..],
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
        match read_tag(&rest[start..]) {
            Some((tag, after)) => {
                if tag.name == "a" && !tag.closes && !link_stays(&tag, false) {
                    return true;
                }
                rest = after;
            }
            None => rest = &rest[start + 1..],
        }
    }
    false
}

fn attribute<'a>(tag: &Tag<'a>, name: &str) -> Option<&'a str> {
    tag.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, v)| *v)
}

fn link_stays(tag: &Tag<'_>, links_stay: bool) -> bool {
    if attribute(tag, "data-miniprogram-appid").is_some() {
        return true;
    }
    match attribute(tag, "href").map(str::trim) {
        Some(href) if host(href) == Some(ARTICLE_HOST) => true,
        Some(href) => links_stay && host(href).is_some(),
        None => false,
    }
}

fn picture_stays(tag: &Tag<'_>) -> bool {
    let source = attribute(tag, "src").or_else(|| attribute(tag, "data-src"));
    source.and_then(|source| host(source.trim())).is_some_and(|host| PICTURE_HOSTS.contains(&host))
}

/// Host of an http or https address.
fn host(address: &str) -> Option<&str> {
    let (scheme, after) = address.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let authority = after.get(..end)?;
    // A name before an @ is not the host.
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.split(':').next().filter(|host| !host.is_empty())
}

fn attribute_stays(name: &str, value: Option<&str>) -> bool {
    let lower = name.to_ascii_lowercase();
    if lower.contains(['"', '\'', '<']) {
        return false;
    }
    if lower.starts_with("on") || lower == "id" || lower == "name" {
        return false;
    }
    let value: String = value
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .flat_map(char::to_lowercase)
        .collect();
    !(value.starts_with("javascript:") || value.starts_with("vbscript:"))
}

fn kept_style(style: &str) -> String {
    let stays = |declaration: &&str| {
        let flat: String =
            declaration.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let placed =
            flat.starts_with("position:") && (flat.contains("absolute") || flat.contains("fixed"));
        let foreign = flat.split_once("url(").is_some_and(|(_, url)| {
            let url = url.trim_start_matches(['"', '\'']);
            !host(url).is_some_and(|host| PICTURE_HOSTS.contains(&host))
        });
        !flat.is_empty()
            && !placed
            && !foreign
            && !flat.starts_with("z-index:")
            && !flat.contains("expression(")
    };
    declarations(style).into_iter().filter(stays).map(str::trim).collect::<Vec<_>>().join(";")
}

/// Splits at semicolons outside brackets, so that `url(data:a;b)` stays in one piece.
fn declarations(style: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0_u32, 0);
    for (at, byte) in style.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => {
                parts.push(style.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(style.get(from..).unwrap_or_default());
    parts
}

fn write_tag(kept: &mut String, tag: &Tag<'_>) {
    kept.push('<');
    if tag.closes {
        kept.push('/');
    }
    kept.push_str(&tag.name);
    for (name, value) in &tag.attributes {
        if !attribute_stays(name, *value) {
            continue;
        }
        let value = match value {
            Some(value) if name.eq_ignore_ascii_case("style") => Some(kept_style(value)),
            value => value.map(str::to_owned),
        };
        if name.eq_ignore_ascii_case("style") && value.as_deref().is_none_or(str::is_empty) {
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

/// Reads the tag at the beginning of `text`; `None` when what stands there is none.
fn read_tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let inner = text.strip_prefix('<')?;
    let (closes, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        return None;
    }
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
fn after_end_tag<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find("</") {
        let inner = &rest[at + 2..];
        let found = inner.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
        if found {
            return inner.find('>').map_or("", |end| &inner[end + 1..]);
        }
        rest = inner;
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scripts_outside_pictures_and_outside_links_go() {
        let html = r#"<p onclick="x()" id=top style="color:red;position: fixed">新品<script>alert('<p>')</script>
<img src="https://example.com/a.png"><img src='http://mmbiz.qpic.cn/mmbiz_png/x/0?wx_fmt=png'/>
<a href="https://example.com/buy">买</a><a href="https://mp.weixin.qq.com/s/abc">看</a></p>"#;
        let kept = keep(html, false);
        assert_eq!(
            kept,
            "<p style=\"color:red\">新品\n<img src=\"http://mmbiz.qpic.cn/mmbiz_png/x/0?wx_fmt=png\"/>\n买<a href=\"https://mp.weixin.qq.com/s/abc\">看</a></p>"
        );
        assert!(keep(html, true).contains("https://example.com/buy"));
    }

    #[test]
    fn tricks_do_not_help() {
        assert_eq!(keep("<ScRiPt src=x>1</sCrIpT >2", false), "2");
        assert_eq!(keep("<script>never closed", false), "");
        assert_eq!(keep("<a href=' java\nscript:x()'>t</a>", true), "t");
        assert_eq!(keep("<img src=\"https://mmbiz.qpic.cn@example.com/x\">", false), "");
        assert_eq!(keep("<!-- <img src=x> -->1 < 2", false), "1 &lt; 2");
        assert_eq!(
            keep("<p style=\"background:url(data:image/png;base64,x);margin:0\">t</p>", false),
            "<p style=\"margin:0\">t</p>"
        );
    }

    #[test]
    fn links_in_a_text_are_judged_as_in_an_article() {
        assert!(has_outside_link("看 <a href=\"https://example.com\">这里</a>"));
        assert!(!has_outside_link("看 <a href=\"https://mp.weixin.qq.com/s/x\">这里</a> 1 < 2"));
        assert_eq!(text("<p>一 <b>二</b></p>\n三"), "一 二 三");
    }

    proptest! {
        #[test]
        fn no_input_breaks_it_and_nothing_forbidden_survives(
            html in r#"(<|</|>|script|a|img| src=|"|'|href=|http://x.y|=|/|你|<!--|-->| on=| ){0,40}"#,
        ) {
            let kept = keep(&html, false);
            let mut rest = kept.as_str();
            while let Some(start) = rest.find('<') {
                let Some((tag, after)) = read_tag(&rest[start..]) else { break };
                prop_assert!(!DROPPED.contains(&tag.name.as_str()), "{kept:?}");
                prop_assert!(tag.name != "img" || picture_stays(&tag), "{kept:?}");
                prop_assert!(tag.name != "a" || tag.closes || link_stays(&tag, false), "{kept:?}");
                rest = after;
            }
            prop_assert_eq!(keep(&kept, false), kept);
            let _ = (text(&html), has_outside_link(&html));
        }
    }
}
