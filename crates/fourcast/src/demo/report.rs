//! The month's report: what was forecast, what the server says it delivered, what the sandbox
//! says reached whom, and whether the three agree.

use std::collections::{BTreeMap, HashSet};

use delivery::view::ReasonCount;
use serde::{Deserialize, Serialize};
use wire::Timestamp;

use super::drive::{Driver, Record};
use super::month::Script;
use super::planned::Comparison;
use super::truth::{self, Bracket, Outcome};
use crate::Error;

/// One campaign, forecast beside outcome.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// When it was sent.
    pub at: Timestamp,
    /// Its name.
    pub name: String,
    /// Segment text.
    pub segment: String,
    /// People in the segment.
    pub people: u64,
    /// Forecast to receive.
    pub certain: u64,
    /// Forecast to receive perhaps.
    pub possible: u64,
    /// Why the others would not.
    pub reasons: Vec<ReasonCount>,
    /// Messages that sending to the whole segment would have wasted on full followers.
    pub wasted: u64,
    /// `to_all`, `tag` or `lists`.
    pub way: String,
    /// Calls made for it.
    pub calls: u64,
    /// Delivered, as the server says.
    pub delivered: u64,
    /// Calls whose result is not in.
    pub open: u64,
    /// The forecast held.
    pub as_forecast: bool,
    /// What became of it, follower by follower.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A send made on the website.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Website {
    /// The platform's job.
    pub msg_id: i64,
    /// People it reached.
    pub received: u64,
}

/// How long a part took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timing {
    /// Which part.
    pub part: String,
    /// Real seconds.
    pub seconds: f64,
}

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What, with its numbers.
    pub sentence: String,
    /// Whether it does.
    pub holds: bool,
}

/// The whole month.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// The month.
    pub month: String,
    /// Campaigns in the order they were sent.
    pub campaigns: Vec<Line>,
    /// Sends the server was not told of.
    pub website: Vec<Website>,
    /// Reasons for not receiving, over all campaigns.
    pub reasons: Vec<ReasonCount>,
    /// Messages wasted on full followers by a sender who ignores the cap.
    pub wasted: u64,
    /// The ledger beside the truth.
    pub ledger: Bracket,
    /// Jobs of the sandbox that no campaign knows.
    pub unclaimed_jobs: Vec<i64>,
    /// The platform's calls, by path.
    pub calls: BTreeMap<String, u64>,
    /// The month planned beside first come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Comparison>,
    /// Real time, part by part.
    pub timings: Vec<Timing>,
    /// Most memory the process held, MiB; Linux only.
    pub peak_memory_mib: Option<u64>,
    /// The verdicts.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether every check holds.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }
}

/// Asks both sides and compares.
///
/// # Errors
/// What either side refused.
pub async fn report(driver: &mut Driver, script: &Script) -> Result<Report, Error> {
    driver.read_reports().await?;
    let records = driver.records().to_vec();
    let mut campaigns = Vec::with_capacity(records.len());
    for record in &records {
        let outcome = truth::outcome(driver, record).await?;
        campaigns.push(line(record, outcome));
    }
    let jobs = driver.control().jobs().await?;
    let mut website = Vec::new();
    for msg_id in driver.website_jobs() {
        let mut received = 0;
        driver.control().received(*msg_id, |_| received += 1).await?;
        website.push(Website { msg_id: *msg_id, received });
    }
    let claimed: HashSet<i64> = records
        .iter()
        .filter_map(|record| record.report.as_ref())
        .flat_map(truth::jobs_of)
        .chain(driver.website_jobs().iter().copied())
        .collect();
    let ledger = truth::bracket(driver, script.month).await?;
    let mut report = Report {
        month: script.month.to_string(),
        website,
        reasons: reasons(&campaigns),
        wasted: campaigns.iter().map(|line| line.wasted).sum(),
        ledger,
        unclaimed_jobs: jobs
            .iter()
            .map(|job| job.msg_id)
            .filter(|msg_id| !claimed.contains(msg_id))
            .collect(),
        calls: driver.control().calls().await?,
        planned: None,
        timings: Vec::new(),
        peak_memory_mib: peak_memory_mib(),
        checks: Vec::new(),
        campaigns,
    };
    report.checks = checks(&report);
    Ok(report)
}

fn line(record: &Record, outcome: Outcome) -> Line {
    let forecast = &record.forecast;
    let delivered = record.report.as_ref().map_or(0, |report| report.delivered);
    let open = record.report.as_ref().map_or(1, |report| report.open_batches);
    // Who left after the forecast and before a late call is no fault of it.
    let reached = outcome.received + outcome.left_before;
    let within =
        reached >= forecast.certain && outcome.received <= forecast.certain + forecast.possible;
    Line {
        at: record.at,
        name: record.planned.name.into(),
        segment: record.planned.segment.into(),
        people: forecast.segment,
        certain: forecast.certain,
        possible: forecast.possible,
        reasons: forecast.reasons.clone(),
        wasted: forecast.wasted_by_ignoring_the_cap,
        way: forecast.way.clone(),
        calls: record
            .report
            .as_ref()
            .map_or(0, |report| u64::try_from(truth::jobs_of(report).count()).unwrap_or(u64::MAX)),
        delivered,
        open,
        as_forecast: within && open == 0 && delivered == outcome.received,
        outcome,
    }
}

fn reasons(campaigns: &[Line]) -> Vec<ReasonCount> {
    let mut all: BTreeMap<String, ReasonCount> = BTreeMap::new();
    for reason in campaigns.iter().flat_map(|line| &line.reasons) {
        all.entry(reason.reason.clone())
            .and_modify(|sum| sum.people += reason.people)
            .or_insert_with(|| reason.clone());
    }
    all.into_values().filter(|reason| reason.people > 0).collect()
}

fn checks(report: &Report) -> Vec<Check> {
    let lines = &report.campaigns;
    let total = lines.len();
    let ranges = lines.iter().filter(|line| line.possible > 0).count();
    let held = lines.iter().filter(|line| line.as_forecast).count();
    let sum = |of: fn(&Outcome) -> u64| lines.iter().map(|line| of(&line.outcome)).sum::<u64>();
    let (doubled, lost, unexpected) = (sum(|o| o.doubled), sum(|o| o.lost), sum(|o| o.unexpected));
    let left = sum(|o| o.left_before);
    let added = lines.iter().filter(|line| adds_up(line)).count();
    let open: u64 = lines.iter().map(|line| line.open).sum();
    let ledger = &report.ledger;
    let bracketed = ledger.exact + ledger.in_range;
    let elsewhere = report.website.len();
    let mut all = vec![
        Check {
            sentence: format!(
                "forecast = delivered 预报与送达一致: {held} of {total} campaigns{}",
                match ranges {
                    0 => String::new(),
                    _ => format!(
                        ", {ranges} of them inside a range (sends made elsewhere: {elsewhere})"
                    ),
                }
            ),
            holds: held == total && total > 0,
        },
        Check {
            sentence: format!(
                "certain + possible + reasons = segment 各项相加等于人群: {added} of {total}"
            ),
            holds: added == total,
        },
        Check {
            sentence: format!(
                "calls without a result 未对账: {open}; jobs nobody knows 无主任务: {}",
                report.unclaimed_jobs.len()
            ),
            holds: open == 0 && report.unclaimed_jobs.is_empty(),
        },
        Check {
            sentence: format!(
                "doubled {doubled}, lost {lost} 重复 {doubled}，遗漏 {lost}; unexpected {unexpected}"
            ),
            holds: doubled == 0 && lost == 0 && unexpected == 0,
        },
        Check {
            sentence: format!(
                "ledger brackets the truth 名额账与事实相符: {bracketed} of {} followers, difference {}",
                ledger.people, ledger.difference
            ),
            holds: ledger.outside == 0 && bracketed == ledger.people,
        },
    ];
    if left > 0 {
        all.push(Check {
            sentence: format!(
                "{left} people left between forecast and a call that had to wait for another day"
            ),
            holds: true,
        });
    }
    all
}

fn adds_up(line: &Line) -> bool {
    let others: u64 = line.reasons.iter().map(|reason| reason.people).sum();
    line.certain + line.possible + others == line.people
}

/// The most memory this process held so far, in MiB, where the system tells.
#[must_use]
pub fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib.div_ceil(1024))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::demo::planned::{self, Compared};

    fn outcome(received: u64) -> Outcome {
        Outcome {
            key: "k".into(),
            received,
            addressed: received,
            doubled: 0,
            lost: 0,
            left_before: 0,
            unexpected: 0,
        }
    }

    fn reason(people: u64) -> ReasonCount {
        ReasonCount {
            reason: "no_slot_left".into(),
            people,
            sentence: "no slot left".into(),
            sentence_zh: "名额已用完".into(),
        }
    }

    fn compared() -> Comparison {
        let side = |expected, messages, orders, lost| planned::Outcome {
            expected,
            messages,
            orders,
            cents: orders as i64 * 12_900,
            lost,
            worth: orders as f64 * 129.0 - lost as f64 * 5.0,
        };
        Comparison {
            followers: 120,
            follower_yuan: 5.0,
            plan_value: 480.5,
            plan_bound: 480.5,
            campaigns: vec![Compared {
                at: "2026-03-02 10:00".parse().unwrap(),
                name: "春季护肤教程".into(),
                chosen: 60,
                planned: 58,
                first_come: 118,
            }],
            planned: side(480.5, 240, 4, 1),
            first_come: side(290.0, 470, 3, 3),
        }
    }

    #[test]
    fn a_plan_worse_than_first_come_is_told() {
        let holds = |compared: &Comparison| {
            compared.checks().iter().map(|check| check.holds).collect::<Vec<_>>()
        };
        let good = compared();
        assert_eq!(holds(&good), [true; 3]);
        let mut bad = compared();
        bad.plan_bound += 1.0;
        bad.planned.expected = 0.0;
        bad.campaigns[0].planned = 61;
        assert_eq!(holds(&bad), [false; 3]);
    }

    pub(crate) fn sample() -> Report {
        let line = |received, possible, as_forecast| Line {
            at: "2026-03-02 10:00".parse().unwrap(),
            name: "周一·油性皮肤控油".into(),
            segment: "tag \"油性皮肤\"".into(),
            people: 120,
            certain: 100,
            possible,
            reasons: vec![reason(20 - possible)],
            wasted: 20 - possible,
            way: "lists".into(),
            calls: 2,
            delivered: received,
            open: 0,
            as_forecast,
            outcome: outcome(received),
        };
        let campaigns = vec![line(100, 0, true), line(104, 10, true)];
        let mut ledger = Bracket { people: 120, exact: 110, in_range: 10, ..Bracket::default() };
        ledger.received.insert(1, 120);
        let mut report = Report {
            month: "2026-03".into(),
            reasons: reasons(&campaigns),
            campaigns,
            website: vec![Website { msg_id: 1_000_000_001, received: 120 }],
            wasted: 30,
            ledger,
            unclaimed_jobs: Vec::new(),
            calls: BTreeMap::from([("/cgi-bin/message/mass/send".into(), 4)]),
            planned: Some(compared()),
            timings: vec![Timing { part: "month".into(), seconds: 12.34 }],
            peak_memory_mib: Some(321),
            checks: Vec::new(),
        };
        report.checks = checks(&report);
        report
    }

    #[test]
    fn each_check_fails_for_its_own_fault() {
        assert!(sample().is_good());
        let faults: [fn(&mut Report); 6] = [
            |report| report.campaigns[0].as_forecast = false,
            |report| report.campaigns[0].people += 1,
            |report| report.campaigns[1].open = 1,
            |report| report.unclaimed_jobs.push(7),
            |report| report.campaigns[1].outcome.doubled = 1,
            |report| report.ledger.outside = 1,
        ];
        for (number, fault) in faults.iter().enumerate() {
            let mut report = sample();
            fault(&mut report);
            let failed = checks(&report).into_iter().filter(|check| !check.holds).count();
            assert_eq!(failed, 1, "fault {number}");
        }
        assert_eq!(sample().reasons[0].people, 30);
    }
}
