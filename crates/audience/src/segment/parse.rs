//! From text to tree, by recursive descent: one function a rule, one token ahead.
//!
//! ```text
//! either    = both { ("or" | 或) both }
//! both      = single { ("and" | 且) single }
//! single    = ("not" | 非) single | "(" either ")" | condition
//! condition = "everyone" | "subscribed" ["within" DAYS | "before" DAY]
//!           | "tag" (TEXT | "#" NUMBER) | "own" "tag" TEXT | "has" NAME
//!           | "received" TEXT | "reacted" TEXT ["by" happening] ["within" (DAYS | HOURS)]
//!           | "in" ("list" | "segment") TEXT
//!           | "slots" SIGN NUMBER | "consents" "(" TEXT ")" SIGN NUMBER
//!           | "window" [SIGN HOURS] | "share" TEXT PERCENT | "never" "(" happening ")"
//!           | ("first" | "last") "(" happening ")" SIGN ((DAYS | HOURS) "ago" | DAY)
//!           | "count" "(" happening ["," window] ")" SIGN NUMBER
//!           | "sum" "(" NAME [TEXT] ["," window] ")" SIGN NUMBER
//!           | "orders" "." ("count" "(" [window]
//!             | "sum" "(" ("amount" | "items") [TEXT] ["," window]) ")" SIGN NUMBER
//!           | "anniversary" "(" NAME ")" "within" DAYS
//!           | NAME (SIGN value | "in" "(" value {"," value} ")"
//!                  | ("contains" | "starts" "with" | "ends" "with") TEXT)
//! value     = TEXT | NUMBER | DAY | "true" | "false" | 是 | 否 | "today" | DAYS ("ago" | "ahead")
//! happening = "order" | "bought" TEXT | NAME [TEXT]
//! window    = DAYS | HOURS | DAY ".." DAY
//! ```

use wire::{Day, TagId};

use super::check::{NO_HOUR, NO_SECOND};
use super::nearest::nearest;
use super::token::{Kind, Token, tokens};
use super::{
    Compare, Error, Happening, Literal, Matching, Name, Problem, Segment, Summed, TagNumber, When,
    Which, Window, Within,
};

const AND: &[&str] = &["and", "且"];
const OR: &[&str] = &["or", "或"];
const NOT: &[&str] = &["not", "非"];
/// Words a condition begins with.
const BEGINNINGS: &[&str] = &[
    "everyone",
    "subscribed",
    "tag",
    "own",
    "has",
    "received",
    "slots",
    "never",
    "first",
    "last",
    "count",
    "orders",
    "sum",
    "reacted",
    "in",
    "consents",
    "window",
    "share",
    "anniversary",
];
const CONDITION: &str = "a condition such as tag \"…\", subscribed or 城市 = \"…\"";
/// Whole numbers up to here are exact as `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a name must stand in backquotes because the word means something.
pub(super) fn is_word_of_the_language(word: &str) -> bool {
    [AND, OR, NOT, BEGINNINGS, &["order", "bought"]].iter().any(|words| words.contains(&word))
}

impl Segment {
    /// Reads a segment. The names in it are not checked yet: see [`Segment::compile`].
    ///
    /// # Errors
    /// With the column, what stands there and what would be right.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
        let segment = parser.either()?;
        match parser.kind() {
            Kind::End => Ok(segment),
            _ => Err(parser.unexpected("and, or, or the end")),
        }
    }
}

impl std::str::FromStr for Segment {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    // ---- the rules ---------------------------------------------------------------------------

    fn either(&mut self) -> Result<Segment, Error> {
        self.chain(OR, Self::both, Segment::Any)
    }

    fn both(&mut self) -> Result<Segment, Error> {
        self.chain(AND, Self::single, Segment::All)
    }

    fn chain(
        &mut self,
        words: &[&str],
        part: fn(&mut Self) -> Result<Segment, Error>,
        whole: fn(Vec<Segment>) -> Segment,
    ) -> Result<Segment, Error> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.joined(words) {
            parts.push(part(self)?);
        }
        let only = if parts.len() == 1 { parts.pop() } else { None };
        Ok(only.unwrap_or_else(|| whole(parts)))
    }

    fn single(&mut self) -> Result<Segment, Error> {
        if self.depth == Segment::DEEPEST {
            return Err(Error { column: self.column(), problem: Problem::TooDeep });
        }
        self.depth += 1;
        let segment = if self.word(NOT) {
            Segment::Not(Box::new(self.single()?))
        } else if *self.kind() == Kind::Open {
            self.at += 1;
            let inner = self.either()?;
            self.sign(&Kind::Close, "and, or, or \")\"")?;
            inner
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(segment)
    }

    fn condition(&mut self) -> Result<Segment, Error> {
        let first = match self.kind() {
            Kind::Word(word) if BEGINNINGS.contains(&word.as_str()) => word.clone(),
            _ => return self.attribute(),
        };
        self.at += 1;
        match first.as_str() {
            "everyone" => Ok(Segment::Everyone),
            "subscribed" if self.word(&["within"]) => {
                Ok(Segment::SubscribedWithin(self.days("a number of days such as 30d")?))
            }
            "subscribed" if self.word(&["before"]) => Ok(Segment::SubscribedBefore(self.day()?)),
            "subscribed" => Ok(Segment::Subscribed),
            "tag" if *self.kind() == Kind::Hash => {
                self.at += 1;
                let column = self.column();
                let number = self.whole("the tag's number", i64::MIN, i64::MAX)?;
                Ok(Segment::TagNumber(TagNumber { tag: TagId(number), column }))
            }
            "tag" => Ok(Segment::Tag(self.text("the tag's name in quotes, or # and its number")?)),
            "own" => {
                self.expect_word("tag")?;
                Ok(Segment::OwnTag(self.text("the tag's name in quotes")?))
            }
            "has" => Ok(Segment::Has(self.name("the name of an attribute")?)),
            "received" => Ok(Segment::Received(self.text("the campaign's key in quotes")?)),
            "slots" => {
                let compare = self.compare()?;
                let number = self.whole("a number of slots, 0 to 255", 0, u8::MAX.into())?;
                Ok(Segment::Slots { compare, number: number as u8 })
            }
            "reacted" => self.reaction(),
            "in" if self.word(&["segment"]) => {
                Ok(Segment::InSegment(self.text("the saved segment's name in quotes")?))
            }
            "in" if self.word(&["list"]) => {
                Ok(Segment::InList(self.text("the list's name in quotes")?))
            }
            "in" => Err(self.unexpected("list \"…\" or segment \"…\"")),
            "consents" => {
                let template =
                    self.in_parentheses(|parser| parser.text("the template's id in quotes"))?;
                let compare = self.compare()?;
                let number = self.whole("a whole number from 0", 0, u32::MAX.into())?;
                Ok(Segment::Consents { template, compare, number: number as u32 })
            }
            "window" if matches!(self.kind(), Kind::Sign(_)) => self.window_left(),
            "window" => Ok(Segment::Reachable),
            "share" => {
                let salt = self.text("any text in quotes, to choose by")?.text;
                Ok(Segment::Share { salt, per_million: self.per_million()? })
            }
            "anniversary" => {
                let name = self.in_parentheses(|parser| parser.name("the name of an attribute"))?;
                self.expect_word("within")?;
                let days = self.days("a number of days such as 7d; 0d is today")?;
                Ok(Segment::Anniversary { name, days })
            }
            "sum" => {
                let (of, window) = self.in_parentheses(|parser| {
                    Ok((parser.summed()?, parser.window_after_comma()?))
                })?;
                self.sum(of, window)
            }
            "never" => Ok(Segment::Never(self.in_parentheses(Self::happening)?)),
            "count" => {
                let (what, window) = self.in_parentheses(|parser| {
                    Ok((parser.happening()?, parser.window_after_comma()?))
                })?;
                self.count(what, window)
            }
            "orders" => self.orders(),
            "first" => self.moment(Which::First),
            _ => self.moment(Which::Last),
        }
    }

    fn reaction(&mut self) -> Result<Segment, Error> {
        let campaign = self.text("the campaign's key in quotes")?;
        let by = if self.word(&["by"]) { Some(self.happening()?) } else { None };
        let within = if self.word(&["within"]) { Some(self.within()?) } else { None };
        Ok(Segment::Reacted { campaign, by, within })
    }

    fn within(&mut self) -> Result<Within, Error> {
        let within = match *self.kind() {
            Kind::Days(days) => Within::Days(days),
            Kind::Hours(hours) => Within::Hours(hours),
            _ => return Err(self.unexpected("a time such as 3d or 48h")),
        };
        self.at += 1;
        Ok(within)
    }

    fn orders(&mut self) -> Result<Segment, Error> {
        self.sign(&Kind::Dot, "\".\" and count(…) or sum(amount, …)")?;
        if self.word(&["count"]) {
            let window = self.in_parentheses(|parser| match parser.kind() {
                Kind::Close => Ok(Window::AllTime),
                _ => parser.window(),
            })?;
            return self.count(Happening::Order, window);
        }
        self.expect_word("sum")?;
        let (items, of, window) = self.in_parentheses(|parser| {
            let items = parser.word(&["items"]);
            if !items && !parser.word(&["amount"]) {
                return Err(parser.unexpected("amount or items"));
            }
            let of = match parser.kind() {
                Kind::Text(_) => Some(parser.text("a product's number or name in quotes")?),
                _ => None,
            };
            Ok((items, of, parser.window_after_comma()?))
        })?;
        if items {
            return self.sum(of.map_or(Summed::Items, Summed::Bought), window);
        }
        let compare = self.compare()?;
        Ok(Segment::AmountSum { of, window, compare, cents: self.cents()? })
    }

    fn sum(&mut self, of: Summed, window: Window) -> Result<Segment, Error> {
        let compare = self.compare()?;
        let most = EXACT as i64;
        let number = self.whole("a whole number", -most, most)?;
        Ok(Segment::Sum { of, window, compare, number })
    }

    fn summed(&mut self) -> Result<Summed, Error> {
        match self.happening()? {
            Happening::Event { kind, key } => Ok(Summed::Event { kind, key }),
            Happening::Bought(_) => {
                self.at -= 2;
                Err(self.unexpected("a kind of event; products have orders.sum(items \"…\")"))
            }
            Happening::Order => {
                self.at -= 1;
                Err(self.unexpected("a kind of event; orders have orders.sum(amount, …)"))
            }
        }
    }

    fn window_left(&mut self) -> Result<Segment, Error> {
        let column = self.column();
        let compare = self.compare()?;
        if !compare.is_order() {
            return Err(Error::senseless(column, NO_HOUR));
        }
        let Kind::Hours(hours) = *self.kind() else {
            return Err(self.unexpected("a number of hours such as 2h"));
        };
        self.at += 1;
        Ok(Segment::ReachableFor { compare, hours })
    }

    fn per_million(&mut self) -> Result<u32, Error> {
        const WANTED: &str = "a share such as 10%, from 0% to 100% with at most four decimals";
        let Kind::Percent(percent) = *self.kind() else { return Err(self.unexpected(WANTED)) };
        let millionths = (percent * 10_000.0).round();
        if !(0.0..=1_000_000.0).contains(&millionths) || millionths / 10_000.0 != percent {
            return Err(self.unexpected(WANTED));
        }
        self.at += 1;
        Ok(millionths as u32)
    }

    fn count(&mut self, what: Happening, window: Window) -> Result<Segment, Error> {
        let compare = self.compare()?;
        let number = self.whole("a whole number from 0", 0, u32::MAX.into())?;
        Ok(Segment::Count { what, window, compare, number: number as u32 })
    }

    fn moment(&mut self, which: Which) -> Result<Segment, Error> {
        let what = self.in_parentheses(Self::happening)?;
        let column = self.column();
        let compare = self.compare()?;
        let when = match *self.kind() {
            Kind::Days(_) | Kind::Hours(_) if !compare.is_order() => {
                return Err(Error::senseless(column, NO_SECOND));
            }
            Kind::Days(days) => {
                self.at += 1;
                self.expect_word("ago")?;
                When::DaysAgo(days)
            }
            Kind::Hours(hours) => {
                self.at += 1;
                self.expect_word("ago")?;
                When::HoursAgo(hours)
            }
            Kind::Date(day) => {
                self.at += 1;
                When::Date(day)
            }
            _ => return Err(self.unexpected("a time such as 180d ago or 2026-03-02")),
        };
        Ok(Segment::Moment { which, what, compare, when })
    }

    fn attribute(&mut self) -> Result<Segment, Error> {
        let start = self.at;
        let name = self.name(CONDITION)?;
        if self.word(&["in"]) {
            let values = self.in_parentheses(|parser| {
                let mut values = vec![parser.value()?];
                while *parser.kind() == Kind::Comma {
                    parser.at += 1;
                    values.push(parser.value()?);
                }
                Ok(values)
            })?;
            return Ok(Segment::AttributeIn { name, values });
        }
        if let Some(matching) = self.matching()? {
            let text = self.text("a text in quotes")?.text;
            return Ok(Segment::Matches { name, matching, text });
        }
        if !matches!(self.kind(), Kind::Sign(_)) {
            // Perhaps a mistyped word of the language, not an attribute.
            let mut error =
                self.unexpected("a comparison (= != < <= > >=), in (…) or contains \"…\"");
            if let Problem::Unexpected { nearest: proposal, .. } = &mut error.problem
                && matches!(self.tokens[start].kind, Kind::Word(_))
                && let Some(word) = nearest(name.as_str(), BEGINNINGS.iter().chain(NOT).copied())
            {
                *proposal = Some(format!("{word} in place of {}", name.as_str()));
            }
            return Err(error);
        }
        Ok(Segment::Attribute { name, compare: self.compare()?, value: self.value()? })
    }

    fn matching(&mut self) -> Result<Option<Matching>, Error> {
        if self.word(&["contains"]) {
            return Ok(Some(Matching::Contains));
        }
        let matching = match self.kind() {
            Kind::Word(word) if word == "starts" => Matching::Starts,
            Kind::Word(word) if word == "ends" => Matching::Ends,
            _ => return Ok(None),
        };
        self.at += 1;
        self.expect_word("with")?;
        Ok(Some(matching))
    }

    fn happening(&mut self) -> Result<Happening, Error> {
        if self.word(&["order"]) {
            return Ok(Happening::Order);
        }
        if self.word(&["bought"]) {
            let product = self.text("a product's number or name in quotes")?;
            return Ok(Happening::Bought(product));
        }
        let kind = self.name("order, or a kind of event such as click or message")?;
        let key = match self.kind() {
            Kind::Text(key) => Some(key.clone()),
            _ => None,
        };
        self.at += usize::from(key.is_some());
        Ok(Happening::Event { kind, key })
    }

    fn window_after_comma(&mut self) -> Result<Window, Error> {
        if *self.kind() != Kind::Comma {
            return Ok(Window::AllTime);
        }
        self.at += 1;
        self.window()
    }

    fn window(&mut self) -> Result<Window, Error> {
        if let Kind::Hours(hours) = *self.kind() {
            self.at += 1;
            return Ok(Window::Hours(hours));
        }
        let Kind::Date(from) = *self.kind() else {
            return Ok(Window::Days(self.days("a time such as 90d or 2026-01-01..2026-03-31")?));
        };
        self.at += 1;
        self.sign(&Kind::To, "\"..\" and the last day")?;
        let column = self.column();
        let to = self.day()?;
        if to < from {
            return Err(Error::senseless(column, format!("{to} is before {from}; swap the days")));
        }
        Ok(Window::Between { from, to })
    }

    fn value(&mut self) -> Result<Literal, Error> {
        let value = match self.kind() {
            Kind::Text(text) => Literal::Text(text.clone()),
            Kind::Number(number) => Literal::Number(*number),
            Kind::Date(day) => Literal::Date(*day),
            Kind::Word(word) if ["true", "是"].contains(&word.as_str()) => Literal::Flag(true),
            Kind::Word(word) if ["false", "否"].contains(&word.as_str()) => Literal::Flag(false),
            Kind::Word(word) if word == "today" => Literal::DaysAgo(0),
            Kind::Word(_) => return Err(self.unexpected("a text in quotes")),
            Kind::Days(days) => {
                let days = *days;
                self.at += 1;
                let ahead = self.word(&["ahead"]);
                if !ahead {
                    self.expect_word("ago")?;
                }
                return Ok(if ahead { Literal::DaysAhead(days) } else { Literal::DaysAgo(days) });
            }
            _ => return Err(self.unexpected("a \"text\", a number, a day, true or false")),
        };
        self.at += 1;
        Ok(value)
    }

    // ---- single tokens -----------------------------------------------------------------------

    fn kind(&self) -> &Kind {
        self.tokens.get(self.at).map_or(&Kind::End, |token| &token.kind)
    }

    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.column)
    }

    fn unexpected(&self, wanted: &str) -> Error {
        Error::unexpected(self.column(), self.kind().describe(), wanted)
    }

    fn word(&mut self, words: &[&str]) -> bool {
        let found = matches!(self.kind(), Kind::Word(word) if words.contains(&word.as_str()));
        self.at += usize::from(found);
        found
    }

    /// Like [`Parser::word`]; but Chinese needs no spaces, so in `"上海"且城市` the word read is
    /// 且城市 and only its first letter is taken.
    fn joined(&mut self, words: &[&str]) -> bool {
        if self.word(words) {
            return true;
        }
        let Some(token) = self.tokens.get_mut(self.at) else { return false };
        let Kind::Word(word) = &mut token.kind else { return false };
        let chinese = words.iter().filter(|word| !word.is_ascii());
        let Some(rest) = chinese.filter_map(|joint| word.strip_prefix(joint)).next() else {
            return false;
        };
        *word = rest.to_owned();
        token.column += 1;
        true
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Error> {
        if self.word(&[word]) { Ok(()) } else { Err(self.unexpected(&format!("{word:?}"))) }
    }

    fn sign(&mut self, sign: &Kind, wanted: &str) -> Result<(), Error> {
        if self.kind() != sign {
            return Err(self.unexpected(wanted));
        }
        self.at += 1;
        Ok(())
    }

    fn in_parentheses<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.sign(&Kind::Open, "\"(\"")?;
        let value = inner(self)?;
        self.sign(&Kind::Close, "\")\"")?;
        Ok(value)
    }

    fn compare(&mut self) -> Result<Compare, Error> {
        let Kind::Sign(compare) = *self.kind() else {
            return Err(self.unexpected("a comparison: = != < <= > >="));
        };
        self.at += 1;
        Ok(compare)
    }

    fn name(&mut self, wanted: &str) -> Result<Name, Error> {
        let name = match self.kind() {
            Kind::Quoted(name) => name.clone(),
            Kind::Word(word) if !is_word_of_the_language(word) => word.clone(),
            _ => return Err(self.unexpected(wanted)),
        };
        let name = Name::at(name, self.column());
        self.at += 1;
        Ok(name)
    }

    fn text(&mut self, wanted: &str) -> Result<Name, Error> {
        let Kind::Text(text) = self.kind() else { return Err(self.unexpected(wanted)) };
        let name = Name::at(text.clone(), self.column());
        self.at += 1;
        Ok(name)
    }

    fn days(&mut self, wanted: &str) -> Result<u32, Error> {
        let Kind::Days(days) = *self.kind() else { return Err(self.unexpected(wanted)) };
        self.at += 1;
        Ok(days)
    }

    fn day(&mut self) -> Result<Day, Error> {
        let Kind::Date(day) = *self.kind() else {
            return Err(self.unexpected("a day such as 2026-03-02"));
        };
        self.at += 1;
        Ok(day)
    }

    fn whole(&mut self, wanted: &str, least: i64, most: i64) -> Result<i64, Error> {
        let Kind::Number(number) = *self.kind() else { return Err(self.unexpected(wanted)) };
        let whole = number as i64;
        if number.fract() != 0.0 || number.abs() >= EXACT || !(least..=most).contains(&whole) {
            return Err(self.unexpected(wanted));
        }
        self.at += 1;
        Ok(whole)
    }

    fn cents(&mut self) -> Result<i64, Error> {
        const WANTED: &str = "an amount in yuan with at most two decimals";
        let Kind::Number(yuan) = *self.kind() else { return Err(self.unexpected(WANTED)) };
        let cents = (yuan * 100.0).round();
        // The nearest number to an amount of at most two decimals is the amount itself.
        if cents / 100.0 != yuan || cents.abs() >= EXACT {
            return Err(self.unexpected(WANTED));
        }
        self.at += 1;
        Ok(cents as i64)
    }
}
