//! `fourcast followers …`

use std::time::Duration;

use clap::{Args, Subcommand};
use delivery::view::{FollowerPatch, FollowerView, PatchedView, PersonExport, SyncView};
use wire::OpenId;

use super::table::{Table, grouped, yuan};
use super::{Out, Talk, moment, sheet};
use crate::Error;
use crate::progress::Progress;
use crate::rest::Rest;

/// Followers.
#[derive(Debug, Args)]
pub struct Followers {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Fetch all followers, their tags and details from the platform
    Sync {
        /// Come back at once; the server goes on by itself
        #[arg(long)]
        no_wait: bool,
    },
    /// Everything kept of one person, as JSON
    Export {
        /// Whom
        openid: OpenId,
    },
    /// Forget one person for good; what was sent stays counted
    Erase {
        /// Whom
        openid: OpenId,
        /// Do it; without this nothing happens
        #[arg(long)]
        yes: bool,
    },
    /// Enter by what the shop knows one follower
    Link {
        /// Whom
        openid: OpenId,
        /// The shop's own number
        #[arg(long)]
        customer_id: Option<String>,
        /// A telephone number
        #[arg(long)]
        phone: Option<String>,
    },
    /// One follower: slots, history, orders, tags
    Show {
        /// Whom
        openid: OpenId,
    },
}

pub(super) async fn run(noun: Followers, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    match noun.verb {
        Verb::Sync { no_wait } => {
            let path = format!("{path}/sync");
            let mut view: SyncView = rest.post(&path, &()).await?;
            if !no_wait {
                view = watch(&rest, &path, view).await?;
            }
            if view.state == "failed" {
                return Err(Error::asked(
                    format!(
                        "The synchronisation stopped: {}",
                        view.error.unwrap_or_else(|| "no cause is known.".into())
                    ),
                    "what was fetched is kept; `fourcast followers sync` goes on from there",
                ));
            }
            out.show(&view, sync_text)
        }
        Verb::Export { openid } => {
            let view: PersonExport = rest.get(&format!("{path}/followers/{openid}/export")).await?;
            // The whole of it is data, for people too.
            Out { json: true }.show(&view, |_| String::new())
        }
        Verb::Erase { openid, yes } => {
            if !yes {
                return Err(Error::asked(
                    "This cannot be undone.",
                    "export them first, then repeat the command with --yes",
                ));
            }
            rest.delete(&format!("{path}/followers/{openid}")).await?;
            let told = serde_json::json!({ "erased": true });
            out.show(&told, |_| "nothing of them is kept".to_owned())
        }
        Verb::Link { openid, customer_id, phone } => {
            let patch = FollowerPatch { customer_id, phone, ..FollowerPatch::default() };
            let path = format!("{path}/followers/{openid}");
            let view: PatchedView = rest.patch(&path, &patch).await?;
            out.show(&view, |view| sheet(&[("orders and events found", grouped(view.linked))]))
        }
        Verb::Show { openid } => {
            let view: FollowerView = rest.get(&format!("{path}/followers/{openid}")).await?;
            out.show(&view, follower_text)
        }
    }
}

async fn watch(rest: &Rest, path: &str, mut view: SyncView) -> Result<SyncView, Error> {
    let progress = Progress::counting("followers");
    while matches!(view.state.as_str(), "none" | "listing" | "detailing") {
        let (what, done) = sync_progress(&view);
        progress.show(what, done, view.listed);
        tokio::time::sleep(Duration::from_millis(200)).await;
        view = rest.get(path).await?;
    }
    progress.end();
    Ok(view)
}

/// What a running pass is doing, and how far it is.
pub(crate) fn sync_progress(view: &SyncView) -> (&'static str, u64) {
    match view.state.as_str() {
        "detailing" => ("details and tags", view.detailed),
        "done" => ("details and tags", view.listed),
        _ => ("list of followers", view.listed),
    }
}

fn sync_text(view: &SyncView) -> String {
    sheet(&[
        ("pass", view.pass.to_string()),
        ("state", view.state.clone()),
        ("listed", grouped(view.listed)),
        ("detailed", grouped(view.detailed)),
        ("started", moment(view.started_at)),
        ("finished", moment(view.finished_at)),
    ])
}

fn follower_text(view: &FollowerView) -> String {
    let attributes: Vec<String> = view
        .attributes
        .iter()
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{name}={text}"),
            None => format!("{name}={value}"),
        })
        .collect();
    let mut text = sheet(&[
        ("follower", format!("{} (number {})", view.openid, view.ordinal)),
        ("follows", if view.following { "yes".into() } else { "no".into() }),
        ("since", moment(view.subscribed_at)),
        ("left", moment(view.left_at)),
        ("tags", view.tags.join(", ")),
        ("own tags", view.own_tags.join(", ")),
        ("attributes", attributes.join(", ")),
        (
            "orders",
            format!(
                "{}, {} in all, last {}",
                view.orders.count,
                yuan(view.orders.amount_cents),
                moment(view.orders.last_at)
            ),
        ),
        ("slots", format!("{} in {}", super::slots::words(&view.slots), view.month)),
    ]);
    if !view.history.is_empty() {
        let mut table = Table::new(&["when", "campaign", "outcome", ""]);
        for line in &view.history {
            table.row([
                line.at.to_string(),
                line.campaign.clone().unwrap_or_else(|| "(elsewhere)".into()),
                line.outcome.clone(),
                line.sentence.clone(),
            ]);
        }
        text.push('\n');
        text.push_str(&table.text());
    }
    text
}
