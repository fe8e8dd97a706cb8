//! What the sandbox refuses, said in the words of the command line: its control interface names
//! fields and routes, whoever types knows options and commands.

use sandbox::control::description::Field;

use super::operations::{MADE, TYPED, option_of};
use crate::Error;
use crate::rest;

const METHODS: [&str; 4] = ["GET ", "POST ", "PUT ", "DELETE "];
const ROOT: &str = "/sandbox";

/// The error with its sentence in these words; `fields` are those the command has options for.
pub(super) fn told<'a>(error: Error, fields: impl Iterator<Item = &'a Field>) -> Error {
    let names: Vec<(String, String)> = fields
        .map(|field| (field.name.to_owned(), format!("--{}", option_of(field.name))))
        .collect();
    told_of(error, &names)
}

/// The same for a typed command, whose options are these.
pub(super) fn told_of(error: Error, names: &[(String, String)]) -> Error {
    match error {
        Error::Rest(rest::Error::Refused { sentence, hint, .. }) => {
            Error::Asked { sentence: in_words(&sentence, names), hint }
        }
        unreached if unreached.is_transport() => {
            let hint = "start one with `fourcast sandbox`, or name another address with --at";
            Error::asked(unreached.to_string(), hint)
        }
        other => other,
    }
}

fn in_words(sentence: &str, names: &[(String, String)]) -> String {
    let sentence = sentence.strip_prefix("body is unusable: ").unwrap_or(sentence);
    with_commands(&with_options(sentence, names))
}

/// Names of fields become options where they can be nothing else: quoted, of several words, or at
/// the beginning.
fn with_options(sentence: &str, names: &[(String, String)]) -> String {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut said = String::new();
    let mut rest = sentence;
    while let Some(start) = rest.find(is_letter) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_letter(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        said.push_str(before);
        let certain = word.contains('_') || before.ends_with('`') || said.is_empty();
        let option = names.iter().find(|(name, _)| name == word).filter(|_| certain);
        said.push_str(option.map_or(word, |(_, option)| option));
        rest = after;
    }
    said.push_str(rest);
    said
}

/// Routes become the commands that ask for them.
fn with_commands(sentence: &str) -> String {
    let mut said = String::new();
    let mut rest = sentence;
    'search: while !rest.is_empty() {
        for method in METHODS {
            let Some(route) = rest.strip_prefix(method).filter(|one| one.starts_with(ROOT)) else {
                continue;
            };
            let end = route.find([' ', ';', ',', ')']).unwrap_or(route.len());
            let (route, after) = route.split_at(end);
            if let Some(command) = command_of(&method.trim().to_lowercase(), route) {
                said.push_str(&command);
                rest = after;
                continue 'search;
            }
        }
        let next = rest.chars().next().map_or(1, char::len_utf8);
        let (one, after) = rest.split_at(next);
        said.push_str(one);
        rest = after;
    }
    said
}

fn command_of(method: &str, route: &str) -> Option<String> {
    let words: Vec<&str> = route.strip_prefix(ROOT)?.split('/').collect();
    let fits = |path: &str| {
        let parts: Vec<&str> = path.split('/').collect();
        let same = |(part, word): (&&str, &&str)| part == word || part.starts_with('{');
        parts.len() == words.len() && parts.iter().zip(&words).all(same)
    };
    let all = || MADE.iter().chain(TYPED).filter(|one| one.2 == method);
    let (noun, verb, ..) = all().find(|one| fits(one.3))?;
    Some(format!("`{}`", format!("fourcast sandbox {noun} {verb}").trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_options_and_routes_commands() {
        let names: Vec<_> = ["per_mille", "seconds", "openid", "to"]
            .map(|name| (name.to_owned(), format!("--{}", option_of(name))))
            .into();
        for (sentence, said) in [
            ("per_mille is 1001; give 0 to 1000", "--per-mille is 1001; give 0 to 1000"),
            ("seconds is 3601; give 0 to 3600", "--seconds is 3601; give 0 to 3600"),
            ("slow needs ms or per_mille, in seconds", "slow needs ms or --per-mille, in seconds"),
            (
                "body is unusable: missing field `openid` at line 1",
                "missing field `--openid` at line 1",
            ),
            ("to goes with the act share", "--to goes with the act share"),
            (
                "there is no account \"wx\"; see GET /sandbox/accounts",
                "there is no account \"wx\"; see `fourcast sandbox accounts list`",
            ),
            (
                "move it with POST /sandbox/clock, or not",
                "move it with `fourcast sandbox clock advance`, or not",
            ),
            ("see GET /sandbox/elsewhere", "see GET /sandbox/elsewhere"),
            ("公众号 GET 粉丝", "公众号 GET 粉丝"),
        ] {
            assert_eq!(in_words(sentence, &names), said);
        }
    }
}
