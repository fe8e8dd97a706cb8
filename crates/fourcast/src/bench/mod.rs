//! `fourcast bench`: measures what the project promises, on the machine it runs on. Each part makes
//! its own world, prints its figures and says which goal was missed.

mod audience;
mod intake;
mod load;
mod machine;
mod planner;
mod sandbox;

use clap::{Args, Subcommand};

use crate::Error;
use crate::cli::Out;

/// What `bench` takes.
#[derive(Debug, Args)]
pub struct Bench {
    /// What to measure
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Segments: counts, windows over events, forecasts, memory; beside other systems if wanted
    Audience(audience::Options),
    /// Facts coming in: events a second beside counts, lines of a file a minute, a server's start
    Intake(intake::Options),
    /// Planning a month: time, memory, the proof, and what today's ways bring of it
    Planner(planner::Options),
    /// The sandbox: start, memory, a send to everybody, template messages a second
    Sandbox(sandbox::Options),
}

/// Measures; `false` when a goal was missed.
///
/// # Errors
/// When what is to be measured cannot be set up or answers wrongly.
pub async fn run(bench: Bench, out: Out) -> Result<bool, Error> {
    match bench.part {
        Part::Audience(options) => audience::run(&options, out),
        Part::Intake(options) => intake::run(&options, out).await,
        Part::Planner(options) => planner::run(&options, out),
        Part::Sandbox(options) => sandbox::run(&options, out).await,
    }
}
