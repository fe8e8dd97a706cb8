//! What a merchant's attributes may hold, and the merchant's own tags.

use store::attribute::{self, AttributeKind, Definition};

use crate::books::kind;
use crate::error::Error;
use crate::facts::{self, Patch};
use crate::identity as names;
use crate::owner::Owner;
use crate::view::{AttributeView, Members, MembersView, OwnTagView};

/// The most values of a choice.
const MOST_CHOICES: usize = 200;

/// Every definition.
pub(crate) async fn all(owner: &Owner) -> Result<Vec<AttributeView>, Error> {
    let found = attribute::list(&owner.store, owner.id()).await?;
    Ok(found
        .into_iter()
        .map(|one| AttributeView { name: one.name, kind: one.kind, choices: one.choices })
        .collect())
}

/// Defines an attribute, or defines it anew. Values that are there stay as they are.
pub(crate) async fn define(
    owner: &Owner,
    name: &str,
    wish: AttributeView,
) -> Result<AttributeView, Error> {
    let name = names::name("name", name).map_err(|error| Error::bad("name", error))?;
    let mut choices = Vec::with_capacity(wish.choices.len());
    for choice in &wish.choices {
        let choice = names::name("choices", choice).map_err(|e| Error::bad("choices", e))?;
        if choices.contains(&choice) {
            return Err(Error::bad("choices", format!("{choice:?} is named twice")));
        }
        choices.push(choice);
    }
    match wish.kind {
        AttributeKind::Choice if choices.is_empty() || choices.len() > MOST_CHOICES => {
            return Err(Error::bad("choices", format!("name 1 to {MOST_CHOICES} values")));
        }
        AttributeKind::Choice => {}
        _ if !choices.is_empty() => {
            return Err(Error::bad("choices", "only a choice has them"));
        }
        _ => {}
    }
    let definition = Definition { name: name.clone(), kind: wish.kind, choices };
    let (account, now, row) = (owner.id(), owner.now(), definition.clone());
    let mut books = owner.books.write().await;
    owner
        .store
        .write(move |tx| Box::pin(async move { attribute::define(tx, account, &row, now).await }))
        .await?;
    books.index.define_attribute(&name, kind(&definition));
    Ok(AttributeView { name, kind: definition.kind, choices: definition.choices })
}

/// Takes a definition away; the values stay.
pub(crate) async fn undefine(owner: &Owner, name: &str) -> Result<(), Error> {
    let mut books = owner.books.write().await;
    if books.index.definition(name).is_none() {
        return Err(Error::not_found("attribute", name));
    }
    let (account, gone) = (owner.id(), name.to_owned());
    owner
        .store
        .write(move |tx| Box::pin(async move { attribute::remove(tx, account, &gone).await }))
        .await?;
    books.index.undefine_attribute(name);
    Ok(())
}

/// The merchant's own tags.
pub(crate) async fn own_tags(owner: &Owner) -> Vec<OwnTagView> {
    let books = owner.books.read().await;
    books
        .index
        .own_tags()
        .map(|(name, people)| OwnTagView { name: name.to_owned(), people: people.len() as u64 })
        .filter(|tag| tag.people > 0)
        .collect()
}

/// Gives an own tag to people and takes it from people.
pub(crate) async fn tag(owner: &Owner, tag: &str, wish: Members) -> Result<MembersView, Error> {
    let tag = names::name("tag", tag).map_err(|error| Error::bad("tag", error))?;
    let _alone = owner.intake.write().await;
    let (mut add, unknown) = facts::known(owner, "add", wish.add).await?;
    let (remove, unknown_too) = facts::known(owner, "remove", wish.remove).await?;
    if let Some(text) = wish.add_segment {
        let books = owner.books.read().await;
        add.extend(crate::campaign::evaluate(owner, &books, &text)?.iter());
    }
    let carriers =
        |books: &crate::books::Books| books.index.own_tag(&tag).cloned().unwrap_or_default();
    let before = carriers(&*owner.books.read().await);
    let give = |ord: u32| (ord, Patch { add_tags: vec![tag.clone()], ..Patch::default() });
    let take = |ord: u32| (ord, Patch { remove_tags: vec![tag.clone()], ..Patch::default() });
    let rows = add.into_iter().map(give).chain(remove.into_iter().map(take)).collect();
    facts::apply(owner, rows, None).await?;
    let after = carriers(&*owner.books.read().await);
    Ok(MembersView {
        people: after.len() as u64,
        added: after.subtract(&before).len() as u64,
        removed: before.subtract(&after).len() as u64,
        unknown: unknown + unknown_too,
    })
}
