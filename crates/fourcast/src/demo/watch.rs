//! What the person sees while the month passes: one bar, and a line for every campaign.

use std::sync::Arc;

use super::happening::{Happening, Hooks};
use super::month::{Script, weekday};
use crate::cli::sync_progress;
use crate::cli::table::grouped;
use crate::progress::Progress;

/// The display.
pub(super) struct Watch {
    followers: Arc<Progress>,
    days: Arc<Progress>,
    script: Script,
    expected: u64,
}

impl Watch {
    /// A display of this month, for about so many followers.
    pub(super) fn new(script: Script, expected: u32) -> Self {
        let followers = Arc::new(Progress::counting("followers 粉丝"));
        let days = Arc::new(Progress::counting("days 天"));
        Self { followers, days, script, expected: expected.into() }
    }

    /// Hooks that keep the display up to date.
    pub(super) fn hooks(&self) -> Hooks {
        let (followers, days) = (Arc::clone(&self.followers), Arc::clone(&self.days));
        let expected = self.expected;
        let start = self.script.month.first_day();
        let length = u64::from((self.script.month.next().start() + -1).day().of_month());
        let happened = move |happening: &Happening<'_>| match happening {
            Happening::Synced(view) => {
                let (what, done) = sync_progress(view);
                followers.show(what, done, view.listed.max(expected));
                if view.state == "done" {
                    followers.end();
                    followers.say(&format!(
                        "{} followers fetched over the platform's interface 粉丝同步完成",
                        grouped(view.listed)
                    ));
                }
            }
            Happening::Imported(file, view) => days.say(&format!(
                "{file}: {} lines, {} of known followers 导入完成",
                grouped(view.imported),
                grouped(view.linked)
            )),
            Happening::Moved(now) => {
                let passed = u64::try_from(now.day().0 - start.0).unwrap_or(0);
                let what = format!("{} {}", now.day(), weekday(*now));
                days.show(&what, passed.min(length), length);
            }
            Happening::Forecast(planned, at, forecast) => {
                let mut line = format!(
                    "{} {} {}: {} in the segment, {} will receive 能收到",
                    at.day(),
                    weekday(*at),
                    planned.name,
                    grouped(forecast.segment),
                    grouped(forecast.certain)
                );
                if forecast.possible > 0 {
                    line.push_str(&format!(", {} may 可能", grouped(forecast.possible)));
                }
                for reason in forecast.reasons.iter().filter(|reason| reason.people > 0) {
                    let why = reason.sentence_zh.trim_end_matches('。');
                    line.push_str(&format!(", {} {why}", grouped(reason.people)));
                }
                if forecast.certain + forecast.possible == 0 {
                    line.push_str(": nothing is sent 不发送");
                }
                days.say(&line);
            }
            Happening::Settled(planned, report) => {
                let verdict = match report.as_forecast {
                    Some(true) => "as forecast 与预报相符",
                    Some(false) => "NOT as forecast 与预报不符",
                    None => "not settled 未对账",
                };
                days.say(&format!(
                    "    {}: {} delivered 送达, {verdict}",
                    planned.name,
                    grouped(report.delivered)
                ));
            }
            Happening::Website(title, at) => days.say(&format!(
                "{} {} the operator sends 「{title}」 on the website; the server is not told \
                 网站群发",
                at.day(),
                weekday(*at)
            )),
            Happening::Moving(_) | Happening::SandboxMoved(_) | Happening::Sent(_) => {}
        };
        Hooks { happened: Box::new(happened), ..Hooks::default() }
    }

    /// The month is over; both sides are asked.
    pub(super) fn comparing(&self) {
        self.days.end();
        self.days.say("comparing every follower with the sandbox's truth 逐人核对");
    }

    /// The month is compared with one that was planned.
    pub(super) fn planning(&self) {
        self.days.say("the same people again, twice: planned, and first come 计划与先到先得对照");
    }

    /// Takes the bars away.
    pub(super) fn end(&self) {
        self.followers.end();
        self.days.end();
    }
}
