//! `fourcast sandbox <noun> …`: steers a running sandbox through its control interface.

use std::fmt::Write as _;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::{Map, Value, json};
use wire::{Month, Timestamp};

use super::{operations, refusal, shown};
use crate::Error;
use crate::cli::{Out, accounts};
use crate::rest::{self, Rest, segment};

/// Where the sandbox is, and which of its accounts is meant.
#[derive(Debug, Clone, Args)]
pub(super) struct Place {
    /// Address of the running sandbox
    #[arg(
        long,
        value_name = "URL",
        global = true,
        env = "FOURCAST_SANDBOX",
        default_value = "http://127.0.0.1:7150"
    )]
    at: String,
    /// The account, by AppID; needed when there are several
    #[arg(long, global = true)]
    appid: Option<String>,
}

impl Place {
    /// This account of the sandbox there.
    pub(super) fn new(at: String, appid: Option<String>) -> Self {
        Self { at, appid }
    }

    /// Speaks to it.
    pub(super) fn rest(&self) -> Result<Rest, Error> {
        Ok(Rest::new(&self.at, None)?)
    }

    /// The account meant: the one named, or the only one.
    pub(super) async fn appid(&self, rest: &Rest) -> Result<String, Error> {
        if let Some(appid) = &self.appid {
            return Ok(appid.clone());
        }
        let all: Vec<Value> = rest.get("/sandbox/accounts").await?;
        let mut appids = all.iter().filter_map(|account| account["appid"].as_str());
        match (appids.next(), appids.next()) {
            (Some(only), None) => Ok(only.to_owned()),
            (None, _) => Err(Error::asked(
                "the sandbox has no account",
                "add one with `fourcast sandbox accounts add`",
            )),
            _ => {
                let several = format!("the sandbox has {} accounts", all.len());
                let hint = "name one with --appid; `fourcast sandbox accounts list`";
                Err(Error::asked(several, hint))
            }
        }
    }

    /// The path of the account, followed by `path`.
    async fn account(&self, rest: &Rest, path: &str) -> Result<String, Error> {
        let appid = self.appid(rest).await?;
        Ok(format!("/sandbox/accounts/{}/{path}", segment(&appid)))
    }
}

/// What can be steered.
#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum Noun {
    /// The sandbox's accounts
    Accounts(Of<Accounts>),
    /// Its people, and what they do
    Followers(Of<Followers>),
    /// Its clock
    Clock(Of<Clock>),
    /// What goes wrong on purpose
    Faults(Of<Faults>),
    /// How many mass messages each person received in a month
    Truth(Reads<InMonth>),
    /// Mass jobs, and who received them
    Jobs(Of<Jobs>),
    /// Calls of the platform, newest first
    Calls(Reads<Calls>),
    /// Attempts to push callbacks, newest first
    Callbacks(Reads<Newest>),
    /// Worlds kept by name
    Snapshots(Of<Snapshots>),
    /// Make the world anew as it was at the start
    Reset(Reads<Nothing>),
    /// Press 群发 on the website
    WebsiteSend(Reads<WebsiteSend>),
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Of<V: Subcommand> {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    verb: V,
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Reads<O: Args> {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    options: O,
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Nothing {}

#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum Accounts {
    /// All of them
    List,
    /// Add one
    Add(NewAccount),
}

#[derive(Debug, Clone, Args, Serialize)]
pub(in crate::cli) struct NewAccount {
    /// People who follow at the start
    #[arg(long, default_value_t = 10_000)]
    followers: u32,
    /// Everything about the people is drawn from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Its name; made up when left out
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// service (服务号) or subscription (订阅号)
    #[arg(long, default_value = "service", value_parser = accounts::kind)]
    kind: wire::rules::AccountKind,
    /// Followers who switched the account's messages off, of a thousand
    #[arg(long = "refusing", default_value_t = 0)]
    refusing_per_mille: u32,
}

#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum Followers {
    /// A page of everybody who ever followed
    List {
        /// How many to leave out first
        #[arg(long, default_value_t = 0)]
        offset: u32,
        /// How many at most
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// One person and all they received
    Show {
        /// Whom
        openid: String,
    },
    /// Somebody new follows
    Arrive {
        /// By scanning the code of this ticket
        #[arg(long)]
        ticket: Option<String>,
    },
    /// A person does something: follow, leave, refuse, accept, write, click, scan, choose, pay
    Act(PersonAct),
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct PersonAct {
    /// Who
    openid: String,
    /// What they do
    act: String,
    /// write: the words
    #[arg(long)]
    content: Option<String>,
    /// click: the menu entry's key
    #[arg(long)]
    entry: Option<String>,
    /// scan: the code's ticket
    #[arg(long)]
    ticket: Option<String>,
    /// choose: the entry of a menu sent to them
    #[arg(long)]
    id: Option<String>,
}

#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum Clock {
    /// What it shows, and what is due next
    Show,
    /// Move it: by 90s, 5m, 2h, 3d, or to a moment such as 2026-03-02T20:00
    Advance {
        /// How far, or where to
        by: Move,
    },
    /// Let time pass in another way
    Mode {
        /// manual (stands until moved), running, or real (the machine's own)
        mode: Mode,
        /// running: seconds in each second
        #[arg(long)]
        factor: Option<u32>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum Mode {
    Manual,
    Running,
    Real,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Running => "running",
            Self::Real => "real",
        }
    }
}

/// How a clock is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Move {
    By(i64),
    To(Timestamp),
}

impl std::str::FromStr for Move {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = |letter: char| match letter {
            's' => Some(1),
            'm' => Some(60),
            'h' => Some(3_600),
            'd' => Some(86_400),
            _ => None,
        };
        let by = text.chars().last().and_then(unit).and_then(|seconds| {
            let number = text.get(..text.len() - 1)?.parse::<u32>().ok()?;
            i64::from(number).checked_mul(seconds)
        });
        match by {
            Some(by) => Ok(Self::By(by)),
            None => text.parse().map(Self::To).map_err(|_| {
                format!("{text:?} is neither a span such as 90s, 5m, 2h or 3d nor a moment")
            }),
        }
    }
}

#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum Faults {
    /// Those that still wait, and what chance may do
    List,
    /// Lay one out
    Add(NewFault),
    /// Let chance strike
    Random(Chance),
    /// Those that struck, newest first
    Struck(Newest),
    /// Clear all, chance's too
    Clear,
}

#[derive(Debug, Clone, Args, Serialize)]
struct Strength {
    /// slow, time_out_before, time_out_after: real milliseconds
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    /// callback_late, callback_out_of_order: seconds of the sandbox's clock
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<i64>,
    /// finish_status: such as err(20431); publish_refused, publish_status: a number
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// counts_off: by how many people
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// refused: the errcode, such as 43104
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
}

#[derive(Debug, Clone, Args, Serialize)]
pub(in crate::cli) struct NewFault {
    /// How it strikes: system_error, day_quota, lost_answer, half_answer, callback_late, …
    kind: String,
    /// A path, callback, job, publication, or * for any
    #[arg(long, default_value = "*")]
    endpoint: String,
    /// How often
    #[arg(long, default_value_t = 1)]
    times: u64,
    /// How many it lets pass before
    #[arg(long, default_value_t = 0)]
    after: u64,
    #[command(flatten)]
    #[serde(flatten)]
    strength: Strength,
}

#[derive(Debug, Clone, Args, Serialize)]
pub(in crate::cli) struct Chance {
    /// Everything is drawn from this number
    #[arg(long)]
    seed: u64,
    /// How many of a thousand are struck
    #[arg(long)]
    per_mille: u32,
    /// How they are struck; may be given several times
    #[arg(long = "kind", required = true)]
    kinds: Vec<String>,
    /// A path, callback, job or publication; all when left out, may be given several times
    #[arg(long = "endpoint")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    endpoints: Vec<String>,
    /// The first moment at which nothing is struck any more
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// Most strikes in all
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    #[command(flatten)]
    #[serde(flatten)]
    strength: Strength,
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct InMonth {
    /// Which; this month when left out
    #[arg(long)]
    month: Option<Month>,
}

#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum Jobs {
    /// All of them, oldest first
    List,
    /// Who received one
    Received {
        /// Its number
        msg_id: i64,
    },
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Newest {
    /// How many
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Calls {
    #[command(flatten)]
    newest: Newest,
    /// How many calls of each path there were instead
    #[arg(long)]
    counts: bool,
}

#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum Snapshots {
    /// All of them
    List,
    /// Keep the world as it is now
    Take {
        /// Under which name
        name: String,
    },
    /// Go back to one; it stays
    Restore {
        /// Which
        name: String,
    },
    /// Forget one
    Delete {
        /// Which
        name: String,
    },
}

#[derive(Debug, Clone, Args, Serialize)]
pub(in crate::cli) struct WebsiteSend {
    /// Its title
    #[arg(long, default_value = "")]
    title: String,
    /// Its words
    content: String,
}

/// Options that are called otherwise than the fields they fill.
const RENAMED: &[(&str, &str)] = &[
    ("refusing_per_mille", "--refusing"),
    ("kinds", "--kind"),
    ("endpoints", "--endpoint"),
    ("endpoint", "--endpoint"),
    ("per_mille", "--per-mille"),
    ("until", "--until"),
    ("times", "--times"),
    ("followers", "--followers"),
    ("factor", "--factor"),
    ("name", "--name"),
];

/// Does what was asked and shows what the sandbox answered.
pub(in crate::cli) async fn run(noun: &Noun, out: Out) -> Result<(), Error> {
    carry_out(noun, out).await.map_err(|error| {
        let own = |(field, option): &(&str, &str)| ((*field).to_owned(), (*option).to_owned());
        let names: Vec<_> = RENAMED.iter().map(own).collect();
        refusal::told_of(error, &names)
    })
}

async fn carry_out(noun: &Noun, out: Out) -> Result<(), Error> {
    match noun {
        Noun::Accounts(of) => accounts(of, out).await,
        Noun::Followers(of) => followers(of, out).await,
        Noun::Clock(of) => clock(of, out).await,
        Noun::Faults(of) => faults(of, out).await,
        Noun::Truth(of) => truth(of, out).await,
        Noun::Jobs(of) => jobs(of, out).await,
        Noun::Calls(of) => calls(of, out).await,
        Noun::Callbacks(of) => {
            let rest = of.place.rest()?;
            let path = format!("callbacks?limit={}", of.options.limit);
            let all: Value = rest.get(&of.place.account(&rest, &path).await?).await?;
            out.show(&all, |all| shown::table(all, shown::CALLBACKS))
        }
        Noun::Snapshots(of) => snapshots(of, out).await,
        Noun::Reset(of) => {
            let clock: Value = of.place.rest()?.post("/sandbox/reset", &json!({})).await?;
            out.show(&clock, shown::sheet)
        }
        Noun::WebsiteSend(of) => {
            let rest = of.place.rest()?;
            let path = of.place.account(&rest, "website-sends").await?;
            let sent: Value = rest.post(&path, &of.options).await?;
            out.show(&sent, shown::sheet)
        }
    }
}

async fn accounts(of: &Of<Accounts>, out: Out) -> Result<(), Error> {
    let rest = of.place.rest()?;
    match &of.verb {
        Accounts::List => {
            let all: Value = rest.get("/sandbox/accounts").await?;
            out.show(&all, |all| shown::table(all, shown::ACCOUNTS))
        }
        Accounts::Add(wish) => {
            let made: Value = rest.post("/sandbox/accounts", wish).await?;
            out.show(&made, shown::sheet)
        }
    }
}

async fn followers(of: &Of<Followers>, out: Out) -> Result<(), Error> {
    let rest = of.place.rest()?;
    let place = &of.place;
    match &of.verb {
        Followers::List { offset, limit } => {
            let path = format!("followers?offset={offset}&limit={limit}");
            let page: Value = rest.get(&place.account(&rest, &path).await?).await?;
            out.show(&page, |page| shown::table(&page["followers"], shown::FOLLOWERS))
        }
        Followers::Show { openid } => {
            let path = place.account(&rest, &format!("followers/{}", segment(openid))).await?;
            let person: Value = rest.get(&path).await?;
            out.show(&person, shown::sheet)
        }
        Followers::Arrive { ticket } => {
            let path = place.account(&rest, "followers").await?;
            let body = words([("ticket", ticket)]);
            let arrived: Value = rest.post(&path, &body).await?;
            out.show(&arrived, shown::sheet)
        }
        Followers::Act(PersonAct { openid, act, content, entry, ticket, id }) => {
            let path = format!("followers/{}/{}", segment(openid), segment(act));
            let path = place.account(&rest, &path).await?;
            let body =
                words([("content", content), ("key", entry), ("ticket", ticket), ("id", id)]);
            let changed: Value = rest.post(&path, &body).await?;
            out.show(&changed, shown::sheet)
        }
    }
}

/// Those that were given.
fn words<const N: usize>(given: [(&str, &Option<String>); N]) -> Value {
    let given = given
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| (name.to_owned(), json!(value))));
    Value::Object(given.collect::<Map<_, _>>())
}

async fn clock(of: &Of<Clock>, out: Out) -> Result<(), Error> {
    let rest = of.place.rest()?;
    let wish = match &of.verb {
        Clock::Show => {
            let clock: Value = rest.get("/sandbox/clock").await?;
            return out.show(&clock, shown::sheet);
        }
        Clock::Advance { by: Move::By(by) } => json!({ "by": by }),
        Clock::Advance { by: Move::To(to) } => json!({ "to": to }),
        Clock::Mode { mode, factor: None } => json!({ "mode": mode.name() }),
        Clock::Mode { mode, factor } => json!({ "mode": mode.name(), "factor": factor }),
    };
    let clock: Value = rest.post("/sandbox/clock", &wish).await?;
    out.show(&clock, shown::sheet)
}

async fn faults(of: &Of<Faults>, out: Out) -> Result<(), Error> {
    let rest = of.place.rest()?;
    match &of.verb {
        Faults::List => {
            let waiting: Value = rest.get("/sandbox/faults").await?;
            let chance: Value = rest.get("/sandbox/faults/random").await?;
            let all = json!({ "waiting": waiting, "chance": chance });
            out.show(&all, |all| {
                let mut text = shown::table(&all["waiting"], shown::FAULTS);
                if !all["chance"]["random"].is_null() {
                    text.push_str("\nchance 随机\n");
                    text.push_str(&shown::sheet(&all["chance"]["random"]));
                    let _ = writeln!(text, "struck     {}", all["chance"]["struck"]);
                }
                text
            })
        }
        Faults::Add(fault) => {
            let waiting: Value = rest.post("/sandbox/faults", fault).await?;
            out.show(&waiting, |waiting| shown::table(waiting, shown::FAULTS))
        }
        Faults::Random(chance) => {
            let chance: Value = rest.put("/sandbox/faults/random", chance).await?;
            out.show(&chance, |chance| shown::sheet(&chance["random"]))
        }
        Faults::Struck(Newest { limit }) => {
            let path = format!("/sandbox/faults/struck?limit={limit}");
            let struck: Value = rest.get(&path).await?;
            out.show(&struck, |struck| shown::table(struck, shown::STRUCK))
        }
        Faults::Clear => {
            rest.delete("/sandbox/faults").await?;
            let waiting: Value = rest.get("/sandbox/faults").await?;
            out.show(&waiting, |waiting| shown::table(waiting, shown::FAULTS))
        }
    }
}

async fn truth(of: &Reads<InMonth>, out: Out) -> Result<(), Error> {
    let rest = of.place.rest()?;
    let query = of.options.month.map(|month| format!("?month={month}")).unwrap_or_default();
    let path = of.place.account(&rest, &format!("truth{query}")).await?;
    // A line at a time: of a million people none is kept.
    let mut stream = out.stream();
    let mut unreadable = None;
    rest.lines(&path, |line| match line.parse::<Told>() {
        Ok(told) => stream.line(&told, || format!("{}  {}", told.openid, told.received)),
        Err(source) => unreadable = Some(source),
    })
    .await?;
    if let Some(source) = unreadable {
        return Err(rest::Error::Unreadable { url: path, source }.into());
    }
    stream.end()
}

/// A line of the truth: `openid count`.
#[derive(Debug, Serialize)]
struct Told {
    openid: String,
    received: u64,
}

impl std::str::FromStr for Told {
    type Err = serde_json::Error;

    fn from_str(line: &str) -> Result<Self, serde_json::Error> {
        let (openid, received) = line.split_once(' ').unwrap_or((line, ""));
        Ok(Self { openid: openid.to_owned(), received: serde_json::from_str(received)? })
    }
}

async fn jobs(of: &Of<Jobs>, out: Out) -> Result<(), Error> {
    let rest = of.place.rest()?;
    match &of.verb {
        Jobs::List => {
            let all: Value = rest.get(&of.place.account(&rest, "jobs").await?).await?;
            out.show(&all, |all| shown::table(all, shown::JOBS))
        }
        Jobs::Received { msg_id } => {
            let path = of.place.account(&rest, &format!("jobs/{msg_id}/received")).await?;
            operations::lines(&rest, &path, out).await
        }
    }
}

async fn calls(of: &Reads<Calls>, out: Out) -> Result<(), Error> {
    let rest = of.place.rest()?;
    if of.options.counts {
        let counts: Value = rest.get("/sandbox/calls/counts").await?;
        return out.show(&counts, shown::sheet);
    }
    let path = format!("/sandbox/calls?limit={}", of.options.newest.limit);
    let all: Value = rest.get(&path).await?;
    out.show(&all, |all| shown::table(all, shown::CALLS))
}

async fn snapshots(of: &Of<Snapshots>, out: Out) -> Result<(), Error> {
    let rest = of.place.rest()?;
    match &of.verb {
        Snapshots::List => {
            let all: Value = rest.get("/sandbox/snapshots").await?;
            out.show(&all, |all| shown::table(&all["snapshots"], shown::SNAPSHOTS))
        }
        Snapshots::Take { name } => {
            let taken: Value = rest.post("/sandbox/snapshots", &json!({ "name": name })).await?;
            out.show(&taken, shown::sheet)
        }
        Snapshots::Restore { name } => {
            let path = format!("/sandbox/snapshots/{}/restore", segment(name));
            let clock: Value = rest.post(&path, &json!({})).await?;
            out.show(&clock, shown::sheet)
        }
        Snapshots::Delete { name } => {
            rest.delete(&format!("/sandbox/snapshots/{}", segment(name))).await?;
            out.show(&json!({ "deleted": name }), shown::sheet)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_truth_is_read_whole_or_not_at_all() {
        let told: Told = "oAAA 4".parse().unwrap();
        assert_eq!((told.openid.as_str(), told.received), ("oAAA", 4));
        for wrong in ["oAAA", "oAAA four", "oAAA 4 5", ""] {
            assert!(wrong.parse::<Told>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_move_is_a_span_or_a_moment() {
        assert_eq!("90s".parse(), Ok(Move::By(90)));
        assert_eq!("2h".parse(), Ok(Move::By(7_200)));
        assert_eq!("31d".parse(), Ok(Move::By(31 * 86_400)));
        let to = "2026-03-02T20:00:00+08:00".parse::<Move>();
        assert_eq!(to, Ok(Move::To(Timestamp(1_772_452_800))));
        for wrong in ["", "d", "-1d", "1w", "五m", "tomorrow"] {
            let error = wrong.parse::<Move>().unwrap_err();
            assert!(error.contains("90s"), "{wrong}: {error}");
        }
    }
}
