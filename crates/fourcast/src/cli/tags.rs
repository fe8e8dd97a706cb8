//! `fourcast tags …`: the platform's tags.

use clap::{Args, Subcommand};
use delivery::view::{TagName, TagView, TaggingView, TaggingWish};

use super::table::{Table, grouped};
use super::{Out, Talk, moment};
use crate::Error;

/// Platform tags.
#[derive(Debug, Args)]
pub struct Tags {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Args)]
struct People {
    /// The tag's number
    tag: i64,
    /// OpenIDs
    openids: Vec<String>,
    /// Everybody of this segment
    #[arg(long)]
    segment: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// The tags as last listed
    List,
    /// List them anew, from the platform
    Refresh,
    /// Make one
    Create {
        /// At most 30 bytes
        name: String,
    },
    /// Rename one
    Rename {
        /// Its number
        tag: i64,
        /// At most 30 bytes
        name: String,
    },
    /// Delete one and take it from everybody
    Delete {
        /// Its number
        tag: i64,
    },
    /// Give one to people, 50 a call, in the background
    Give(People),
    /// Take one from people, 50 a call, in the background
    Take(People),
    /// What is given and taken, and how far it is
    Taggings,
}

pub(super) async fn run(noun: Tags, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    match noun.verb {
        Verb::List => {
            let view: Vec<TagView> = rest.get(&format!("{path}/tags")).await?;
            out.show(&view, tags)
        }
        Verb::Refresh => {
            let view: Vec<TagView> = rest.post(&format!("{path}/tags/refresh"), &()).await?;
            out.show(&view, tags)
        }
        Verb::Create { name } => {
            let view: TagView = rest.post(&format!("{path}/tags"), &TagName { name }).await?;
            out.show(&vec![view], tags)
        }
        Verb::Rename { tag, name } => {
            let path = format!("{path}/tags/{tag}");
            let view: TagView = rest.patch(&path, &TagName { name }).await?;
            out.show(&vec![view], tags)
        }
        Verb::Delete { tag } => {
            rest.delete(&format!("{path}/tags/{tag}")).await?;
            let told = serde_json::json!({ "removed": tag });
            out.show(&told, |_| format!("tag {tag} is gone"))
        }
        Verb::Give(people) => ask(&rest, &path, people, false, out).await,
        Verb::Take(people) => ask(&rest, &path, people, true, out).await,
        Verb::Taggings => {
            let view: Vec<TaggingView> = rest.get(&format!("{path}/taggings")).await?;
            out.show(&view, taggings)
        }
    }
}

async fn ask(
    rest: &crate::rest::Rest,
    path: &str,
    people: People,
    remove: bool,
    out: Out,
) -> Result<(), Error> {
    let wish = TaggingWish { segment: people.segment, openids: people.openids, remove };
    let path = format!("{path}/tags/{}/members", people.tag);
    let view: TaggingView = rest.post(&path, &wish).await?;
    out.show(&vec![view], taggings)
}

fn tags(view: &Vec<TagView>) -> String {
    let mut table = Table::new(&[">number", "name", ">people", ">platform counts"]);
    for tag in view {
        let counted = grouped(u64::try_from(tag.platform_people).unwrap_or_default());
        table.row([tag.id.to_string(), tag.name.clone(), grouped(tag.people), counted]);
    }
    table.text()
}

fn taggings(view: &Vec<TaggingView>) -> String {
    let mut table = Table::new(&[
        ">number",
        ">tag",
        "what",
        ">people",
        ">told",
        ">left out",
        "state",
        "ended",
        "",
    ]);
    for one in view {
        table.row([
            one.id.to_string(),
            one.tag.to_string(),
            if one.remove { "take".into() } else { "give".into() },
            grouped(one.people),
            grouped(one.done),
            grouped(one.skipped),
            one.state.clone(),
            moment(one.finished_at),
            one.error.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}
