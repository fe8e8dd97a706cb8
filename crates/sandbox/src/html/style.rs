//! Inline styles: everything stays but what places, layers, fetches or computes.

use std::borrow::Cow;

use super::address::{Place, decoded};

/// The style without what the platform takes out of it; as it was when there is nothing to take
/// out, `None` when nothing is left.
pub(super) fn keep(style: &str) -> Option<Cow<'_, str>> {
    let read = without_comments(&decoded(style));
    let written: Vec<&str> =
        declarations(&read).into_iter().map(str::trim).filter(|one| !one.is_empty()).collect();
    let kept: Vec<&str> = written.iter().copied().filter(|one| stays(one)).collect();
    if kept.is_empty() {
        return None;
    }
    if kept.len() == written.len() {
        return Some(Cow::Borrowed(style));
    }
    Some(Cow::Owned(kept.join(";").replace('&', "&amp;")))
}

fn stays(declaration: &str) -> bool {
    let flat: String = without_escapes(declaration)
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let placed =
        flat.starts_with("position:") && (flat.contains("absolute") || flat.contains("fixed"));
    let fetches = flat.split("url(").skip(1).any(|url| {
        let url = url.trim_start_matches(['"', '\'']);
        let end = url.find(['"', '\'', ')']).unwrap_or(url.len());
        let url = url.get(..end).unwrap_or_default();
        // Drawings refer to their own parts.
        !url.starts_with('#') && !Place::of(url).is_some_and(|place| place.is_picture())
    });
    !placed && !fetches && !flat.starts_with("z-index:") && !flat.contains("expression(")
}

/// Splits at semicolons outside brackets and quotes, so that `url(data:a;b)` stays in one piece.
fn declarations(style: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from, mut quoted, mut escaped) = (0_u32, 0, None, false);
    for (at, byte) in style.bytes().enumerate() {
        match (byte, quoted) {
            _ if escaped => escaped = false,
            (b'\\', _) => escaped = true,
            // A text ends with its line, closed or not.
            (b'\n' | b'\r', _) => quoted = None,
            (_, Some(quote)) if byte == quote => quoted = None,
            (_, Some(_)) => {}
            (b'"' | b'\'', None) => quoted = Some(byte),
            (b'(', None) => depth += 1,
            (b')', None) => depth = depth.saturating_sub(1),
            (b';', None) if depth == 0 => {
                parts.push(style.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(style.get(from..).unwrap_or_default());
    parts
}

fn without_comments(style: &str) -> String {
    let mut read = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, comment)) = rest.split_once("/*") {
        read.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    read.push_str(rest);
    read
}

/// Resolves `\70` and `\p`.
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut read = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if c != '\\' {
            read.push(c);
            continue;
        }
        let mut number = None;
        for _ in 0..6 {
            let Some(digit) = characters.peek().and_then(|c| c.to_digit(16)) else { break };
            number = Some(number.unwrap_or(0) * 16 + digit);
            characters.next();
        }
        match number {
            Some(number) => {
                read.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
                characters.next_if(|c| c.is_whitespace());
            }
            None => read.extend(characters.next()),
        }
    }
    Cow::Owned(read)
}
