//! The same month as people fill it today, to show what planning brings.
//!
//! Each rival gets the same campaigns, places and mosts. None of them looks at leasts, which only
//! flatters them.

use super::proof::worths;
use super::question::{Malformed, Question};

/// What the month is worth by other ways, in the units of the wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rivals {
    /// Every campaign goes to its whole audience (or to as many of it, picked blindly, as it may)
    /// on its day; whoever has no place left does not get it.
    pub first_come: i64,
    /// The campaign of the highest mean worth chooses first, then the next: each takes its best
    /// followers that have a place left.
    pub by_priority: i64,
    /// Of all pairs of follower and campaign the dearest first.
    pub greedy: i64,
}

/// Pairs of follower and campaign that the greedy way holds in memory at once.
const BAND: u64 = 16_000_000;

/// Fills the month three other ways. `days` are the days on which the campaigns would go.
///
/// # Errors
/// When the question contradicts itself.
pub fn rivals(question: &Question<'_>, days: &[u8]) -> Result<Rivals, Malformed> {
    question.check()?;
    let wishes = question.wishes.len();
    let mut by_day: Vec<usize> = (0..wishes).collect();
    by_day.sort_by_key(|wish| (days.get(*wish).copied().unwrap_or(u8::MAX), *wish));
    let mut by_mean: Vec<usize> = (0..wishes).collect();
    let means: Vec<f64> = (0..wishes).map(|wish| mean(question, wish)).collect();
    by_mean.sort_by(|a, b| means[*b].total_cmp(&means[*a]).then(a.cmp(b)));
    Ok(Rivals {
        first_come: first_come(question, &by_day),
        by_priority: by_priority(question, &by_mean),
        greedy: greedy(question),
    })
}

fn mean(question: &Question<'_>, wish: usize) -> f64 {
    let (sum, count) = worths(question, wish)
        .fold((0i64, 0i64), |(sum, count), (_, worth)| (sum + i64::from(worth), count + 1));
    sum as f64 / count.max(1) as f64
}

fn first_come(question: &Question<'_>, order: &[usize]) -> i64 {
    let mut places = question.places.to_vec();
    let mut value = 0;
    for wish in order {
        let asked = &question.wishes[*wish];
        let size = asked.audience.len() as u64;
        let most = asked.most.map_or(size, u64::from);
        for (ordinal, worth) in worths(question, *wish) {
            // About `most` of `size`, by a draw that knows nothing of places.
            let is_picked = most >= size || draw(*wish, ordinal) % size < most;
            let left = &mut places[ordinal as usize];
            if is_picked && *left > 0 {
                *left -= 1;
                value += i64::from(worth);
            }
        }
    }
    value
}

fn draw(wish: usize, ordinal: u32) -> u64 {
    let mut mixed = (wish as u64) << 32 | u64::from(ordinal);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

fn by_priority(question: &Question<'_>, order: &[usize]) -> i64 {
    let mut places = question.places.to_vec();
    let mut value = 0;
    for wish in order {
        let wanted =
            |places: &[u8], ordinal: u32, worth: i16| worth > 0 && places[ordinal as usize] > 0;
        let most = question.wishes[*wish].most.map_or(u64::MAX, u64::from);
        let mut counts = vec![0u64; 1 << 15];
        for (ordinal, worth) in worths(question, *wish) {
            if wanted(&places, ordinal, worth) {
                counts[worth as usize] += 1;
            }
        }
        // The lowest worth that is still taken, and how many of exactly that worth.
        let (mut lowest, mut above) = (counts.len(), 0);
        while lowest > 1 && above < most {
            lowest -= 1;
            above += counts[lowest];
        }
        let mut at_lowest = most.saturating_sub(above - counts.get(lowest).unwrap_or(&0));
        for (ordinal, worth) in worths(question, *wish) {
            if !wanted(&places, ordinal, worth) || (worth as usize) < lowest {
                continue;
            }
            if worth as usize == lowest {
                if at_lowest == 0 {
                    continue;
                }
                at_lowest -= 1;
            }
            places[ordinal as usize] -= 1;
            value += i64::from(worth);
        }
    }
    value
}

fn greedy(question: &Question<'_>) -> i64 {
    let mut counts = vec![0u64; 1 << 15];
    for wish in 0..question.wishes.len() {
        for (_, worth) in worths(question, wish).filter(|(_, worth)| *worth > 0) {
            counts[worth as usize] += 1;
        }
    }
    let mut places = question.places.to_vec();
    let mut left: Vec<u64> =
        question.wishes.iter().map(|wish| wish.most.map_or(u64::MAX, u64::from)).collect();
    let mut value = 0;
    let mut high = counts.len();
    while high > 1 {
        let mut low = high - 1;
        let mut pairs = counts[low];
        while low > 1 && pairs + counts[low - 1] <= BAND {
            low -= 1;
            pairs += counts[low];
        }
        let mut band: Vec<(i16, u8, u32)> = Vec::with_capacity(pairs as usize);
        for wish in 0..question.wishes.len() {
            band.extend(
                worths(question, wish)
                    .filter(|(_, worth)| *worth > 0 && (low..high).contains(&(*worth as usize)))
                    .map(|(ordinal, worth)| (-worth, wish as u8, ordinal)),
            );
        }
        band.sort_unstable();
        for (worth, wish, ordinal) in band {
            let (place, left) = (&mut places[ordinal as usize], &mut left[usize::from(wish)]);
            if *place > 0 && *left > 0 {
                *place -= 1;
                *left -= 1;
                value -= i64::from(worth);
            }
        }
        high = low;
    }
    value
}
