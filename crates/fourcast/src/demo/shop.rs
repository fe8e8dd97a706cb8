//! The shop's month as data: a cosmetics shop plans its sends as mission C5 tells, one skin type a
//! day, then sales on overlapping segments until many followers have had their four.
//!
//! Days are counted from the month's first Monday, so that every month has the same week rhythm.

use delivery::view::{CampaignArticle, CampaignMessage};

/// When something happens in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So many days after the first Monday, at this hour and minute.
    AfterFirstMonday(i32, u32, u32),
    /// On this day of the month, at this hour and minute.
    Day(i32, u32, u32),
}

/// One campaign of the plan.
#[derive(Debug, Clone, Copy)]
pub struct Planned {
    /// When it goes out.
    pub when: When,
    /// The caller's own key.
    pub key: &'static str,
    /// Name shown to operators.
    pub name: &'static str,
    /// Whom.
    pub segment: &'static str,
    /// What is said.
    pub says: Says,
}

/// What a campaign says.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    /// Text.
    Text(&'static str),
    /// One article: title, digest, body, address of "read the original".
    Article(&'static str, &'static str, &'static str, &'static str),
}

impl Says {
    /// The message as the interface takes it; articles get this cover.
    #[must_use]
    pub fn message(self, cover: &str) -> CampaignMessage {
        match self {
            Self::Text(content) => CampaignMessage::Text { content: content.into() },
            Self::Article(title, digest, body, source) => CampaignMessage::Articles {
                articles: vec![CampaignArticle {
                    title: title.into(),
                    author: "四季肌研".into(),
                    digest: digest.into(),
                    content: body.into(),
                    source_url: source.into(),
                    cover_media_id: cover.into(),
                }],
            },
        }
    }
}

/// The send an operator makes on the platform's website, of which nobody tells the server.
pub const WEBSITE_SEND: (When, &str, &str) =
    (When::Day(20, 15, 30), "周年庆预告", "本周末周年庆，全场满 199 减 60，会员再享双倍积分。");

/// The campaigns, in the order they are planned.
pub const CAMPAIGNS: &[Planned] = &[
    Planned {
        when: When::AfterFirstMonday(0, 10, 0),
        key: "01-oily-monday",
        name: "周一·油性皮肤控油",
        segment: r#"tag "油性皮肤""#,
        says: Says::Text(
            "油性皮肤的姐妹：控油三步走，早 C 晚 A 之前先把清洁做对。回复「控油」领小样。",
        ),
    },
    Planned {
        when: When::AfterFirstMonday(1, 10, 0),
        key: "02-dry-tuesday",
        name: "周二·干性皮肤补水",
        segment: r#"tag "干性皮肤""#,
        says: Says::Article(
            "干皮春季补水手册",
            "换季起皮？三个动作把水锁住。",
            "<p>干性皮肤在换季时最怕过度清洁。</p><p>先用温水，再敷面膜，最后封一层面霜。</p>",
            "https://shop.example.com/guide/dry",
        ),
    },
    Planned {
        when: When::AfterFirstMonday(2, 10, 0),
        key: "03-mixed-wednesday",
        name: "周三·混合皮肤分区护理",
        segment: r#"tag "混合皮肤" and (tag "护肤" or tag "彩妆")"#,
        says: Says::Text("混合皮肤分区护理：T 区控油，两颊保湿。今晚八点直播间教你。"),
    },
    Planned {
        when: When::AfterFirstMonday(3, 10, 0),
        key: "04-sensitive-thursday",
        name: "周四·敏感皮肤修护",
        segment: r#"tag "敏感皮肤""#,
        says: Says::Text("敏感皮肤修护周：无香精系列全线 8 折，先试小样再决定。"),
    },
    Planned {
        when: When::AfterFirstMonday(4, 10, 0),
        key: "05-members-friday",
        name: "周五·金卡银卡会员日",
        segment: r#"tag "金卡会员" or tag "银卡会员""#,
        says: Says::Article(
            "会员日：积分当钱花",
            "金卡三倍、银卡双倍积分，只在今天。",
            "<p>会员日规则：当天订单积分按等级翻倍。</p>",
            "https://shop.example.com/members",
        ),
    },
    Planned {
        when: When::AfterFirstMonday(6, 9, 0),
        key: "06-goddess-sale",
        name: "女神节彩妆专场",
        segment: r#"tag "彩妆" or (tag "香水" and orders.count() >= 1)"#,
        says: Says::Text("女神节彩妆专场：口红第二支半价，香水小样任选三支。"),
    },
    Planned {
        when: When::AfterFirstMonday(7, 10, 0),
        key: "07-big-spenders",
        name: "高消费客户专属礼遇",
        segment: "orders.sum(amount) >= 1000 and orders.count() >= 3",
        says: Says::Text("您是我们的老朋友：专属顾问已为您预留春季礼盒，回复「礼盒」登记。"),
    },
    Planned {
        when: When::AfterFirstMonday(8, 10, 0),
        key: "08-sleepers",
        name: "唤醒 90 天未购客户",
        segment: "orders.count() >= 1 and last(order) > 90d ago",
        says: Says::Text("好久不见！送您一张 30 元回归券，七天内有效。"),
    },
    Planned {
        when: When::AfterFirstMonday(9, 10, 0),
        key: "09-city-sale",
        name: "上海北京门店特卖",
        segment: r#"tag "上海" or tag "北京""#,
        says: Says::Text("上海、北京门店春季特卖，凭此消息到店领取旅行装一份。"),
    },
    Planned {
        when: When::AfterFirstMonday(10, 10, 0),
        key: "10-skin-care",
        name: "护肤爱好者新品试用",
        segment: r#"tag "护肤" and not tag "敏感皮肤""#,
        says: Says::Text("新品精华招募 500 名体验官，回复肤质即可报名。"),
    },
    Planned {
        when: When::AfterFirstMonday(11, 10, 0),
        key: "11-everybody",
        name: "全体粉丝·春季新品发布",
        segment: "subscribed",
        says: Says::Article(
            "春季新品发布",
            "十二款新品，一次看完。",
            "<p>这一季我们只做一件事：把成分写清楚。</p>",
            "https://shop.example.com/spring",
        ),
    },
    Planned {
        when: When::AfterFirstMonday(14, 10, 0),
        key: "12-oily-follow-up",
        name: "控油回访（收到周一消息的人）",
        segment: r#"received "01-oily-monday" or received "02-dry-tuesday""#,
        says: Says::Text("两周过去，皮肤有变化吗？回复 1–5 分，告诉我们效果。"),
    },
    Planned {
        when: When::AfterFirstMonday(15, 10, 0),
        key: "13-private-night",
        name: "金卡与年度高消费·私享夜",
        segment: r#"tag "金卡会员" or orders.sum(amount, 365d) >= 500"#,
        says: Says::Text("私享夜：周六晚七点门店闭店接待，回复「报名」留位。"),
    },
    Planned {
        when: When::AfterFirstMonday(19, 10, 0),
        key: "14-new-customers",
        name: "新客户与新粉丝礼",
        segment: r#"orders.count() = 1 or tag "新粉丝""#,
        says: Says::Text("新客礼：再次下单立减 50 元，仅限本周，下单即送旅行装。"),
    },
    Planned {
        when: When::AfterFirstMonday(20, 10, 0),
        key: "15-anniversary-make-up",
        name: "周年庆·彩妆与护肤",
        segment: r#"(tag "彩妆" or tag "护肤") and orders.count() >= 1"#,
        says: Says::Text("周年庆最后一轮：彩妆护肤跨品满减，今晚 24 点截止。"),
    },
    Planned {
        when: When::Day(28, 9, 0),
        key: "16-final-sale",
        name: "月末清仓·老客户与半年内新粉",
        segment: "orders.count() >= 1 or subscribed within 180d",
        says: Says::Text("月末清仓：临期产品三折起，售完即止。"),
    },
];
