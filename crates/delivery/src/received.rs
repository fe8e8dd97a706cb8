//! Who received which campaign, or may have, and since when: a part for each of its batches that
//! was not refused, failed or called off.

use std::borrow::Cow;
use std::collections::BTreeMap;

use audience::Set;
use audience::segment::Delivery;
use store::BatchId;
use wire::Timestamp;

#[derive(Debug, Clone)]
struct Part {
    /// None: not called yet.
    from: Option<Timestamp>,
    to: Set,
}

/// Who received one campaign.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    all: Set,
    parts: BTreeMap<BatchId, Part>,
}

impl Received {
    /// A batch goes to these people, since `from` when it was called.
    pub(crate) fn add(&mut self, batch: BatchId, from: Option<Timestamp>, to: &Set) {
        self.all.or_with(to);
        self.parts.insert(batch, Part { from, to: to.clone() });
    }

    /// A batch is called now; an earlier call of it that is in doubt keeps its moment.
    pub(crate) fn call(&mut self, batch: BatchId, at: Timestamp, in_doubt: bool) {
        if let Some(part) = self.parts.get_mut(&batch) {
            part.from = part.from.filter(|_| in_doubt).or(Some(at));
        }
    }

    /// A batch did not go out after all.
    pub(crate) fn remove(&mut self, batch: BatchId) {
        if let Some(part) = self.parts.remove(&batch) {
            self.all.and_not_with(&part.to);
        }
    }

    /// Everybody who received it.
    pub(crate) fn all(&self) -> &Set {
        &self.all
    }

    /// Who received it since when.
    pub(crate) fn deliveries(&self) -> Vec<Delivery<'_>> {
        let called = self.parts.values().filter_map(|part| Some((part.from?, &part.to)));
        called.map(|(at, to)| Delivery { at, to: Cow::Borrowed(to) }).collect()
    }
}
