//! Mass jobs: accepted, carried out, told of.
//!
//! A job's audience is read when it is carried out ([`super::run`]). Who received it is kept as a bitmap: the truth
//! that a ledger is measured against. A follower's slots are spent by delivery alone, in the month
//! of delivery, whoever sent.

use std::collections::HashMap;

use roaring::RoaringBitmap;
use wire::{Month, Timestamp};

use super::message::Content;
use super::original::Verdict;
use super::protection::Confirmation;
use super::speed::{self, Speed};
use crate::account::Account;
use crate::api::draft::{Draft, Kept};
use crate::assumptions::Moment;
use crate::chance::{draw, letters};
use crate::clock::Due;
use crate::population::month_counts::MonthCounts;
use crate::population::{set_bytes, topic};
use crate::world::World;

const FIRST_TO_ALL: i64 = 1_000_000_001;
const FIRST_OTHER: i64 = 3_147_483_649;
const FIRST_DATA: i64 = 2_247_483_648;
const FIRST_PREVIEW: i64 = 34_182;
/// How a job that was carried out ended.
pub const SUCCESS: &str = "send success";

/// Who asked for a job, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// OpenIDs.
    List,
    /// A tag.
    Tag,
    /// Everybody, by interface.
    All,
    /// Everybody, by the operator on the website.
    Website,
}

impl Kind {
    /// As the control interface spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Tag => "tag",
            Self::All => "all",
            Self::Website => "website",
        }
    }
}

/// To whom a job goes.
#[derive(Debug, Clone)]
pub enum Audience {
    /// Everybody who follows when it is carried out.
    All,
    /// Everybody who carries the tag then.
    Tag(i64),
    /// These.
    List {
        /// Those of them whom the account knows.
        people: RoaringBitmap,
        /// OpenIDs given, doubled and foreign ones among them.
        given: u64,
    },
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// When it was carried out.
    pub ran_at: Timestamp,
    /// `send success`, `send fail` or `err(…)`.
    pub status: String,
    /// Members of the tag, followers, or OpenIDs given.
    pub total: u64,
    /// People **left** after filtering.
    pub filtered: u64,
    /// Delivered.
    pub sent: u64,
    /// Failed.
    pub errors: u64,
    /// Its slots are those of the month in which it was accepted.
    pub counts_at_call: bool,
}

impl Outcome {
    /// Of a job that reached nobody.
    #[must_use]
    pub fn failed(status: String, ran_at: Timestamp) -> Self {
        let (total, filtered, sent, errors) = (0, 0, 0, 0);
        Self { ran_at, status, total, filtered, sent, errors, counts_at_call: false }
    }

    /// Whether the job was carried out.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status == SUCCESS
    }
}

/// Those a job was for who did not receive it, by the first thing that stood in the way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Missed {
    /// Did not follow.
    pub not_following: RoaringBitmap,
    /// Were on the blacklist.
    pub blacklisted: RoaringBitmap,
    /// Had switched the account's messages off.
    pub refusing: RoaringBitmap,
    /// Had received all that a month allows.
    pub full: RoaringBitmap,
    /// Would have been reached, but the delivery failed.
    pub failed: RoaringBitmap,
    /// Were all filtered away because the account's budget was used up.
    pub over_budget: RoaringBitmap,
}

/// Why somebody did not receive a job that was for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// They did not follow.
    NotFollowing,
    /// They were on the blacklist.
    Blacklisted,
    /// They had switched the account's messages off.
    Refusing,
    /// They had received all that a month allows.
    Full,
    /// The delivery failed.
    Failed,
    /// The account's budget was used up.
    OverBudget,
}

impl Missed {
    /// The reasons, each with the people it held for.
    #[must_use]
    pub fn by_reason(&self) -> [(Reason, &RoaringBitmap); 6] {
        [
            (Reason::NotFollowing, &self.not_following),
            (Reason::Blacklisted, &self.blacklisted),
            (Reason::Refusing, &self.refusing),
            (Reason::Full, &self.full),
            (Reason::Failed, &self.failed),
            (Reason::OverBudget, &self.over_budget),
        ]
    }

    /// Why this person did not receive it; `None` when it was not for them or reached them.
    #[must_use]
    pub fn reason(&self, person: u32) -> Option<Reason> {
        self.by_reason()
            .into_iter()
            .find_map(|(reason, people)| people.contains(person).then_some(reason))
    }
}

/// A mass job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its number.
    pub msg_id: i64,
    /// Its number in the statistics; only for articles.
    pub msg_data_id: Option<i64>,
    /// The sender's own key, when one was given.
    pub clientmsgid: Option<String>,
    /// Who asked.
    pub kind: Kind,
    /// What is sent.
    pub content: Content,
    /// Articles of the draft.
    pub articles: usize,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it will be carried out.
    pub run_at: Timestamp,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Who received it.
    pub received: RoaringBitmap,
    /// Whose slots it spent: those who received it, unless the account's assumptions say otherwise.
    pub spent: RoaringBitmap,
    /// Who did not receive it, and why.
    pub missed: Missed,
    /// All its articles were deleted.
    pub is_deleted: bool,
    /// Taken beyond the account's budget: everybody is filtered away.
    pub reaches_nobody: bool,
    /// What the administrator has said to it; `None`: nobody is asked.
    pub confirmation: Option<Confirmation>,
    /// The key it will be remembered by once it is confirmed.
    pub key: Option<String>,
    /// Sent although it reprints, where that is permitted (`send_ignore_reprint`).
    pub ignores_reprint: bool,
    /// Which of its articles reprint what.
    pub verdicts: Vec<Verdict>,
    /// The kind of campaign it is, when somebody said so.
    pub told_kind: Option<String>,
    audience: Audience,
    draft: Option<Draft>,
    deleted_articles: Vec<i64>,
}

impl Job {
    /// An accepted job, with the account's next number.
    #[must_use]
    pub fn new(
        kind: Kind,
        audience: Audience,
        content: Content,
        draft: Option<Draft>,
        clientmsgid: Option<String>,
        now: Timestamp,
        account: &mut Account,
    ) -> Self {
        let size = match &audience {
            Audience::All => account.people.following().len(),
            Audience::Tag(tag) => account.tags.members(*tag).map_or(0, RoaringBitmap::len),
            Audience::List { people, .. } => people.len(),
        };
        // The level rules the interface's jobs; the website sends as fast as it can (assumed).
        let speed = if kind == Kind::Website { Speed::default() } else { speed::of(account) };
        let articles = draft.as_ref().map_or(0, |draft| draft.articles.len());
        let assumptions = account.assumptions;
        let is_text = matches!(content, Content::Text(_)) && kind != Kind::Website;
        let has_data = articles > 0 || is_text && assumptions.texts_have_data_id;
        let (msg_id, msg_data_id) = account.jobs.number(kind, has_data);
        let audience = match assumptions.audience_is_read_at {
            Moment::Run => audience,
            Moment::Call => read(account, audience),
        };
        Self {
            msg_id,
            msg_data_id,
            clientmsgid,
            kind,
            content,
            articles,
            accepted_at: now,
            run_at: now + assumptions.mass_seconds + speed.seconds(size),
            outcome: None,
            received: RoaringBitmap::new(),
            spent: RoaringBitmap::new(),
            missed: Missed::default(),
            is_deleted: false,
            reaches_nobody: false,
            confirmation: None,
            key: None,
            ignores_reprint: false,
            verdicts: Vec::new(),
            told_kind: None,
            audience,
            draft,
            deleted_articles: Vec::new(),
        }
    }

    /// The id of the former articles it carries, if it carries such.
    #[must_use]
    pub fn former_articles(&self) -> Option<&str> {
        self.draft.as_ref().filter(|draft| draft.is_former).map(|draft| draft.media_id.as_str())
    }

    /// Takes the draft away, which goes back to its box.
    pub fn take_draft(&mut self) -> Option<Draft> {
        self.draft.take()
    }

    /// Reprints show the original's text where that is asked for (`platform/03 §6`).
    pub fn replace_reprints(&mut self) {
        let articles = self.draft.as_mut().map_or(&mut [][..], |draft| &mut draft.articles);
        for verdict in self.verdicts.iter().filter(|verdict| verdict.replaces_content) {
            if let Some(kept) = articles.get_mut(verdict.article - 1) {
                kept.article.content.clone_from(&verdict.content);
            }
        }
    }

    /// The month its slots are spent in, once it was carried out.
    #[must_use]
    pub fn counts_in(&self) -> Option<Month> {
        let outcome = self.outcome.as_ref()?;
        Some(if outcome.counts_at_call { self.accepted_at } else { outcome.ran_at }.month())
    }

    /// Addresses of its articles.
    #[must_use]
    pub fn article_urls(&self) -> Vec<String> {
        // Former articles keep theirs however often they are sent (`platform/03 §1`).
        let seed = match self.former_articles() {
            Some(media_id) => {
                media_id.bytes().fold(0, |sum: u64, byte| draw(sum, topic::IDS, u64::from(byte)))
            }
            None => self.msg_id.unsigned_abs(),
        };
        let url = |place: usize| {
            let drawn = draw(seed, topic::IDS, place as u64);
            format!("http://mp.weixin.qq.com/s/{}", letters(drawn, 22))
        };
        (0..self.articles).map(url).collect()
    }

    /// The articles it carries, as the platform keeps them.
    #[must_use]
    pub fn kept_articles(&self) -> &[Kept] {
        self.draft.as_ref().map_or(&[], |draft| draft.articles.as_slice())
    }

    /// Whether this article, counted from 1, was deleted after it was sent.
    #[must_use]
    pub fn is_article_deleted(&self, article: i64) -> bool {
        self.is_deleted || self.deleted_articles.contains(&article)
    }

    /// Whom it was for.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Titles of its articles.
    #[must_use]
    pub fn titles(&self) -> Vec<&str> {
        self.kept_articles().iter().map(|kept| kept.article.title.as_str()).collect()
    }

    /// Deletes one article, counted from 1, or all of them (0).
    fn delete_article(&mut self, article: i64) {
        if article > 0 && !self.deleted_articles.contains(&article) {
            self.deleted_articles.push(article);
        }
        let all = self.deleted_articles.len() >= self.articles.max(1);
        self.is_deleted = article == 0 || all;
    }
}

/// Deletes one article of a job, counted from 1, or all of them (0). Slots come back with the last
/// of them when the account's assumptions say so.
pub fn delete_article(account: &mut Account, msg_id: i64, article: i64, now: Timestamp) {
    let Some(job) = account.jobs.get(msg_id) else { return };
    // Deleting former articles deletes them wherever they were sent (`platform/03 §1`).
    let same: Vec<i64> = match job.former_articles() {
        Some(media_id) => account
            .jobs
            .newest_first()
            .filter(|other| other.former_articles() == Some(media_id))
            .map(|other| other.msg_id)
            .collect(),
        None => vec![msg_id],
    };
    for msg_id in same {
        delete_in(account, msg_id, article, now);
    }
}

fn delete_in(account: &mut Account, msg_id: i64, article: i64, now: Timestamp) {
    let returns = account.assumptions.deleting_returns_slots;
    let Some(job) = account.jobs.get_mut(msg_id) else { return };
    job.delete_article(article);
    if job.is_deleted && returns {
        let spent = std::mem::take(&mut job.spent);
        if job.counts_in() == Some(now.month()) {
            account.people.renew(now);
            account.people.take_back(&spent);
        }
    }
}

/// The jobs of one account, and the keys they are remembered by.
#[derive(Debug, Clone)]
pub struct Jobs {
    all: Vec<Job>,
    places: HashMap<i64, usize>,
    keys: HashMap<String, (i64, Timestamp)>,
    next_to_all: i64,
    next_other: i64,
    next_data: i64,
    next_preview: i64,
    /// The job that waits for the administrator.
    pub awaiting: Option<i64>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            places: HashMap::new(),
            keys: HashMap::new(),
            next_to_all: FIRST_TO_ALL,
            next_other: FIRST_OTHER,
            next_data: FIRST_DATA,
            next_preview: FIRST_PREVIEW,
            awaiting: None,
        }
    }
}

fn taken(next: &mut i64) -> i64 {
    *next += 1;
    *next - 1
}

impl Jobs {
    fn number(&mut self, kind: Kind, has_articles: bool) -> (i64, Option<i64>) {
        let msg_id = match kind {
            Kind::All | Kind::Website => taken(&mut self.next_to_all),
            Kind::List | Kind::Tag => taken(&mut self.next_other),
        };
        (msg_id, has_articles.then(|| self.number_data()))
    }

    /// The next number in the statistics; publications take theirs from the same row.
    pub fn number_data(&mut self) -> i64 {
        taken(&mut self.next_data)
    }

    /// The number of a preview.
    pub fn number_preview(&mut self) -> i64 {
        taken(&mut self.next_preview)
    }

    /// Adds an accepted job.
    pub fn add(&mut self, job: Job) {
        self.places.insert(job.msg_id, self.all.len());
        self.all.push(job);
    }

    /// Remembers the key of an accepted job.
    pub fn remember(&mut self, key: String, msg_id: i64, now: Timestamp) {
        self.keys.insert(key, (msg_id, now));
    }

    /// The job accepted with this key within `seconds` before `now`.
    #[must_use]
    pub fn remembered(&self, key: &str, now: Timestamp, seconds: i64) -> Option<(i64, Timestamp)> {
        self.keys.get(key).copied().filter(|(_, at)| now - *at < seconds)
    }

    /// The job of this number.
    #[must_use]
    pub fn get(&self, msg_id: i64) -> Option<&Job> {
        self.all.get(*self.places.get(&msg_id)?)
    }

    /// The job of this number.
    pub fn get_mut(&mut self, msg_id: i64) -> Option<&mut Job> {
        self.all.get_mut(*self.places.get(&msg_id)?)
    }

    /// All jobs, the last accepted first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Job> {
        self.all.iter().rev()
    }

    /// Bytes of the sets of those who received each job, spent a slot by it, or missed it.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let sets = |job: &Job| {
            let missed = &job.missed;
            let all = [
                &job.received,
                &job.spent,
                &missed.not_following,
                &missed.blacklisted,
                &missed.refusing,
                &missed.full,
                &missed.failed,
                &missed.over_budget,
            ];
            all.into_iter().map(set_bytes).sum::<u64>()
        };
        self.all.iter().map(sets).sum()
    }

    /// How many slots of this month each person has spent, as sets.
    #[must_use]
    pub fn month_counts(&self, month: Month) -> MonthCounts {
        let mut counts = MonthCounts::default();
        for job in self.all.iter().filter(|job| job.counts_in() == Some(month)) {
            counts.add(&job.spent);
        }
        counts
    }

    /// How many slots of this month each person has spent, over all who ever followed: how often
    /// they received a mass message, unless the account's assumptions say otherwise.
    #[must_use]
    pub fn truth(&self, month: wire::Month, people: u32) -> Vec<u8> {
        let mut counts = vec![0_u8; people as usize];
        for job in &self.all {
            if job.counts_in() == Some(month) {
                for person in &job.spent {
                    if let Some(count) = counts.get_mut(person as usize) {
                        *count = count.saturating_add(1);
                    }
                }
            }
        }
        counts
    }
}

/// The operator presses 群发 on the website: to everybody, at once.
///
/// # Errors
/// When a budget of the account is used up, or the limits are not known.
pub fn send_from_website(
    world: &mut World,
    position: usize,
    content: String,
) -> Result<i64, WebsiteRefused> {
    let now = world.now();
    let account = world.accounts().get(position).ok_or(WebsiteRefused::NoAccount)?;
    let limits = world.limits(account).map_err(|_| WebsiteRefused::NoLimits)?;
    if let Some(budget) = super::budget::used_up(account, Kind::Website, &limits, now) {
        return Err(WebsiteRefused::Budget(budget));
    }
    let (account, queue, _) = world.parts(position).ok_or(WebsiteRefused::NoAccount)?;
    let text = Content::Text(content);
    let job = Job::new(Kind::Website, Audience::All, text, None, None, now, account);
    let msg_id = job.msg_id;
    queue.add(job.run_at, Due::Job { account: position, msg_id });
    account.jobs.add(job);
    Ok(msg_id)
}

/// The website did not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebsiteRefused {
    /// A budget is used up.
    #[error(transparent)]
    Budget(super::budget::UsedUp),
    /// Nobody of that name.
    #[error("there is no such account; see GET /sandbox/accounts")]
    NoAccount,
    /// The clock stands before the first known limit.
    #[error("no limits are known for this day; move the clock to a later day")]
    NoLimits,
}

/// The audience as it is now.
fn read(account: &Account, audience: Audience) -> Audience {
    let (people, given) = match audience {
        Audience::All => {
            let following = account.people.following();
            (following.clone(), following.len())
        }
        Audience::Tag(tag) => {
            let members = account.tags.members(tag).cloned().unwrap_or_default();
            let given = members.len();
            (members, given)
        }
        list @ Audience::List { .. } => return list,
    };
    Audience::List { people, given }
}
