//! `fourcast campaigns …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use delivery::view::{
    BatchView, CampaignArticle, CampaignMessage, CampaignView, Decision, DecisionWish,
    ForecastView, ForeignSend, NewCampaign, ReportView, SendWish, WayWish,
};
use wire::Timestamp;

use super::table::{Table, grouped};
use super::{Out, Talk, moment, sheet};
use crate::Error;
use crate::rest::Rest;

/// Campaigns.
#[derive(Debug, Args)]
pub struct Campaigns {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a campaign; nothing is sent yet
    Create(Create),
    /// Every campaign
    List,
    /// One campaign
    Show(Which),
    /// Who will receive it, who will not, and why
    Forecast(Which),
    /// Send it
    Send {
        #[command(flatten)]
        which: Which,
        /// When, such as 2026-03-02T10:00:00+08:00; now when absent
        #[arg(long)]
        at: Option<Timestamp>,
    },
    /// Where its sending stands, call by call
    Status(Which),
    /// What became of it, beside the forecast
    Report(Which),
    /// Stop what has not been sent
    Cancel(Which),
    /// Say what became of a call that the server cannot settle by itself
    Decide {
        /// The batch, by the number `status` shows
        batch: i64,
        /// What became of it
        #[arg(value_enum)]
        decision: Word,
    },
    /// Tell a mass message of which the server knows nothing, such as one sent on the website
    Declare {
        /// When it was sent, such as 2026-03-02T10:00:00+08:00
        #[arg(long)]
        at: Timestamp,
    },
}

#[derive(Debug, Args)]
struct Which {
    /// The campaign, by key or number
    campaign: String,
}

#[derive(Debug, Args)]
struct Create {
    /// Your own key for it: making it twice makes it once
    campaign: String,
    /// Name shown to operators
    #[arg(long)]
    name: String,
    /// Whom, such as 'tag "油性皮肤"'
    #[arg(long)]
    segment: String,
    /// What is said, as text
    #[arg(long, conflicts_with = "articles", required_unless_present = "articles")]
    text: Option<String>,
    /// What is said, as a JSON file of 1 to 8 articles
    #[arg(long)]
    articles: Option<PathBuf>,
    /// Send by lists of OpenIDs only, never by tag or to everybody
    #[arg(long)]
    lists: bool,
    /// Leave out people whose slots are not exactly known
    #[arg(long)]
    only_certain: bool,
    /// Which kind of campaign it is, in a word of your own such as promotion: `estimates` learns
    /// kind by kind
    #[arg(long)]
    kind: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Word {
    /// It went out.
    Sent,
    /// It did not.
    NotSent,
}

pub(super) async fn run(noun: Campaigns, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    match noun.verb {
        Verb::Create(create) => {
            let wish = wish(create)?;
            let view: CampaignView = rest.post(&format!("{path}/campaigns"), &wish).await?;
            out.show(&view, campaign)
        }
        Verb::List => {
            let all: Vec<CampaignView> = rest.get(&format!("{path}/campaigns")).await?;
            out.show(&all, |all| list(all))
        }
        Verb::Show(which) => {
            let view: CampaignView = rest.get(&which.path(&rest, &path).await?).await?;
            out.show(&view, campaign)
        }
        Verb::Forecast(which) => {
            let path = which.path(&rest, &path).await?;
            let view: ForecastView = rest.post(&format!("{path}/forecast"), &()).await?;
            out.show(&view, forecast)
        }
        Verb::Send { which, at } => {
            let path = which.path(&rest, &path).await?;
            let view: CampaignView = rest.post(&format!("{path}/send"), &SendWish { at }).await?;
            out.show(&view, campaign)
        }
        Verb::Status(which) => {
            let path = which.path(&rest, &path).await?;
            let view: ReportView = rest.get(&format!("{path}/report")).await?;
            out.show(&view, status)
        }
        Verb::Report(which) => {
            let path = which.path(&rest, &path).await?;
            let view: ReportView = rest.get(&format!("{path}/report")).await?;
            out.show(&view, report)
        }
        Verb::Cancel(which) => {
            let path = which.path(&rest, &path).await?;
            let view: CampaignView = rest.post(&format!("{path}/cancel"), &()).await?;
            out.show(&view, campaign)
        }
        Verb::Decide { batch, decision } => {
            let decision = match decision {
                Word::Sent => Decision::Sent,
                Word::NotSent => Decision::NotSent,
            };
            let path = format!("{path}/batches/{batch}/decide");
            let view: BatchView = rest.post(&path, &DecisionWish { decision }).await?;
            out.show(&view, |view| batches(std::slice::from_ref(view)))
        }
        Verb::Declare { at } => {
            let path = format!("{path}/foreign-sends");
            let view: BatchView = rest.post(&path, &ForeignSend { at }).await?;
            out.show(&view, |view| batches(std::slice::from_ref(view)))
        }
    }
}

impl Which {
    async fn path(&self, rest: &Rest, account: &str) -> Result<String, Error> {
        let all: Vec<CampaignView> = rest.get(&format!("{account}/campaigns")).await?;
        all.iter()
            .find(|campaign| campaign.key == self.campaign)
            .or_else(|| all.iter().find(|campaign| campaign.id.to_string() == self.campaign))
            .map(|campaign| format!("{account}/campaigns/{}", campaign.id))
            .ok_or_else(|| {
                Error::asked(
                    format!("No campaign has the key or number {:?}.", self.campaign),
                    "`fourcast campaigns list` shows them all",
                )
            })
    }
}

fn wish(create: Create) -> Result<NewCampaign, Error> {
    let message = match (create.text, create.articles) {
        (Some(content), _) => CampaignMessage::Text { content },
        (None, Some(file)) => {
            let failed = format!("read {}", file.display());
            let text = std::fs::read_to_string(&file).map_err(Error::failed(failed.clone()))?;
            let articles: Vec<CampaignArticle> =
                serde_json::from_str(&text).map_err(Error::failed(failed))?;
            CampaignMessage::Articles { articles }
        }
        (None, None) => {
            return Err(Error::asked("The campaign says nothing.", "give --text or --articles"));
        }
    };
    Ok(NewCampaign {
        key: create.campaign,
        name: create.name,
        segment: create.segment,
        message,
        way: if create.lists { WayWish::Lists } else { WayWish::Auto },
        include_possible: !create.only_certain,
        kind: create.kind,
    })
}

fn list(all: &[CampaignView]) -> String {
    let mut table = Table::new(&[">id", "key", "name", "state", "starts", "note"]);
    for view in all {
        table.row([
            view.id.to_string(),
            view.key.clone(),
            view.name.clone(),
            view.state.clone(),
            moment(view.starts_at),
            view.note.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}

fn campaign(view: &CampaignView) -> String {
    let mut lines = vec![
        ("campaign", format!("{} ({})", view.key, view.id)),
        ("name", view.name.clone()),
        ("segment", view.segment.clone()),
        ("state", view.state.clone()),
        ("starts", moment(view.starts_at)),
        ("audience frozen", moment(view.frozen_at)),
    ];
    if let Some(note) = &view.note {
        lines.push(("note", note.clone()));
    }
    sheet(&lines)
}

fn forecast(view: &ForecastView) -> String {
    let mut lines = vec![
        ("as of", view.as_of.to_string()),
        ("segment 人群", grouped(view.segment)),
        ("will receive 能收到", grouped(view.certain)),
        ("may receive 可能收到", grouped(view.possible)),
    ];
    for reason in &view.reasons {
        lines.push(("will not 收不到", format!("{}  {}", grouped(reason.people), reason.sentence)));
    }
    let left =
        view.calls_left_today.map_or_else(|| "no limit".into(), |n| format!("{n} left today"));
    lines.push(("calls", format!("{} by {} ({left})", view.calls, view.way)));
    lines.push((
        "saved",
        format!("{} messages that would reach nobody", grouped(view.wasted_by_ignoring_the_cap)),
    ));
    sheet(&lines)
}

fn status(view: &ReportView) -> String {
    format!(
        "{}{} of {} calls open\n\n{}",
        campaign(&view.campaign),
        view.open_batches,
        view.batches.len(),
        batches(&view.batches)
    )
}

fn report(view: &ReportView) -> String {
    let verdict = match view.as_forecast {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not yet known",
    };
    let mut text = campaign(&view.campaign);
    if let Some(of) = &view.forecast {
        text.push('\n');
        text.push_str(&forecast(of));
    }
    text.push('\n');
    text.push_str(&sheet(&[
        ("delivered 送达", grouped(view.delivered)),
        ("calls still open", view.open_batches.to_string()),
        ("as forecast 与预报相符", verdict.into()),
    ]));
    text.push('\n');
    text.push_str(&batches(&view.batches));
    text
}

fn batches(all: &[BatchView]) -> String {
    let mut table = Table::new(&[
        ">batch",
        "kind",
        "state",
        ">people",
        ">sent",
        ">filtered",
        ">errors",
        "job",
        "remark",
    ]);
    for batch in all {
        let count = |of: fn(&delivery::view::CountsView) -> i64| {
            batch.counts.as_ref().map(|counts| of(counts).to_string()).unwrap_or_default()
        };
        table.row([
            batch.id.to_string(),
            batch.kind.clone(),
            batch.state.clone(),
            grouped(batch.recipients),
            count(|counts| counts.sent),
            count(|counts| counts.total - counts.filtered),
            count(|counts| counts.errors),
            batch.msg_id.map(|id| id.to_string()).unwrap_or_default(),
            batch.sentence.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}
