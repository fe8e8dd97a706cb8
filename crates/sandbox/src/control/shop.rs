//! The shop's own system as it would export its customers and orders: streamed. What was there at
//! the start is drawn anew from the seed at every call, what came since is kept.

use std::collections::HashSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::Uri;
use serde::Deserialize;
use wire::Timestamp;

use super::followers::{account, find};
use super::{Answer, CSV, Refusal, json, lines, position, query, read};
use crate::population::behaviour::NewOrder;
use crate::population::openid::Cipher;
use crate::population::shop::{Order, Shop, number};
use crate::world::Shared;

/// Most fen of an order by hand: a million yuan.
const MOST_CENTS: i64 = 100_000_000;

struct Records {
    shop: Shop,
    cipher: Cipher,
    ever: u32,
    since_start: Vec<NewOrder>,
}

fn records(shared: &Shared, appid: &str, since: Timestamp) -> Result<Records, Refusal> {
    let world = shared.world();
    let account = account(&world, position(&world, appid)?)?;
    let people = &account.people;
    Ok(Records {
        shop: people.shop(),
        cipher: people.cipher().clone(),
        ever: people.ever(),
        since_start: account.orders.since(since).to_vec(),
    })
}

/// `GET …/shop/customers.csv`: `openid,customer_id,birthday,member_since,level`. Who orders becomes
/// a customer.
pub async fn customers(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let Records { shop, cipher, ever, since_start } =
        records(&shared, &appid, Timestamp(i64::MIN))?;
    let buyers: HashSet<u32> = since_start.into_iter().map(|new| new.person).collect();
    let head = std::iter::once("openid,customer_id,birthday,member_since,level".to_owned());
    let rows = (0..ever).filter_map(move |person| {
        let bought = || buyers.contains(&person).then(|| number(person));
        let customer = shop.customer(person).or_else(bought)?;
        Some(format!(
            "{},{customer},{},{},{}",
            cipher.openid(person),
            shop.birthday(person),
            shop.member_since(person),
            shop.level(person)
        ))
    });
    Ok(lines(CSV, head.chain(rows)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct From {
    #[serde(default)]
    since: Option<Timestamp>,
}

fn row(customer: &str, order: &Order) -> String {
    let (yuan, fen) = (order.cents / 100, order.cents % 100);
    format!("{},{customer},{},{yuan}.{fen:02},{}", order.id, order.at, order.items)
}

/// `GET …/shop/orders.csv?since=`: `order_id,customer_id,time,amount,items`, the amount in yuan;
/// with `since` (Unix seconds) only the orders from then on.
pub async fn orders(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    uri: Uri,
) -> Answer {
    let from: From = query(&uri)?;
    let since = from.since.unwrap_or(Timestamp(i64::MIN));
    let Records { shop, ever, since_start, .. } = records(&shared, &appid, since)?;
    let head = std::iter::once("order_id,customer_id,time,amount,items".to_owned());
    // All of these lie before the start.
    let before = if shop.has_orders_since(since) { ever } else { 0 };
    let rows = (0..before).flat_map(move |person| {
        let customer = shop.customer(person).unwrap_or_default();
        let orders = shop.orders(person).into_iter().filter(move |order| order.at >= since);
        orders.map(move |order| row(&customer, &order))
    });
    let new = since_start.into_iter().map(|new| row(&number(new.person), &new.order));
    Ok(lines(CSV, head.chain(rows).chain(new)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    cents: i64,
    #[serde(default = "one")]
    items: u64,
    #[serde(default)]
    msg_id: Option<i64>,
}

fn one() -> u64 {
    1
}

/// `POST …/followers/{openid}/order` with `{"cents":12900,"items":1,"msg_id":…}`: the person orders
/// in the shop, because of that message when one is named.
pub async fn order(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let wish: Wish = read(&body)?;
    if !(1..=MOST_CENTS).contains(&wish.cents) {
        let sentence = format!("cents is {}; give 1 to {MOST_CENTS}", wish.cents);
        return Err(Refusal::bad(sentence));
    }
    if !(1..=1_000).contains(&wish.items) {
        return Err(Refusal::bad(format!("items is {}; give 1 to 1000", wish.items)));
    }
    let mut world = shared.world();
    let (position, person) = find(&world, &appid, &openid)?;
    let now = world.now();
    if let Some(msg_id) = wish.msg_id {
        let job = account(&world, position)?.jobs.get(msg_id);
        if !job.is_some_and(|job| job.received.contains(person)) {
            return Err(Refusal::conflict(format!("{openid} received no message {msg_id}")));
        }
    }
    let orders = world.account_mut(position).map(|account| &mut account.orders);
    let order_id =
        orders.map(|orders| orders.add(person, now, wish.cents, wish.items, wish.msg_id));
    json(&serde_json::json!({ "order_id": order_id }))
}
