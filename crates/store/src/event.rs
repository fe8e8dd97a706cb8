//! What followers did: wrote, clicked, scanned, and whatever the merchant's own systems tell. The
//! same `dedup` is the same event, so applying a callback twice, or taking a batch in again after
//! an answer was lost, leaves one.
//!
//! An event may be told of somebody not known here. It is kept with the identity it came by and
//! belongs to the follower as soon as that identity does ([`crate::identity::claim`]).

use serde::Serialize;
use wire::Timestamp;

use crate::identity::{Identity, IdentityKind};
use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, Reader, Tx};

/// Events in one statement.
const CHUNK: usize = 5_000;

/// An event of a known follower, to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Whose.
    pub ord: u32,
    /// What they did, such as `click`.
    pub kind: String,
    /// On what: the menu key, the code scanned; may be empty.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// The event's own name, unique in the account.
    pub dedup: String,
}

/// An event as a merchant's system tells it, to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct ToldEvent {
    /// Whose.
    pub identity: Identity,
    /// What they did.
    pub kind: String,
    /// On what; may be empty.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// A number that belongs to it, if one does.
    pub value: Option<i64>,
    /// The event's own name, unique in the account.
    pub dedup: String,
}

/// An event of a follower as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number in the store; later kept, higher.
    pub seq: i64,
    /// Whose.
    pub ord: u32,
    /// What they did.
    pub kind: String,
    /// On what.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// The number that belongs to it.
    pub value: Option<i64>,
}

/// What became of events handed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// New ones.
    pub inserted: u64,
    /// Known before, or twice among those handed over.
    pub duplicate: u64,
    /// The new ones whose follower is known.
    pub linked: Vec<Event>,
}

/// Keeps events; those known before change nothing. Answers how many are new.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn insert(tx: &mut Tx, account: AccountId, events: &[NewEvent]) -> Result<u64, Error> {
    #[derive(Serialize)]
    struct Row<'a>(u32, &'a str, &'a str, Timestamp, &'a str);
    let mut inserted = 0;
    for chunk in events.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|event| Row(event.ord, &event.kind, &event.key, event.at, &event.dedup))
            .collect();
        let done = sqlx::query(
            "INSERT INTO event (account, ord, kind, key, at, dedup) \
             SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 \
             FROM json_each(?2) WHERE true ON CONFLICT (account, dedup) DO NOTHING",
        )
        .bind(account.0)
        .bind(to_json(&rows)?)
        .execute(tx.sqlite())
        .await?;
        inserted += done.rows_affected();
    }
    Ok(inserted)
}

/// Keeps events told by identities; those known before change nothing.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn take_in(tx: &mut Tx, account: AccountId, events: &[ToldEvent]) -> Result<Kept, Error> {
    #[derive(Serialize)]
    struct Row<'a>(IdentityKind, &'a str, &'a str, &'a str, Timestamp, Option<i64>, &'a str);
    let mut kept = Kept::default();
    for chunk in events.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|event| {
                Row(
                    event.identity.kind,
                    &event.identity.value,
                    &event.kind,
                    &event.key,
                    event.at,
                    event.value,
                    &event.dedup,
                )
            })
            .collect();
        let last = sqlx::query("SELECT coalesce(max(seq), 0) AS last FROM event")
            .fetch_one(tx.sqlite())
            .await?
            .integer("last")?;
        // What the platform's own ids found needs no memory of them: they never move.
        let done = sqlx::query(
            "INSERT INTO event (account, ord, kind, key, at, value, dedup, via_kind, via_value) \
             SELECT ?1, owner, kind, key, at, number, dedup, \
             iif(owner IS NULL OR via IN ('phone', 'customer_id'), via, NULL), \
             iif(owner IS NULL OR via IN ('phone', 'customer_id'), who, NULL) \
             FROM (SELECT value ->> 0 AS via, value ->> 1 AS who, value ->> 2 AS kind, \
             value ->> 3 AS key, value ->> 4 AS at, value ->> 5 AS number, value ->> 6 AS dedup, \
             CASE value ->> 0 \
             WHEN 'openid' THEN (SELECT ord FROM follower \
             WHERE follower.account = ?1 AND follower.openid = (j.value ->> 1)) \
             WHEN 'unionid' THEN (SELECT ord FROM follower INDEXED BY follower_unionid \
             WHERE follower.account = ?1 AND follower.unionid = (j.value ->> 1) \
             AND follower.unionid IS NOT NULL) \
             ELSE (SELECT ord FROM identity WHERE identity.account = ?1 \
             AND identity.kind = (j.value ->> 0) AND identity.value = (j.value ->> 1)) END \
             AS owner FROM json_each(?2) AS j) AS d WHERE true \
             ON CONFLICT (account, dedup) DO NOTHING",
        )
        .bind(account.0)
        .bind(to_json(&rows)?)
        .execute(tx.sqlite())
        .await?;
        let row = sqlx::query(
            "SELECT json_group_array(json_array(seq, kind, ord, at, key, value)) AS page \
             FROM event WHERE seq > ?1 AND ord IS NOT NULL",
        )
        .bind(last)
        .fetch_one(tx.sqlite())
        .await?;
        kept.linked.extend(unpack(&row.text("page")?)?);
        kept.inserted += done.rows_affected();
        kept.duplicate += chunk.len() as u64 - done.rows_affected();
    }
    Ok(kept)
}

/// Hands events told by identities of `kind` to their followers: those of nobody, and how many
/// belonged to another. `owners` is a JSON list of value and ordinal.
pub(crate) async fn claim(
    tx: &mut Tx,
    account: AccountId,
    kind: IdentityKind,
    owners: &str,
) -> Result<(Vec<Event>, u64), Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(e.seq, e.kind, j.value ->> 1, e.at, e.key, e.value)) \
         FILTER (WHERE e.ord IS NULL) AS page, \
         json_group_array(json_array(e.seq, j.value ->> 1)) FILTER (WHERE e.ord IS NOT NULL) \
         AS moved FROM json_each(?3) AS j \
         CROSS JOIN event AS e INDEXED BY event_via ON e.account = ?1 AND e.via_kind = ?2 \
         AND e.via_kind IS NOT NULL AND e.via_value = (j.value ->> 0) \
         AND e.ord IS NOT (j.value ->> 1)",
    )
    .bind(account.0)
    .bind(kind.as_str())
    .bind(owners)
    .fetch_one(tx.sqlite())
    .await?;
    let claimed = unpack(&row.text("page")?)?;
    let moved: Vec<(i64, u32)> = from_json("moved", &row.text("moved")?)?;
    let owners: Vec<(i64, u32)> =
        claimed.iter().map(|event| (event.seq, event.ord)).chain(moved.iter().copied()).collect();
    if !owners.is_empty() {
        sqlx::query(
            "UPDATE event SET ord = j.value ->> 1 FROM json_each(?2) AS j \
             WHERE event.seq = j.value ->> 0 AND event.account = ?1 + 0 * j.key",
        )
        .bind(account.0)
        .bind(to_json(&owners)?)
        .execute(tx.sqlite())
        .await?;
    }
    Ok((claimed, moved.len() as u64))
}

/// Hands events that wait for an OpenID or a UnionID to the followers known by now.
pub(crate) async fn claim_followers(tx: &mut Tx, account: AccountId) -> Result<u64, Error> {
    let by_openid = sqlx::query(
        "UPDATE event SET ord = (SELECT f.ord FROM follower AS f \
         WHERE f.account = ?1 AND f.openid = event.via_value) \
         WHERE account = ?1 AND via_kind = 'openid' AND ord IS NULL \
         AND EXISTS (SELECT 1 FROM follower AS f WHERE f.account = ?1 \
         AND f.openid = event.via_value)",
    )
    .bind(account.0)
    .execute(tx.sqlite())
    .await?;
    let by_unionid = sqlx::query(
        "UPDATE event SET ord = (SELECT f.ord FROM follower AS f INDEXED BY follower_unionid \
         WHERE f.account = ?1 AND f.unionid = event.via_value AND f.unionid IS NOT NULL) \
         WHERE account = ?1 AND via_kind = 'unionid' AND ord IS NULL \
         AND EXISTS (SELECT 1 FROM follower AS f INDEXED BY follower_unionid \
         WHERE f.account = ?1 AND f.unionid = event.via_value AND f.unionid IS NOT NULL)",
    )
    .bind(account.0)
    .execute(tx.sqlite())
    .await?;
    Ok(by_openid.rows_affected() + by_unionid.rows_affected())
}

/// Events of followers by follower and time, after the given one (none: from the start), at most
/// `limit` of them. An empty page is the end.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    after: Option<&Event>,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let (ord, at, seq) =
        after.map_or((-1, 0, 0), |last| (i64::from(last.ord), last.at.0, last.seq));
    let row = sqlx::query(
        "SELECT json_group_array(json_array(seq, kind, ord, at, key, value)) AS page FROM (\
         SELECT seq, kind, ord, at, key, value FROM event \
         WHERE account = ?1 AND ord IS NOT NULL AND (ord, at, seq) > (?2, ?3, ?4) \
         ORDER BY ord, at, seq LIMIT ?5)",
    )
    .bind(account.0)
    .bind(ord)
    .bind(at)
    .bind(seq)
    .bind(limit)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    unpack(&row.text("page")?)
}

/// One follower's events, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ord: u32,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(seq, kind, ord, at, key, value)) AS page FROM (\
         SELECT seq, kind, ord, at, key, value FROM event WHERE account = ?1 AND ord = ?2 \
         ORDER BY at DESC, seq DESC LIMIT ?3)",
    )
    .bind(account.0)
    .bind(ord)
    .bind(limit)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    unpack(&row.text("page")?)
}

/// How many events the account has, and how many of them wait for their follower.
///
/// # Errors
/// When the database cannot be read.
pub async fn count(from: impl Into<Reader<'_>>, account: AccountId) -> Result<(u64, u64), Error> {
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM event WHERE account = ?1) AS known, \
         (SELECT count(*) FROM event WHERE account = ?1 AND ord IS NULL \
         AND via_kind IS NOT NULL) AS waiting",
    )
    .bind(account.0)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    Ok((row.number("known")?, row.number("waiting")?))
}

fn unpack(page: &str) -> Result<Vec<Event>, Error> {
    let rows: Vec<(i64, String, u32, Timestamp, String, Option<i64>)> = from_json("page", page)?;
    Ok(rows
        .into_iter()
        .map(|(seq, kind, ord, at, key, value)| Event { seq, ord, kind, key, at, value })
        .collect())
}
