//! The two languages: every word is there, in its own script, and no page has words of its own.

use super::language::Language;
use super::words;

/// Words that read the same in both languages, or name the other language.
const NEUTRAL: [&str; 1] = ["other_language"];

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn every_word_stands_in_its_own_script() {
    let chinese = words::of(Language::Chinese).all();
    let english = words::of(Language::English).all();
    for ((name, zh), (_, en)) in chinese.iter().zip(&english) {
        assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{name} is empty");
        if NEUTRAL.contains(name) {
            continue;
        }
        assert!(zh.chars().any(is_han), "{name} has no Chinese: {zh}");
        assert!(!en.chars().any(is_han), "{name} has Chinese in its English: {en}");
        for place in ["{n}", "{cap}"] {
            assert_eq!(zh.contains(place), en.contains(place), "{name} differs in {place}");
        }
    }
}

/// What stands between tags and outside of expressions.
fn words_of(template: &str) -> String {
    let mut bare = String::new();
    let mut rest = template;
    while let Some(start) = rest.find(['{', '<']) {
        let (before, from) = rest.split_at(start);
        bare.push_str(before);
        let end = ["{{", "{%", "{#", "<"].iter().find(|mark| from.starts_with(**mark));
        let close = match end {
            Some(&"{{") => "}}",
            Some(&"{%") => "%}",
            Some(&"{#") => "#}",
            _ => ">",
        };
        rest = from.find(close).map_or("", |at| &from[at + close.len()..]);
        bare.push(' ');
    }
    bare.push_str(rest);
    bare
}

#[test]
fn templates_hold_no_words_of_their_own() {
    let templates = [
        ("base", include_str!("../../templates/base.html")),
        ("problem", include_str!("../../templates/problem.html")),
        ("overview", include_str!("../../templates/overview.html")),
        ("part", include_str!("../../templates/part.html")),
        ("office", include_str!("../../templates/office.html")),
        ("content", include_str!("../../templates/content.html")),
        ("followers", include_str!("../../templates/followers.html")),
        ("agents", include_str!("../../templates/agents.html")),
        ("platforms", include_str!("../../templates/platforms.html")),
        ("settings", include_str!("../../templates/settings.html")),
        ("calls", include_str!("../../templates/calls.html")),
        ("callbacks", include_str!("../../templates/callbacks.html")),
        ("article", include_str!("../../templates/article.html")),
        ("article_body", include_str!("../../templates/article_body.html")),
        ("phone", include_str!("../../templates/phone.html")),
    ];
    // Names the platform itself uses in every language.
    let names = ["OpenID", "AppID", "AppSecret", "XML", "media_id", "template_id", "kf_id", "rid"];
    for (name, template) in templates {
        let bare = words_of(template);
        let own = bare.split(|c: char| !c.is_alphanumeric() && c != '_');
        let own: Vec<_> = own
            .filter(|word| word.chars().any(char::is_alphabetic) && !names.contains(word))
            .collect();
        assert!(own.is_empty(), "{name} has words of its own: {own:?}");
        assert!(!template.contains(" style=") && !template.contains(" onclick="), "{name}");
    }
}
