//! Which column of a file says what: guessed from the heading, or told by the caller. Headings are
//! known by their English and Chinese names.

use std::collections::BTreeMap;

use delivery::view::{FactEvent, FactLine, FactOrder, FollowerRow, ImportWhat, Who};

use super::table::Line;
use super::{Error, value};

/// What a column says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The platform's id.
    OpenId,
    /// The platform's id across accounts.
    UnionId,
    /// A telephone number.
    Phone,
    /// The merchant's own number of the customer.
    CustomerId,
    /// The order's or event's own number.
    Key,
    /// When.
    Time,
    /// What an order came to, in yuan.
    Amount,
    /// How many pieces.
    Items,
    /// What was paid back, in yuan.
    Refunded,
    /// The number of a product in the order: each line of the file is a line of it then.
    Sku,
    /// What the product is called.
    Product,
    /// How many pieces of the product.
    Quantity,
    /// What those came to, in yuan.
    LineAmount,
    /// What was paid back of that, in yuan.
    LineRefunded,
    /// The line's own name in the order.
    Line,
    /// What was done.
    Kind,
    /// On what.
    On,
    /// A number that belongs to an event.
    Value,
    /// Own tags, separated by `|`.
    OwnTags,
    /// An attribute of this name.
    Attribute(String),
    /// Nothing.
    Ignored,
}

/// Every word of a field, with headings taken for it.
const WORDS: &[(Field, &str, &[&str])] = &[
    (Field::OpenId, "openid", &[]),
    (Field::UnionId, "unionid", &[]),
    (Field::Phone, "phone", &["mobile", "tel", "手机号", "手机", "电话"]),
    (Field::CustomerId, "customer_id", &["customer", "客户编号", "会员号", "客户号"]),
    (Field::Key, "key", &["order_id", "event_id", "订单号", "订单编号", "编号"]),
    (Field::Time, "time", &["at", "date", "时间", "下单时间", "日期"]),
    (Field::Amount, "amount", &["金额", "实付金额", "订单金额"]),
    (Field::Items, "items", &["件数", "数量"]),
    (Field::Refunded, "refunded", &["refund", "退款", "退款金额"]),
    (Field::Sku, "sku", &["商品编码", "商品编号", "货号", "规格编码"]),
    (Field::Product, "product", &["product_name", "商品", "商品名称", "品名"]),
    (Field::Quantity, "quantity", &["qty", "购买数量", "商品数量"]),
    (Field::LineAmount, "line_amount", &["小计", "商品金额", "商品小计"]),
    (Field::LineRefunded, "line_refunded", &["商品退款"]),
    (Field::Line, "line", &["line_id", "行号", "子订单号"]),
    (Field::Kind, "kind", &["event", "事件", "类型"]),
    (Field::On, "on", &["subject", "page", "product", "对象", "商品", "页面"]),
    (Field::Value, "value", &["数值"]),
    (Field::OwnTags, "own_tags", &["tags", "标签", "自有标签"]),
];

/// How an attribute's column begins when the caller names it.
const ATTRIBUTE: &str = "attribute:";

impl Field {
    /// The word it is told by.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Attribute(name) => format!("{ATTRIBUTE}{name}"),
            Self::Ignored => "-".to_owned(),
            field => {
                let found = WORDS.iter().find(|(known, _, _)| known == field);
                found.map_or_else(String::new, |(_, word, _)| (*word).to_owned())
            }
        }
    }

    fn told(word: &str) -> Option<Self> {
        if let Some(name) = word.strip_prefix(ATTRIBUTE) {
            return (!name.trim().is_empty()).then(|| Self::Attribute(name.trim().to_owned()));
        }
        if word == "-" {
            return Some(Self::Ignored);
        }
        WORDS.iter().find(|(_, known, _)| *known == word).map(|(field, _, _)| field.clone())
    }

    fn guessed(heading: &str, what: ImportWhat) -> Option<Self> {
        let heading = heading.to_ascii_lowercase();
        let known = |word: &str, others: &[&str]| word == heading || others.contains(&&heading[..]);
        WORDS
            .iter()
            .find(|(field, word, others)| field.belongs(what) && known(word, others))
            .map(|(field, _, _)| field.clone())
    }

    fn is_identity(&self) -> bool {
        matches!(self, Self::OpenId | Self::UnionId | Self::Phone | Self::CustomerId)
    }

    /// Whether files of this sort have such a column.
    fn belongs(&self, what: ImportWhat) -> bool {
        self.is_identity()
            || *self == Self::Ignored
            || match what {
                ImportWhat::Followers => matches!(self, Self::OwnTags | Self::Attribute(_)),
                ImportWhat::Orders => matches!(
                    self,
                    Self::Key
                        | Self::Time
                        | Self::Amount
                        | Self::Items
                        | Self::Refunded
                        | Self::Sku
                        | Self::Product
                        | Self::Quantity
                        | Self::LineAmount
                        | Self::LineRefunded
                        | Self::Line
                ),
                ImportWhat::Events => {
                    matches!(self, Self::Key | Self::Time | Self::Kind | Self::On | Self::Value)
                }
                ImportWhat::List => false,
            }
    }
}

/// What the columns of a file say.
#[derive(Debug, Clone)]
pub struct Mapping {
    what: ImportWhat,
    fields: Vec<Field>,
    who: Option<usize>,
}

impl Mapping {
    /// Reads the heading: columns that `told` names mean what it says, the others what their
    /// heading does. Columns of followers without a meaning of their own are attributes; others
    /// are left alone.
    pub fn of(
        what: ImportWhat,
        heading: &[String],
        told: &BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        for (column, word) in told {
            if !heading.iter().any(|name| name.eq_ignore_ascii_case(column)) {
                return Err(Error::NoSuchColumn {
                    column: column.clone(),
                    found: heading.join(", "),
                });
            }
            if Field::told(word).is_none_or(|field| !field.belongs(what)) {
                return Err(Error::NoSuchField {
                    column: column.clone(),
                    field: word.clone(),
                    wanted: words(what),
                });
            }
        }
        let mut fields: Vec<Field> = heading
            .iter()
            .map(|name| {
                let told = told.iter().find(|(column, _)| column.eq_ignore_ascii_case(name));
                if let Some(field) = told.and_then(|(_, word)| Field::told(word)) {
                    return field;
                }
                match Field::guessed(name, what) {
                    Some(field) => field,
                    None if what == ImportWhat::Followers => Field::Attribute(name.clone()),
                    None => Field::Ignored,
                }
            })
            .collect();
        count_by_line(&mut fields, heading, told);
        for (at, field) in fields.iter().enumerate() {
            if *field != Field::Ignored
                && let Some(earlier) = fields[..at].iter().position(|other| other == field)
            {
                return Err(Error::DoubledField {
                    field: field.word(),
                    columns: format!("{}, {}", heading[earlier], heading[at]),
                });
            }
        }
        let who = [Field::OpenId, Field::UnionId, Field::CustomerId, Field::Phone]
            .iter()
            .find_map(|wanted| fields.iter().position(|field| field == wanted));
        Ok(Self { what, fields, who })
    }

    /// What each column says, in their order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The words of what is missing for an import.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.who.is_none() {
            missing.push(match self.what {
                ImportWhat::Followers => "openid",
                _ => "customer_id",
            });
        }
        let needed: &[(Field, &'static str)] = match self.what {
            ImportWhat::Orders => &[
                (Field::Key, "order_id"),
                (Field::Time, "time"),
                (Field::Amount, "amount"),
                (Field::Items, "items"),
            ][..if self.has_lines() { 3 } else { 4 }],
            ImportWhat::Events => {
                &[(Field::Key, "key"), (Field::Kind, "kind"), (Field::Time, "time")]
            }
            ImportWhat::Followers | ImportWhat::List => &[],
        };
        let lacking = needed.iter().filter(|(field, _)| self.column(field).is_none());
        missing.extend(lacking.map(|(_, word)| *word));
        missing
    }

    /// The same as an error.
    pub fn complete(&self, heading: &[String]) -> Result<(), Error> {
        match self.missing().first() {
            None => Ok(()),
            Some(column) => Err(Error::MissingColumn {
                column,
                found: heading.join(", "),
                wanted: wanted(self.what),
            }),
        }
    }

    /// Whether each line of the file is a line of an order.
    fn has_lines(&self) -> bool {
        self.column(&Field::Sku).is_some() || self.column(&Field::Product).is_some()
    }

    fn column(&self, field: &Field) -> Option<usize> {
        self.fields.iter().position(|found| found == field)
    }

    fn required(&self, field: &Field) -> Result<usize, String> {
        self.column(field).ok_or_else(|| format!("there is no column `{}`", field.word()))
    }

    fn text<'l>(&self, line: &'l Line<'_>, field: &Field) -> Result<Option<&'l str>, String> {
        let Some(column) = self.column(field) else { return Ok(None) };
        Ok(Some(line.text(column)?).filter(|text| !text.is_empty()))
    }

    fn who(&self, line: &Line<'_>) -> Result<Who, String> {
        let column = self.who.ok_or("no column names the person")?;
        let text = line.name_in(column)?.to_owned();
        Ok(match self.fields[column] {
            Field::OpenId => Who::OpenId(text),
            Field::UnionId => Who::UnionId(text),
            Field::Phone => Who::Phone(text),
            _ => Who::CustomerId(text),
        })
    }

    /// Reads a line of orders.
    pub fn order(&self, line: &Line<'_>) -> Result<FactOrder, String> {
        Ok(FactOrder {
            key: line.name_in(self.required(&Field::Key)?)?.to_owned(),
            who: self.who(line)?,
            at: line.read(self.required(&Field::Time)?, value::moment)?,
            amount_cents: line.read(self.required(&Field::Amount)?, value::cents)?,
            items: self.number(line, &Field::Items, value::pieces)?,
            refunded_cents: self.number(line, &Field::Refunded, value::cents)?.unwrap_or(0),
            lines: self.order_line(line)?.into_iter().collect(),
        })
    }

    /// A number that may be left out: of an order without lines, the pieces may not.
    fn number<T>(
        &self,
        line: &Line<'_>,
        field: &Field,
        read: fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, String> {
        match self.column(field) {
            Some(column)
                if !line.text(column)?.is_empty()
                    || (*field == Field::Items && !self.has_lines()) =>
            {
                line.read(column, read).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The product a line of the file names, if it names one; without a number its name is one.
    fn order_line(&self, line: &Line<'_>) -> Result<Option<FactLine>, String> {
        let name = self.text(line, &Field::Product)?;
        let Some(sku) = self.text(line, &Field::Sku)?.or(name) else { return Ok(None) };
        Ok(Some(FactLine {
            sku: sku.to_owned(),
            name: name.unwrap_or_default().to_owned(),
            quantity: self.number(line, &Field::Quantity, value::pieces)?.unwrap_or(1),
            amount_cents: self.number(line, &Field::LineAmount, value::cents)?.unwrap_or(0),
            refunded_cents: self.number(line, &Field::LineRefunded, value::cents)?.unwrap_or(0),
            line: self.text(line, &Field::Line)?.map(str::to_owned),
        }))
    }

    /// Reads a line of events.
    pub fn event(&self, line: &Line<'_>) -> Result<FactEvent, String> {
        let value = match self.column(&Field::Value) {
            Some(column) if !line.text(column)?.is_empty() => {
                Some(line.read(column, value::whole)?)
            }
            _ => None,
        };
        Ok(FactEvent {
            key: line.name_in(self.required(&Field::Key)?)?.to_owned(),
            who: self.who(line)?,
            kind: line.name_in(self.required(&Field::Kind)?)?.to_owned(),
            on: self.text(line, &Field::On)?.unwrap_or_default().to_owned(),
            at: line.read(self.required(&Field::Time)?, value::moment)?,
            value,
        })
    }

    /// Reads a line of a list.
    pub fn member(&self, line: &Line<'_>) -> Result<Who, String> {
        self.who(line)
    }

    /// Reads a line of followers. The first of OpenID, UnionID, customer number and telephone
    /// number names them; the others are learnt.
    pub fn follower(&self, line: &Line<'_>) -> Result<FollowerRow, String> {
        let mut row = FollowerRow {
            who: self.who(line)?,
            values: Vec::new(),
            customer_id: None,
            phone: None,
            own_tags: Vec::new(),
        };
        for (column, field) in self.fields.iter().enumerate() {
            if self.who == Some(column) {
                continue;
            }
            let text = line.text(column)?;
            if text.is_empty() {
                continue;
            }
            match field {
                Field::Attribute(name) => row.values.push((name.clone(), text.to_owned())),
                Field::CustomerId => row.customer_id = Some(text.to_owned()),
                Field::Phone => row.phone = Some(text.to_owned()),
                Field::OwnTags => {
                    let tags = text.split('|').map(str::trim).filter(|tag| !tag.is_empty());
                    row.own_tags = tags.map(str::to_owned).collect();
                }
                _ => {}
            }
        }
        Ok(row)
    }
}

/// In a file with a line for each product, a column headed like a number of pieces counts the
/// product's, unless the caller says otherwise or another column does.
fn count_by_line(fields: &mut [Field], heading: &[String], told: &BTreeMap<String, String>) {
    let has = |wanted: &[Field]| fields.iter().any(|field| wanted.contains(field));
    if !has(&[Field::Sku, Field::Product]) || has(&[Field::Quantity]) {
        return;
    }
    let is_told = |name: &String| told.keys().any(|column| column.eq_ignore_ascii_case(name));
    for (field, name) in fields.iter_mut().zip(heading) {
        if *field == Field::Items && !is_told(name) {
            *field = Field::Quantity;
        }
    }
}

fn wanted(what: ImportWhat) -> &'static str {
    match what {
        ImportWhat::Followers | ImportWhat::List => "one of openid, unionid, customer_id and phone",
        ImportWhat::Orders => {
            "order_id, customer_id (or openid, unionid, phone), time, amount and items"
        }
        ImportWhat::Events => "key, customer_id (or openid, unionid, phone), kind and time",
    }
}

/// The words a caller may use.
fn words(what: ImportWhat) -> String {
    let mut words: Vec<String> = WORDS
        .iter()
        .filter(|(field, _, _)| field.belongs(what))
        .map(|(_, word, _)| (*word).to_owned())
        .collect();
    if what == ImportWhat::Followers {
        words.push(format!("{ATTRIBUTE}<name>"));
    }
    words.push("-".to_owned());
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::table::Table;

    /// Rows with their numbers, and what was wrong with the others.
    type Read<T> = (Vec<(u64, T)>, Vec<String>);

    fn read<T>(
        what: ImportWhat,
        text: &str,
        told: &[(&str, &str)],
        row: fn(&Mapping, &Line<'_>) -> Result<T, String>,
    ) -> Result<Read<T>, Error> {
        let told = told.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let mut table = Table::open(text.as_bytes())?;
        let mapping = Mapping::of(what, table.heading(), &told)?;
        mapping.complete(table.heading())?;
        let (mut rows, mut errors) = (Vec::new(), Vec::new());
        while let Some((number, line)) = table.next_line()? {
            match line.whole().and_then(|()| row(&mapping, &line)) {
                Ok(row) => rows.push((number, row)),
                Err(error) => errors.push(format!("{number}: {error}")),
            }
        }
        Ok((rows, errors))
    }

    #[test]
    fn columns_come_in_any_order_case_and_language() {
        let wanted = FactOrder {
            key: "A1".into(),
            who: Who::CustomerId("C0000123".into()),
            at: "2026-03-02T10:00:00+08:00".parse().unwrap(),
            amount_cents: 5990,
            items: Some(2),
            refunded_cents: 0,
            lines: Vec::new(),
        };
        let english = "Items,AMOUNT,note,Time,order_id,customer_id\n\
                       2,59.90,\"gift, wrapped\",2026-03-02 10:00,A1,C0000123\n";
        let (rows, _) = read(ImportWhat::Orders, english, &[], Mapping::order).unwrap();
        assert_eq!(rows, [(2, wanted.clone())]);
        let chinese = "件数,金额,备注,下单时间,订单号,会员号,退款金额\n\
                       2,59.90,,2026-03-02 10:00,A1,C0000123,9.90\n";
        let (rows, _) = read(ImportWhat::Orders, chinese, &[], Mapping::order).unwrap();
        assert_eq!(rows, [(2, FactOrder { refunded_cents: 990, ..wanted })]);
    }

    #[test]
    fn a_line_for_each_product_is_a_line_of_its_order() {
        let text = "订单号,会员号,下单时间,金额,商品编码,商品,数量,小计,行号\n\
            A1,C1,2026-03-02,99.00,SKU-1,面霜,2,60.00,1\n\
            A1,C1,2026-03-02,99.00,SKU-2,,,39.00,2\n\
            A2,C1,2026-03-02,10.00,,精华,1,10.00,\n\
            A3,C1,2026-03-02,10.00,,,3,,\n\
            A4,C1,2026-03-02,10.00,SKU-1,,two,,\n";
        let (rows, errors) = read(ImportWhat::Orders, text, &[], Mapping::order).unwrap();
        let line = |sku: &str, name: &str, quantity, amount_cents, line: Option<&str>| FactLine {
            sku: sku.into(),
            name: name.into(),
            quantity,
            amount_cents,
            refunded_cents: 0,
            line: line.map(str::to_owned),
        };
        let lines: Vec<_> = rows.iter().map(|(_, order)| order.lines.clone()).collect();
        assert_eq!(
            lines,
            [
                vec![line("SKU-1", "面霜", 2, 6_000, Some("1"))],
                vec![line("SKU-2", "", 1, 3_900, Some("2"))],
                vec![line("精华", "精华", 1, 1_000, None)],
                vec![],
            ]
        );
        assert!(rows.iter().all(|(_, order)| order.items.is_none()));
        insta::assert_snapshot!(errors.join("\n"), @"6: `数量` is \"two\"; it must be a whole number up to 1,000,000 such as 2");
        // The caller may say that the column counts the whole order.
        let told = [("数量", "items")];
        let (rows, _) = read(ImportWhat::Orders, text, &told, Mapping::order).unwrap();
        assert_eq!((rows[0].1.items, rows[0].1.lines[0].quantity), (Some(2), 1));
    }

    #[test]
    fn a_column_means_what_the_caller_says() {
        let text = "who,when,what,how long\nC1,2026-03-02,visit,30\n";
        let told =
            [("who", "customer_id"), ("when", "time"), ("what", "kind"), ("how long", "value")];
        let error = read(ImportWhat::Events, text, &told, Mapping::event).unwrap_err();
        insta::assert_snapshot!(error, @"the heading has no column `key`; it has who, when, what, how long, and key, customer_id (or openid, unionid, phone), kind and time are needed");
        let text = "id,who,when,what,how long\n7,C1,2026-03-02,visit,30\n8,C1,2026-03-02,visit,x\n";
        let told: Vec<_> = told.into_iter().chain([("id", "key")]).collect();
        let (rows, errors) = read(ImportWhat::Events, text, &told, Mapping::event).unwrap();
        assert_eq!((rows.len(), rows[0].1.value, &rows[0].1.kind[..]), (1, Some(30), "visit"));
        insta::assert_snapshot!(errors.join("\n"), @r#"3: `how long` is "x"; it must be a whole number such as 30"#);
        let wrong = [("who", "attribute:x")];
        let error = read(ImportWhat::Events, text, &wrong, Mapping::event).unwrap_err();
        insta::assert_snapshot!(error, @"column `who` cannot be `attribute:x`; it can be openid, unionid, phone, customer_id, key, time, kind, on, value, -");
        let wrong = [("whom", "openid")];
        let error = read(ImportWhat::Events, text, &wrong, Mapping::event).unwrap_err();
        insta::assert_snapshot!(error, @"there is no column `whom`; the heading has id, who, when, what, how long");
    }

    #[test]
    fn columns_of_followers_without_a_meaning_of_their_own_are_attributes() {
        let text = "\u{feff}OpenID,level,Customer_ID,own_tags,城市,手机号\r\n\
                    oSBX01,gold,C0000123, vip | 老客户 ||,上海,138 0013 8000\r\n\
                    oSBX02,,,,,\r\n";
        let (rows, _) = read(ImportWhat::Followers, text, &[], Mapping::follower).unwrap();
        let [(2, first), (3, second)] = rows.as_slice() else { panic!("rows of lines 2 and 3") };
        assert_eq!(first.who, Who::OpenId("oSBX01".into()));
        assert_eq!(first.customer_id.as_deref(), Some("C0000123"));
        assert_eq!(first.phone.as_deref(), Some("138 0013 8000"));
        assert_eq!(first.own_tags, ["vip", "老客户"]);
        let values = [("level", "gold"), ("城市", "上海")];
        assert_eq!(first.values, values.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!((second.values.len(), second.own_tags.len()), (0, 0));
    }

    #[test]
    fn every_bad_line_is_told_with_its_number_and_column() {
        let text = "order_id,customer_id,time,amount,items\n\
            1,C1,2026-03-02,1.00,1\n\
            ,C1,2026-03-02,1.00,1\n\
            3,C1,yesterday,1.00,1\n\
            4,C1,2026-03-02,1.005,1\n\
            5,C1,2026-03-02,1.00,one\n\
            6,C1,2026-03-02,1.00\n\
            8,C1,2026-03-02,1.00,1\n";
        let (rows, errors) = read(ImportWhat::Orders, text, &[], Mapping::order).unwrap();
        assert_eq!(rows.len(), 2);
        insta::assert_snapshot!(errors.join("\n"), @r#"
        3: `order_id` is empty; every line needs one
        4: `time` is "yesterday"; it must be a time such as 2026-03-02, 2026-03-02 10:00:00, 20260302 or 2026-03-02T10:00:00+08:00
        5: `amount` is "1.005"; it must be an amount with at most two decimals such as 59.90
        6: `items` is "one"; it must be a whole number up to 1,000,000 such as 2
        7: the line has 4 columns and the heading 5; they must agree
        "#);
    }

    #[test]
    fn two_columns_of_one_meaning_are_one_too_many() {
        let text = "openid,phone,手机\no1,1,2\n";
        let error = read(ImportWhat::List, text, &[], Mapping::member).unwrap_err();
        insta::assert_snapshot!(error, @"`phone` is said by two columns, phone, 手机; map one of them to -");
    }
}
