//! Lists (名单): people named one by one, by a file or by a segment, and kept under a name.

use audience::Set;
use store::list;

use crate::campaign::evaluate;
use crate::error::Error;
use crate::facts::{self, Also};
use crate::identity as names;
use crate::owner::Owner;
use crate::view::{ListOfPeople, Members, MembersView};

/// Every list.
pub(crate) async fn all(owner: &Owner) -> Result<Vec<ListOfPeople>, Error> {
    let heads = list::heads(&owner.store, owner.id()).await?;
    Ok(heads
        .into_iter()
        .map(|head| ListOfPeople {
            name: head.name,
            people: head.people,
            created_at: head.created_at,
            changed_at: head.changed_at,
        })
        .collect())
}

/// Puts people onto a list and takes people off it; makes the list when there is none.
pub(crate) async fn put(owner: &Owner, list: &str, wish: Members) -> Result<MembersView, Error> {
    let list = names::name("list", list).map_err(|error| Error::bad("list", error))?;
    let _alone = owner.intake.write().await;
    let (mut add, unknown) = facts::known(owner, "add", wish.add).await?;
    let (remove, unknown_too) = facts::known(owner, "remove", wish.remove).await?;
    if let Some(text) = wish.add_segment {
        add.extend(evaluate(owner, &*owner.books.read().await, &text)?.iter());
    }
    let mut view = change(owner, &list, &add, &remove, None).await?;
    view.unknown = unknown + unknown_too;
    Ok(view)
}

/// Changes a list, and something else in the same write; the caller holds the intake alone.
pub(crate) async fn change(
    owner: &Owner,
    name: &str,
    add: &[u32],
    remove: &[u32],
    also: Option<Also>,
) -> Result<MembersView, Error> {
    let mut books = owner.books.write().await;
    let before = books.index.list(name).cloned().unwrap_or_default();
    let mut members = before.clone();
    for ord in add.iter().filter(|ord| !books.erased.contains(**ord)) {
        members.insert(*ord);
    }
    for ord in remove {
        members.remove(*ord);
    }
    write(owner, name, &members, also).await?;
    let view = MembersView {
        people: members.len() as u64,
        added: members.subtract(&before).len() as u64,
        removed: before.subtract(&members).len() as u64,
        unknown: 0,
    };
    books.index.set_list(name, members);
    Ok(view)
}

async fn write(owner: &Owner, name: &str, members: &Set, also: Option<Also>) -> Result<(), Error> {
    let (account, now, name) = (owner.id(), owner.now(), name.to_owned());
    let (people, bytes) = (members.len() as u64, members.to_bytes());
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                list::put(tx, account, &name, people, &bytes, now).await?;
                match also {
                    Some(also) => also(tx).await,
                    None => Ok(()),
                }
            })
        })
        .await?;
    Ok(())
}

/// Takes a list away.
pub(crate) async fn remove(owner: &Owner, name: &str) -> Result<(), Error> {
    let _alone = owner.intake.write().await;
    let mut books = owner.books.write().await;
    if books.index.list(name).is_none() {
        return Err(Error::not_found("list", name));
    }
    let (account, gone) = (owner.id(), name.to_owned());
    owner
        .store
        .write(move |tx| Box::pin(async move { list::remove(tx, account, &gone).await }))
        .await?;
    books.index.drop_list(name);
    Ok(())
}
