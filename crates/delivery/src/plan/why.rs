//! Why a follower gets a campaign of a plan or does not, in words.

use planner::plan::days::why::WhyNot as OnDays;
use planner::plan::why::WhyNot;
use planner::stages::LeftOut;

use super::kept::Kept;
use super::worth::power;
use crate::books::read_set;
use crate::error::Error;
use crate::owner::Owner;
use crate::view::WhyView;
use store::PlanId;

/// Answers for one follower and campaign.
pub(super) async fn why(
    owner: &Owner,
    id: PlanId,
    key: &str,
    openid: &str,
) -> Result<WhyView, Error> {
    let person = crate::answers::find(owner, openid).await?;
    let kept = Kept::load(owner, id).await?;
    let wish = kept.record.keys.iter().position(|one| one == key).ok_or_else(|| {
        let problem =
            format!("{key:?} is not in plan {id}; it has {}", kept.record.keys.join(", "));
        Error::bad("campaign", problem)
    })?;
    let people = store::plan::people(&owner.store, owner.id(), id).await?;
    let held_out = match people.get(wish) {
        Some(people) => read_set("the held out of a plan", &people.held_out)?,
        None => audience::Set::new(),
    };
    let names = names(owner, &kept).await?;
    let exponent = kept.claim.unit_exponent;
    let unit = |worth: i16| f64::from(worth) / power(exponent);
    let words = Words { names: &names, exponent, wish };
    let mut view = WhyView {
        campaign: key.to_owned(),
        follower: openid.to_owned(),
        receives: false,
        reason: String::new(),
        sentence: String::new(),
        sentence_zh: String::new(),
        worth: None,
        instead: None,
        instead_worth: None,
    };
    if let Some(days) = kept.calendar() {
        let rules = kept.record.rules.as_ref();
        let verdict = rules
            .and_then(|rules| days.why_not(&rules.question(&kept.record.month), wish, person.ord));
        let answer = match verdict {
            _ if held_out.contains(person.ord) => Answer::of("held_out", words.held_out()),
            None => Answer::of("planned", words.planned()),
            Some(reason) => words.on_days(reason, rules.map_or(0, |rules| rules.list_least)),
        };
        view.receives = answer.reason == "planned";
        view.reason = answer.reason.to_owned();
        view.worth = answer.worth.map(unit);
        view.instead = answer.instead.and_then(|other| kept.record.keys.get(other).cloned());
        view.instead_worth = answer.instead_worth.map(unit);
        (view.sentence, view.sentence_zh) = answer.sentences;
        return Ok(view);
    }
    let verdict = kept.record.month.why_not(&kept.plan, wish, person.ord);
    let (reason, (english, chinese)) = match verdict {
        _ if held_out.contains(person.ord) => ("held_out", words.held_out()),
        None => {
            view.receives = true;
            ("planned", words.planned())
        }
        Some(LeftOut::EarlierStage { by }) => {
            view.instead = kept.record.keys.get(by).cloned();
            ("earlier_stage", words.earlier_stage(by))
        }
        Some(LeftOut::Here(WhyNot::NotMeant)) => ("not_meant", words.not_meant()),
        Some(LeftOut::Here(WhyNot::NoPlace)) => ("no_place", words.no_place()),
        Some(LeftOut::Here(WhyNot::NotWorthIt { worth })) => {
            view.worth = Some(unit(worth));
            ("not_worth_it", words.not_worth_it(worth))
        }
        Some(LeftOut::Here(WhyNot::CampaignFull { worth, price })) => {
            view.worth = Some(unit(worth));
            ("campaign_full", words.full(worth, price))
        }
        Some(LeftOut::Here(WhyNot::BetterUsed { worth, instead, instead_worth })) => {
            view.worth = Some(unit(worth));
            view.instead = kept.record.keys.get(instead).cloned();
            view.instead_worth = Some(unit(instead_worth));
            let prices = [wish, instead].map(|one| kept.plan.prices.get(one).copied().unwrap_or(0));
            ("better_used", words.better_used(worth, instead, instead_worth, prices))
        }
    };
    view.reason = reason.to_owned();
    (view.sentence, view.sentence_zh) = (english, chinese);
    Ok(view)
}

async fn names(owner: &Owner, kept: &Kept) -> Result<Vec<String>, Error> {
    let mut names = Vec::with_capacity(kept.record.keys.len());
    for key in &kept.record.keys {
        let found = store::campaign::by_key(&owner.store, owner.id(), key).await?;
        names.push(found.map_or_else(|| key.clone(), |found| found.name));
    }
    Ok(names)
}

/// The sentences; English and Chinese.
struct Words<'a> {
    names: &'a [String],
    exponent: i32,
    wish: usize,
}

type Both = (String, String);

/// A reason with its words and what it names.
struct Answer {
    reason: &'static str,
    sentences: Both,
    worth: Option<i16>,
    instead: Option<usize>,
    instead_worth: Option<i16>,
}

impl Answer {
    fn of(reason: &'static str, sentences: Both) -> Self {
        Self { reason, sentences, worth: None, instead: None, instead_worth: None }
    }
}

impl Words<'_> {
    /// Why not, in a month with a calendar.
    fn on_days(&self, reason: OnDays, list_least: u32) -> Answer {
        let name = self.own();
        let (word, sentences) = match reason {
            OnDays::NotMeant => ("not_meant", self.not_meant()),
            OnDays::NoPlace => ("no_place", self.no_place()),
            OnDays::NotWorthIt { worth } => ("not_worth_it", self.not_worth_it(worth)),
            OnDays::Disturbing { worth, cost } => {
                let (worth, cost) = (self.number(worth), self.number(cost));
                (
                    "disturbing",
                    (
                        format!(
                            "One message more disturbs them by {cost}; '{name}' is worth {worth}."
                        ),
                        format!("再发一条的打扰代价为 {cost}，而「{name}」的价值为 {worth}。"),
                    ),
                )
            }
            OnDays::NoDay => (
                "no_day",
                (
                    format!("'{name}' goes on no day: no call is left on any day it may go."),
                    format!("「{name}」没有可发送的日子：允许的日期均无剩余调用次数。"),
                ),
            ),
            OnDays::TooClose { day, to, on } => {
                let other = match to {
                    Some(other) => (
                        format!("'{}' on day {on}", self.name(other)),
                        format!("{on} 日的「{}」", self.name(other)),
                    ),
                    None => ("a message they had before".to_owned(), "此前已收到的消息".to_owned()),
                };
                (
                    "too_close",
                    (
                        format!("'{name}' on day {day} is too close to {}.", other.0),
                        format!("{day} 日的「{name}」与{}间隔太近。", other.1),
                    ),
                )
            }
            OnDays::KeptBack { day, until } => (
                "kept_back",
                (
                    format!("On day {day} the slots left to them are kept back until day {until}."),
                    format!("{day} 日时剩余名额被保留至 {until} 日。"),
                ),
            ),
            OnDays::TopicFull { most, .. } => (
                "topic_full",
                (
                    format!("They hear as much of the topic of '{name}' as they may ({most})."),
                    format!("「{name}」所属主题本月已达上限（{most} 条）。"),
                ),
            ),
            OnDays::CampaignFull { worth, price } => ("campaign_full", self.full(worth, price)),
            OnDays::NoCall { day } => (
                "no_call",
                (
                    format!("On day {day} no call is left for one recipient more of '{name}'."),
                    format!("{day} 日没有剩余调用次数可用于「{name}」再增加接收者。"),
                ),
            ),
            OnDays::TooFew { .. } => (
                "too_few",
                (
                    format!("Too few want '{name}' to fill a list of {list_least}."),
                    format!("「{name}」人数不足 {list_least}，无法成批发送。"),
                ),
            ),
            OnDays::BetterUsed { worth, instead, instead_worth } => {
                ("better_used", self.better_used(worth, instead, instead_worth, [0, 0]))
            }
            OnDays::Needed { instead, .. } => {
                let other = self.name(instead);
                (
                    "needed",
                    (
                        format!(
                            "Slot needed for '{other}', which reaches no more than its fewest."
                        ),
                        format!("「{other}」仅达到最少人数，因此需要该名额。"),
                    ),
                )
            }
            OnDays::Unproven { worth } => {
                let worth = self.number(worth);
                (
                    "unproven",
                    (
                        format!(
                            "All their slots are used; an exchange for '{name}' (worth {worth}) \
                             might bring more, by no more than the plan's gap."
                        ),
                        format!(
                            "名额已全部使用；换成「{name}」（价值 {worth}）或许更好，但不超过计划的差距。"
                        ),
                    ),
                )
            }
        };
        let mut answer = Answer::of(word, sentences);
        match reason {
            OnDays::NotWorthIt { worth }
            | OnDays::Disturbing { worth, .. }
            | OnDays::CampaignFull { worth, .. }
            | OnDays::Unproven { worth } => answer.worth = Some(worth),
            OnDays::BetterUsed { worth, instead, instead_worth } => {
                (answer.worth, answer.instead) = (Some(worth), Some(instead));
                answer.instead_worth = Some(instead_worth);
            }
            OnDays::Needed { worth, instead } => {
                (answer.worth, answer.instead) = (Some(worth), Some(instead));
            }
            OnDays::TooClose { to, .. } => answer.instead = to,
            _ => {}
        }
        answer
    }

    fn name(&self, wish: usize) -> &str {
        self.names.get(wish).map_or("?", String::as_str)
    }

    fn own(&self) -> &str {
        self.name(self.wish)
    }

    fn number(&self, units: impl Into<i64>) -> String {
        decimal(units.into(), self.exponent)
    }

    fn planned(&self) -> Both {
        (format!("Is planned to get '{}'.", self.own()), format!("已排入「{}」。", self.own()))
    }

    fn held_out(&self) -> Both {
        (
            format!("Is held out of '{}', so that its effect can be measured.", self.own()),
            format!("属于「{}」的对照组，用于衡量效果。", self.own()),
        )
    }

    fn not_meant(&self) -> Both {
        (
            format!(
                "Was not in the segment of '{}', or did not follow, when the plan was made.",
                self.own()
            ),
            format!("制定计划时不在「{}」的人群中，或未关注。", self.own()),
        )
    }

    fn no_place(&self) -> Both {
        (
            "Had no slot left to plan with: the month's messages were received, kept back or \
             approved for other campaigns."
                .to_owned(),
            "制定计划时已无可用名额：本月消息已收满、被保留，或已批准给其他活动。".to_owned(),
        )
    }

    fn earlier_stage(&self, by: usize) -> Both {
        let by = self.name(by);
        (
            format!("Slots went to campaigns of an earlier stage, such as '{by}'."),
            format!("名额已用于更早阶段的活动，例如「{by}」。"),
        )
    }

    fn not_worth_it(&self, worth: i16) -> Both {
        let (name, worth) = (self.own(), self.number(worth));
        (
            format!("A message of '{name}' is worth {worth} to them: nothing is gained by it."),
            format!("「{name}」对该粉丝的价值为 {worth}，发送没有收益。"),
        )
    }

    fn full(&self, worth: i16, price: i32) -> Both {
        let (name, is_too_dear) = (self.own(), i32::from(worth) <= price);
        let (worth, price) = (self.number(worth), self.number(price));
        if is_too_dear {
            return (
                format!(
                    "'{name}' reaches as many as it may: its places go to followers worth {price} \
                     or more (worth {worth} here)."
                ),
                format!(
                    "「{name}」人数已达上限，名额给了价值不低于 {price} 的粉丝（此处价值 {worth}）。"
                ),
            );
        }
        (
            format!(
                "'{name}' reaches as many as it may: a place in it costs {price}, and what is left \
                 of the {worth} it is worth here is less than the slot brings otherwise."
            ),
            format!(
                "「{name}」人数已达上限，占用一个位置的代价为 {price}；此处价值 {worth}，扣除后不如\
                 名额的其他用途。"
            ),
        )
    }

    fn better_used(&self, worth: i16, by: usize, by_worth: i16, prices: [i32; 2]) -> Both {
        let (name, instead) = (self.own(), self.name(by));
        let [own, other] = prices;
        let [here, there] = [self.number(worth), self.number(by_worth)];
        if by_worth >= worth {
            return (
                format!("Slot better used for '{instead}' (worth {there} against {here})."),
                format!("名额用于「{instead}」更好（价值 {there}，此处 {here}）。"),
            );
        }
        if other < 0 {
            let extra = self.number(-other);
            return (
                format!(
                    "Slot needed for '{instead}', which must reach its fewest recipients (worth \
                     {there} against {here}, and {extra} for each of them)."
                ),
                format!(
                    "「{instead}」须达到最少人数，因此需要该名额（价值 {there}，此处 {here}，\
                     每名计 {extra}）。"
                ),
            );
        }
        let price = self.number(own);
        (
            format!(
                "'{name}' reaches as many as it may and a place in it costs {price}; the slot is \
                 better used for '{instead}' (worth {there} against {here} less {price})."
            ),
            format!(
                "「{name}」人数已达上限，占用一个位置的代价为 {price}；名额用于「{instead}」更好\
                 （价值 {there}，此处 {here} 减 {price}）。"
            ),
        )
    }
}

/// Units as a decimal number without needless zeros.
pub(super) fn decimal(units: i64, exponent: i32) -> String {
    let Ok(places) = usize::try_from(exponent) else {
        return format!("{}", units as f64 / power(exponent));
    };
    let text = format!("{:.places$}", units as f64 / power(exponent));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_written_as_people_write_them() {
        assert_eq!(decimal(31, 1), "3.1");
        assert_eq!(decimal(3_100, 3), "3.1");
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(decimal(100, 0), "100");
        assert_eq!(decimal(12, -2), "1200");
    }

    #[test]
    fn a_slot_better_used_says_for_what() {
        let names = ["关怀".to_owned(), "Spring sale".to_owned()];
        let words = Words { names: &names, exponent: 1, wish: 0 };
        let (english, chinese) = words.better_used(12, 1, 31, [0, 0]);
        assert_eq!(english, "Slot better used for 'Spring sale' (worth 3.1 against 1.2).");
        assert_eq!(chinese, "名额用于「Spring sale」更好（价值 3.1，此处 1.2）。");
        let (english, _) = words.better_used(31, 1, 12, [0, -25]);
        assert!(english.contains("must reach its fewest"), "{english}");
        let (english, _) = words.better_used(31, 1, 12, [25, 0]);
        assert!(english.contains("reaches as many as it may"), "{english}");
    }
}
