//! A sample of a month, itself a month.

use std::sync::Arc;

use super::Layout;
use super::other::Pick;

impl Layout {
    /// Every `one_in`th follower in the order of the groups, which spreads the sample evenly over
    /// those who are alike. Each campaign's limits shrink as its audience did; a least is rounded
    /// down, so that chance alone makes none of them impossible. Nobody knows its members.
    pub(in super::super) fn thinned(&self, one_in: usize) -> Self {
        let mut thin = self.picked(&self.every(one_in), None);
        thin.members = Arc::default();
        let share = |wish: usize, limit: i64| {
            limit as f64 * (thin.meant[wish] as f64 / self.meant[wish].max(1) as f64)
        };
        let most = |wish: usize| match self.most[wish] {
            i64::MAX => i64::MAX,
            most => share(wish, most).round() as i64,
        };
        let most = (0..self.wishes).map(most).collect();
        let least = (0..self.wishes).map(|wish| share(wish, self.least[wish]) as i64).collect();
        (thin.most, thin.least) = (most, least);
        thin
    }

    /// Which groups a sample keeps, and how many followers of each.
    fn every(&self, one_in: usize) -> Vec<Pick> {
        if self.is_single() {
            let picked = (0..self.groups).step_by(one_in);
            return picked.map(|from| Pick { from: from as u32, size: 1 }).collect();
        }
        let mut before = 0;
        let picked = (0..self.groups).filter_map(|from| {
            let after = before + self.size(from) as usize;
            let size = after.div_ceil(one_in) - before.div_ceil(one_in);
            before = after;
            (size > 0).then_some(Pick { from: from as u32, size: size as u32 })
        });
        picked.collect()
    }
}
