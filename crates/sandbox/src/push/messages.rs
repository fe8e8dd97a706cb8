//! What people send beside words (`platform/06 §3`), and where they are (LOCATION, `§4`).
//!
//! What carries a file gets it kept as a temporary one, so that `media/get` gives it back. Nobody
//! looks at a file; one that was not given is a small one of the sandbox's own.

use std::time::Duration;

use axum::body::Bytes;
use wire::Timestamp;

use super::events::{head, tell};
use super::{To, has_address, reply};
use crate::account::Account;
use crate::api::media::file::{File, Format, Kind};
use crate::api::media::{ID_CHARACTERS, picture_address, sample};
use crate::clock::Due;
use crate::population::people::Act;
use crate::world::World;

/// A person in the chat is told of this often, when the account asked for it (`platform/11 §3`).
const REPORT_EVERY: Duration = Duration::from_secs(5);
/// Longest stay in the chat that is told of.
pub const LONGEST_STAY: i64 = 3_600;

/// What a person sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A picture.
    Image(Format, Bytes),
    /// A recording, and the words in it.
    Voice(Format, Bytes, String),
    /// A film.
    Video(Bytes),
    /// A film made on the spot (小视频), of former times.
    ShortVideo(Bytes),
    /// A place on the map.
    Location {
        /// Where.
        place: Place,
        /// How close the map is.
        scale: u8,
        /// What is there.
        label: String,
    },
    /// A page of the web.
    Link {
        /// Its title.
        title: String,
        /// What it is about.
        description: String,
        /// Its address.
        url: String,
    },
}

/// A place, in millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// North of the equator.
    pub latitude: i32,
    /// East of Greenwich.
    pub longitude: i32,
    /// How far off it may be, millionths of a metre.
    pub precision: u32,
}

fn millionths(number: impl Into<f64>) -> String {
    format!("{:.6}", number.into() / 1_000_000.0)
}

impl Message {
    /// `MsgType`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Image(..) => "image",
            Self::Voice(..) => "voice",
            Self::Video(_) => "video",
            Self::ShortVideo(_) => "shortvideo",
            Self::Location { .. } => "location",
            Self::Link { .. } => "link",
        }
    }

    /// What stands for it where only words are shown, as a client writes it.
    fn in_words(&self) -> String {
        match self {
            Self::Image(..) => "[图片]".to_owned(),
            Self::Voice(_, _, words) if words.is_empty() => "[语音]".to_owned(),
            Self::Voice(_, _, words) => format!("[语音] {words}"),
            Self::Video(_) => "[视频]".to_owned(),
            Self::ShortVideo(_) => "[小视频]".to_owned(),
            Self::Location { label, .. } => format!("[位置] {label}"),
            Self::Link { title, .. } => format!("[链接] {title}"),
        }
    }
}

/// Keeps a file that a person sent, for as long as a temporary one lives; says its id.
fn keep(
    account: &mut Account,
    kind: Kind,
    format: Format,
    bytes: Bytes,
    now: Timestamp,
    days: i64,
) -> String {
    let media_id = account.chance.text(ID_CHARACTERS);
    let file = File { kind, format, bytes, media_id: media_id.clone() };
    account.media.keep(file, now, days);
    media_id
}

/// A follower sends something; `false` when the person does not follow or is on the blacklist,
/// from which no message reaches the account (`platform/07 §6`).
pub fn send(world: &mut World, position: usize, person: u32, message: Message) -> bool {
    let now = world.now();
    let is_told = has_address(world, To::Account(position));
    let limits = world.accounts().get(position).and_then(|account| world.limits(account).ok());
    let Some((limits, account)) = limits.zip(world.account_mut(position)) else { return false };
    if !account.people.following().contains(person) || account.people.blacklisted().contains(person)
    {
        return false;
    }
    let days = limits.media_days;
    let openid = account.people.openid(person);
    let number = account.next_message;
    account.next_message += 1;
    account.said.add(person, now, &message.in_words());
    if !is_told {
        // No word of the website's rules fits a message without words.
        reply::from_website(account, person, Some(""), now);
    }
    let event = message.kind();
    let mut xml = head(account, &openid, now.0, event);
    match message {
        Message::Image(format, bytes) => {
            let url = picture_address(format, &account.chance.text(ID_CHARACTERS));
            let media_id = keep(account, Kind::Image, format, bytes, now, days);
            xml.text("PicUrl", &url).text("MediaId", &media_id);
        }
        Message::Voice(format, bytes, words) => {
            let wide = keep(account, Kind::Voice, Format::Speex, bytes.clone(), now, days);
            let media_id = keep(account, Kind::Voice, format, bytes, now, days);
            xml.text("MediaId", &media_id)
                .text("Format", format.names().0)
                .text("MediaId16K", &wide);
            if account.options.voice_recognize == 1 {
                xml.text("Recognition", &words);
            }
        }
        Message::Video(bytes) | Message::ShortVideo(bytes) => {
            let media_id = keep(account, Kind::Video, Format::Mp4, bytes, now, days);
            let thumb = keep(account, Kind::Thumb, Format::Jpeg, sample::picture(), now, days);
            xml.text("MediaId", &media_id).text("ThumbMediaId", &thumb);
        }
        Message::Location { place, scale, label } => {
            xml.number("Location_X", millionths(place.latitude))
                .number("Location_Y", millionths(place.longitude))
                .number("Scale", scale)
                .text("Label", &label);
        }
        Message::Link { title, description, url } => {
            xml.text("Title", &title).text("Description", &description).text("Url", &url);
        }
    }
    xml.number("MsgId", number);
    tell(world, position, event, openid, xml.finish());
    true
}

/// A follower opens the chat and stays for some seconds; the account is told where they are as
/// often as it asked for (`location_report`). `false` when the person does not follow.
pub fn enter(world: &mut World, position: usize, person: u32, place: Place, seconds: i64) -> bool {
    let now = world.now();
    let Some((account, queue, _)) = world.parts(position) else { return false };
    if !account.people.following().contains(person) {
        return false;
    }
    let last = match account.options.location_report {
        0 => return true,
        1 => 0,
        _ => seconds.clamp(0, LONGEST_STAY),
    };
    let step = i64::try_from(REPORT_EVERY.as_secs()).unwrap_or(1).max(1);
    let mut after = step;
    while after <= last {
        queue.add(now + after, Due::Act { account: position, act: Act::Locate { person, place } });
        after += step;
    }
    locate(world, position, person, place);
    true
}

/// The account is told where a person is: LOCATION. Somebody who left meanwhile tells nothing.
pub fn locate(world: &mut World, position: usize, person: u32, place: Place) {
    let now = world.now();
    let Some(account) = world.accounts().get(position) else { return };
    if !account.people.following().contains(person) {
        return;
    }
    let openid = account.people.openid(person);
    let mut xml = head(account, &openid, now.0, "event");
    xml.text("Event", "LOCATION")
        .number("Latitude", millionths(place.latitude))
        .number("Longitude", millionths(place.longitude))
        .number("Precision", millionths(place.precision));
    tell(world, position, "LOCATION", openid, xml.finish());
}
