//! `fourcast events …`, `fourcast orders …`, `fourcast consents …`: facts told one at a time, or from a JSON file as the
//! interface takes it.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use delivery::view::{
    ConsentAnswer, FactConsent, FactConsents, FactEvent, FactEvents, FactOrder, FactOrders,
    IntakeView, Who,
};
use serde::de::DeserializeOwned;
use wire::Timestamp;

use super::table::grouped;
use super::{Out, Talk, sheet};
use crate::Error;

/// Events.
#[derive(Debug, Args)]
pub struct Events {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: EventVerb,
}

/// Orders.
#[derive(Debug, Args)]
pub struct Orders {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: OrderVerb,
}

/// Consents to subscription notices.
#[derive(Debug, Args)]
pub struct Consents {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: ConsentVerb,
}

/// Somebody, by one name.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Person {
    /// By OpenID
    #[arg(long)]
    openid: Option<String>,
    /// By UnionID
    #[arg(long)]
    unionid: Option<String>,
    /// By telephone number
    #[arg(long)]
    phone: Option<String>,
    /// By the shop's own number
    #[arg(long)]
    customer_id: Option<String>,
}

impl Person {
    /// The name given; clap has seen to it that there is one.
    pub(super) fn who(self) -> Result<Who, Error> {
        let names = [
            self.openid.map(Who::OpenId),
            self.unionid.map(Who::UnionId),
            self.phone.map(Who::Phone),
            self.customer_id.map(Who::CustomerId),
        ];
        names.into_iter().flatten().next().ok_or_else(|| {
            Error::asked("Nobody is named.", "name somebody, such as --customer-id C0001")
        })
    }
}

#[derive(Debug, Subcommand)]
enum EventVerb {
    /// Tell one event
    Add {
        /// Your own key of it: telling it again tells it once
        name: String,
        /// What they did, such as visit
        kind: String,
        #[command(flatten)]
        person: Person,
        /// On what, such as a page
        #[arg(long, default_value = "")]
        on: String,
        /// When, such as 2026-03-01T10:00:00+08:00
        #[arg(long)]
        at: Timestamp,
        /// A whole number that belongs to it
        #[arg(long)]
        value: Option<i64>,
    },
    /// Tell those of a JSON file: {"events": […]}
    Send {
        /// The file
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum OrderVerb {
    /// Tell one order, or what of it was paid back
    Add {
        /// The shop's own number
        name: String,
        /// What it came to, in cents
        amount_cents: i64,
        #[command(flatten)]
        person: Person,
        /// When, such as 2026-03-01T10:00:00+08:00
        #[arg(long)]
        at: Timestamp,
        /// How many pieces
        #[arg(long, default_value_t = 1)]
        items: i64,
        /// What of it was paid back so far, in cents
        #[arg(long, default_value_t = 0)]
        refunded_cents: i64,
    },
    /// Tell those of a JSON file: {"orders": […]}
    Send {
        /// The file
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum ConsentVerb {
    /// Tell one consent that a page of yours heard of
    Add {
        /// Your own key of it: telling it again tells it once
        name: String,
        /// The template's id
        template: String,
        #[command(flatten)]
        person: Person,
        /// What they said
        #[arg(long, value_enum, default_value = "accept")]
        answer: Answer,
        /// The template is a long-term one: accepting it is any number of messages
        #[arg(long)]
        long_term: bool,
        /// When, such as 2026-03-01T10:00:00+08:00
        #[arg(long)]
        at: Timestamp,
    },
    /// Tell those of a JSON file: {"consents": […]}
    Send {
        /// The file
        file: PathBuf,
    },
}

/// What somebody says to a subscription notice.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Answer {
    /// One message, or any number with --long-term
    Accept,
    /// None now; what was given before stays
    Reject,
    /// None any more; nothing given before is left
    Withdraw,
}

pub(super) async fn consents(noun: Consents, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    let told = match noun.verb {
        ConsentVerb::Add { name, template, person, answer, long_term, at } => {
            let who = person.who()?;
            let answer = match answer {
                Answer::Accept => ConsentAnswer::Accept,
                Answer::Reject => ConsentAnswer::Reject,
                Answer::Withdraw => ConsentAnswer::Withdraw,
            };
            let told = FactConsent { key: name, who, template, answer, long_term, at };
            FactConsents { consents: vec![told] }
        }
        ConsentVerb::Send { file } => read(&file)?,
    };
    let view: IntakeView = rest.post(&format!("{path}/consents"), &told).await?;
    out.show(&view, text)
}

pub(super) async fn events(noun: Events, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    let told = match noun.verb {
        EventVerb::Add { name, kind, person, on, at, value } => {
            let who = person.who()?;
            FactEvents { events: vec![FactEvent { key: name, who, kind, on, at, value }] }
        }
        EventVerb::Send { file } => read(&file)?,
    };
    let view: IntakeView = rest.post(&format!("{path}/events"), &told).await?;
    out.show(&view, text)
}

pub(super) async fn orders(noun: Orders, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    let told = match noun.verb {
        OrderVerb::Add { name, amount_cents, person, at, items, refunded_cents } => {
            let who = person.who()?;
            let (items, lines) = (Some(items), Vec::new());
            let order =
                FactOrder { key: name, who, at, amount_cents, items, refunded_cents, lines };
            FactOrders { orders: vec![order] }
        }
        OrderVerb::Send { file } => read(&file)?,
    };
    let view: IntakeView = rest.post(&format!("{path}/orders"), &told).await?;
    out.show(&view, text)
}

pub(super) fn read<T: DeserializeOwned>(file: &Path) -> Result<T, Error> {
    let failed = || Error::failed(format!("read {}", file.display()));
    let text = std::fs::read_to_string(file).map_err(failed())?;
    serde_json::from_str(&text).map_err(Error::failed(format!("read {}", file.display())))
}

fn text(view: &IntakeView) -> String {
    sheet(&[
        ("told", grouped(view.told)),
        ("new", grouped(view.new)),
        ("known before", grouped(view.duplicates)),
        ("of known followers", grouped(view.linked)),
        ("waiting", grouped(view.waiting)),
        ("more paid back", grouped(view.refunded)),
        ("lines of orders", grouped(view.lines)),
    ])
}
