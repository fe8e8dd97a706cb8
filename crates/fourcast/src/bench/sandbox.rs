//! The sandbox's promises: a million followers start within a second, ten million are kept in 64
//! bytes each, a send to all of them costs under a second of processor time, and template messages
//! are answered at 60 % of the pace of a handler that answers a constant.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::sandbox::{AccountSpec, ClockMode, Config, Running, Sandbox};
use axum::Router;
use axum::serve::ListenerExt as _;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::Timestamp;

use super::load::{self, Requests};
use super::machine;
use crate::Error;
use crate::cli::Out;
use crate::cli::table::Table;
use crate::demo::control::{Control, Made};
use crate::rest::Rest;

/// Goals of the project.
const START_SECONDS: f64 = 1.0;
const BYTES_PER_FOLLOWER: f64 = 64.0;
const SEND_SECONDS: f64 = 1.0;
const SHARE_OF_CONSTANT: f64 = 0.6;

/// 2026-03-02 10:00, a Monday.
const MORNING: i64 = 1_772_416_800;
const HOUR: i64 = 3_600;
/// Whom template messages go to, in turn.
const RECIPIENTS: usize = 1_024;
/// Longest piece of a round, seconds: the day's 100,000 template messages are not used up in it at
/// 200,000 a second.
const PIECE_SECONDS: f64 = 0.5;
/// How often a month one counter may be put back to zero (`platform/01 §6.3`).
const CLEARINGS: usize = 50;
const CONSTANT: &str = r#"{"errcode":0,"errmsg":"ok","msgid":3428411849815982087}"#;
const SENT: &str = r#""errcode":0"#;

/// What `bench sandbox` takes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Followers of the send to everybody
    #[arg(long, default_value_t = 10_000_000)]
    followers: u32,
    /// Connections that send template messages at once
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Rounds of template messages and of the constant, in turn
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Seconds of each round
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// Only the template messages
    #[arg(long)]
    only_templates: bool,
}

#[derive(Debug, Serialize)]
struct Figures {
    machine: String,
    population: Option<PopulationFigures>,
    templates: TemplateFigures,
    missed: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct PopulationFigures {
    start_of_a_million_seconds: f64,
    followers: u32,
    start_seconds: f64,
    bytes_per_follower: f64,
    memory: Vec<Held>,
    send_processor_seconds: f64,
    send_wall_seconds: f64,
    sent: u64,
    errors: u64,
    filtered_away: u64,
}

/// What takes the sandbox's memory, as it tells itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Held {
    what: String,
    bytes: u64,
}

#[derive(Debug, Serialize)]
struct TemplateFigures {
    connections: usize,
    constant_per_second: f64,
    templates_per_second: f64,
    share: f64,
    lowest_share: f64,
    highest_share: f64,
}

/// Measures all and shows it; `false` when a goal was missed.
///
/// # Errors
/// When a sandbox cannot be set up or answers wrongly.
pub(super) async fn run(options: &Options, out: Out) -> Result<bool, Error> {
    let machine = machine::described();
    let population =
        if options.only_templates { None } else { Some(population(options.followers).await?) };
    let templates = templates(options).await?;
    let mut missed = Vec::new();
    if let Some(figures) = &population {
        let goals = [
            (figures.start_of_a_million_seconds < START_SECONDS, "start of a million"),
            (figures.bytes_per_follower <= BYTES_PER_FOLLOWER, "bytes a follower"),
            (figures.send_processor_seconds < SEND_SECONDS, "send to everybody"),
        ];
        missed.extend(goals.iter().filter(|(met, _)| !met).map(|(_, name)| *name));
    }
    if templates.share < SHARE_OF_CONSTANT {
        missed.push("template messages");
    }
    let good = missed.is_empty();
    out.show(&Figures { machine, population, templates, missed }, text)?;
    Ok(good)
}

fn text(figures: &Figures) -> String {
    let mut table = Table::new(&["what", ">figure", "goal"]);
    if let Some(people) = &figures.population {
        let start = format!("{:.2} s", people.start_of_a_million_seconds);
        table.row(["start with 1,000,000 followers".to_owned(), start, "under 1 s".into()]);
        let count = people.followers;
        table.row([
            format!("start with {count} followers"),
            format!("{:.2} s", people.start_seconds),
            String::new(),
        ]);
        table.row([
            "memory after a month's sends, a follower".to_owned(),
            format!("{:.1} bytes", people.bytes_per_follower),
            "at most 64".into(),
        ]);
        for held in &people.memory {
            let bytes = held.bytes as f64 / f64::from(count.max(1));
            table.row([format!("  {}", held.what), format!("{bytes:.2} bytes"), String::new()]);
        }
        table.row([
            format!("send to all of them, {} delivered: processor", people.sent),
            format!("{:.2} s", people.send_processor_seconds),
            "under 1 s".into(),
        ]);
        let wall = format!("{:.2} s", people.send_wall_seconds);
        table.row(["  the same, by the clock on the wall".to_owned(), wall, String::new()]);
    }
    let templates = &figures.templates;
    let connections = templates.connections;
    let rate = |rate: f64| format!("{rate:.0}/s");
    table.row([
        format!("a constant, {connections} connections"),
        rate(templates.constant_per_second),
        String::new(),
    ]);
    table.row([
        "template messages, the same".to_owned(),
        rate(templates.templates_per_second),
        String::new(),
    ]);
    table.row([
        "  their share, median of the rounds".to_owned(),
        format!("{:.0} %", templates.share * 100.0),
        "at least 60 %".into(),
    ]);
    let mut text = format!("{}\n\n{}", figures.machine, table.text());
    if !figures.missed.is_empty() {
        text.push_str(&format!("\nmissed: {}\n", figures.missed.join(", ")));
    }
    text
}

async fn start(clock: ClockMode, spec: AccountSpec) -> Result<(Running, Stage), Error> {
    let config = Config { clock, accounts: vec![spec], ..Config::default() };
    let running = Sandbox::start(config).await.map_err(Error::failed("start the sandbox"))?;
    let rest = Rest::new(&running.url(), None)?;
    let mut accounts: Vec<Made> = rest.get("/sandbox/accounts").await?;
    let made = accounts.pop().ok_or_else(|| {
        Error::asked("the sandbox was started without an account", "this is a defect")
    })?;
    let control = Control::new(&running.url(), &made.appid)?;
    let mut stage = Stage { rest, control, made, token: String::new() };
    stage.refresh().await?;
    Ok((running, stage))
}

struct Stage {
    rest: Rest,
    control: Control,
    made: Made,
    token: String,
}

impl Stage {
    async fn refresh(&mut self) -> Result<(), Error> {
        let body = json!({"grant_type":"client_credential","appid":self.made.appid,
            "secret":self.made.secret});
        let answer: Value = self.rest.post("/cgi-bin/stable_token", &body).await?;
        self.token = word(&answer, "access_token")?;
        Ok(())
    }

    async fn call(&self, path: &str, body: &Value) -> Result<Value, Error> {
        let path = format!("/cgi-bin/{path}?access_token={}", self.token);
        let answer: Value = self.rest.post(&path, body).await?;
        if answer.get("errcode").is_some_and(|code| *code != 0) {
            return Err(Error::asked(format!("{path} was refused: {answer}"), "this is a defect"));
        }
        Ok(answer)
    }
}

fn word(answer: &Value, field: &str) -> Result<String, Error> {
    let word = answer.get(field).and_then(Value::as_str).map(str::to_owned);
    word.ok_or_else(|| Error::asked(format!("no {field} in {answer}"), "this is a defect"))
}

fn spec(followers: u32) -> AccountSpec {
    AccountSpec {
        followers,
        seed: 7,
        refusing_per_mille: 30,
        errors_per_mille: 2,
        ..AccountSpec::default()
    }
}

/// Seconds a million followers take to be there.
async fn start_of_a_million() -> Result<f64, Error> {
    let started = Instant::now();
    let (running, _) = start(ClockMode::Manual(Timestamp(MORNING)), spec(1_000_000)).await?;
    let took = started.elapsed().as_secs_f64();
    running.stop().await;
    Ok(took)
}

#[derive(Deserialize)]
struct Job {
    msg_id: i64,
    total: u64,
    filtered: u64,
    sent: u64,
    errors: u64,
}

async fn population(followers: u32) -> Result<PopulationFigures, Error> {
    // The large one first: memory that an earlier world gave back would hide what this one takes.
    let before = machine::resident_bytes()?;
    let started = Instant::now();
    let (running, mut stage) =
        start(ClockMode::Manual(Timestamp(MORNING)), spec(followers)).await?;
    let start_seconds = started.elapsed().as_secs_f64();

    // A month under way: two sends to tags, so that people differ in what they have received.
    let mut now = MORNING;
    for tag in [103, 114] {
        let body = json!({"filter":{"is_to_all":false,"tag_id":tag},"msgtype":"text",
            "text":{"content":format!("会员日 {tag}")},"clientmsgid":format!("bench-{tag}")});
        stage.call("message/mass/sendall", &body).await?;
        now += HOUR;
        stage.control.move_clock(Timestamp(now)).await?;
        stage.refresh().await?;
    }
    let processor = machine::processor_time()?;
    let wall = Instant::now();
    let body = json!({"filter":{"is_to_all":true},"msgtype":"text",
        "text":{"content":"春季上新"},"clientmsgid":"bench-all"});
    let accepted = stage.call("message/mass/sendall", &body).await?;
    stage.control.move_clock(Timestamp(now + HOUR)).await?;
    let send_wall_seconds = wall.elapsed().as_secs_f64();
    let send_processor_seconds = (machine::processor_time()? - processor).as_secs_f64();

    let jobs: Vec<Job> = stage.rest.get(&stage.control.path("jobs")).await?;
    let job = jobs.into_iter().find(|job| accepted["msg_id"] == job.msg_id);
    let job = job.ok_or_else(|| Error::asked("the job is not listed", "this is a defect"))?;
    check_truth(&stage, &job).await?;
    let memory: Vec<Held> = stage.rest.get(&stage.control.path("memory")).await?;
    let resident = machine::resident_bytes()?.saturating_sub(before);
    running.stop().await;
    Ok(PopulationFigures {
        start_of_a_million_seconds: start_of_a_million().await?,
        followers,
        start_seconds,
        bytes_per_follower: resident as f64 / f64::from(followers.max(1)),
        memory,
        send_processor_seconds,
        send_wall_seconds,
        sent: job.sent,
        errors: job.errors,
        filtered_away: job.total - job.filtered,
    })
}

/// The truth kept of each follower adds up to what the job says it delivered.
async fn check_truth(stage: &Stage, job: &Job) -> Result<(), Error> {
    let mut received = 0_u64;
    stage.control.received(job.msg_id, |_| received += 1).await?;
    if received == job.sent && job.sent + job.errors == job.filtered {
        return Ok(());
    }
    let sentence = format!("{received} people received it, the job says {}", job.sent);
    Err(Error::asked(sentence, "this is a defect"))
}

async fn templates(options: &Options) -> Result<TemplateFigures, Error> {
    let (running, stage) = start(ClockMode::Real, spec(10_000)).await?;
    let keywords = json!({"template_id_short":"43216",
        "keyword_name_list":["活动名称","开始时间"]});
    let added = stage.call("template/api_add_template", &keywords).await?;
    let template = word(&added, "template_id")?;
    let page: Value =
        stage.rest.get(&format!("/cgi-bin/user/get?access_token={}", stage.token)).await?;
    let people = page["data"]["openid"].as_array().cloned().unwrap_or_default();
    let sandbox = address(&running.url())?;
    let path = format!("/cgi-bin/message/template/send?access_token={}", stage.token);
    let request = |person: &Value| {
        let body = json!({"touser":person,"template_id":template,
            "url":"https://shop.example.com/a/1",
            "data":{"thing1":{"value":"秋季上新"},"time2":{"value":"2026年1月1日 10:00"}}});
        load::post(sandbox, &path, &body.to_string())
    };
    let requests: Requests = Arc::new(people.iter().take(RECIPIENTS).map(request).collect());

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.map_err(Error::failed("listen"))?;
    let constant = listener.local_addr().map_err(Error::failed("listen"))?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let answer = || async { ([("content-type", "application/json; encoding=utf-8")], CONSTANT) };
    let app = Router::new().fallback(answer);
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });

    let (connections, time) = (options.connections.max(1), options.seconds.clamp(0.05, 600.0));
    let pieces = (time / PIECE_SECONDS).ceil().max(1.0);
    let warmed = options.rounds.max(1) + 1;
    if warmed * pieces as usize > CLEARINGS {
        let sentence = format!("{warmed} rounds of {time} s, the first to warm up, are too many");
        let hint = format!("give at most {CLEARINGS} pieces of {PIECE_SECONDS} s in all");
        return Err(Error::asked(sentence, hint));
    }
    let time = Duration::from_secs_f64(time / pieces);
    let mut rounds = Vec::new();
    // The first round warms both up and does not count.
    for round in 0..warmed {
        let one = load::measure(constant, &requests, connections, time.mul_f64(pieces), CONSTANT);
        let one = one.await?;
        let mut other = 0.0;
        for _ in 0..pieces as usize {
            // A day has 100,000 of them, which are gone in seconds here.
            let counter = json!({"cgi_path":"/cgi-bin/message/template/send"});
            stage.call("openapi/quota/clear", &counter).await?;
            let rate = load::measure(sandbox, &requests, connections, time, SENT).await?;
            other += rate / pieces;
        }
        if round > 0 {
            rounds.push((one, other));
        }
    }
    serving.abort();
    running.stop().await;
    let of = |figure: fn(&(f64, f64)) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(figure).collect();
        all.sort_unstable_by(f64::total_cmp);
        all
    };
    let middle = |all: &[f64]| all.get(all.len() / 2).copied().unwrap_or(0.0);
    let shares = of(|(one, other)| other / one);
    Ok(TemplateFigures {
        connections,
        constant_per_second: middle(&of(|round| round.0)),
        templates_per_second: middle(&of(|round| round.1)),
        share: middle(&shares),
        lowest_share: shares.first().copied().unwrap_or(0.0),
        highest_share: shares.last().copied().unwrap_or(0.0),
    })
}

fn address(url: &str) -> Result<SocketAddr, Error> {
    let address = url.trim_start_matches("http://").parse();
    address.map_err(Error::failed(format!("read the sandbox's address {url}")))
}
