//! The draft box (`platform/08 §3`). Articles are kept as the platform keeps them: cleaned. A draft
//! leaves the box when it is deleted or mass-sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::draft::{Article, DraftId, ListDraftsRequest};
use wire::{MediaId, Timestamp};

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, done};
use crate::assumptions::Unwanted;
use crate::html;

/// Hosts of draft previews and articles.
const ARTICLE_ADDRESS: &str = "http://mp.weixin.qq.com/s";
const DIGEST_OF_BODY: usize = 54;
const MOST_PICTURES: usize = 20;

/// An article as it is kept and told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// What `wire` knows of it.
    #[serde(flatten)]
    pub article: Article,
    /// Pictures of an image post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_info: Option<ImageInfo>,
}

/// Pictures of an image post (图片消息).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImageInfo {
    /// First one is the cover.
    pub image_list: Vec<Picture>,
}

/// One picture.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Picture {
    /// Permanent picture.
    pub image_media_id: String,
}

/// A draft in the box.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its id.
    pub media_id: MediaId,
    /// Its articles.
    pub articles: Vec<Kept>,
    /// When it was made or last changed.
    pub updated: Timestamp,
    /// Permanent articles of former times: sending does not consume them (`platform/03 §1`).
    pub is_former: bool,
}

/// The draft box.
#[derive(Debug, Clone, Default)]
pub struct Drafts {
    by_number: BTreeMap<u64, Draft>,
    added: u64,
}

impl Drafts {
    /// The draft of this id.
    #[must_use]
    pub fn get(&self, media_id: &str) -> Option<&Draft> {
        self.by_number.values().find(|draft| draft.media_id.as_str() == media_id)
    }

    fn get_mut(&mut self, media_id: &str) -> Option<&mut Draft> {
        self.by_number.values_mut().find(|draft| draft.media_id.as_str() == media_id)
    }

    /// Takes a draft out of the box.
    pub fn take(&mut self, media_id: &str) -> Option<Draft> {
        let number = *self
            .by_number
            .iter()
            .find(|(_, draft)| draft.media_id.as_str() == media_id)
            .map(|(number, _)| number)?;
        self.by_number.remove(&number)
    }

    /// Puts a draft into the box.
    pub fn put(&mut self, draft: Draft) {
        self.added += 1;
        self.by_number.insert(self.added, draft);
    }

    /// All drafts, the last one put in first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Draft> {
        self.by_number.values().rev()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_number.len()
    }

    /// Whether the box is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_number.is_empty()
    }
}

/// Articles as they are sent.
#[derive(Deserialize)]
pub struct AddRequest {
    #[serde(default)]
    articles: Vec<Given>,
}

/// An article as it is sent; whatever may be missing is.
#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    article_type: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    content: String,
    #[serde(default)]
    content_source_url: String,
    #[serde(default)]
    thumb_media_id: String,
    #[serde(default)]
    need_open_comment: u8,
    #[serde(default)]
    only_fans_can_comment: u8,
    #[serde(default)]
    image_info: Option<ImageInfo>,
    #[serde(default)]
    pic_crop_235_1: String,
    #[serde(default)]
    pic_crop_1_1: String,
    #[serde(default)]
    cover_info: CoverInfo,
    #[serde(default)]
    product_info: ProductInfo,
}

/// How the cover of an image post is cropped.
#[derive(Default, Deserialize)]
struct CoverInfo {
    #[serde(default)]
    crop_percent_list: Vec<CropPercent>,
}

#[derive(Deserialize)]
struct CropPercent {
    #[serde(default)]
    ratio: String,
    #[serde(default)]
    x1: String,
    #[serde(default)]
    y1: String,
    #[serde(default)]
    x2: String,
    #[serde(default)]
    y2: String,
}

/// Goods of a shop under the article.
#[derive(Default, Deserialize)]
struct ProductInfo {
    #[serde(default)]
    footer_product_info: Option<FooterProduct>,
}

#[derive(Deserialize)]
struct FooterProduct {
    #[serde(default)]
    product_key: String,
}

/// A part of the cover: fractions of at most six decimals, the first corner before the second.
fn is_crop(corners: [&str; 4]) -> bool {
    let fraction = |text: &str| {
        let (_, decimals) = text.split_once('.').unwrap_or((text, ""));
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let value = text.parse::<f64>().ok().filter(|value| (0.0..=1.0).contains(value));
        value.filter(|_| plain && decimals.len() <= 6)
    };
    match corners.map(fraction) {
        [Some(x1), Some(y1), Some(x2), Some(y2)] => x1 < x2 && y1 < y2,
        _ => false,
    }
}

/// 53402 for a part of the cover that is none.
fn check_crops(given: &Given) -> Result<(), Refused> {
    let written = [&given.pic_crop_235_1, &given.pic_crop_1_1];
    let fits = |text: &&String| {
        let corners: Vec<&str> = text.split('_').collect();
        text.is_empty() || <[&str; 4]>::try_from(corners).is_ok_and(is_crop)
    };
    let fits_ratio = |crop: &CropPercent| {
        matches!(crop.ratio.as_str(), "1_1" | "16_9" | "2.35_1")
            && is_crop([&crop.x1, &crop.y1, &crop.x2, &crop.y2])
    };
    let all = written.iter().all(fits) && given.cover_info.crop_percent_list.iter().all(fits_ratio);
    if all { Ok(()) } else { Err(Refused::new(53402)) }
}

/// `draft/add`.
///
/// # Errors
/// 44003 without articles, 45008 with too many, 45002–45005 and 45110 for sizes, 44004 without a
/// body, 40007 for a cover that is not a permanent picture of this account, 53402 for a part of it
/// that is none, 53406 for goods: accounts here have no shop.
pub fn add(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let draft = make(call.json_with_literal_escapes()?, scene, false)?;
    let media_id = draft.media_id.clone();
    scene.account.drafts.put(draft);
    answer(&DraftId { media_id })
}

/// Checks articles and cleans them; former ones are told from drafts by `is_former`.
///
/// # Errors
/// As [`add`].
pub fn make(request: AddRequest, scene: &mut Scene<'_>, is_former: bool) -> Result<Draft, Refused> {
    if request.articles.is_empty() {
        return Err(Refused::new(44003));
    }
    if request.articles.len() as i64 > scene.limits.articles {
        return Err(Refused::new(45008));
    }
    let alone = request.articles.len() == 1;
    for article in &request.articles {
        check(article, scene)?;
    }
    let number = scene.account.drafts.added + 1;
    let mut articles = Vec::with_capacity(request.articles.len());
    for (place, given) in request.articles.into_iter().enumerate() {
        let sn = scene.account.chance.hex(32);
        let biz = scene.account.original_id.as_str();
        let url = format!(
            "{ARTICLE_ADDRESS}?__biz={biz}&mid={number}&idx={}&sn={sn}{}#rd",
            place + 1,
            if is_former { "" } else { "&preview=1" },
        );
        articles.push(kept(given, scene, alone, url));
    }
    let media_id = MediaId::parse(&scene.account.chance.text(64)).map_err(|_| Refused::new(-1))?;
    Ok(Draft { media_id, articles, updated: scene.now, is_former })
}

fn check(given: &Given, scene: &Scene<'_>) -> Result<(), Refused> {
    let characters = |text: &str| text.chars().count() as i64;
    let assumptions = &scene.account.assumptions;
    let pictures = given.article_type.as_deref() == Some("newspic");
    let is_long = characters(&given.title) > scene.limits.title_characters;
    if given.title.is_empty() || is_long && !assumptions.long_title_is_cut {
        return Err(Refused::new(45003));
    }
    if characters(&given.author) > scene.limits.author_characters {
        return Err(Refused::new(45110));
    }
    if characters(&given.digest) > scene.limits.digest_characters {
        return Err(Refused::new(45004));
    }
    if given.content_source_url.len() as i64 > scene.limits.original_link_bytes {
        return Err(Refused::new(45005));
    }
    if given.content.is_empty() && !pictures {
        return Err(Refused::new(44004));
    }
    // "Under" 20,000 characters and a megabyte.
    if characters(&given.content) >= scene.limits.article_characters
        || given.content.len() as i64 > scene.limits.article_bytes
    {
        return Err(Refused::new(45002));
    }
    let refuses_links = assumptions.outside_link == Unwanted::Refused;
    if refuses_links && !scene.account.wechat_pay && html::has_outside_link(&given.content) {
        return Err(Refused::new(45166));
    }
    let library = &scene.account.library;
    let covered = if pictures {
        given.image_info.as_ref().is_some_and(|info| {
            (1..=MOST_PICTURES).contains(&info.image_list.len())
                && info.image_list.iter().all(|picture| library.is_picture(&picture.image_media_id))
        })
    } else {
        library.is_cover(&given.thumb_media_id)
    };
    if !covered {
        return Err(Refused::new(40007));
    }
    check_crops(given)?;
    let goods = given.product_info.footer_product_info.as_ref();
    if goods.is_some_and(|goods| !goods.product_key.is_empty()) {
        return Err(Refused::new(53406));
    }
    Ok(())
}

fn kept(given: Given, scene: &Scene<'_>, alone: bool, url: String) -> Kept {
    let links_stay = scene.account.wechat_pay;
    let most = usize::try_from(scene.limits.title_characters).unwrap_or(usize::MAX);
    let content = html::keep(&given.content, links_stay);
    let digest = if given.digest.is_empty() && alone {
        html::text(&content).chars().take(DIGEST_OF_BODY).collect()
    } else {
        given.digest
    };
    let article = Article {
        article_type: Some(given.article_type.unwrap_or_else(|| "news".to_owned())),
        title: given.title.chars().take(most).collect(),
        author: given.author,
        digest,
        content,
        content_source_url: given.content_source_url,
        thumb_media_id: given.thumb_media_id,
        need_open_comment: given.need_open_comment,
        only_fans_can_comment: given.only_fans_can_comment,
        url: Some(url),
    };
    Kept { article, image_info: given.image_info }
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    media_id: String,
}

/// The articles of one draft.
#[derive(Serialize)]
pub(super) struct News<'a> {
    pub(super) news_item: &'a [Kept],
}

/// `draft/get`.
///
/// # Errors
/// 40007 when there is no such draft.
pub fn get(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let draft = scene.account.drafts.get(&request.media_id).ok_or(Refused::new(40007))?;
    answer(&News { news_item: &draft.articles })
}

/// `draft/delete`.
///
/// # Errors
/// 40007 when there is no such draft.
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    scene.account.drafts.take(&request.media_id).ok_or(Refused::new(40007))?;
    done()
}

#[derive(Deserialize)]
struct UpdateRequest {
    #[serde(default)]
    media_id: String,
    #[serde(default)]
    index: i64,
    /// One article, not a list of them.
    articles: Given,
}

/// `draft/update`: one article is replaced as a whole.
///
/// # Errors
/// 40007 when there is no such draft, 40114 when it has no such article (counted from 0), those of
/// [`add`] for the article, 41039 for an original link that is no address.
pub fn update(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: UpdateRequest = call.json_with_literal_escapes()?;
    let draft = scene.account.drafts.get(&request.media_id).ok_or(Refused::new(40007))?;
    let alone = draft.articles.len() == 1;
    let place = usize::try_from(request.index).map_err(|_| Refused::new(40114))?;
    let former = draft.articles.get(place).ok_or(Refused::new(40114))?;
    let url = former.article.url.clone().unwrap_or_default();
    check(&request.articles, scene)?;
    let source = request.articles.content_source_url.as_str();
    let schemes = ["http://", "https://"];
    if !source.is_empty() && !schemes.iter().any(|scheme| source.starts_with(scheme)) {
        return Err(Refused::new(41039));
    }
    let article = kept(request.articles, scene, alone, url);
    if let Some(draft) = scene.account.drafts.get_mut(&request.media_id) {
        draft.updated = scene.now;
        if let Some(former) = draft.articles.get_mut(place) {
            *former = article;
        }
    }
    done()
}

#[derive(Serialize)]
struct Count {
    total_count: usize,
}

/// `draft/count`.
///
/// # Errors
/// None.
pub fn count(scene: &mut Scene<'_>) -> Answer {
    answer(&Count { total_count: scene.account.drafts.len() })
}

#[derive(Serialize)]
struct Switched {
    errcode: i64,
    errmsg: &'static str,
    is_open: u8,
}

/// `draft/switch`, with `checkonly` and without: the box is on and stays so.
///
/// # Errors
/// None.
pub fn switch() -> Answer {
    answer(&Switched { errcode: 0, errmsg: "ok", is_open: 1 })
}

#[derive(Serialize)]
struct Listed<'a> {
    media_id: &'a MediaId,
    content: Content,
    update_time: i64,
}

#[derive(Serialize)]
struct Content {
    news_item: Vec<Kept>,
    create_time: i64,
    update_time: i64,
}

#[derive(Serialize)]
struct Page<'a> {
    total_count: usize,
    item_count: usize,
    item: Vec<Listed<'a>>,
}

/// `draft/batchget`, newest first.
///
/// # Errors
/// 40097 for a count outside 1–20 or a negative offset.
pub fn list(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: ListDraftsRequest = call.json()?;
    let (Ok(offset), 1..=20) = (usize::try_from(request.offset), request.count) else {
        return Err(Refused::new(40097));
    };
    page(&scene.account.drafts, offset, request.count, request.no_content == 1)
}

/// One page of a box, newest first.
pub(super) fn page(drafts: &Drafts, offset: usize, count: i64, no_content: bool) -> Answer {
    let listed = |draft| listed(draft, no_content);
    let count = usize::try_from(count).unwrap_or(0);
    let item: Vec<_> =
        drafts.by_number.values().rev().skip(offset).take(count).map(listed).collect();
    answer(&Page { total_count: drafts.len(), item_count: item.len(), item })
}

fn listed(draft: &Draft, no_content: bool) -> Listed<'_> {
    let mut news_item = draft.articles.clone();
    if no_content {
        for kept in &mut news_item {
            kept.article.content.clear();
        }
    }
    let updated = draft.updated.0;
    let content = Content { news_item, create_time: updated, update_time: updated };
    Listed { media_id: &draft.media_id, content, update_time: updated }
}
