//! A world for a scenario: sandbox and server, a shop's account with its followers fetched and its
//! orders imported, both clocks standing shortly before March 2026 begins.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use delivery::view::{
    BatchView, CampaignView, CountView, FollowerView, ReportView, SlotView, VerifyView, WorkView,
};
use fourcast::demo::control::{Job, Wish};
use fourcast::demo::drive::{Driver, Endpoints, Record};
use fourcast::demo::happening::Hooks;
use fourcast::demo::month::{Script, moment};
use fourcast::demo::report::{Report, report};
use fourcast::demo::shop::{Planned, Says, When};
use fourcast::demo::truth::bracket;
use fourcast::serve::{self, Serving};
use sandbox::{ClockMode, Config, Sandbox};
use serde_json::{Value, json};
use wire::{Month, Timestamp};

/// Both sides and the hand that moves them.
pub struct World {
    /// Does and asks everything over HTTP.
    pub driver: Driver,
    // None only while it is started anew.
    serving: Option<Serving>,
    sandbox: sandbox::Running,
    // Goes when the world goes.
    folder: tempfile::TempDir,
}

/// The month of every scenario.
pub fn march() -> Month {
    "2026-03".parse().unwrap()
}

/// `day` of March 2026, at `hour` o'clock.
pub fn at(day: i32, hour: u32) -> Timestamp {
    moment(march(), When::Day(day, hour, 0))
}

/// A text to a segment.
pub fn campaign(key: &'static str, segment: &'static str) -> Planned {
    Planned {
        when: When::Day(1, 0, 0), key, name: key, segment, says: Says::Text("今晚八点上新")
    }
}

impl World {
    /// A world with so many followers who do nothing by themselves.
    pub async fn start(followers: u32) -> Self {
        Self::start_with(Wish::of(followers, 7)).await
    }

    /// A world with these people.
    pub async fn start_with(wish: Wish) -> Self {
        let mut world = Self::bare(wish).await;
        world.driver.import_shop().await.unwrap();
        world
    }

    /// A world with these people, of whom the shop's own system has told nothing yet.
    pub async fn bare(wish: Wish) -> Self {
        fourcast::prepare();
        let folder = tempfile::tempdir().unwrap();
        let start = Script::new(march(), Vec::new()).start();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = Config { listen, clock: ClockMode::Manual(start), ..Config::default() };
        let sandbox = Sandbox::start(config).await.unwrap();
        let serving = Serving::start(&serve::Options {
            data: folder.path().to_owned(),
            listen,
            virtual_clock: Some(start),
            rules_as_of: None,
        })
        .await
        .unwrap();
        let endpoints = Endpoints {
            server_url: serving.url().to_owned(),
            key: serving.key().to_owned(),
            sandbox_url: sandbox.url(),
        };
        let mut driver = Driver::new(&endpoints, start, Hooks::default()).unwrap();
        driver.open_account(&wish).await.unwrap();
        let synced = driver.sync().await.unwrap();
        assert_eq!(synced.listed, u64::from(wish.followers));
        Self { driver, serving: Some(serving), sandbox, folder }
    }

    /// Moves both clocks, stopping wherever something is due on the way.
    pub async fn advance_to(&mut self, to: Timestamp) {
        self.driver.advance_to(to).await.unwrap();
    }

    /// Goes on until every campaign is settled, at most a day.
    pub async fn settle(&mut self) {
        let limit = self.driver.now() + 86_400;
        assert!(self.driver.settle(limit).await.unwrap(), "a campaign is not settled after a day");
    }

    /// Sends a campaign now and waits until it is settled; what was forecast and what came of it.
    pub async fn send(&mut self, planned: &Planned) -> Record {
        self.driver.send(planned).await.unwrap();
        self.settle().await;
        self.driver.records().last().unwrap().clone()
    }

    /// How many a segment holds and reaches now.
    pub async fn count(&mut self, segment: &str) -> CountView {
        let path = self.driver.path("/segments/count");
        let question = json!({ "segment": segment });
        self.driver.rest().post(&path, &question).await.unwrap()
    }

    /// Some follower of a segment.
    pub async fn somebody(&mut self, segment: &str) -> String {
        let path = self.driver.path("/segments/list");
        let question = json!({ "segment": segment, "limit": 1 });
        let list: Value = self.driver.rest().post(&path, &question).await.unwrap();
        list["followers"][0]["openid"].as_str().unwrap().to_owned()
    }

    /// All the server knows of a follower.
    pub async fn follower(&self, openid: &str) -> FollowerView {
        let path = self.driver.path(&format!("/followers/{openid}"));
        self.driver.rest().get(&path).await.unwrap()
    }

    /// A follower's slots this month.
    pub async fn slot(&self, openid: &str) -> SlotView {
        self.driver.rest().get(&self.driver.path(&format!("/slots/{openid}"))).await.unwrap()
    }

    /// Every mass job of the platform.
    pub async fn jobs(&self) -> Vec<Job> {
        self.driver.control().jobs().await.unwrap()
    }

    /// Lays out a fault on the platform's side.
    pub async fn fault(&self, fault: Value) {
        let _: Value = self.driver.control().rest().post("/sandbox/faults", &fault).await.unwrap();
    }

    /// What the server reports of the campaign with this key.
    pub async fn reported(&self, key: &str) -> ReportView {
        let rest = self.driver.rest();
        let all: Vec<CampaignView> = rest.get(&self.driver.path("/campaigns")).await.unwrap();
        let id = all.iter().find(|campaign| campaign.key == key).unwrap().id;
        rest.get(&self.driver.path(&format!("/campaigns/{id}/report"))).await.unwrap()
    }

    /// A person's word on a batch: `sent` or `not_sent`.
    pub async fn decide(&self, batch: i64, decision: &str) -> BatchView {
        let path = self.driver.path(&format!("/batches/{batch}/decide"));
        self.driver.rest().post(&path, &json!({ "decision": decision })).await.unwrap()
    }

    /// Somebody new follows now; their OpenID.
    pub async fn follows_newly(&self) -> String {
        let control = self.driver.control();
        let path = control.path("followers");
        let told: Value = control.rest().post(&path, &json!({})).await.unwrap();
        told["openid"].as_str().unwrap().to_owned()
    }

    /// This follower leaves now.
    pub async fn leaves(&self, openid: &str) {
        let control = self.driver.control();
        let path = control.path(&format!("followers/{openid}/leave"));
        let told: Value = control.rest().post(&path, &json!({})).await.unwrap();
        assert_eq!(told["changed"], true);
    }

    /// The first `most` people who ever followed, from the sandbox.
    pub async fn openids(&self, most: usize) -> Vec<String> {
        let control = self.driver.control();
        let mut all = Vec::new();
        while all.len() < most {
            let limit = (most - all.len()).min(10_000);
            let path = control.path(&format!("followers?offset={}&limit={limit}", all.len()));
            let page: Value = control.rest().get(&path).await.unwrap();
            let page = page["followers"].as_array().unwrap();
            assert!(!page.is_empty(), "there are only {} people", all.len());
            all.extend(page.iter().map(|one| one["openid"].as_str().unwrap().to_owned()));
        }
        all
    }

    /// What both sides say of March so far.
    pub async fn report(&mut self) -> Report {
        report(&mut self.driver, &Script::new(march(), Vec::new())).await.unwrap()
    }

    /// Stops the server, does something to its folder, and starts it again where it was.
    pub async fn restart(&mut self, meanwhile: impl FnOnce(&Path)) {
        let url = self.server_url();
        self.serving.take().unwrap().stop().await.unwrap();
        meanwhile(self.folder.path());
        let options = serve::Options {
            data: self.folder.path().to_owned(),
            listen: url.strip_prefix("http://").unwrap().parse().unwrap(),
            virtual_clock: Some(self.driver.now()),
            rules_as_of: None,
        };
        self.serving = Some(Serving::start(&options).await.unwrap());
    }

    /// The server's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the server is.
    pub fn server_url(&self) -> String {
        self.serving.as_ref().unwrap().url().to_owned()
    }

    /// A key of the server.
    pub fn key(&self) -> String {
        self.serving.as_ref().unwrap().key().to_owned()
    }

    /// Ends the world. Nothing may be left to do, and the ledger must bracket what the sandbox
    /// says each follower received.
    pub async fn teardown(self) {
        self.teardown_without(0).await;
    }

    /// The same where `erased` people are known to the sandbox and to nobody here.
    pub async fn teardown_without(mut self, erased: u64) {
        let work: WorkView = self.driver.rest().get("/api/v1/work?wait=true").await.unwrap();
        assert!(work.idle, "something is left to do: {work:?}");
        self.driver.read_reports().await.unwrap();
        for record in self.driver.records() {
            let report = record.report.as_ref().unwrap();
            assert_eq!(report.open_batches, 0, "{} has open calls", record.planned.key);
        }
        let path = self.driver.path("/slots/verify");
        let verified: VerifyView = self.driver.rest().post(&path, &()).await.unwrap();
        assert!(verified.same, "the slots kept are not those of the batches: {verified:?}");
        let month = self.driver.now().month();
        let bracket = bracket(&mut self.driver, month).await.unwrap();
        assert_eq!(bracket.outside, erased, "the ledger misses the truth: {bracket:?}");
        self.serving.unwrap().stop().await.unwrap();
        self.sandbox.stop().await;
    }
}
