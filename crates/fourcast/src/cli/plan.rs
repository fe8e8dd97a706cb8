//! `fourcast plan …`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use delivery::view::{
    NewPlan, PlanChange, PlanChanges, PlanView, ReleaseWish, WhatIfView, WhyView,
};
use planner::record::{self, Claim};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::Timestamp;

use super::table::{Table, grouped};
use super::{Out, Talk, moment, sheet};
use crate::Error;
use crate::rest::{self, Rest};

/// Month plans.
#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Plan a month; nothing is sent
    Make {
        /// A JSON file: the month, its campaigns, what each is worth (docs/planning.md)
        question: PathBuf,
    },
    /// Every plan
    List,
    /// One plan: who gets what, what it is worth, what other ways bring
    Show(Which),
    /// Everybody a campaign is planned for
    Recipients {
        #[command(flatten)]
        which: Which,
        /// The campaign's key
        #[arg(long)]
        campaign: String,
    },
    /// Why a follower gets a campaign, or does not
    Why {
        #[command(flatten)]
        which: Which,
        /// The follower's OpenID
        #[arg(long)]
        follower: String,
        /// The campaign's key
        #[arg(long)]
        campaign: String,
    },
    /// Freeze the recipients of every campaign and schedule it
    Approve(Which),
    /// Make approved campaigns that were not sent drafts again
    Release {
        #[command(flatten)]
        which: Which,
        /// Only these campaigns, by key
        campaigns: Vec<String>,
    },
    /// What changes would bring; nothing is kept
    WhatIf(Changes),
    /// Make the plan anew for what is not approved or sent, moving few followers
    Replan {
        #[command(flatten)]
        changes: Changes,
        /// What keeping a planned message is worth
        #[arg(long, default_value_t = 0.0)]
        stay: f64,
    },
    /// Write the certificate and the values it speaks of into two files
    Export {
        #[command(flatten)]
        which: Which,
        /// The certificate's file, such as march.json; the values go beside it
        #[arg(long)]
        to: PathBuf,
    },
    /// Check a certificate against its values, without any server
    Verify {
        /// The certificate's file
        certificate: PathBuf,
        /// The values' file; beside the certificate when absent
        #[arg(long)]
        values: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
struct Which {
    /// The plan's number, as `list` shows it; the newest when absent
    #[arg(long)]
    plan: Option<i64>,
}

#[derive(Debug, Args)]
struct Changes {
    #[command(flatten)]
    which: Which,
    /// Leave a campaign out, by key; may be given again
    #[arg(long, value_name = "CAMPAIGN")]
    drop: Vec<String>,
    /// Give a campaign other limits, such as spring=1000..5000, spring=..5000 or spring=1000..
    #[arg(long, value_name = "CAMPAIGN=LEAST..MOST")]
    resize: Vec<String>,
    /// Send a campaign at another moment
    #[arg(long = "move", value_name = "CAMPAIGN=MOMENT")]
    moves: Vec<String>,
    /// Leave so many slots of every follower free
    #[arg(long, value_name = "SLOTS")]
    keep_back: Option<u8>,
    /// Take in a campaign, from a JSON file as in a question's `campaigns`
    #[arg(long, value_name = "FILE")]
    add: Vec<PathBuf>,
}

pub(super) async fn run(noun: Plan, out: Out) -> Result<(), Error> {
    if let Verb::Verify { certificate, values } = &noun.verb {
        return verify(certificate, values.as_deref(), out);
    }
    let (rest, path) = noun.talk.account().await?;
    let plans = format!("{path}/plans");
    match noun.verb {
        Verb::Make { question } => {
            let question: NewPlan = read_json(&question)?;
            let view: PlanView = rest.post(&plans, &question).await?;
            out.show(&view, shown)
        }
        Verb::List => {
            let all: Vec<PlanView> = rest.get(&plans).await?;
            out.show(&all, |all| list(all))
        }
        Verb::Show(which) => {
            let view: PlanView = rest.get(&which.path(&rest, &plans).await?).await?;
            out.show(&view, shown)
        }
        Verb::Recipients { which, campaign } => {
            let path = which.path(&rest, &plans).await?;
            let path = format!("{path}/recipients?campaign={}", rest::segment(&campaign));
            let mut openids = Vec::new();
            rest.lines(&path, |openid| openids.push(openid.to_owned())).await?;
            out.show(&openids, |openids| {
                openids.iter().map(|openid| format!("{openid}\n")).collect()
            })
        }
        Verb::Why { which, follower, campaign } => {
            let (follower, campaign) = (rest::segment(&follower), rest::segment(&campaign));
            let path = which.path(&rest, &plans).await?;
            let path = format!("{path}/why?follower={follower}&campaign={campaign}");
            let view: WhyView = rest.get(&path).await?;
            out.show(&view, |view| format!("{}\n{}\n", view.sentence, view.sentence_zh))
        }
        Verb::Approve(which) => {
            let path = which.path(&rest, &plans).await?;
            let view: PlanView = rest.post(&format!("{path}/approve"), &()).await?;
            out.show(&view, shown)
        }
        Verb::Release { which, campaigns } => {
            let path = which.path(&rest, &plans).await?;
            let wish = ReleaseWish { campaigns };
            let view: PlanView = rest.post(&format!("{path}/release"), &wish).await?;
            out.show(&view, shown)
        }
        Verb::WhatIf(changes) => {
            let path = changes.which.path(&rest, &plans).await?;
            let wish = PlanChanges { changes: changes.read()?, stay: 0.0 };
            let view: WhatIfView = rest.post(&format!("{path}/what-if"), &wish).await?;
            out.show(&view, what_if)
        }
        Verb::Replan { changes, stay } => {
            let path = changes.which.path(&rest, &plans).await?;
            let wish = PlanChanges { changes: changes.read()?, stay };
            let view: PlanView = rest.post(&format!("{path}/replan"), &wish).await?;
            out.show(&view, shown)
        }
        Verb::Export { which, to } => {
            export(&rest, &which.path(&rest, &plans).await?, &to, out).await
        }
        Verb::Verify { .. } => Ok(()),
    }
}

impl Which {
    async fn path(&self, rest: &Rest, plans: &str) -> Result<String, Error> {
        if let Some(plan) = self.plan {
            return Ok(format!("{plans}/{plan}"));
        }
        let all: Vec<PlanView> = rest.get(plans).await?;
        match all.first() {
            Some(newest) => Ok(format!("{plans}/{}", newest.id)),
            None => Err(Error::asked("There is no plan.", "`fourcast plan make` makes one")),
        }
    }
}

impl Changes {
    fn read(&self) -> Result<Vec<PlanChange>, Error> {
        let mut all = Vec::new();
        for file in &self.add {
            all.push(PlanChange::Add(read_json(file)?));
        }
        all.extend(
            self.drop.iter().map(|campaign| PlanChange::Drop { campaign: campaign.clone() }),
        );
        all.extend(self.keep_back.map(|slots| PlanChange::KeepBack { slots }));
        for text in &self.resize {
            all.push(resize(text)?);
        }
        for text in &self.moves {
            let (campaign, at) = halves("--move", text, "spring=2026-03-05T10:00:00+08:00")?;
            let at: Timestamp = at.parse().map_err(|error| {
                Error::asked(
                    format!("--move {text}: {error}"),
                    "such as spring=2026-03-05T10:00:00+08:00",
                )
            })?;
            all.push(PlanChange::Move { campaign, at });
        }
        Ok(all)
    }
}

fn halves<'a>(option: &str, text: &'a str, example: &str) -> Result<(String, &'a str), Error> {
    text.split_once('=').map(|(campaign, rest)| (campaign.to_owned(), rest)).ok_or_else(|| {
        Error::asked(format!("{option} {text:?} names no campaign."), format!("such as {example}"))
    })
}

fn resize(text: &str) -> Result<PlanChange, Error> {
    const EXAMPLE: &str = "spring=1000..5000";
    let (campaign, limits) = halves("--resize", text, EXAMPLE)?;
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let read = limits.split_once("..").and_then(|(least, most)| {
        let least = if least.is_empty() { 0 } else { number(least)? };
        let most = if most.is_empty() { None } else { Some(number(most)?) };
        Some((least, most))
    });
    let (least, most) = read.ok_or_else(|| {
        Error::asked(format!("--resize {text:?} has no limits."), format!("such as {EXAMPLE}"))
    })?;
    Ok(PlanChange::Resize { campaign, least, most })
}

fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T, Error> {
    let failed = format!("read {}", file.display());
    let text = std::fs::read_to_string(file).map_err(Error::failed(failed.clone()))?;
    serde_json::from_str(&text).map_err(Error::failed(failed))
}

/// Where the values lie when nothing else is said: `march.json` has `march.values` beside it.
fn beside(certificate: &Path) -> PathBuf {
    certificate.with_extension("values")
}

#[derive(Serialize)]
struct Exported {
    certificate: PathBuf,
    values: PathBuf,
    bytes: usize,
}

async fn export(rest: &Rest, plan: &str, to: &Path, out: Out) -> Result<(), Error> {
    let values_to = beside(to);
    if values_to == to {
        let sentence = format!("{} is the name the values' file gets.", to.display());
        return Err(Error::asked(
            sentence,
            "name the certificate's file otherwise, such as march.json",
        ));
    }
    let claim: Claim = rest.get(&format!("{plan}/certificate")).await?;
    let answer = rest.open(&format!("{plan}/values")).await?;
    let values = answer.bytes().await.map_err(Error::failed("read the plan's values"))?;
    let text =
        serde_json::to_string_pretty(&claim).map_err(Error::failed("write the certificate"))?;
    for (path, bytes) in [(to, text.as_bytes()), (&values_to, &values)] {
        std::fs::write(path, bytes).map_err(Error::failed(format!("write {}", path.display())))?;
    }
    let done = Exported { certificate: to.to_owned(), values: values_to, bytes: values.len() };
    out.show(&done, |done| {
        format!(
            "{} and {} ({} bytes); `fourcast plan verify {}` checks them\n",
            done.certificate.display(),
            done.values.display(),
            grouped(done.bytes as u64),
            done.certificate.display()
        )
    })
}

#[derive(Serialize)]
struct Verified {
    plan: i64,
    month: String,
    campaigns: usize,
    followers: usize,
    messages: u64,
    value: f64,
    bound: f64,
    proven_best: bool,
}

fn verify(certificate: &Path, values: Option<&Path>, out: Out) -> Result<(), Error> {
    let claim: Claim = read_json(certificate)?;
    let values = values.map_or_else(|| beside(certificate), Path::to_owned);
    let bytes =
        std::fs::read(&values).map_err(Error::failed(format!("read {}", values.display())))?;
    let record = record::verify(&claim, &bytes).map_err(|error| {
        Error::asked(
            format!("{} is not proven: {error}", certificate.display()),
            "a file was changed or does not belong to the other; export them anew",
        )
    })?;
    let unit = |units: i64| units as f64 / 10f64.powi(claim.unit_exponent);
    let verified = Verified {
        plan: claim.plan,
        month: claim.month.clone(),
        campaigns: claim.campaigns.len(),
        followers: record.month.places.len(),
        messages: claim.campaigns.iter().map(|one| one.recipients).sum(),
        value: unit(claim.value),
        bound: unit(claim.bound),
        proven_best: claim.value == claim.bound,
    };
    out.show(&verified, |one| {
        let verdict = if one.proven_best {
            "nothing lawful is worth more 已证明最优".to_owned()
        } else {
            format!("nothing lawful is worth more than {} 上界", one.bound)
        };
        sheet(&[
            ("plan 计划", format!("{} of {}", one.plan, one.month)),
            ("campaigns 活动", one.campaigns.to_string()),
            ("followers 粉丝", grouped(one.followers as u64)),
            ("messages 消息", grouped(one.messages)),
            ("worth 价值", one.value.to_string()),
            ("proof 证明", verdict),
        ])
    })
}

fn list(all: &[PlanView]) -> String {
    let mut table = Table::new(&[
        ">plan",
        "month",
        "state",
        "made",
        ">campaigns",
        ">messages",
        ">worth",
        ">gap",
    ]);
    for view in all {
        table.row([
            view.id.to_string(),
            view.month.to_string(),
            view.state.clone(),
            view.made_at.to_string(),
            view.campaigns.len().to_string(),
            grouped(view.campaigns.iter().map(|line| line.recipients).sum()),
            number(view.value),
            percent(view.gap),
        ]);
    }
    table.text()
}

fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn percent(share: f64) -> String {
    if share == 0.0 { "0".to_owned() } else { format!("{:.4} %", share * 100.0) }
}

/// How much more than another way.
fn more(value: f64, rival: f64) -> String {
    if rival > 0.0 && value > 0.0 {
        format!("{}  (the plan brings {:+.1} %)", number(rival), (value / rival - 1.0) * 100.0)
    } else {
        number(rival)
    }
}

fn shown(view: &PlanView) -> String {
    let mut lines = vec![
        ("plan 计划", format!("{} of {}, {}", view.id, view.month, view.state)),
        ("made", view.made_at.to_string()),
        ("approved", moment(view.approved_at)),
        ("worth 价值", number(view.value)),
        ("no plan exceeds 上界", format!("{} (gap {})", number(view.bound), percent(view.gap))),
        ("first come 先到先得", more(view.value, view.rivals.first_come)),
        ("by priority 按优先级", more(view.value, view.rivals.by_priority)),
        ("greedy 贪心", more(view.value, view.rivals.greedy)),
        ("followers 粉丝", grouped(view.followers)),
    ];
    if view.uncertain > 0 {
        let people = grouped(view.uncertain);
        lines.push((
            "uncertain 名额不确定",
            format!("{people} have a range of slots; the plan uses those that are certain"),
        ));
    }
    if view.held > 0 {
        lines.push(("held 已批准占用", format!("{} slots, by approved plans", grouped(view.held))));
    }
    if let Some(replans) = &view.replans {
        let text = format!(
            "plan {}: {} messages stayed, {} gone, {} new",
            replans.plan,
            grouped(replans.stayed),
            grouped(replans.gone),
            grouped(replans.new)
        );
        lines.push(("made from 由此重排", text));
    }
    if !view.outside.is_empty() {
        lines.push(("outside 计划之外", view.outside.join(", ")));
    }
    let mut text = sheet(&lines);
    if let Some(conflict) = &view.conflict {
        text.push_str(&format!("\n{}\n{}\n", conflict.sentence, conflict.sentence_zh));
    }
    text.push('\n');
    let mut table = Table::new(&[
        "when 时间",
        "key",
        "campaign 活动",
        ">audience 人群",
        ">gets it 能收到",
        ">worth 价值",
        ">price 价格",
        ">calls",
        "state",
    ]);
    for line in &view.campaigns {
        let at = line.at.to_string();
        table.row([
            format!("{} {}", at.get(5..10).unwrap_or(&at), at.get(11..16).unwrap_or("")),
            line.campaign.clone(),
            line.name.clone(),
            grouped(line.audience),
            grouped(line.recipients),
            number(line.worth),
            number(line.price),
            line.calls.to_string(),
            line.state.clone(),
        ]);
    }
    text.push_str(&table.text());
    text
}

fn what_if(view: &WhatIfView) -> String {
    let mut text = sheet(&[
        ("plan 计划", view.plan.to_string()),
        ("worth now 现在", number(view.value_before)),
        ("worth then 改后", number(view.value)),
        ("difference 差额", number(view.difference)),
    ]);
    if let Some(conflict) = &view.conflict {
        text.push_str(&format!("\n{}\n{}\n", conflict.sentence, conflict.sentence_zh));
    }
    text.push('\n');
    let mut table =
        Table::new(&["key", ">now 现在", ">then 改后", ">join 新增", ">leave 移出", ">price 价格"]);
    let count = |of: Option<u64>| of.map_or_else(|| "-".to_owned(), grouped);
    for line in &view.campaigns {
        table.row([
            line.campaign.clone(),
            count(line.before),
            count(line.after),
            grouped(line.joined),
            grouped(line.left),
            line.price.map(number).unwrap_or_default(),
        ]);
    }
    text.push_str(&table.text());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_with_either_side_left_out() {
        let limits = |text: &str| match resize(text) {
            Ok(PlanChange::Resize { campaign, least, most }) => Some((campaign, least, most)),
            _ => None,
        };
        assert_eq!(limits("a=1..5"), Some(("a".into(), 1, Some(5))));
        assert_eq!(limits("a=..5"), Some(("a".into(), 0, Some(5))));
        assert_eq!(limits("a=7.."), Some(("a".into(), 7, None)));
        for wrong in ["a", "a=5", "a=x..5", "a=1..-5"] {
            assert_eq!(limits(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_values_lie_beside_the_certificate() {
        assert_eq!(beside(Path::new("plans/march.json")), Path::new("plans/march.values"));
    }
}
