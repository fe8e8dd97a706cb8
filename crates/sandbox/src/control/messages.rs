//! People sending what is no words, and opening the chat.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::followers::{account, find};
use super::{Answer, Refusal, json, read, tell};
use crate::api::media::file::{self, Format, Kind};
use crate::api::media::sample;
use crate::push::messages::{self, LONGEST_STAY, Message, Place};
use crate::world::{Shared, World};

/// 人民广场 in Shanghai, for who says nothing about where they are.
const USUAL: (f64, f64) = (31.232_4, 121.475_3);
const USUAL_SCALE: u8 = 15;
const USUAL_PRECISION: f64 = 65.0;

/// What a person sends; `file` is base64.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum Sent {
    Image {
        file: Option<String>,
    },
    Voice {
        file: Option<String>,
        recognition: Option<String>,
    },
    Video {
        file: Option<String>,
    },
    ShortVideo {
        file: Option<String>,
    },
    Location {
        latitude: Option<f64>,
        longitude: Option<f64>,
        scale: Option<u8>,
        label: Option<String>,
    },
    Link {
        title: String,
        description: Option<String>,
        url: String,
    },
}

/// The file given, which must be one that could be uploaded as such, or the sandbox's own.
fn file_of(
    world: &World,
    position: usize,
    kind: Kind,
    given: Option<&str>,
    own: fn() -> Bytes,
) -> Result<(Format, Bytes), Refusal> {
    let bytes = match given {
        Some(text) => STANDARD
            .decode(text)
            .map_err(|error| Refusal::bad(format!("file is no base64: {error}")))?
            .into(),
        None => own(),
    };
    let limits = world
        .limits(account(world, position)?)
        .map_err(|_| Refusal::conflict("no limits are known for this day"))?;
    file::check(kind, Some(&bytes), false, &limits).map_err(|refused| {
        let (code, name) = (refused.code(), kind.name());
        let words = wire::codes::Code(code).text();
        Refusal::bad(format!(
            "file cannot be sent as {name}: {code} {words}, as media/upload would answer"
        ))
    })
}

fn place(
    latitude: Option<f64>,
    longitude: Option<f64>,
    precision: Option<f64>,
) -> Result<Place, Refusal> {
    let within = |name: &str, value: f64, most: f64, least: f64| {
        let fits = (least..=most).contains(&value);
        let sentence = || Refusal::bad(format!("{name} is {value}; give {least} to {most}"));
        if fits { Ok((value * 1_000_000.0).round()) } else { Err(sentence()) }
    };
    let (north, east) = USUAL;
    Ok(Place {
        latitude: within("latitude", latitude.unwrap_or(north), 90.0, -90.0)? as i32,
        longitude: within("longitude", longitude.unwrap_or(east), 180.0, -180.0)? as i32,
        precision: within("precision", precision.unwrap_or(USUAL_PRECISION), 4_000.0, 0.0)? as u32,
    })
}

fn message(world: &World, position: usize, sent: Sent) -> Result<Message, Refusal> {
    let file =
        |kind, given: Option<String>, own| file_of(world, position, kind, given.as_deref(), own);
    Ok(match sent {
        Sent::Image { file: given } => {
            let (format, bytes) = file(Kind::Image, given, sample::picture)?;
            Message::Image(format, bytes)
        }
        Sent::Voice { file: given, recognition } => {
            let (format, bytes) = file(Kind::Voice, given, sample::recording)?;
            Message::Voice(format, bytes, recognition.unwrap_or_default())
        }
        Sent::Video { file: given } => Message::Video(file(Kind::Video, given, sample::film)?.1),
        Sent::ShortVideo { file: given } => {
            Message::ShortVideo(file(Kind::Video, given, sample::film)?.1)
        }
        Sent::Location { latitude, longitude, scale, label } => Message::Location {
            place: place(latitude, longitude, None)?,
            scale: scale.unwrap_or(USUAL_SCALE),
            label: label.unwrap_or_else(|| "上海市".to_owned()),
        },
        Sent::Link { title, description, url } => {
            if title.is_empty() || url.is_empty() {
                return Err(Refusal::bad("title and url of a link must not be empty"));
            }
            Message::Link { title, description: description.unwrap_or_default(), url }
        }
    })
}

/// `POST …/followers/{openid}/messages`: a follower sends a picture, a recording, a film, a place
/// or a link.
pub async fn send(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let sent: Sent = read(&body)?;
    {
        let mut world = shared.world();
        let (position, person) = find(&world, &appid, &openid)?;
        let message = message(&world, position, sent)?;
        if account(&world, position)?.people.blacklisted().contains(person) {
            return Err(Refusal::conflict(format!("{openid} is on the blacklist")));
        }
        if !messages::send(&mut world, position, person, message) {
            return Err(Refusal::conflict(format!("{openid} does not follow")));
        }
    }
    tell(&shared).await;
    json(&serde_json::json!({ "changed": true }))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Stay {
    latitude: Option<f64>,
    longitude: Option<f64>,
    precision: Option<f64>,
    seconds: i64,
}

/// `POST …/followers/{openid}/enter`: a follower opens the chat and stays for some seconds. The
/// account is told where they are when its option `location_report` is on.
pub async fn enter(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let stay: Stay = read(&body)?;
    if !(0..=LONGEST_STAY).contains(&stay.seconds) {
        let seconds = stay.seconds;
        return Err(Refusal::bad(format!("seconds is {seconds}; give 0 to {LONGEST_STAY}")));
    }
    let place = place(stay.latitude, stay.longitude, stay.precision)?;
    {
        let mut world = shared.world();
        let (position, person) = find(&world, &appid, &openid)?;
        if !messages::enter(&mut world, position, person, place, stay.seconds) {
            return Err(Refusal::conflict(format!("{openid} does not follow")));
        }
    }
    tell(&shared).await;
    json(&serde_json::json!({ "changed": true }))
}
