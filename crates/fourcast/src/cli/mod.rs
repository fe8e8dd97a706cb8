//! The commands: one noun a file. What was asked for goes to stdout (as a table, or as JSON with
//! `--json`), everything else to stderr.

mod accounts;
mod attributes;
mod backup;
mod campaigns;
mod estimates;
mod facts;
mod followers;
mod import;
mod plan;
mod sandbox;
mod segments;
mod slots;
pub mod table;
mod tags;
mod talk;

use std::io::IsTerminal as _;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::{Error, bench, demo, serve};
pub(crate) use followers::sync_progress;
pub use talk::{Saved, Talk};

/// Mass messages before followers: four a month, forecast, broadcast.
#[derive(Debug, Parser)]
#[command(name = "fourcast", version, about, propagate_version = true)]
pub struct Cli {
    /// Give the answer as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve(serve::Options),
    /// Run a platform of your own to try things on
    Sandbox(Box<sandbox::Options>),
    /// Run a cosmetics shop's month against the sandbox and show what happened
    Demo(demo::Options),
    /// Accounts (公众号)
    Accounts(accounts::Accounts),
    /// Followers (粉丝)
    Followers(followers::Followers),
    /// Bring in files: followers, orders, events, lists
    Import(import::Import),
    /// Tell events (事件) of your own systems
    Events(facts::Events),
    /// Tell orders (订单) and refunds
    Orders(facts::Orders),
    /// Tell consents (订阅授权) to subscription notices that a page of yours heard of
    Consents(facts::Consents),
    /// What attributes (属性) of followers may hold
    Attributes(attributes::Attributes),
    /// Lists of people (名单)
    Lists(attributes::Lists),
    /// Your own tags (自有标签), without the platform's limits
    OwnTags(attributes::OwnTags),
    /// The platform's tags (标签)
    Tags(tags::Tags),
    /// Segments (人群)
    Segments(segments::Segments),
    /// Campaigns (群发活动)
    Campaigns(campaigns::Campaigns),
    /// Month plans (月计划): who gets which campaign, so that all is worth most
    #[command(alias = "plans")]
    Plan(plan::Plan),
    /// What followers are worth to a campaign (预估), learned from what happened
    Estimates(estimates::Estimates),
    /// Slots (名额): the messages each follower can still receive this month
    Slots(slots::Slots),
    /// Write a copy of the data folder, also while a server works on it
    Backup(backup::Backup),
    /// Put a copy back; its server sends nothing until you release it
    Restore(backup::Restore),
    /// Whether this database may be a copy, and what to look at before anything is sent
    Fence(backup::Fence),
    /// Measure what the project promises, on this machine
    Bench(bench::Bench),
}

/// Starts the log on stderr: `FOURCAST_LOG` says how much, in the words of `tracing`
/// (`info`, `delivery=debug,warn`).
pub fn start_log(cli: &Cli) {
    let usual = if matches!(cli.command, Command::Serve(_)) { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("FOURCAST_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    // Fails only when a log is there already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}

/// Runs the command.
///
/// # Errors
/// What went wrong, in one sentence.
pub async fn run(cli: Cli) -> Result<ExitCode, Error> {
    let out = Out { json: cli.json };
    match cli.command {
        Command::Serve(options) => serve::run(&options, out).await?,
        Command::Sandbox(options) => sandbox::run(&options, out).await?,
        Command::Demo(options) => {
            let good = demo::run(&options, out).await?;
            return Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Bench(measure) => {
            let good = bench::run(measure, out).await?;
            return Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Accounts(noun) => accounts::run(noun, out).await?,
        Command::Followers(noun) => followers::run(noun, out).await?,
        Command::Import(noun) => import::run(noun, out).await?,
        Command::Events(noun) => facts::events(noun, out).await?,
        Command::Orders(noun) => facts::orders(noun, out).await?,
        Command::Consents(noun) => facts::consents(noun, out).await?,
        Command::Attributes(noun) => attributes::attributes(noun, out).await?,
        Command::Lists(noun) => attributes::lists(noun, out).await?,
        Command::OwnTags(noun) => attributes::own_tags(noun, out).await?,
        Command::Tags(noun) => tags::run(noun, out).await?,
        Command::Segments(noun) => segments::run(noun, out).await?,
        Command::Campaigns(noun) => campaigns::run(noun, out).await?,
        Command::Plan(noun) => plan::run(noun, out).await?,
        Command::Estimates(noun) => estimates::run(noun, out).await?,
        Command::Backup(noun) => backup::backup(noun, out).await?,
        Command::Restore(noun) => backup::restore(noun, out).await?,
        Command::Fence(noun) => backup::fence(noun, out).await?,
        Command::Slots(noun) => slots::run(noun, out).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Where data goes: stdout, as text for people or as JSON.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    /// JSON was asked for.
    pub json: bool,
}

impl Out {
    /// Shows entries as they come.
    #[must_use]
    pub fn stream(self) -> Stream {
        Stream { json: self.json, shown: 0, failed: None }
    }

    /// Shows `view`: as JSON, or as `text` makes it.
    ///
    /// # Errors
    /// When stdout cannot be written; a reader who went away is no error.
    pub fn show<T: Serialize>(
        self,
        view: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Error> {
        let mut words = if self.json {
            serde_json::to_string_pretty(view).map_err(Error::failed("write the answer as JSON"))?
        } else {
            text(view)
        };
        if !words.ends_with('\n') {
            words.push('\n');
        }
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(words.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Error::failed("write to stdout")(error))
            }
            _ => Ok(()),
        }
    }
}

/// An answer shown entry by entry as it comes: lines of text, or one JSON list.
pub struct Stream {
    json: bool,
    shown: u64,
    failed: Option<std::io::Error>,
}

impl Stream {
    /// Shows one entry. After stdout could not be written nothing more is tried.
    pub fn line<T: Serialize>(&mut self, entry: &T, text: impl FnOnce() -> String) {
        if self.failed.is_some() {
            return;
        }
        let words = match (self.json, self.shown) {
            (true, 0) => serde_json::to_string(entry).map(|entry| format!("[\n  {entry}")),
            (true, _) => serde_json::to_string(entry).map(|entry| format!(",\n  {entry}")),
            (false, _) => Ok(text() + "\n"),
        };
        self.shown += 1;
        let written = words.map_err(std::io::Error::other);
        let written =
            written.and_then(|words| std::io::stdout().lock().write_all(words.as_bytes()));
        self.failed = written.err();
    }

    /// The last entry was shown.
    ///
    /// # Errors
    /// When stdout could not be written; a reader who went away is no error.
    pub fn end(mut self) -> Result<(), Error> {
        let end = match (self.json, self.shown) {
            (true, 0) => "[]\n",
            (true, _) => "\n]\n",
            (false, _) => "",
        };
        if self.failed.is_none() {
            let mut stdout = std::io::stdout().lock();
            self.failed = stdout.write_all(end.as_bytes()).and_then(|()| stdout.flush()).err();
        }
        match self.failed {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Error::failed("write to stdout")(error))
            }
            _ => Ok(()),
        }
    }
}

/// Name and value in two columns.
fn sheet(lines: &[(&str, String)]) -> String {
    let widest = lines.iter().map(|(name, _)| table::width(name)).max().unwrap_or_default();
    lines
        .iter()
        .map(|(name, value)| {
            format!("{}  {value}\n", table::padded(name, widest, table::Align::Left))
        })
        .collect()
}

fn moment(at: Option<wire::Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_verb_hides_an_argument_of_the_connection() {
        for noun in Cli::command().get_subcommands() {
            for argument in noun.get_subcommands().flat_map(clap::Command::get_arguments) {
                let taken = ["url", "key", "data", "account", "json"];
                let long = argument.get_long().unwrap_or_default();
                assert!(!taken.contains(&long), "{} --{long}", noun.get_name());
            }
        }
    }

    #[test]
    fn the_connection_may_stand_before_or_after_the_verb() {
        for line in [
            "fourcast slots --url http://h --json histogram",
            "fourcast slots histogram --url http://h --json",
            "fourcast --json slots histogram --url http://h",
        ] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert!(cli.json, "{line}");
        }
    }
}
