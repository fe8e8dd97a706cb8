//! A file as the readers want it: no byte order mark, lines that end in LF alone, a last line that
//! ends too, and no record beyond a megabyte.

use std::io::{self, BufRead, Read};

use super::LONGEST_RECORD;

/// How a reader is told that the record at hand has no end.
pub const TOO_LONG: io::ErrorKind = io::ErrorKind::InvalidData;

const MARK: &[u8] = b"\xef\xbb\xbf";

/// The cleaned file.
pub struct Clean<R> {
    source: R,
    /// Bytes of the mark seen so far; [`None`] once the file has really begun.
    mark: Option<usize>,
    /// Bytes that looked like a mark and were not one, still to be given out.
    held: &'static [u8],
    after_cr: bool,
    last: u8,
    ended: bool,
    since_record: usize,
}

impl<R: BufRead> Clean<R> {
    /// Cleans what `source` gives.
    pub fn new(source: R) -> Self {
        let last = b'\n';
        Self {
            source,
            mark: Some(0),
            held: b"",
            after_cr: false,
            last,
            ended: false,
            since_record: 0,
        }
    }

    /// Says that a record was read whole, so that the next may be as long again.
    pub fn record_read(&mut self) {
        self.since_record = 0;
    }

    /// Swallows the mark, however the source cuts it into pieces.
    fn begin(&mut self) -> io::Result<()> {
        while let Some(seen) = self.mark {
            let next = self.source.fill_buf()?.first().copied();
            if seen < MARK.len() && next == Some(MARK[seen]) {
                self.source.consume(1);
                self.mark = Some(seen + 1);
                continue;
            }
            if seen < MARK.len() {
                self.held = &MARK[..seen];
            }
            self.mark = None;
        }
        Ok(())
    }

    fn give(&mut self, byte: u8, target: &mut [u8], written: &mut usize) {
        target[*written] = byte;
        *written += 1;
        self.last = byte;
    }
}

impl<R: BufRead> Read for Clean<R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if target.is_empty() || self.ended {
            return Ok(0);
        }
        if self.since_record > LONGEST_RECORD {
            return Err(io::Error::from(TOO_LONG));
        }
        self.begin()?;
        let mut written = 0;
        while let ([byte, rest @ ..], true) = (self.held, written < target.len()) {
            self.held = rest;
            self.give(*byte, target, &mut written);
        }
        while written == 0 {
            let piece = self.source.fill_buf()?;
            if piece.is_empty() {
                self.ended = true;
                if self.last != b'\n' {
                    self.give(b'\n', target, &mut written);
                }
                break;
            }
            let taken = piece.len().min(target.len());
            for byte in &piece[..taken] {
                let second_of_crlf = self.after_cr && *byte == b'\n';
                self.after_cr = *byte == b'\r';
                if second_of_crlf {
                    continue;
                }
                target[written] = if self.after_cr { b'\n' } else { *byte };
                written += 1;
            }
            self.source.consume(taken);
            if let Some(last) = written.checked_sub(1) {
                self.last = target[last];
            }
        }
        self.since_record += written;
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn cleaned(text: &[u8], piece: usize) -> Vec<u8> {
        let mut out = Vec::new();
        Clean::new(BufReader::with_capacity(piece, text)).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn line_ends_and_marks_are_the_same_however_the_file_is_cut() {
        for piece in 1..8 {
            assert_eq!(cleaned(b"\xef\xbb\xbfa\r\nb\rc\n\r\nd", piece), b"a\nb\nc\n\nd\n");
            assert_eq!(cleaned(b"\xef\xbbx", piece), b"\xef\xbbx\n");
            assert_eq!(cleaned(b"\xef\xbb\xbf", piece), b"");
            assert_eq!(cleaned(b"", piece), b"");
            assert_eq!(cleaned(b"a\n", piece), b"a\n");
        }
    }

    #[test]
    fn a_record_without_end_is_an_error() {
        let text = vec![b'x'; LONGEST_RECORD * 2];
        let error = Clean::new(text.as_slice()).read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), TOO_LONG);
    }
}
