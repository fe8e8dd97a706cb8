//! Statistics (数据统计, `platform/10`): rows computed from what really happened to the account.
//!
//! A day's rows can be asked for from eight o'clock of the next day. A day without anything has no
//! row.

mod content;
mod former;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use roaring::RoaringBitmap;
use serde::Deserialize;
use serde_json::{Value, json};
use wire::{Day, Endpoint, Timestamp};

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer};
use crate::assumptions::Assumptions;
use crate::statistics::{Callbacks, MessageKind, Statistics};

/// Yesterday's rows are complete from this hour (`platform/10 §1`).
const READY_HOUR: u32 = 8;

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    begin_date: String,
    #[serde(default)]
    end_date: String,
}

/// Days of which rows can be asked for at once (`platform/10 §2`); of weeks and months the older
/// text, which takes the newer one's single day as well.
fn span(endpoint: Endpoint, assumptions: &Assumptions) -> i32 {
    match endpoint {
        Endpoint::UpstreamMessagesOfWeek | Endpoint::UpstreamMessagesOfMonth
            if !assumptions.period_statistics_span_days =>
        {
            1
        }
        Endpoint::UpstreamDistributionOfWeek | Endpoint::UpstreamDistributionOfMonth
            if !assumptions.period_statistics_span_days =>
        {
            15
        }
        Endpoint::UserSummary
        | Endpoint::UserCumulate
        | Endpoint::UserShare
        | Endpoint::UpstreamMessages => 7,
        Endpoint::BizSummary
        | Endpoint::UpstreamMessagesOfWeek
        | Endpoint::UpstreamMessagesOfMonth
        | Endpoint::UpstreamDistributionOfWeek
        | Endpoint::UpstreamDistributionOfMonth
        | Endpoint::InterfaceSummary => 30,
        Endpoint::UpstreamDistribution => 15,
        Endpoint::UserRead => 3,
        _ => 1,
    }
}

/// Whether the platform has withdrawn it (`platform/10 §2`).
fn is_retired(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::ArticleSummary
            | Endpoint::ArticleTotal
            | Endpoint::UserRead
            | Endpoint::UserReadHour
            | Endpoint::UserShare
            | Endpoint::UserShareHour
    )
}

/// Any of the statistics.
///
/// # Errors
/// 47009 for withdrawn ones, 61500 for what is no day, 61501 for too many days or days that are
/// not over, 61503 for yesterday before eight o'clock.
pub fn rows(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let assumptions = scene.account.assumptions;
    if is_retired(call.endpoint) && !assumptions.withdrawn_statistics_answer {
        return Err(Refused::new(47009));
    }
    let request: Request = call.json()?;
    let days = days(&request, span(call.endpoint, &assumptions), scene.now)?;
    if is_early(*days.end(), scene.now) {
        if assumptions.early_statistics_are_refused {
            return Err(Refused::new(61503));
        }
        return answer(&json!({ "list": [] }));
    }
    let statistics = &scene.account.statistics;
    let over_until = scene.now.day().0 - 1;
    let rows = match call.endpoint {
        Endpoint::UserSummary => user_summary(statistics, days),
        Endpoint::UserCumulate => user_cumulate(statistics, days),
        Endpoint::ArticleRead => return content::answer_rows(content::read(statistics, days)),
        Endpoint::ArticleShare => return content::answer_rows(content::share(statistics, days)),
        Endpoint::BizSummary => return content::answer_rows(content::summary(statistics, days)),
        Endpoint::ArticleTotalDetail => {
            return content::answer_rows(content::total(statistics, days, Day(over_until)));
        }
        Endpoint::ArticleSummary => former::article_summary(statistics, days),
        Endpoint::ArticleTotal => former::article_total(statistics, days, Day(over_until)),
        Endpoint::UserRead => former::reading(statistics, days, false),
        Endpoint::UserReadHour => former::reading(statistics, days, true),
        Endpoint::UserShare => former::sharing(statistics, days, false),
        Endpoint::UserShareHour => former::sharing(statistics, days, true),
        Endpoint::UpstreamMessages => messages(statistics, periods(days, Period::Day, over_until)),
        Endpoint::UpstreamMessagesHour => messages_by_hour(statistics, days),
        Endpoint::UpstreamMessagesOfWeek => {
            messages(statistics, periods(days, Period::Week, over_until))
        }
        Endpoint::UpstreamMessagesOfMonth => {
            messages(statistics, periods(days, Period::Month, over_until))
        }
        Endpoint::UpstreamDistribution => {
            distribution(statistics, periods(days, Period::Day, over_until))
        }
        Endpoint::UpstreamDistributionOfWeek => {
            distribution(statistics, periods(days, Period::Week, over_until))
        }
        Endpoint::UpstreamDistributionOfMonth => {
            distribution(statistics, periods(days, Period::Month, over_until))
        }
        Endpoint::InterfaceSummary => interface(statistics, days),
        Endpoint::InterfaceSummaryHour => interface_by_hour(statistics, days),
        _ => return Err(Refused::new(-1)),
    };
    answer(&json!({ "list": rows }))
}

fn days(request: &Request, span: i32, now: Timestamp) -> Result<RangeInclusive<Day>, Refused> {
    let day = |text: &str| {
        // YYYY-MM-DD and nothing else.
        let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        text.parse::<Day>().ok().filter(|_| shaped).ok_or(Refused::new(61500))
    };
    let (from, to) = (day(&request.begin_date)?, day(&request.end_date)?);
    let today = now.day();
    if from > to || to.0 - from.0 >= span || to >= today {
        return Err(Refused::new(61501));
    }
    Ok(from..=to)
}

/// Whether the day is yesterday and not ready yet.
fn is_early(day: Day, now: Timestamp) -> bool {
    day.next() == now.day() && now < now.day().at(READY_HOUR, 0)
}

fn user_summary(statistics: &Statistics, days: RangeInclusive<Day>) -> Vec<Value> {
    let row = |(day, source, flow): (Day, u32, crate::statistics::Flow)| {
        json!({ "ref_date": day.to_string(), "user_source": source,
            "new_user": flow.came, "cancel_user": flow.left })
    };
    statistics.flows(days).map(row).collect()
}

fn user_cumulate(statistics: &Statistics, days: RangeInclusive<Day>) -> Vec<Value> {
    let row = |day: i32| {
        let followers = statistics.followers_at_end_of(Day(day))?;
        Some(json!({ "ref_date": Day(day).to_string(), "user_source": 0,
            "cumulate_user": followers }))
    };
    (days.start().0..=days.end().0).filter_map(row).collect()
}

/// What a row stands for.
#[derive(Clone, Copy)]
enum Period {
    Day,
    Week,
    Month,
}

/// The periods that begin on one of the days and are over.
fn periods(
    days: RangeInclusive<Day>,
    period: Period,
    over_until: i32,
) -> impl Iterator<Item = RangeInclusive<Day>> {
    (days.start().0..=days.end().0).filter_map(move |first| {
        let last = match period {
            Period::Day => first,
            // Day 0 was a Thursday; weeks begin on Mondays.
            Period::Week if (first + 3).rem_euclid(7) == 0 => first + 6,
            Period::Month if Day(first).of_month() == 1 => {
                Day(first).month().next().first_day().0 - 1
            }
            Period::Week | Period::Month => return None,
        };
        (last <= over_until).then_some(Day(first)..=Day(last))
    })
}

fn messages(
    statistics: &Statistics,
    periods: impl Iterator<Item = RangeInclusive<Day>>,
) -> Vec<Value> {
    let mut rows = Vec::new();
    for period in periods {
        let first = *period.start();
        let mut kinds: BTreeMap<MessageKind, (u64, RoaringBitmap)> = BTreeMap::new();
        for (_, _, kind, messages) in statistics.messages(period) {
            let (count, senders) = kinds.entry(kind).or_default();
            *count += messages.count;
            *senders |= &messages.senders;
        }
        rows.extend(kinds.into_iter().map(|(kind, (count, senders))| {
            json!({ "ref_date": first.to_string(), "msg_type": kind as u8,
                "msg_user": senders.len(), "msg_count": count })
        }));
    }
    rows
}

fn messages_by_hour(statistics: &Statistics, days: RangeInclusive<Day>) -> Vec<Value> {
    let rows = statistics.messages(days).map(|(day, hour, kind, messages)| {
        json!({ "ref_date": day.to_string(), "ref_hour": hour * 100, "msg_type": kind as u8,
            "msg_user": messages.senders.len(), "msg_count": messages.count })
    });
    rows.collect()
}

fn distribution(
    statistics: &Statistics,
    periods: impl Iterator<Item = RangeInclusive<Day>>,
) -> Vec<Value> {
    let mut rows = Vec::new();
    for period in periods {
        let first = *period.start();
        let intervals = statistics.senders(period).intervals();
        rows.extend((1..).zip(intervals).filter(|(_, people)| *people > 0).map(
            |(interval, people)| {
                json!({ "ref_date": first.to_string(), "count_interval": interval,
                    "msg_user": people })
            },
        ));
    }
    rows
}

fn callback_row(day: Day, callbacks: &Callbacks) -> Value {
    json!({ "ref_date": day.to_string(), "callback_count": callbacks.count,
        "fail_count": callbacks.failed, "total_time_cost": callbacks.total_ms,
        "max_time_cost": callbacks.longest_ms })
}

fn interface(statistics: &Statistics, days: RangeInclusive<Day>) -> Vec<Value> {
    let mut sums: BTreeMap<Day, Callbacks> = BTreeMap::new();
    for (day, _, callbacks) in statistics.callbacks(days) {
        sums.entry(day).or_default().add(&callbacks);
    }
    sums.iter().map(|(day, callbacks)| callback_row(*day, callbacks)).collect()
}

fn interface_by_hour(statistics: &Statistics, days: RangeInclusive<Day>) -> Vec<Value> {
    let row = |(day, hour, callbacks): (Day, u32, Callbacks)| {
        let mut row = callback_row(day, &callbacks);
        if let Some(fields) = row.as_object_mut() {
            fields.insert("ref_hour".to_owned(), (hour * 100).into());
        }
        row
    };
    statistics.callbacks(days).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays_and_months_on_their_first_day() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let shown = |period, over: &str| -> Vec<String> {
            let days = day("2026-03-01")..=day("2026-03-30");
            periods(days, period, day(over).0)
                .map(|period| format!("{}–{}", period.start(), period.end()))
                .collect()
        };
        let weeks = ["2026-03-02–2026-03-08", "2026-03-09–2026-03-15"];
        assert_eq!(shown(Period::Week, "2026-03-21"), weeks);
        assert_eq!(shown(Period::Month, "2026-03-31"), ["2026-03-01–2026-03-31"]);
        assert!(shown(Period::Month, "2026-03-30").is_empty(), "not over");
        assert_eq!(shown(Period::Day, "2026-03-03").len(), 3);
    }
}
