//! `fourcast demo`: a cosmetics shop's month, from the first synchronisation to the last message,
//! with the platform's part played by the sandbox and every word between the two said over HTTP.
//!
//! The sandbox alone knows what reached whom; the report holds the server's ledger against it. The
//! functions here also drive the scenarios and the kill −9 test.

pub mod control;
pub mod drive;
pub mod happening;
pub mod month;
mod opening;
pub mod planned;
pub mod report;
pub mod shop;
mod show;
pub mod truth;
mod watch;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use sandbox::{ClockMode, Config, Sandbox};
use wire::{Day, Month};

use crate::Error;
use crate::cli::Out;
use crate::serve::{self, Serving, stop_signal};
use control::Wish;
use drive::{Driver, Endpoints};
use month::Script;
use report::{Report, Timing};
use watch::Watch;

/// What `demo` takes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// People who follow the shop at the start
    #[arg(long, default_value_t = 150_000, value_parser = clap::value_parser!(u32).range(100..))]
    followers: u32,
    /// Everything about the people is drawn from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop after the report instead of serving on
    #[arg(long)]
    exit: bool,
    /// Both sides reckon with the platform's limits of this day
    #[arg(long, value_name = "DAY")]
    rules_as_of: Option<Day>,
    /// The month played
    #[arg(long, default_value = "2026-03")]
    month: Month,
    /// Folder for the server's data; a temporary one when absent
    #[arg(long)]
    data: Option<PathBuf>,
}

/// Runs the month; says whether every check held.
///
/// # Errors
/// What stopped it.
pub async fn run(options: &Options, out: Out) -> Result<bool, Error> {
    let stop = stop_signal()?;
    let mut stop = std::pin::pin!(stop);
    let folder = Folder::open(options.data.as_deref())?;
    let script = Script::of(options.month);
    let sides = Sides::start(options, &script, folder.path()).await?;
    let watch = Watch::new(script.clone(), options.followers);
    let played = tokio::select! {
        report = both(options, &script, &sides, &watch) => Some(report),
        () = &mut stop => None,
    };
    watch.end();
    let outcome = match played {
        Some(Ok(report)) => {
            let shown = out.show(&report, show::text);
            if shown.is_ok() && !options.exit {
                eprintln!("{}", look_around(&sides));
                stop.await;
                eprintln!("stopping");
            }
            shown.map(|()| report.is_good())
        }
        Some(Err(error)) => Err(error),
        None => {
            Err(Error::asked("The demonstration was stopped.", "run it again; it is repeatable"))
        }
    };
    sides.stop().await?;
    outcome
}

/// The month with everything that happens in one, then another one planned beside first come.
async fn both(
    options: &Options,
    script: &Script,
    sides: &Sides,
    watch: &Watch,
) -> Result<Report, Error> {
    let mut report = play(options, script, sides, watch).await?;
    watch.planning();
    let began = Instant::now();
    let folder = Folder::open(None)?;
    let others = Sides::start(options, script, folder.path()).await?;
    let wish = Wish::of(options.followers.min(planned::MOST_FOLLOWERS), options.seed);
    let compared = planned::compare(&others.endpoints(), script.month, script.start(), &wish).await;
    others.stop().await?;
    let compared = compared?;
    report.checks.extend(compared.checks());
    report.planned = Some(compared);
    let took = timing("planned beside first come 计划与先到先得", began.elapsed());
    report.timings.insert(report.timings.len().saturating_sub(1), took);
    if let Some(together) = report.timings.last_mut() {
        together.seconds = (together.seconds + began.elapsed().as_secs_f64()).round();
    }
    report.peak_memory_mib = report::peak_memory_mib();
    Ok(report)
}

async fn play(
    options: &Options,
    script: &Script,
    sides: &Sides,
    watch: &Watch,
) -> Result<Report, Error> {
    let mut clockwork = Clockwork::start();
    let mut driver = Driver::new(&sides.endpoints(), script.start(), watch.hooks())?;
    driver.open_account(&people(options)).await?;
    clockwork.lap("account 开户");
    driver.sync().await?;
    clockwork.lap("followers 同步粉丝");
    driver.import_shop().await?;
    clockwork.lap("import 导入会员与订单");
    driver.run(script).await?;
    clockwork.lap("month 一个月");
    watch.comparing();
    let mut report = report::report(&mut driver, script).await?;
    clockwork.lap("comparison 逐人核对");
    report.timings = clockwork.end();
    report.peak_memory_mib = report::peak_memory_mib();
    Ok(report)
}

/// A shop with some coming and going.
fn people(options: &Options) -> Wish {
    Wish {
        daily_arrivals_per_mille: 1,
        daily_leavers_per_mille: 1,
        ..Wish::of(options.followers, options.seed)
    }
}

/// The folder of the demonstration; a temporary one goes with it.
enum Folder {
    Temporary(tempfile::TempDir),
    Named(PathBuf),
}

impl Folder {
    fn open(named: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = named else {
            let folder = tempfile::Builder::new()
                .prefix("fourcast-demo-")
                .tempdir()
                .map_err(Error::failed("make a temporary folder"))?;
            return Ok(Self::Temporary(folder));
        };
        // The people of an earlier run would be strangers to this sandbox.
        let used = std::fs::read_dir(path).is_ok_and(|mut files| files.next().is_some());
        if used {
            return Err(Error::asked(
                format!("The folder {} is not empty.", path.display()),
                "give --data with a new or empty folder, or leave it out",
            ));
        }
        Ok(Self::Named(path.to_owned()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Named(path) => path,
        }
    }
}

/// Both sides in this process, on ports of their own.
struct Sides {
    sandbox: sandbox::Running,
    serving: Serving,
}

impl Sides {
    async fn start(options: &Options, script: &Script, data: &Path) -> Result<Self, Error> {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = Config {
            listen,
            clock: ClockMode::Manual(script.start()),
            rules_as_of: options.rules_as_of,
            ..Config::default()
        };
        let sandbox = Sandbox::start(config).await.map_err(Error::failed("start the sandbox"))?;
        let serving = Serving::start(&serve::Options {
            data: data.to_owned(),
            listen,
            virtual_clock: Some(script.start()),
            rules_as_of: options.rules_as_of,
        })
        .await?;
        Ok(Self { sandbox, serving })
    }

    fn endpoints(&self) -> Endpoints {
        Endpoints {
            server_url: self.serving.url().to_owned(),
            key: self.serving.key().to_owned(),
            sandbox_url: self.sandbox.url(),
        }
    }

    async fn stop(self) -> Result<(), Error> {
        let stopped = self.serving.stop().await;
        self.sandbox.stop().await;
        stopped
    }
}

fn look_around(sides: &Sides) -> String {
    format!(
        "\nStill serving; look around from another terminal, Ctrl-C stops.\n\n  \
         export FOURCAST_URL={}\n  export FOURCAST_KEY={}\n\n  \
         fourcast campaigns list\n  fourcast campaigns report 16-final-sale\n  \
         fourcast segments count 'tag \"油性皮肤\" and slots >= 1'\n  \
         fourcast segments list 'received \"11-everybody\"' --limit 5\n  \
         fourcast slots histogram\n\nThe sandbox's inspector: {}/sandbox/accounts",
        sides.serving.url(),
        sides.serving.key(),
        sides.sandbox.url()
    )
}

/// Takes the time of one part after the other.
struct Clockwork {
    start: Instant,
    lap: Instant,
    parts: Vec<Timing>,
}

impl Clockwork {
    fn start() -> Self {
        let now = Instant::now();
        Self { start: now, lap: now, parts: Vec::new() }
    }

    fn lap(&mut self, part: &str) {
        let now = Instant::now();
        self.parts.push(timing(part, now - self.lap));
        self.lap = now;
    }

    fn end(mut self) -> Vec<Timing> {
        self.parts.push(timing("together 合计", self.start.elapsed()));
        self.parts
    }
}

fn timing(part: &str, took: std::time::Duration) -> Timing {
    Timing { part: part.to_owned(), seconds: (took.as_secs_f64() * 1_000.0).round() / 1_000.0 }
}
