//! The six article statistics the platform has withdrawn (`platform/10 §5`), in their old shapes.
//! Answered only by an account whose switch `withdrawn_statistics_answer` is on.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};
use wire::Day;

use crate::statistics::{
    ArticleAct, ArticleKey, Content, Counts, Publishing, ReadFrom, SharedTo, Statistics,
};

/// Days of `getarticletotal`.
const DAYS: i32 = 7;
/// Rows with less activity are not told.
const LEAST_ACTIVITY: u64 = 3;
const EVERYWHERE: u64 = 99_999_999;

/// Number of where an article was passed on to.
fn scene(to: SharedTo) -> u64 {
    match to {
        SharedTo::Friend => 1,
        SharedTo::Moments => 2,
        SharedTo::Other => 255,
    }
}

/// Readers, original, shares, favourites: people and times, which are the same here because
/// [`crate::statistics::Reading`] tells first readings.
fn fields(counts: &Counts) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, number) in [
        ("int_page_read", counts.readers()),
        ("ori_page_read", counts.of(ArticleAct::OpenOriginal)),
        ("share", counts.of(ArticleAct::Share)),
        ("add_to_fav", counts.of(ArticleAct::Collect)),
    ] {
        fields.insert(format!("{name}_user"), number.into());
        fields.insert(format!("{name}_count"), number.into());
    }
    fields
}

fn activity(counts: &Counts) -> u64 {
    counts.readers()
        + counts.of(ArticleAct::OpenOriginal)
        + counts.of(ArticleAct::Share)
        + counts.of(ArticleAct::Collect)
}

/// Number and name of a way of reading in the old family.
fn former(from: ReadFrom) -> (u64, &'static str) {
    match from {
        ReadFrom::Message => (0, "session"),
        ReadFrom::Chat => (1, "friends"),
        ReadFrom::Moments => (2, "feed"),
        ReadFrom::Profile => (4, "hist_msg"),
        ReadFrom::Other => (5, "other"),
        ReadFrom::Recommended => (6, "kanyikan"),
        ReadFrom::Search => (7, "souyisou"),
    }
}

pub(super) fn article_summary(statistics: &Statistics, days: RangeInclusive<Day>) -> Vec<Value> {
    let day = *days.start();
    let row = |(key, content): (ArticleKey, &Content)| {
        let counts = content.on(day).filter(|counts| activity(counts) >= LEAST_ACTIVITY)?;
        let mut row = fields(counts);
        row.insert("ref_date".to_owned(), day.to_string().into());
        row.insert("msgid".to_owned(), key.to_string().into());
        row.insert("title".to_owned(), content.title.clone().into());
        Some(Value::Object(row))
    };
    statistics.contents().filter_map(row).collect()
}

pub(super) fn article_total(
    statistics: &Statistics,
    days: RangeInclusive<Day>,
    over_until: Day,
) -> Vec<Value> {
    let row = |(key, content): (ArticleKey, &Content)| {
        let Publishing::Notified { delivered } = content.publishing else { return None };
        if !days.contains(&content.day) {
            return None;
        }
        let last = over_until.0.min(content.day.0 + DAYS - 1);
        let details: Vec<Value> = (content.day.0..=last)
            .map(|day| {
                let counts = content.until(Day(day));
                let mut detail = fields(&counts);
                detail.insert("stat_date".to_owned(), Day(day).to_string().into());
                detail.insert("target_user".to_owned(), delivered.into());
                for from in ReadFrom::ALL {
                    let (_, name) = former(from);
                    let number = counts.readers_from(from);
                    for unit in ["user", "count"] {
                        detail.insert(format!("int_page_from_{name}_read_{unit}"), number.into());
                    }
                }
                // From where an article was passed on is told by names the page does not explain.
                for name in ["session", "feed", "other"] {
                    let number = if name == "other" { counts.of(ArticleAct::Share) } else { 0 };
                    for unit in ["user", "cnt"] {
                        detail.insert(format!("feed_share_from_{name}_{unit}"), number.into());
                    }
                }
                Value::Object(detail)
            })
            .collect();
        Some(json!({ "ref_date": content.day.to_string(), "msgid": key.to_string(),
            "title": content.title, "url": content.url, "details": details }))
    };
    statistics.contents().filter_map(row).collect()
}

/// Counts of days or hours, in order.
fn by_time(
    statistics: &Statistics,
    days: RangeInclusive<Day>,
    hours: bool,
) -> BTreeMap<(Day, u32), Counts> {
    let mut sums: BTreeMap<(Day, u32), Counts> = BTreeMap::new();
    for (day, hour, counts) in statistics.reading_hours(days) {
        sums.entry((day, if hours { hour } else { 0 })).or_default().add(counts);
    }
    sums
}

fn stamped(mut row: Map<String, Value>, (day, hour): (Day, u32), hours: bool) -> Value {
    row.insert("ref_date".to_owned(), day.to_string().into());
    if hours {
        row.insert("ref_hour".to_owned(), (hour * 100).into());
    }
    Value::Object(row)
}

pub(super) fn reading(
    statistics: &Statistics,
    days: RangeInclusive<Day>,
    hours: bool,
) -> Vec<Value> {
    let mut rows = Vec::new();
    for (time, counts) in by_time(statistics, days, hours) {
        if activity(&counts) == 0 {
            continue;
        }
        let mut all = fields(&counts);
        all.insert("user_source".to_owned(), EVERYWHERE.into());
        rows.push(stamped(all, time, hours));
        for from in ReadFrom::ALL {
            let readers = counts.readers_from(from);
            if readers > 0 {
                let mut row = fields(&Counts::default());
                row.insert("int_page_read_user".to_owned(), readers.into());
                row.insert("int_page_read_count".to_owned(), readers.into());
                row.insert("user_source".to_owned(), former(from).0.into());
                rows.push(stamped(row, time, hours));
            }
        }
    }
    rows
}

pub(super) fn sharing(
    statistics: &Statistics,
    days: RangeInclusive<Day>,
    hours: bool,
) -> Vec<Value> {
    let mut rows = Vec::new();
    for (time, counts) in by_time(statistics, days, hours) {
        for to in SharedTo::ALL {
            let shares = counts.shared_to(to);
            if shares > 0 {
                let mut row = Map::new();
                row.insert("share_scene".to_owned(), scene(to).into());
                row.insert("share_count".to_owned(), shares.into());
                row.insert("share_user".to_owned(), shares.into());
                rows.push(stamped(row, time, hours));
            }
        }
    }
    rows
}
