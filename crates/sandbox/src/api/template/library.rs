//! The public library of templates. Numbers and titles are the sandbox's own, except where
//! `platform/04` names them; one library serves category templates (`platform/04 A2`) and
//! subscription notices (`platform/04 C2`).

use super::rule::Rule;

/// A keyword of a title; its number is its place in the title, from 1.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    /// What people read before the value.
    pub name: &'static str,
    /// What it takes.
    pub rule: Rule,
    /// A value it takes.
    pub example: &'static str,
}

/// A title of the library.
#[derive(Debug, Clone, Copy)]
pub struct Title {
    /// Library number, `tid`.
    pub number: i64,
    /// What people read above the notice.
    pub title: &'static str,
    /// Category it belongs to.
    pub category: i64,
    /// 2 one-time, 3 long-term (`platform/04 C2`).
    pub kind: i64,
    /// Its keywords.
    pub keywords: &'static [Keyword],
}

/// A title of the former library, one a trade.
#[derive(Debug, Clone, Copy)]
pub struct Former {
    /// `TM…` or `OPENTM…`.
    pub number: &'static str,
    /// What people read above the notice.
    pub title: &'static str,
    /// Trade it belongs to.
    pub industry: usize,
    /// Its keywords, between `first` and `remark`.
    pub keywords: &'static [&'static str],
}

/// One-time titles.
pub const ONE_TIME: i64 = 2;
/// Long-term titles: public service only (`platform/04 C1`).
pub const LONG_TERM: i64 = 3;

/// The categories every account of the sandbox has.
pub const CATEGORIES: &[(i64, &str)] = &[(307, "个护美妆"), (616, "公交")];

const fn keyword(name: &'static str, rule: Rule, example: &'static str) -> Keyword {
    Keyword { name, rule, example }
}

const fn title(
    number: i64,
    title: &'static str,
    category: i64,
    kind: i64,
    keywords: &'static [Keyword],
) -> Title {
    Title { number, title, category, kind, keywords }
}

/// All titles, smallest number first.
pub const TITLES: &[Title] = &[
    title(
        99,
        "付款成功通知",
        616,
        ONE_TIME,
        &[
            keyword("付款金额", Rule::Amount, "¥12.50"),
            keyword("付款时间", Rule::Time, "2026年1月1日 10:00"),
            keyword("车牌号", Rule::CarNumber, "粤A8Z888"),
        ],
    ),
    title(
        401,
        "到货提醒",
        307,
        ONE_TIME,
        &[
            keyword("物品名称", Rule::Thing, "名称"),
            keyword("到货时间", Rule::Date, "2026年1月1日"),
            keyword("价格", Rule::Amount, "¥99"),
            keyword("温馨提示", Rule::Thing, "数量有限"),
        ],
    ),
    title(
        402,
        "订单发货通知",
        307,
        ONE_TIME,
        &[
            keyword("订单编号", Rule::CharacterString, "SF20260101"),
            keyword("商品名称", Rule::Thing, "面膜"),
            keyword("发货时间", Rule::Time, "2026年1月1日 10:00"),
            keyword("订单状态", Rule::Phrase, "已发货"),
            keyword("收货人", Rule::Name, "张三"),
            keyword("客服电话", Rule::PhoneNumber, "0766-66888866"),
        ],
    ),
    title(
        403,
        "会员积分变动提醒",
        307,
        ONE_TIME,
        &[
            keyword("变动积分", Rule::Number, "100"),
            keyword("变动方向", Rule::EnumString(&["增加", "减少"]), "增加"),
            keyword("会员等级", Rule::Letter, "VIP"),
            keyword("变动符号", Rule::Symbol, "+"),
        ],
    ),
    title(
        616,
        "公交到站提醒",
        616,
        LONG_TERM,
        &[
            keyword("线路", Rule::Thing, "12路"),
            keyword("到站时间", Rule::Time, "15:01"),
            keyword("站点", Rule::Thing, "人民广场"),
        ],
    ),
    title(
        43216,
        "活动开始提醒",
        307,
        ONE_TIME,
        &[
            keyword("活动名称", Rule::Thing, "秋季上新"),
            keyword("开始时间", Rule::Time, "2026年1月1日 10:00"),
            keyword("活动状态", Rule::Const(&["未开始", "进行中", "已结束"]), "进行中"),
            keyword("活动地点", Rule::Thing, "花朝旗舰店"),
        ],
    ),
];

/// All titles of the former library.
pub const FORMER: &[Former] = &[
    Former {
        number: "TM00015",
        title: "订单支付成功",
        industry: 1,
        keywords: &["支付金额", "商品信息"],
    },
    Former {
        number: "OPENTM200565259",
        title: "订单发货提醒",
        industry: 1,
        keywords: &["订单编号", "物流公司", "物流单号"],
    },
    Former {
        number: "TM00303",
        title: "订单配送通知",
        industry: 13,
        keywords: &["配送员", "电话"],
    },
];

/// The title of this number.
#[must_use]
pub fn title_of(number: &str) -> Option<&'static Title> {
    let number: i64 = number.trim().parse().ok()?;
    TITLES.iter().find(|title| title.number == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_a_value_its_keyword_takes() {
        for title in TITLES {
            assert!(CATEGORIES.iter().any(|(id, _)| *id == title.category), "{}", title.title);
            for keyword in title.keywords {
                assert!(keyword.rule.takes(keyword.example), "{} {}", title.title, keyword.name);
            }
        }
    }
}
