//! kill −9: `fourcast serve` is killed again and again in the middle of a month, between two steps
//! and within them, and started again on the same folder. The month must end as an undisturbed one
//! does: the same people receive the same campaigns, nobody twice, and the ledger brackets it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use delivery::view::{CountView, ImportJobView, IntakeView};
use fourcast::cli::Saved;
use fourcast::demo::control::Wish;
use fourcast::demo::drive::{Driver, Endpoints};
use fourcast::demo::happening::{Happening, Hooks};
use fourcast::demo::month::Script;
use fourcast::demo::report::{Report, report};
use sandbox::{ClockMode, Config, Sandbox};
use wire::Timestamp;

/// When the server is killed.
#[derive(Debug, Clone, Copy)]
enum Kill {
    Never,
    /// Whenever this many steps went by, between two of them.
    BetweenSteps(u64),
    /// So many milliseconds after a campaign was sent or the sandbox's clock was moved, each time
    /// a little later: within calls, writes and callbacks.
    Within,
}

/// A server process on one folder and one port.
struct Process {
    folder: tempfile::TempDir,
    port: u16,
    child: Mutex<Child>,
    killed: Mutex<usize>,
}

impl Process {
    fn start(now: Timestamp) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        // Free now; nothing else on this machine asks for it within the test's second.
        let port = {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            listener.local_addr().unwrap().port()
        };
        let child = Mutex::new(spawn(folder.path(), port, now));
        Arc::new(Self { folder, port, child, killed: Mutex::new(0) })
    }

    fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        *self.killed.lock().unwrap() += 1;
    }

    /// Starts it again when it is dead.
    fn revive(&self, now: Timestamp) {
        let mut child = self.child.lock().unwrap();
        if child.try_wait().unwrap().is_some() {
            *child = spawn(self.folder.path(), self.port, now);
        }
    }

    fn key(&self) -> String {
        let patience = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(saved) = Saved::read(self.folder.path()).unwrap() {
                return saved.key;
            }
            assert!(Instant::now() < patience, "the server never wrote cli.toml");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap();
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn spawn(folder: &Path, port: u16, now: Timestamp) -> Child {
    Command::new(env!("CARGO_BIN_EXE_fourcast"))
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .args(["--virtual-clock", &now.to_string()])
        .arg("--data")
        .arg(folder)
        .env("FOURCAST_LOG", "error")
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn hooks(process: &Arc<Process>, kill: Kill) -> Hooks {
    let (killer, reviver) = (Arc::clone(process), Arc::clone(process));
    let mut steps: u64 = 0;
    let happened = move |happening: &Happening<'_>| match (kill, happening) {
        (
            Kill::BetweenSteps(every),
            Happening::Moving(_)
            | Happening::SandboxMoved(_)
            | Happening::Moved(_)
            | Happening::Forecast(..)
            | Happening::Sent(_)
            | Happening::Settled(..),
        ) => {
            steps += 1;
            if steps.is_multiple_of(every) {
                killer.kill();
            }
        }
        (Kill::Within, Happening::Forecast(..) | Happening::Sent(_)) => {
            steps += 1;
            let delay = Duration::from_millis(3 * (steps % 17));
            let killer = Arc::clone(&killer);
            std::thread::spawn(move || {
                std::thread::sleep(delay);
                killer.kill();
            });
        }
        _ => {}
    };
    Hooks { happened: Box::new(happened), lost: Box::new(move |now| reviver.revive(now)) }
}

/// A month; its report and how often the server was killed.
async fn month(kill: Kill) -> (Report, usize) {
    fourcast::prepare();
    let script = Script::of("2026-03".parse().unwrap());
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let clock = ClockMode::Manual(script.start());
    let sandbox = Sandbox::start(Config { listen, clock, ..Config::default() }).await.unwrap();
    let process = Process::start(script.start());
    let endpoints = Endpoints {
        server_url: format!("http://127.0.0.1:{}", process.port),
        key: process.key(),
        sandbox_url: sandbox.url(),
    };
    let mut driver = Driver::new(&endpoints, script.start(), hooks(&process, kill)).unwrap();
    driver.stop_everywhere();
    let wish =
        Wish { daily_arrivals_per_mille: 3, daily_leavers_per_mille: 3, ..Wish::of(1_000, 5) };
    driver.open_account(&wish).await.unwrap();
    driver.sync().await.unwrap();
    driver.import_shop().await.unwrap();
    driver.run(&script).await.unwrap();
    let report = report(&mut driver, &script).await.unwrap();
    sandbox.stop().await;
    let killed = *process.killed.lock().unwrap();
    (report, killed)
}

/// Who received what, without times and calls.
fn result(report: &Report) -> Vec<(String, u64, u64, u64)> {
    report
        .campaigns
        .iter()
        .map(|line| {
            (line.outcome.key.clone(), line.people, line.outcome.received, line.outcome.doubled)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_with_kills_ends_as_one_without() {
    let (calm, _) = month(Kill::Never).await;
    assert!(calm.is_good(), "{:#?}", calm.checks);
    for kill in [Kill::BetweenSteps(23), Kill::Within] {
        let (report, killed) = month(kill).await;
        assert!(killed >= 10, "{kill:?}: killed only {killed} times");
        assert!(report.is_good(), "{kill:?}, killed {killed} times: {:#?}", report.checks);
        assert_eq!(result(&report), result(&calm), "{kill:?}");
        assert_eq!(report.ledger.received, calm.ledger.received, "{kill:?}");
    }
}

/// Tries until the server, revived whenever it is dead, answers.
async fn insist<T, F>(process: &Process, now: Timestamp, mut ask: F) -> T
where
    F: AsyncFnMut() -> Option<T>,
{
    let patience = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < patience, "the server does not come back");
        process.revive(now);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// What was acknowledged is there, and nothing is there twice, though the server is killed while
/// events come in and while an import is applied.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_told_over_kills_are_in_once() {
    const PEOPLE: usize = 1_000;
    const EVENTS: usize = 200;
    const BATCHES: usize = 60;
    const ORDERS: usize = 40_000;
    fourcast::prepare();
    let now = Script::of("2026-03".parse().unwrap()).start();
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let clock = ClockMode::Manual(now);
    let sandbox = Sandbox::start(Config { listen, clock, ..Config::default() }).await.unwrap();
    let process = Process::start(now);
    let endpoints = Endpoints {
        server_url: format!("http://127.0.0.1:{}", process.port),
        key: process.key(),
        sandbox_url: sandbox.url(),
    };
    let mut driver = Driver::new(&endpoints, now, hooks(&process, Kill::Never)).unwrap();
    driver.open_account(&Wish::of(PEOPLE as u32, 5)).await.unwrap();
    driver.sync().await.unwrap();
    let control = driver.control();
    let path = control.path(&format!("followers?offset=0&limit={PEOPLE}"));
    let page: serde_json::Value = control.rest().get(&path).await.unwrap();
    let people: Vec<String> = page["followers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["openid"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(people.len(), PEOPLE);

    let batch = |number: usize| {
        let events: Vec<serde_json::Value> = (0..EVENTS)
            .map(|place| {
                let event = number * EVENTS + place;
                serde_json::json!({"key": format!("e{event}"), "kind": "visit",
                    "who": {"openid": people[event % PEOPLE]}, "at": now.to_string()})
            })
            .collect();
        serde_json::json!({ "events": events })
    };
    let rest = driver.rest();
    let events = driver.path("/events");
    let killer = Arc::clone(&process);
    let killing = std::thread::spawn(move || {
        for kill in 0..12 {
            std::thread::sleep(Duration::from_millis(90 + 53 * (kill % 5)));
            killer.kill();
        }
    });
    let mut number = 0;
    // As long as it is being killed, and at least once round.
    while number < BATCHES || !killing.is_finished() {
        let body = batch(number % BATCHES);
        let told: IntakeView =
            insist(&process, now, async || rest.post(&events, &body).await.ok()).await;
        assert_eq!(told.new + told.duplicates, EVENTS as u64);
        number += 1;
    }
    killing.join().unwrap();
    // Consents told, killed in between, and told again.
    let consents = driver.path("/consents");
    for round in 0..2 {
        for third in 0..3 {
            let told: Vec<serde_json::Value> = people[..100]
                .iter()
                .map(|openid| {
                    serde_json::json!({"key": format!("{openid} {third}"), "template": "T",
                        "who": {"openid": openid}, "answer": "accept", "at": now.to_string()})
                })
                .collect();
            let body = serde_json::json!({ "consents": told });
            let told: IntakeView =
                insist(&process, now, async || rest.post(&consents, &body).await.ok()).await;
            assert_eq!(told.new + told.duplicates, 100);
            assert!(round == 0 || told.new == 0, "acknowledged and lost: {told:?}");
        }
        process.kill();
    }
    for number in 0..BATCHES {
        let body = batch(number);
        let told: IntakeView =
            insist(&process, now, async || rest.post(&events, &body).await.ok()).await;
        assert_eq!((told.new, told.duplicates), (0, EVENTS as u64), "batch {number} was lost");
    }

    let mut file = String::from("order_id,openid,time,amount,items,sku,quantity\n");
    for order in 0..ORDERS {
        let person = &people[order % PEOPLE];
        file.push_str(&format!("o{order},{person},2026-02-01,1.00,2,SKU-1,2\n"));
    }
    let imports = driver.path("/imports?what=orders");
    let begun: ImportJobView =
        insist(&process, now, async || rest.upload(&imports, file.clone()).await.ok()).await;
    let one = driver.path(&format!("/imports/{}", begun.id));
    let mut killed_within = 0;
    let ended: ImportJobView = loop {
        let view: ImportJobView = insist(&process, now, async || rest.get(&one).await.ok()).await;
        if view.finished_at.is_some() {
            break view;
        }
        if killed_within < 5 {
            tokio::time::sleep(Duration::from_millis(40 + 20 * killed_within)).await;
            process.kill();
            killed_within += 1;
        }
    };
    assert!(killed_within >= 2, "the import was over too soon: killed {killed_within} times");
    assert_eq!((ended.state.as_str(), ended.imported), ("done", ORDERS as u64), "{ended:?}");

    let count = driver.path("/segments/count");
    for (segment, wanted) in [
        (format!("count(visit) = {}", BATCHES * EVENTS / PEOPLE), PEOPLE),
        (format!("orders.count() = {}", ORDERS / PEOPLE), PEOPLE),
        (format!("orders.sum(items \"SKU-1\") = {}", 2 * ORDERS / PEOPLE), PEOPLE),
        ("consents(\"T\") = 3".to_owned(), 100),
    ] {
        let question = serde_json::json!({ "segment": segment });
        let view: CountView =
            insist(&process, now, async || rest.post(&count, &question).await.ok()).await;
        assert_eq!(view.people, wanted as u64, "{segment}");
    }
    sandbox.stop().await;
}
