//! Permanent material (`platform/08 §2`): files that live until they are deleted, counted against
//! the library's totals. Articles are drafts now (`platform/08 §0`): the former ones are laid out by the
//! control interface and can be read, sent and deleted.

use std::collections::{BTreeMap, HashMap};

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use wire::{MediaId, Timestamp};

use super::draft::{self, News};
use super::media::file::{self, File, Format, Kind};
use super::media::{ID_CHARACTERS, film_address, picture_address};
use super::refusal::Refused;
use super::{Answer, Call, Reply, Scene, answer, done};

/// The picture every account starts with: one grey point.
const FIRST_PICTURE: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\
    \x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\
    \x54\x78\x9c\x63\x68\x00\x00\x00\x82\x00\x81\x77\xcd\x72\xb6\x00\x00\x00\x00\x49\
    \x45\x4e\x44\xae\x42\x60\x82";

/// One permanent file.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The file.
    pub file: File,
    /// Its name when it was uploaded; a film's title.
    pub name: String,
    /// Words beside a film.
    pub introduction: String,
    /// Address of a picture.
    pub url: Option<String>,
    /// When it was uploaded.
    pub updated: Timestamp,
}

/// The permanent files of one account.
#[derive(Debug, Clone, Default)]
pub struct Library {
    by_number: BTreeMap<u64, Kept>,
    numbers: HashMap<String, u64>,
    added: u64,
}

impl Library {
    /// A library that holds the cover every account starts with.
    #[must_use]
    pub fn with_cover(cover: MediaId, now: Timestamp) -> Self {
        let mut library = Self::default();
        let bytes = Bytes::from_static(FIRST_PICTURE);
        let media_id = String::from(cover);
        let url = Some(picture_address(Format::Png, &media_id));
        let file = File { kind: Kind::Image, format: Format::Png, bytes, media_id };
        let name = "cover.png".to_owned();
        library.put(Kept { file, name, introduction: String::new(), url, updated: now });
        library
    }

    fn put(&mut self, kept: Kept) {
        self.added += 1;
        self.numbers.insert(kept.file.media_id.clone(), self.added);
        self.by_number.insert(self.added, kept);
    }

    /// The file of this id.
    #[must_use]
    pub fn get(&self, media_id: &str) -> Option<&Kept> {
        self.by_number.get(self.numbers.get(media_id)?)
    }

    /// Whether this is a picture an image post can show.
    #[must_use]
    pub fn is_picture(&self, media_id: &str) -> bool {
        self.get(media_id).is_some_and(|kept| kept.file.kind == Kind::Image)
    }

    /// Whether this can be the cover of an article (`platform/08 §7`).
    #[must_use]
    pub fn is_cover(&self, media_id: &str) -> bool {
        let fits = |kept: &Kept| matches!(kept.file.kind, Kind::Image | Kind::Thumb);
        self.get(media_id).is_some_and(fits)
    }

    /// All files, the last one uploaded first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Kept> {
        self.by_number.values().rev()
    }

    fn count(&self, kind: Kind) -> usize {
        self.by_number.values().filter(|kept| kept.file.kind == kind).count()
    }

    fn remove(&mut self, media_id: &str) -> Option<Kept> {
        let number = self.numbers.remove(media_id)?;
        self.by_number.remove(&number)
    }
}

/// The form field `description` of a film.
#[derive(Deserialize)]
struct Description {
    #[serde(default)]
    title: String,
    #[serde(default)]
    introduction: String,
}

#[derive(Serialize)]
struct Added {
    media_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// `material/add_material`.
///
/// # Errors
/// 40004 for an unknown type, those of [`file::check`], 47001 for a film whose description cannot
/// be read (which code the platform gives is assumed), 45034 when the library is full.
pub fn add(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let kind = call.query("type").and_then(Kind::of_name).ok_or(Refused::new(40004))?;
    let (format, bytes) = file::check(kind, call.form.file.as_ref(), true, &scene.limits)?;
    let (name, introduction) = if kind == Kind::Video {
        let text = call.form.description.as_deref().unwrap_or_default();
        let told: Description = serde_json::from_str(text).map_err(|_| Refused::new(47001))?;
        (told.title, told.introduction)
    } else {
        (call.form.name.clone(), String::new())
    };
    let most = match kind {
        Kind::Image => scene.limits.material_images,
        _ => scene.limits.material_others,
    };
    let account = &mut *scene.account;
    if account.library.count(kind) as i64 >= most {
        return Err(Refused::new(45034));
    }
    let media_id = account.chance.text(ID_CHARACTERS);
    let url =
        (kind == Kind::Image).then(|| picture_address(format, &account.chance.text(ID_CHARACTERS)));
    let file = File { kind, format, bytes, media_id: media_id.clone() };
    account.library.put(Kept { file, name, introduction, url: url.clone(), updated: scene.now });
    answer(&Added { media_id, url })
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    media_id: String,
}

#[derive(Serialize)]
struct Film<'a> {
    title: &'a str,
    description: &'a str,
    down_url: String,
}

/// `material/get_material`: the bytes, but of a film its words and an address, and of former
/// articles what they say.
///
/// # Errors
/// 40007 when there is no such file.
pub fn get(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let account = &*scene.account;
    let draft = account.drafts.get(&request.media_id);
    let draft = draft.filter(|_| account.assumptions.material_gives_drafts);
    if let Some(news) = account.former_articles.get(&request.media_id).or(draft) {
        return answer(&News { news_item: &news.articles });
    }
    let kept = scene.account.library.get(&request.media_id).ok_or(Refused::new(40007))?;
    if kept.file.kind == Kind::Video {
        let down_url = film_address(&kept.file.media_id);
        return answer(&Film { title: &kept.name, description: &kept.introduction, down_url });
    }
    Ok(Reply::File(kept.file.clone()))
}

/// `material/del_material`. Drafts that show the file keep it.
///
/// # Errors
/// 40007 when there is no such file, 48005 when a menu or a reply of the website shows it, or 45060
/// by a switch.
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let account = &*scene.account;
    let is_known = account.library.get(&request.media_id).is_some()
        || account.former_articles.get(&request.media_id).is_some();
    let is_used =
        account.menus.show(&request.media_id) || account.auto_replies.show(&request.media_id);
    if is_known && is_used {
        return Err(Refused::new(account.assumptions.used_file_code));
    }
    if scene.account.former_articles.take(&request.media_id).is_some() {
        return done();
    }
    scene.account.library.remove(&request.media_id).ok_or(Refused::new(40007))?;
    done()
}

#[derive(Serialize)]
struct Counts {
    voice_count: usize,
    video_count: usize,
    image_count: usize,
    news_count: usize,
}

/// `material/get_materialcount`.
///
/// # Errors
/// None.
pub fn count(scene: &mut Scene<'_>) -> Answer {
    let library = &scene.account.library;
    answer(&Counts {
        voice_count: library.count(Kind::Voice),
        video_count: library.count(Kind::Video),
        image_count: library.count(Kind::Image),
        news_count: scene.account.former_articles.len(),
    })
}

#[derive(Deserialize)]
struct ListRequest {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    offset: i64,
    #[serde(default)]
    count: i64,
}

#[derive(Serialize)]
struct Listed<'a> {
    media_id: &'a str,
    name: &'a str,
    update_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Page<'a> {
    total_count: usize,
    item_count: usize,
    item: Vec<Listed<'a>>,
}

/// `material/batchget_material`, newest first.
///
/// # Errors
/// 40004 for an unknown type, 40097 for a count outside 1–20 or a negative offset.
pub fn list(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: ListRequest = call.json()?;
    let kind = match request.kind.as_str() {
        "news" => None,
        // Thumbnails cannot be listed (`platform/08 §2`).
        "image" | "voice" | "video" => Kind::of_name(&request.kind),
        _ => return Err(Refused::new(40004)),
    };
    let (Ok(offset), 1..=20) = (usize::try_from(request.offset), request.count) else {
        return Err(Refused::new(40097));
    };
    if kind.is_none() {
        return draft::page(&scene.account.former_articles, offset, request.count, false);
    }
    let library = &scene.account.library;
    let of_kind = library.by_number.values().rev().filter(|kept| Some(kept.file.kind) == kind);
    let count = usize::try_from(request.count).unwrap_or(0);
    let item: Vec<_> = of_kind.skip(offset).take(count).map(listed).collect();
    let total_count = kind.map_or(0, |kind| library.count(kind));
    answer(&Page { total_count, item_count: item.len(), item })
}

fn listed(kept: &Kept) -> Listed<'_> {
    Listed {
        media_id: &kept.file.media_id,
        name: &kept.name,
        update_time: kept.updated.0,
        url: kept.url.as_deref(),
    }
}
