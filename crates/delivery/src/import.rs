//! Files brought in, in steps: their rows are kept in chunks while they arrive, checked as they are
//! kept, and applied chunk by chunk by the background worker. So a file of a million lines holds
//! the writer for a moment at a time, and callbacks go on beside it.
//!
//! What always holds: nothing of a file is seen before all of it was read and checked; what was
//! checked is carried to its end. A crash while it is sent leaves an import that failed; a crash
//! while it is applied leaves the chunks that are still to come, and each is gone in the write that
//! applies it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::event::{self, ToldEvent};
use store::identity::Identity;
use store::import::{self, Counts, Import, ImportState};
use store::order::{self, NewOrder};

use crate::books::Books;
use crate::error::Error;
use crate::facts::{self, Patch, add_events, add_orders};
use crate::identity as names;
use crate::owner::Owner;
use crate::value;
use crate::view::{FollowerRow, ImportJobView, ImportRows, ImportTally, ImportWhat, LineError};

/// Imports shown.
const SHOWN: u32 = 100;
/// Waiting for an import looks again after so long, should its worker be in trouble.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(200);

/// What an import is told beside its rows.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Settings {
    #[serde(default)]
    list: String,
    #[serde(default)]
    skip_bad: bool,
}

fn settings(import: &Import) -> Result<Settings, Error> {
    serde_json::from_str(&import.settings)
        .map_err(|error| Error::unreadable("the settings of an import", error))
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::unreadable("rows of an import", error))
}

/// Begins an import; its rows follow.
pub(crate) async fn begin(
    owner: &Owner,
    what: ImportWhat,
    list: Option<String>,
    skip_bad: bool,
) -> Result<i64, Error> {
    let list = match (what, list) {
        (ImportWhat::List, Some(list)) => {
            names::name("list", &list).map_err(|error| Error::bad("list", error))?
        }
        (ImportWhat::List, None) => {
            return Err(Error::bad("list", "name the list the people go onto"));
        }
        (_, Some(_)) => return Err(Error::bad("list", "only people of a list go onto one")),
        (_, None) => String::new(),
    };
    let settings = json(&Settings { list, skip_bad })?;
    let (account, now) = (owner.id(), owner.now());
    Ok(owner
        .store
        .write(move |tx| {
            Box::pin(async move { import::begin(tx, account, what.as_str(), &settings, now).await })
        })
        .await?)
}

/// Checks rows and keeps the good ones as a chunk; answers the lines refused.
pub(crate) async fn stage(
    owner: &Owner,
    id: i64,
    rows: ImportRows,
) -> Result<Vec<LineError>, Error> {
    let mut errors = Vec::new();
    let now = owner.now();
    let rows = match rows {
        ImportRows::Orders(rows) => {
            json(&checked(rows, &mut errors, |order| facts::ordered(order, now)))?
        }
        ImportRows::Events(rows) => {
            json(&checked(rows, &mut errors, |event| facts::told(event, now)))?
        }
        ImportRows::List(rows) => {
            let rows = checked_lines(rows, &mut errors, |who| names::identity(&who));
            let rows: Vec<(u64, (Identity, ()))> =
                rows.into_iter().map(|(line, who)| (line, (who, ()))).collect();
            let found = found(owner, rows, &mut errors).await?;
            json(&found.into_iter().map(|(ord, ())| ord).collect::<Vec<u32>>())?
        }
        ImportRows::Followers(rows) => {
            let rows = {
                let books = owner.books.read().await;
                checked_lines(rows, &mut errors, |row| follower(&books, row))
            };
            json(&found(owner, rows, &mut errors).await?)?
        }
    };
    let account = owner.id();
    owner
        .store
        .write(move |tx| Box::pin(async move { import::stage(tx, account, id, &rows).await }))
        .await?;
    errors.sort_by_key(|told| told.line);
    Ok(errors)
}

fn checked_lines<T, U>(
    rows: Vec<(u64, T)>,
    errors: &mut Vec<LineError>,
    read: impl Fn(T) -> Result<U, String>,
) -> Vec<(u64, U)> {
    let mut good = Vec::with_capacity(rows.len());
    for (line, row) in rows {
        match read(row) {
            Ok(row) => good.push((line, row)),
            Err(error) => errors.push(LineError { line, error }),
        }
    }
    good
}

fn checked<T, U>(
    rows: Vec<(u64, T)>,
    errors: &mut Vec<LineError>,
    read: impl Fn(T) -> Result<U, String>,
) -> Vec<U> {
    checked_lines(rows, errors, read).into_iter().map(|(_, row)| row).collect()
}

/// Puts the ordinals in the place of the identities; whoever is not known is refused.
async fn found<T>(
    owner: &Owner,
    rows: Vec<(u64, (Identity, T))>,
    errors: &mut Vec<LineError>,
) -> Result<Vec<(u32, T)>, Error> {
    let who: Vec<&Identity> = rows.iter().map(|(_, (who, _))| who).collect();
    let ordinals = facts::resolve(owner, &who).await?;
    let mut good = Vec::with_capacity(rows.len());
    for ((line, (who, row)), ord) in rows.into_iter().zip(ordinals) {
        match ord {
            Some(ord) => good.push((ord, row)),
            None => errors.push(LineError { line, error: facts::unknown(&who) }),
        }
    }
    Ok(good)
}

fn follower(books: &Books, row: FollowerRow) -> Result<(Identity, Patch), String> {
    let mut patch = Patch::default();
    for (name, text) in row.values {
        let name = names::name("attribute", &name)?;
        if let Some(value) = value::cell(books, &name, &text)? {
            patch.attributes.insert(name, Some(value));
        }
    }
    for tag in row.own_tags {
        patch.add_tags.push(names::name("own_tags", &tag)?);
    }
    patch.customer_id = row.customer_id.map(|id| names::key("customer_id", &id)).transpose()?;
    patch.phone = row.phone.map(|phone| names::phone(&phone)).transpose()?;
    Ok((names::identity(&row.who)?, patch))
}

/// All rows are here: the import goes on, or fails for the lines that were refused.
pub(crate) async fn end(
    owner: &Owner,
    id: i64,
    tally: ImportTally,
) -> Result<ImportJobView, Error> {
    let found = import::get(&owner.store, owner.id(), id).await?;
    if tally.refused > 0 && !settings(&found)?.skip_bad {
        let why = format!(
            "{} of {} lines cannot be used; nothing was imported",
            tally.refused, tally.lines
        );
        return give_up(owner, id, why, tally).await;
    }
    let errors = json(&tally.errors)?;
    let account = owner.id();
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                import::check(tx, account, id, tally.lines, tally.refused, &errors).await
            })
        })
        .await?;
    owner.facts_signal.ring();
    get(owner, id).await
}

/// Gives an import up of which nothing was applied.
pub(crate) async fn give_up(
    owner: &Owner,
    id: i64,
    why: String,
    tally: ImportTally,
) -> Result<ImportJobView, Error> {
    let errors = json(&tally.errors)?;
    let (account, now) = (owner.id(), owner.now());
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (lines, refused) = (tally.lines, tally.refused);
                import::fail(tx, account, id, &why, lines, refused, &errors, now).await
            })
        })
        .await?;
    get(owner, id).await
}

/// Fails what the process before this one was still receiving.
pub(crate) async fn recover(owner: &Owner) -> Result<(), Error> {
    let (account, now) = (owner.id(), owner.now());
    let failed = owner
        .store
        .write(move |tx| Box::pin(async move { import::fail_broken_off(tx, account, now).await }))
        .await?;
    if failed > 0 {
        tracing::warn!(%account, failed, "imports broke off with the last process");
    }
    Ok(())
}

/// Waits until an import is done or failed.
pub(crate) async fn wait(owner: &Owner, id: i64) -> Result<ImportJobView, Error> {
    loop {
        let view = get(owner, id).await?;
        if view.finished_at.is_some() {
            return Ok(view);
        }
        let rung = owner.facts_signal.rung();
        let served = owner.facts_signal.served(rung);
        let _ = tokio::time::timeout(LOOK_AGAIN, served).await;
        if owner.facts_signal.is_quiet() && get(owner, id).await?.finished_at.is_none() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// One import.
pub(crate) async fn get(owner: &Owner, id: i64) -> Result<ImportJobView, Error> {
    view(import::get(&owner.store, owner.id(), id).await?)
}

/// The latest imports.
pub(crate) async fn list(owner: &Owner) -> Result<Vec<ImportJobView>, Error> {
    import::list(&owner.store, owner.id(), SHOWN).await?.into_iter().map(view).collect()
}

fn view(found: Import) -> Result<ImportJobView, Error> {
    let done = found.state == ImportState::Done;
    let percent = if done { 100 } else { found.applied * 99 / found.chunks.max(1) };
    Ok(ImportJobView {
        id: found.id,
        what: found.what,
        state: found.state.to_string(),
        lines: found.counts.lines,
        refused: found.counts.refused,
        imported: found.counts.imported,
        duplicates: found.counts.duplicates,
        linked: found.counts.linked,
        percent: u8::try_from(percent).unwrap_or(99),
        errors: serde_json::from_str(&found.errors)
            .map_err(|error| Error::unreadable("the errors of an import", error))?,
        error: Some(found.failure).filter(|why| !why.is_empty()),
        created_at: found.created_at,
        finished_at: found.finished_at,
    })
}

/// Applies the next chunk of the oldest import that was checked. True when there was one.
pub(crate) async fn step(owner: &Owner) -> Result<bool, Error> {
    let account = owner.id();
    let open = import::open(&owner.store, account).await?;
    let Some(found) = open.into_iter().find(|import| import.state != ImportState::Received) else {
        return Ok(false);
    };
    let (id, now) = (found.id, owner.now());
    let Some((number, rows)) = import::next_chunk(&owner.store, account, id).await? else {
        owner
            .store
            .write(move |tx| Box::pin(async move { import::finish(tx, account, id, now).await }))
            .await?;
        return Ok(true);
    };
    match found.what.as_str() {
        "orders" => orders(owner, id, number, read(&rows)?).await?,
        "events" => events(owner, id, number, read(&rows)?).await?,
        "followers" => followers(owner, id, number, read(&rows)?).await?,
        "list" => list_members(owner, id, number, &settings(&found)?.list, read(&rows)?).await?,
        other => return Err(Error::unreadable("what an import brings", other)),
    }
    Ok(true)
}

fn read<T: DeserializeOwned>(rows: &str) -> Result<T, Error> {
    serde_json::from_str(rows).map_err(|error| Error::unreadable("rows of an import", error))
}

async fn orders(owner: &Owner, id: i64, number: i64, rows: Vec<NewOrder>) -> Result<(), Error> {
    let account = owner.id();
    let _alone = owner.intake.write().await;
    let kept = owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                let kept = order::insert(tx, account, &rows).await?;
                // A row that brings another line of an order known before is no double.
                let more = kept.new_lines - kept.new_with_lines;
                let counts = Counts {
                    imported: kept.inserted + more,
                    duplicates: kept.duplicate.saturating_sub(more),
                    linked: kept.linked.len() as u64,
                    ..Counts::default()
                };
                import::applied(tx, account, id, number, counts).await?;
                Ok(kept)
            })
        })
        .await?;
    add_orders(&mut *owner.books.write().await, &kept);
    Ok(())
}

async fn events(owner: &Owner, id: i64, number: i64, rows: Vec<ToldEvent>) -> Result<(), Error> {
    let account = owner.id();
    let _shared = owner.intake.read().await;
    let kept = owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                let kept = event::take_in(tx, account, &rows).await?;
                let counts = Counts {
                    imported: kept.inserted,
                    duplicates: kept.duplicate,
                    linked: kept.linked.len() as u64,
                    ..Counts::default()
                };
                import::applied(tx, account, id, number, counts).await?;
                Ok(kept)
            })
        })
        .await?;
    add_events(&mut *owner.books.write().await, &kept.linked);
    Ok(())
}

async fn followers(
    owner: &Owner,
    id: i64,
    number: i64,
    mut rows: Vec<(u32, Patch)>,
) -> Result<(), Error> {
    let account = owner.id();
    let _alone = owner.intake.write().await;
    {
        // Whoever was erased since the file was read stays so.
        let books = owner.books.read().await;
        rows.retain(|(ord, _)| !books.erased.contains(*ord));
    }
    let named = |patch: &Patch| patch.customer_id.is_some() || patch.phone.is_some();
    let counts = Counts {
        imported: rows.len() as u64,
        linked: rows.iter().filter(|(_, patch)| named(patch)).count() as u64,
        ..Counts::default()
    };
    let also: facts::Also = Box::new(move |tx| {
        Box::pin(async move { import::applied(tx, account, id, number, counts).await })
    });
    facts::apply(owner, rows, Some(also)).await?;
    Ok(())
}

async fn list_members(
    owner: &Owner,
    id: i64,
    number: i64,
    list: &str,
    rows: Vec<u32>,
) -> Result<(), Error> {
    let account = owner.id();
    let lines = rows.len() as u64;
    let also: facts::Also = Box::new(move |tx| {
        let counts = Counts { imported: lines, linked: lines, ..Counts::default() };
        Box::pin(async move { import::applied(tx, account, id, number, counts).await })
    });
    let _alone = owner.intake.write().await;
    crate::list::change(owner, list, &rows, &[], Some(also)).await?;
    Ok(())
}
