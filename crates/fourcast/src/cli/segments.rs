//! `fourcast segments …`

use clap::{Args, Subcommand};
use delivery::view::{
    CountView, FrozenView, ListView, OverlapQuestion, OverlapView, PresetView, PresetWish,
    RerunView, SampleQuestion, SampleView, SavedSegment, SegmentQuestion, SegmentText, SortBy,
};
use serde_json::Value;
use wire::OpenId;

use super::table::{Table, grouped};
use super::{Out, Talk, sheet, slots};
use crate::Error;
use crate::rest::segment as part;

/// Segments.
#[derive(Debug, Args)]
pub struct Segments {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// How many people it holds, and how many of them a message could reach now
    Count {
        /// The segment, such as 'tag "油性皮肤" and orders.count() >= 2'
        segment: String,
    },
    /// The people in it
    List {
        /// The segment
        segment: String,
        /// Only followers after this number
        #[arg(long)]
        after: Option<u32>,
        /// Rows, at most 1,000
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// By what to sort: subscribed_at, last_order, orders, amount or slots
        #[arg(long)]
        sort: Option<String>,
        /// The most or latest first
        #[arg(long)]
        descending: bool,
        /// Of a sorted list: rows to pass over
        #[arg(long, default_value_t = 0)]
        offset: usize,
    },
    /// Some people of it, drawn by a seed
    Sample {
        /// The segment
        segment: String,
        /// How many, at most 1,000
        #[arg(long, default_value_t = 20)]
        size: usize,
        /// The same seed draws the same people
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// How many people segments share, pair by pair
    Overlap {
        /// Two to fifty segments
        #[arg(required = true, num_args = 2..=50)]
        segments: Vec<String>,
    },
    /// Segments that many merchants want
    Presets,
    /// The text of a preset
    Preset {
        /// Its name, from `presets`
        name: String,
        /// NAME=VALUE, such as days=7
        parameters: Vec<String>,
    },
    /// Segments kept under a name
    Saved,
    /// Keep one under a name; others may say: in segment "name"
    Save {
        /// Its name
        name: String,
        /// The segment
        segment: String,
    },
    /// Take one kept under a name away
    Forget {
        /// Its name
        name: String,
    },
    /// Keep who is in it now, with the moment and a hash
    Freeze {
        /// The segment
        segment: String,
        /// A name to find it by
        #[arg(long, default_value = "")]
        name: String,
    },
    /// Frozen segments
    Frozen,
    /// A frozen segment beside what its text says now
    Rerun {
        /// Its number
        frozen: i64,
    },
    /// Who was in a frozen segment, one OpenID a line
    Members {
        /// Its number
        frozen: i64,
    },
    /// Why one follower is in it or is not
    Explain {
        /// The segment
        segment: String,
        /// Whom
        openid: OpenId,
    },
}

pub(super) async fn run(noun: Segments, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    match noun.verb {
        Verb::Count { segment } => {
            let question = ask(segment, None);
            let view: CountView = rest.post(&format!("{path}/segments/count"), &question).await?;
            out.show(&view, count)
        }
        Verb::List { segment, after, limit, sort, descending, offset } => {
            let sort = sort.as_deref().map(sort_by).transpose()?;
            let more = if sort.is_some() { "--offset" } else { "--after" };
            let question = SegmentQuestion {
                after,
                limit: Some(limit),
                sort,
                descending,
                offset,
                ..ask(segment, None)
            };
            let view: ListView = rest.post(&format!("{path}/segments/list"), &question).await?;
            out.show(&view, |view| list(view, more))
        }
        Verb::Sample { segment, size, seed } => {
            let question = SampleQuestion { segment, size: Some(size), seed };
            let view: SampleView = rest.post(&format!("{path}/segments/sample"), &question).await?;
            out.show(&view, |view| {
                let (people, followers) = (view.people, view.followers.clone());
                list(&ListView { people, followers, next: None }, "--after")
            })
        }
        Verb::Overlap { segments } => {
            let question = OverlapQuestion { segments };
            let view: OverlapView =
                rest.post(&format!("{path}/segments/overlap"), &question).await?;
            out.show(&view, overlap)
        }
        Verb::Presets => {
            let view: Vec<PresetView> = rest.get(&format!("{path}/segments/presets")).await?;
            out.show(&view, |view| {
                let mut table = Table::new(&["name", "", "", "segment"]);
                for one in view {
                    table.row([&one.key, &one.zh, &one.en, &one.text]);
                }
                table.text()
            })
        }
        Verb::Preset { name, parameters } => {
            let mut wish = PresetWish::default();
            for one in parameters {
                let Some((name, value)) = one.split_once('=') else {
                    let hint = "write NAME=VALUE, such as days=7";
                    return Err(Error::asked(format!("{one:?} has no `=`."), hint));
                };
                wish.parameters.insert(name.to_owned(), value.to_owned());
            }
            let path = format!("{path}/segments/presets/{}", part(&name));
            let view: SegmentText = rest.post(&path, &wish).await?;
            out.show(&view, |view| view.segment.clone())
        }
        Verb::Saved => {
            let view: Vec<SavedSegment> = rest.get(&format!("{path}/segments/saved")).await?;
            out.show(&view, saved)
        }
        Verb::Save { name, segment } => {
            let path = format!("{path}/segments/saved/{}", part(&name));
            let wish = SegmentText { segment, name: String::new() };
            let view: SavedSegment = rest.put(&path, &wish).await?;
            out.show(&vec![view], saved)
        }
        Verb::Forget { name } => {
            rest.delete(&format!("{path}/segments/saved/{}", part(&name))).await?;
            let told = serde_json::json!({ "removed": name });
            out.show(&told, |_| format!("{name} is gone"))
        }
        Verb::Freeze { segment, name } => {
            let wish = SegmentText { segment, name };
            let view: FrozenView = rest.post(&format!("{path}/segments/frozen"), &wish).await?;
            out.show(&vec![view], frozen)
        }
        Verb::Frozen => {
            let view: Vec<FrozenView> = rest.get(&format!("{path}/segments/frozen")).await?;
            out.show(&view, frozen)
        }
        Verb::Rerun { frozen } => {
            let path = format!("{path}/segments/frozen/{frozen}/rerun");
            let view: RerunView = rest.post(&path, &()).await?;
            out.show(&view, |view| {
                sheet(&[
                    ("frozen", format!("{} at {}", grouped(view.frozen.people), view.frozen.at)),
                    ("now", grouped(view.people)),
                    ("came", grouped(view.came)),
                    ("went", grouped(view.went)),
                ])
            })
        }
        Verb::Members { frozen } => {
            let mut members = Vec::new();
            let path = format!("{path}/segments/frozen/{frozen}/members");
            rest.lines(&path, |line| members.push(line.to_owned())).await?;
            out.show(&members, |members| members.join("\n"))
        }
        Verb::Explain { segment, openid } => {
            let question = ask(segment, Some(openid.to_string()));
            let view: Value = rest.post(&format!("{path}/segments/explain"), &question).await?;
            out.show(&view, explain)
        }
    }
}

fn ask(segment: String, openid: Option<String>) -> SegmentQuestion {
    SegmentQuestion { segment, openid, ..SegmentQuestion::default() }
}

fn sort_by(word: &str) -> Result<SortBy, Error> {
    serde_json::from_value(Value::String(word.to_owned())).map_err(|_| {
        Error::asked(
            format!("{word:?} is nothing to sort by."),
            "sort by subscribed_at, last_order, orders, amount or slots",
        )
    })
}

fn saved(view: &Vec<SavedSegment>) -> String {
    let mut table = Table::new(&["name", "changed", "segment"]);
    for one in view {
        table.row([one.name.clone(), one.changed_at.to_string(), one.segment.clone()]);
    }
    table.text()
}

fn frozen(view: &Vec<FrozenView>) -> String {
    let mut table = Table::new(&[">number", "name", "at", ">people", "hash", "segment"]);
    for one in view {
        table.row([
            one.id.to_string(),
            one.name.clone(),
            one.at.to_string(),
            grouped(one.people),
            one.hash.chars().take(12).collect(),
            one.segment.clone(),
        ]);
    }
    table.text()
}

fn overlap(view: &OverlapView) -> String {
    let mut columns = vec![String::new()];
    columns.extend((1..=view.segments.len()).map(|number| format!(">{number}")));
    let mut table = Table::new(&columns.iter().map(String::as_str).collect::<Vec<_>>());
    for (at, (segment, row)) in view.segments.iter().zip(&view.people).enumerate() {
        let mut cells = vec![format!("{}  {segment}", at + 1)];
        cells.extend(row.iter().map(|people| grouped(*people)));
        table.row(cells);
    }
    let mut text = table.text();
    text.push_str(&format!("{} in any, {} in all", grouped(view.any), grouped(view.all)));
    text
}

fn count(view: &CountView) -> String {
    let mut lines = vec![
        ("segment", view.segment.clone()),
        ("people", grouped(view.people)),
        ("will receive", grouped(view.certain)),
        ("may receive", grouped(view.possible)),
    ];
    for reason in &view.reasons {
        lines.push(("will not", format!("{}  {}", grouped(reason.people), reason.sentence)));
    }
    sheet(&lines)
}

fn list(view: &ListView, more: &str) -> String {
    let mut table = Table::new(&[">number", "openid", "follows", "slots", "cannot receive"]);
    for follower in &view.followers {
        table.row([
            follower.ordinal.to_string(),
            follower.openid.clone(),
            if follower.following { "yes".into() } else { "no".into() },
            slots::words(&follower.slots),
            follower.reason.clone().unwrap_or_default(),
        ]);
    }
    let mut text = table.text();
    text.push_str(&format!("{} people in all", grouped(view.people)));
    if let Some(next) = view.next {
        text.push_str(&format!("; more with {more} {next}"));
    }
    text
}

fn explain(view: &Value) -> String {
    let inside = view["in"].as_bool().unwrap_or_default();
    let mut text = format!(
        "{} is {} {}\n",
        view["openid"].as_str().unwrap_or_default(),
        if inside { "in" } else { "not in" },
        view["segment"].as_str().unwrap_or_default(),
    );
    conditions(&view["conditions"], 1, &mut text);
    text
}

fn conditions(condition: &Value, depth: usize, text: &mut String) {
    let mark = if condition["holds"].as_bool().unwrap_or_default() { "yes" } else { "no " };
    let words = condition["condition"].as_str().unwrap_or_default();
    text.push_str(&format!("{}{mark} {words}", "  ".repeat(depth)));
    if let Some(seen) = condition["seen"].as_str().filter(|seen| !seen.is_empty()) {
        text.push_str(&format!("  ({seen})"));
    }
    text.push('\n');
    for part in condition["parts"].as_array().into_iter().flatten() {
        conditions(part, depth + 1, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_is_a_tree() {
        let view = serde_json::json!({
            "segment": "tag \"油性皮肤\" and orders.count() >= 2", "openid": "oX", "in": false,
            "conditions": {
                "condition": "tag \"油性皮肤\" and orders.count() >= 2", "holds": false,
                "parts": [
                    {"condition": "tag \"油性皮肤\"", "holds": true, "seen": "油性皮肤, 上海"},
                    {"condition": "orders.count() >= 2", "holds": false, "seen": "1"}
                ]
            }
        });
        insta::assert_snapshot!(explain(&view), @r#"
        oX is not in tag "油性皮肤" and orders.count() >= 2
          no  tag "油性皮肤" and orders.count() >= 2
            yes tag "油性皮肤"  (油性皮肤, 上海)
            no  orders.count() >= 2  (1)
        "#);
    }
}
