//! What a mass message carries and whether it may be sent (`platform/03 §1`).

use serde::Deserialize;
use sha1::{Digest as _, Sha1};

use crate::api::media::file::Kind;
use crate::api::refusal::Refused;
use crate::api::{Call, Scene};
use crate::html;

/// The part of a body that names the message; recipients are read apart.
#[derive(Deserialize)]
pub struct Body {
    #[serde(default)]
    msgtype: String,
    #[serde(default)]
    text: Option<Text>,
    #[serde(default)]
    mpnews: Option<Media>,
    #[serde(default)]
    voice: Option<Media>,
    #[serde(default)]
    images: Option<Pictures>,
    #[serde(default)]
    image: Option<Media>,
    #[serde(default)]
    mpvideo: Option<Media>,
    #[serde(default)]
    video: Option<Media>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    content: String,
}

#[derive(Deserialize)]
struct Media {
    #[serde(default)]
    media_id: String,
}

#[derive(Deserialize)]
struct Pictures {
    #[serde(default)]
    media_ids: Vec<String>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text(String),
    /// Articles of this draft.
    News(String),
    /// A recording.
    Voice(String),
    /// Pictures.
    Pictures(Vec<String>),
    /// A film.
    Film(String),
}

impl Content {
    /// Adds the message to a digest.
    pub fn digest(&self, digest: &mut Sha1) {
        let (kind, parts): (&str, Vec<&String>) = match self {
            Self::Text(text) => ("text", vec![text]),
            Self::News(id) => ("news", vec![id]),
            Self::Voice(id) => ("voice", vec![id]),
            Self::Pictures(ids) => ("pictures", ids.iter().collect()),
            Self::Film(id) => ("film", vec![id]),
        };
        digest.update(kind.as_bytes());
        for part in parts {
            digest.update([0]);
            digest.update(part.as_bytes());
        }
    }
}

/// Reads the message. `unknown_type` is the call's own code for a type it does not take.
///
/// # Errors
/// 40033 for `\uXXXX` escapes, 45113 for coupons, `unknown_type`, 44004, 45002, 40066, 40215, 41006.
pub fn read(
    call: &Call,
    body: &Body,
    unknown_type: i64,
    scene: &Scene<'_>,
) -> Result<Content, Refused> {
    let most_pictures = scene.account.assumptions.mass_pictures;
    if call.has_unicode_escapes() {
        return Err(Refused::new(40033));
    }
    let media = |media: &Option<Media>| {
        let id = media.as_ref().map(|media| media.media_id.clone()).unwrap_or_default();
        if id.is_empty() { Err(Refused::new(41006)) } else { Ok(id) }
    };
    match body.msgtype.as_str() {
        "text" => read_text(body.text.as_ref(), scene.limits.text_bytes),
        "mpnews" => media(&body.mpnews).map(Content::News),
        "voice" => media(&body.voice).map(Content::Voice),
        "image" => match &body.images {
            Some(pictures) if (1..=most_pictures).contains(&pictures.media_ids.len()) => {
                Ok(Content::Pictures(pictures.media_ids.clone()))
            }
            Some(_) => Err(Refused::new(40215)),
            // The former form, one picture.
            None => media(&body.image).map(|id| Content::Pictures(vec![id])),
        },
        // One table of the page says `video`, its samples `mpvideo`.
        "mpvideo" | "video" => {
            media(if body.mpvideo.is_some() { &body.mpvideo } else { &body.video })
                .map(Content::Film)
        }
        "wxcard" => Err(Refused::new(45113)),
        _ => Err(Refused::new(unknown_type)),
    }
}

fn read_text(text: Option<&Text>, most_bytes: Option<i64>) -> Result<Content, Refused> {
    let content = text.map(|text| text.content.clone()).unwrap_or_default();
    if content.is_empty() {
        return Err(Refused::new(44004));
    }
    if most_bytes.is_some_and(|most| content.len() as i64 > most) {
        return Err(Refused::new(45002));
    }
    if html::has_outside_link(&content) {
        return Err(Refused::new(40066));
    }
    Ok(Content::Text(content))
}

/// Whether what the message names is there. Recordings and pictures may be temporary or permanent
/// (`platform/03 §1`; for pictures assumed); a film must come from `uploadvideo` (`§5.6`).
///
/// # Errors
/// 40007 for an unknown, run-out or used draft, picture, recording or film; 45161 for a film that
/// `uploadvideo` has not made.
pub fn check_media(content: &Content, scene: &Scene<'_>) -> Result<(), Refused> {
    let kind = |id: &str| scene.account.kind_of_file(id, scene.now);
    let there = match content {
        Content::Text(_) => true,
        Content::News(id) => scene.account.articles(id).is_some(),
        Content::Pictures(ids) => ids.iter().all(|id| kind(id) == Some(Kind::Image)),
        Content::Voice(id) => kind(id) == Some(Kind::Voice),
        Content::Film(id) if kind(id) == Some(Kind::Video) => return Err(Refused::new(45161)),
        Content::Film(id) => scene.account.media.is_film(id, scene.now),
    };
    if there { Ok(()) } else { Err(Refused::new(40007)) }
}
