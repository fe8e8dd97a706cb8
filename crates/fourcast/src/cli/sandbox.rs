//! `fourcast sandbox`: a platform of one's own, with one account; its verbs speak to one that runs.

mod control;
mod doors;
mod operations;
mod refusal;
mod settings;
mod shown;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sandbox::population::description::Description;
use sandbox::{ClockMode, Config, Sandbox};
use serde::{Deserialize, Serialize};
use wire::rules::AccountKind;
use wire::{Day, Timestamp};

use super::{Out, sheet};
use crate::Error;
use crate::demo::control::{Callback, Control, Wish};
use crate::serve::stop_signal;

/// What `sandbox` takes.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    doors: doors::Doors,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:7150")]
    listen: SocketAddr,
    /// People who follow the account at the start
    #[arg(long, default_value_t = 10_000)]
    followers: u32,
    /// Everything about the people is drawn from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// `real`, or a moment at which the clock stands until `POST /sandbox/clock` moves it
    #[arg(long, default_value = "real", value_parser = clock)]
    clock: ClockMode,
    /// From the clock's moment on, time runs so many times as fast as the machine's
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    factor: Option<u32>,
    /// The platform's limits are those of this day
    #[arg(long, value_name = "DAY")]
    rules_as_of: Option<Day>,
    /// service (服务号) or subscription (订阅号)
    #[arg(long, default_value = "service", value_parser = super::accounts::kind)]
    kind: AccountKind,
    /// The account is not verified (未认证)
    #[arg(long)]
    unverified: bool,
    /// New followers an evening, of a thousand
    #[arg(long, default_value_t = 0)]
    arrivals: u32,
    /// Followers who leave an evening, of a thousand
    #[arg(long, default_value_t = 0)]
    leavers: u32,
    /// Followers who write or click an evening, of a thousand
    #[arg(long, default_value_t = 0)]
    talkers: u32,
    /// Followers who switched the account's messages off, of a thousand
    #[arg(long, default_value_t = 0)]
    refusing: u32,
    /// File that says what the people are like and how they answer campaigns (TOML, see
    /// docs/sandbox-population.md), or `shop` for the built-in shop
    #[arg(long, value_name = "FILE", conflicts_with_all = ["arrivals", "leavers", "talkers", "refusing"])]
    population: Option<PathBuf>,
    /// Where events are pushed
    #[arg(long, requires = "callback_token")]
    callback_url: Option<String>,
    /// Token of the callback settings
    #[arg(long)]
    callback_token: Option<String>,
    /// EncodingAESKey of the callback settings; with it events are pushed in safe mode
    #[arg(long)]
    encoding_aes_key: Option<String>,
}

#[derive(Debug, Clone, Subcommand)]
enum Verb {
    /// Say what to set so that an SDK speaks to a running sandbox
    Settings(settings::Options),
    #[command(flatten)]
    Control(control::Noun),
    #[command(flatten)]
    Made(operations::Call),
}

fn clock(text: &str) -> Result<ClockMode, String> {
    if text == "real" {
        return Ok(ClockMode::Real);
    }
    text.parse::<Timestamp>().map(ClockMode::Manual).map_err(|error| error.to_string())
}

fn pace(options: &Options) -> Result<ClockMode, Error> {
    match (options.clock, options.factor) {
        (clock, None) => Ok(clock),
        (ClockMode::Manual(from), Some(factor)) => Ok(ClockMode::Running { from, factor }),
        (_, Some(_)) => Err(Error::asked(
            "a clock that runs at a factor needs a moment to start at",
            "give one: --clock 2026-03-02T10:00 --factor 60",
        )),
    }
}

#[derive(Serialize)]
struct Started {
    url: String,
    control: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<SocketAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    appid: String,
    secret: String,
    original_id: String,
    followers: u32,
}

/// Plays the platform until Ctrl-C or SIGTERM, or does what the verb says.
pub(super) async fn run(options: &Options, out: Out) -> Result<(), Error> {
    match &options.verb {
        Some(Verb::Settings(options)) => settings::run(options, out).await,
        Some(Verb::Control(noun)) => control::run(noun, out).await,
        Some(Verb::Made(call)) => call.run(out).await,
        None => play(options, out).await,
    }
}

async fn play(options: &Options, out: Out) -> Result<(), Error> {
    let stop = stop_signal()?;
    let config = options.doors.open(Config {
        listen: options.listen,
        clock: pace(options)?,
        rules_as_of: options.rules_as_of,
        ..Config::default()
    });
    let running = Sandbox::start(config).await.map_err(Error::failed("start the sandbox"))?;
    let mut control = Control::new(&running.url(), "")?;
    let made = control.make_account(&wish(options)?).await?;
    let started = Started {
        url: running.url(),
        control: format!("{}{}", running.url(), control.path("")),
        tls: running.doors().tls,
        proxy: running.doors().proxy.clone(),
        authority: running.doors().authority.clone(),
        appid: made.appid,
        secret: made.secret,
        original_id: made.original_id,
        followers: options.followers,
    };
    out.show(&started, |started| {
        let mut lines =
            vec![("platform", started.url.clone()), ("control", started.control.clone())];
        lines.extend(doors::lines(&running));
        lines.extend([
            ("appid", started.appid.clone()),
            ("secret", started.secret.clone()),
            ("original id", started.original_id.clone()),
            ("followers", started.followers.to_string()),
        ]);
        sheet(&lines)
    })?;
    stop.await;
    eprintln!("stopping");
    running.stop().await;
    Ok(())
}

/// The people of this file, which may hold them under `[population]`.
fn population(file: &Path) -> Result<Description, Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct File {
        population: Option<toml::Table>,
    }
    if file.as_os_str() == "shop" {
        return Ok(Description::default());
    }
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(Error::failed(format!("read {name}")))?;
    let what = || format!("read the population of {name}");
    let inner = toml::from_str::<File>(&text).map_err(Error::failed(what()))?.population;
    let described: Description = match inner {
        Some(inner) => inner.try_into().map_err(Error::failed(what()))?,
        None => toml::from_str(&text).map_err(Error::failed(what()))?,
    };
    described.check().map_err(Error::failed(what()))?;
    Ok(described)
}

fn wish(options: &Options) -> Result<Wish, Error> {
    let population = options.population.as_deref().map(population).transpose()?;

    let key = options.encoding_aes_key.clone().unwrap_or_default();
    let callback = options.callback_url.clone().map(|url| Callback {
        url,
        token: options.callback_token.clone().unwrap_or_default(),
        mode: if key.is_empty() { "plain" } else { "safe" },
        encoding_aes_key: key,
    });
    Ok(Wish {
        kind: options.kind,
        verified: !options.unverified,
        daily_arrivals_per_mille: options.arrivals,
        daily_leavers_per_mille: options.leavers,
        daily_talkers_per_mille: options.talkers,
        refusing_per_mille: options.refusing,
        callback,
        population,
        ..Wish::of(options.followers, options.seed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_documentation_is_the_shop_built_in() {
        let page = include_str!("../../../../docs/sandbox-population.md");
        let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.toml");
        std::fs::write(&file, example.unwrap()).unwrap();
        let read = population(&file).unwrap();
        let shop = Description::default();
        for (read, built_in) in read.types.iter().zip(&shop.types) {
            assert_eq!(read, built_in);
        }
        assert_eq!(read, shop);
        assert_eq!(population(Path::new("shop")).unwrap(), shop);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_with_its_line_or_field() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("people.toml");
        let refused = |text: &str| {
            std::fs::write(&file, text).unwrap();
            population(&file).unwrap_err().to_string()
        };
        assert!(refused("[[types]\n").contains("line 1"));
        let text = "[[types]]\nname='a'\nshare=1\ntired=7\n[types.responses.general]\n";
        let error = refused(text);
        assert!(error.contains("population.types[0].tired is 7"), "{error}");
        assert!(population(Path::new("/nowhere.toml")).is_err());
    }
}
