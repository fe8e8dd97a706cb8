//! The promises about facts coming in: twenty thousand events a second, each batch durable before
//! its answer, while segments are counted; a million lines of a file a minute; a server ready within
//! a minute of its start, within seconds from its snapshot. A real server over a real data folder.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use delivery::view::ImportJobView;
use serde::Serialize;
use serde_json::{Value, json};
use store::account::{self, NewAccount};
use store::{AccountId, Secret, Store, follower, sync_pass};
use tokio::task::JoinSet;
use wire::user::UserInfo;
use wire::{OpenId, TagId, Timestamp};

use super::machine;
use crate::Error;
use crate::cli::Out;
use crate::cli::table::Table;
use crate::rest::Rest;
use crate::serve::{self, Serving};

/// Goals of the project; those of a start are for ten million followers.
const EVENTS_PER_SECOND: f64 = 20_000.0;
const LINES_PER_MINUTE: f64 = 1_000_000.0;
const START_SECONDS: f64 = 60.0;
const SNAPSHOT_SECONDS: f64 = 5.0;

/// 2026-03-02 10:00, a Monday.
const MORNING: Timestamp = Timestamp(1_772_416_800);
const ACCOUNT: AccountId = AccountId(1);
/// Nobody listens there: nothing here asks the platform.
const NOWHERE: &str = "http://127.0.0.1:9";
/// OpenIDs of a page of the platform, and details written at once.
const PAGE: u32 = 10_000;
/// Events of one call.
const BATCH: u64 = 2_000;
const TELLERS: usize = 3;
const BETWEEN_COUNTS: Duration = Duration::from_millis(100);
const GLANCE: Duration = Duration::from_millis(50);
const COUNTED: &str = "count(visit, 7d) >= 2 and subscribed";

/// What `bench intake` takes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Followers
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    followers: u32,
    /// Seconds in which events are told
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Lines of the imported file
    #[arg(long, default_value_t = 1_000_000)]
    lines: u64,
}

#[derive(Debug, Serialize)]
struct Figures {
    machine: String,
    followers: u32,
    /// Making the data folder, which no goal speaks of.
    filled_seconds: f64,
    start_seconds: f64,
    start_from_snapshot_seconds: f64,
    events: EventFigures,
    import: ImportFigures,
    peak_memory_bytes: u64,
    missed: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct EventFigures {
    told: u64,
    per_second: f64,
    counts: usize,
    median_count_ms: f64,
    slowest_count_ms: f64,
}

#[derive(Debug, Serialize)]
struct ImportFigures {
    lines: u64,
    seconds: f64,
    lines_per_minute: f64,
    /// An event told meanwhile was durable after at most so long.
    slowest_event_ms: f64,
}

/// Measures all and shows it; `false` when a goal was missed.
///
/// # Errors
/// When the server cannot be set up or answers wrongly.
pub(super) async fn run(options: &Options, out: Out) -> Result<bool, Error> {
    let machine = machine::described();
    let folder = tempfile::Builder::new()
        .prefix("fourcast-bench-")
        .tempdir()
        .map_err(Error::failed("make a temporary folder"))?;
    let filling = Instant::now();
    fill(folder.path(), options.followers).await?;
    let filled_seconds = filling.elapsed().as_secs_f64();
    eprintln!("{} followers written in {filled_seconds:.1} s", options.followers);

    let (serving, start_seconds) = start(folder.path(), options.followers).await?;
    eprintln!("ready after {start_seconds:.2} s");
    serving.stop().await?;
    let (serving, start_from_snapshot_seconds) = start(folder.path(), options.followers).await?;
    eprintln!("ready again after {start_from_snapshot_seconds:.2} s");

    let rest = Rest::new(serving.url(), Some(serving.key()))?;
    // A segment can only speak of kinds of events that have been heard of.
    tell(&rest, &[visit("first", 0, 1)]).await?;
    let events = events(&rest, options).await?;
    eprintln!("{:.0} events a second", events.per_second);
    let import = import(&rest, options).await?;
    serving.stop().await?;

    // A goal for ten million is asked of fewer in proportion, of more not at all harder.
    let share = (f64::from(options.followers) / 1e7).min(1.0);
    let goals = [
        (events.per_second >= EVENTS_PER_SECOND, "events a second"),
        (import.lines_per_minute >= LINES_PER_MINUTE, "lines a minute"),
        (start_seconds <= START_SECONDS * share, "start"),
        (start_from_snapshot_seconds <= SNAPSHOT_SECONDS * share.max(0.2), "start from a snapshot"),
    ];
    let missed: Vec<_> = goals.iter().filter(|(met, _)| !met).map(|(_, name)| *name).collect();
    let good = missed.is_empty();
    let figures = Figures {
        machine,
        followers: options.followers,
        filled_seconds,
        start_seconds,
        start_from_snapshot_seconds,
        events,
        import,
        peak_memory_bytes: machine::peak_bytes()?,
        missed,
    };
    out.show(&figures, text)?;
    Ok(good)
}

fn openid(number: u32) -> String {
    format!("oWorld{number:022}")
}

/// A data folder as a synchronisation of so many followers leaves it.
async fn fill(folder: &Path, followers: u32) -> Result<(), Error> {
    let failed = || Error::failed("fill the data folder");
    let store = Store::open(folder).await.map_err(failed())?;
    let shop = NewAccount {
        name: "Shop".into(),
        appid: "wx0123456789abcdef".parse().map_err(Error::failed("read the AppID"))?,
        secret: Secret::new("0123456789abcdef0123456789abcdef"),
        original_id: "gh_0f1e2d3c4b5a".parse().map_err(Error::failed("read the original id"))?,
        kind: wire::rules::AccountKind::Service,
        verified: true,
        base_url: NOWHERE.into(),
        callback_token: Secret::new("measuring"),
        callback_key: None,
        created_at: MORNING,
    };
    let pass = store
        .write(move |tx| {
            Box::pin(async move {
                account::create(tx, &shop).await?;
                sync_pass::start(tx, ACCOUNT, MORNING).await
            })
        })
        .await
        .map_err(failed())?
        .id;
    for first in (0..followers).step_by(PAGE as usize) {
        let numbers = first..followers.min(first + PAGE);
        let openids: Vec<OpenId> =
            numbers.filter_map(|number| openid(number).parse().ok()).collect();
        let details: Vec<(u32, UserInfo)> = openids
            .iter()
            .zip(first..)
            .map(|(openid, number)| (number, about(number, openid.clone())))
            .collect();
        store
            .write(move |tx| {
                Box::pin(async move {
                    follower::add_page(tx, ACCOUNT, pass, &openids).await?;
                    follower::set_details(tx, ACCOUNT, pass, MORNING + 60, &details).await
                })
            })
            .await
            .map_err(failed())?;
    }
    store
        .write(move |tx| {
            Box::pin(async move { sync_pass::finish(tx, ACCOUNT, pass, MORNING, None).await })
        })
        .await
        .map_err(failed())?;
    store.close().await;
    Ok(())
}

/// A follower with four of twenty tags.
fn about(number: u32, openid: OpenId) -> UserInfo {
    UserInfo {
        subscribe: 1,
        openid,
        subscribe_time: Some(MORNING.0 - i64::from(number % 31_536_000)),
        unionid: None,
        remark: Some(String::new()),
        groupid: Some(0),
        tagid_list: Some((0..4).map(|nth| TagId(100 + i64::from(number) % 20 + nth)).collect()),
        subscribe_scene: Some("ADD_SCENE_QR_CODE".to_owned()),
        qr_scene: Some(0),
        qr_scene_str: Some(String::new()),
        language: Some("zh_CN".to_owned()),
    }
}

/// A server over the folder, and after how many seconds it counted everybody.
async fn start(folder: &Path, followers: u32) -> Result<(Serving, f64), Error> {
    let began = Instant::now();
    let serving = Serving::start(&serve::Options {
        data: folder.to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        virtual_clock: Some(MORNING),
        rules_as_of: None,
    })
    .await?;
    let rest = Rest::new(serving.url(), Some(serving.key()))?;
    let counted = count(&rest, "subscribed").await?;
    if counted != u64::from(followers) {
        return Err(Error::asked(
            format!("{counted} of {followers} followers were counted"),
            "this is a defect",
        ));
    }
    Ok((serving, began.elapsed().as_secs_f64()))
}

async fn count(rest: &Rest, segment: &str) -> Result<u64, Error> {
    let path = format!("/api/v1/accounts/{ACCOUNT}/segments/count");
    let counted: Value = rest.post(&path, &json!({ "segment": segment })).await?;
    Ok(counted["people"].as_u64().unwrap_or_default())
}

async fn tell(rest: &Rest, events: &[Value]) -> Result<(), Error> {
    let path = format!("/api/v1/accounts/{ACCOUNT}/events");
    let told: Value = rest.post(&path, &json!({ "events": events })).await?;
    if told["new"].as_u64() == Some(events.len() as u64) {
        return Ok(());
    }
    Err(Error::asked(format!("not every event was new: {told}"), "this is a defect"))
}

fn visit(key: &str, person: u32, value: u32) -> Value {
    json!({"key": key, "kind": "visit", "who": {"openid": openid(person)}, "value": value,
        "at": "2026-03-01T10:00:00+08:00"})
}

/// Somebody of the followers, another for each number.
fn somebody(number: u64, followers: u32) -> u32 {
    u32::try_from(number.wrapping_mul(7_919) % u64::from(followers)).unwrap_or_default()
}

async fn events(rest: &Rest, options: &Options) -> Result<EventFigures, Error> {
    let followers = options.followers;
    let (stop, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut tellers = JoinSet::new();
    let began = Instant::now();
    for _ in 0..TELLERS {
        let (rest, stop, next) = (rest.clone(), Arc::clone(&stop), Arc::clone(&next));
        tellers.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let first = next.fetch_add(BATCH, Ordering::Relaxed);
                let events: Vec<Value> = (first..first + BATCH)
                    .map(|event| visit(&format!("e{event}"), somebody(event, followers), 1))
                    .collect();
                tell(&rest, &events).await?;
            }
            Ok::<(), Error>(())
        });
    }
    let mut took = Vec::new();
    while began.elapsed() < Duration::from_secs(options.seconds) {
        let asked = Instant::now();
        count(rest, COUNTED).await?;
        took.push(asked.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(BETWEEN_COUNTS).await;
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = tellers.join_next().await {
        ended.map_err(Error::failed("tell events"))??;
    }
    let told = next.load(Ordering::Relaxed);
    took.sort_by(f64::total_cmp);
    Ok(EventFigures {
        told,
        per_second: told as f64 / began.elapsed().as_secs_f64(),
        counts: took.len(),
        median_count_ms: took.get(took.len() / 2).copied().unwrap_or_default(),
        slowest_count_ms: took.last().copied().unwrap_or_default(),
    })
}

async fn import(rest: &Rest, options: &Options) -> Result<ImportFigures, Error> {
    let mut file = String::from("order_id,openid,time,amount,items\n");
    for line in 0..options.lines {
        let person = openid(somebody(line, options.followers));
        file.push_str(&format!("order-{line},{person},2026-02-01 10:00,59.90,1\n"));
    }
    let began = Instant::now();
    let path = format!("/api/v1/accounts/{ACCOUNT}/imports");
    let begun: ImportJobView = rest.upload(&format!("{path}?what=orders"), file).await?;
    let path = format!("{path}/{}", begun.id);
    let mut slowest_event_ms: f64 = 0.0;
    let mut told = 0;
    let done = loop {
        let asked = Instant::now();
        tell(rest, &[visit(&format!("beside{told}"), 0, 1)]).await?;
        slowest_event_ms = slowest_event_ms.max(asked.elapsed().as_secs_f64() * 1e3);
        told += 1;
        let view: ImportJobView = rest.get(&path).await?;
        if view.finished_at.is_some() {
            break view;
        }
        tokio::time::sleep(GLANCE).await;
    };
    let seconds = began.elapsed().as_secs_f64();
    if done.imported != options.lines {
        return Err(Error::asked(
            format!("{} of {} lines were imported", done.imported, options.lines),
            "this is a defect",
        ));
    }
    Ok(ImportFigures {
        lines: options.lines,
        seconds,
        lines_per_minute: options.lines as f64 * 60.0 / seconds,
        slowest_event_ms,
    })
}

fn text(figures: &Figures) -> String {
    let (events, import) = (&figures.events, &figures.import);
    let mut table = Table::new(&["what", ">figure", "goal"]);
    let mut put = |what: &str, figure: String, goal: &str| {
        table.row([what.to_owned(), figure, goal.to_owned()]);
    };
    let (start, again) = (figures.start_seconds, figures.start_from_snapshot_seconds);
    put("ready, every fact read from the store", format!("{start:.2} s"), "60 s at 10 million");
    put("ready, from the snapshot", format!("{again:.2} s"), "5 s at 10 million");
    put("events accepted durably", format!("{:.0}/s", events.per_second), "20,000/s");
    let beside = format!("{:.0} ms; {:.0} ms", events.median_count_ms, events.slowest_count_ms);
    put("a count beside them: median; slowest", beside, "");
    put("lines imported", format!("{:.0} a minute", import.lines_per_minute), "1,000,000 a minute");
    let slowest = format!("{:.0} ms", import.slowest_event_ms);
    put("an event told meanwhile, slowest", slowest, "");
    put("memory at most", format!("{} MiB", figures.peak_memory_bytes >> 20), "");
    let missed = match figures.missed.as_slice() {
        [] => "every goal met".to_owned(),
        missed => format!("MISSED: {}", missed.join(", ")),
    };
    let followers = figures.followers;
    format!("{}\n{followers} followers\n{}\n{missed}", figures.machine, table.text())
}
