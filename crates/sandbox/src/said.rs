//! What people wrote to an account, as they see it in their own chat. Only the newest is kept, so
//! that years of talk do not fill the memory.

use std::collections::{HashMap, VecDeque};

use wire::Timestamp;

/// The newest of these are kept over all people.
const KEPT: usize = 50_000;

/// What all people of an account wrote.
#[derive(Debug, Clone, Default)]
pub struct Said {
    of: HashMap<u32, VecDeque<(Timestamp, String)>>,
    /// Who wrote, oldest first: one entry a message.
    order: VecDeque<u32>,
}

impl Said {
    /// A person writes.
    pub fn add(&mut self, person: u32, at: Timestamp, words: &str) {
        if self.order.len() == KEPT {
            self.forget_oldest();
        }
        self.order.push_back(person);
        self.of.entry(person).or_default().push_back((at, words.to_owned()));
    }

    fn forget_oldest(&mut self) {
        let Some(person) = self.order.pop_front() else { return };
        if let Some(words) = self.of.get_mut(&person) {
            words.pop_front();
            if words.is_empty() {
                self.of.remove(&person);
            }
        }
    }

    /// What the person wrote, oldest first.
    pub fn of(&self, person: u32) -> impl Iterator<Item = &(Timestamp, String)> {
        self.of.get(&person).into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_words_give_way_whoever_wrote_them() {
        let mut said = Said::default();
        said.add(7, Timestamp(1), "first");
        for n in 0..KEPT {
            said.add(8, Timestamp(2), &n.to_string());
        }
        assert_eq!(said.of(7).count(), 0);
        said.add(7, Timestamp(3), "again");
        assert_eq!(said.of(7).count(), 1);
        assert_eq!(said.of(8).next().map(|(_, words)| words.as_str()), Some("1"));
    }
}
