//! What followers are worth to a campaign, learned from what happened ([`planner::learn`]). Nothing
//! is kept: every question looks at the past anew, so a late order or a person erased counts at
//! once. Nothing here is needed to send.

mod past;
mod show;

use std::collections::HashMap;
use std::sync::Arc;

use audience::Set;
use planner::learn::{Basis, Estimate, Feature, Learned, Traits, in_units, unit_for};

use store::AccountId;

use crate::campaign::{GENERAL, evaluate, kind};
use crate::engine::Engine;
use crate::error::Error;
use crate::identity as names;
use crate::owner::Owner;
use crate::view::{EstimateView, EstimatesQuestion, EstimatesView};

use past::{Compared, Past, SetAside};

/// Days over which orders count unless others are asked for: people read within two days.
const DAYS: u32 = 3;
/// The most days.
const MOST_DAYS: u32 = 14;
/// The most a follower may be worth, in cents.
const MOST_FOLLOWER_CENTS: u32 = 100_000_000;

/// What was learned of an account, ready to value followers.
pub(crate) struct Estimator {
    past: Past,
    learned: Learned,
    set_aside: SetAside,
}

/// What each follower of an audience is worth, in the order of their ordinals.
#[derive(Debug, Clone)]
pub(crate) struct Estimates {
    /// Whose.
    pub(crate) people: Set,
    /// What a whole number of worth stands for, in cents.
    pub(crate) unit_cents: f64,
    /// The worths.
    pub(crate) worths: Vec<i16>,
    /// The ends of the intervals that hold the truth nine times of ten.
    pub(crate) intervals: Vec<(i16, i16)>,
    /// On what each rests.
    pub(crate) bases: Vec<Basis>,
    /// The estimates themselves, those of people alike together, and which is whose.
    found: Vec<Estimate>,
    which: Vec<u32>,
}

/// What is asked, read and checked.
pub(crate) struct Asked {
    kind: String,
    segment: String,
    days: u32,
    follower_cents: f64,
    received: Option<usize>,
    unit_cents: Option<f64>,
    chosen: Vec<String>,
}

impl Asked {
    fn read(question: &EstimatesQuestion) -> Result<Self, Error> {
        let days = question.days.unwrap_or(DAYS);
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Error::bad("days", format!("{days} is not 1 to {MOST_DAYS}")));
        }
        let follower_cents = question.follower_cents.unwrap_or(0);
        if follower_cents > MOST_FOLLOWER_CENTS {
            let problem = format!("{follower_cents} is over {MOST_FOLLOWER_CENTS}, a million yuan");
            return Err(Error::bad("follower_cents", problem));
        }
        if let Some(nth) = question.nth.filter(|nth| !(1..=4).contains(nth)) {
            return Err(Error::bad("nth", format!("{nth} is not 1 to 4")));
        }
        let unit = question.unit_cents;
        if let Some(unit) = unit.filter(|unit| !(0.01..=1_000_000.0).contains(unit)) {
            return Err(Error::bad("unit_cents", format!("{unit} is not 0.01 to 1,000,000")));
        }
        let chosen = question.chosen.as_deref().unwrap_or_default();
        let chosen: Vec<String> = chosen
            .split([',', '，'])
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| names::name("with", name).map_err(|error| Error::bad("with", error)))
            .collect::<Result<_, _>>()?;
        let most = planner::learn::traits::MOST_CHOSEN;
        if chosen.len() > most {
            return Err(Error::bad("with", format!("{} are over {most}", chosen.len())));
        }
        Ok(Self {
            kind: kind(question.kind.as_deref().unwrap_or(GENERAL))?,
            segment: question.segment.clone().unwrap_or_else(|| "subscribed".to_owned()),
            days,
            follower_cents: follower_cents.into(),
            received: question.nth.map(|nth| usize::from(nth) - 1),
            unit_cents: unit,
            chosen,
        })
    }
}

impl Estimator {
    /// Learns from everything that happened in the last months.
    pub(crate) async fn learn(owner: &Arc<Owner>, asked: &Asked) -> Result<Self, Error> {
        let chosen = {
            let books = owner.books.read().await;
            let mut chosen = Vec::with_capacity(asked.chosen.len());
            for name in &asked.chosen {
                if !books.saved.contains_key(name) {
                    let known: Vec<&str> = books.saved.keys().map(String::as_str).collect();
                    let problem = format!(
                        "there is no saved segment {name:?}; there are {}",
                        if known.is_empty() { "none".to_owned() } else { known.join(", ") }
                    );
                    return Err(Error::bad("with", problem));
                }
                let text = audience::Segment::InSegment(name.clone().into()).to_string();
                chosen.push((name.clone(), evaluate(owner, &books, &text)?));
            }
            chosen
        };
        let past = Past::read(owner, asked.days, chosen).await?;
        let (owner, worth) = (Arc::clone(owner), asked.follower_cents);
        aside(move || {
            let (examples, set_aside) = past.examples(&owner);
            let learned = planner::learn::learn(examples, worth);
            Self { past, learned, set_aside }
        })
        .await
    }

    /// Values followers for a campaign of a kind, as their next message or the one after
    /// `received` others of the month.
    pub(crate) fn value(
        &self,
        owner: &Owner,
        people: Set,
        kind: &str,
        received: Option<usize>,
        unit_cents: Option<f64>,
    ) -> Result<Estimates, Error> {
        let place = self.past.kind(kind);
        let mut numbers: HashMap<Traits, u32> = HashMap::new();
        let mut found = Vec::new();
        let mut which = Vec::with_capacity(people.len());
        for traits in self.past.now(owner, &people, place) {
            let number = match numbers.get(&traits) {
                Some(number) => *number,
                None => {
                    let number = found.len() as u32;
                    found.push(self.estimate(traits, place, received)?);
                    numbers.insert(traits, number);
                    number
                }
            };
            which.push(number);
        }
        let most = found.iter().map(|one| one.low.abs().max(one.high.abs())).fold(0.0, f64::max);
        let unit_cents = unit_cents.unwrap_or_else(|| unit_for(most));
        let of = |number: &u32| &found[*number as usize];
        let units = |cents| in_units(cents, unit_cents);
        Ok(Estimates {
            worths: which.iter().map(|one| units(of(one).cents)).collect(),
            intervals: which.iter().map(|one| (units(of(one).low), units(of(one).high))).collect(),
            bases: which.iter().map(|one| of(one).basis).collect(),
            people,
            unit_cents,
            found,
            which,
        })
    }

    fn estimate(
        &self,
        traits: Traits,
        kind: Option<u8>,
        received: Option<usize>,
    ) -> Result<Estimate, Error> {
        let received = received.unwrap_or_else(|| traits.bin(Feature::Received));
        self.learned.estimate_nth(traits, kind, received).ok_or_else(|| self.nothing())
    }

    /// Why nothing can be told, and what would change that.
    fn nothing(&self) -> Error {
        let (sent, left_out) =
            (self.learned.examples().total(true), self.learned.examples().total(false));
        Error::Conflict(format!(
            "nothing can be told yet: since {} there are {} messages to followers and {} people \
             left out whose {} days are over (needed: 300 and 100); let campaigns leave some people \
             out by chance, such as `and not share \"KEY\" 10%` in their segments",
            self.past.from.day(),
            sent.people,
            left_out.people,
            self.past.days,
        ))
    }
}

/// Runs long work where it holds nobody up.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::unreadable("the end of a task", error))
}

/// Learns, and values a segment.
pub(crate) async fn estimated(
    owner: &Arc<Owner>,
    question: &EstimatesQuestion,
) -> Result<(Asked, Arc<Estimator>, Estimates), Error> {
    let asked = Asked::read(question)?;
    let people = evaluate(owner, &*owner.books.read().await, &asked.segment)?;
    let estimator = Arc::new(Estimator::learn(owner, &asked).await?);
    let (owner, valuing) = (Arc::clone(owner), Arc::clone(&estimator));
    let (kind, received, unit) = (asked.kind.clone(), asked.received, asked.unit_cents);
    let estimates = aside(move || valuing.value(&owner, people, &kind, received, unit)).await??;
    Ok((asked, estimator, estimates))
}

/// What a segment is worth to a campaign, and what that rests on.
async fn show(owner: &Arc<Owner>, question: &EstimatesQuestion) -> Result<EstimatesView, Error> {
    let (asked, estimator, estimates) = estimated(owner, question).await?;
    let now = owner.now();
    aside(move || show::view(&asked, &estimator, &estimates, now)).await?
}

/// Every follower of a segment: `openid,worth,low,high,basis`, in units of cents.
async fn export(owner: &Arc<Owner>, question: &EstimatesQuestion) -> Result<String, Error> {
    let (_, _, estimates) = estimated(owner, question).await?;
    show::csv(owner, &estimates).await
}

/// What one follower is worth, and why.
async fn of(
    owner: &Arc<Owner>,
    openid: &str,
    question: &EstimatesQuestion,
) -> Result<EstimateView, Error> {
    let row = crate::answers::find(owner, openid).await?;
    let asked = Asked::read(question)?;
    let estimator = Estimator::learn(owner, &asked).await?;
    let owner = Arc::clone(owner);
    aside(move || show::one(&owner, &asked, &estimator, &row)).await?
}

impl Engine {
    /// What the people of a segment are worth to a kind of campaign, learned from what happened.
    ///
    /// # Errors
    /// When a field cannot be used, or there is too little to learn from.
    pub async fn estimates(
        &self,
        id: AccountId,
        question: &EstimatesQuestion,
    ) -> Result<EstimatesView, Error> {
        show(&self.owner(id)?, question).await
    }

    /// The same for each of them: `openid,worth,low,high,basis`.
    ///
    /// # Errors
    /// See [`Engine::estimates`].
    pub async fn export_estimates(
        &self,
        id: AccountId,
        question: &EstimatesQuestion,
    ) -> Result<String, Error> {
        export(&self.owner(id)?, question).await
    }

    /// The same for one follower, with the reasons.
    ///
    /// # Errors
    /// When the follower is not known; see [`Engine::estimates`] for the others.
    pub async fn estimate(
        &self,
        id: AccountId,
        openid: &str,
        question: &EstimatesQuestion,
    ) -> Result<EstimateView, Error> {
        of(&self.owner(id)?, openid, question).await
    }
}
