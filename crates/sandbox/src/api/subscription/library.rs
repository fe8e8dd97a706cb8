//! The account's categories and the public library of subscription notices, as calls see them
//! (`platform/04 C2`).

use serde::Serialize;
use serde_json::{Value, json};

use super::super::template::library::{CATEGORIES, TITLES, Title, title_of};
use super::{Answer, Call, Refused, answer};

/// Most titles of a page.
const PAGE: usize = 30;

/// An answer with a list in it.
#[derive(Serialize)]
struct Listed {
    errcode: i64,
    errmsg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    data: Vec<Value>,
}

/// Writes a list, with its count where the call has one.
///
/// # Errors
/// As [`answer`].
pub fn listed(count: Option<usize>, data: Vec<Value>) -> Answer {
    answer(&Listed { errcode: 0, errmsg: "ok", count, data })
}

/// `newtmpl/getcategory`.
///
/// # Errors
/// None of its own.
pub fn categories() -> Answer {
    listed(None, CATEGORIES.iter().map(|(id, name)| json!({"id":id,"name":name})).collect())
}

/// `newtmpl/getpubtemplatekeywords`.
///
/// # Errors
/// 200014 for a title nobody knows.
pub fn keywords(call: &Call) -> Answer {
    let title = call.query("tid").and_then(title_of).ok_or(Refused::new(200_014))?;
    let keywords = title.keywords.iter().enumerate();
    let data: Vec<Value> = keywords
        .map(|(place, keyword)| {
            json!({"kid":place + 1,"name":keyword.name,"example":keyword.example,
                "rule":keyword.rule.word()})
        })
        .collect();
    listed(Some(data.len()), data)
}

/// `newtmpl/getpubtemplatetitles`.
///
/// # Errors
/// 200018 without categories, 200019 for one that is not the account's, 200016 and 200017 for a
/// page that is none.
pub fn titles(call: &Call) -> Answer {
    let ids = call.query("ids").ok_or(Refused::new(200_018))?;
    let mut categories = Vec::new();
    for id in ids.split(',') {
        let id: i64 = id.trim().parse().map_err(|_| Refused::new(200_019))?;
        if !CATEGORIES.iter().any(|(own, _)| *own == id) {
            return Err(Refused::new(200_019));
        }
        categories.push(id);
    }
    let found: Vec<&Title> =
        TITLES.iter().filter(|title| categories.contains(&title.category)).collect();
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok());
    let start = number("start").filter(|start| *start <= found.len());
    let start = start.ok_or(Refused::new(200_016))?;
    let limit = number("limit").filter(|limit| (1..=PAGE).contains(limit));
    let limit = limit.ok_or(Refused::new(200_017))?;
    let page = found.iter().skip(start).take(limit);
    let data = page.map(|title| {
        json!({"tid":title.number,"title":title.title,"type":title.kind,
            "categoryId":title.category.to_string()})
    });
    listed(Some(found.len()), data.collect())
}
