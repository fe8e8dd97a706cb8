//! What a message costs at given prices: its campaign's price, and its share of a call.
//!
//! `n` recipients of a campaign on a day take `⌈n / list⌉` calls by lists, and these are at least
//! `n / min(list, reach)`, where `reach` is how many the campaign can have at all; or one call to a
//! tag and `⌈n / tagged⌉` tagging calls, at least `n / reach` and `n / min(tagged, reach)`. So a
//! recipient costs at least the smaller of the two at the prices of calls. Rounded down, this makes
//! the bound larger, never too small.

use super::calendar::Prices;
use super::ground::Ground;

/// More than any message is worth; a sum of five still fits.
pub(super) const SHUT: i32 = 1 << 24;
/// Days from 1; 0 stands for none.
pub(super) const DAYS: usize = super::question::MOST_DAYS as usize + 1;

/// The days on which each campaign goes or may go, and what a recipient costs.
#[derive(Debug, Clone)]
pub(super) struct Tariff {
    /// Days of each campaign, bit `d − 1` for day `d`.
    pub days: Vec<u32>,
    /// The price of a recipient.
    pub wishes: Vec<i32>,
    /// The price of a recipient's share of a call, by campaign and day.
    pub calls: Vec<[i32; DAYS]>,
}

impl Tariff {
    /// The tariff at these prices.
    pub(super) fn new(ground: &Ground<'_>, days: &[u32], prices: &Prices) -> Self {
        let calls = (0..ground.wishes())
            .map(|wish| {
                let mut of_days = [0; DAYS];
                for (of_day, price) in of_days[1..].iter_mut().zip(&prices.calls) {
                    *of_day = share_of_call(ground, wish, *price, prices.tagging);
                }
                of_days
            })
            .collect();
        Self { days: days.to_vec(), wishes: prices.wishes.clone(), calls }
    }

    /// The only day of a campaign; 0 when it has none.
    pub(super) fn only_day(&self, wish: usize) -> u8 {
        match self.days[wish] {
            0 => 0,
            days => days.trailing_zeros() as u8 + 1,
        }
    }

    /// Whether every campaign goes on one day.
    pub(super) fn is_single(&self) -> bool {
        self.days.iter().all(|days| days.count_ones() <= 1)
    }

    /// What a recipient costs on the campaign's only day.
    pub(super) fn on_only_day(&self, wish: usize) -> i32 {
        self.wishes[wish] + self.calls[wish][usize::from(self.only_day(wish))]
    }
}

fn share_of_call(ground: &Ground<'_>, wish: usize, call: i64, tagging: i64) -> i32 {
    let calls = &ground.question.calls;
    let by_list = call / ground.list_share(wish);
    let share = if calls.taggings == 0 {
        by_list
    } else {
        let reach = ground.reach[wish].max(1);
        let tagged = reach.min(i64::from(calls.tag_most));
        by_list.min(call / reach + tagging / tagged)
    };
    share.clamp(0, i64::from(SHUT)) as i32
}

/// `Σ price × what there is` over all that is scarce, leasts lowered by `short`.
pub(super) fn worth_of_limits(ground: &Ground<'_>, prices: &Prices, short: &[i64]) -> i64 {
    let question = ground.question;
    let limits = prices.wishes.iter().enumerate().map(|(wish, price)| match *price {
        0 => 0,
        price if price > 0 => i64::from(price) * ground.layout.most[wish],
        price => i64::from(price) * (ground.layout.least[wish] - short[wish]),
    });
    let calls =
        question.calls.left.iter().zip(&prices.calls).map(|(left, price)| i64::from(*left) * price);
    let taggings = i64::try_from(question.calls.taggings).unwrap_or(i64::MAX);
    limits.sum::<i64>() + calls.sum::<i64>() + taggings.saturating_mul(prices.tagging)
}
