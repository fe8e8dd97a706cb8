//! Faults that chance lays out: a share of the calls, callbacks and jobs, drawn from a seed.
//!
//! What strikes the n-th call of an endpoint is a function of the seed, the endpoint and n alone:
//! how calls of several endpoints mix changes nothing, and the same calls meet the same faults.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use wire::Timestamp;

use super::kind::{EVERYWHERE, Kind, Place, is_endpoint};
use super::{Fault, Strength};
use crate::chance::{draw, falls, number_of};

fn everywhere() -> Vec<String> {
    vec![EVERYWHERE.to_owned()]
}

/// What chance may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Random {
    /// Everything is drawn from this number.
    pub seed: u64,
    /// How many of a thousand are struck.
    pub per_mille: u32,
    /// How they are struck; each as likely as the others that fit the place.
    pub kinds: Vec<Kind>,
    /// Paths, `callback`, `job`, `publication`, or `*` for all.
    #[serde(default = "everywhere")]
    pub endpoints: Vec<String>,
    /// The first moment of the sandbox's clock at which nothing is struck any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Most strikes in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How strong those are that have a strength; what is left out has a usual one.
    #[serde(flatten)]
    pub strength: Strength,
}

impl Random {
    /// What is out of range, in one sentence.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), String> {
        if self.per_mille > 1_000 {
            return Err(format!("per_mille is {}; give 0 to 1000", self.per_mille));
        }
        if self.kinds.is_empty() {
            return Err("kinds is empty; name at least one, such as \"system_error\"".to_owned());
        }
        if self.endpoints.is_empty() {
            return Err("endpoints is empty; leave it out for all".to_owned());
        }
        if let Some(unknown) = self.endpoints.iter().find(|name| !is_endpoint(name)) {
            return Err(super::unknown_endpoint(unknown));
        }
        self.kinds.iter().try_for_each(|kind| self.strength.or_usual(*kind).check(*kind))
    }
}

/// Chance at work: what it may do and how far it has come at each place.
#[derive(Debug, Clone)]
pub struct Dice {
    random: Random,
    thrown: HashMap<&'static str, u64>,
    struck: u64,
}

impl Dice {
    /// Begins at the first call of every endpoint.
    #[must_use]
    pub fn new(random: Random) -> Self {
        Self { random, thrown: HashMap::new(), struck: 0 }
    }

    /// What was asked for.
    #[must_use]
    pub fn random(&self) -> &Random {
        &self.random
    }

    /// Strikes so far.
    #[must_use]
    pub fn struck(&self) -> u64 {
        self.struck
    }

    /// The fault for the next thing at this place, if chance has one.
    pub fn throw(&mut self, place: Place, now: Timestamp) -> Option<Fault> {
        let Random { seed, per_mille, kinds, endpoints, until, times, strength } = &self.random;
        let name = place.name();
        if !endpoints.iter().any(|wanted| wanted == EVERYWHERE || wanted == name)
            || until.is_some_and(|until| now >= until)
            || times.is_some_and(|times| self.struck >= times)
        {
            return None;
        }
        let fitting: Vec<Kind> = kinds.iter().copied().filter(|kind| kind.strikes(place)).collect();
        let most = u64::try_from(fitting.len()).ok().filter(|most| *most > 0)?;
        let thrown = self.thrown.entry(name).or_default();
        *thrown += 1;
        let drawn = draw(*seed, number_of(name), *thrown);
        if !falls(drawn, u64::from(*per_mille), 1_000) {
            return None;
        }
        let which = draw(drawn, 1, most) % most;
        let kind = usize::try_from(which).ok().and_then(|which| fitting.get(which)).copied()?;
        self.struck += 1;
        let strength = strength.or_usual(kind);
        Some(Fault { endpoint: name.to_owned(), kind, times: 1, after: 0, strength })
    }
}
