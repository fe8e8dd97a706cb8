//! Followers' attributes: OpenID first, then whatever the merchant knows.

use std::io::BufRead;

use delivery::view::AttributeLine;
use wire::OpenId;

use super::table::{Line, Table};
use super::{Error, Parsed};

struct Columns {
    customer_id: Option<usize>,
    own_tags: Option<usize>,
    attributes: Vec<(usize, String)>,
}

/// Reads a file of followers: `openid`, perhaps `customer_id` and `own_tags` (separated by `|`),
/// and attributes, each named by its column's heading. Rows carry the number of their line: only
/// the engine knows which OpenIDs are this account's.
pub fn followers(source: impl BufRead) -> Result<Parsed<(u64, AttributeLine)>, Error> {
    let table = Table::open(source)?;
    if table.column("openid") != Some(0) {
        let found = table.heading().first().cloned().unwrap_or_default();
        return Err(Error::FirstColumn { found, wanted: "openid" });
    }
    let customer_id = table.column("customer_id");
    let own_tags = table.column("own_tags");
    let attributes = table.heading().iter().cloned().enumerate().skip(1);
    let columns = Columns {
        attributes: attributes
            .filter(|(at, _)| Some(*at) != customer_id && Some(*at) != own_tags)
            .collect(),
        customer_id,
        own_tags,
    };
    table.rows(|number, line| Ok((number, columns.follower(line)?)))
}

impl Columns {
    fn follower(&self, line: &Line<'_>) -> Result<AttributeLine, String> {
        let openid =
            OpenId::parse(line.name_in(0)?).map_err(|error| format!("`openid`: {error}"))?;
        let customer = self.customer_id.map(|column| line.text(column)).transpose()?;
        let own_tags = self.own_tags.map(|column| line.text(column)).transpose()?;
        let values = self
            .attributes
            .iter()
            .map(|(column, name)| line.text(*column).map(|value| (name.clone(), value.to_owned())));
        Ok(AttributeLine {
            openid: openid.into(),
            customer: customer.filter(|text| !text.is_empty()).map(str::to_owned),
            values: values.collect::<Result<_, _>>()?,
            own_tags: own_tags
                .unwrap_or_default()
                .split('|')
                .map(str::trim)
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_without_a_meaning_of_their_own_are_attributes() {
        let text = "\u{feff}OpenID,level,Customer_ID,own_tags,城市\r\n\
                    oSBX01,gold,C0000123, vip | 老客户 ||,上海\r\n\
                    oSBX02,,,,\r\n";
        let parsed = followers(text.as_bytes()).unwrap();
        let [(2, first), (3, second)] = parsed.rows.as_slice() else {
            panic!("rows of lines 2 and 3")
        };
        assert_eq!(first.openid, "oSBX01");
        assert_eq!(first.customer.as_deref(), Some("C0000123"));
        assert_eq!(first.own_tags, ["vip", "老客户"]);
        let values = [("level", "gold"), ("城市", "上海")];
        assert_eq!(first.values, values.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!((second.customer.as_ref(), second.own_tags.len()), (None, 0));
    }

    #[test]
    fn the_openid_comes_first_and_has_its_shape() {
        let error = followers("customer_id,openid\n".as_bytes()).unwrap_err();
        insta::assert_snapshot!(error, @"the first column is `customer_id`; it must be `openid`");
        let parsed = followers("openid,level\no 1,gold\n,gold\n".as_bytes()).unwrap();
        let told: Vec<String> =
            parsed.errors.iter().map(|told| format!("{}: {}", told.line, told.error)).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        2: `openid`: OpenID "o 1" is not usable: 1 to 64 characters of A–Z a–z 0–9 _ -
        3: `openid` is empty; every line needs one
        "#);
    }
}
