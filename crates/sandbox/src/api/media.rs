//! Temporary files and pictures for article bodies (`platform/08 §1–2`, `platform/03 §5.5–5.6`).
//!
//! A temporary file is kept three days and given back byte for byte. Of a body picture only the
//! address given out matters, so its bytes are looked at and dropped.

pub mod file;
pub mod playtime;
pub mod sample;

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::media::{FILE_FIELD, UploadImageAnswer};

use super::refusal::Refused;
use super::{Answer, Call, Reply, Scene, answer};
use file::{File, Format, Kind};

const DAY_SECONDS: i64 = 86_400;
const RENEWAL_SECONDS: i64 = 3_600;
/// Characters of an id (`platform/08 §1`).
pub const ID_CHARACTERS: usize = 64;

/// What a multipart body carried.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// The file.
    pub file: Option<Bytes>,
    /// Its name.
    pub name: String,
    /// The form field `description`, for permanent films.
    pub description: Option<String>,
}

/// Reads a multipart body; what is not one is an empty form.
pub async fn form_of(parts: &Parts, body: Bytes) -> Form {
    let mut read = Form::default();
    let mut request = Request::new(Body::from(body));
    request.headers_mut().clone_from(&parts.headers);
    // The gate has bounded the body already.
    DefaultBodyLimit::disable().apply(&mut request);
    let Ok(mut form) = Multipart::from_request(request, &()).await else { return read };
    while let Ok(Some(field)) = form.next_field().await {
        match field.name() {
            Some(FILE_FIELD) => {
                read.name = field.file_name().unwrap_or_default().to_owned();
                read.file = field.bytes().await.ok();
            }
            Some("description") => read.description = field.text().await.ok(),
            _ => {}
        }
    }
    read
}

/// Temporary files of one account, and the films made of files by `uploadvideo`.
#[derive(Debug, Clone, Default)]
pub struct Temporary {
    files: HashMap<String, (File, Timestamp)>,
    films: HashMap<String, Timestamp>,
    /// What people recorded on web pages.
    recordings: HashMap<String, (File, Timestamp)>,
    /// When what had run out was last forgotten.
    renewed: Option<Timestamp>,
}

impl Temporary {
    /// The file of this id, unless it has run out.
    #[must_use]
    pub fn get(&self, media_id: &str, now: Timestamp) -> Option<&File> {
        self.files.get(media_id).filter(|(_, ends)| now < *ends).map(|(file, _)| file)
    }

    /// Whether `uploadvideo` gave this id and it has not run out.
    #[must_use]
    pub fn is_film(&self, media_id: &str, now: Timestamp) -> bool {
        self.films.get(media_id).is_some_and(|ends| now < *ends)
    }

    /// Forgets what has run out, once an hour, so that a long run does not keep every file.
    fn renew(&mut self, now: Timestamp) {
        if self.renewed.is_some_and(|renewed| now - renewed < RENEWAL_SECONDS) {
            return;
        }
        self.renewed = Some(now);
        self.files.retain(|_, (_, ends)| now < *ends);
        self.films.retain(|_, ends| now < *ends);
        self.recordings.retain(|_, (_, ends)| now < *ends);
    }

    /// Keeps a file that no call brought: what a person sent, or what the website hands out.
    pub fn keep(&mut self, file: File, now: Timestamp, days: i64) {
        self.renew(now);
        self.files.insert(file.media_id.clone(), (file, now + days * DAY_SECONDS));
    }

    /// Keeps what somebody recorded on a web page (`uploadVoice` of the JS-SDK).
    pub fn keep_recording(&mut self, media_id: String, bytes: Bytes, now: Timestamp, days: i64) {
        self.renew(now);
        let (kind, format) = (Kind::Voice, Format::Speex);
        let file = File { kind, format, bytes, media_id: media_id.clone() };
        self.recordings.insert(media_id, (file, now + days * DAY_SECONDS));
    }
}

#[derive(Serialize)]
struct Uploaded {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumb_media_id: Option<String>,
    created_at: i64,
}

/// `media/upload`.
///
/// # Errors
/// 40004 for an unknown type, and those of [`file::check`].
pub fn upload(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let kind = call.query("type").and_then(Kind::of_name).ok_or(Refused::new(40004))?;
    let (format, bytes) = file::check(kind, call.form.file.as_ref(), false, &scene.limits)?;
    let media_id = scene.account.chance.text(ID_CHARACTERS);
    let media = &mut scene.account.media;
    media.renew(scene.now);
    let ends = scene.now + scene.limits.media_days * DAY_SECONDS;
    let file = File { kind, format, bytes, media_id: media_id.clone() };
    media.files.insert(media_id.clone(), (file, ends));
    let (media_id, thumb_media_id) =
        if kind == Kind::Thumb { (None, Some(media_id)) } else { (Some(media_id), None) };
    answer(&Uploaded { kind: kind.name(), media_id, thumb_media_id, created_at: scene.now.0 })
}

#[derive(Serialize)]
struct Film {
    video_url: String,
}

/// `media/get`: the bytes, but of a film an address.
///
/// # Errors
/// 41006 without an id, 40007 when there is no such file or it has run out.
pub fn get(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let media_id = call.query("media_id").ok_or(Refused::new(41006))?;
    let file = scene.account.media.get(media_id, scene.now).ok_or(Refused::new(40007))?;
    if file.kind == Kind::Video {
        return answer(&Film { video_url: film_address(media_id) });
    }
    Ok(Reply::File(file.clone()))
}

/// `media/get/jssdk`: a recording of a web page, byte for byte as it was kept.
///
/// # Errors
/// 41006 without an id, 40007 when it is no recording of a page or it has run out.
pub fn get_speech(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let media_id = call.query("media_id").ok_or(Refused::new(41006))?;
    let kept = scene.account.media.recordings.get(media_id);
    let kept = kept.filter(|(_, ends)| scene.now < *ends).ok_or(Refused::new(40007))?;
    Ok(Reply::File(kept.0.clone()))
}

/// Where a film could be fetched; the sandbox gives out the address alone.
#[must_use]
pub fn film_address(media_id: &str) -> String {
    format!("http://203.205.158.1/vweixinp.tc.qq.com/{media_id}.f10.mp4")
}

#[derive(Deserialize)]
struct FilmRequest {
    #[serde(default)]
    media_id: String,
}

/// `media/uploadvideo`: makes of a film what a mass message may carry, for as long as a temporary
/// file lives (assumed).
///
/// # Errors
/// 41006 without an id, 40007 when it is not a film of this account.
pub fn upload_video(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let FilmRequest { media_id } = call.json()?;
    if media_id.is_empty() {
        return Err(Refused::new(41006));
    }
    let account = &mut *scene.account;
    if account.kind_of_file(&media_id, scene.now) != Some(Kind::Video) {
        return Err(Refused::new(40007));
    }
    let made = account.chance.text(ID_CHARACTERS);
    account.media.renew(scene.now);
    let ends = scene.now + scene.limits.media_days * DAY_SECONDS;
    account.media.films.insert(made.clone(), ends);
    answer(&Uploaded {
        kind: "video",
        media_id: Some(made),
        thumb_media_id: None,
        created_at: scene.now.0,
    })
}

/// `media/uploadimg`.
///
/// # Errors
/// 41005 without a file, 44001 when it is empty, 40005 for another kind, 40009 when too big.
pub fn upload_image(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let file = call.form.file.as_ref().ok_or(Refused::new(41005))?;
    if file.is_empty() {
        return Err(Refused::new(44001));
    }
    let format = Format::of(file)
        .filter(|format| matches!(format, Format::Jpeg | Format::Png))
        .ok_or(Refused::new(40005))?;
    if file.len() as i64 > scene.limits.body_image_bytes {
        return Err(Refused::new(40009));
    }
    let url = picture_address(format, &scene.account.chance.text(ID_CHARACTERS));
    answer(&UploadImageAnswer { url })
}

/// An address that survives in an article body.
#[must_use]
pub fn picture_address(format: Format, opaque: &str) -> String {
    let (folder, name) = format.names();
    format!("http://mmbiz.qpic.cn/mmbiz_{folder}/{opaque}/0?wx_fmt={name}")
}
