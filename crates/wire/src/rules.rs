//! The platform's limits as dated data (`rules/limits.toml`): a rule that may change is a line
//! there, not an `if` here. `Limits::on(day, kind)` says what held on a day.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::{Day, Endpoint};

/// What an account is (`platform/01 §1`); fixed when it is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// 服务号: four messages a follower and month.
    Service,
    /// 订阅号: one a day, folded.
    Subscription,
}

/// The file of limits cannot be used; only a build with a broken file says so.
#[derive(Debug, Clone, thiserror::Error)]
#[error("failed to read the dated limits: {0}")]
pub struct Error(String);

/// One line of the file: a limit's value from a day on.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// The limit, one of [`Limits::NAMES`].
    pub name: String,
    /// The kind of account it holds for; `None`: both.
    pub account: Option<AccountKind>,
    /// The first day it held.
    pub since: Day,
    /// The number.
    pub value: i64,
    /// Where the number comes from.
    pub source: String,
    /// Whether no page of the platform states it.
    #[serde(default)]
    pub assumed: bool,
    /// Whether it holds for interface test accounts (接口测试号) alone.
    #[serde(default)]
    pub test_account: bool,
}

#[derive(Deserialize)]
struct File {
    limit: Vec<Line>,
}

/// Every line of the file, in its order.
///
/// # Errors
/// When the file is broken.
pub fn lines() -> Result<&'static [Line], Error> {
    static LINES: OnceLock<Result<Vec<Line>, String>> = OnceLock::new();
    LINES
        .get_or_init(|| {
            toml::from_str::<File>(include_str!("../rules/limits.toml"))
                .map(|file| file.limit)
                .map_err(|error| error.to_string())
        })
        .as_deref()
        .map_err(|text| Error(text.clone()))
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])* $name:ident: $unit:ident,)*) => {
        /// The limits in force for one kind of account on one day. `None` where the platform had
        /// no such rule yet.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Limits {
            $($(#[doc = $doc])* pub $name: limits!(@type $unit),)*
        }

        impl Limits {
            /// Read from the lines that held on `day`, those of test accounts among them or not.
            fn read(
                lines: &[Line],
                day: Day,
                kind: AccountKind,
                is_test: bool,
            ) -> Result<Self, Error> {
                let find = |name: &str| {
                    lines
                        .iter()
                        .filter(|line| line.name == name && line.since <= day)
                        .filter(|line| line.account.is_none_or(|account| account == kind))
                        .filter(|line| is_test || !line.test_account)
                        .max_by_key(|line| (line.test_account, line.since))
                        .map(|line| line.value)
                };
                Ok(Self { $($name: limits!(@read $unit, find, stringify!($name)),)* })
            }

            /// Names of all limits, as the file spells them.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// What each of them means, in the same order.
            pub const MEANINGS: &'static [&'static str] = &[$(concat!($($doc),*),)*];
        }
    };
    (@type always) => { i64 };
    (@type maybe) => { Option<i64> };
    (@read always, $find:ident, $name:expr) => {
        $find($name).ok_or_else(|| Error(format!("no line for {} on this day", $name)))?
    };
    (@read maybe, $find:ident, $name:expr) => { $find($name) };
}

/// The limits of each kind of account from a day on, until the next entry's day.
struct Period {
    since: Day,
    service: Result<Limits, Error>,
    subscription: Result<Limits, Error>,
    test_account: Result<Limits, Error>,
}

/// Every day on which a limit changed, oldest first. Asked for by each call of the platform, so
/// it is read once.
fn periods() -> Result<&'static [Period], Error> {
    static PERIODS: OnceLock<Result<Vec<Period>, Error>> = OnceLock::new();
    let read = || {
        let lines = lines()?;
        let mut days: Vec<Day> = lines.iter().map(|line| line.since).collect();
        days.sort_unstable();
        days.dedup();
        let period = |since| Period {
            since,
            service: Limits::read(lines, since, AccountKind::Service, false),
            subscription: Limits::read(lines, since, AccountKind::Subscription, false),
            test_account: Limits::read(lines, since, AccountKind::Service, true),
        };
        Ok(days.into_iter().map(period).collect())
    };
    PERIODS.get_or_init(read).as_deref().map_err(Clone::clone)
}

/// The period `day` lies in.
fn period(day: Day) -> Result<&'static Period, Error> {
    let periods = periods()?;
    let after = periods.partition_point(|period| period.since <= day);
    let period = after.checked_sub(1).and_then(|place| periods.get(place));
    period.ok_or_else(|| Error("no line holds on this day".to_owned()))
}

impl Limits {
    /// The limits on `day` for an account of `kind`.
    ///
    /// # Errors
    /// When the file of limits is broken or says nothing about a limit that must be there.
    pub fn on(day: Day, kind: AccountKind) -> Result<Self, Error> {
        let period = period(day)?;
        match kind {
            AccountKind::Service => period.service.clone(),
            AccountKind::Subscription => period.subscription.clone(),
        }
    }

    /// The limits on `day` for an interface test account (接口测试号): those of a service account,
    /// but for the lines of its own (`platform/01 §5`).
    ///
    /// # Errors
    /// As [`Limits::on`].
    pub fn of_test_account(day: Day) -> Result<Self, Error> {
        period(day)?.test_account.clone()
    }
}

limits! {
    /// Mass messages a follower may receive in a calendar month, interface and website together.
    mass_per_follower_and_month: always,
    /// Sends an operator may make on the website in a month.
    website_sends_per_month: always,
    /// Sends to everybody and website sends together, a month; over it 45028.
    to_all_per_month: maybe,
    /// Sends to everybody and website sends together, a day; over it 45028.
    to_all_per_day: maybe,
    /// `mass/send` and `mass/sendall` together, a day; over it 45009. `None`: no interface yet.
    mass_calls_per_day: maybe,
    /// `mass/send` and `mass/sendall` together, a minute; over it 45011.
    mass_calls_per_minute: maybe,
    /// Fewest OpenIDs of a list send.
    list_least: maybe,
    /// Most OpenIDs of a list send.
    list_most: maybe,
    /// Seconds the administrator has to confirm a send to everybody (API群发保护).
    confirmation_seconds: always,
    /// Longest `clientmsgid`, bytes; over it 45067. `None`: no such key yet.
    clientmsgid_bytes: maybe,
    /// Hours a `clientmsgid` is remembered.
    clientmsgid_hours: maybe,
    /// Previews a day.
    preview_calls_per_day: maybe,
    /// Deletions of sent articles a day.
    delete_calls_per_day: maybe,
    /// Longest text message, bytes.
    text_bytes: maybe,
    /// OpenIDs of one `user/get` page.
    follower_page: always,
    /// OpenIDs of one `user/info/batchget`.
    details_batch: always,
    /// Tags of an account.
    tags: always,
    /// Tags of a follower.
    tags_per_follower: always,
    /// OpenIDs of one tagging call.
    tagging_batch: always,
    /// Longest tag name, bytes.
    tag_name_bytes: always,
    /// Most followers of a tag that can be deleted.
    tag_followers_to_delete: always,
    /// `user/get` a day.
    user_get_calls_per_day: always,
    /// `user/info` and its batch form a day.
    user_info_calls_per_day: always,
    /// `token` a day.
    token_calls_per_day: always,
    /// `stable_token` a day.
    stable_token_calls_per_day: always,
    /// `stable_token` a minute; over it 45011.
    stable_token_calls_per_minute: always,
    /// Life of a token, seconds.
    token_seconds: always,
    /// How long the former token works beside its successor, seconds.
    token_overlap_seconds: always,
    /// Forced stable tokens a day.
    forced_tokens_per_day: always,
    /// Shortest time between two forced stable tokens, seconds.
    forced_token_gap_seconds: always,
    /// `clear_quota` a month.
    clear_quota_per_month: always,
    /// `draft/add` a day.
    draft_add_calls_per_day: always,
    /// `draft/get` a day.
    draft_get_calls_per_day: always,
    /// `draft/delete` a day.
    draft_delete_calls_per_day: always,
    /// `draft/batchget` a day.
    draft_list_calls_per_day: always,
    /// `draft/update` a day.
    draft_update_calls_per_day: always,
    /// `draft/count` a day.
    draft_count_calls_per_day: always,
    /// Articles of a draft.
    articles: always,
    /// Characters of an article body.
    article_characters: always,
    /// Characters of a title.
    title_characters: always,
    /// Characters of a digest.
    digest_characters: always,
    /// Characters of an article's author.
    author_characters: always,
    /// Bytes of an article body.
    article_bytes: always,
    /// Bytes of an original link (阅读原文).
    original_link_bytes: always,
    /// Bytes of a picture for an article body.
    body_image_bytes: always,
    /// `media/upload` a day.
    media_upload_calls_per_day: always,
    /// `media/get` a day.
    media_get_calls_per_day: always,
    /// Days a temporary file lives.
    media_days: always,
    /// Bytes of a picture.
    image_bytes: always,
    /// Bytes of a recording.
    voice_bytes: always,
    /// Seconds of a recording.
    voice_seconds: always,
    /// Bytes of a film.
    video_bytes: always,
    /// Bytes of a thumbnail.
    thumb_bytes: always,
    /// Permanent pictures of an account.
    material_images: always,
    /// Permanent recordings, films and thumbnails of an account, each.
    material_others: always,
    /// `freepublish/submit` a day.
    publish_submit_calls_per_day: always,
    /// `freepublish/get` a day.
    publish_get_calls_per_day: always,
    /// `freepublish/delete` a day.
    publish_delete_calls_per_day: always,
    /// `freepublish/getarticle` a day.
    publish_article_calls_per_day: always,
    /// `freepublish/batchget` a day.
    publish_list_calls_per_day: always,
    /// 1: only verified accounts may publish. `None`: unverified service accounts may, too.
    publish_needs_verification: maybe,
    /// Customer-service messages allowed after a person wrote; over it 45047. `None`: any number.
    replies_per_message: maybe,
    /// Hours they are allowed for.
    reply_hours: always,
    /// Customer-service messages allowed after a menu click, following or scanning; over it 45047.
    /// `None`: any number.
    replies_per_act: maybe,
    /// Seconds they are allowed for.
    reply_seconds_after_act: always,
    /// Customer-service messages a day.
    reply_calls_per_day: always,
    /// Longest text of a customer-service message, bytes.
    reply_text_bytes: always,
    /// Linked articles of one customer-service message.
    reply_articles: always,
    /// Seconds since the last exchange within which "typing" can be shown.
    typing_seconds_after_exchange: always,
    /// Seconds "typing" stays to be seen.
    typing_seconds: always,
    /// Templates of an account; over it 45026.
    templates: always,
    /// Template messages a day.
    template_calls_per_day: maybe,
    /// Changes of the account's trades a month; over it 43100.
    industry_changes_per_month: always,
    /// Historical templates can be added no longer (40247), and `first` and `remark` are not shown.
    category_templates_only: maybe,
    /// Seconds a template message's `client_msg_id` is remembered.
    client_msg_id_seconds: always,
    /// Longest `client_msg_id`, bytes.
    client_msg_id_bytes: always,
    /// Subscription notices a day.
    subscription_calls_per_day: always,
    /// Messages of one-time subscriptions a day.
    one_time_calls_per_day: always,
    /// Seconds within which a callback must be answered.
    callback_seconds: always,
    /// How often a callback is tried in all.
    callback_attempts: always,
    /// Longest note on a follower, bytes; over it 40092.
    remark_bytes: always,
    /// `user/info/updateremark` a day.
    remark_calls_per_day: always,
    /// OpenIDs of one page of the blacklist.
    blacklist_page: always,
    /// OpenIDs of one call that changes the blacklist.
    blacklist_batch: always,
    /// Groups of an account.
    groups: always,
    /// Longest group name, characters.
    group_name_characters: always,
    /// OpenIDs of one call that moves followers to a group.
    group_batch: always,
    /// `groups/create`, `get` and `update` a day, each.
    group_calls_per_day: always,
    /// `groups/members/update` a day.
    group_move_calls_per_day: always,
    /// OpenIDs of one `changeopenid`; over it 63179.
    migration_batch: always,
    /// `qrcode/create` a day.
    qr_calls_per_day: always,
    /// Permanent QR codes of an account; over it 45029.
    qr_permanent: always,
    /// Longest life of a temporary QR code, seconds.
    qr_seconds: always,
    /// Life of a temporary QR code that names none, seconds.
    qr_default_seconds: always,
    /// Longest text under a short key, bytes.
    short_key_bytes: always,
    /// Longest life of a short key, and the one it has when none is named, seconds.
    short_key_seconds: always,
    /// `menu/create` a day.
    menu_create_calls_per_day: always,
    /// `menu/get` a day.
    menu_get_calls_per_day: always,
    /// `menu/delete` a day.
    menu_delete_calls_per_day: always,
    /// `menu/addconditional` and `menu/delconditional` a day, each.
    conditional_menu_calls_per_day: always,
    /// `menu/trymatch` a day.
    menu_match_calls_per_day: always,
    /// Domains that all conditional menus together may link to; over it 65316.
    conditional_menu_domains: always,
    /// `ticket/getticket` a day.
    ticket_calls_per_day: always,
    /// Life of a ticket, seconds.
    ticket_seconds: always,
    /// Life of a code a person signs in with, seconds; over it 42003.
    oauth_code_seconds: always,
    /// Life of a person's token, seconds.
    oauth_token_seconds: always,
    /// Life of the token that renews it, days; over it 42002.
    oauth_refresh_days: always,
    /// Calls about persons' tokens in a minute; over it 45011.
    oauth_calls_per_minute: always,
    /// Longest `state` of a sign-in, bytes.
    oauth_state_bytes: always,
    /// Between two tickets of a third-party platform, seconds.
    component_ticket_seconds: always,
    /// Life of a ticket, seconds; over it 61005.
    component_ticket_life_seconds: always,
    /// Life of a third-party platform's own token, seconds.
    component_token_seconds: always,
    /// Life of an account's token for a third-party platform, seconds.
    authorizer_token_seconds: always,
    /// Accounts of one page of those that authorised; over it 40170.
    authorizer_page: always,
    /// Clearings of quotas by a third-party platform a month; over it 48006.
    component_clearings_per_month: always,
    /// `openapi/quota/clear` a month; over it 45009.
    clear_one_quota_per_month: always,
    /// How long a refused call can be looked up, days.
    rid_days: always,
}

impl Limits {
    /// Calls of this endpoint allowed in a day. `None`: no published limit. The two sending calls
    /// share one counter ([`Endpoint::is_mass_send`]).
    #[must_use]
    pub fn calls_per_day(&self, endpoint: Endpoint) -> Option<i64> {
        match endpoint {
            Endpoint::Token => Some(self.token_calls_per_day),
            Endpoint::StableToken => Some(self.stable_token_calls_per_day),
            Endpoint::UserGet => Some(self.user_get_calls_per_day),
            Endpoint::UserInfo | Endpoint::UserInfoBatch => Some(self.user_info_calls_per_day),
            Endpoint::MassSend | Endpoint::MassSendAll => self.mass_calls_per_day,
            Endpoint::MassPreview => self.preview_calls_per_day,
            Endpoint::MassDelete => self.delete_calls_per_day,
            Endpoint::MediaUpload => Some(self.media_upload_calls_per_day),
            Endpoint::MediaGet => Some(self.media_get_calls_per_day),
            Endpoint::DraftAdd => Some(self.draft_add_calls_per_day),
            Endpoint::DraftGet => Some(self.draft_get_calls_per_day),
            Endpoint::DraftDelete => Some(self.draft_delete_calls_per_day),
            Endpoint::DraftUpdate => Some(self.draft_update_calls_per_day),
            Endpoint::DraftCount => Some(self.draft_count_calls_per_day),
            Endpoint::CustomSend => Some(self.reply_calls_per_day),
            Endpoint::TemplateSend => self.template_calls_per_day,
            Endpoint::SubscriptionSend => Some(self.subscription_calls_per_day),
            Endpoint::OneTimeSend => Some(self.one_time_calls_per_day),
            Endpoint::DraftList => Some(self.draft_list_calls_per_day),
            Endpoint::PublishSubmit => Some(self.publish_submit_calls_per_day),
            Endpoint::PublishGet => Some(self.publish_get_calls_per_day),
            Endpoint::PublishDelete => Some(self.publish_delete_calls_per_day),
            Endpoint::PublishArticle => Some(self.publish_article_calls_per_day),
            Endpoint::PublishList => Some(self.publish_list_calls_per_day),
            Endpoint::UpdateRemark => Some(self.remark_calls_per_day),
            Endpoint::GroupCreate | Endpoint::GroupList | Endpoint::GroupUpdate => {
                Some(self.group_calls_per_day)
            }
            Endpoint::GroupMove => Some(self.group_move_calls_per_day),
            Endpoint::QrCodeCreate => Some(self.qr_calls_per_day),
            Endpoint::MenuCreate => Some(self.menu_create_calls_per_day),
            Endpoint::MenuGet => Some(self.menu_get_calls_per_day),
            Endpoint::MenuDelete => Some(self.menu_delete_calls_per_day),
            Endpoint::MenuAddConditional | Endpoint::MenuDeleteConditional => {
                Some(self.conditional_menu_calls_per_day)
            }
            Endpoint::MenuTryMatch => Some(self.menu_match_calls_per_day),
            Endpoint::TicketGet => Some(self.ticket_calls_per_day),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: &str) -> Limits {
        Limits::on(day.parse().unwrap(), AccountKind::Service).unwrap()
    }

    #[test]
    fn april_2014_changed_the_trade() {
        assert_eq!(on("2014-04-14").mass_per_follower_and_month, 1);
        assert_eq!(on("2014-04-14").mass_calls_per_day, None);
        assert_eq!(on("2014-04-20").mass_per_follower_and_month, 4);
        assert_eq!(on("2014-04-20").mass_calls_per_day, Some(10));
        assert_eq!(on("2014-04-20").clientmsgid_bytes, None);
        assert_eq!(on("2014-05-01").mass_calls_per_day, Some(100));
        assert_eq!(on("2026-03-01").mass_calls_per_minute, Some(60));
    }

    #[test]
    fn test_accounts_have_lower_limits_of_their_own() {
        let day = "2026-03-01".parse().unwrap();
        let test = Limits::of_test_account(day).unwrap();
        assert_eq!((test.user_get_calls_per_day, test.token_calls_per_day), (100, 200));
        assert_eq!(test.mass_calls_per_minute, Some(60));
        assert_eq!((on("2026-03-01").user_get_calls_per_day, test.tags), (500, 100));
    }

    #[test]
    fn every_line_of_the_file_is_a_limit_and_every_limit_has_a_line() {
        let lines = lines().unwrap();
        for line in lines {
            assert!(Limits::NAMES.contains(&line.name.as_str()), "{} is not read", line.name);
        }
        for name in Limits::NAMES {
            assert!(lines.iter().any(|line| line.name == *name), "{name} has no line");
        }
    }
}
