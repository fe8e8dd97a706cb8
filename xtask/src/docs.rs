//! Pages of `docs/` that are written from `crates/wire` and from the sandbox's list of what it
//! plays, so that code and page cannot differ. A test fails when a page is not what these say.

use std::fmt::Write;
use std::path::PathBuf;

use wire::rules::{AccountKind, Limits, Line};
use wire::{Reaction, codes};

use crate::{Error, coverage, project};

/// Writes all pages anew.
pub fn write() -> Result<(), Error> {
    for (path, text) in pages()? {
        std::fs::write(&path, text)
            .map_err(|source| Error::Write { path: path.clone(), source })?;
        println!("{}", path.display());
    }
    Ok(())
}

fn pages() -> Result<Vec<(PathBuf, String)>, Error> {
    let docs = project().join("docs");
    Ok(vec![
        (docs.join("limits.md"), limits(wire::rules::lines()?)),
        (docs.join("error-codes.md"), error_codes()),
        (docs.join("sandbox-coverage.md"), coverage::page(&coverage::rows()?)),
    ])
}

fn limits(lines: &[Line]) -> String {
    let mut page = String::from(
        "# Limits of the platform\n\n\
         Written by `cargo xtask docs` from `crates/wire/rules/limits.toml`; change that file, not \
         this page.\n\n\
         A value holds from its day until the next line of the same limit. Days are China Standard \
         Time. *Assumed* marks a number that no page of the platform states; the last column names \
         where a number was taken from.\n",
    );
    for (name, meaning) in Limits::NAMES.iter().zip(Limits::MEANINGS) {
        let _ = write!(
            page,
            "\n## `{name}`\n\n{}\n\n| since | accounts | value | taken from |\n|---|---|--:|---|\n",
            meaning.trim().replace("[`Endpoint::is_mass_send`]", "both sending calls")
        );
        let mut of_name: Vec<&Line> = lines.iter().filter(|line| line.name == *name).collect();
        of_name.sort_by_key(|line| line.since);
        for line in of_name {
            let accounts = match line.account {
                _ if line.test_account => "test accounts",
                Some(AccountKind::Service) => "service",
                Some(AccountKind::Subscription) => "subscription",
                None => "all",
            };
            let assumed = if line.assumed { "; *assumed*" } else { "" };
            let _ = writeln!(
                page,
                "| {} | {accounts} | {} | {}{assumed} |",
                line.since, line.value, line.source
            );
        }
    }
    page
}

fn error_codes() -> String {
    let mut page = String::from(
        "# Error codes of the platform\n\n\
         Written by `cargo xtask docs` from `crates/wire/src/codes/`; change those files, not this \
         page.\n\n\
         A code that is not listed stops the work until a person has looked at it. The English \
         text is what the platform sends, its spelling kept; the software never compares it.\n\n\
         | code | text | what it means | what Fourcast does |\n|--:|---|---|---|\n",
    );
    let mut rows: Vec<_> = codes::known().collect();
    rows.sort_by_key(|row| row.code);
    for row in rows {
        let (text, meaning) = (cell(row.text), cell(row.meaning));
        let _ = writeln!(page, "| {} | {text} | {meaning} | {} |", row.code, done(row.reaction));
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn done(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::RefreshToken => "fetches another token, repeats once",
        Reaction::RetryLater => "repeats later; a send only with the same id",
        Reaction::WaitAMinute => "waits a minute, then repeats with the same id",
        Reaction::QuotaUsedUp => "does not repeat before the counter is renewed",
        Reaction::AlreadyDone => "takes it as done",
        Reaction::DropRecipient => "drops the recipient",
        Reaction::ChangeContent => "stops; the author must change the content",
        Reaction::AskOperator => "stops; the operator must act",
        Reaction::AwaitAdministrator => "waits for the administrator",
        Reaction::FixCall => "stops; the call itself was wrong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_say_what_the_code_says() {
        for (path, text) in pages().unwrap() {
            let page = std::fs::read_to_string(&path).unwrap_or_default();
            // No `assert_eq`: it would print both pages.
            assert!(page == text, "{} is out of date: run `cargo xtask docs`", path.display());
        }
    }

    #[test]
    fn a_limit_shows_its_whole_history() {
        let page = limits(wire::rules::lines().unwrap());
        let (_, rest) = page.split_once("## `mass_per_follower_and_month`").unwrap();
        let (section, _) = rest.split_once("\n## ").unwrap();
        assert!(section.contains("| 2014-04-15 | service | 4 |"), "{section}");
        assert!(section.contains("| 2013-08-05 | service | 1 |"), "{section}");
    }
}
