//! What people agreed to be told: how many subscription notices of a template each follower still
//! consents to. Kept in memory for segments; folded from what was told, and of whomever something
//! new is told folded anew.
//!
//! The platform tells of prompts, settings and sent notices by callbacks; a web page of the shop
//! hears of acceptances without a prompt too, and tells them by request.

use std::collections::BTreeMap;

use audience::Set;
use ledger::Counter;
use ledger::consent::{Act as Meant, Teller as By, Told, fold};
use store::consent::{self, Act, Line, Pair, Teller, ToldConsent};
use store::identity::{Identity, IdentityKind};
use store::{AccountId, Store};
use wire::Timestamp;
use wire::callback::{ConsentEntry, ConsentWord, Incoming, Kind};

use crate::error::Error;
use crate::facts::{each, moment};
use crate::identity as names;
use crate::owner::Owner;
use crate::view::{ConsentAnswer, FactConsent, IntakeView};

/// Rows read at a time while loading.
const PAGE: u32 = 20_000;

/// How many messages each follower agreed to, by template.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Consents {
    held: BTreeMap<String, Counter>,
}

impl Consents {
    /// Folds everything that was told of the account's followers.
    pub(crate) async fn load(store: &Store, account: AccountId) -> Result<Self, Error> {
        let mut consents = Self::default();
        let mut lines: Vec<Line> = Vec::new();
        loop {
            let page = consent::page(store, account, lines.last(), PAGE).await?;
            let is_last = page.is_empty();
            lines.extend(page);
            // The last follower of a page may go on in the next one.
            let whole = match lines.last() {
                Some(last) if !is_last => lines.partition_point(|line| line.ord < last.ord),
                _ => lines.len(),
            };
            consents.fold(lines.get(..whole).unwrap_or_default());
            if is_last {
                return Ok(consents);
            }
            lines.drain(..whole);
        }
    }

    /// Folds anew what is held of these followers and templates.
    pub(crate) async fn refresh(
        &mut self,
        store: &Store,
        account: AccountId,
        pairs: &[Pair],
    ) -> Result<(), Error> {
        if pairs.is_empty() {
            return Ok(());
        }
        let lines = consent::lines(store, account, pairs).await?;
        for (ord, template) in pairs {
            if let Some(counts) = self.held.get_mut(template) {
                counts.set(*ord, 0);
            }
        }
        self.fold(&lines);
        Ok(())
    }

    /// Folds lines that come by follower, template and time, and are whole of each.
    fn fold(&mut self, lines: &[Line]) {
        for of_one in lines.chunk_by(|a, b| (a.ord, &a.template) == (b.ord, &b.template)) {
            let Some(first) = of_one.first() else { continue };
            let number = fold(of_one.iter().map(told)).number();
            if !self.held.contains_key(&first.template) {
                self.held.insert(first.template.clone(), Counter::new());
            }
            if let Some(counts) = self.held.get_mut(&first.template) {
                counts.set(first.ord, number.into());
            }
        }
    }

    /// Whoever was erased holds none.
    pub(crate) fn forget(&mut self, ord: u32) {
        self.held.values_mut().for_each(|counts| counts.set(ord, 0));
    }

    /// Who of `everyone` holds `n` or more; none when nothing was ever told of the template.
    pub(crate) fn at_least(&self, template: &str, n: u32, everyone: &Set) -> Option<Set> {
        Some(self.held.get(template)?.at_least(n.into(), everyone))
    }

    /// How many one follower holds.
    pub(crate) fn of(&self, template: &str, ord: u32) -> u32 {
        let held = self.held.get(template).map_or(0, |counts| counts.of(ord));
        u32::try_from(held).unwrap_or(u32::MAX)
    }

    /// What one follower holds, by template.
    pub(crate) fn all_of(&self, ord: u32) -> BTreeMap<String, u32> {
        let held = self.held.keys().map(|template| (template.clone(), self.of(template, ord)));
        held.filter(|(_, held)| *held > 0).collect()
    }

    /// Every template that something was told of.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &str> {
        self.held.keys().map(String::as_str)
    }
}

fn told(line: &Line) -> Told {
    let act = match line.act {
        Act::Accepted => Meant::Accepted,
        Act::AcceptedForLong => Meant::AcceptedForLong,
        Act::Refused => Meant::Refused,
        Act::Withdrawn => Meant::Withdrawn,
        Act::Sent | Act::Failed => Meant::Spent,
    };
    let by = match line.teller {
        Teller::Platform => By::Platform,
        Teller::Shop => By::Shop,
    };
    Told { at: line.at.0, act, by }
}

/// What a callback tells of consents; nothing of other callbacks.
pub(crate) fn of_callback(incoming: &Incoming) -> Vec<ToldConsent> {
    let line = |number: usize, template: &str, act| ToldConsent {
        identity: Identity { kind: IdentityKind::OpenId, value: incoming.from.clone() },
        template: template.to_owned(),
        act,
        teller: Teller::Platform,
        at: incoming.created_at,
        // One push tells of several templates.
        dedup: format!("{}#{number}", incoming.dedup_key()),
    };
    let said = |entries: &[ConsentEntry], accept: Option<Act>, reject: Act| {
        let lines = entries.iter().enumerate().filter_map(|(number, entry)| {
            let act = match entry.word {
                ConsentWord::Accept => accept?,
                ConsentWord::Reject => reject,
                ConsentWord::Other(_) => return None,
            };
            Some(line(number, &entry.template, act))
        });
        lines.collect()
    };
    match &incoming.kind {
        Kind::ConsentAsked(entries) => said(entries, Some(Act::Accepted), Act::Refused),
        // Of switching notices on again nothing is told, and it gives no message (`platform/04 C4`).
        Kind::ConsentChanged(entries) => said(entries, None, Act::Withdrawn),
        Kind::NoticesSent(entries) => entries
            .iter()
            .enumerate()
            .map(|(number, entry)| {
                let act = if entry.error_code == 0 { Act::Sent } else { Act::Failed };
                line(number, &entry.template, act)
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn read(told: FactConsent, now: Timestamp) -> Result<ToldConsent, String> {
    let act = match (told.answer, told.long_term) {
        (ConsentAnswer::Accept, false) => Act::Accepted,
        (ConsentAnswer::Accept, true) => Act::AcceptedForLong,
        (ConsentAnswer::Reject, _) => Act::Refused,
        (ConsentAnswer::Withdraw, _) => Act::Withdrawn,
    };
    Ok(ToldConsent {
        identity: names::identity(&told.who)?,
        template: names::key("template", &told.template)?,
        act,
        teller: Teller::Shop,
        at: moment(told.at, now)?,
        // Keys of callbacks begin with other words.
        dedup: format!("told:{}", names::key("key", &told.key)?),
    })
}

/// Takes in what the merchant's own systems heard.
pub(crate) async fn take_in(
    owner: &Owner,
    consents: Vec<FactConsent>,
) -> Result<IntakeView, Error> {
    let now = owner.now();
    let consents = each("consents", consents, |one| read(one, now))?;
    let (account, count) = (owner.id(), consents.len() as u64);
    let _shared = owner.intake.read().await;
    // Held over the write, so that who comes later in the store comes later here.
    let mut books = owner.books.write().await;
    let kept = owner
        .store
        .write(move |tx| Box::pin(async move { consent::take_in(tx, account, &consents).await }))
        .await?;
    books.consents.refresh(&owner.store, account, &kept.touched).await?;
    Ok(IntakeView {
        told: count,
        new: kept.inserted,
        duplicates: kept.duplicate,
        linked: kept.linked,
        waiting: kept.inserted - kept.linked,
        refunded: 0,
        lines: 0,
    })
}

#[cfg(test)]
mod tests {
    use store::follower;

    use super::*;

    const NOW: Timestamp = Timestamp(1_772_416_800);

    /// Told one by one in any order, what is held is what a fold of all the rows gives.
    #[tokio::test]
    async fn upkeep_is_a_rebuild() {
        let (_folder, store, account) = crate::snapshot::tests::stage().await;
        let people: Vec<wire::OpenId> =
            (0..7).map(|number| format!("oPerson{number}").parse().unwrap()).collect();
        for openid in people.clone() {
            store
                .write(move |tx| {
                    Box::pin(async move {
                        follower::followed(tx, account, &openid, NOW, None, None).await
                    })
                })
                .await
                .unwrap();
        }
        let mut kept = Consents::default();
        let mut seed = 7u64;
        let mut draw = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            (seed >> 33) % most
        };
        for number in 0..300 {
            let told = ToldConsent {
                identity: Identity {
                    kind: IdentityKind::OpenId,
                    value: people[draw(7) as usize].to_string(),
                },
                template: format!("T{}", draw(2)),
                act: Act::ALL[draw(6) as usize],
                teller: Teller::ALL[draw(2) as usize],
                at: NOW + draw(2_000) as i64,
                dedup: number.to_string(),
            };
            let taken = store
                .write(move |tx| {
                    Box::pin(async move { consent::take_in(tx, account, &[told]).await })
                })
                .await
                .unwrap();
            kept.refresh(&store, account, &taken.touched).await.unwrap();
            if number % 20 == 0 {
                assert_eq!(Consents::load(&store, account).await.unwrap(), kept);
            }
        }
        assert_eq!(Consents::load(&store, account).await.unwrap(), kept);
        assert!(kept.held.values().all(|counts| !counts.planes().is_empty()));
    }
}
