//! Publishing without sending (发布能力, `platform/08 §4`): the articles get their addresses, nobody
//! is notified and no budget is touched.

pub mod publication;

use serde::{Deserialize, Serialize};

use super::draft::Kept;
use super::material::Library;
use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, done};
use publication::{Publication, Published, State};

/// The code for a publication nobody knows; the page names none (assumed).
const UNKNOWN_PUBLICATION: i64 = 40097;
/// The code for an article a publication does not have (assumed, as for drafts).
const NO_SUCH_ARTICLE: i64 = 40114;

#[derive(Deserialize)]
struct SubmitRequest {
    #[serde(default)]
    media_id: String,
}

#[derive(Serialize)]
struct Submitted {
    errcode: i64,
    errmsg: &'static str,
    publish_id: String,
    msg_data_id: String,
}

/// `freepublish/submit`: a task is accepted, the draft is gone.
///
/// # Errors
/// 40007 when there is no such draft; 53503–53505 when a fault says so.
pub fn submit(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: SubmitRequest = call.json()?;
    let account = &mut *scene.account;
    account.drafts.get(&request.media_id).ok_or(Refused::new(40007))?;
    if let Some(code) = scene.faults.strike_publish(scene.now) {
        return Err(Refused::new(code));
    }
    let draft = account.drafts.take(&request.media_id).ok_or(Refused::new(40007))?;
    let msg_data_id = account.jobs.number_data();
    let (publish_id, at) = account.publications.submit(draft, msg_data_id, scene.now);
    scene.queue.add(at, publication::due(scene.position, publish_id));
    answer(&Submitted {
        errcode: 0,
        errmsg: "ok",
        publish_id: publish_id.to_string(),
        msg_data_id: msg_data_id.to_string(),
    })
}

#[derive(Deserialize)]
struct StatusRequest {
    #[serde(deserialize_with = "wire::ids::number_or_text")]
    publish_id: i64,
}

#[derive(Serialize)]
struct Status<'a> {
    publish_id: String,
    publish_status: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    article_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    article_detail: Option<Detail<'a>>,
    fail_idx: Vec<usize>,
}

#[derive(Serialize)]
struct Detail<'a> {
    count: usize,
    item: Vec<Address<'a>>,
}

#[derive(Serialize)]
struct Address<'a> {
    idx: usize,
    article_url: &'a str,
}

/// `freepublish/get`.
///
/// # Errors
/// 40097 when there is no such publication.
pub fn status(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: StatusRequest = call.json()?;
    let found = scene.account.publications.get(request.publish_id);
    let publication = found.ok_or(Refused::new(UNKNOWN_PUBLICATION))?;
    let (article_id, article_detail) = match &publication.state {
        State::Published { article_id, articles } => {
            let item: Vec<_> = articles
                .iter()
                .enumerate()
                .map(|(place, article)| Address { idx: place + 1, article_url: &article.url })
                .collect();
            (Some(article_id.as_str()), Some(Detail { count: item.len(), item }))
        }
        _ => (None, None),
    };
    answer(&Status {
        publish_id: publication.publish_id.to_string(),
        publish_status: publication.status(),
        article_id,
        article_detail,
        fail_idx: publication.failed_articles(),
    })
}

#[derive(Serialize)]
struct Item {
    #[serde(flatten)]
    kept: Kept,
    thumb_url: String,
    is_deleted: bool,
}

fn items(articles: &[Published], library: &Library, no_content: bool) -> Vec<Item> {
    let item = |article: &Published| {
        let mut kept = article.kept.clone();
        if no_content {
            kept.article.content.clear();
        }
        let cover = library.get(&kept.article.thumb_media_id);
        let thumb_url = cover.and_then(|cover| cover.url.clone()).unwrap_or_default();
        Item { kept, thumb_url, is_deleted: article.is_deleted }
    };
    articles.iter().map(item).collect()
}

#[derive(Deserialize)]
struct ListRequest {
    #[serde(default)]
    offset: i64,
    #[serde(default)]
    count: i64,
    #[serde(default)]
    no_content: u8,
}

#[derive(Serialize)]
struct Content {
    news_item: Vec<Item>,
    create_time: i64,
    update_time: i64,
}

#[derive(Serialize)]
struct Listed<'a> {
    article_id: &'a str,
    content: Content,
    update_time: i64,
}

#[derive(Serialize)]
struct Page<'a> {
    total_count: usize,
    item_count: usize,
    item: Vec<Listed<'a>>,
}

/// `freepublish/batchget`, newest first.
///
/// # Errors
/// 40097 for a count outside 1–20 or a negative offset.
pub fn list(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: ListRequest = call.json()?;
    let (Ok(offset), 1..=20) = (usize::try_from(request.offset), request.count) else {
        return Err(Refused::new(40097));
    };
    let account = &*scene.account;
    let listed = |one| listed(one, &account.library, request.no_content == 1);
    let count = usize::try_from(request.count).unwrap_or(0);
    let published = account.publications.published();
    let item: Vec<_> = published.skip(offset).take(count).filter_map(listed).collect();
    let total_count = account.publications.published().count();
    answer(&Page { total_count, item_count: item.len(), item })
}

fn listed<'a>(one: &'a Publication, library: &Library, no_content: bool) -> Option<Listed<'a>> {
    let State::Published { article_id, articles } = &one.state else { return None };
    let (create_time, update_time) = (one.submitted.0, one.updated.0);
    let news_item = items(articles, library, no_content);
    Some(Listed {
        article_id,
        content: Content { news_item, create_time, update_time },
        update_time,
    })
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    article_id: String,
    #[serde(default)]
    index: i64,
}

#[derive(Serialize)]
struct News {
    news_item: Vec<Item>,
}

/// `freepublish/getarticle`.
///
/// # Errors
/// 53600 when there is no such publication.
pub fn article(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let found = scene.account.publications.of_article(&request.article_id);
    match found.map(|publication| &publication.state) {
        Some(State::Published { articles, .. }) => {
            answer(&News { news_item: items(articles, &scene.account.library, false) })
        }
        _ => Err(Refused::new(53600)),
    }
}

/// `freepublish/delete`: one article, counted from 1, or all of them (0 or absent). There is no way
/// back.
///
/// # Errors
/// 53600 when there is no such publication, 40114 when it has no such article.
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let found = scene.account.publications.of_article_mut(&request.article_id);
    let publication = found.ok_or(Refused::new(53600))?;
    let State::Published { articles, .. } = &mut publication.state else {
        return Err(Refused::new(53600));
    };
    match usize::try_from(request.index) {
        Ok(0) => articles.iter_mut().for_each(|article| article.is_deleted = true),
        Ok(index) => {
            let article = articles.get_mut(index - 1).ok_or(Refused::new(NO_SUCH_ARTICLE))?;
            article.is_deleted = true;
        }
        Err(_) => return Err(Refused::new(NO_SUCH_ARTICLE)),
    }
    publication.updated = scene.now;
    done()
}
