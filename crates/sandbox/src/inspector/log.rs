//! The log: calls with the reason of every refusal, callbacks with what they said and what was
//! answered. Newest first, a page at a time.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::language::{Reader, encoded};
use super::meaning::meaning;
use super::words::Words;
use super::{Page, Part, Problem, account, render, written};
use crate::world::{CallRecord, Shared, World};

const LINES: usize = 100;

struct Call {
    at: String,
    path: &'static str,
    /// `ok`, `refused` or `cut`.
    state: &'static str,
    code: String,
    text: String,
    sentence: &'static str,
    rid: String,
    fault: &'static str,
    ms: u64,
    account: String,
    query: String,
    body: String,
    answer: String,
}

#[derive(Template)]
#[template(path = "calls.html")]
struct Calls {
    w: &'static Words,
    page: Page,
    accounts: Vec<(String, String)>,
    path: String,
    refused: bool,
    paths: Vec<&'static str>,
    calls: Vec<Call>,
    part: Part,
    earlier: Option<String>,
    later: Option<String>,
}

fn line(world: &World, record: &CallRecord, reader: &Reader) -> Call {
    let w = reader.words();
    let failed = record.rid.as_deref().and_then(|rid| world.failed_calls.get(rid));
    let account = failed.and_then(|failed| world.accounts().get(failed.account?));
    let (state, sentence) = match record.errcode {
        None => ("cut", w.call_cut),
        Some(0) => ("ok", ""),
        Some(code) => ("refused", meaning(code, reader.reads())),
    };
    let told = |text: fn(&crate::api::request::Failed) -> &str| {
        failed.map(text).unwrap_or_default().to_owned()
    };
    let answer = told(|failed| &failed.response);
    Call {
        at: written(record.at),
        path: record.path,
        state,
        code: record.errcode.map_or(String::new(), |code| code.to_string()),
        text: message(&answer),
        sentence,
        rid: record.rid.clone().unwrap_or_default(),
        fault: record.fault.unwrap_or_default(),
        ms: record.ms,
        account: account.map(|account| account.name.clone()).unwrap_or_default(),
        query: told(|failed| &failed.query),
        body: told(|failed| &failed.body),
        answer,
    }
}

/// The platform's own words, without the id at their end.
fn message(answer: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(answer).unwrap_or_default();
    let text = body.get("errmsg").and_then(serde_json::Value::as_str).unwrap_or_default();
    text.split(" rid: ").next().unwrap_or_default().to_owned()
}

/// `GET …/log?path=&refused=1&from=`.
pub async fn calls(State(shared): State<Arc<Shared>>, reader: Reader) -> Response {
    let w = reader.words();
    let path = reader.value("path").unwrap_or_default().to_owned();
    let only_refused = reader.value("refused").is_some();
    let template = {
        let world = shared.world();
        let fits = |call: &&CallRecord| {
            (path.is_empty() || call.path.contains(&path))
                && (!only_refused || call.errcode != Some(0))
        };
        let total = world.calls.newest_first().filter(fits).count();
        let part = Part::new(reader.number("from"), LINES, total);
        let shown = world.calls.newest_first().filter(fits).skip(part.from).take(LINES);
        let calls = shown.map(|record| line(&world, record, &reader)).collect();
        let mut paths: Vec<_> = world.calls.totals().keys().copied().collect();
        paths.sort_unstable();
        let way = |from: usize| {
            let mut query = vec![("from".to_owned(), from.to_string())];
            if !path.is_empty() {
                query.push(("path".to_owned(), path.clone()));
            }
            if only_refused {
                query.push(("refused".to_owned(), "1".to_owned()));
            }
            format!("?{}", encoded(&query))
        };
        let (earlier, later) = (part.earlier().map(way), part.later().map(way));
        let accounts = world.accounts().iter().take(50);
        let accounts =
            accounts.map(|account| (account.appid.to_string(), account.name.clone())).collect();
        let page = Page::new(&reader, &world, w.log, "log");
        Calls { w, page, accounts, refused: only_refused, paths, calls, part, earlier, later, path }
    };
    render(&reader, &template)
}

struct Callback {
    at: String,
    event: &'static str,
    openid: String,
    attempt: i64,
    taken: bool,
    status: String,
    answer: String,
    ms: u64,
    xml: String,
}

#[derive(Template)]
#[template(path = "callbacks.html")]
struct Callbacks {
    w: &'static Words,
    page: Page,
    appid: String,
    address: String,
    mode: String,
    failed: bool,
    callbacks: Vec<Callback>,
    part: Part,
}

/// One element a line, nested ones further in.
fn laid_out(xml: &str) -> String {
    let mut lines = String::with_capacity(xml.len() * 2);
    let mut depth: usize = 0;
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        lines.push_str(text);
        let end = match tag.strip_prefix("<![CDATA[") {
            Some(_) => tag.find("]]>").map(|end| end + 3),
            None => tag.find('>').map(|end| end + 1),
        };
        let (tag, after) = tag.split_at(end.unwrap_or(tag.len()));
        rest = after;
        let closes = tag.starts_with("</");
        depth = depth.saturating_sub(usize::from(closes));
        let fresh = (closes && lines.ends_with('>') && !lines.ends_with("]]>"))
            || (!closes && !tag.starts_with("<!") && !lines.is_empty());
        if fresh {
            lines.push('\n');
            lines.push_str(&"  ".repeat(depth));
        }
        depth += usize::from(!closes && !tag.starts_with("<!") && !tag.ends_with("/>"));
        lines.push_str(tag);
    }
    lines.push_str(rest);
    lines
}

/// `GET …/accounts/{appid}/callbacks?failed=1&from=`.
pub async fn callbacks(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
) -> Result<Response, Problem> {
    let w = reader.words();
    let template = {
        let world = shared.world();
        let (_, account) = account(&reader, &world, &appid)?;
        let failed = reader.value("failed").is_some();
        let fits = |record: &&crate::push::Record| !failed || !record.taken;
        let total = account.pushes().filter(fits).count();
        let part = Part::new(reader.number("from"), LINES, total);
        let shown = account.pushes().filter(fits).skip(part.from).take(LINES);
        let callback = |record: &crate::push::Record| Callback {
            at: written(record.at),
            event: record.event,
            openid: record.openid.clone(),
            attempt: record.attempt,
            taken: record.taken,
            status: record.status.map_or(String::new(), |status| status.to_string()),
            answer: record.answer.clone(),
            ms: record.ms,
            xml: laid_out(&record.xml),
        };
        let callback_to = account.callback.as_ref();
        Callbacks {
            w,
            page: Page::of(&reader, &world, account, w.callbacks, "callbacks"),
            address: callback_to.map(|to| to.url.clone()).unwrap_or_default(),
            mode: callback_to.map(|to| w.callback_mode(to.mode)).unwrap_or_default().to_owned(),
            failed,
            callbacks: shown.map(callback).collect(),
            part,
            appid,
        }
    };
    Ok(render(&reader, &template))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_is_laid_out_an_element_a_line() {
        let xml = "<xml><A><![CDATA[x]]></A><B><C>1</C></B></xml>";
        let lines = "<xml>\n  <A><![CDATA[x]]></A>\n  <B>\n    <C>1</C>\n  </B>\n</xml>";
        assert_eq!(laid_out(xml), lines);
    }
}
