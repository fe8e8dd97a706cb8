//! *fourcast-synth v1*: followers whose tags hang together, and campaigns over expressions of
//! tags. All of it is a function of its parameters, whatever the number of threads, so that the
//! best value of a month is a fingerprint of both generator and planner.
//!
//! Twelve personas give thousands of archetypes their tags; a follower is mostly like an
//! archetype, the first ones being the most frequent. Six tiers of cities, three genders and four
//! levels exclude each other; behaviour tags shrink by a power law. A campaign is one of five
//! shapes of and, or and not over one to six tags, the draw out of twelve that comes nearest to
//! the breadth wanted; its worth is log-normal, a class of followers and then each follower have
//! factors of their own.

use audience::Set;
use planner::plan::{Question, Wish, Worth};

/// Units of worth in one unit of money.
const UNIT: f64 = 4000.0;
/// What a message costs by the follower's risk of leaving, in units.
const RISK: [i32; 3] = [0, 60, 240];
const EXCLUSIVE: usize = 13;
const TAGS: usize = 40;
const ARCHETYPES: usize = 20_000;
/// Share of a follower's behaviour that is their archetype's.
const COHERENT: f64 = 0.9;

/// Whether worths differ between followers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Regime {
    /// One worth a campaign.
    Uniform,
    /// One worth a campaign and class of followers.
    Class,
    /// A worth for every follower.
    Personal,
}

/// What is generated.
#[derive(Debug, Clone, Copy)]
pub struct Parameters {
    /// Followers.
    pub followers: usize,
    /// Campaigns, at most 64.
    pub campaigns: usize,
    /// Campaigns an average follower is meant for.
    pub reach: f64,
    /// Share of campaigns with a least.
    pub leasts: f64,
    /// Scales the leasts.
    pub strain: f64,
    /// Worths.
    pub regime: Regime,
    /// Seed.
    pub seed: u64,
}

/// A month.
pub struct Month {
    /// Messages each may still get.
    pub places: Vec<u8>,
    /// Classes: level and activity, times risk.
    pub classes: Vec<u16>,
    /// Campaigns.
    pub wishes: Vec<Wish>,
    /// The day each campaign would go.
    pub days: Vec<u8>,
    /// The days on which each may go, bit `d − 1` for day `d`.
    pub windows: Vec<u32>,
}

impl Month {
    /// The month as it is asked.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        Question { places: &self.places, classes: &self.classes, wishes: &self.wishes }
    }
}

/// A splitmix64 stream.
struct Stream(u64);

fn mixed(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Stream {
    fn new(seed: u64, number: u64) -> Self {
        Self(mixed(seed ^ mixed(number)))
    }

    fn word(&mut self) -> u64 {
        let word = mixed(self.0);
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        word
    }

    /// Evenly in 0 to 1.
    fn share(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.word()) * n as u128) >> 64) as usize
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.share().max(1e-300).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// One of these, in proportion to their weights.
    fn pick(&mut self, weights: &[f64]) -> usize {
        let mut left = self.share() * weights.iter().sum::<f64>();
        for (number, weight) in weights.iter().enumerate() {
            if left < *weight {
                return number;
            }
            left -= weight;
        }
        weights.len() - 1
    }
}

struct Archetype {
    persona: usize,
    level: usize,
    behaviour: u64,
}

struct Society {
    sizes: Vec<f64>,
    personas: Vec<Vec<f64>>,
    archetypes: Vec<Archetype>,
    cumulated: Vec<f64>,
}

impl Society {
    fn new(stream: &mut Stream) -> Self {
        let behaviours = TAGS - EXCLUSIVE;
        let sizes = (0..behaviours).map(|k| 0.45 / (1.0 + k as f64 * 0.55)).collect();
        let personas =
            (0..12).map(|_| (0..behaviours).map(|_| 1.3 * stream.normal()).collect()).collect();
        let mut society = Self { sizes, personas, archetypes: Vec::new(), cumulated: Vec::new() };
        let frequencies: Vec<f64> = (0..12).map(|k| 1.0 / (1.0 + f64::from(k))).collect();
        let mut sum = 0.0;
        for number in 0..ARCHETYPES {
            let persona = stream.pick(&frequencies);
            let activity = stream.share() * stream.share();
            let level = match activity {
                a if a > 0.6 => 3,
                a if a > 0.35 => 2,
                a if a > 0.12 => 1,
                _ => 0,
            };
            let behaviour = society.behaviour(stream, persona, activity);
            society.archetypes.push(Archetype { persona, level, behaviour });
            sum += 1.0 / (1.0 + number as f64).powf(0.9);
            society.cumulated.push(sum);
        }
        society
    }

    fn behaviour(&self, stream: &mut Stream, persona: usize, activity: f64) -> u64 {
        let mut tags = 0;
        for (number, size) in self.sizes.iter().enumerate() {
            let leaning = (size / (1.0 - size)).ln()
                + self.personas[persona][number]
                + 0.8 * (activity - 0.35);
            if stream.share() < 1.0 / (1.0 + (-leaning).exp()) {
                tags |= 1 << number;
            }
        }
        tags
    }
}

/// One follower's tags, risk and class.
struct Person {
    tags: u64,
    risk: u8,
    class: u8,
}

fn person(society: &Society, seed: u64, ordinal: usize) -> Person {
    let mut stream = Stream::new(seed, 1000 + ordinal as u64);
    let at = stream.share() * society.cumulated.last().copied().unwrap_or_default();
    let number = society.cumulated.partition_point(|sum| *sum < at).min(ARCHETYPES - 1);
    let archetype = &society.archetypes[number];
    let activity = stream.share() * stream.share();
    let own = society.behaviour(&mut stream, archetype.persona, activity);
    let mut kept = 0;
    for tag in 0..TAGS - EXCLUSIVE {
        if stream.share() < COHERENT {
            kept |= 1 << tag;
        }
    }
    let behaviour = (archetype.behaviour & kept) | (own & !kept);
    let city = stream.pick(&[0.08, 0.14, 0.2, 0.25, 0.2, 0.13]);
    let gender = stream.pick(&[0.52, 0.38, 0.10]);
    let tags = 1 << city | 1 << (6 + gender) | 1 << (9 + archetype.level) | behaviour << EXCLUSIVE;
    let risk = stream.pick(&[0.6, 0.3, 0.1]) as u8;
    let class = (archetype.level * 2 + usize::from(activity > 0.2)) as u8 & 7;
    Person { tags, risk, class }
}

/// Or of tags, perhaps negated; an expression is the and of some of these.
type Clause = (Vec<usize>, bool);

fn expression(stream: &mut Stream, target: f64) -> Vec<Clause> {
    let shape = stream.below(5);
    let mut tags = |n: usize| (0..n).map(|_| stream.below(TAGS)).collect::<Vec<_>>();
    match shape {
        0 => vec![(tags(1), false)],
        1 => vec![(tags(2), false), (tags(1), true)],
        2 => vec![(tags(3), false)],
        3 => vec![(tags(3), false), (tags(3), false)],
        _ if target > 0.5 => vec![(tags(1), true), (tags(1), true)],
        _ => vec![(tags(1), false), (tags(1), true)],
    }
}

fn audience(expression: &[Clause], tags: &[Set], followers: usize) -> Set {
    let mut audience = Set::full(followers as u32);
    for (any, negated) in expression {
        let mut union = Set::new();
        any.iter().for_each(|tag| union.or_with(&tags[*tag]));
        if *negated {
            audience.and_not_with(&union);
        } else {
            audience.and_with(&union);
        }
    }
    audience
}

/// A campaign before its worths are known.
struct Draft {
    audience: Set,
    base: f64,
    by_class: [f64; 8],
    day: u8,
    /// Days before and after `day` on which it may go as well.
    leeway: u8,
    least: u32,
    most: Option<u32>,
}

fn drafts(stream: &mut Stream, parameters: &Parameters, tags: &[Set]) -> Vec<Draft> {
    let followers = parameters.followers;
    let mut breadth = 0.0;
    let mut drafts = Vec::new();
    for number in 0..parameters.campaigns {
        let wanted = (parameters.reach - breadth) / (parameters.campaigns - number) as f64;
        let target = (wanted * (0.25 + 1.5 * stream.share())).clamp(0.01, 1.0);
        let mut nearest: Option<(f64, Set)> = None;
        for _ in 0..12 {
            let drawn = audience(&expression(stream, target), tags, followers);
            let off = (drawn.len() as f64 / followers as f64 / target).ln().abs();
            if nearest.as_ref().is_none_or(|(best, _)| off < *best) {
                nearest = Some((off, drawn));
            }
            if off < 0.2 {
                break;
            }
        }
        let audience = nearest.map(|(_, audience)| audience).unwrap_or_default();
        let size = audience.len() as f64;
        breadth += size / followers as f64;
        let ordinary = (0.5 * stream.normal() - 2.0).exp();
        let base = ordinary * if stream.share() < 0.15 { 3.0 } else { 1.0 };
        let mut by_class = [0.0; 8];
        by_class.iter_mut().for_each(|factor| *factor = (0.5 * stream.normal()).exp());
        let day = 1 + stream.below(30) as u8;
        let leeway = stream.below(4) as u8;
        let most = (stream.share() < 0.4).then(|| (size * (0.05 + 0.45 * stream.share())) as u32);
        let least = if most.is_none() && stream.share() < parameters.leasts / 0.6 {
            (size * ((0.05 + 0.25 * stream.share()) * parameters.strain).min(0.9)) as u32
        } else {
            0
        };
        let _priority = stream.below(5);
        drafts.push(Draft { audience, base, by_class, day, leeway, least, most });
    }
    drafts
}

fn units(worth: f64, risk: u8) -> i16 {
    ((worth * UNIT) as i32 - RISK[usize::from(risk)]).clamp(-30_000, 32_767) as i16
}

/// Each campaign's worth to each follower of its audience.
fn personal(drafts: &[Draft], people: &[(u8, u8)], seed: u64) -> Vec<Vec<i16>> {
    const SPREAD: f64 = 0.6;
    let tastes: Vec<[f64; 4]> = (0..drafts.len())
        .map(|number| {
            let mut stream = Stream::new(seed, 77_000 + number as u64);
            std::array::from_fn(|_| stream.normal())
        })
        .collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let of_range = |range: std::ops::Range<usize>| {
        let mut worths = vec![Vec::new(); drafts.len()];
        for ordinal in range {
            let mut stream = Stream::new(seed, (1 << 40) + ordinal as u64);
            let person: [f64; 4] = std::array::from_fn(|_| stream.normal());
            let (risk, class) = people[ordinal];
            for (number, draft) in drafts.iter().enumerate() {
                if !draft.audience.contains(ordinal as u32) {
                    continue;
                }
                let taste = &tastes[number];
                let likes: f64 = (0..4).map(|k| person[k] * taste[k]).sum::<f64>() * 0.5;
                let noise = stream.share() + stream.share() + stream.share() + stream.share();
                let factor = (SPREAD * (0.6 * likes + 0.8 * (noise - 2.0) * 1.732)
                    - SPREAD * SPREAD / 2.0)
                    .exp();
                let worth = draft.base * draft.by_class[usize::from(class)] * factor;
                worths[number].push(units(worth, risk));
            }
        }
        worths
    };
    let n = people.len();
    let parts: Vec<Vec<Vec<i16>>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|t| n * t / threads..n * (t + 1) / threads)
            .map(|range| scope.spawn(|| of_range(range)))
            .collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut worths = vec![Vec::new(); drafts.len()];
    for part in parts {
        for (all, more) in worths.iter_mut().zip(part) {
            all.extend(more);
        }
    }
    worths
}

/// Generates a month.
#[must_use]
pub fn month(parameters: &Parameters) -> Month {
    let mut stream = Stream::new(parameters.seed, 1);
    let society = Society::new(&mut stream);
    let followers = parameters.followers;
    let mut tags = vec![Set::new(); TAGS];
    let mut people = Vec::with_capacity(followers);
    let mut classes = Vec::with_capacity(followers);
    for ordinal in 0..followers {
        let Person { tags: mut carried, risk, class } = person(&society, parameters.seed, ordinal);
        while carried != 0 {
            tags[carried.trailing_zeros() as usize].insert(ordinal as u32);
            carried &= carried - 1;
        }
        people.push((risk, class));
        classes.push(match parameters.regime {
            Regime::Uniform => u16::from(risk),
            Regime::Class => u16::from(class) * 3 + u16::from(risk),
            Regime::Personal => 0,
        });
    }
    let drafts = drafts(&mut stream, parameters, &tags);
    drop(tags);
    let mut each = match parameters.regime {
        Regime::Personal => personal(&drafts, &people, parameters.seed),
        _ => Vec::new(),
    }
    .into_iter();
    let days = drafts.iter().map(|draft| draft.day).collect();
    let window = |draft: &Draft| {
        let (first, last) =
            (draft.day.saturating_sub(draft.leeway).max(1), draft.day + draft.leeway);
        (first..=last.min(30)).fold(0, |days, day| days | 1 << (day - 1))
    };
    let windows = drafts.iter().map(window).collect();
    let wishes = drafts
        .into_iter()
        .map(|draft| {
            let risks = 0..3u8;
            let worth = match parameters.regime {
                Regime::Uniform => {
                    Worth::ByClass(risks.map(|risk| units(draft.base, risk)).collect())
                }
                Regime::Class => Worth::ByClass(
                    draft
                        .by_class
                        .iter()
                        .flat_map(|factor| {
                            let worth = draft.base * factor;
                            risks.clone().map(move |risk| units(worth, risk))
                        })
                        .collect(),
                ),
                Regime::Personal => Worth::Each(each.next().unwrap_or_default()),
            };
            Wish { audience: draft.audience, worth, least: draft.least, most: draft.most }
        })
        .collect();
    Month { places: vec![4; followers], classes, wishes, days, windows }
}
