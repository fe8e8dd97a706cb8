//! Which effects there are: on what people do of their own accord, by what they are like; and on
//! what a message adds, by its kind, by its place in the month, and by what they are like. The
//! messages of the month change what the next one adds, not what people do by themselves.

use super::regression::{Form, Side};
use super::traits::{Feature, Traits};

/// Held back hardly at all: the overall level is always known.
const LEVEL: f64 = 0.01;
/// Neither the kinds nor the places in the month are many, and all that is expected rests on them:
/// they are held back little, however much the other effects are.
const KIND: f64 = 0.5;
const PLACE: f64 = 1.0;
/// What a message adds by kind and feature is held back twice as much as a main effect: it takes
/// more evidence to tell the kinds apart in everybody than on the whole.
const BY_KIND: f64 = 2.0;

/// What comes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// An order: the further messages of a month bring no more than those before.
    Ordering,
    /// A follower lost: the further messages cost no less.
    Leaving,
}

/// Where the columns of each effect begin.
#[derive(Debug, Clone)]
pub(super) struct Effects {
    own: Vec<(Feature, u16)>,
    sent: u16,
    kinds: u16,
    further: u16,
    sent_by: Vec<(Feature, u16)>,
    kind_by: Vec<(Feature, u16)>,
    width: u16,
    of: Of,
}

/// Messages of a month after which the next is still told apart: the second, third and fourth.
const FURTHER_MESSAGES: u16 = 3;

impl Effects {
    /// The effects for so many kinds and chosen segments.
    pub fn new(of: Of, kinds: usize, chosen: usize) -> Self {
        let mut next = 1;
        let mut take = |columns: usize| {
            let first = next;
            next += columns as u16;
            first
        };
        let mut spread = |features: Vec<Feature>, times: usize| -> Vec<(Feature, u16)> {
            features
                .into_iter()
                .map(|feature| (feature, take(feature.bins().len() * times)))
                .collect()
        };
        let few = vec![Feature::LastOrder, Feature::LastAct, Feature::Acts];
        let all = || Feature::all(chosen).filter(|one| *one != Feature::Received);
        let own = spread(all().collect(), 1);
        let (sent_by, kind_by) = match of {
            Of::Ordering => {
                let by_kind =
                    [Feature::SameKind, Feature::OtherKinds, Feature::LastOrder, Feature::Acts];
                let chosen = (0..chosen as u8).map(Feature::Chosen);
                (
                    spread(all().collect(), 1),
                    spread(by_kind.into_iter().chain(chosen).collect(), kinds),
                )
            }
            Of::Leaving => (spread(few, 1), Vec::new()),
        };
        let sent = take(1);
        let kinds = take(kinds);
        let further = take(FURTHER_MESSAGES.into());
        Self { own, sent, kinds, further, sent_by, kind_by, width: next, of }
    }

    /// How each effect is held back, `strength` times.
    pub fn form(&self, strength: f64) -> Form {
        let width = usize::from(self.width);
        let mut penalties = vec![strength; width];
        let mut sides = vec![Side::Any; width];
        penalties[0] = LEVEL;
        penalties[usize::from(self.sent)] = LEVEL;
        for (_, first) in &self.kind_by {
            // They come one after the other, and what a message adds on the whole after them.
            let penalties = &mut penalties[usize::from(*first)..usize::from(self.sent)];
            penalties.fill(strength * BY_KIND);
        }
        penalties[usize::from(self.kinds)..usize::from(self.further)].fill(KIND);
        penalties[usize::from(self.further)..].fill(PLACE);
        for nth in 0..FURTHER_MESSAGES {
            sides[usize::from(self.further + nth)] = match self.of {
                Of::Ordering => Side::NotAbove,
                Of::Leaving => Side::NotBelow,
            };
        }
        Form { penalties, sides }
    }

    /// The columns that are on, rising, for the message after so many of the month. Without a kind,
    /// those of an average kind.
    pub fn columns(
        &self,
        traits: Traits,
        kind: Option<u8>,
        sent: bool,
        received: usize,
    ) -> Vec<u16> {
        let mut columns = Vec::with_capacity(48);
        columns.push(0);
        columns.extend(self.own.iter().map(|(feature, first)| first + bin(traits, *feature)));
        if !sent {
            return columns;
        }
        columns.extend(self.sent_by.iter().map(|(feature, first)| first + bin(traits, *feature)));
        if let Some(kind) = kind {
            columns.extend(self.kind_by.iter().map(|(feature, first)| {
                first + u16::from(kind) * feature.bins().len() as u16 + bin(traits, *feature)
            }));
        }
        columns.push(self.sent);
        columns.extend(kind.map(|kind| self.kinds + u16::from(kind)));
        let received = received.min(FURTHER_MESSAGES.into()) as u16;
        columns.extend((0..received).map(|nth| self.further + nth));
        columns
    }

    /// How many of the columns are about what people do of their own accord.
    pub fn own(&self) -> usize {
        1 + self.own.len()
    }

    /// Where a fit begins: everything is rare.
    pub fn start(&self) -> Vec<f64> {
        let mut start = vec![0.0; self.width()];
        start[0] = -5.0;
        start[usize::from(self.sent)] = -5.0;
        start
    }

    pub fn width(&self) -> usize {
        self.width.into()
    }
}

fn bin(traits: Traits, feature: Feature) -> u16 {
    (traits.bin(feature) as u16).min(feature.bins().len() as u16 - 1)
}

#[cfg(test)]
mod tests {
    use super::super::traits::Known;
    use super::*;

    #[test]
    fn columns_rise_and_no_two_effects_share_one() {
        for of in [Of::Ordering, Of::Leaving] {
            let effects = Effects::new(of, 3, 2);
            let mut seen = vec![0; effects.width()];
            for kind in [None, Some(0), Some(2)] {
                for chosen in 0..4 {
                    for received in 0..5 {
                        let traits = Traits::of(&Known { chosen, received, ..Known::default() });
                        let columns = effects.columns(traits, kind, true, received as usize);
                        assert!(columns.is_sorted_by(|one, next| one < next), "{columns:?}");
                        columns.iter().for_each(|column| seen[usize::from(*column)] += 1);
                        let left_out = effects.columns(traits, kind, false, 0);
                        assert!(columns.starts_with(&left_out), "a message only adds");
                        assert_eq!(left_out.len(), effects.own());
                    }
                }
            }
            assert!(seen.iter().filter(|seen| **seen > 0).count() > 20);
            let form = effects.form(4.0);
            assert_eq!(form.penalties.len(), effects.width());
            let held = form.sides.iter().filter(|side| **side != Side::Any).count();
            assert_eq!(held, 3, "one for each further message");
        }
    }
}
