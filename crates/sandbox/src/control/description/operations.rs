//! Every operation of the control interface, one after the other.

use super::Gives::{Any, Lines, List, Nothing, Numbers, Object};
use super::Kind::{Flag, Moment, Objects, Text, Texts, Whole, Wholes};
use super::{Field, Kind, Operation};

const fn get(path: &'static str, summary: &'static str) -> Operation {
    Operation::new("get", path, summary)
}

const fn post(path: &'static str, summary: &'static str) -> Operation {
    Operation::new("post", path, summary)
}

const fn put(path: &'static str, summary: &'static str) -> Operation {
    Operation::new("put", path, summary)
}

const fn delete(path: &'static str, summary: &'static str) -> Operation {
    Operation::new("delete", path, summary)
}

const fn must(name: &'static str, kind: Kind, text: &'static str) -> Field {
    Field { name, kind, optional: false, text }
}

const fn may(name: &'static str, kind: Kind, text: &'static str) -> Field {
    Field { name, kind, optional: true, text }
}

const READ: &[Field] = &[
    must("msg_id", Whole, "Which they received"),
    may("article", Whole, "From 1, of a message of several articles"),
];

const OPTIONS: &[Field] = &[
    may("location_report", Whole, "0 never, 1 on entering the chat, 2 every five seconds"),
    may("voice_recognize", Whole, "1: recordings come with their words"),
    may("customer_service", Whole, "1: agents answer"),
];

const PLAIN: &str = "text/plain";
const CSV: &str = "text/csv";
const PEM: &str = "application/x-pem-file";

const CLOCK: &[Field] = &[
    must("now", Moment, "The sandbox's time"),
    may("next_due", Moment, "When the next thing happens by itself"),
    must("mode", Text, "manual, running or real"),
    may("factor", Whole, "How many times as fast as the machine's time, when it runs"),
];

const ACCOUNT: &[Field] = &[
    must("appid", Text, "Developer id"),
    must("secret", Text, "AppSecret"),
    must("original_id", Text, "gh_…"),
    must("name", Text, "Its name"),
    must("kind", Text, "service or subscription"),
    must("verified", Flag, "微信认证"),
    must("wechat_pay", Flag, "Whether outside links survive in articles"),
    must("cover_media_id", Text, "A permanent picture it has from the start"),
    must("one_time_template_id", Text, "The template of one-time subscriptions"),
    may("callback", Kind::Object, "Where events go: url, mode and format"),
    must("followers", Whole, "People who follow now"),
    must("people", Whole, "People who ever followed"),
    must("left", Whole, "People who follow no longer"),
    must("refusing", Whole, "Followers who switched its messages off"),
    must("jobs", Whole, "Mass jobs so far"),
    must("drafts", Whole, "Drafts in the box"),
    must("today", Kind::Object, "The day's calls and sends"),
    must("month", Kind::Object, "The month's sends, and how many followers received how many"),
    must("tags", Objects, "The tags: id, name, count"),
];

const COMPONENT: &[Field] = &[
    must("appid", Text, "Developer id"),
    must("secret", Text, "AppSecret"),
    must("settings", Kind::Object, "What it set"),
    must("pushes_tickets", Flag, "Whether tickets are pushed"),
    must("authorizers", Objects, "Accounts that authorised it: appid, permission_sets, since"),
];

const COMPONENT_SETTINGS: &[Field] = &[
    must("token", Text, "Signs its callbacks, 3 to 32 characters"),
    must("encoding_aes_key", Text, "43 characters"),
    may("event_url", Text, "授权事件接收URL"),
    may("message_url", Text, "消息与事件接收URL, with /$APPID$"),
    may("domain", Text, "授权发起页域名; anywhere when left out"),
    may("web_domains", Texts, "公众号开发域名"),
    may("ip_allow_list", Texts, "白名单IP; all when left out"),
    may("permission_sets", Wholes, "What it asks for"),
    may("released", Flag, "全网发布"),
    may("test_accounts", Texts, "授权测试公众号列表, by gh_…"),
    may("read_only_options", Texts, "Options that answer 61025 when they are set"),
    may("assumptions", Kind::Object, "What the pages leave open"),
];

const COMPONENT_SPEC: &[Field] = &[
    may("seed", Whole, "Ids are drawn from it"),
    may("appid", Text, "Developer id; made up when left out"),
    may("secret", Text, "AppSecret; made up when left out"),
    must("token", Text, "Signs its callbacks, 3 to 32 characters"),
    must("encoding_aes_key", Text, "43 characters"),
    may("event_url", Text, "授权事件接收URL"),
    may("message_url", Text, "消息与事件接收URL, with /$APPID$"),
    may("domain", Text, "授权发起页域名; anywhere when left out"),
    may("web_domains", Texts, "公众号开发域名"),
    may("ip_allow_list", Texts, "白名单IP; all when left out"),
    may("permission_sets", Wholes, "What it asks for"),
    may("released", Flag, "全网发布"),
    may("test_accounts", Texts, "授权测试公众号列表, by gh_…"),
    may("read_only_options", Texts, "Options that answer 61025 when they are set"),
    may("assumptions", Kind::Object, "What the pages leave open"),
];

const ONE_FOLLOWER: &[Field] = &[
    must("openid", Text, "Who"),
    must("following", Flag, "Whether they follow now"),
    must("refusing", Flag, "Whether they switched messages off"),
    must("blacklisted", Flag, "Whether the account blacklisted them"),
    must("client_platform_type", Whole, "1 iOS, 2 Android, 3 another"),
    must("subscribe_time", Whole, "Unix seconds of the last follow"),
    must("subscribe_scene", Text, "ADD_SCENE_…"),
    must("tags", Wholes, "Ids of their tags"),
    may("customer_id", Text, "Their number with the shop"),
    must("wechat_name", Text, "Their WeChat name (微信号), for previews"),
    must("received_this_month", Whole, "Mass messages received this month"),
    must("received", Objects, "Mass messages received: msg_id, at, month"),
    must("replies", Objects, "What lets the account write to them now"),
    must("typing", Flag, "Whether they see the account typing"),
    must("consents", Kind::Object, "Template id → how they stand to it"),
    must("one_time_scenes", Wholes, "Scenes they confirmed a one-time message for"),
    must("notices", Objects, "What they got beside mass messages, oldest first"),
];

const CHANGED: &[Field] = &[must("changed", Flag, "Whether anything changed")];

const WORDS: &[Field] = &[
    may("content", Text, "write: the words"),
    may("key", Text, "click: the key of the menu entry"),
    may("ticket", Text, "scan: the code's ticket"),
    may("id", Text, "choose: the entry of a menu sent to them"),
];

const JOB: &[Field] = &[
    must("msg_id", Whole, "Its number"),
    may("msg_data_id", Whole, "Its number in the statistics"),
    may("clientmsgid", Text, "The sender's own key"),
    must("kind", Text, "list, tag, all or website"),
    must("accepted_at", Moment, "When it was accepted"),
    must("run_at", Moment, "When it is carried out"),
    may("ran_at", Moment, "When it was"),
    may("status", Text, "send success, send fail or err(…)"),
    may("confirmation", Text, "What the administrator said, when one is asked"),
    may("reprints", Objects, "Articles found to be reprints"),
    must("total", Whole, "OpenIDs given, members of the tag, or followers"),
    must("filtered", Whole, "People left after filtering"),
    must("sent", Whole, "Delivered"),
    must("errors", Whole, "Failed"),
    must("missed", Kind::Object, "Who was not reached, by reason"),
];

const FAULT: &[Field] = &[
    may("endpoint", Text, "A path, callback, job, publication or * (usual)"),
    must("kind", Text, "How it strikes: system_error, day_quota, half_answer, callback_late, …"),
    may("times", Whole, "How often; once when left out"),
    may("after", Whole, "How many it lets pass before"),
    may("ms", Whole, "slow, time_out_before, time_out_after: real milliseconds"),
    may("seconds", Whole, "callback_late, callback_out_of_order: seconds of the sandbox's clock"),
    may("status", Text, "finish_status, publish_refused, publish_status: which"),
    may("count", Whole, "counts_off: by how many"),
    may("code", Whole, "refused: the errcode"),
];

const RANDOM: &[Field] = &[
    must("seed", Whole, "Everything is drawn from this number"),
    must("per_mille", Whole, "How many of a thousand are struck"),
    must("kinds", Texts, "How they are struck"),
    may("endpoints", Texts, "Paths, callback, job, publication; all when left out"),
    may("until", Moment, "The first moment at which nothing is struck any more"),
    may("times", Whole, "Most strikes in all"),
    may("ms", Whole, "As for a single fault"),
    may("seconds", Whole, "As for a single fault"),
    may("status", Text, "As for a single fault"),
    may("count", Whole, "As for a single fault"),
    may("code", Whole, "As for a single fault"),
];

const CHANCE: &[Field] = &[
    may("random", Kind::Object, "What chance may do; null: nothing"),
    must("struck", Whole, "How often it struck"),
];

const SNAPSHOT: &[Field] = &[
    must("name", Text, "Its name"),
    must("now", Moment, "The sandbox's time in it"),
    must("accounts", Whole, "Accounts in it"),
    must("followers", Whole, "People who follow, over all accounts"),
];

const LIMIT: &[Field] = &[may("limit", Whole, "How many, the newest; 100 when left out")];

const SWITCHES: &str = "The named switches of the account and how they stand";

/// Every operation.
pub const OPERATIONS: &[Operation] = &[
    get("/openapi.json", "This description").gives(Any("An OpenAPI document")),
    get("/clock", "The clock").gives(Object(CLOCK)),
    post(
        "/clock",
        "Moves a clock that stands (to or by; answers when everything due is done and every \
         receiver has answered), or says how time passes from now on (mode)",
    )
    .takes(&[
        may("to", Moment, "To this moment"),
        may("by", Whole, "By so many seconds"),
        may("mode", Text, "manual (stands until moved), running or real (the machine's own)"),
        may("factor", Whole, "running: seconds in each second, 1 to 1000000; 1 when left out"),
    ])
    .gives(Object(&[
        must("now", Moment, "The sandbox's time"),
        may("next_due", Moment, "When the next thing happens by itself"),
        may("pushed", Whole, "to, by: callbacks that receivers took"),
        may("failed_pushes", Whole, "to, by: attempts that failed"),
        may("mode", Text, "mode: as it is now"),
        may("factor", Whole, "mode: as it is now"),
    ])),
    get("/accounts", "All accounts").gives(List(ACCOUNT)),
    post("/accounts", "Adds an account")
        .takes(&[
            must("followers", Whole, "People who follow at the start"),
            must("seed", Whole, "Everything about them is drawn from this"),
            may("appid", Text, "Made up from the seed when left out"),
            may("secret", Text, "Made up from the seed when left out"),
            may("original_id", Text, "Made up from the seed when left out"),
            may("name", Text, "Its name"),
            may("kind", Text, "service (usual) or subscription"),
            may("verified", Flag, "微信认证; true when left out"),
            may("callback", Kind::Object, "url, token, encoding_aes_key, mode, format"),
            may("ip_allow_list", Texts, "Who may fetch tokens; everybody when left out"),
            may("refusing_per_mille", Whole, "Followers who switched messages off"),
            may("daily_arrivals_per_mille", Whole, "New followers of an evening"),
            may("daily_leavers_per_mille", Whole, "Leavers of an evening"),
            may("daily_talkers_per_mille", Whole, "Writers and clickers of an evening"),
            may("errors_per_mille", Whole, "Deliveries that fail"),
            may("mini_programs", Texts, "Developer ids of linked mini programs"),
            may("wechat_pay", Flag, "Whether outside links survive in articles"),
            may("test_account", Flag, "接口测试号: a hundred followers, lower limits, no sendall"),
            may("comments", Flag, "Whether it has comments; true when left out"),
            may("retry_pause_ms", Whole, "Real pause before a callback is tried again"),
            may("population", Kind::Object, "What the people are like (sandbox-population.md)"),
            may("assumptions", Kind::Object, SWITCHES),
        ])
        .with_status(201)
        .gives(Object(ACCOUNT)),
    get("/accounts/{appid}", "One account").gives(Object(ACCOUNT)),
    put("/accounts/{appid}/callback", "Where the account's events go")
        .takes(&[
            must("url", Text, "Address pushed to"),
            must("token", Text, "Signs the callbacks"),
            may("encoding_aes_key", Text, "43 characters; not read in plain mode"),
            may("mode", Text, "plain (usual), compatible or safe"),
            may("format", Text, "xml (usual) or json"),
        ])
        .gives(Object(&[
            must("url", Text, "Address"),
            must("mode", Text, "Mode"),
            must("format", Text, "Format"),
        ])),
    get("/accounts/{appid}/assumptions", "What the platform's pages leave open, as switches")
        .gives(Any(SWITCHES)),
    put("/accounts/{appid}/assumptions", "Sets the switches; those left out go back to usual")
        .takes(&[])
        .gives(Any(SWITCHES)),
    put("/accounts/{appid}/ip-allow-list", "Who may fetch tokens")
        .takes(&[may("addresses", Texts, "Addresses and ranges; null lets everybody")])
        .gives(Object(&[may("addresses", Texts, "As they are now")])),
    put("/accounts/{appid}/people", "When and how much people act by themselves")
        .takes(&[
            may("from_hour", Whole, "First hour of the evening"),
            may("to_hour", Whole, "End of the evening"),
            may("daily_arrivals_per_mille", Whole, "New followers"),
            may("daily_leavers_per_mille", Whole, "Leavers"),
            may("daily_talkers_per_mille", Whole, "Writers and clickers"),
        ])
        .gives(Object(&[
            must("from_hour", Whole, "As it is now"),
            must("to_hour", Whole, "As it is now"),
            must("daily_arrivals_per_mille", Whole, "As it is now"),
            must("daily_leavers_per_mille", Whole, "As it is now"),
            must("daily_talkers_per_mille", Whole, "As it is now"),
        ])),
    put("/accounts/{appid}/auto-replies", "The replies set on the website")
        .takes(&[])
        .gives(Any("As they are now")),
    get("/components", "All third-party platforms").gives(List(COMPONENT)),
    post("/components", "A third-party platform; its tickets are pushed from now on")
        .takes(COMPONENT_SPEC)
        .with_status(201)
        .gives(Object(COMPONENT)),
    get("/components/{component}", "One third-party platform").gives(Object(COMPONENT)),
    put("/components/{component}", "What it set, all of it anew")
        .takes(COMPONENT_SETTINGS)
        .gives(Object(COMPONENT)),
    post("/components/{component}/tickets", "A ticket now, beside those of every ten minutes")
        .gives(Object(&[must("component_verify_ticket", Text, "The ticket")])),
    get("/components/{component}/callbacks", "Attempts at its event address, newest first")
        .gives(Any("A list of attempts")),
    post(
        "/components/{component}/release-test",
        "全网发布检测: an account of WeChat's authorises it, a fan of it writes, and the answers \
         are looked at",
    )
    .gives(Object(&[
        must("passed", Flag, "Whether every step passed"),
        must("steps", Objects, "Each step: step, passed, seen"),
    ])),
    post(
        "/components/{component}/authorizers/{appid}/authorize",
        "The account's administrator authorises it without the page",
    )
    .takes(&[may("permission_sets", Wholes, "All that it asks for when left out")])
    .gives(Object(&[
        must("authorization_code", Text, "The code, which works once"),
        must("expires_in", Whole, "Its life in seconds"),
    ])),
    post(
        "/components/{component}/authorizers/{appid}/withdraw",
        "The account's administrator withdraws",
    )
    .gives(Object(CHANGED)),
    put("/accounts/{appid}/website-menu", "The menu made on the website")
        .takes(&[may("button", Objects, "Its buttons; null takes it away")])
        .gives(Object(&[may("button", Objects, "As it is now")])),
    put("/accounts/{appid}/options", "What third-party platforms may choose for it, too")
        .takes(OPTIONS)
        .gives(Object(OPTIONS)),
    post("/accounts/{appid}/verification", "What becomes of its verification (微信认证)")
        .takes(&[
            must(
                "event",
                Text,
                "qualification_verify_success, qualification_verify_fail, naming_verify_success, \
                 naming_verify_fail, annual_renew or verify_expired",
            ),
            may("at", Moment, "When it ends, or failed: in a year, or now, when left out"),
            may("reason", Text, "Why it failed"),
        ])
        .gives(Object(&[must("verified", Flag, "Whether the account is verified then")])),
    post("/accounts/{appid}/migration", "The followers of another account move here")
        .takes(&[must("from", Text, "The other account's developer id")])
        .gives(Object(&[must("moved", Whole, "How many moved")])),
    put("/accounts/{appid}/oauth", "Domain and ways of web authorisation")
        .takes(&[may("domain", Text, "The host that pages are on, bare")])
        .gives(Any("As it is now")),
    put("/accounts/{appid}/profile", "What others are told of the account")
        .takes(&[])
        .gives(Any("As it is now")),
    put("/accounts/{appid}/open-platform", "The Open Platform account it is bound to")
        .takes(&[may("open_appid", Text, "Gives people their UnionID; null unbinds")])
        .gives(Object(&[may("open_appid", Text, "As it is now")])),
    post(
        "/accounts/{appid}/followers/{openid}/privacy/{act}",
        "The person changes their profile (modify), takes back what they agreed to (revoke), or \
         deletes themselves from WeChat (cancel)",
    )
    .takes(&[may("revoke_info", Text, "RevokeInfo of the event")])
    .gives(Object(CHANGED)),
    get("/accounts/{appid}/followers", "Everybody who ever followed, a page of it")
        .asks(&[
            may("offset", Whole, "How many to leave out first"),
            may("limit", Whole, "How many at most, up to 10000; 100 when left out"),
        ])
        .gives(Object(&[
            must("total", Whole, "People who ever followed"),
            must(
                "followers",
                Objects,
                "The page: each as one person is shown, without what they got",
            ),
        ])),
    post("/accounts/{appid}/followers", "Somebody new follows")
        .takes(&[may("ticket", Text, "By scanning the code of this ticket")])
        .gives(Object(&[must("openid", Text, "Who it is")])),
    get("/accounts/{appid}/followers/{openid}", "One person and all they received")
        .gives(Object(ONE_FOLLOWER)),
    post("/accounts/{appid}/followers/{openid}/prompt", "A page or article asks for notices")
        .takes(&[
            must("templates", Kind::Object, "Template id → what the person chooses"),
            may("always", Flag, "总是保持以上选择"),
            may("scene", Text, "Where they are asked"),
        ])
        .gives(Any("What the page is told")),
    post("/accounts/{appid}/followers/{openid}/withdraw", "The person switches notices off")
        .takes(&[must("template_ids", Texts, "Which")])
        .gives(Object(CHANGED)),
    post("/accounts/{appid}/followers/{openid}/restore", "The person switches notices on again")
        .takes(&[must("template_ids", Texts, "Which")])
        .gives(Object(CHANGED)),
    post("/accounts/{appid}/followers/{openid}/confirm", "The person answers a one-time prompt")
        .takes(&[
            must("scene", Text, "0 to 10000"),
            may("template_id", Text, "The account's one-time template"),
            may("redirect_url", Text, "Where to go then"),
            may("reserved", Text, "Given back"),
            may("action", Text, "confirm (usual) or cancel"),
        ])
        .gives(Object(&[must("redirect", Text, "Where the platform sends them")])),
    post("/accounts/{appid}/followers/{openid}/order", "The person orders in the shop")
        .takes(&[
            must("cents", Whole, "Fen"),
            may("items", Whole, "Pieces, 1 when left out"),
            may("msg_id", Whole, "Because of this mass message"),
        ])
        .gives(Object(&[must("order_id", Text, "The order's number")])),
    post("/accounts/{appid}/followers/{openid}/read", "The person reads a mass message")
        .takes(READ)
        .gives(Object(CHANGED)),
    post("/accounts/{appid}/followers/{openid}/share", "The person reads and passes it on")
        .takes(READ)
        .gives(Object(CHANGED)),
    post(
        "/accounts/{appid}/followers/{openid}/messages",
        "The person sends a picture, a recording, a film, a place or a link",
    )
    .takes(&[
        must("type", Text, "image, voice, video, shortvideo, location or link"),
        may("file", Text, "Base64; a small one of the sandbox's own when left out"),
        may("recognition", Text, "voice: the words in it, told when voice_recognize is on"),
        may("latitude", Kind::Number, "location: degrees"),
        may("longitude", Kind::Number, "location: degrees"),
        may("scale", Whole, "location: how close the map is"),
        may("label", Text, "location: what is there"),
        may("title", Text, "link"),
        may("description", Text, "link"),
        may("url", Text, "link"),
    ])
    .gives(Object(CHANGED)),
    post(
        "/accounts/{appid}/followers/{openid}/enter",
        "The person opens the chat; the account is told where they are when it asked for that",
    )
    .takes(&[
        may("latitude", Kind::Number, "Degrees"),
        may("longitude", Kind::Number, "Degrees"),
        may("precision", Kind::Number, "Metres"),
        may("seconds", Whole, "How long the person stays, 0 to 3600"),
    ])
    .gives(Object(CHANGED)),
    post(
        "/accounts/{appid}/followers/{openid}/{act}",
        "The person acts: follow, leave, refuse, accept, write, click, scan, choose, pay",
    )
    .takes(WORDS)
    .gives(Object(CHANGED)),
    post("/accounts/{appid}/website-sends", "The operator presses 群发 on the website")
        .takes(&[may("title", Text, "Title"), may("content", Text, "Words")])
        .gives(Object(&[must("msg_id", Whole, "The mass job's number")])),
    post(
        "/accounts/{appid}/agents/{kf_account}/{act}",
        "An agent comes (online, online-on-phone, online-on-both) or goes (offline), or the person \
         invited answers (accept, reject)",
    )
    .gives(Object(CHANGED)),
    put("/accounts/{appid}/banned-templates", "Templates the platform bans")
        .takes(&[must("template_ids", Texts, "All of them; those banned before are free again")])
        .gives(Object(&[must("template_ids", Texts, "As they are now")])),
    put(
        "/accounts/{appid}/invitations",
        "WeChat names that cannot be invited as agents, and the code, 65409 to 65412",
    )
    .takes(&[must("refused", Kind::Object, "WeChat name → code")])
    .gives(Any("As it is now")),
    post(
        "/accounts/{appid}/former-articles",
        "Permanent articles of former times, which no call makes any more",
    )
    .takes(&[must("articles", Objects, "As for draft/add")])
    .gives(Object(&[must("media_id", Text, "Their id")])),
    post(
        "/accounts/{appid}/recordings",
        "Somebody records on a web page; the body is the recording as it is",
    )
    .gives(Object(&[must("media_id", Text, "Its id, for media/get/jssdk")])),
    post(
        "/accounts/{appid}/publications/{publish_id}/ban",
        "The platform bans what was published: its state becomes 6",
    )
    .gives(Object(CHANGED)),
    put(
        "/accounts/{appid}/articles/{msg_data_id}/{index}/limited",
        "The platform limits an article for safety; the index counts from 0",
    )
    .takes(&[may("code", Whole, "What its comments answer, 88002 or 88011; null: limited no more")])
    .gives(Object(&[may("code", Whole, "As it is now")])),
    get("/accounts/{appid}/jobs", "Mass jobs, oldest first").gives(List(JOB)),
    get("/accounts/{appid}/jobs/{msg_id}/received", "Who received a mass message")
        .gives(Lines(PLAIN, "One OpenID a line")),
    put("/accounts/{appid}/jobs/{msg_id}/kind", "Which kind of campaign a mass message is")
        .takes(&[must("kind", Text, "One of population.kinds, or general")])
        .gives(Object(&[
            must("msg_id", Whole, "The mass job's number"),
            must("kind", Text, "The kind"),
        ])),
    post(
        "/accounts/{appid}/jobs/{msg_id}/{act}",
        "The administrator opens, confirms or refuses a send that waits (群发保护)",
    )
    .gives(Object(CHANGED)),
    put("/accounts/{appid}/mass-protection", "Whether sends wait for the administrator")
        .takes(&[must("on", Flag, "Whether they do")])
        .gives(Any("As it is now")),
    get("/originals", "Articles published as originals elsewhere")
        .gives(Any("A list of originals")),
    put("/originals", "The library that articles are held against, in place of the former")
        .takes(&[])
        .gives(Any("A list of originals")),
    get("/accounts/{appid}/articles/{msg_data_id}/{index}/comments", "An article's comments")
        .gives(Object(&[
            must("open", Flag, "Whether it takes comments"),
            must("only_fans", Flag, "Whether only followers may write"),
            must("comments", Whole, "How many stand"),
        ])),
    post("/accounts/{appid}/articles/{msg_data_id}/{index}/comments", "A reader comments")
        .takes(&[
            may("openid", Text, "Who; somebody with an identity outside WeChat when left out"),
            must("content", Text, "1 to 600 characters"),
        ])
        .gives(Object(&[must("user_comment_id", Whole, "The comment's number")])),
    delete(
        "/accounts/{appid}/articles/{msg_data_id}/{index}/comments/{id}",
        "A reader takes a comment back",
    )
    .gives(Object(CHANGED)),
    post("/accounts/{appid}/articles/{msg_data_id}/{index}/readings", "People read an article")
        .takes(&[
            must("from", Text, "Where they found it"),
            must("readers", Whole, "How many"),
            may("followers", Whole, "How many of them follow"),
            may(
                "stopped_in",
                Wholes,
                "Readers who stopped in each fifth; all finish when left out",
            ),
            may("seconds", Whole, "Seconds spent in all"),
        ])
        .gives(Object(&[must("readers", Whole, "How many")])),
    post("/accounts/{appid}/articles/{msg_data_id}/{index}/acts", "People act on an article")
        .takes(&[
            must("act", Text, "share, recommend, like, collect, open_original or praise"),
            must("people", Whole, "How many; of praise the fen"),
            may("to", Text, "share: friend, moments or other"),
        ])
        .gives(Object(&[must("people", Whole, "How many")])),
    get("/accounts/{appid}/truth", "How many mass messages each person received in a month")
        .asks(&[may("month", Text, "2026-03; this month when left out")])
        .gives(Lines(PLAIN, "OpenID and count a line, for everybody who ever followed")),
    get("/accounts/{appid}/truth/types", "True chances of each type of the population")
        .gives(Any("A list of types: chances by kind of campaign and message of the month")),
    get("/accounts/{appid}/truth/types.csv", "Of which type everybody is")
        .gives(Lines(CSV, "openid,type")),
    get("/accounts/{appid}/truth/responses", "What each mass message brought")
        .gives(Any("A list of messages: so far, drawn, and by type with the true chances")),
    get("/accounts/{appid}/truth/responses/{msg_id}", "What one mass message brought of whom")
        .gives(Lines(CSV, "openid,type,read,clicked,left,cents")),
    get("/accounts/{appid}/truth/orders.csv", "Orders since the start, and what brought them")
        .gives(Lines(CSV, "order_id,openid,time,cents,msg_id")),
    get("/accounts/{appid}/memory", "What grows with the followers")
        .gives(List(&[must("what", Text, "What"), must("bytes", Whole, "Its bytes")])),
    get("/accounts/{appid}/shop/customers.csv", "The shop's customers")
        .gives(Lines(CSV, "openid,customer_id,birthday,member_since,level")),
    get("/accounts/{appid}/shop/orders.csv", "The shop's orders")
        .asks(&[may("since", Moment, "Only from then on")])
        .gives(Lines(CSV, "order_id,customer_id,time,amount,items")),
    get("/accounts/{appid}/callbacks", "Attempts to push callbacks, newest first")
        .asks(LIMIT)
        .gives(List(&[
            must("at", Moment, "When"),
            must("event", Text, "Event or message type"),
            must("openid", Text, "OpenID named in the query"),
            must("attempt", Whole, "1, 2 or 3; 0: swallowed by a fault"),
            may("status", Whole, "HTTP status; null without an answer"),
            must("answer", Text, "Its beginning, or what went wrong"),
            must("taken", Flag, "Whether the receiver took it"),
            must("ms", Whole, "Real milliseconds"),
            may("fault", Text, "The fault that struck it"),
        ])),
    get("/faults", "Faults laid out one by one that still wait").gives(List(FAULT)),
    post("/faults", "Lays out a fault").takes(FAULT).gives(List(FAULT)),
    delete("/faults", "Clears all faults, chance's too").gives(List(FAULT)),
    get("/faults/random", "What chance may do").gives(Object(CHANCE)),
    put("/faults/random", "Lets chance strike, from the next call of each endpoint on")
        .takes(RANDOM)
        .gives(Object(CHANCE)),
    delete("/faults/random", "Chance strikes no longer").gives(Object(CHANCE)),
    get("/faults/struck", "Faults that struck, newest first").asks(LIMIT).gives(List(&[
        must("at", Moment, "When"),
        must("endpoint", Text, "Where: a path, callback, job or publication"),
        must("kind", Text, "How"),
        must("random", Flag, "Whether chance laid it out"),
    ])),
    get("/calls", "Calls of the platform, newest first").asks(LIMIT).gives(List(&[
        must("at", Moment, "When"),
        must("path", Text, "Which"),
        may("errcode", Whole, "0 for success; null without a whole answer"),
        may("rid", Text, "The id at the end of a refusal's errmsg"),
        may("fault", Text, "The fault that struck it"),
        must("ms", Whole, "Real milliseconds"),
    ])),
    get("/calls/counts", "Calls of each path since the start").gives(Numbers("Path → calls")),
    get("/doors", "Where the sandbox can be reached").gives(Object(&[
        must("base_url", Text, "The base address"),
        may("tls", Text, "Where TLS is spoken under the platform's names"),
        may("proxy", Text, "The proxy that answers for the platform's names"),
        may("authority", Text, "Where the authority's certificate is given out"),
        must("hosts", Texts, "The platform's names"),
    ])),
    get("/authority.pem", "The certificate of the sandbox's own authority; 404 without one")
        .gives(Lines(PEM, "One certificate")),
    get("/snapshots", "Worlds kept by name").gives(Object(&[
        must("snapshots", Objects, "name, now, accounts, followers"),
        must("most", Whole, "How many are kept at most"),
    ])),
    post("/snapshots", "Keeps the world as it is now")
        .takes(&[must("name", Text, "1 to 64 letters, digits, '-', '_' or '.'")])
        .with_status(201)
        .gives(Object(SNAPSHOT)),
    delete("/snapshots/{name}", "Forgets a snapshot").with_status(204).gives(Nothing),
    post("/snapshots/{name}/restore", "Goes back to a snapshot, which stays").gives(Object(CLOCK)),
    post("/reset", "Makes the world anew as at the start; snapshots stay").gives(Object(CLOCK)),
];
