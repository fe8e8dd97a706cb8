//! What the sandbox plays, row by row, and the page that shows it.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::path::PathBuf;

use serde::Deserialize;

use crate::{Error, project};

/// The file behind the page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    row: Vec<Row>,
}

/// One call, page or callback of the platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    call: Option<String>,
    page: Option<String>,
    callback: Option<String>,
    family: String,
    state: State,
    #[serde(default)]
    checked: String,
    #[serde(default)]
    not_played: String,
    facts: String,
    confidence: Confidence,
}

/// How much of it is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Done,
    Partly,
    Not,
}

/// Where the fact sheets have it from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Confidence {
    Doc,
    Sdk,
    Seen,
    Assumed,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Call,
    Page,
    Callback,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Call, Self::Page, Self::Callback];

    fn title(self) -> &'static str {
        match self {
            Self::Call => "Calls",
            Self::Page => "Pages in a browser",
            Self::Callback => "Callbacks",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Page => "page",
            Self::Callback => "event, message or notice",
        }
    }
}

impl Row {
    /// What it is about and its name; `None` when it has none or several.
    fn named(&self) -> Option<(Kind, &str)> {
        match (&self.call, &self.page, &self.callback) {
            (Some(name), None, None) => Some((Kind::Call, name)),
            (None, Some(name), None) => Some((Kind::Page, name)),
            (None, None, Some(name)) => Some((Kind::Callback, name)),
            _ => None,
        }
    }

    /// What is wrong with it.
    fn fault(&self) -> Option<&'static str> {
        let (checks, leaves_out) = (!self.checked.is_empty(), !self.not_played.is_empty());
        match self.state {
            _ if self.named().is_none() => Some("needs one of call, page and callback"),
            _ if !is_section(&self.facts) => Some("facts must be such as \"03 §2\" or \"04 A2\""),
            State::Done if leaves_out => Some("is done and leaves something out: say partly"),
            State::Partly if !leaves_out => Some("is partly done: say what is not played"),
            State::Not if checks => Some("is not played and checks something"),
            State::Not if !leaves_out => Some("is not played: give the reason"),
            _ => None,
        }
    }
}

/// Whether it is a section of one of the twelve fact sheets.
fn is_section(facts: &str) -> bool {
    let Some((sheet, section)) = facts.split_once(' ') else { return false };
    let known = sheet.len() == 2 && sheet.parse().is_ok_and(|number| (1..=12).contains(&number));
    known && section.starts_with(['§', 'A', 'B', 'C'])
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Partly => "partly",
            Self::Not => "not",
        })
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Doc => "doc",
            Self::Sdk => "sdk",
            Self::Seen => "seen",
            Self::Assumed => "assumed",
        })
    }
}

/// Reads the file.
pub fn rows() -> Result<Vec<Row>, Error> {
    let path: PathBuf = project().join("crates/sandbox/coverage.toml");
    let text = std::fs::read_to_string(&path)
        .map_err(|source| Error::Read { path: path.clone(), source })?;
    let file: File = toml::from_str(&text).map_err(|error| Error::Coverage(error.to_string()))?;
    for row in &file.row {
        if let Some(fault) = row.fault() {
            let name = row.named().map_or("a row", |(_, name)| name);
            return Err(Error::Coverage(format!("{name} {fault}")));
        }
    }
    Ok(file.row)
}

/// The page.
pub fn page(rows: &[Row]) -> String {
    let mut page = String::from(
        "# What the sandbox plays\n\n\
         Written by `cargo xtask docs` from `crates/sandbox/coverage.toml`; change that file, not \
         this page. What cannot be said in a row, and the switches for what the platform's pages \
         leave open, stand in [the sandbox's own page](../crates/sandbox/README.md).\n\n\
         *Facts* names the section of the platform's fact sheets that the code cites as \
         `platform/NN`; *from* says where these have the shape of call and answer: doc, the \
         platform's own page · sdk, the source of an SDK · seen, reports · assumed.\n\n\
         | | done | partly | not played |\n|---|--:|--:|--:|\n",
    );
    for kind in Kind::ALL {
        let count = |state| of(rows, kind).filter(|(_, row)| row.state == state).count();
        let (done, partly, not) = (count(State::Done), count(State::Partly), count(State::Not));
        let _ = writeln!(page, "| {} | {done} | {partly} | {not} |", kind.title());
    }
    for kind in Kind::ALL {
        let _ = write!(page, "\n## {}\n", kind.title());
        let mut seen = BTreeSet::new();
        for (_, first) in of(rows, kind) {
            if !seen.insert(&first.family) {
                continue;
            }
            let _ = write!(
                page,
                "\n### {}\n\n| {} | state | checked | not played | facts | from |\n\
                 |---|---|---|---|---|---|\n",
                capitalised(&first.family),
                kind.column()
            );
            for (name, row) in of(rows, kind).filter(|(_, row)| row.family == first.family) {
                let Row { state, checked, not_played, facts, confidence, .. } = row;
                let _ = writeln!(
                    page,
                    "| `{name}` | {state} | {} | {} | {facts} | {confidence} |",
                    cell(checked),
                    cell(not_played)
                );
            }
        }
    }
    page
}

fn of(rows: &[Row], kind: Kind) -> impl Iterator<Item = (&str, &Row)> {
    rows.iter().filter_map(move |row| match row.named() {
        Some((of, name)) if of == kind => Some((name, row)),
        _ => None,
    })
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wire::Endpoint;

    use super::*;

    fn row(text: &str) -> Row {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn every_endpoint_has_one_row_and_every_played_call_is_an_endpoint() {
        let rows = rows().unwrap();
        let mut lines: BTreeMap<&str, Vec<State>> = BTreeMap::new();
        for (path, row) in of(&rows, Kind::Call) {
            lines.entry(path).or_default().push(row.state);
        }
        for endpoint in Endpoint::ALL {
            let states = lines.remove(endpoint.path()).unwrap_or_default();
            assert_eq!(states.len(), 1, "{endpoint} needs one row in crates/sandbox/coverage.toml");
            assert_ne!(states[0], State::Not, "{endpoint} is an endpoint of wire");
        }
        for (path, states) in lines {
            assert_eq!(states, [State::Not], "{path} is no endpoint of wire");
        }
    }

    #[test]
    fn no_page_or_callback_has_two_rows() {
        let rows = rows().unwrap();
        for kind in [Kind::Page, Kind::Callback] {
            let names: BTreeSet<&str> = of(&rows, kind).map(|(name, _)| name).collect();
            assert_eq!(names.len(), of(&rows, kind).count(), "{kind:?}");
        }
    }

    #[test]
    fn the_counts_at_the_top_are_those_of_the_rows_below() {
        let rows = rows().unwrap();
        let page = page(&rows);
        let (head, body) = page.split_once("\n## ").unwrap();
        let told: usize = head
            .lines()
            .filter(|line| line.starts_with("| ") && line.contains(char::is_numeric))
            .flat_map(|line| line.split('|').filter_map(|cell| cell.trim().parse::<usize>().ok()))
            .sum();
        assert_eq!(told, rows.len());
        assert_eq!(body.lines().filter(|line| line.starts_with("| `")).count(), rows.len());
    }

    #[test]
    fn a_row_that_contradicts_itself_is_refused() {
        let with = |rest: &str| {
            row(&format!("call = '/x'\nfamily = 'tags'\nconfidence = 'doc'\n{rest}")).fault()
        };
        assert_eq!(with("state = 'done'\nfacts = '07 §7'"), None);
        assert_eq!(with("state = 'partly'\nnot_played = 'x'\nfacts = '04 A2'"), None);
        assert_eq!(with("state = 'not'\nnot_played = 'x'\nfacts = '12 §2.1'"), None);
        for wrong in [
            "state = 'done'\nnot_played = 'x'\nfacts = '07 §7'",
            "state = 'partly'\nchecked = 'x'\nfacts = '07 §7'",
            "state = 'not'\nfacts = '07 §7'",
            "state = 'not'\nnot_played = 'x'\nchecked = 'y'\nfacts = '07 §7'",
            "state = 'done'\nfacts = '13 §7'",
            "state = 'done'\nfacts = '7 §7'",
            "state = 'done'\nfacts = '07'",
            "page = '/y'\nstate = 'done'\nfacts = '07 §7'",
        ] {
            assert!(with(wrong).is_some(), "{wrong}");
        }
    }
}
