//! Tests over the public functions, one file a theme, all on a real data folder.

mod consents;
mod copies;
mod crash;
mod facts;
mod followers;
mod groups;
mod isolation;
mod million;
mod month_plans;
mod order_lines;
mod plans;
mod records;
mod sends;

use std::ops::Deref;

use tempfile::TempDir;
use wire::rules::AccountKind;
use wire::{OpenId, Timestamp};

use crate::account::{self, NewAccount};
use crate::{AccountId, Secret, Store};

/// 2026-03-02 10:00 China Standard Time.
pub(crate) const NOW: Timestamp = Timestamp(1_772_416_800);

/// A store in a folder that goes with it.
pub(crate) struct Scratch {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
}

impl Deref for Scratch {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

pub(crate) async fn scratch() -> Scratch {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    Scratch { store, folder }
}

/// A store with one account.
pub(crate) async fn scratch_with_account() -> (Scratch, AccountId) {
    let scratch = scratch().await;
    let account = add_account(&scratch, "wx0000000000000001").await;
    (scratch, account)
}

pub(crate) fn new_account(appid: &str) -> NewAccount {
    NewAccount {
        name: "花店".to_owned(),
        appid: appid.parse().unwrap(),
        secret: Secret::new("0123456789abcdef"),
        original_id: "gh_0000000001".parse().unwrap(),
        kind: AccountKind::Service,
        verified: true,
        base_url: "http://127.0.0.1:1".to_owned(),
        callback_token: Secret::new("token"),
        callback_key: None,
        created_at: NOW,
    }
}

pub(crate) async fn add_account(store: &Store, appid: &str) -> AccountId {
    let new = new_account(appid);
    store.write(move |tx| Box::pin(async move { account::create(tx, &new).await })).await.unwrap()
}

/// OpenIDs that look like the platform's and come in no order.
pub(crate) fn openids(numbers: std::ops::Range<u64>) -> Vec<OpenId> {
    numbers
        .map(|number| {
            let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            OpenId::parse(&format!("oTest_{mixed:016x}{number:06x}")).unwrap()
        })
        .collect()
}

/// One write in one line: `write!(store, |tx| follower::left(tx, account, &openid, at))`.
macro_rules! write {
    ($store:expr, |$tx:ident| $work:expr) => {
        $store.write(move |$tx| Box::pin(async move { $work.await })).await
    };
}
pub(crate) use write;
