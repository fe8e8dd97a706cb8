//! The promise about a month with a calendar: days chosen inside their windows, days between two
//! messages kept, near to what no plan on these days exceeds.

use std::time::Instant;

use planner::plan::Threads;
use planner::plan::days::calendar::{Calls, Question, best, verify};
use serde::Serialize;

use super::synth::{Month, Regime};
use super::{Options, machine, month};
use crate::Error;
use crate::cli::Out;
use crate::cli::table::{Table, grouped};

/// What a list holds and a tagging call tags (`platform/01 §5`, `platform/03 §3`).
const LIST: (u32, u32) = (2, 10_000);
const TAGGED: u32 = 50;

#[derive(Debug, Serialize)]
struct Figures {
    machine: String,
    followers: usize,
    campaigns: u8,
    spacing: u8,
    /// Mass calls of each day; as many as needed when absent.
    calls: Option<u32>,
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
    /// What no lawful plan on the chosen days exceeds.
    bound_of_days: i64,
    gap_of_days: f64,
    goal_gap: f64,
    /// What no lawful plan exceeds, whatever the days.
    bound: i64,
    gap: f64,
    /// Mass calls of the plan.
    calls: u32,
    /// Campaigns that reach fewer than their least.
    conflicts: usize,
    /// Adding all up again with other code.
    check_seconds: f64,
    /// The highest memory use so far, the inputs among it.
    peak_mib: u64,
}

impl Figure {
    fn met(&self) -> bool {
        self.gap_of_days <= self.goal_gap && self.seconds <= self.goal_seconds
    }
}

/// Measures all and shows it; `false` when a goal was missed. The goals are for months in which
/// calls do not matter.
///
/// # Errors
/// When what a calendar claims does not add up.
pub(super) fn run(options: &Options, regimes: &[Regime], out: Out) -> Result<bool, Error> {
    let months = regimes
        .iter()
        .map(|regime| measured(options, *regime, &month(options, *regime)))
        .collect::<Result<Vec<_>, _>>()?;
    let good = options.calls.is_some() || months.iter().all(Figure::met);
    let figures = Figures {
        machine: machine::described(),
        followers: options.followers(),
        campaigns: options.campaigns,
        spacing: options.spacing.unwrap_or(0),
        calls: options.calls,
        months,
    };
    out.show(&figures, text)?;
    Ok(good)
}

fn measured(options: &Options, regime: Regime, month: &Month) -> Result<Figure, Error> {
    const DAYS: u8 = 30;
    let left = options.calls.map_or_else(Vec::new, |calls| vec![calls; usize::from(DAYS)]);
    let (list_least, list_most) = LIST;
    let question = Question {
        spacing: options.spacing.unwrap_or(0),
        calls: Calls { left: &left, list_least, list_most, tag_most: TAGGED, taggings: 0 },
        ..Question::new(month.question(), DAYS, &month.windows)
    };
    let threads = options.threads.map_or_else(Threads::default, Threads);
    let mut seconds = Vec::new();
    let mut planned = None;
    for _ in 0..options.rounds {
        drop(planned.take());
        let start = Instant::now();
        planned = Some(best(&question, threads).map_err(Error::failed("plan the month"))?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    let Some(calendar) = planned else {
        return Err(Error::asked("nothing was planned", "give --rounds 1 or more"));
    };
    seconds.sort_by(f64::total_cmp);
    let peak_mib = machine::peak_bytes()? >> 20;
    let start = Instant::now();
    verify(&question, &calendar, threads).map_err(Error::failed("confirm the calendar"))?;
    let scale = options.followers() as f64 / 10_000_000.0;
    Ok(Figure {
        regime: format!("{regime:?}").to_lowercase(),
        seconds: seconds[seconds.len() / 2],
        goal_seconds: 8.0 * scale.max(0.1),
        value: calendar.value,
        bound_of_days: calendar.bound_of_days,
        gap_of_days: calendar.gap_of_days(),
        goal_gap: if regime == Regime::Uniform { 2e-3 } else { 2e-4 },
        bound: calendar.bound,
        gap: calendar.gap(),
        calls: calendar.calls.iter().sum(),
        conflicts: calendar.conflicts.len(),
        check_seconds: start.elapsed().as_secs_f64(),
        peak_mib,
    })
}

fn text(figures: &Figures) -> String {
    let mut table = Table::new(&[
        "worths",
        ">value",
        ">gap on its days",
        ">goal",
        ">gap on any days",
        ">seconds",
        ">goal",
        ">calls",
        ">check",
        ">peak MiB",
    ]);
    for month in &figures.months {
        table.row([
            month.regime.clone(),
            grouped(month.value.unsigned_abs()),
            format!("{:.1e}", month.gap_of_days),
            format!("{:.0e}", month.goal_gap),
            format!("{:.1e}", month.gap),
            format!("{:.2}", month.seconds),
            format!("{:.2}", month.goal_seconds),
            grouped(u64::from(month.calls)),
            format!("{:.2}", month.check_seconds),
            month.peak_mib.to_string(),
        ]);
    }
    format!(
        "{}\n{} followers × {} campaigns, {} days from one message to the next\n{}",
        figures.machine,
        grouped(figures.followers as u64),
        figures.campaigns,
        figures.spacing,
        table.text()
    )
}
