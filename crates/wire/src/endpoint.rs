//! The endpoints this version speaks: path, method, whether repeating is safe.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

/// Whether a call may be repeated when its answer is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Reading, or writing what stays the same when written twice.
    Safe,
    /// Only with the same key of the sender's own.
    WithSameId,
    /// Each call may act again.
    Never,
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $name:ident => $path:literal, $get:literal, $repeat:ident;)*) => {
        /// A call of the platform.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Endpoint {
            $($(#[$doc])* $name,)*
        }

        impl Endpoint {
            /// Every endpoint, in the order of this page.
            pub const ALL: &'static [Endpoint] = &[$(Endpoint::$name,)*];

            /// Path with its leading slash.
            #[must_use]
            pub fn path(self) -> &'static str {
                match self { $(Endpoint::$name => $path,)* }
            }

            /// Whether the platform asks for GET; all others take POST.
            #[must_use]
            pub fn is_get(self) -> bool {
                match self { $(Endpoint::$name => $get,)* }
            }

            /// What a client may do when the answer is in doubt.
            #[must_use]
            pub fn repeat(self) -> Repeat {
                match self { $(Endpoint::$name => Repeat::$repeat,)* }
            }
        }
    };
}

endpoints! {
    /// Classic token (`platform/02 §1`).
    Token => "/cgi-bin/token", true, Safe;
    /// Stable token (`platform/02 §2`).
    StableToken => "/cgi-bin/stable_token", false, Safe;
    /// Page of followers (`platform/07 §2`).
    UserGet => "/cgi-bin/user/get", true, Safe;
    /// One follower's details (`platform/07 §3`).
    UserInfo => "/cgi-bin/user/info", true, Safe;
    /// A hundred followers' details (`platform/07 §4`).
    UserInfoBatch => "/cgi-bin/user/info/batchget", false, Safe;
    /// New tag (`platform/07 §7`).
    TagCreate => "/cgi-bin/tags/create", false, Never;
    /// All tags.
    TagList => "/cgi-bin/tags/get", true, Safe;
    /// Rename a tag.
    TagUpdate => "/cgi-bin/tags/update", false, Safe;
    /// Delete a tag.
    TagDelete => "/cgi-bin/tags/delete", false, Safe;
    /// Give a tag to up to 50 followers.
    TagMembersAdd => "/cgi-bin/tags/members/batchtagging", false, Safe;
    /// Take a tag from up to 50 followers.
    TagMembersRemove => "/cgi-bin/tags/members/batchuntagging", false, Safe;
    /// Page of a tag's followers.
    TagMembers => "/cgi-bin/user/tag/get", false, Safe;
    /// Tags of one follower.
    TagsOf => "/cgi-bin/tags/getidlist", false, Safe;
    /// Picture for an article body (`platform/03 §5.5`).
    UploadImage => "/cgi-bin/media/uploadimg", false, Safe;
    /// Temporary file, three days (`platform/08 §1`); a second call keeps a second file.
    MediaUpload => "/cgi-bin/media/upload", false, Safe;
    /// A temporary file back.
    MediaGet => "/cgi-bin/media/get", true, Safe;
    /// A recording of a web page in full quality.
    MediaGetSpeech => "/cgi-bin/media/get/jssdk", true, Safe;
    /// Film for mass messages (`platform/03 §5.6`).
    VideoUpload => "/cgi-bin/media/uploadvideo", false, Safe;
    /// Permanent file (`platform/08 §2`); each call takes a place in the library.
    MaterialAdd => "/cgi-bin/material/add_material", false, Never;
    /// A permanent file back.
    MaterialGet => "/cgi-bin/material/get_material", false, Safe;
    /// Delete a permanent file.
    MaterialDelete => "/cgi-bin/material/del_material", false, Safe;
    /// How many permanent files there are.
    MaterialCount => "/cgi-bin/material/get_materialcount", true, Safe;
    /// List of permanent files of one kind.
    MaterialList => "/cgi-bin/material/batchget_material", false, Safe;
    /// New draft (`platform/08 §3`); a second call makes a second draft, which harms nobody.
    DraftAdd => "/cgi-bin/draft/add", false, Safe;
    /// One draft.
    DraftGet => "/cgi-bin/draft/get", false, Safe;
    /// List of drafts.
    DraftList => "/cgi-bin/draft/batchget", false, Safe;
    /// Delete a draft.
    DraftDelete => "/cgi-bin/draft/delete", false, Safe;
    /// Replace one article of a draft.
    DraftUpdate => "/cgi-bin/draft/update", false, Safe;
    /// How many drafts there are.
    DraftCount => "/cgi-bin/draft/count", true, Safe;
    /// Whether the draft box is on; it always is.
    DraftSwitch => "/cgi-bin/draft/switch", false, Safe;
    /// Publish a draft without telling anybody (`platform/08 §4`); it consumes the draft.
    PublishSubmit => "/cgi-bin/freepublish/submit", false, Never;
    /// Where a publication stands.
    PublishGet => "/cgi-bin/freepublish/get", false, Safe;
    /// List of publications.
    PublishList => "/cgi-bin/freepublish/batchget", false, Safe;
    /// The articles of a publication.
    PublishArticle => "/cgi-bin/freepublish/getarticle", false, Safe;
    /// Delete published articles.
    PublishDelete => "/cgi-bin/freepublish/delete", false, Safe;
    /// Let readers write under an article (`platform/08 §5`).
    CommentOpen => "/cgi-bin/comment/open", false, Safe;
    /// Let them no more.
    CommentClose => "/cgi-bin/comment/close", false, Safe;
    /// List of an article's comments.
    CommentList => "/cgi-bin/comment/list", false, Safe;
    /// Choose a comment to be shown.
    CommentElect => "/cgi-bin/comment/markelect", false, Safe;
    /// Choose it no more.
    CommentUnelect => "/cgi-bin/comment/unmarkelect", false, Safe;
    /// Delete a comment.
    CommentDelete => "/cgi-bin/comment/delete", false, Safe;
    /// Answer a comment; a second answer is refused.
    CommentReply => "/cgi-bin/comment/reply/add", false, Safe;
    /// Delete the answer.
    CommentReplyDelete => "/cgi-bin/comment/reply/delete", false, Safe;
    /// Mass message to 2–10,000 OpenIDs (`platform/03 §3`).
    MassSend => "/cgi-bin/message/mass/send", false, WithSameId;
    /// Mass message to everybody or a tag (`platform/03 §2`).
    MassSendAll => "/cgi-bin/message/mass/sendall", false, WithSameId;
    /// Mass message shown to one person (`platform/03 §5.1`).
    MassPreview => "/cgi-bin/message/mass/preview", false, Never;
    /// Where a mass job stands (`platform/03 §5.3`).
    MassGet => "/cgi-bin/message/mass/get", false, Safe;
    /// Delete a sent article (`platform/03 §5.2`).
    MassDelete => "/cgi-bin/message/mass/delete", false, Safe;
    /// How fast mass jobs run (`platform/03 §5.4`).
    MassSpeedGet => "/cgi-bin/message/mass/speed/get", false, Safe;
    /// Choose how fast mass jobs run.
    MassSpeedSet => "/cgi-bin/message/mass/speed/set", false, Safe;
    /// Customer-service message to one person (`platform/05 §2`); it has no key, so a repeated call
    /// may deliver twice.
    CustomSend => "/cgi-bin/message/custom/send", false, Never;
    /// Shows or hides "typing" to one person (`platform/05 §3`).
    CustomTyping => "/cgi-bin/message/custom/typing", false, Safe;
    /// The same message for a merchant of a mini program; official accounts have none.
    CustomBusinessSend => "/cgi-bin/message/custom/business/send", false, Never;
    /// The same for "typing".
    CustomBusinessTyping => "/cgi-bin/message/custom/business/typing", false, Safe;
    /// Sets the account's two trades (`platform/04 A2`).
    IndustrySet => "/cgi-bin/template/api_set_industry", false, Safe;
    /// The account's two trades.
    IndustryGet => "/cgi-bin/template/get_industry", true, Safe;
    /// Takes a template from the library.
    TemplateAdd => "/cgi-bin/template/api_add_template", false, Never;
    /// The account's templates.
    TemplateList => "/cgi-bin/template/get_all_private_template", true, Safe;
    /// Gives a template up.
    TemplateDelete => "/cgi-bin/template/del_private_template", false, Safe;
    /// Template message to one follower; its key holds for ten minutes.
    TemplateSend => "/cgi-bin/message/template/send", false, WithSameId;
    /// Takes a template of subscription notices from the library (`platform/04 C2`); the same one
    /// twice is refused.
    SubscriptionTemplateAdd => "/wxaapi/newtmpl/addtemplate", false, Safe;
    /// Gives one up.
    SubscriptionTemplateDelete => "/wxaapi/newtmpl/deltemplate", false, Safe;
    /// The account's templates of subscription notices.
    SubscriptionTemplateList => "/wxaapi/newtmpl/gettemplate", true, Safe;
    /// The account's categories.
    SubscriptionCategories => "/wxaapi/newtmpl/getcategory", true, Safe;
    /// Keywords of a title of the library.
    SubscriptionKeywords => "/wxaapi/newtmpl/getpubtemplatekeywords", true, Safe;
    /// Titles of the library.
    SubscriptionTitles => "/wxaapi/newtmpl/getpubtemplatetitles", true, Safe;
    /// Subscription notice to one person who agreed (`platform/04 C3`); it has no key, so a
    /// repeated call may spend a second consent.
    SubscriptionSend => "/cgi-bin/message/subscribe/bizsend", false, Never;
    /// Message to one person who confirmed it once (`platform/04 B`); it has no key.
    OneTimeSend => "/cgi-bin/message/template/subscribe", false, Never;
    /// One endpoint's counter (`platform/01 §6.4`).
    QuotaGet => "/cgi-bin/openapi/quota/get", false, Safe;
    /// All counters back to zero, ten times a month (`platform/01 §6.1`).
    ClearQuota => "/cgi-bin/clear_quota", false, Never;
    /// The operator's note on a follower (`platform/07 §5`).
    UpdateRemark => "/cgi-bin/user/info/updateremark", false, Safe;
    /// Page of the blacklist (`platform/07 §6`).
    Blacklist => "/cgi-bin/tags/members/getblacklist", false, Safe;
    /// Put up to 20 followers on the blacklist.
    BlacklistAdd => "/cgi-bin/tags/members/batchblacklist", false, Safe;
    /// Take up to 20 people off the blacklist.
    BlacklistRemove => "/cgi-bin/tags/members/batchunblacklist", false, Safe;
    /// New group, the older form of a tag (`platform/07 §8`).
    GroupCreate => "/cgi-bin/groups/create", false, Never;
    /// All groups.
    GroupList => "/cgi-bin/groups/get", true, Safe;
    /// Rename a group.
    GroupUpdate => "/cgi-bin/groups/update", false, Safe;
    /// Delete a group.
    GroupDelete => "/cgi-bin/groups/delete", false, Safe;
    /// The group of one follower.
    GroupOf => "/cgi-bin/groups/getid", false, Safe;
    /// Move one follower to a group.
    GroupMove => "/cgi-bin/groups/members/update", false, Safe;
    /// Move up to 50 followers to a group.
    GroupMoveBatch => "/cgi-bin/groups/members/batchupdate", false, Safe;
    /// OpenIDs after an account moved to another (`platform/07 §9`).
    ChangeOpenId => "/cgi-bin/changeopenid", false, Safe;
    /// QR code with a scene (`platform/09 §3`); a second temporary one harms nobody.
    QrCodeCreate => "/cgi-bin/qrcode/create", false, Safe;
    /// Keep a text under a short key (`platform/09 §4`).
    ShortKeyCreate => "/cgi-bin/shorten/gen", false, Safe;
    /// The text kept under a short key.
    ShortKeyFetch => "/cgi-bin/shorten/fetch", false, Safe;
    /// Short addresses, withdrawn (`platform/09 §4`).
    ShortUrl => "/cgi-bin/shorturl", false, Safe;
    /// Put a menu in the place of the present one (`platform/09 §1`).
    MenuCreate => "/cgi-bin/menu/create", false, Safe;
    /// The menus made through the interface.
    MenuGet => "/cgi-bin/menu/get", true, Safe;
    /// Delete all menus.
    MenuDelete => "/cgi-bin/menu/delete", true, Safe;
    /// New menu for some followers only.
    MenuAddConditional => "/cgi-bin/menu/addconditional", false, Never;
    /// Delete one of those.
    MenuDeleteConditional => "/cgi-bin/menu/delconditional", false, Safe;
    /// Which menu somebody sees.
    MenuTryMatch => "/cgi-bin/menu/trymatch", false, Safe;
    /// The menu as it is shown.
    SelfMenuInfo => "/cgi-bin/get_current_selfmenu_info", true, Safe;
    /// The replies set on the website (`platform/09 §2`).
    AutoReplyInfo => "/cgi-bin/get_current_autoreply_info", true, Safe;
    /// Ticket that signs pages (`platform/09 §6`).
    TicketGet => "/cgi-bin/ticket/getticket", true, Safe;
    /// A person's token for the code they signed in with (`platform/09 §5`); a code works once.
    WebToken => "/sns/oauth2/access_token", true, Never;
    /// A person's token renewed.
    WebTokenRefresh => "/sns/oauth2/refresh_token", true, Safe;
    /// Name and picture of a person who agreed.
    WebUserInfo => "/sns/userinfo", true, Safe;
    /// Whether a person's token works.
    WebTokenCheck => "/sns/auth", true, Safe;
    /// Who followed and left, by day and way (`platform/10 §3`).
    UserSummary => "/datacube/getusersummary", false, Safe;
    /// Followers at the end of each day.
    UserCumulate => "/datacube/getusercumulate", false, Safe;
    /// Who read what on a day (`platform/10 §4`).
    ArticleRead => "/datacube/getarticleread", false, Safe;
    /// Who passed what on, on a day.
    ArticleShare => "/datacube/getarticleshare", false, Safe;
    /// All articles of the account, by day.
    BizSummary => "/datacube/getbizsummary", false, Safe;
    /// Thirty days of each article that went out on a day.
    ArticleTotalDetail => "/datacube/getarticletotaldetail", false, Safe;
    /// Withdrawn (`platform/10 §5`): what was read on a day.
    ArticleSummary => "/datacube/getarticlesummary", false, Safe;
    /// Withdrawn: seven days of what was sent on a day.
    ArticleTotal => "/datacube/getarticletotal", false, Safe;
    /// Withdrawn: reading by day.
    UserRead => "/datacube/getuserread", false, Safe;
    /// Withdrawn: reading by hour.
    UserReadHour => "/datacube/getuserreadhour", false, Safe;
    /// Withdrawn: passing on by day.
    UserShare => "/datacube/getusershare", false, Safe;
    /// Withdrawn: passing on by hour.
    UserShareHour => "/datacube/getusersharehour", false, Safe;
    /// What people wrote to the account, by day (`platform/10 §6`).
    UpstreamMessages => "/datacube/getupstreammsg", false, Safe;
    /// The same by hour.
    UpstreamMessagesHour => "/datacube/getupstreammsghour", false, Safe;
    /// The same by week.
    UpstreamMessagesOfWeek => "/datacube/getupstreammsgweek", false, Safe;
    /// The same by month.
    UpstreamMessagesOfMonth => "/datacube/getupstreammsgmonth", false, Safe;
    /// How many wrote how often, by day.
    UpstreamDistribution => "/datacube/getupstreammsgdist", false, Safe;
    /// The same by week.
    UpstreamDistributionOfWeek => "/datacube/getupstreammsgdistweek", false, Safe;
    /// The same by month.
    UpstreamDistributionOfMonth => "/datacube/getupstreammsgdistmonth", false, Safe;
    /// Callbacks and how long they took, by day (`platform/10 §7`).
    InterfaceSummary => "/datacube/getinterfacesummary", false, Safe;
    /// The same by hour.
    InterfaceSummaryHour => "/datacube/getinterfacesummaryhour", false, Safe;
    /// Starts the pushes of a third-party platform's tickets again (`platform/11 §2.1`).
    ComponentTicketStart => "/cgi-bin/component/api_start_push_ticket", false, Safe;
    /// A third-party platform's own token.
    ComponentToken => "/cgi-bin/component/api_component_token", false, Safe;
    /// A code that opens the authorisation page.
    ComponentPreAuthCode => "/cgi-bin/component/api_create_preauthcode", false, Safe;
    /// An account's tokens for the code of its authorisation, which works once.
    ComponentQueryAuth => "/cgi-bin/component/api_query_auth", false, Never;
    /// Another token of an account that authorised.
    ComponentAuthorizerToken => "/cgi-bin/component/api_authorizer_token", false, Safe;
    /// An account that authorised (`platform/11 §3`).
    ComponentAuthorizerInfo => "/cgi-bin/component/api_get_authorizer_info", false, Safe;
    /// Page of the accounts that authorised.
    ComponentAuthorizerList => "/cgi-bin/component/api_get_authorizer_list", false, Safe;
    /// An option of an account.
    ComponentOptionGet => "/cgi-bin/component/get_authorizer_option", false, Safe;
    /// Sets an option of an account.
    ComponentOptionSet => "/cgi-bin/component/set_authorizer_option", false, Safe;
    /// The older form of reading an option.
    ComponentFormerOptionGet => "/cgi-bin/component/api_get_authorizer_option", false, Safe;
    /// The older form of setting an option.
    ComponentFormerOptionSet => "/cgi-bin/component/api_set_authorizer_option", false, Safe;
    /// An account's counters back to zero, by the platform's secret, ten times a month.
    ComponentClearQuota => "/cgi-bin/component/clear_quota/v2", false, Never;
    /// New Open Platform account, to which the account is bound at once (`platform/11 §6`).
    OpenCreate => "/cgi-bin/open/create", false, Never;
    /// Binds the account to an Open Platform account.
    OpenBind => "/cgi-bin/open/bind", false, Safe;
    /// Ends that.
    OpenUnbind => "/cgi-bin/open/unbind", false, Safe;
    /// The Open Platform account that the account is bound to.
    OpenGet => "/cgi-bin/open/get", false, Safe;
    /// A person's token for a third-party platform (`platform/11 §6`); a code works once.
    ComponentWebToken => "/sns/oauth2/component/access_token", true, Never;
    /// That token renewed.
    ComponentWebTokenRefresh => "/sns/oauth2/component/refresh_token", true, Safe;
    /// Addresses that callbacks come from (`platform/06 §2`).
    CallbackAddresses => "/cgi-bin/getcallbackip", true, Safe;
    /// Addresses of the interface itself.
    ApiAddresses => "/cgi-bin/get_api_domain_ip", true, Safe;
    /// Whether the callback address can be reached.
    CallbackCheck => "/cgi-bin/callback/check", false, Safe;
    /// One endpoint's counter back to zero, fifty times a month (`platform/01 §6.3`).
    QuotaClear => "/cgi-bin/openapi/quota/clear", false, Never;
    /// All counters back to zero, by AppSecret in place of a token (`platform/01 §6.2`).
    ClearQuotaV2 => "/cgi-bin/clear_quota/v2", false, Never;
    /// What became of a refused call (`platform/01 §6.5`).
    RidGet => "/cgi-bin/openapi/rid/get", false, Safe;
    /// The account's agents (`platform/05 §4`).
    AgentList => "/cgi-bin/customservice/getkflist", true, Safe;
    /// Agents who are there now.
    AgentsOnline => "/cgi-bin/customservice/getonlinekflist", true, Safe;
    /// New agent; the same one again is refused.
    AgentAdd => "/customservice/kfaccount/add", false, Safe;
    /// Give an agent another name.
    AgentUpdate => "/customservice/kfaccount/update", false, Safe;
    /// Delete an agent.
    AgentDelete => "/customservice/kfaccount/del", false, Safe;
    /// Invite somebody to be the person behind an agent.
    AgentInvite => "/customservice/kfaccount/inviteworker", false, Safe;
    /// Picture of an agent.
    AgentPicture => "/customservice/kfaccount/uploadheadimg", false, Safe;
    /// Give an agent a person to talk with.
    TalkBegin => "/customservice/kfsession/create", false, Safe;
    /// End that talk.
    TalkEnd => "/customservice/kfsession/close", false, Safe;
    /// Who talks with a person.
    TalkOf => "/customservice/kfsession/getsession", true, Safe;
    /// With whom an agent talks.
    TalkList => "/customservice/kfsession/getsessionlist", true, Safe;
    /// Who waits for an agent.
    TalkWaiting => "/customservice/kfsession/getwaitcase", true, Safe;
    /// What agents and people said.
    TalkRecords => "/customservice/msgrecord/getmsglist", false, Safe;
    /// Template messages the platform stopped (`platform/04 A2`).
    BlockedNotices => "/wxa/sec/queryblocktmplmsg", false, Safe;
    /// Former permanent articles, withdrawn (`platform/08 §0`).
    NewsAdd => "/cgi-bin/material/add_news", false, Never;
    /// The same.
    NewsUpdate => "/cgi-bin/material/update_news", false, Safe;
    /// Former articles of mass messages, withdrawn (`platform/03 §5.7`).
    NewsUpload => "/cgi-bin/media/uploadnews", false, Never;
}

impl Endpoint {
    /// The endpoint with this path.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        // Asked for by each call of the sandbox.
        static BY_PATH: OnceLock<HashMap<&'static str, Endpoint>> = OnceLock::new();
        let pair = |endpoint: &Self| (endpoint.path(), *endpoint);
        // Turned round, so that of two with one path the first wins.
        BY_PATH.get_or_init(|| Self::ALL.iter().rev().map(pair).collect()).get(path).copied()
    }

    /// Whether the body is a form with a file instead of JSON.
    #[must_use]
    pub fn is_upload(self) -> bool {
        matches!(
            self,
            Self::UploadImage | Self::MediaUpload | Self::MaterialAdd | Self::AgentPicture
        )
    }

    /// Whether the call takes a body but works without one (`platform/03 §5.4`, `platform/08 §3`).
    #[must_use]
    pub fn body_may_be_empty(self) -> bool {
        matches!(self, Self::MassSpeedGet | Self::DraftSwitch)
    }

    /// Whether the body may be a form instead of JSON (`platform/04 C2`).
    #[must_use]
    pub fn takes_form(self) -> bool {
        matches!(self, Self::SubscriptionTemplateAdd | Self::SubscriptionTemplateDelete)
    }

    /// Whether the platform takes GET and POST alike.
    #[must_use]
    pub fn takes_any_method(self) -> bool {
        matches!(self, Self::MassSpeedGet | Self::AgentDelete)
    }

    /// Whether it is one of the two calls that put mass messages before followers; they share
    /// their limits (`platform/01 §5`).
    #[must_use]
    pub fn is_mass_send(self) -> bool {
        matches!(self, Self::MassSend | Self::MassSendAll)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}
