//! Drives a month over HTTP: moves both clocks from one due moment to the next, does what the
//! script says, waits until nothing is left to do.
//!
//! What always holds: every step may be made again. Whoever drives remembers only what it has
//! seen; the server may be killed between or within any two steps and comes back with what it had
//! promised. When it does not answer, [`Hooks::lost`] is asked to bring it back and the step is
//! repeated.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use delivery::view::{
    CampaignView, ClockWish, ForecastView, NewCampaign, ReportView, SendWish, WayWish, WorkView,
};
use wire::Timestamp;

use super::control::Control;
use super::happening::{Happening, Hooks};
use super::month::{Act, Script, What};
use super::shop::Planned;
use super::truth::{self, People};
use crate::Error;
use crate::rest::{self, Rest};

/// Without a word from the server for this long, the drive ends.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at work that goes on by itself.
const GLANCE: Duration = Duration::from_millis(50);
/// While nothing of ours is under way, people's evenings pass in steps of this many seconds.
pub const QUIET_STEP: i64 = 900;
/// A send on the website is delivered, and its result told, well within this many seconds.
const WEBSITE_SECONDS: i64 = 1_800;

/// Where the two sides are.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// The server.
    pub server_url: String,
    /// An API key of it.
    pub key: String,
    /// The sandbox.
    pub sandbox_url: String,
}

/// What the drive knows of a campaign.
#[derive(Debug, Clone)]
pub struct Record {
    /// As planned.
    pub planned: Planned,
    /// Its number on the server.
    pub id: i64,
    /// When it was sent.
    pub at: Timestamp,
    /// The forecast shown before.
    pub forecast: ForecastView,
    /// Who only might receive: their slots were not exactly known.
    pub possible: People,
    /// The last report read.
    pub report: Option<ReportView>,
}

/// The driver of one account's month.
pub struct Driver {
    rest: Rest,
    pub(super) control: Control,
    pub(super) hooks: Hooks,
    pub(super) now: Timestamp,
    quiet_step: i64,
    pub(super) account: i64,
    /// A permanent picture of the account, for articles.
    pub(super) cover: String,
    records: Vec<Record>,
    open: HashSet<i64>,
    website: Vec<i64>,
    /// Until then the sandbox is stopped at everything it does: something is under way there that
    /// the server does not know of.
    closely_until: Timestamp,
    /// `next_due` of the server when it was last asked.
    server_due: Option<Timestamp>,
}

impl Driver {
    /// A driver between these two sides; both clocks stand at `now`.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new(endpoints: &Endpoints, now: Timestamp, hooks: Hooks) -> Result<Self, Error> {
        Ok(Self {
            rest: Rest::new(&endpoints.server_url, Some(&endpoints.key))?,
            control: Control::new(&endpoints.sandbox_url, "")?,
            hooks,
            now,
            quiet_step: QUIET_STEP,
            account: 0,
            cover: String::new(),
            records: Vec::new(),
            open: HashSet::new(),
            website: Vec::new(),
            closely_until: now,
            server_due: None,
        })
    }

    /// Passes quiet hours in steps of so many seconds: months of people's acts then take less time.
    pub fn pass_quiet_hours_in(&mut self, seconds: i64) {
        self.quiet_step = seconds;
    }

    /// Stops at every single moment at which the sandbox does something, also in quiet hours: a
    /// push that failed is then tried again only after the server was seen to answer.
    pub fn stop_everywhere(&mut self) {
        self.quiet_step = 0;
    }

    /// What both clocks show.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The sandbox's side.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The server's side.
    #[must_use]
    pub fn rest(&self) -> &Rest {
        &self.rest
    }

    /// The account's path on the server, followed by `rest`.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/accounts/{}{rest}", self.account)
    }

    /// The campaigns sent, in order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Jobs of sends made on the website.
    #[must_use]
    pub fn website_jobs(&self) -> &[i64] {
        &self.website
    }

    /// Does everything a script says and goes on to the month's last second.
    ///
    /// # Errors
    /// What either side refused, or that the server stayed away.
    pub async fn run(&mut self, script: &Script) -> Result<(), Error> {
        for act in &script.acts {
            self.advance_to(act.at).await?;
            self.perform(act).await?;
        }
        self.advance_to(script.end()).await
    }

    /// Does one thing now.
    ///
    /// # Errors
    /// See [`Driver::run`].
    pub async fn perform(&mut self, act: &Act) -> Result<(), Error> {
        match &act.what {
            What::Campaign(planned) => {
                let (view, forecast) = self.prepare(planned).await?;
                if forecast.certain + forecast.possible > 0 {
                    return self.send_prepared(planned, view.id, forecast).await;
                }
                // The server would refuse: nothing is sent, which is as forecast.
                self.record(planned, view.id, forecast, People::default());
                Ok(())
            }
            What::Website { title, content } => {
                let msg_id = self.control.website_send(title, content).await?;
                self.website.push(msg_id);
                self.closely_until = self.now + WEBSITE_SECONDS;
                (self.hooks.happened)(&Happening::Website(title, self.now));
                Ok(())
            }
        }
    }

    /// Makes a campaign, forecasts it and has it sent.
    ///
    /// # Errors
    /// See [`Driver::run`]; also when nobody can be reached.
    pub async fn send(&mut self, planned: &Planned) -> Result<(), Error> {
        let (view, forecast) = self.prepare(planned).await?;
        self.send_prepared(planned, view.id, forecast).await
    }

    async fn send_prepared(
        &mut self,
        planned: &Planned,
        id: i64,
        forecast: ForecastView,
    ) -> Result<(), Error> {
        let path = self.path(&format!("/campaigns/{id}"));
        let possible =
            if forecast.possible > 0 { truth::uncertain(self).await? } else { People::default() };
        self.persist(async |rest| {
            // Sent already, when the answer to an earlier attempt was lost.
            let view: CampaignView = rest.get(&path).await?;
            if view.state == "draft" {
                let _: CampaignView =
                    rest.post(&format!("{path}/send"), &SendWish::default()).await?;
            }
            Ok(())
        })
        .await?;
        self.record(planned, id, forecast, possible);
        self.open.insert(id);
        (self.hooks.happened)(&Happening::Sent(planned));
        self.settle_at_now().await
    }

    fn record(&mut self, planned: &Planned, id: i64, forecast: ForecastView, possible: People) {
        let (planned, at) = (*planned, self.now);
        self.records.push(Record { planned, id, at, forecast, possible, report: None });
    }

    /// Makes a campaign and forecasts it; nothing is sent.
    ///
    /// # Errors
    /// See [`Driver::run`].
    pub async fn prepare(
        &mut self,
        planned: &Planned,
    ) -> Result<(CampaignView, ForecastView), Error> {
        let new = NewCampaign {
            key: planned.key.into(),
            name: planned.name.into(),
            segment: planned.segment.into(),
            message: planned.says.message(&self.cover),
            way: WayWish::Auto,
            include_possible: true,
            kind: None,
        };
        let campaigns = self.path("/campaigns");
        let view: CampaignView =
            self.persist(async |rest| rest.post(&campaigns, &new).await).await?;
        let path = self.path(&format!("/campaigns/{}/forecast", view.id));
        let forecast: ForecastView = self.persist(async |rest| rest.post(&path, &()).await).await?;
        (self.hooks.happened)(&Happening::Forecast(planned, self.now, &forecast));
        Ok((view, forecast))
    }

    /// Moves both clocks to `to`, stopping wherever something is due on the way.
    ///
    /// # Errors
    /// See [`Driver::run`].
    pub async fn advance_to(&mut self, to: Timestamp) -> Result<(), Error> {
        // Others may have asked the server for something since it was last heard: what that makes
        // due is known when it has been looked at.
        let work: WorkView =
            self.persist(async |rest| rest.get("/api/v1/work?wait=true").await).await?;
        self.server_due = work.next_due;
        while self.now < to {
            let sandbox = self.control.clock().await?;
            let stop =
                next_stop(self.now, self.sandbox_stop(sandbox.next_due), self.server_due, to);
            self.move_to(stop).await?;
        }
        Ok(())
    }

    /// Goes on until every campaign is settled, or `limit` is reached; says whether all are.
    ///
    /// # Errors
    /// See [`Driver::run`].
    pub async fn settle(&mut self, limit: Timestamp) -> Result<bool, Error> {
        while !self.open.is_empty() && self.now < limit {
            let sandbox = self.control.clock().await?;
            let stop = next_stop(self.now, sandbox.next_due, self.server_due, limit);
            self.move_to(stop).await?;
        }
        Ok(self.open.is_empty())
    }

    // In quiet hours people's single acts are passed over in larger steps.
    fn sandbox_stop(&self, due: Option<Timestamp>) -> Option<Timestamp> {
        let quiet = self.open.is_empty() && self.now >= self.closely_until;
        let step = if quiet { self.quiet_step } else { 0 };
        due.map(|due| due.max(self.now + step))
    }

    pub(super) async fn move_to(&mut self, to: Timestamp) -> Result<(), Error> {
        (self.hooks.happened)(&Happening::Moving(to));
        // The sandbox's pushes find a server that answers.
        let _: WorkView = self.persist(async |rest| rest.get("/api/v1/work").await).await?;
        self.control.move_clock(to).await?;
        (self.hooks.happened)(&Happening::SandboxMoved(to));
        self.now = self.now.max(to);
        self.settle_at_now().await?;
        (self.hooks.happened)(&Happening::Moved(self.now));
        Ok(())
    }

    // Shows the server the present moment, waits until nothing is due, reads what has settled.
    async fn settle_at_now(&mut self) -> Result<(), Error> {
        let wish = ClockWish { now: self.now };
        let work: WorkView = self
            .persist(async |rest| {
                let _: WorkView = rest.post("/api/v1/clock", &wish).await?;
                rest.get("/api/v1/work?wait=true").await
            })
            .await?;
        self.server_due = work.next_due;
        self.look_at_open().await
    }

    async fn look_at_open(&mut self) -> Result<(), Error> {
        for at in 0..self.records.len() {
            let Some(id) = self.records.get(at).map(|r| r.id).filter(|id| self.open.contains(id))
            else {
                continue;
            };
            let path = self.path(&format!("/campaigns/{id}"));
            let view: CampaignView = self.persist(async |rest| rest.get(&path).await).await?;
            if !matches!(view.state.as_str(), "settled" | "cancelled" | "failed") {
                continue;
            }
            let path = format!("{path}/report");
            let report: ReportView = self.persist(async |rest| rest.get(&path).await).await?;
            self.open.remove(&id);
            if let Some(record) = self.records.get_mut(at) {
                (self.hooks.happened)(&Happening::Settled(&record.planned, &report));
                record.report = Some(report);
            }
        }
        Ok(())
    }

    /// Reads every campaign's report again: a late result or a person's word may have changed it.
    ///
    /// # Errors
    /// See [`Driver::run`].
    pub async fn read_reports(&mut self) -> Result<(), Error> {
        for at in 0..self.records.len() {
            let Some(id) = self.records.get(at).map(|record| record.id) else { continue };
            let path = self.path(&format!("/campaigns/{id}/report"));
            let report: ReportView = self.persist(async |rest| rest.get(&path).await).await?;
            if let Some(record) = self.records.get_mut(at) {
                record.report = Some(report);
            }
        }
        Ok(())
    }

    /// Makes a call of the server until it answers.
    ///
    /// # Errors
    /// What the server refused, or that it stayed away for a minute.
    pub async fn persist<T>(
        &mut self,
        call: impl AsyncFn(&Rest) -> Result<T, rest::Error>,
    ) -> Result<T, Error> {
        let rest = self.rest.clone();
        let since = Instant::now();
        loop {
            match call(&rest).await {
                Err(rest::Error::Unreachable { .. }) if since.elapsed() < PATIENCE => {
                    (self.hooks.lost)(self.now);
                    tokio::time::sleep(GLANCE).await;
                }
                answer => return Ok(answer?),
            }
        }
    }
}

/// The earliest of what is due on either side, after `now` and not after `to`.
fn next_stop(
    now: Timestamp,
    sandbox: Option<Timestamp>,
    server: Option<Timestamp>,
    to: Timestamp,
) -> Timestamp {
    [sandbox, server].into_iter().flatten().fold(to, Timestamp::min).max(now + 1).min(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_of_both_sides_is_next() {
        let at = |second| Some(Timestamp(second));
        let to = Timestamp(100);
        assert_eq!(next_stop(Timestamp(10), at(50), at(40), to), Timestamp(40));
        assert_eq!(next_stop(Timestamp(10), at(50), None, to), Timestamp(50));
        assert_eq!(next_stop(Timestamp(10), None, None, to), to);
        assert_eq!(next_stop(Timestamp(10), at(500), at(400), to), to);
        // What is overdue does not stop the time.
        assert_eq!(next_stop(Timestamp(10), at(10), at(3), to), Timestamp(11));
    }
}
