//! Uploaded files: what kind they are asked to be, what they are, how long they play.
//!
//! A file is known by its first bytes, not by its name (`platform/08 §1–2` lists the formats).

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use wire::rules::Limits;

use crate::api::refusal::Refused;

/// What an upload says the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A picture.
    Image,
    /// A recording.
    Voice,
    /// A film.
    Video,
    /// A small picture that stands for something.
    Thumb,
}

impl Kind {
    /// The kind a call names.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "image" => Self::Image,
            "voice" => Self::Voice,
            "video" => Self::Video,
            "thumb" => Self::Thumb,
            _ => return None,
        })
    }

    /// As the platform spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Thumb => "thumb",
        }
    }

    fn most_bytes(self, limits: &Limits) -> i64 {
        match self {
            Self::Image => limits.image_bytes,
            Self::Voice => limits.voice_bytes,
            Self::Video => limits.video_bytes,
            Self::Thumb => limits.thumb_bytes,
        }
    }

    /// The code for a file that is too big.
    fn too_big(self) -> i64 {
        match self {
            Self::Image => 40009,
            Self::Voice => 40010,
            Self::Video => 40011,
            Self::Thumb => 40012,
        }
    }

    /// Temporary and permanent files take different formats.
    fn takes(self, format: Format, permanent: bool) -> bool {
        use Format::{Amr, Bmp, Gif, Jpeg, Mp3, Mp4, Png, Wav, Wma};
        match self {
            Self::Image => matches!(format, Jpeg | Png | Gif) || permanent && format == Bmp,
            Self::Voice => matches!(format, Amr | Mp3) || permanent && matches!(format, Wav | Wma),
            Self::Video => format == Mp4,
            Self::Thumb => format == Jpeg,
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG picture.
    Jpeg,
    /// PNG picture.
    Png,
    /// GIF picture.
    Gif,
    /// BMP picture.
    Bmp,
    /// AMR recording, narrow band.
    Amr,
    /// MP3 recording.
    Mp3,
    /// WAV recording.
    Wav,
    /// WMA recording.
    Wma,
    /// MP4 film.
    Mp4,
    /// Speex recording of a web page.
    Speex,
}

impl Format {
    /// The format these bytes begin.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let at = |from: usize, mark: &[u8]| bytes.get(from..from + mark.len()) == Some(mark);
        let sync = matches!(bytes, [0xFF, second, ..] if second & 0xE6 == 0xE2);
        Some(if at(0, &[0xFF, 0xD8, 0xFF]) {
            Self::Jpeg
        } else if at(0, b"\x89PNG\r\n\x1a\n") {
            Self::Png
        } else if at(0, b"GIF8") {
            Self::Gif
        } else if at(0, b"BM") {
            Self::Bmp
        } else if at(0, b"#!AMR\n") {
            Self::Amr
        } else if at(0, b"ID3") || sync {
            Self::Mp3
        } else if at(0, b"RIFF") && at(8, b"WAVE") {
            Self::Wav
        } else if at(0, &[0x30, 0x26, 0xB2, 0x75]) {
            Self::Wma
        } else if at(4, b"ftyp") {
            Self::Mp4
        } else {
            return None;
        })
    }

    /// Ending of its file name, and the word in picture addresses.
    #[must_use]
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Jpeg => ("jpg", "jpeg"),
            Self::Png => ("png", "png"),
            Self::Gif => ("gif", "gif"),
            Self::Bmp => ("bmp", "bmp"),
            Self::Amr => ("amr", "amr"),
            Self::Mp3 => ("mp3", "mp3"),
            Self::Wav => ("wav", "wav"),
            Self::Wma => ("wma", "wma"),
            Self::Mp4 => ("mp4", "mp4"),
            Self::Speex => ("speex", "speex"),
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Amr => "audio/amr",
            Self::Mp3 => "audio/mp3",
            Self::Wav => "audio/wav",
            Self::Wma => "audio/x-ms-wma",
            Self::Mp4 => "video/mp4",
            Self::Speex => "audio/speex",
        }
    }
}

/// A file that is kept.
#[derive(Debug, Clone)]
pub struct File {
    /// What it was uploaded as.
    pub kind: Kind,
    /// What it is.
    pub format: Format,
    /// The file.
    pub bytes: Bytes,
    /// Its id, which names it when it is given back.
    pub media_id: String,
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        let (ending, _) = self.format.names();
        let name = format!("attachment; filename=\"{}.{ending}\"", self.media_id);
        let kind = self.format.content_type();
        let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name.as_str())];
        (headers, self.bytes).into_response()
    }
}

/// Checks a file that came in.
///
/// # Errors
/// 41005 without a file, 44001 when it is empty, 40005 for a format the kind does not take,
/// 40009–40012 when too big, 45007 for a recording that plays too long.
pub fn check(
    kind: Kind,
    file: Option<&Bytes>,
    permanent: bool,
    limits: &Limits,
) -> Result<(Format, Bytes), Refused> {
    let bytes = file.ok_or(Refused::new(41005))?;
    if bytes.is_empty() {
        return Err(Refused::new(44001));
    }
    let format = Format::of(bytes).filter(|format| kind.takes(*format, permanent));
    let format = format.ok_or(Refused::new(40005))?;
    if bytes.len() as i64 > kind.most_bytes(limits) {
        return Err(Refused::new(kind.too_big()));
    }
    let most = u64::try_from(limits.voice_seconds).unwrap_or(0) * 1000;
    if kind == Kind::Voice && super::playtime::milliseconds(format, bytes) > most {
        return Err(Refused::new(45007));
    }
    Ok((format, bytes.clone()))
}
