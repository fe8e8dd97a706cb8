//! `fourcast backup`, `fourcast restore` and `fourcast fence`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use delivery::view::{FenceRelease, FenceView, OverdueWish};
use serde::Serialize;

use super::table::{Table, grouped};
use super::{Out, Talk};
use crate::Error;

/// Write a copy of the data folder, also while a server works on it
#[derive(Debug, Args)]
pub struct Backup {
    /// The data folder
    #[arg(long, env = "FOURCAST_DATA", default_value = "./data")]
    data: PathBuf,
    /// A new or empty folder for the copy
    #[arg(long)]
    to: PathBuf,
    /// Leave the key of the secrets out; keep secret.key somewhere else then
    #[arg(long)]
    without_key: bool,
}

/// Put a copy back into a new data folder; its server sends nothing until you release it
#[derive(Debug, Args)]
pub struct Restore {
    /// The folder of the copy
    #[arg(long)]
    from: PathBuf,
    /// A new or empty data folder
    #[arg(long, env = "FOURCAST_DATA", default_value = "./data")]
    data: PathBuf,
}

/// Whether this database may be a copy, and what it may have sent.
#[derive(Debug, Args)]
pub struct Fence {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// What to look at before anything is sent (the usual)
    Show,
    /// Go on from this copy
    Release {
        /// What becomes of campaigns whose moment has passed
        #[arg(long, value_enum, default_value_t = Overdue::Hold)]
        overdue: Overdue,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Overdue {
    /// They become drafts again: send what has not gone out
    Hold,
    /// They go out now
    Send,
}

#[derive(Debug, Serialize)]
struct Written {
    folder: PathBuf,
    bytes: u64,
    with_key: bool,
}

#[derive(Debug, Serialize)]
struct PutBack {
    data: PathBuf,
    fenced: bool,
}

pub(super) async fn backup(noun: Backup, out: Out) -> Result<(), Error> {
    let bytes = store::backup::write(&noun.data, &noun.to, noun.without_key)
        .await
        .map_err(Error::failed(format!("back {} up", noun.data.display())))?;
    let written = Written { folder: noun.to, bytes, with_key: !noun.without_key };
    out.show(&written, |written| {
        let key = if written.with_key {
            "the key of the secrets is with it: keep it as you keep a password"
        } else {
            "without secret.key: it cannot be read unless you have that file elsewhere"
        };
        format!("{} MB in {}; {key}", grouped(written.bytes >> 20), written.folder.display())
    })
}

pub(super) async fn restore(noun: Restore, out: Out) -> Result<(), Error> {
    store::backup::restore(&noun.from, &noun.data)
        .await
        .map_err(Error::failed(format!("put {} back", noun.from.display())))?;
    out.show(&PutBack { data: noun.data, fenced: true }, |back| {
        format!(
            "{} is ready and fenced: `fourcast serve` on it sends nothing until you have looked \
             (`fourcast fence`) and released it (`fourcast fence release`)",
            back.data.display()
        )
    })
}

pub(super) async fn fence(noun: Fence, out: Out) -> Result<(), Error> {
    let rest = noun.talk.rest()?;
    let view: FenceView = match noun.verb {
        None | Some(Verb::Show) => rest.get("/api/v1/fence").await?,
        Some(Verb::Release { overdue }) => {
            let overdue = match overdue {
                Overdue::Hold => OverdueWish::Hold,
                Overdue::Send => OverdueWish::Send,
            };
            rest.post("/api/v1/fence/release", &FenceRelease { overdue }).await?
        }
    };
    out.show(&view, text)
}

fn text(view: &FenceView) -> String {
    if !view.fenced {
        return "not fenced: campaigns go out as they are scheduled".to_owned();
    }
    let mut text = format!("FENCED: {}\n{}\n", view.sentence, view.sentence_zh);
    for account in &view.accounts {
        let calls = &account.mass_calls;
        let platform = match (&calls.platform, &calls.trouble) {
            (Some(count), _) => format!("the platform counts {count}"),
            (None, Some(trouble)) => format!("the platform could not be asked: {trouble}"),
            (None, None) => "the platform told no count".to_owned(),
        };
        text.push_str(&format!(
            "\n{} {}\n  mass calls today: {} of ours, {platform}\n  sends by others this month: {}\n",
            account.account, account.name, calls.ours, account.sent_elsewhere
        ));
        let mut table = Table::new(&["what", "", "state", ">people", "key"]);
        for campaign in &account.overdue {
            let at = format!("due {}", campaign.starts_at);
            table.row([format!("campaign {}", campaign.campaign), campaign.key.clone(), at]);
        }
        for batch in &account.open {
            table.row([
                format!("batch {}", batch.id),
                batch.kind.clone(),
                batch.state.clone(),
                grouped(batch.recipients),
                batch.clientmsgid.clone().unwrap_or_default(),
            ]);
        }
        if !(account.overdue.is_empty() && account.open.is_empty()) {
            text.push_str(&table.text());
        }
    }
    text
}
