//! The promises about planning a month: the best plan, proven, from loaded inputs to written sets
//! of recipients; beside it what the same month brings as it is filled today.

mod beside;
mod calendar;
mod synth;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use planner::plan::standing::Change;
use planner::plan::{MonthPlan, Question, Standing, Threads, best, proof, rivals};
use serde::Serialize;

use super::machine;
use crate::Error;
use crate::cli::Out;
use crate::cli::table::{Table, grouped};
use synth::{Parameters, Regime};

/// What `bench planner` takes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Followers
    #[arg(long, default_value_t = 10_000_000)]
    followers: usize,
    /// A named size instead: s 100,000, m 1,000,000, l 10,000,000, x 30,000,000 followers
    #[arg(long, value_enum, conflicts_with = "followers")]
    size: Option<Size>,
    /// Campaigns
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=250))]
    campaigns: u8,
    /// Campaigns an average follower is meant for
    #[arg(long, default_value_t = 8.0)]
    reach: f64,
    /// How the month differs from the ordinary one
    #[arg(long, value_enum)]
    month: Option<Variant>,
    /// Whether worths differ between followers; all three in turn when left out
    #[arg(long, value_enum)]
    regime: Option<Regime>,
    /// Many campaigns must reach a least number, and the leasts bind
    #[arg(long)]
    strained: bool,
    /// Days from one message to a follower to the next: plans a calendar
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=31))]
    spacing: Option<u8>,
    /// Mass calls of each day: plans a calendar
    #[arg(long)]
    calls: Option<u32>,
    /// Another seed, another month
    #[arg(long)]
    seed: Option<u64>,
    /// Threads, as many as there are processors when left out
    #[arg(long)]
    threads: Option<usize>,
    /// How often each month is planned; the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// Also ask, from the prices that stand, what other limits, a campaign less and one more bring
    #[arg(long)]
    what_if: bool,
    /// Also have OR-tools and HiGHS plan the same months; their plans must be worth the same
    #[arg(long)]
    beside: bool,
    /// Also write each month and what its plan is worth into this folder
    #[arg(long)]
    write: Option<PathBuf>,
}

/// Named sizes.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Size {
    S,
    M,
    L,
    X,
}

/// Months out of the ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Variant {
    /// No campaign has a most or a least
    Unlimited,
    /// Leasts that ask for more places than there are
    Impossible,
    /// Half over: everybody has received nothing to four messages
    Running,
    /// One place of each follower is kept back
    KeptBack,
}

impl Options {
    fn followers(&self) -> usize {
        match self.size {
            None => self.followers,
            Some(Size::S) => 100_000,
            Some(Size::M) => 1_000_000,
            Some(Size::L) => 10_000_000,
            Some(Size::X) => 30_000_000,
        }
    }
}

#[derive(Debug, Serialize)]
struct Figures {
    machine: String,
    followers: usize,
    campaigns: u8,
    months: Vec<Figure>,
}

/// One month planned.
#[derive(Debug, Serialize)]
struct Figure {
    regime: String,
    /// From loaded inputs to sets of recipients, median.
    seconds: f64,
    /// None for months too small to be timed.
    goal_seconds: Option<f64>,
    /// Processor time of all threads, median: what a quiet machine would take longest at.
    processor_seconds: f64,
    value: i64,
    bound: i64,
    /// Adding the certificate up again with other code.
    check_seconds: f64,
    /// The highest memory use so far, the inputs among it.
    peak_mib: u64,
    /// What today's ways bring of the best, in per cent.
    first_come: f64,
    by_priority: f64,
    greedy: f64,
    /// What would be, asked from the standing prices.
    what_if: Vec<WhatIf>,
    /// The same month planned by others.
    beside: Vec<beside::Other>,
}

/// One change of the month.
#[derive(Debug, Serialize)]
struct WhatIf {
    change: &'static str,
    /// From the question to sets of recipients.
    seconds: f64,
    processor_seconds: f64,
    value: i64,
}

/// Seconds within which a change of ten million followers' month is to be answered.
const WHAT_IF_GOAL: f64 = 1.0;

impl Figure {
    fn met(&self) -> bool {
        let Some(goal) = self.goal_seconds else { return self.value == self.bound };
        let asked = self.what_if.iter().all(|what_if| what_if.seconds <= WHAT_IF_GOAL);
        self.value == self.bound && self.seconds <= goal && asked
    }
}

/// Wall and processor seconds of some work.
fn timed<T>(work: impl FnOnce() -> T) -> Result<(T, f64, f64), Error> {
    let (start, processor) = (Instant::now(), machine::processor_time()?);
    let done = work();
    let processor = machine::processor_time()?.saturating_sub(processor);
    Ok((done, start.elapsed().as_secs_f64(), processor.as_secs_f64()))
}

/// Measures all and shows it; `false` when a goal was missed.
///
/// # Errors
/// When a plan's certificate does not add up.
pub(super) fn run(options: &Options, out: Out) -> Result<bool, Error> {
    let machine = machine::described();
    let regimes = match options.regime {
        Some(regime) => vec![regime],
        None => vec![Regime::Uniform, Regime::Class, Regime::Personal],
    };
    if options.spacing.is_some() || options.calls.is_some() {
        return calendar::run(options, &regimes, out);
    }
    let months = regimes
        .into_iter()
        .map(|regime| measured(options, regime))
        .collect::<Result<Vec<_>, _>>()?;
    let good = months.iter().all(Figure::met);
    let (followers, campaigns) = (options.followers(), options.campaigns);
    out.show(&Figures { machine, followers, campaigns, months }, text)?;
    Ok(good)
}

fn measured(options: &Options, regime: Regime) -> Result<Figure, Error> {
    let month = month(options, regime);
    let question =
        Question { places: &month.places, classes: &month.classes, wishes: &month.wishes };
    let threads = options.threads.map_or_else(Threads::default, Threads);
    let (mut seconds, mut processor) = (Vec::new(), Vec::new());
    let mut plan = None;
    for _ in 0..options.rounds {
        drop(plan.take());
        let (made, wall, busy) = timed(|| best(&question, threads))?;
        plan = Some(made.map_err(Error::failed("plan the month"))?);
        seconds.push(wall);
        processor.push(busy);
    }
    let Some(plan) = plan else {
        return Err(Error::asked("nothing was planned", "give --rounds 1 or more"));
    };
    let peak_mib = machine::peak_bytes()? >> 20;
    let (checked, check_seconds, _) =
        timed(|| proof::verify(&question, &plan.recipients, &plan.certificate()))?;
    checked.map_err(Error::failed("confirm the certificate"))?;
    let rivals = rivals::rivals(&question, &month.days).map_err(Error::failed("fill the month"))?;
    let share = |value: i64| 100.0 * value as f64 / (plan.value.max(1)) as f64;
    let ours = beside::Ours { value: plan.value, seconds: median(&mut seconds) };
    let name = format!("{regime:?}").to_lowercase();
    if let Some(folder) = &options.write {
        beside::write(&question, ours, &folder.join(&name))?;
    }
    let what_if = if options.what_if { what_if(&question, &plan, threads)? } else { Vec::new() };
    let beside = if options.beside {
        beside::run(&question, ours, Path::new("target/bench/planner"))?
    } else {
        Vec::new()
    };
    Ok(Figure {
        regime: name,
        seconds: ours.seconds,
        goal_seconds: goal(options, regime),
        processor_seconds: median(&mut processor),
        value: plan.value,
        bound: plan.bound,
        check_seconds,
        peak_mib,
        first_come: share(rivals.first_come),
        by_priority: share(rivals.by_priority),
        greedy: share(rivals.greedy),
        what_if,
        beside,
    })
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn month(options: &Options, regime: Regime) -> synth::Month {
    let (leasts, strain, seed) = match options.month {
        Some(Variant::Impossible) => (0.6, 8.0, 3),
        _ if options.strained => (0.4, 4.0, 11),
        _ => (0.2, 1.0, 20_140_601),
    };
    let mut month = synth::month(&Parameters {
        followers: options.followers(),
        campaigns: usize::from(options.campaigns),
        reach: options.reach,
        leasts,
        strain,
        regime,
        seed: options.seed.unwrap_or(seed),
    });
    match options.month {
        Some(Variant::Unlimited) => {
            for wish in &mut month.wishes {
                (wish.least, wish.most) = (0, None);
            }
        }
        Some(Variant::Running) => {
            for (ordinal, places) in month.places.iter_mut().enumerate() {
                *places -= (ordinal.wrapping_mul(0x9e37_79b9) >> 7) as u8 % 5;
            }
        }
        Some(Variant::KeptBack) => month.places.iter_mut().for_each(|places| *places -= 1),
        Some(Variant::Impossible) | None => {}
    }
    month
}

/// What three changes bring, each from the standing prices of the month's plan.
fn what_if(
    question: &Question<'_>,
    plan: &MonthPlan,
    threads: Threads,
) -> Result<Vec<WhatIf>, Error> {
    let failed = || Error::failed("plan the changed month");
    let standing = Standing::new(*question, threads).map_err(failed())?;
    if standing.plan().value != plan.value {
        return Err(Error::asked("the month kept has another value", "this is a bug"));
    }
    // The campaign with most recipients matters most.
    let sizes = plan.recipients.iter().map(|set| set.len() as u32);
    let Some((largest, size)) = sizes.enumerate().max_by_key(|(_, size)| *size) else {
        return Ok(Vec::new());
    };
    let added = question.wishes[largest].clone();
    let changes = [
        (
            "half as many of the largest",
            Change::Resize { wish: largest, least: 0, most: Some(size / 2) },
        ),
        ("without the largest", Change::Drop(largest)),
        ("the largest a second time", Change::Add(&added)),
    ];
    let mut answers = Vec::new();
    for (change, what) in changes {
        let (changed, seconds, processor_seconds) = timed(|| standing.what_if(&[what]))?;
        let value = changed.map_err(failed())?.value;
        answers.push(WhatIf { change, seconds, processor_seconds, value });
    }
    let (reserve, seconds, processor_seconds) = timed(|| standing.cost_of_reserve(None))?;
    let value = reserve.plan.value;
    answers.push(WhatIf { change: "a place kept back", seconds, processor_seconds, value });
    Ok(answers)
}

/// Seconds within which a month of so many followers is to be planned.
fn goal(options: &Options, regime: Regime) -> Option<f64> {
    match options.followers() {
        0..1_000_000 => None,
        1_000_000 if options.strained => Some(1.0),
        1_000_000 => Some(0.4),
        10_000_001.. => Some(8.0),
        _ if regime == Regime::Personal => Some(2.5),
        _ => Some(3.0),
    }
}

fn text(figures: &Figures) -> String {
    let mut table = Table::new(&[
        "worths",
        ">value",
        ">gap",
        ">seconds",
        ">goal",
        ">processor s",
        ">check",
        ">peak MiB",
        ">first come %",
        ">priority %",
        ">greedy %",
    ]);
    for month in &figures.months {
        table.row([
            month.regime.clone(),
            grouped(month.value.unsigned_abs()),
            (month.bound - month.value).to_string(),
            format!("{:.2}", month.seconds),
            month.goal_seconds.map_or_else(|| "–".to_owned(), |goal| format!("{goal:.2}")),
            format!("{:.2}", month.processor_seconds),
            format!("{:.2}", month.check_seconds),
            month.peak_mib.to_string(),
            format!("{:.1}", month.first_come),
            format!("{:.1}", month.by_priority),
            format!("{:.1}", month.greedy),
        ]);
    }
    let mut told = format!(
        "{}\n{} followers × {} campaigns\n{}",
        figures.machine,
        grouped(figures.followers as u64),
        figures.campaigns,
        table.text()
    );
    for month in &figures.months {
        for what_if in &month.what_if {
            told += &format!(
                "{}, {}: {:.2} s ({:.2} of processor time), value {}\n",
                month.regime,
                what_if.change,
                what_if.seconds,
                what_if.processor_seconds,
                grouped(what_if.value.unsigned_abs()),
            );
        }
        for other in &month.beside {
            let value = match other.value {
                Some(_) => "the same value",
                None => "no plan in time",
            };
            told += &format!(
                "{}, {}: {:.2} s, {} MiB, {value}, {:.0} times as long\n",
                month.regime, other.system, other.seconds, other.peak_mib, other.ratio,
            );
        }
    }
    told
}
