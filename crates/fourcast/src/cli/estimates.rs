//! `fourcast estimates …`

use clap::{Args, Subcommand};
use delivery::view::{EstimateView, EstimatesQuestion, EstimatesView};
use wire::OpenId;

use super::table::{Table, grouped, yuan};
use super::{Out, Talk, sheet};
use crate::Error;
use crate::rest::segment as escaped;

/// What followers are worth to a campaign.
#[derive(Debug, Args)]
pub struct Estimates {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// What a segment is worth, what it depends on, and how well that is known
    Show(Question),
    /// Every follower of a segment, as lines of openid,worth,low,high,basis
    Export(Question),
    /// What one follower is worth, and why
    Why {
        /// Whom
        openid: OpenId,
        #[command(flatten)]
        question: Question,
    },
}

#[derive(Debug, Args)]
struct Question {
    /// The kind of campaign, as told when campaigns are made
    #[arg(long, default_value = "general")]
    kind: String,
    /// Whose worth
    #[arg(long, default_value = "subscribed")]
    segment: String,
    /// Orders of so many days after a message count, 1 to 14
    #[arg(long)]
    days: Option<u32>,
    /// Saved segments that people are told apart by too, parted by commas
    #[arg(long)]
    with: Option<String>,
    /// What keeping a follower is worth, in cents: held against the risk that they leave
    #[arg(long)]
    follower_cents: Option<u32>,
    /// Which message of the month it will be, 1 to 4; for each their next when absent
    #[arg(long)]
    nth: Option<u8>,
    /// Units of worth in cents, such as 0.1
    #[arg(long)]
    unit_cents: Option<f64>,
}

impl Question {
    fn query(self) -> String {
        let EstimatesQuestion { kind, segment, days, chosen, follower_cents, nth, unit_cents } =
            EstimatesQuestion {
                kind: Some(self.kind),
                segment: Some(self.segment),
                days: self.days,
                chosen: self.with,
                follower_cents: self.follower_cents,
                nth: self.nth,
                unit_cents: self.unit_cents,
            };
        let given = [
            ("kind", kind),
            ("segment", segment),
            ("days", days.map(|days| days.to_string())),
            ("with", chosen),
            ("follower_cents", follower_cents.map(|cents| cents.to_string())),
            ("nth", nth.map(|nth| nth.to_string())),
            ("unit_cents", unit_cents.map(|unit| unit.to_string())),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let given: Vec<String> =
            given.map(|(name, value)| format!("{name}={}", escaped(&value))).collect();
        given.join("&")
    }
}

pub(super) async fn run(noun: Estimates, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    match noun.verb {
        Verb::Show(question) => {
            let path = format!("{path}/estimates?{}", question.query());
            let view: EstimatesView = rest.get(&path).await?;
            out.show(&view, show)
        }
        Verb::Export(question) => {
            let mut lines = Vec::new();
            let path = format!("{path}/estimates.csv?{}", question.query());
            rest.lines(&path, |line| lines.push(line.to_owned())).await?;
            out.show(&lines, |lines| lines.join("\n"))
        }
        Verb::Why { openid, question } => {
            let path = format!("{path}/estimates/{openid}?{}", question.query());
            let view: EstimateView = rest.get(&path).await?;
            out.show(&view, why)
        }
    }
}

/// Cents that may be less than one, as yuan.
fn fine(cents: f64) -> String {
    if cents.abs() < 100.0 {
        let sign = if cents < 0.0 { "-" } else { "" };
        return format!("{sign}¥{:.4}", cents.abs() / 100.0);
    }
    yuan(cents.round() as i64)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn show(view: &EstimatesView) -> String {
    let past = &view.past;
    let mut text = sheet(&[
        ("kind", view.kind.clone()),
        ("segment", view.segment.clone()),
        ("people", grouped(view.people)),
        ("worth of a message to all", fine(view.total_cents)),
        ("whole numbers stand for", fine(view.unit_cents)),
        (
            "learned from",
            format!(
                "{} messages since {}: {} people sent one ({} ordered within {} days), {} left \
                 out ({} ordered), {} set aside for another message close by",
                past.messages,
                past.from.day(),
                grouped(past.sent),
                grouped(past.sent_ordered),
                past.days,
                grouped(past.left_out),
                grouped(past.left_out_ordered),
                grouped(past.set_aside)
            ),
        ),
        (
            "of this kind",
            format!(
                "{} sent, {} ordered",
                grouped(past.sent_of_kind),
                grouped(past.sent_of_kind_ordered)
            ),
        ),
        ("", past.sentence.clone()),
    ]);
    for basis in &view.bases {
        text.push_str(&format!("{} people: {}\n", grouped(basis.people), basis.sentence));
    }
    text.push('\n');
    let mut table =
        Table::new(&[">people 人数", ">worth 价值", ">nine of ten within", "", ">orders of 1,000"]);
    for part in &view.parts {
        table.row([
            grouped(part.people),
            fine(part.cents),
            fine(part.low_cents),
            fine(part.high_cents),
            format!("{:.2}", part.orders),
        ]);
    }
    text.push_str(&table.text());
    if let Some(model) = &view.model {
        text.push_str(&format!(
            "\nChecked on people it was not learned from (held back {}, slope {:.2}), orders added \
             to 1,000:\n",
            model.strength, model.slope
        ));
        let mut table = Table::new(&[">sent", ">left out", ">expected", ">seen", ">±"]);
        for line in &model.check {
            table.row([
                grouped(line.sent),
                grouped(line.left_out),
                format!("{:.2}", line.expected),
                format!("{:.2}", line.seen),
                format!("{:.2}", line.error),
            ]);
        }
        text.push_str(&table.text());
    }
    text.push('\n');
    let mut table = Table::new(&[
        ">message of the month",
        ">orders of 1,000",
        ">of the first",
        ">leave of 1,000",
    ]);
    for place in &view.places {
        table.row([
            place.nth.to_string(),
            format!("{:.2}", place.orders),
            percent(place.of_first),
            format!("{:.2}", place.leaving),
        ]);
    }
    text.push_str(&table.text());
    text.push('\n');
    let mut table = Table::new(&["what matters", "", ">share", ">orders of 1,000", ">worth"]);
    for feature in &view.features {
        for (place, bin) in feature.bins.iter().enumerate() {
            let name = if place == 0 { feature.name.as_str() } else { "" };
            table.row([
                name.to_owned(),
                bin.bin.clone(),
                percent(bin.share),
                format!("{:.2}", bin.orders),
                fine(bin.cents),
            ]);
        }
    }
    text.push_str(&table.text());
    text
}

fn why(view: &EstimateView) -> String {
    let mut text = sheet(&[
        ("follower", view.openid.clone()),
        ("kind", view.kind.clone()),
        ("worth", fine(view.cents)),
        ("nine of ten within", format!("{} to {}", fine(view.low_cents), fine(view.high_cents))),
        (
            "orders",
            format!("{:.2} of 1,000 with the message, {:.2} without", view.with, view.without),
        ),
        ("an order", fine(view.order_cents)),
        ("leave because of it", format!("{:.2} of 1,000", view.leaving)),
        ("", view.sentence.clone()),
    ]);
    text.push('\n');
    let mut table = Table::new(&["because of", "", ">more than everybody"]);
    for reason in &view.reasons {
        table.row([reason.name.clone(), reason.bin.clone(), fine(reason.cents)]);
    }
    text.push_str(&table.text());
    text
}

#[cfg(test)]
mod tests {
    use delivery::view::EstimateReason;

    use super::*;

    #[test]
    fn a_question_is_escaped() {
        let question = Question {
            kind: "促销".into(),
            segment: "tag \"a\"".into(),
            days: Some(2),
            with: None,
            follower_cents: None,
            nth: Some(1),
            unit_cents: Some(0.1),
        };
        assert_eq!(
            question.query(),
            "kind=%E4%BF%83%E9%94%80&segment=tag%20%22a%22&days=2&nth=1&unit_cents=0.1"
        );
    }

    #[test]
    fn reasons_are_told_in_words() {
        let reason = |name: &str, bin: &str, cents| EstimateReason {
            feature: String::new(),
            name: name.into(),
            name_zh: String::new(),
            bin: bin.into(),
            bin_zh: String::new(),
            cents,
        };
        let view = EstimateView {
            openid: "oX".into(),
            kind: "promotion".into(),
            cents: 312.4,
            low_cents: -12.5,
            high_cents: 637.0,
            with: 31.2,
            without: 3.1,
            order_cents: 11_117.0,
            leaving: 0.8,
            basis: "model".into(),
            sentence: "Learned from campaigns of this kind, follower by follower.".into(),
            sentence_zh: String::new(),
            reasons: vec![
                reason("answers to this kind in 90 days", "did something once", 211.0),
                reason("messages received this month", "two", -30.25),
            ],
        };
        insta::assert_snapshot!(why(&view), @r"
        follower             oX
        kind                 promotion
        worth                ¥3.12
        nine of ten within   -¥0.1250 to ¥6.37
        orders               31.20 of 1,000 with the message, 3.10 without
        an order             ¥111.17
        leave because of it  0.80 of 1,000
                             Learned from campaigns of this kind, follower by follower.

        because of                                           more than everybody
        answers to this kind in 90 days  did something once                ¥2.11
        messages received this month     two                            -¥0.3025
        ");
    }
}
