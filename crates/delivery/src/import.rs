//! Facts from the merchant's own systems: orders and followers' attributes. Lines arrive parsed;
//! each import is one transaction, so it is in whole or not at all, and importing the same lines
//! again changes nothing.

use std::collections::HashMap;

use store::follower::{Attribute, Attributes};
use store::identity::{Identity, IdentityKind};
use store::order::NewOrder;
use store::{follower, identity, order};
use wire::OpenId;

use crate::books::attribute;
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{AttributeLine, ImportView, LineError, OrderLine};

/// The kind of identity a merchant's customer number is.
pub(crate) const CUSTOMER: &str = "customer_id";
/// Errors shown of one import.
const ERRORS_SHOWN: usize = 1_000;

/// Takes in orders; those of customers not yet known stay unlinked until somebody carries the id.
pub(crate) async fn orders(owner: &Owner, lines: Vec<OrderLine>) -> Result<ImportView, Error> {
    let count = lines.len() as u64;
    let rows: Vec<NewOrder> = lines
        .into_iter()
        .map(|line| NewOrder {
            key: line.key,
            customer: Identity { kind: IdentityKind::CustomerId, value: line.customer },
            at: line.at,
            amount_cents: line.amount_cents,
            items: line.items,
            refunded_cents: 0,
        })
        .collect();
    let account = owner.id();
    let mut books = owner.books.write().await;
    let taken = owner
        .store
        .write(move |tx| Box::pin(async move { order::insert(tx, account, &rows).await }))
        .await?;
    books.reload_index(&owner.store, account).await?;
    Ok(ImportView {
        lines: count,
        imported: taken.inserted,
        duplicates: taken.duplicate,
        linked: taken.linked.len() as u64,
        ..ImportView::default()
    })
}

/// Takes in attributes. A line whose OpenID is unknown here is refused, and with it the import,
/// unless bad lines may be skipped.
pub(crate) async fn followers(
    owner: &Owner,
    lines: Vec<(u64, AttributeLine)>,
    skip_bad: bool,
) -> Result<ImportView, Error> {
    let mut report = ImportView { lines: lines.len() as u64, ..ImportView::default() };
    let account = owner.id();
    let mut books = owner.books.write().await;
    let openids: Vec<OpenId> =
        lines.iter().filter_map(|(_, line)| OpenId::parse(&line.openid).ok()).collect();
    let found = follower::ordinals_of(&owner.store, account, &openids).await?;
    let ordinals: HashMap<OpenId, u32> =
        openids.into_iter().zip(found).filter_map(|(openid, ord)| Some((openid, ord?))).collect();
    let mut known = Vec::with_capacity(lines.len());
    for (number, line) in lines {
        let found = OpenId::parse(&line.openid).ok().and_then(|id| ordinals.get(&id).copied());
        match found {
            Some(ord) => known.push((ord, line)),
            None => {
                report.refused += 1;
                if report.errors.len() < ERRORS_SHOWN {
                    report.errors.push(LineError {
                        line: number,
                        error: format!(
                            "openid {:?} is not a known follower of this account: synchronise the \
                             followers first, or take the line out",
                            line.openid
                        ),
                    });
                }
            }
        }
    }
    if report.refused > 0 && !skip_bad {
        return Ok(report);
    }
    report.imported = known.len() as u64;
    report.linked = known.iter().filter(|(_, line)| line.customer.is_some()).count() as u64;
    let mut attributes = Vec::with_capacity(known.len());
    let mut links = Vec::new();
    let mut own_tags = Vec::new();
    for (ord, line) in known {
        // An empty cell tells nothing: what is known already stays.
        let mut values: Attributes = line
            .values
            .into_iter()
            .filter_map(|(name, text)| Some((name, typed(&text)?)))
            .collect();
        if let Some(customer) = line.customer {
            values.insert(CUSTOMER.into(), Attribute::Text(customer.clone()));
            links.push((customer, ord));
        }
        attributes.push((ord, values));
        if !line.own_tags.is_empty() {
            let mut all: Vec<String> = books
                .index
                .own_tags()
                .filter(|(_, people)| people.contains(ord))
                .map(|(name, _)| name.to_owned())
                .collect();
            all.extend(line.own_tags);
            all.sort_unstable();
            all.dedup();
            own_tags.push((ord, all));
        }
    }
    let (rows, tags) = (attributes.clone(), own_tags.clone());
    let linked_orders = !links.is_empty();
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                follower::set_attributes(tx, account, &rows).await?;
                follower::set_own_tags(tx, account, &tags).await?;
                // What was told before the customer was known belongs to somebody now.
                identity::link(tx, account, IdentityKind::CustomerId, &links).await?;
                Ok(())
            })
        })
        .await?;
    for (ord, values) in &attributes {
        for (name, value) in values {
            books.index.set_attribute(*ord, name, attribute(value));
        }
    }
    for (ord, tags) in &own_tags {
        for tag in tags {
            books.index.set_own_tag(*ord, tag, true);
        }
    }
    if linked_orders {
        books.reload_index(&owner.store, account).await?;
    }
    Ok(report)
}

/// What a cell of a file means: a number, a flag, nothing, or text. Numbers with leading zeros
/// (customer numbers, telephone numbers) stay text.
fn typed(text: &str) -> Option<Attribute> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let words = || Attribute::Text(text.to_owned());
    match text {
        "" => None,
        "true" | "是" => Some(Attribute::Bool(true)),
        "false" | "否" => Some(Attribute::Bool(false)),
        _ if plain && !leading_zero && digits.len() <= 15 => {
            Some(text.parse().map_or_else(|_| words(), Attribute::Number))
        }
        _ => Some(words()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_typed_without_losing_customer_numbers() {
        for words in ["00012", "1990-01-01", "1.2.3", "上海", "1234567890123456789"] {
            assert_eq!(typed(words), Some(Attribute::Text(words.into())));
        }
        assert_eq!(typed("12.5"), Some(Attribute::Number(12.5)));
        assert_eq!(typed("是"), Some(Attribute::Bool(true)));
        assert_eq!(typed(" "), None);
    }
}
