//! `fourcast slots …`

use clap::{Args, Subcommand};
use delivery::view::{SlotView, SlotsView, VerifyView};
use wire::OpenId;

use super::table::{Table, grouped};
use super::{Out, Talk, sheet};
use crate::Error;

/// Slots.
#[derive(Debug, Args)]
pub struct Slots {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// How many followers have used how many slots this month
    Histogram,
    /// One follower's slots this month
    Show {
        /// Whom
        openid: OpenId,
    },
    /// Whether the slots kept are those of the batches, folded anew
    Verify,
}

pub(super) async fn run(noun: Slots, out: Out) -> Result<(), Error> {
    let (rest, path) = noun.talk.account().await?;
    match noun.verb {
        Verb::Histogram => {
            let view: SlotsView = rest.get(&format!("{path}/slots")).await?;
            out.show(&view, histogram)
        }
        Verb::Show { openid } => {
            let view: SlotView = rest.get(&format!("{path}/slots/{openid}")).await?;
            out.show(&view, words)
        }
        Verb::Verify => {
            let view: VerifyView = rest.post(&format!("{path}/slots/verify"), &()).await?;
            out.show(&view, verified)
        }
    }
}

/// `2 of 4 used`, or the range where it is not exactly known.
pub(super) fn words(slot: &SlotView) -> String {
    format!("{} of {} used", range(slot.used_min, slot.used_max), slot.cap)
}

fn verified(view: &VerifyView) -> String {
    let verdict = if view.same { "the same" } else { "NOT the same: report this" };
    format!("{}: {} batches folded anew, {verdict}", view.month, grouped(view.batches))
}

fn range(min: u8, max: u8) -> String {
    if min == max { min.to_string() } else { format!("{min}–{max}") }
}

fn histogram(view: &SlotsView) -> String {
    let mut text = sheet(&[
        ("month", view.month.clone()),
        ("followers", grouped(view.followers)),
        ("have a slot", grouped(view.certain)),
        ("may have one", grouped(view.possible)),
        ("have none", grouped(view.full)),
    ]);
    let most = view.histogram.iter().map(|line| line.followers).max().unwrap_or(0).max(1);
    let mut table = Table::new(&[">used 已用", ">followers 粉丝", ""]);
    for line in &view.histogram {
        // Forty columns for the longest bar; whoever is there at all gets one.
        let bar = (line.followers * 40).div_ceil(most);
        table.row([
            range(line.used_min, line.used_max),
            grouped(line.followers),
            "█".repeat(usize::try_from(bar).unwrap_or(40)),
        ]);
    }
    text.push('\n');
    text.push_str(&table.text());
    text
}

#[cfg(test)]
mod tests {
    use delivery::view::SlotsLine;

    use super::*;

    #[test]
    fn ranges_are_shown_as_ranges() {
        let view = SlotsView {
            month: "2026-03".into(),
            cap: 4,
            followers: 1_200,
            certain: 900,
            possible: 200,
            full: 100,
            histogram: vec![
                SlotsLine { used_min: 0, used_max: 0, followers: 900 },
                SlotsLine { used_min: 3, used_max: 4, followers: 200 },
                SlotsLine { used_min: 4, used_max: 4, followers: 100 },
            ],
        };
        insta::assert_snapshot!(histogram(&view), @r"
        month         2026-03
        followers     1,200
        have a slot   900
        may have one  200
        have none     100

        used 已用  followers 粉丝
                0             900  ████████████████████████████████████████
              3–4             200  █████████
                4             100  █████
        ");
    }
}
