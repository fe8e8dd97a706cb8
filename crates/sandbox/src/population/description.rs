//! What an account's people are like, as a file describes them: types of followers, and to each
//! kind of campaign their true response (docs/sandbox-population.md). Nothing here is drawn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The kind of every message that no words and nobody's say give another.
pub const GENERAL: &str = "general";

/// Most types of followers: a person's type is one byte.
const MOST_TYPES: usize = 64;
const MOST_KINDS: usize = 64;
/// Most yuan of an order.
const MOST_YUAN: f64 = 1_000_000.0;

/// People's true behaviour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Description {
    /// Kinds of campaigns and the words they are known by, the first that fits counts.
    pub kinds: Vec<KindOfCampaign>,
    /// The types of followers.
    pub types: Vec<FollowerType>,
}

/// A kind of campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindOfCampaign {
    /// Its name.
    pub name: String,
    /// A message is of this kind when one of these stands in its text or in a title.
    pub words: Vec<String>,
}

/// A type of followers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowerType {
    /// Its name.
    pub name: String,
    /// How many of the people are of it, relative to the other types.
    pub share: u32,
    /// Chance that such a person has switched the account's messages off.
    #[serde(default)]
    pub refusing: f64,
    /// What such people do on a day, whether the account writes or not.
    #[serde(default)]
    pub daily: Daily,
    /// What each further message of a month is worth of the one before, 0 to 1.
    #[serde(default = "half_worn")]
    pub worn: f64,
    /// How fast unwanted messages drive such people away, 0 to 1.
    #[serde(default)]
    pub tired: f64,
    /// The response to each kind of campaign; `general` for every kind that is not named.
    pub responses: BTreeMap<String, Response>,
}

fn half_worn() -> f64 {
    0.8
}

/// What a type's people do by themselves on a day: chances of one person, one act a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Daily {
    /// New people of the type, as a share of those of the start.
    pub arrive: f64,
    /// Leaves.
    pub leave: f64,
    /// Writes a message.
    pub write: f64,
    /// Taps the menu.
    pub click: f64,
    /// Scans one of the account's QR codes.
    pub scan: f64,
    /// Orders.
    pub order: f64,
    /// What such an order costs.
    pub amount: Amount,
}

/// The response to the first message of a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Response {
    /// Chance that whoever received it reads it.
    pub read: f64,
    /// Chance that a reader goes on to the menu.
    pub click: f64,
    /// Chance that a reader writes back.
    pub write: f64,
    /// Chance that a reader passes it on.
    pub share: f64,
    /// Chance that a reader orders who would not have ordered without it.
    pub order: f64,
    /// What such an order costs.
    pub amount: Amount,
}

/// What orders cost, in yuan: a triangle over the least, the usual and the most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Amount {
    /// The least.
    pub least: f64,
    /// The usual.
    pub usual: f64,
    /// The most.
    pub most: f64,
}

impl Default for Amount {
    fn default() -> Self {
        Self { least: 39.0, usual: 120.0, most: 600.0 }
    }
}

impl Amount {
    /// Fen in the mean.
    #[must_use]
    pub fn mean_cents(&self) -> f64 {
        (self.least + self.usual + self.most) / 3.0 * 100.0
    }

    /// The fen that a draw between 0 and 1 stands for.
    #[must_use]
    pub fn cents(&self, drawn: f64) -> i64 {
        let (width, rise) = (self.most - self.least, self.usual - self.least);
        let fall = self.most - self.usual;
        let yuan = if drawn * width < rise {
            self.least + (drawn * width * rise).sqrt()
        } else {
            self.most - ((1.0 - drawn) * width * fall).sqrt()
        };
        (yuan * 100.0).round() as i64
    }
}

/// A description that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("population.{field} is {found}; {wanted}")]
pub struct Unfit {
    field: String,
    found: String,
    wanted: &'static str,
}

impl Unfit {
    fn new(field: String, found: impl ToString, wanted: &'static str) -> Self {
        Self { field, found: found.to_string(), wanted }
    }
}

impl Description {
    /// Checks every number and name.
    ///
    /// # Errors
    /// Names the first field that cannot be used, what it holds, and what would be right.
    pub fn check(&self) -> Result<(), Unfit> {
        let count = |field: &str, found: usize, most: usize, wanted| {
            let fits = found <= most;
            if fits { Ok(()) } else { Err(Unfit::new(field.to_owned(), found, wanted)) }
        };
        count("kinds", self.kinds.len(), MOST_KINDS, "give at most 64 kinds")?;
        count("types", self.types.len(), MOST_TYPES, "give at most 64 types")?;
        for (nth, kind) in self.kinds.iter().enumerate() {
            if kind.words.iter().any(String::is_empty) || kind.words.is_empty() {
                let field = format!("kinds[{nth}].words");
                return Err(Unfit::new(field, "without a word", "give words, none of them empty"));
            }
        }
        if self.types.iter().all(|kind| kind.share == 0) {
            let wanted = "give at least one type a share above 0";
            return Err(Unfit::new("types".to_owned(), "without any share", wanted));
        }
        for (nth, of_type) in self.types.iter().enumerate() {
            of_type.check(&format!("types[{nth}]"), &self.kinds)?;
        }
        for (nth, of_type) in self.types.iter().enumerate() {
            if self.types.iter().take(nth).any(|other| other.name == of_type.name) {
                let field = format!("types[{nth}].name");
                return Err(Unfit::new(field, &of_type.name, "give each type its own name"));
            }
        }
        Ok(())
    }

    /// Whether there is such a kind.
    #[must_use]
    pub fn has_kind(&self, name: &str) -> bool {
        name == GENERAL || self.kinds.iter().any(|kind| kind.name == name)
    }

    /// The kind of a message with these words.
    #[must_use]
    pub fn kind_of<'a>(&'a self, texts: &[&str]) -> &'a str {
        let stands = |word: &String| texts.iter().any(|text| text.contains(word.as_str()));
        let known = self.kinds.iter().find(|kind| kind.words.iter().any(stands));
        known.map_or(GENERAL, |kind| kind.name.as_str())
    }
}

fn chance(field: String, found: f64) -> Result<(), Unfit> {
    // Not a number fits no range either.
    let fits = (0.0..=1.0).contains(&found);
    if fits { Ok(()) } else { Err(Unfit::new(field, found, "give a chance, 0 to 1")) }
}

impl FollowerType {
    fn check(&self, at: &str, kinds: &[KindOfCampaign]) -> Result<(), Unfit> {
        let daily = &self.daily;
        let chances = [
            ("refusing", self.refusing),
            ("worn", self.worn),
            ("tired", self.tired),
            ("daily.arrive", daily.arrive),
            ("daily.leave", daily.leave),
            ("daily.write", daily.write),
            ("daily.click", daily.click),
            ("daily.scan", daily.scan),
            ("daily.order", daily.order),
        ];
        for (field, found) in chances {
            chance(format!("{at}.{field}"), found)?;
        }
        let acts = daily.leave + daily.write + daily.click + daily.scan + daily.order;
        if acts > 1.0 {
            let wanted = "leave, write, click, scan and order add up to at most 1";
            return Err(Unfit::new(format!("{at}.daily"), acts, wanted));
        }
        daily.amount.check(&format!("{at}.daily.amount"))?;
        if !self.responses.contains_key(GENERAL) {
            let wanted = "give responses.general, which stands for every kind not named";
            return Err(Unfit::new(format!("{at}.responses"), "without general", wanted));
        }
        for (name, response) in &self.responses {
            let at = format!("{at}.responses.{name}");
            if name != GENERAL && !kinds.iter().any(|kind| &kind.name == name) {
                return Err(Unfit::new(at, "of no kind", "name one of kinds, or general"));
            }
            response.check(&at)?;
        }
        Ok(())
    }

    /// The response to the first message of this kind in a month.
    #[must_use]
    pub fn response(&self, kind: &str) -> Response {
        let known = self.responses.get(kind).or_else(|| self.responses.get(GENERAL));
        known.copied().unwrap_or_default()
    }
}

impl Response {
    fn check(&self, at: &str) -> Result<(), Unfit> {
        let chances = [
            ("read", self.read),
            ("click", self.click),
            ("write", self.write),
            ("share", self.share),
            ("order", self.order),
        ];
        for (field, found) in chances {
            chance(format!("{at}.{field}"), found)?;
        }
        self.amount.check(&format!("{at}.amount"))
    }
}

impl Amount {
    fn check(&self, at: &str) -> Result<(), Unfit> {
        let rises = 0.0 <= self.least && self.least <= self.usual && self.usual <= self.most;
        if rises && self.most <= MOST_YUAN && self.most > 0.0 {
            return Ok(());
        }
        let found = format!("{} / {} / {}", self.least, self.usual, self.most);
        Err(Unfit::new(at.to_owned(), found, "give least ≤ usual ≤ most, in yuan, above 0"))
    }
}

impl Default for Description {
    /// The cosmetics shop that the rest of the sandbox's people belong to.
    fn default() -> Self {
        let kind = |name: &str, words: &[&str]| KindOfCampaign {
            name: name.to_owned(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        Self {
            kinds: vec![
                kind("promotion", &["折", "优惠", "满减", "券", "大促", "秒杀", "特价"]),
                kind("launch", &["上新", "新品", "首发"]),
                kind("care", &["护肤", "教程", "成分", "敏感", "保湿", "防晒"]),
            ],
            types: shop_types(),
        }
    }
}

fn response(read: f64, click: f64, order: f64, usual: f64) -> Response {
    let amount = Amount { least: 39.0, usual, most: usual * 5.0 };
    Response { read, click, write: 0.004, share: 0.01, order, amount }
}

fn shop_types() -> Vec<FollowerType> {
    let of_type =
        |name: &str, share, refusing, daily: [f64; 6], worn, tired, four: [Response; 4]| {
            let [arrive, leave, write, click, scan, order] = daily;
            let amount = Amount::default();
            let names = [GENERAL, "promotion", "launch", "care"];
            FollowerType {
                name: name.to_owned(),
                share,
                refusing,
                daily: Daily { arrive, leave, write, click, scan, order, amount },
                worn,
                tired,
                responses: names.map(str::to_owned).into_iter().zip(four).collect(),
            }
        };
    vec![
        of_type(
            "loyal",
            15,
            0.005,
            [0.000_4, 0.000_1, 0.004, 0.012, 0.001, 0.006],
            0.9,
            0.001,
            [
                response(0.35, 0.20, 0.020, 160.0),
                response(0.45, 0.30, 0.060, 180.0),
                response(0.50, 0.30, 0.050, 220.0),
                response(0.40, 0.15, 0.015, 150.0),
            ],
        ),
        of_type(
            "bargain",
            30,
            0.02,
            [0.001, 0.000_3, 0.001, 0.004, 0.000_5, 0.001],
            0.75,
            0.004,
            [
                response(0.15, 0.10, 0.005, 90.0),
                response(0.35, 0.30, 0.070, 110.0),
                response(0.18, 0.12, 0.010, 100.0),
                response(0.08, 0.05, 0.002, 80.0),
            ],
        ),
        of_type(
            "curious",
            25,
            0.02,
            [0.001, 0.000_3, 0.003, 0.005, 0.000_5, 0.000_8],
            0.85,
            0.003,
            [
                response(0.20, 0.10, 0.004, 110.0),
                response(0.14, 0.10, 0.008, 110.0),
                response(0.30, 0.20, 0.020, 130.0),
                response(0.38, 0.15, 0.012, 120.0),
            ],
        ),
        of_type(
            "silent",
            30,
            0.08,
            [0.000_6, 0.000_6, 0.000_1, 0.000_3, 0.000_1, 0.000_1],
            0.6,
            0.010,
            [
                response(0.03, 0.03, 0.001, 80.0),
                response(0.05, 0.05, 0.004, 80.0),
                response(0.03, 0.03, 0.001, 90.0),
                response(0.03, 0.02, 0.001, 80.0),
            ],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_shop_can_be_followed_and_written_down() {
        let shop = Description::default();
        shop.check().unwrap();
        let text = serde_json::to_string(&shop).unwrap();
        assert_eq!(serde_json::from_str::<Description>(&text).unwrap(), shop);
        assert_eq!(serde_json::from_str::<Description>("{}").unwrap(), shop);
        assert_eq!(shop.kind_of(&["春季上新", "全场八折"]), "promotion", "the first kind counts");
        assert_eq!(shop.kind_of(&["春季上新"]), "launch");
        assert_eq!(shop.kind_of(&["大家好"]), GENERAL);
    }

    #[test]
    fn what_cannot_be_followed_is_named() {
        let refused = |change: &dyn Fn(&mut Description)| {
            let mut shop = Description::default();
            change(&mut shop);
            shop.check().unwrap_err().to_string()
        };
        let text = refused(&|shop| shop.types[1].daily.leave = 1.5);
        assert_eq!(text, "population.types[1].daily.leave is 1.5; give a chance, 0 to 1");
        let text = refused(&|shop| shop.types[0].tired = f64::NAN);
        assert!(text.starts_with("population.types[0].tired is NaN"), "{text}");
        let text = refused(&|shop| shop.types[0].daily.order = 0.999);
        assert!(text.contains("add up to at most 1"), "{text}");
        let text = refused(&|shop| shop.types[2].name = "loyal".to_owned());
        assert!(text.contains("types[2].name is loyal"), "{text}");
        let text = refused(&|shop| shop.types[0].responses.clear());
        assert!(text.contains("types[0].responses is without general"), "{text}");
        let text = refused(&|shop| {
            shop.types[0].responses.insert("sale".to_owned(), Response::default());
        });
        assert!(text.contains("responses.sale is of no kind"), "{text}");
        let text = refused(&|shop| shop.types[0].daily.amount.least = 700.0);
        assert!(text.contains("least ≤ usual ≤ most"), "{text}");
        let text = refused(&|shop| shop.kinds[0].words.clear());
        assert!(text.contains("kinds[0].words"), "{text}");
        let text = refused(&|shop| shop.types.clear());
        assert!(text.contains("population.types"), "{text}");
    }

    #[test]
    fn amounts_lie_between_least_and_most_with_the_mean_promised() {
        let amount = Amount { least: 39.0, usual: 120.0, most: 600.0 };
        let cents: Vec<i64> = (0..=1000).map(|n| amount.cents(f64::from(n) / 1000.0)).collect();
        assert!(cents.is_sorted() && cents[0] == 3_900 && cents[1000] == 60_000);
        let mean = cents.iter().sum::<i64>() as f64 / 1001.0;
        assert!((mean / amount.mean_cents() - 1.0).abs() < 0.01, "{mean}");
        let fixed = Amount { least: 50.0, usual: 50.0, most: 50.0 };
        assert_eq!(fixed.cents(0.3), 5_000);
    }
}
