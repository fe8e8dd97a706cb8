//! 原创校验 (`platform/03 §6`): before delivery each article is compared with the library of
//! originals, which is laid out through `PUT /sandbox/originals`.
//!
//! An article reprints an original when its text holds the original's whole text, blanks aside.

use serde::{Deserialize, Serialize};

use super::job::Job;
use crate::account::Account;
use crate::assumptions::Assumptions;
use crate::html;

/// Most originals of the library.
pub const MOST: usize = 1_000;
/// Fewest characters of an original, blanks aside: anything shorter is found everywhere.
pub const FEWEST_CHARACTERS: usize = 10;
const FORBIDDEN: &str = "err(30002)";
const JUDGED: &str = "err(30003)";

/// An original of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Original {
    /// Its text, or its HTML.
    pub content: String,
    /// Where it stands.
    pub url: String,
    /// 1 declared original, 2 an earlier article, 3 news, 4 on the blacklist.
    #[serde(rename = "type", default = "declared")]
    pub kind: u8,
    /// Whether its owner permits reprinting.
    #[serde(default)]
    pub can_reprint: bool,
    /// Whether a reprint shows the original's text in place of its own.
    #[serde(default)]
    pub replaces_content: bool,
    /// Whether a reprint shows where it comes from.
    #[serde(default)]
    pub shows_source: bool,
    /// The account it belongs to, whose own articles are no reprints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
}

fn declared() -> u8 {
    1
}

impl Original {
    /// Checks what the types leave open.
    ///
    /// # Errors
    /// One sentence that names the field.
    pub fn check(&self) -> Result<(), String> {
        if flat(&self.content).chars().count() < FEWEST_CHARACTERS {
            return Err(format!("content needs at least {FEWEST_CHARACTERS} characters of text"));
        }
        if !(1..=4).contains(&self.kind) {
            return Err(format!("type is {}; give 1, 2, 3 or 4", self.kind));
        }
        if self.url.is_empty() {
            return Err("url is empty; give the address of the original".to_owned());
        }
        Ok(())
    }
}

/// An article found to be a reprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Which article, from 1.
    pub article: usize,
    /// Where the original stands.
    pub original_url: String,
    /// What the original is.
    pub original_type: u8,
    /// Whether reprinting is permitted.
    pub can_reprint: bool,
    /// Whether the original's text is shown in place of the article's.
    pub replaces_content: bool,
    /// Whether the source is shown.
    pub shows_source: bool,
    /// The original's text.
    #[serde(skip)]
    pub content: String,
}

/// Text without blanks.
fn flat(html: &str) -> String {
    html::text(html).chars().filter(|c| !c.is_whitespace()).collect()
}

/// Which articles of a job reprint an original; each is held against the first that it holds.
#[must_use]
pub fn check(originals: &[Original], account: &Account, job: &Job) -> Vec<Verdict> {
    if originals.is_empty() {
        return Vec::new();
    }
    let own = |original: &Original| original.appid.as_deref() == Some(account.appid.as_str());
    let library: Vec<_> = originals
        .iter()
        .filter(|original| !own(original))
        .map(|original| (flat(&original.content), original))
        .collect();
    let verdict = |(place, content): (usize, &str)| {
        let text = flat(content);
        let (_, original) = library.iter().find(|(original, _)| text.contains(original))?;
        Some(Verdict {
            article: place,
            original_url: original.url.clone(),
            original_type: original.kind,
            can_reprint: original.can_reprint,
            replaces_content: original.can_reprint && original.replaces_content,
            shows_source: original.can_reprint && original.shows_source,
            content: html::keep(&original.content, false),
        })
    };
    let contents = job.kept_articles().iter().map(|kept| kept.article.content.as_str());
    (1..).zip(contents).filter_map(verdict).collect()
}

/// The status a job is stopped with by what was found; `None` lets it go on.
#[must_use]
pub fn stops(job: &Job, assumptions: &Assumptions) -> Option<&'static str> {
    let forbidden = job.verdicts.iter().any(|verdict| !verdict.can_reprint);
    match (forbidden, job.ignores_reprint) {
        _ if job.verdicts.is_empty() => None,
        (true, true) => Some(FORBIDDEN),
        (true, false) if assumptions.forbidden_reprint_reads_judged => Some(JUDGED),
        (true, false) => Some(FORBIDDEN),
        (false, false) => Some(JUDGED),
        (false, true) => None,
    }
}

/// `CheckState` of a whole job: 1 no reprint, 2 a permitted one, 3 a forbidden one, 0 not checked.
#[must_use]
pub fn state(job: &Job) -> u8 {
    let checked = job.outcome.as_ref().is_some_and(super::job::Outcome::is_success);
    if job.verdicts.iter().any(|verdict| !verdict.can_reprint) {
        3
    } else if !job.verdicts.is_empty() {
        2
    } else {
        u8::from(checked)
    }
}
