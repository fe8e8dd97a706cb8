//! Worlds kept by name, to go back to.
//!
//! A snapshot is a clone of the whole world: accounts, people, jobs, tokens, what is due, faults,
//! logs and the clock. The same calls after a restore make the same world, byte for byte, because
//! every draw comes from the world too. What is under way when another world takes its place (a
//! push, a slow answer) belongs to the former one and leaves no trace in the new.
//!
//! Time after a restore is the snapshot's: it stands at the snapshot's moment, or runs on from
//! there. The machine's own time cannot go back, so under the real clock the restored world wakes
//! up now, and what fell due since its snapshot happens at once, in order.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::PoisonError;

use crate::world::{Shared, World};

/// Most snapshots kept: a world of ten million followers is some hundred megabytes.
pub const MOST: usize = 16;
/// Most characters of a name.
pub const MOST_CHARACTERS: usize = 64;

/// A snapshot cannot be taken or found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The name cannot be one.
    #[error("name {0:?} must be 1 to {MOST_CHARACTERS} letters, digits, '-', '_' or '.'")]
    Name(String),
    /// There is one of that name.
    #[error("there is a snapshot {0:?} already; delete it first or choose another name")]
    Taken(String),
    /// There are as many as are kept.
    #[error("there are {MOST} snapshots, the most that are kept; delete one first")]
    Full,
    /// There is none of that name.
    #[error("there is no snapshot {0:?}; see GET /sandbox/snapshots")]
    Unknown(String),
}

/// The worlds kept.
#[derive(Default)]
pub struct Snapshots {
    kept: BTreeMap<String, World>,
}

impl Snapshots {
    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &World)> {
        self.kept.iter()
    }

    /// The one of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&World> {
        self.kept.get(name)
    }
}

/// Keeps the world as it is now under this name.
///
/// # Errors
/// When the name is unusable or taken, or there are too many.
pub fn take(shared: &Shared, name: &str) -> Result<(), Error> {
    let fits = (1..=MOST_CHARACTERS).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if !fits {
        return Err(Error::Name(name.to_owned()));
    }
    let mut snapshots = shared.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
    let count = snapshots.kept.len();
    match snapshots.kept.entry(name.to_owned()) {
        Entry::Occupied(_) => Err(Error::Taken(name.to_owned())),
        Entry::Vacant(_) if count >= MOST => Err(Error::Full),
        Entry::Vacant(place) => {
            place.insert(shared.world().picture());
            Ok(())
        }
    }
}

/// Goes back to the snapshot, which stays.
///
/// # Errors
/// When there is none of that name.
pub fn restore(shared: &Shared, name: &str) -> Result<(), Error> {
    let snapshots = shared.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
    let world = snapshots.get(name).ok_or_else(|| Error::Unknown(name.to_owned()))?.clone();
    drop(snapshots);
    shared.replace(world);
    Ok(())
}

/// Forgets the snapshot.
///
/// # Errors
/// When there is none of that name.
pub fn remove(shared: &Shared, name: &str) -> Result<(), Error> {
    let mut snapshots = shared.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
    snapshots.kept.remove(name).map(drop).ok_or_else(|| Error::Unknown(name.to_owned()))
}

/// Makes the world anew as the sandbox was started; the snapshots stay. Under the real clock the
/// accounts are made as of now.
///
/// # Errors
/// None that the start would not have had.
pub fn reset(shared: &Shared) -> Result<(), crate::Error> {
    shared.replace(World::begin(shared.beginning())?);
    Ok(())
}
