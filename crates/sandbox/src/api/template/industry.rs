//! The account's two trades (`platform/04 A2`), which historical templates belong to.

use serde::{Deserialize, Serialize};

use super::{Answer, Call, Refused, Scene, answer, done};

/// Trades by number, from 1: the class above, its own name.
const INDUSTRIES: [(&str, &str); 41] = [
    ("IT科技", "互联网|电子商务"),
    ("IT科技", "IT软件与服务"),
    ("IT科技", "IT硬件与设备"),
    ("IT科技", "电子技术"),
    ("IT科技", "通信与运营商"),
    ("IT科技", "网络游戏"),
    ("金融业", "银行"),
    ("金融业", "证券基金理财信托"),
    ("金融业", "保险"),
    ("餐饮", "餐饮"),
    ("酒店旅游", "酒店"),
    ("酒店旅游", "旅游"),
    ("运输与仓储", "快递"),
    ("运输与仓储", "物流"),
    ("运输与仓储", "仓储"),
    ("教育", "培训"),
    ("教育", "院校"),
    ("政府与公共事业", "学术科研"),
    ("政府与公共事业", "交警"),
    ("政府与公共事业", "博物馆"),
    ("政府与公共事业", "公共事业非盈利机构"),
    ("医药护理", "医药医疗"),
    ("医药护理", "护理美容"),
    ("医药护理", "保健与卫生"),
    ("交通工具", "汽车"),
    ("交通工具", "摩托车"),
    ("交通工具", "火车"),
    ("交通工具", "飞机相关"),
    ("房地产", "建筑"),
    ("房地产", "物业"),
    ("消费品", "消费品"),
    ("商业服务", "法律"),
    ("商业服务", "会展"),
    ("商业服务", "中介服务"),
    ("商业服务", "认证"),
    ("商业服务", "审计"),
    ("文体娱乐", "传媒"),
    ("文体娱乐", "体育"),
    ("文体娱乐", "娱乐休闲"),
    ("印刷", "印刷"),
    ("其他", "其他"),
];

#[derive(Deserialize)]
struct SetRequest {
    #[serde(default)]
    industry_id1: Option<Trade>,
    #[serde(default)]
    industry_id2: Option<Trade>,
}

/// A trade's number: text in the page's sample, bare from several programs.
#[derive(Deserialize)]
#[serde(untagged)]
enum Trade {
    Number(usize),
    Text(String),
}

impl Trade {
    /// The number of a known trade. 40103 when nothing stands there, 40102 for any other.
    fn read(trade: Option<Self>) -> Result<usize, Refused> {
        let number = match trade {
            None => return Err(Refused::new(40103)),
            Some(Self::Text(text)) if text.is_empty() => return Err(Refused::new(40103)),
            Some(Self::Number(number)) => Some(number),
            Some(Self::Text(text)) => text.parse().ok(),
        };
        let known = number.filter(|number| (1..=INDUSTRIES.len()).contains(number));
        known.ok_or(Refused::new(40102))
    }
}

/// `template/api_set_industry`. Setting for the first time, or to what it is, changes nothing that
/// counts (assumed); a change removes the templates of the trade given up.
///
/// # Errors
/// 40103 when one is missing, 40102 for one nobody knows, 43100 for a second change in a month.
pub fn set(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: SetRequest = call.json()?;
    let wished = (Trade::read(request.industry_id1)?, Trade::read(request.industry_id2)?);
    let month = scene.now.month();
    let templates = &mut scene.account.templates;
    if templates.industries.is_some_and(|present| present != wished) {
        let made = templates.industry_changes.filter(|(in_month, _)| *in_month == month);
        let made = made.map_or(0, |(_, count)| count);
        if made >= scene.limits.industry_changes_per_month {
            return Err(Refused::new(43100));
        }
        templates.industry_changes = Some((month, made + 1));
    }
    templates.industries = Some(wished);
    templates.held.retain(|held| {
        held.industry.is_none_or(|industry| industry == wished.0 || industry == wished.1)
    });
    done()
}

#[derive(Serialize, Default)]
struct Named {
    first_class: &'static str,
    second_class: &'static str,
}

fn named(number: usize) -> Named {
    let industry = number.checked_sub(1).and_then(|place| INDUSTRIES.get(place));
    industry.map_or_else(Named::default, |(first_class, second_class)| Named {
        first_class,
        second_class,
    })
}

/// Class and own name of a trade; both empty for none.
#[must_use]
pub fn names(number: usize) -> (&'static str, &'static str) {
    let named = named(number);
    (named.first_class, named.second_class)
}

#[derive(Serialize)]
struct Both {
    primary_industry: Named,
    secondary_industry: Named,
}

/// `template/get_industry`; names are empty before any was set (assumed).
///
/// # Errors
/// None of its own.
pub fn get(scene: &Scene<'_>) -> Answer {
    let (first, second) = scene.account.templates.industries.unwrap_or_default();
    answer(&Both { primary_industry: named(first), secondary_industry: named(second) })
}
