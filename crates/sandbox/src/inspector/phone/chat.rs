//! The messages of one chat, oldest first: what the account sent and what the person wrote, as they
//! look on the phone. Put together from the jobs, the notices and the person's own words.

use std::collections::HashMap;

use serde_json::Value;
use wire::{Month, Timestamp};

use crate::account::Account;
use crate::api::draft::Kept;
use crate::api::mass::job::{Job, Kind};
use crate::api::mass::message::Content;
use crate::html;
use crate::inbox::{Channel, Notice, Place};
use crate::inspector::words::Words;
use crate::inspector::written;

/// Messages of a chat that are shown, the newest.
const SHOWN: usize = 60;
/// Seconds between two messages from which on the phone shows the time again.
const PAUSE: i64 = 300;

/// A message as the phone shows it.
pub struct Message {
    at: Timestamp,
    /// When, for people.
    pub time: String,
    /// Whether the time stands above it: not when it came soon after the one before.
    pub timed: bool,
    /// The same, short: today's hour, else the day.
    pub clock: String,
    /// Whether the person wrote it.
    pub own: bool,
    /// What stands beside it for whoever inspects: which of the month's messages, by which product.
    pub remark: String,
    /// Whether it spent one of the month's messages.
    pub counted: bool,
    /// What it looks like.
    pub look: Look,
}

/// What a message looks like.
pub enum Look {
    /// Words in a bubble.
    Text(String),
    /// Pictures, by address; `None` for one that is gone.
    Pictures(Vec<Option<String>>),
    /// A recording.
    Voice,
    /// A film, with its title.
    Film(String),
    /// Articles: the first one large.
    Articles(Vec<Card>),
    /// A notice with rows.
    Notice {
        /// Above the rows.
        title: String,
        /// Name and value; a row without a name is a sentence.
        rows: Vec<(String, String)>,
        /// Whether tapping opens something.
        opens: bool,
    },
    /// A menu that can be answered by a tap.
    Menu {
        /// Above the entries.
        head: String,
        /// Id and words.
        entries: Vec<(String, String)>,
        /// Below the entries.
        tail: String,
    },
}

/// An article in a message.
pub struct Card {
    /// Its title.
    pub title: String,
    /// Its digest; shown when it stands alone.
    pub digest: String,
    /// Address of the cover; empty without one.
    pub cover: String,
    /// Address of the page that shows it; empty for one of elsewhere.
    pub link: String,
    /// Whether the account deleted it afterwards.
    pub deleted: bool,
}

impl Message {
    /// One line for the list of chats.
    #[must_use]
    pub fn summary(&self, w: &Words) -> String {
        match &self.look {
            Look::Text(text) => text.clone(),
            Look::Pictures(_) => format!("[{}]", w.kind_picture),
            Look::Voice => format!("[{}]", w.kind_voice),
            Look::Film(_) => format!("[{}]", w.kind_film),
            Look::Articles(cards) => {
                cards.first().map_or_else(String::new, |card| card.title.clone())
            }
            Look::Notice { title, .. } => title.clone(),
            Look::Menu { head, .. } => head.clone(),
        }
    }
}

/// The messages this person finds in this place.
#[must_use]
pub fn messages(
    account: &Account,
    person: u32,
    place: Place,
    cap: u8,
    now: Timestamp,
    w: &Words,
) -> Vec<Message> {
    let mut all = Vec::new();
    if place == Place::Chat {
        all.extend(mass(account, person, cap, now, w));
        let own = account.said.of(person);
        all.extend(own.map(|(at, words)| Message {
            own: true,
            ..message(*at, now, String::new(), Look::Text(words.clone()))
        }));
    }
    let notices = account.inbox.of(person).filter(|notice| notice.place == place);
    all.extend(notices.map(|notice| {
        let remark = match notice.channel {
            Channel::CustomerService => w.by_customer_service,
            Channel::Template => w.by_template,
            Channel::Subscription => w.by_subscription,
            Channel::OneTime => w.by_one_time,
            Channel::Passive => w.by_reply,
            Channel::AutoReply => w.by_auto_reply,
        };
        message(notice.at, now, remark.to_owned(), look(account, notice, now))
    }));
    // Stable: what came in the same second stays in its order.
    all.sort_by_key(|message| message.at);
    let mut all = all.split_off(all.len().saturating_sub(SHOWN));
    let mut before: Option<Timestamp> = None;
    for message in &mut all {
        message.timed = before.is_none_or(|before| message.at - before >= PAUSE);
        before = Some(message.at);
    }
    all
}

fn message(at: Timestamp, now: Timestamp, remark: String, look: Look) -> Message {
    let time = written(at);
    let range = if at.day() == now.day() { 11..16 } else { 5..10 };
    let clock = time.get(range).unwrap_or_default().to_owned();
    let time = time.get(..16).unwrap_or_default().to_owned();
    Message { at, time, timed: true, clock, own: false, remark, counted: false, look }
}

fn mass(account: &Account, person: u32, cap: u8, now: Timestamp, w: &Words) -> Vec<Message> {
    let came = |job: &&Job| job.received.contains(person);
    let mut jobs: Vec<_> = account
        .jobs
        .newest_first()
        .filter(came)
        .filter_map(|job| Some((job.outcome.as_ref()?.ran_at, job)))
        .collect();
    jobs.sort_by_key(|(at, _)| *at);
    let mut of_month: HashMap<Month, u32> = HashMap::new();
    let shown = |(at, job): (Timestamp, &Job)| {
        let nth = of_month.entry(at.month()).or_default();
        *nth += 1;
        let by = if job.kind == Kind::Website { w.by_website } else { w.by_interface };
        let which = w.nth_of_month.replace("{n}", &nth.to_string());
        let remark = format!("{} · {by}", which.replace("{cap}", &cap.to_string()));
        let look = content(account, job, now);
        Message { counted: true, ..message(at, now, remark, look) }
    };
    jobs.into_iter().map(shown).collect()
}

/// Address of a picture of the account; `None` when it is gone or none was named.
fn picture(account: &Account, media_id: &str, now: Timestamp) -> Option<String> {
    let root = crate::inspector::ROOT;
    let appid = &account.appid;
    account.has_picture(media_id, now).then(|| format!("{root}/accounts/{appid}/media/{media_id}"))
}

fn card(account: &Account, kept: &Kept, now: Timestamp, link: String) -> Card {
    let article = &kept.article;
    let first = kept.image_info.as_ref().and_then(|info| info.image_list.first());
    let cover = first.map_or(article.thumb_media_id.as_str(), |first| &first.image_media_id);
    Card {
        title: article.title.clone(),
        digest: article.digest.clone(),
        cover: picture(account, cover, now).unwrap_or_default(),
        link,
        deleted: false,
    }
}

/// Articles that went out under this number.
fn articles<'a>(
    account: &Account,
    number: i64,
    kept: impl Iterator<Item = &'a Kept>,
    now: Timestamp,
) -> Vec<Card> {
    let root = crate::inspector::ROOT;
    let link =
        |place: usize| format!("{root}/accounts/{}/articles/{number}/{place}", account.appid);
    kept.enumerate().map(|(place, kept)| card(account, kept, now, link(place))).collect()
}

fn content(account: &Account, job: &Job, now: Timestamp) -> Look {
    match &job.content {
        Content::Text(text) => Look::Text(text_of(text)),
        Content::News(_) => {
            let number = job.msg_data_id.unwrap_or(0);
            let mut cards = articles(account, number, job.kept_articles().iter(), now);
            for (place, card) in (1_i64..).zip(&mut cards) {
                card.deleted = job.is_article_deleted(place);
            }
            Look::Articles(cards)
        }
        Content::Voice(_) => Look::Voice,
        Content::Pictures(ids) => {
            Look::Pictures(ids.iter().map(|id| picture(account, id, now)).collect())
        }
        Content::Film(_) => Look::Film(String::new()),
    }
}

/// A text as it is read: its links show their words.
fn text_of(text: &str) -> String {
    if text.contains('<') {
        text.lines().map(html::text).collect::<Vec<_>>().join("\n")
    } else {
        text.to_owned()
    }
}

fn field(body: &Value, name: &str) -> String {
    body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn entries<'a>(body: &'a Value, name: &str) -> &'a [Value] {
    body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn look(account: &Account, notice: &Notice, now: Timestamp) -> Look {
    let body = &*notice.body.value();
    match &*notice.kind {
        "text" => Look::Text(text_of(&notice.text)),
        "image" => Look::Pictures(vec![picture(account, &field(body, "media_id"), now)]),
        "voice" => Look::Voice,
        "video" | "music" => Look::Film(field(body, "title")),
        "msgmenu" => Look::Menu {
            head: field(body, "head_content"),
            entries: entries(body, "list")
                .iter()
                .map(|entry| (field(entry, "id"), field(entry, "content")))
                .collect(),
            tail: field(body, "tail_content"),
        },
        "news" => Look::Articles(
            entries(body, "articles")
                .iter()
                .map(|article| Card {
                    title: field(article, "title"),
                    digest: field(article, "description"),
                    cover: String::new(),
                    link: String::new(),
                    deleted: false,
                })
                .collect(),
        ),
        "mpnews" => {
            let media_id = field(body, "media_id");
            let root = crate::inspector::ROOT;
            let appid = &account.appid;
            let kept = account.articles(&media_id).map(|draft| draft.articles.as_slice());
            let link = |place| format!("{root}/accounts/{appid}/drafts/{media_id}/{place}");
            let cards = kept.unwrap_or_default().iter().enumerate();
            let cards: Vec<_> =
                cards.map(|(place, kept)| card(account, kept, now, link(place))).collect();
            if cards.is_empty() { plain(notice) } else { Look::Articles(cards) }
        }
        "mpnewsarticle" => {
            let found = account.publications.of_article(&field(body, "article_id"));
            let cards = found.map(|found| published(account, found, now)).unwrap_or_default();
            if cards.is_empty() { plain(notice) } else { Look::Articles(cards) }
        }
        "miniprogrampage" => {
            Look::Notice { title: field(body, "title"), rows: Vec::new(), opens: true }
        }
        _ => filled(notice),
    }
}

fn published(
    account: &Account,
    found: &crate::api::publish::publication::Publication,
    now: Timestamp,
) -> Vec<Card> {
    use crate::api::publish::publication::State;
    let State::Published { articles: held, .. } = &found.state else { return Vec::new() };
    let kept = held.iter().map(|article| &article.kept);
    let mut cards = articles(account, found.msg_data_id, kept, now);
    for (card, article) in cards.iter_mut().zip(held) {
        card.deleted = article.is_deleted;
    }
    cards
}

/// What cannot be drawn any more, in its words.
fn plain(notice: &Notice) -> Look {
    Look::Text(notice.text.clone())
}

/// A filled template: its title, then a row for each line.
fn filled(notice: &Notice) -> Look {
    let mut lines = notice.text.lines();
    let title = lines.next().unwrap_or_default().to_owned();
    let row = |line: &str| match line.split_once(':') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (String::new(), line.to_owned()),
    };
    let body = notice.body.value();
    let opens = ["url", "miniprogram", "page"]
        .iter()
        .any(|name| body.get(name).is_some_and(|value| !value.is_null()));
    Look::Notice { title, rows: lines.map(row).collect(), opens }
}
