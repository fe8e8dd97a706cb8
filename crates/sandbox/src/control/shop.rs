//! The shop's own system as it would export its customers and orders: streamed, drawn anew from
//! the seed at every call.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::{Answer, CSV, Refusal, lines, position};
use crate::population::openid::Cipher;
use crate::population::shop::Shop;
use crate::world::Shared;

fn records(shared: &Shared, appid: &str) -> Result<(Shop, Cipher, u32), Refusal> {
    let world = shared.world();
    let position = position(&world, appid)?;
    world
        .accounts()
        .get(position)
        .map(|account| {
            let people = &account.people;
            (people.shop(), people.cipher().clone(), people.ever())
        })
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is no such account"))
}

/// `GET …/shop/customers.csv`: `openid,customer_id,birthday,member_since,level`.
pub async fn customers(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let (shop, cipher, ever) = records(&shared, &appid)?;
    let head = std::iter::once("openid,customer_id,birthday,member_since,level".to_owned());
    let rows = (0..ever).filter_map(move |person| {
        let customer = shop.customer(person)?;
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

/// `GET …/shop/orders.csv`: `order_id,customer_id,time,amount,items`, the amount in yuan.
pub async fn orders(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let (shop, _, ever) = records(&shared, &appid)?;
    let head = std::iter::once("order_id,customer_id,time,amount,items".to_owned());
    let rows = (0..ever).flat_map(move |person| {
        let customer = shop.customer(person).unwrap_or_default();
        shop.orders(person).into_iter().map(move |order| {
            let (yuan, fen) = (order.cents / 100, order.cents % 100);
            format!("{},{customer},{},{yuan}.{fen:02},{}", order.id, order.at, order.items)
        })
    });
    Ok(lines(CSV, head.chain(rows)))
}
