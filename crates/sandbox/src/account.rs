//! One account as the platform holds it: identity, people, tags, drafts, jobs, counters.

use std::collections::{BTreeSet, HashMap, VecDeque};

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use wire::rules::AccountKind;
use wire::{AppId, MediaId, OriginalId, TagId, Timestamp};

use crate::api::agent::Agents;
use crate::api::auto_reply::AutoReplies;
use crate::api::comment::thread::Threads;
use crate::api::counters::Counters;
use crate::api::custom::window::Windows;
use crate::api::draft::{Draft, Drafts};
use crate::api::mass::job::Jobs;
use crate::api::mass::speed::Speed;
use crate::api::material::Library;
use crate::api::media::Temporary;
use crate::api::media::file::Kind;
use crate::api::menu::Menus;
use crate::api::migration::{self, Migration};
use crate::api::oauth::{Opened, Settings as OAuthSettings};
use crate::api::one_time::OneTime;
use crate::api::publish::publication::Publications;
use crate::api::qr_code::{QrCodes, QrScene};
use crate::api::short_key::ShortKeys;
use crate::api::subscription::Subscriptions;
use crate::api::tag::Tags;
use crate::api::template::Templates;
use crate::api::template::block::Blocks;
use crate::api::template::held::ID_CHARACTERS;
use crate::api::ticket::Tickets;
use crate::api::token::AccountTokens;
use crate::assumptions::Assumptions;
use crate::chance::{Chance, draw, letters};
use crate::inbox::Inbox;
use crate::population::behaviour::{Behaviour, NewOrders};
use crate::population::character::Character;
use crate::population::people::Habits;
use crate::population::{Population, shop, topic};
use crate::push::Record;
use crate::said::Said;
use crate::spec::{AccountSpec, CallbackSpec, MOST_TEST_FOLLOWERS, Unusable};
use crate::statistics::{ArticleKey, Statistics};

const CALLBACK_RECORDS: usize = 20_000;

/// An account of the platform.
#[derive(Clone)]
pub struct Account {
    /// Developer id.
    pub appid: AppId,
    /// Secret.
    pub secret: String,
    /// `gh_…`.
    pub original_id: OriginalId,
    /// Name.
    pub name: String,
    /// 微信号, which the accounts of its agents end in.
    pub wechat_id: String,
    /// Service or subscription account.
    pub kind: AccountKind,
    /// 微信认证.
    pub verified: bool,
    /// 接口测试号: nearly all rights, but no send to everybody or a tag (`platform/01 §2`).
    pub is_test: bool,
    /// 微信支付权限: outside links survive in articles.
    pub wechat_pay: bool,
    /// Developer ids of the mini programs linked to it.
    pub mini_programs: Vec<String>,
    /// What third parties are told of it.
    pub profile: Profile,
    /// What the account lets third-party platforms choose.
    pub options: Options,
    /// How web pages sign people in.
    pub oauth: OAuthSettings,
    /// How often the page of signing in was opened.
    pub pages_opened: Opened,
    /// The Open Platform account it is bound to.
    pub open_platform: Option<AppId>,
    /// Whether readers may write under its articles at all (留言).
    pub has_comments: bool,
    /// Addresses that may fetch tokens.
    pub ip_allow_list: Option<Vec<String>>,
    /// Where events go.
    pub callback: Option<CallbackSpec>,
    /// Real milliseconds before a callback is tried again under a manual clock.
    pub retry_pause_ms: u64,
    /// A send to everybody by interface waits for the administrator (API群发保护).
    pub mass_protection: bool,
    /// What the platform's pages leave open.
    pub assumptions: Assumptions,
    /// Share of deliveries that fail.
    pub errors_per_mille: u32,
    /// The followers.
    pub people: Population,
    /// What they do by themselves.
    pub habits: Habits,
    /// What they do by themselves and in answer to messages, where it was described.
    pub behaviour: Option<Behaviour>,
    /// The shop's orders since the start.
    pub orders: NewOrders,
    /// Articles that people were made to read through the control interface.
    pub read_by_hand: BTreeSet<(ArticleKey, u32)>,
    /// The tags.
    pub tags: Tags,
    /// The operator's notes on followers.
    pub remarks: HashMap<u32, String>,
    /// QR codes with scenes, and who followed by them.
    pub qr_codes: QrCodes,
    /// Texts kept under short keys.
    pub short_keys: ShortKeys,
    /// The account that moved here.
    pub migration: Option<Migration>,
    /// The menus.
    pub menus: Menus,
    /// The replies set on the website.
    pub auto_replies: AutoReplies,
    /// Tickets that sign pages.
    pub tickets: Tickets,
    /// The permanent cover picture every account starts with.
    pub cover_media_id: MediaId,
    /// Temporary files.
    pub media: Temporary,
    /// Permanent files.
    pub library: Library,
    /// The draft box.
    pub drafts: Drafts,
    /// Permanent articles of former times.
    pub former_articles: Drafts,
    /// What readers wrote under its articles.
    pub threads: Threads,
    /// What it published without sending.
    pub publications: Publications,
    /// How fast its mass jobs run, when it chose.
    pub speed: Option<Speed>,
    /// The mass jobs.
    pub jobs: Jobs,
    /// To whom customer-service messages may go, and how many.
    pub windows: Windows,
    /// Customer-service agents.
    pub agents: Agents,
    /// Templates the platform has banned.
    pub blocks: Blocks,
    /// The templates of template messages.
    pub templates: Templates,
    /// The templates of subscription notices, and who agreed to them.
    pub subscriptions: Subscriptions,
    /// The template of one-time subscriptions, and who confirmed.
    pub one_time: OneTime,
    /// What each person got beside mass messages.
    pub inbox: Inbox,
    /// What each person wrote.
    pub said: Said,
    /// Today's and this minute's calls.
    pub counters: Counters,
    /// What the platform counts of it.
    pub statistics: Statistics,
    /// Tokens handed out.
    pub tokens: AccountTokens,
    /// Draws of this account's own: ids of drafts, pictures, tokens.
    pub chance: Chance,
    /// Number of the next message a person writes.
    pub next_message: i64,
    /// Whether the next evening is in the queue.
    pub evening_planned: bool,
    callbacks: VecDeque<Record>,
}

/// What third parties are told of an account (`platform/11 §3`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// 1 normal, 14 cancelled, 16 banned, 18 warned, 19 frozen.
    pub status: i64,
    /// WeChat name of the account (微信号).
    pub alias: String,
    /// Legal subject.
    pub principal_name: String,
    /// What the account says of itself.
    pub signature: String,
    /// Address of its picture.
    pub head_img: String,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            status: 1,
            alias: String::new(),
            principal_name: "花朝美妆有限公司".to_owned(),
            signature: String::new(),
            head_img: String::new(),
        }
    }
}

/// Options of an account that third-party platforms may choose (`platform/11 §3`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// 0 never, 1 on entering the chat, 2 every five seconds.
    pub location_report: u8,
    /// Whether recordings come with their words.
    pub voice_recognize: u8,
    /// Whether agents answer.
    pub customer_service: u8,
}

/// How a person came to follow.
pub struct Came {
    /// `ADD_SCENE_…`.
    pub subscribe_scene: &'static str,
    /// Scene of the QR code, if it was one.
    pub qr_scene: Option<QrScene>,
    /// Ticket of the QR code.
    pub ticket: Option<String>,
}

impl Account {
    /// Builds the account and its people.
    ///
    /// # Errors
    /// When the description cannot be used.
    pub fn new(spec: AccountSpec, position: usize, now: Timestamp) -> Result<Self, Unusable> {
        spec.check()?;
        let mut chance = Chance::new(crate::chance::draw(spec.seed, topic::IDS, position as u64));
        let made_up = (chance.hex(16), chance.hex(32), chance.hex(12));
        let appid = match spec.appid {
            Some(appid) => appid,
            None => AppId::parse(&format!("wx{}", made_up.0))?,
        };
        let original_id = match spec.original_id {
            Some(original_id) => original_id,
            None => OriginalId::parse(&format!("gh_{}", made_up.2))?,
        };
        let cover_media_id = MediaId::parse(&chance.text(64))?;
        // Not of the stream, so that it moves no other id.
        let one_time = letters(draw(spec.seed, topic::IDS, u64::MAX), ID_CHARACTERS);
        let mut people = Population::new(
            appid.as_str(),
            spec.seed,
            spec.followers,
            spec.refusing_per_mille,
            now,
        );
        let behaviour = spec.population.map(|description| {
            let character = Character::new(description, spec.seed, spec.followers);
            people.set_refusing(character.refusing());
            Behaviour::new(character)
        });
        let arrivals_per_mille = spec.daily_arrivals_per_mille;
        let habits = Habits {
            arrivals_per_mille,
            leavers_per_mille: spec.daily_leavers_per_mille,
            talkers_per_mille: spec.daily_talkers_per_mille.unwrap_or(arrivals_per_mille),
            from_hour: 20,
            to_hour: 23,
        };
        let wechat_id = spec.wechat_id.unwrap_or_else(|| original_id.to_string());
        Ok(Self {
            appid,
            wechat_id,
            secret: spec.secret.unwrap_or(made_up.1),
            original_id,
            name: spec.name.unwrap_or_else(|| format!("花朝美妆 {}", position + 1)),
            kind: spec.kind,
            verified: spec.verified,
            is_test: spec.test_account,
            wechat_pay: spec.wechat_pay,
            mini_programs: spec.mini_programs,
            profile: Profile::default(),
            options: Options::default(),
            oauth: OAuthSettings::default(),
            pages_opened: Opened::default(),
            open_platform: None,
            has_comments: spec.comments,
            ip_allow_list: spec.ip_allow_list,
            callback: spec.callback,
            retry_pause_ms: spec.retry_pause_ms,
            mass_protection: spec.mass_protection,
            assumptions: spec.assumptions,
            errors_per_mille: spec.errors_per_mille,
            behaviour,
            orders: NewOrders::default(),
            read_by_hand: BTreeSet::new(),
            tags: Tags::of_shop(&people),
            people,
            remarks: HashMap::new(),
            qr_codes: QrCodes::default(),
            short_keys: ShortKeys::default(),
            migration: None,
            menus: Menus::default(),
            auto_replies: AutoReplies::default(),
            tickets: Tickets::default(),
            habits,
            media: Temporary::default(),
            library: Library::with_cover(cover_media_id.clone(), now),
            cover_media_id,
            drafts: Drafts::default(),
            former_articles: Drafts::default(),
            threads: Threads::default(),
            publications: Publications::default(),
            speed: None,
            jobs: Jobs::default(),
            windows: Windows::default(),
            agents: Agents::default(),
            blocks: Blocks::default(),
            templates: Templates::default(),
            subscriptions: Subscriptions::default(),
            one_time: OneTime::new(one_time),
            inbox: Inbox::default(),
            said: Said::default(),
            counters: Counters::new(now),
            statistics: Statistics::new(now.day(), u64::from(spec.followers)),
            tokens: AccountTokens::default(),
            chance,
            next_message: 24_500_000_000_000_001,
            evening_planned: false,
            callbacks: VecDeque::new(),
        })
    }

    /// What the file of this id is, temporary or permanent.
    #[must_use]
    pub fn kind_of_file(&self, media_id: &str, now: Timestamp) -> Option<Kind> {
        let temporary = self.media.get(media_id, now).map(|file| file.kind);
        temporary.or_else(|| self.library.get(media_id).map(|kept| kept.file.kind))
    }

    /// The articles of this id: a draft, or permanent ones of former times.
    #[must_use]
    pub fn articles(&self, media_id: &str) -> Option<&Draft> {
        self.drafts.get(media_id).or_else(|| self.former_articles.get(media_id))
    }

    /// Whether this names something to be shown small beside a message: a picture or a thumbnail.
    #[must_use]
    pub fn has_picture(&self, media_id: &str, now: Timestamp) -> bool {
        matches!(self.kind_of_file(media_id, now), Some(Kind::Image | Kind::Thumb))
    }

    /// Whether the mini program is linked to the account.
    #[must_use]
    pub fn is_linked(&self, mini_program: &str) -> bool {
        self.mini_programs.iter().any(|linked| linked == mini_program)
    }

    /// Whether nobody more can follow: a test account has a hundred followers at most.
    #[must_use]
    pub fn takes_nobody(&self) -> bool {
        self.is_test && self.people.following().len() >= u64::from(MOST_TEST_FOLLOWERS)
    }

    /// A person leaves and loses the tags, the note (assumed) and the right to be written to;
    /// `false` when they had left already.
    pub fn leave(&mut self, person: u32, now: Timestamp) -> bool {
        let left = self.people.leave(person);
        if left {
            let came = self.came(person).subscribe_scene;
            self.statistics.record_leave(now.day(), came);
            self.tags.forget(person);
            self.windows.close(person);
            self.remarks.remove(&person);
            if let Some(migration) = &mut self.migration {
                migration.forget(person);
            }
        }
        left
    }

    /// Those who received a mass message on the day of `now`.
    #[must_use]
    pub fn touched_today(&self, now: Timestamp) -> RoaringBitmap {
        let day = now.day();
        let mut touched = RoaringBitmap::new();
        for job in self.jobs.newest_first() {
            match &job.outcome {
                Some(outcome) if outcome.ran_at.day() == day => touched |= &job.received,
                // Jobs run at most minutes after they are accepted.
                _ if job.accepted_at.day() < day => break,
                _ => {}
            }
        }
        touched
    }

    /// How the person came to follow: by a code made here, or as the seed has it.
    #[must_use]
    pub fn came(&self, person: u32) -> Came {
        if let Some(scanned) = self.qr_codes.followed_by(person) {
            let (scene, ticket) = (scanned.scene.clone(), scanned.ticket.clone());
            return Came {
                subscribe_scene: shop::BY_QR_CODE,
                qr_scene: Some(scene),
                ticket: Some(ticket),
            };
        }
        if self.migration.as_ref().is_some_and(|migration| migration.brought(person)) {
            let subscribe_scene = migration::SUBSCRIBE_SCENE;
            return Came { subscribe_scene, qr_scene: None, ticket: None };
        }
        let shop = self.people.shop();
        let number = Some(shop.qr_scene(person)).filter(|number| *number != 0);
        Came {
            subscribe_scene: shop.scene(person),
            qr_scene: number.map(QrScene::Number),
            ticket: number
                .map(|number| format!("gQ{}", crate::chance::letters(number.unsigned_abs(), 90))),
        }
    }

    /// The person's UnionID, when the account is bound to an Open Platform account. Accounts of the
    /// same seed have the same people, who keep their UnionID over all accounts bound together.
    #[must_use]
    pub fn union_id(&self, person: u32) -> Option<String> {
        let bound = self.open_platform.as_ref()?;
        let platform = bound
            .as_str()
            .bytes()
            .fold(0_u64, |sum, byte| draw(sum, topic::UNION, u64::from(byte)));
        let drawn = draw(self.people.seed() ^ platform, topic::UNION, u64::from(person));
        Some(format!("o{}{}", letters(platform, 5), letters(drawn, 22)))
    }

    /// The follower's tags.
    #[must_use]
    pub fn tags_of(&self, person: u32) -> Vec<TagId> {
        self.tags.of(person)
    }

    /// Bytes that grow with the followers, by what takes them.
    #[must_use]
    pub fn memory(&self) -> Vec<(&'static str, u64)> {
        let mut parts = self.people.memory();
        parts.push(("who carries which tag", self.tags.memory()));
        parts.push(("who received which job", self.jobs.memory()));
        parts
    }

    /// Writes a push attempt into the log.
    pub fn record_push(&mut self, record: Record) {
        if self.callbacks.len() == CALLBACK_RECORDS {
            self.callbacks.pop_front();
        }
        self.callbacks.push_back(record);
    }

    /// The log of push attempts, newest first.
    pub fn pushes(&self) -> impl Iterator<Item = &Record> {
        self.callbacks.iter().rev()
    }
}
