//! Consents (订阅授权): what people said to subscription notices of a template, and what was sent to
//! them. Rows are only added; how many messages a person still agreed to is folded from theirs.
//! The same `dedup` is the same telling, so a callback applied twice leaves one row.
//!
//! Whoever agrees need not follow (`platform/04`): like an event, a telling waits with the identity
//! it came by, and belongs to the follower as soon as that is known.

use serde::Serialize;
use wire::Timestamp;

use crate::identity::{Identity, IdentityKind};
use crate::ids::words;
use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, Reader, Tx};

/// Rows in one statement.
const CHUNK: usize = 5_000;

words! {
    /// What happened.
    Act, "accepted, accepted_for_long, refused, withdrawn, sent or failed" {
        /// Agreed to one message.
        Accepted = "accepted",
        /// Agreed to any number of messages.
        AcceptedForLong = "accepted_for_long",
        /// Said no to a prompt.
        Refused = "refused",
        /// Switched notices off in the account's settings.
        Withdrawn = "withdrawn",
        /// A message was accepted by the platform and arrived.
        Sent = "sent",
        /// A message was accepted by the platform and did not arrive.
        Failed = "failed",
    }
}

words! {
    /// Who told of it.
    Teller, "platform or shop" {
        /// The platform, by a callback.
        Platform = "platform",
        /// The merchant's own systems.
        Shop = "shop",
    }
}

/// Something told, to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldConsent {
    /// Of whom.
    pub identity: Identity,
    /// Of which template.
    pub template: String,
    /// What happened.
    pub act: Act,
    /// Who told of it.
    pub teller: Teller,
    /// When it happened.
    pub at: Timestamp,
    /// The telling's own name, unique in the account.
    pub dedup: String,
}

/// A follower and a template.
pub type Pair = (u32, String);

/// What became of tellings handed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// New ones.
    pub inserted: u64,
    /// Known before, or twice among those handed over.
    pub duplicate: u64,
    /// The new ones whose follower is known.
    pub linked: u64,
    /// Of which followers and templates something new is known.
    pub touched: Vec<Pair>,
}

/// One telling of a known follower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the store.
    pub seq: i64,
    /// Whose.
    pub ord: u32,
    /// Of which template.
    pub template: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub act: Act,
    /// By whom it was told.
    pub teller: Teller,
}

/// Keeps tellings; those known before change nothing.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn take_in(tx: &mut Tx, account: AccountId, told: &[ToldConsent]) -> Result<Kept, Error> {
    #[derive(Serialize)]
    struct Row<'a>(IdentityKind, &'a str, &'a str, Act, Teller, Timestamp, &'a str);
    let mut kept = Kept::default();
    for chunk in told.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|told| {
                let who = &told.identity;
                let (act, teller) = (told.act, told.teller);
                Row(who.kind, &who.value, &told.template, act, teller, told.at, &told.dedup)
            })
            .collect();
        let last = sqlx::query("SELECT coalesce(max(seq), 0) AS last FROM consent")
            .fetch_one(tx.sqlite())
            .await?
            .integer("last")?;
        // What the platform's own ids found needs no memory of them: they never move.
        let done = sqlx::query(
            "INSERT INTO consent (account, ord, template, act, teller, at, dedup, via_kind, \
             via_value) SELECT ?1, owner, template, act, teller, at, dedup, \
             iif(owner IS NULL OR via IN ('phone', 'customer_id'), via, NULL), \
             iif(owner IS NULL OR via IN ('phone', 'customer_id'), who, NULL) \
             FROM (SELECT value ->> 0 AS via, value ->> 1 AS who, value ->> 2 AS template, \
             value ->> 3 AS act, value ->> 4 AS teller, value ->> 5 AS at, value ->> 6 AS dedup, \
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
            "SELECT json_group_array(json_array(ord, template)) AS touched \
             FROM consent WHERE seq > ?1 AND ord IS NOT NULL",
        )
        .bind(last)
        .fetch_one(tx.sqlite())
        .await?;
        let touched: Vec<Pair> = from_json("touched", &row.text("touched")?)?;
        kept.linked += touched.len() as u64;
        kept.touched.extend(touched);
        kept.inserted += done.rows_affected();
        kept.duplicate += chunk.len() as u64 - done.rows_affected();
    }
    kept.touched.sort_unstable();
    kept.touched.dedup();
    Ok(kept)
}

/// Hands tellings by identities of `kind` to their followers; answers of whom something more is
/// known now, or less. `owners` is a JSON list of value and ordinal.
pub(crate) async fn claim(
    tx: &mut Tx,
    account: AccountId,
    kind: IdentityKind,
    owners: &str,
) -> Result<(Vec<Pair>, u64), Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(c.seq, j.value ->> 1, c.ord, c.template)) AS claimed \
         FROM json_each(?3) AS j \
         CROSS JOIN consent AS c INDEXED BY consent_via ON c.account = ?1 AND c.via_kind = ?2 \
         AND c.via_kind IS NOT NULL AND c.via_value = (j.value ->> 0) \
         AND c.ord IS NOT (j.value ->> 1)",
    )
    .bind(account.0)
    .bind(kind.as_str())
    .bind(owners)
    .fetch_one(tx.sqlite())
    .await?;
    let claimed: Vec<(i64, u32, Option<u32>, String)> =
        from_json("claimed", &row.text("claimed")?)?;
    let owners: Vec<(i64, u32)> = claimed.iter().map(|row| (row.0, row.1)).collect();
    if !owners.is_empty() {
        sqlx::query(
            "UPDATE consent SET ord = j.value ->> 1 FROM json_each(?2) AS j \
             WHERE consent.seq = j.value ->> 0 AND consent.account = ?1 + 0 * j.key",
        )
        .bind(account.0)
        .bind(to_json(&owners)?)
        .execute(tx.sqlite())
        .await?;
    }
    let mut touched: Vec<Pair> = Vec::with_capacity(claimed.len());
    for (_, owner, former, template) in claimed {
        touched.extend(former.map(|ord| (ord, template.clone())));
        touched.push((owner, template));
    }
    touched.sort_unstable();
    touched.dedup();
    Ok((touched, owners.len() as u64))
}

/// Hands tellings that wait for an OpenID or a UnionID to the followers known by now.
pub(crate) async fn claim_followers(tx: &mut Tx, account: AccountId) -> Result<u64, Error> {
    let by_openid = sqlx::query(
        "UPDATE consent SET ord = (SELECT f.ord FROM follower AS f \
         WHERE f.account = ?1 AND f.openid = consent.via_value) \
         WHERE account = ?1 AND via_kind = 'openid' AND via_kind IS NOT NULL AND ord IS NULL \
         AND EXISTS (SELECT 1 FROM follower AS f WHERE f.account = ?1 \
         AND f.openid = consent.via_value)",
    )
    .bind(account.0)
    .execute(tx.sqlite())
    .await?;
    let by_unionid = sqlx::query(
        "UPDATE consent SET ord = (SELECT f.ord FROM follower AS f INDEXED BY follower_unionid \
         WHERE f.account = ?1 AND f.unionid = consent.via_value AND f.unionid IS NOT NULL) \
         WHERE account = ?1 AND via_kind = 'unionid' AND via_kind IS NOT NULL AND ord IS NULL \
         AND EXISTS (SELECT 1 FROM follower AS f INDEXED BY follower_unionid \
         WHERE f.account = ?1 AND f.unionid = consent.via_value AND f.unionid IS NOT NULL)",
    )
    .bind(account.0)
    .execute(tx.sqlite())
    .await?;
    Ok(by_openid.rows_affected() + by_unionid.rows_affected())
}

type Row = (i64, u32, String, Timestamp, Act, Teller);

fn unpack(page: &str) -> Result<Vec<Line>, Error> {
    let rows: Vec<Row> = from_json("page", page)?;
    Ok(rows
        .into_iter()
        .map(|(seq, ord, template, at, act, teller)| Line { seq, ord, template, at, act, teller })
        .collect())
}

/// All that was told of these followers and templates, by follower, template and time.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    pairs: &[Pair],
) -> Result<Vec<Line>, Error> {
    let mut connection = from.into().sqlite().await?;
    let mut lines = Vec::new();
    for chunk in pairs.chunks(CHUNK) {
        let row = sqlx::query(
            "SELECT json_group_array(json_array(seq, ord, template, at, act, teller)) AS page \
             FROM (SELECT c.seq, c.ord, c.template, c.at, c.act, c.teller \
             FROM json_each(?2) AS j CROSS JOIN consent AS c INDEXED BY consent_of_follower \
             ON c.account = ?1 AND c.ord = (j.value ->> 0) AND c.ord IS NOT NULL \
             AND c.template = (j.value ->> 1) ORDER BY c.ord, c.template, c.at, c.seq)",
        )
        .bind(account.0)
        .bind(to_json(chunk)?)
        .fetch_one(&mut *connection)
        .await?;
        lines.extend(unpack(&row.text("page")?)?);
    }
    Ok(lines)
}

/// Tellings of known followers by follower, template and time, after the given one (none: from the
/// start), at most `limit` of them. An empty page is the end.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    after: Option<&Line>,
    limit: u32,
) -> Result<Vec<Line>, Error> {
    let (ord, template, at, seq) =
        after.map_or((-1, "", 0, 0), |l| (i64::from(l.ord), l.template.as_str(), l.at.0, l.seq));
    let row = sqlx::query(
        "SELECT json_group_array(json_array(seq, ord, template, at, act, teller)) AS page \
         FROM (SELECT seq, ord, template, at, act, teller FROM consent \
         WHERE account = ?1 AND ord IS NOT NULL AND (ord, template, at, seq) > (?2, ?3, ?4, ?5) \
         ORDER BY ord, template, at, seq LIMIT ?6)",
    )
    .bind(account.0)
    .bind(ord)
    .bind(template)
    .bind(at)
    .bind(seq)
    .bind(limit)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    unpack(&row.text("page")?)
}

/// All that was told of one follower, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ord: u32,
) -> Result<Vec<Line>, Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(seq, ord, template, at, act, teller)) AS page \
         FROM (SELECT seq, ord, template, at, act, teller FROM consent \
         WHERE account = ?1 AND ord = ?2 AND ord IS NOT NULL ORDER BY at, seq)",
    )
    .bind(account.0)
    .bind(ord)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    unpack(&row.text("page")?)
}
