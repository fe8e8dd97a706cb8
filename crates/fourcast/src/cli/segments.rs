//! `fourcast segments …`

use clap::{Args, Subcommand};
use delivery::view::{CountView, ListView, SegmentQuestion};
use serde_json::Value;
use wire::OpenId;

use super::table::{Table, grouped};
use super::{Out, Talk, sheet, slots};
use crate::Error;

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
            let question = ask(segment, None, None, None);
            let view: CountView = rest.post(&format!("{path}/segments/count"), &question).await?;
            out.show(&view, count)
        }
        Verb::List { segment, after, limit } => {
            let question = ask(segment, after, Some(limit), None);
            let view: ListView = rest.post(&format!("{path}/segments/list"), &question).await?;
            out.show(&view, list)
        }
        Verb::Explain { segment, openid } => {
            let question = ask(segment, None, None, Some(openid.to_string()));
            let view: Value = rest.post(&format!("{path}/segments/explain"), &question).await?;
            out.show(&view, explain)
        }
    }
}

fn ask(
    segment: String,
    after: Option<u32>,
    limit: Option<usize>,
    openid: Option<String>,
) -> SegmentQuestion {
    SegmentQuestion { segment, after, limit, openid }
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

fn list(view: &ListView) -> String {
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
        text.push_str(&format!("; more with --after {next}"));
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
