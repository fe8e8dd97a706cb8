//! The promises about planning a month: the best plan, proven, from loaded inputs to written sets
//! of recipients; beside it what the same month brings as it is filled today.

mod synth;

use std::time::Instant;

use clap::Args;
use planner::plan::{Question, Threads, best, proof, rivals};
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
    /// Campaigns, at most 64
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=64))]
    campaigns: u8,
    /// Whether worths differ between followers; all three in turn when left out
    #[arg(long, value_enum)]
    regime: Option<Regime>,
    /// Many campaigns must reach a least number, and the leasts bind
    #[arg(long)]
    strained: bool,
    /// Another seed, another month
    #[arg(long)]
    seed: Option<u64>,
    /// Threads, as many as there are processors when left out
    #[arg(long)]
    threads: Option<usize>,
    /// How often each month is planned; the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
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
    goal_seconds: f64,
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
}

impl Figure {
    fn met(&self) -> bool {
        self.value == self.bound && self.seconds <= self.goal_seconds
    }
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
    let months = regimes
        .into_iter()
        .map(|regime| measured(options, regime))
        .collect::<Result<Vec<_>, _>>()?;
    let good = months.iter().all(Figure::met);
    let (followers, campaigns) = (options.followers, options.campaigns);
    out.show(&Figures { machine, followers, campaigns, months }, text)?;
    Ok(good)
}

fn measured(options: &Options, regime: Regime) -> Result<Figure, Error> {
    let month = synth::month(&Parameters {
        followers: options.followers,
        campaigns: usize::from(options.campaigns),
        reach: 8.0,
        leasts: if options.strained { 0.4 } else { 0.2 },
        strain: if options.strained { 4.0 } else { 1.0 },
        regime,
        seed: options.seed.unwrap_or(if options.strained { 11 } else { 20_140_601 }),
    });
    let question =
        Question { places: &month.places, classes: &month.classes, wishes: &month.wishes };
    let threads = options.threads.map_or_else(Threads::default, Threads);
    let mut seconds = Vec::new();
    let mut plan = None;
    for _ in 0..options.rounds {
        drop(plan.take());
        let start = Instant::now();
        plan = Some(best(&question, threads).map_err(Error::failed("plan the month"))?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    let Some(plan) = plan else {
        return Err(Error::asked("nothing was planned", "give --rounds 1 or more"));
    };
    seconds.sort_by(f64::total_cmp);
    let peak_mib = machine::peak_bytes()? >> 20;
    let start = Instant::now();
    proof::verify(&question, &plan.recipients, &plan.certificate())
        .map_err(Error::failed("confirm the certificate"))?;
    let check_seconds = start.elapsed().as_secs_f64();
    let rivals = rivals::rivals(&question, &month.days).map_err(Error::failed("fill the month"))?;
    let share = |value: i64| 100.0 * value as f64 / (plan.value.max(1)) as f64;
    Ok(Figure {
        regime: format!("{regime:?}").to_lowercase(),
        seconds: seconds[seconds.len() / 2],
        goal_seconds: goal(options, regime),
        value: plan.value,
        bound: plan.bound,
        check_seconds,
        peak_mib,
        first_come: share(rivals.first_come),
        by_priority: share(rivals.by_priority),
        greedy: share(rivals.greedy),
    })
}

/// Seconds within which a month of so many followers is to be planned.
fn goal(options: &Options, regime: Regime) -> f64 {
    match options.followers {
        0..=1_000_000 if options.strained => 1.0,
        0..=1_000_000 => 0.4,
        10_000_001.. => 8.0,
        _ if regime == Regime::Personal => 2.5,
        _ => 3.0,
    }
}

fn text(figures: &Figures) -> String {
    let mut table = Table::new(&[
        "worths",
        ">value",
        ">gap",
        ">seconds",
        ">goal",
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
            format!("{:.2}", month.goal_seconds),
            format!("{:.2}", month.check_seconds),
            month.peak_mib.to_string(),
            format!("{:.1}", month.first_come),
            format!("{:.1}", month.by_priority),
            format!("{:.1}", month.greedy),
        ]);
    }
    format!(
        "{}\n{} followers × {} campaigns\n{}",
        figures.machine,
        grouped(figures.followers as u64),
        figures.campaigns,
        table.text()
    )
}
