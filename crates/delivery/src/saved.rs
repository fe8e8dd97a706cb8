//! Segments kept under a name, frozen, drawn from and laid over each other. Who is in them comes
//! from the one function that also counts and sends.

use audience::{Segment, Set, preset};
use sha2::{Digest, Sha256};
use store::segment::{self, Frozen};
use wire::OpenId;

use crate::answers::{lines, look};
use crate::books::{Books, read_set};
use crate::campaign::evaluate;
use crate::error::Error;
use crate::identity as names;
use crate::owner::Owner;
use crate::view::{
    FrozenView, OverlapQuestion, OverlapView, PresetView, PresetWish, RerunView, RfmCell,
    RfmQuestion, SampleQuestion, SampleView, SavedSegment, SegmentText,
};

/// People of a sample when no size is asked for, and at most.
const SAMPLE: (usize, usize) = (20, 1_000);
/// Segments laid over each other, at most.
const OVERLAP: usize = 50;
/// OpenIDs read at a time.
const ROWS: usize = 50_000;

/// Every saved segment.
pub(crate) async fn all(owner: &Owner) -> Result<Vec<SavedSegment>, Error> {
    let found = segment::list(&owner.store, owner.id()).await?;
    Ok(found
        .into_iter()
        .map(|one| SavedSegment {
            name: one.name,
            segment: one.text,
            created_at: one.created_at,
            changed_at: one.changed_at,
        })
        .collect())
}

/// Saves a segment, in place of one of the same name. It must be understood, and not name itself.
pub(crate) async fn save(
    owner: &Owner,
    name: &str,
    wish: SegmentText,
) -> Result<SavedSegment, Error> {
    let name = names::name("name", name).map_err(|error| Error::bad("name", error))?;
    let parsed = Segment::parse(&wish.segment)?;
    let mut books = owner.books.write().await;
    let before = books.saved.insert(name.clone(), parsed.clone());
    let checked = check(owner, &books, parsed).and_then(|()| check_all(owner, &books));
    let written = match checked {
        Ok(()) => write(owner, &name, &wish.segment).await,
        Err(error) => Err(error),
    };
    if let Err(error) = written {
        match before {
            Some(before) => books.saved.insert(name, before),
            None => books.saved.remove(&name),
        };
        return Err(error);
    }
    drop(books);
    let saved = all(owner).await?.into_iter().find(|one| one.name == name);
    saved.ok_or_else(|| Error::not_found("segment", &name))
}

async fn write(owner: &Owner, name: &str, text: &str) -> Result<(), Error> {
    let (account, now) = (owner.id(), owner.now());
    let (name, text) = (name.to_owned(), text.to_owned());
    owner
        .store
        .write(move |tx| {
            Box::pin(async move { segment::save(tx, account, &name, &text, now).await })
        })
        .await?;
    Ok(())
}

fn check(owner: &Owner, books: &Books, segment: Segment) -> Result<(), Error> {
    segment.compile(&books.index, &books.context(owner.month()))?;
    Ok(())
}

/// A segment saved anew may close a ring that begins at another.
fn check_all(owner: &Owner, books: &Books) -> Result<(), Error> {
    for segment in books.saved.values() {
        check(owner, books, segment.clone())?;
    }
    Ok(())
}

/// Takes a saved segment away, unless another one names it.
pub(crate) async fn remove(owner: &Owner, name: &str) -> Result<(), Error> {
    let mut books = owner.books.write().await;
    let broken = |books: &Books| -> Vec<String> {
        let broken = books
            .saved
            .iter()
            .filter(|(_, segment)| check(owner, books, (*segment).clone()).is_err());
        broken.map(|(name, _)| name.clone()).collect()
    };
    let before = broken(&books);
    let Some(gone) = books.saved.remove(name) else {
        return Err(Error::not_found("segment", name));
    };
    let named_by = broken(&books).into_iter().find(|one| !before.contains(one));
    if let Some(other) = named_by {
        books.saved.insert(name.to_owned(), gone);
        return Err(Error::Conflict(format!(
            "the saved segment {other:?} names {name:?}: change or delete that one first"
        )));
    }
    let (account, gone_name) = (owner.id(), name.to_owned());
    let removed = owner
        .store
        .write(move |tx| Box::pin(async move { segment::remove(tx, account, &gone_name).await }))
        .await;
    if let Err(error) = removed {
        books.saved.insert(name.to_owned(), gone);
        return Err(error.into());
    }
    Ok(())
}

/// Keeps who is in a segment now.
pub(crate) async fn freeze(owner: &Owner, wish: SegmentText) -> Result<FrozenView, Error> {
    if wish.name.len() > names::LONGEST_KEY {
        return Err(Error::bad("name", format!("at most {} bytes", names::LONGEST_KEY)));
    }
    let now = owner.now();
    let people = evaluate(owner, &*owner.books.read().await, &wish.segment)?;
    let members = people.to_bytes();
    let frozen = Frozen {
        id: 0,
        name: wish.name,
        text: wish.segment,
        at: now,
        people: people.len() as u64,
        hash: hash(&members),
    };
    let (account, row) = (owner.id(), frozen.clone());
    let id = owner
        .store
        .write(move |tx| {
            Box::pin(async move { segment::freeze(tx, account, &row, &members).await })
        })
        .await?;
    Ok(frozen_view(Frozen { id, ..frozen }))
}

fn hash(members: &[u8]) -> String {
    Sha256::digest(members).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn frozen_view(frozen: Frozen) -> FrozenView {
    FrozenView {
        id: frozen.id,
        name: frozen.name,
        segment: frozen.text,
        at: frozen.at,
        people: frozen.people,
        hash: frozen.hash,
    }
}

/// Every frozen segment, the newest first.
pub(crate) async fn all_frozen(owner: &Owner) -> Result<Vec<FrozenView>, Error> {
    let found = segment::list_frozen(&owner.store, owner.id()).await?;
    Ok(found.into_iter().map(frozen_view).collect())
}

async fn frozen_set(owner: &Owner, id: i64) -> Result<(Frozen, Set), Error> {
    let (frozen, members) = segment::frozen(&owner.store, owner.id(), id).await?;
    Ok((frozen, read_set("the members of a frozen segment", &members)?))
}

/// A frozen segment beside what its text says now.
pub(crate) async fn rerun(owner: &Owner, id: i64) -> Result<RerunView, Error> {
    let (frozen, then) = frozen_set(owner, id).await?;
    let now = evaluate(owner, &*owner.books.read().await, &frozen.text)?;
    Ok(RerunView {
        people: now.len() as u64,
        came: now.subtract(&then).len() as u64,
        went: then.subtract(&now).len() as u64,
        hash: hash(&now.to_bytes()),
        frozen: frozen_view(frozen),
    })
}

/// The OpenIDs of a frozen segment; whoever was erased since is left out.
pub(crate) async fn members(owner: &Owner, id: i64) -> Result<Vec<OpenId>, Error> {
    let (_, mut people) = frozen_set(owner, id).await?;
    people.and_not_with(&owner.books.read().await.erased);
    let people: Vec<u32> = people.iter().collect();
    let mut openids = Vec::with_capacity(people.len());
    for part in people.chunks(ROWS) {
        openids.extend(store::follower::openids_of(&owner.store, owner.id(), part).await?);
    }
    Ok(openids)
}

/// Draws people from a segment: the same seed draws the same from the same people, and a larger
/// size draws those and more.
pub(crate) async fn sample(owner: &Owner, question: &SampleQuestion) -> Result<SampleView, Error> {
    let size = question.size.unwrap_or(SAMPLE.0);
    if size == 0 || size > SAMPLE.1 {
        return Err(Error::bad("size", format!("{size} is not 1 to {}", SAMPLE.1)));
    }
    let books = owner.books.read().await;
    let people = evaluate(owner, &books, &question.segment)?;
    let mut drawn: Vec<(u64, u32)> =
        people.iter().map(|ord| (mixed(question.seed, ord), ord)).collect();
    if drawn.len() > size {
        drawn.select_nth_unstable(size);
        drawn.truncate(size);
    }
    let mut ordinals: Vec<u32> = drawn.into_iter().map(|(_, ord)| ord).collect();
    ordinals.sort_unstable();
    let forecast = look(owner, &books, &people);
    let followers = lines(owner, &books, &forecast, &ordinals).await?;
    Ok(SampleView { people: people.len() as u64, followers })
}

/// SplitMix64 over seed and number: neighbours come out far apart.
fn mixed(seed: u64, ord: u32) -> u64 {
    let mut mixed = seed.wrapping_add(u64::from(ord) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// How many people segments share, pair by pair.
pub(crate) async fn overlap(
    owner: &Owner,
    question: &OverlapQuestion,
) -> Result<OverlapView, Error> {
    let count = question.segments.len();
    if !(2..=OVERLAP).contains(&count) {
        return Err(Error::bad("segments", format!("{count} are not 2 to {OVERLAP}")));
    }
    let books = owner.books.read().await;
    let mut sets = Vec::with_capacity(count);
    let mut segments = Vec::with_capacity(count);
    for text in &question.segments {
        sets.push(evaluate(owner, &books, text)?);
        segments.push(Segment::parse(text)?.to_string());
    }
    drop(books);
    let mut people = vec![vec![0; count]; count];
    for row in 0..count {
        for column in row..count {
            let both = sets[row].intersection_len(&sets[column]) as u64;
            people[row][column] = both;
            people[column][row] = both;
        }
    }
    let mut any = Set::new();
    let mut shared = sets[0].clone();
    for set in &sets {
        any.or_with(set);
        shared.and_with(set);
    }
    Ok(OverlapView { segments, people, any: any.len() as u64, all: shared.len() as u64 })
}

/// Cuts of one side of the grid.
const CUTS: usize = 9;

/// The segments that many merchants want.
pub(crate) fn presets() -> Result<Vec<PresetView>, Error> {
    let all = preset::presets().map_err(|error| Error::unreadable("the presets", error))?;
    Ok(all
        .iter()
        .map(|one| PresetView {
            key: one.key.clone(),
            en: one.en.clone(),
            zh: one.zh.clone(),
            text: one.text.clone(),
            parameters: one
                .parameters
                .iter()
                .map(|parameter| {
                    let usual = match &parameter.usual {
                        preset::Usual::Number(number) => number.to_string(),
                        preset::Usual::Text(text) => text.clone(),
                    };
                    (parameter.name.clone(), usual)
                })
                .collect(),
        })
        .collect())
}

/// The text of a preset with what was chosen.
pub(crate) fn preset_text(key: &str, wish: &PresetWish) -> Result<SegmentText, Error> {
    let found = preset::preset(key).map_err(|_| Error::not_found("preset", key))?;
    let segment = found.text(&wish.parameters).map_err(|error| Error::bad("parameters", error))?;
    Ok(SegmentText { segment, name: found.zh.clone() })
}

/// The grid of recency, frequency and money, counted.
pub(crate) async fn rfm(owner: &Owner, question: &RfmQuestion) -> Result<Vec<RfmCell>, Error> {
    let sides = [
        ("recency", &question.recency),
        ("frequency", &question.frequency),
        ("money", &question.money),
    ];
    for (field, cuts) in sides {
        if cuts.len() > CUTS || !cuts.is_sorted_by(|one, next| one < next) {
            return Err(Error::bad(field, format!("give at most {CUTS} cuts, each over the last")));
        }
    }
    let cells = preset::rfm(question.days, &question.recency, &question.frequency, &question.money);
    let books = owner.books.read().await;
    cells
        .into_iter()
        .map(|cell| {
            let people = evaluate(owner, &books, &cell.text)?.len() as u64;
            Ok(RfmCell {
                recency: cell.recency,
                frequency: cell.frequency,
                money: cell.money,
                segment: cell.text,
                people,
            })
        })
        .collect()
}
