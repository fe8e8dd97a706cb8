//! Statistics of what went out (`platform/10 §4`), notified and silent alike.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Value, json};
use wire::Day;

use super::super::{Answer, answer};
use crate::statistics::{
    ArticleAct, ArticleKey, Content, Counts, Publishing, ReadFrom, Statistics,
};

/// Days of statistics an article has.
const DAYS: i32 = 30;

/// Whether this family knows the day: it begins on 2025-11-01 (`platform/10 §1`).
fn is_known(day: Day) -> bool {
    Day::new(2025, 11, 1).is_some_and(|first| day >= first)
}

/// An answer of this family; what is told is final.
pub(super) fn answer_rows(rows: Vec<Value>) -> Answer {
    answer(&json!({ "list": rows, "is_delay": false }))
}

fn known(days: RangeInclusive<Day>) -> impl Iterator<Item = Day> {
    (days.start().0..=days.end().0).map(Day).filter(|day| is_known(*day))
}

/// What readers did on a day, article by article.
fn counted(statistics: &Statistics, day: Day) -> impl Iterator<Item = (ArticleKey, &Counts)> {
    statistics.contents().filter_map(move |(key, content)| Some((key, content.on(day)?)))
}

fn sources(counts: &Counts) -> Value {
    let all = json!({ "user_count": counts.readers(), "scene_desc": "全部" });
    let each = ReadFrom::ALL.into_iter().filter(|from| counts.readers_from(*from) > 0).map(
        |from| json!({ "user_count": counts.readers_from(from), "scene_desc": from.description() }),
    );
    Value::Array([all].into_iter().chain(each).collect())
}

pub(super) fn read(statistics: &Statistics, days: RangeInclusive<Day>) -> Vec<Value> {
    let rows = known(days).flat_map(|day| {
        counted(statistics, day).filter(|(_, counts)| counts.readers() > 0).map(
            move |(key, counts)| {
                json!({ "ref_date": day.to_string(), "msgid": key.to_string(), "detail": {
                    "read_user": counts.readers(), "read_user_source": sources(counts) } })
            },
        )
    });
    rows.collect()
}

pub(super) fn share(statistics: &Statistics, days: RangeInclusive<Day>) -> Vec<Value> {
    let rows = known(days).flat_map(|day| {
        let shared = |counts: &Counts| counts.of(ArticleAct::Share);
        counted(statistics, day).filter(move |(_, counts)| shared(counts) > 0).map(
            move |(key, counts)| {
                json!({ "ref_date": day.to_string(), "msgid": key.to_string(),
                    "detail": { "share_user": shared(counts) } })
            },
        )
    });
    rows.collect()
}

/// One row a day for the whole account. Who reads two articles counts twice (assumed: the
/// sandbox is told numbers, not people).
pub(super) fn summary(statistics: &Statistics, days: RangeInclusive<Day>) -> Vec<Value> {
    let mut went_out: BTreeMap<Day, u64> = BTreeMap::new();
    for (_, content) in statistics.contents() {
        *went_out.entry(content.day).or_default() += 1;
    }
    let row = |day: Day| {
        let mut sum = Counts::default();
        for (_, counts) in counted(statistics, day) {
            sum.add(counts);
        }
        let pages = went_out.get(&day).copied().unwrap_or(0);
        if sum == Counts::default() && pages == 0 {
            return None;
        }
        Some(json!({ "ref_date": day.to_string(), "detail": {
            "read_user": sum.readers(), "read_user_source": sources(&sum),
            "share_user": sum.of(ArticleAct::Share), "zaikan_user": sum.of(ArticleAct::Recommend),
            "like_user": sum.of(ArticleAct::Like), "comment_count": sum.of(ArticleAct::Comment),
            "collection_user": sum.of(ArticleAct::Collect),
            "redirect_ori_page_user": sum.of(ArticleAct::OpenOriginal),
            "send_page_count": pages } }))
    };
    known(days).filter_map(row).collect()
}

/// Articles that went out on the days, each with up to thirty days of figures, every one of them
/// for the time from going out to `stat_date`.
pub(super) fn total(
    statistics: &Statistics,
    days: RangeInclusive<Day>,
    over_until: Day,
) -> Vec<Value> {
    let row = |(key, content): (ArticleKey, &Content)| {
        let last = over_until.0.min(content.day.0 + DAYS - 1);
        let details: Vec<Value> =
            (content.day.0..=last).map(|day| detail(content, Day(day))).collect();
        let publish_type = match content.publishing {
            Publishing::Notified { .. } => 0,
            Publishing::Silent => 1,
        };
        json!({ "ref_date": content.day.to_string(), "msgid": key.to_string(),
            "publish_type": publish_type, "title": content.title, "content_url": content.url,
            "detail_list": details })
    };
    let published = |day: Day| statistics.contents().filter(move |(_, content)| content.day == day);
    known(days).flat_map(published).map(row).collect()
}

fn detail(content: &Content, day: Day) -> Value {
    let counts = content.until(day);
    let readers = counts.readers();
    let delivered = match content.publishing {
        Publishing::Notified { delivered } => delivered,
        Publishing::Silent => 0,
    };
    let finished = counts.stopped_in()[4];
    let jumps: Vec<Value> = (1..)
        .zip(counts.stopped_in())
        .map(|(position, people)| json!({ "position": position, "rate": rate(people, readers) }))
        .collect();
    json!({ "stat_date": day.to_string(), "read_user": readers,
        "read_user_source": sources(&counts), "share_user": counts.of(ArticleAct::Share),
        "zaikan_user": counts.of(ArticleAct::Recommend), "like_user": counts.of(ArticleAct::Like),
        "comment_count": counts.of(ArticleAct::Comment),
        "collection_user": counts.of(ArticleAct::Collect),
        "praise_money": counts.of(ArticleAct::Praise), "read_subscribe_user": counts.followers(),
        "read_delivery_rate": rate(counts.readers_from(ReadFrom::Message), delivered),
        "read_finish_rate": rate(finished, readers),
        "read_avg_activetime": rate(counts.seconds(), readers * 60),
        "read_jump_position": jumps })
}

/// A share with four decimals; 0 of nothing.
fn rate(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0 }
}
