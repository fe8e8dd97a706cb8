//! How long a recording plays, from its frames. What cannot be read plays for no time: the
//! platform's own decoder is not played here.

use super::file::Format;

/// Bytes of an AMR frame by its type, head included; each plays 20 ms.
const AMR_FRAMES: [usize; 16] = [13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1];
/// Kilobits a second of MPEG-1 layer III.
const BITRATES_1: [u64; 16] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0];
/// The same of MPEG-2 and 2.5.
const BITRATES_2: [u64; 16] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0];
const RATES_1: [u64; 4] = [44_100, 48_000, 32_000, 0];

/// Milliseconds this recording plays.
#[must_use]
pub fn milliseconds(format: Format, bytes: &[u8]) -> u64 {
    match format {
        Format::Amr => amr(bytes),
        Format::Mp3 => mp3(bytes),
        Format::Wav => wav(bytes),
        Format::Wma => wma(bytes),
        _ => 0,
    }
}

fn amr(bytes: &[u8]) -> u64 {
    let (mut at, mut frames) = (6, 0);
    while let Some(head) = bytes.get(at) {
        at += AMR_FRAMES.get(usize::from(head >> 3 & 15)).copied().unwrap_or(1);
        frames += 1;
    }
    frames * 20
}

fn mp3(bytes: &[u8]) -> u64 {
    let mut at = match bytes {
        // An ID3 tag stands before the sound; seven bits of each byte are its length.
        [b'I', b'D', b'3', _, _, _, a, b, c, d, ..] => {
            let sizes = [*a, *b, *c, *d];
            10 + sizes.iter().fold(0, |size, byte| size << 7 | usize::from(byte & 0x7F))
        }
        _ => 0,
    };
    let mut microseconds = 0;
    while let Some([0xFF, second, third, _]) = bytes.get(at..at.saturating_add(4)) {
        let first_version = second >> 3 & 3 == 3;
        let rate = RATES_1.get(usize::from(third >> 2 & 3)).copied().unwrap_or(0);
        let rate = match second >> 3 & 3 {
            3 => rate,
            2 => rate / 2,
            _ => rate / 4,
        };
        let table = if first_version { BITRATES_1 } else { BITRATES_2 };
        let kilobits = table.get(usize::from(third >> 4)).copied().unwrap_or(0);
        if second & 0xE0 != 0xE0 || rate == 0 || kilobits == 0 {
            break;
        }
        let samples = if first_version { 1152 } else { 576 };
        let padding = u64::from(third >> 1 & 1);
        at += usize::try_from(samples / 8 * kilobits * 1000 / rate + padding).unwrap_or(1);
        microseconds += samples * 1_000_000 / rate;
    }
    microseconds / 1000
}

fn wav(bytes: &[u8]) -> u64 {
    let number = |from: usize| match bytes.get(from..from + 4) {
        Some([a, b, c, d]) => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => 0,
    };
    // The plain form: a 16-byte format part, then the data.
    let (bytes_a_second, data) = (number(28), bytes.len().saturating_sub(44) as u64);
    (data * 1000).checked_div(bytes_a_second).unwrap_or(0)
}

/// The object of an ASF file that says how long it plays, by its id.
const FILE_PROPERTIES: [u8; 16] = [
    0xA1, 0xDC, 0xAB, 0x8C, 0x47, 0xA9, 0xCF, 0x11, 0x8E, 0xE4, 0x00, 0xC0, 0x0C, 0x20, 0x53, 0x65,
];

fn wma(bytes: &[u8]) -> u64 {
    let number = |from: usize| {
        let part = bytes.get(from..from.checked_add(8)?)?;
        Some(u64::from_le_bytes(part.try_into().ok()?))
    };
    let found = bytes.windows(FILE_PROPERTIES.len()).position(|part| part == FILE_PROPERTIES);
    // Length in tenths of microseconds, and milliseconds of silence it begins with.
    let of = |at: usize| Some((number(at + 64)?, number(at + 80)?));
    let (length, before) = found.and_then(of).unwrap_or((0, 0));
    (length / 10_000).saturating_sub(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_are_counted() {
        let mut recording = b"#!AMR\n".to_vec();
        for _ in 0..50 {
            recording.push(0x3C);
            recording.extend([0; 31]);
        }
        assert_eq!(milliseconds(Format::Amr, &recording), 1000);
        // MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes and 26 ms a frame.
        let mut sound = Vec::new();
        for _ in 0..100 {
            sound.extend([0xFF, 0xFB, 0x90, 0x00]);
            sound.extend([0; 413]);
        }
        assert_eq!(milliseconds(Format::Mp3, &sound), 2612);
        let mut wave = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
        wave.extend([16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0]);
        wave.extend(b"data\0\0\0\0");
        wave.extend([0; 32_000]);
        assert_eq!(milliseconds(Format::Wav, &wave), 2000);
        let mut media = vec![0x30, 0x26, 0xB2, 0x75, 0, 0, 0, 0];
        media.extend(FILE_PROPERTIES);
        media.extend([0; 48]);
        media.extend(630_000_000_u64.to_le_bytes());
        media.extend([0; 8]);
        media.extend(3_000_u64.to_le_bytes());
        assert_eq!(milliseconds(Format::Wma, &media), 60_000);
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..200), lead in 0..3) {
            let mark: &[u8] = [b"ID3\xFF".as_slice(), b"\xFF\xFB", b"#!AMR\n"][lead as usize];
            let bytes = [mark, &bytes].concat();
            for format in [Format::Amr, Format::Mp3, Format::Wav, Format::Wma] {
                let _ = milliseconds(format, &bytes);
            }
        }
    }
}
