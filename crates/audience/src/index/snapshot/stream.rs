//! Numbers, texts and columns one after the other, with a checksum that both sides take over the
//! same pieces.

use std::io::{Read, Write};

use super::Error;

/// Bytes written or read at a time.
const PIECE: usize = 1 << 16;

/// A number of fixed size.
pub(super) trait Fixed: Copy {
    const SIZE: usize;
    fn put(list: &[Self], bytes: &mut Vec<u8>);
    fn take(bytes: &[u8], list: &mut Vec<Self>);
}

macro_rules! fixed {
    ($($kind:ty),*) => {$(
        impl Fixed for $kind {
            const SIZE: usize = size_of::<$kind>();
            fn put(list: &[Self], bytes: &mut Vec<u8>) {
                bytes.extend(list.iter().flat_map(|number| number.to_le_bytes()));
            }
            fn take(bytes: &[u8], list: &mut Vec<Self>) {
                let pieces = bytes.as_chunks::<{ size_of::<$kind>() }>().0;
                list.extend(pieces.iter().map(|piece| <$kind>::from_le_bytes(*piece)));
            }
        }
    )*};
}
fixed!(u8, u16, u32, u64, i8, i16, i32, i64, f64);

/// Eight bytes at a time: nobody forges a snapshot, but discs forget.
#[derive(Clone, Copy)]
struct Checksum(u64);

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut sum = self.0 ^ (bytes.len() as u64);
        let mut mix = |word: u64| {
            sum = (sum.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        };
        words.iter().for_each(|word| mix(u64::from_le_bytes(*word)));
        rest.iter().for_each(|byte| mix(u64::from(*byte)));
        self.0 = sum ^ (sum >> 29);
    }
}

pub(super) struct Output<W> {
    target: W,
    checksum: Checksum,
    piece: Vec<u8>,
}

impl<W: Write> Output<W> {
    pub fn new(target: W) -> Self {
        Self { target, checksum: Checksum(1), piece: Vec::with_capacity(PIECE) }
    }

    pub fn number(&mut self, number: u64) -> Result<(), Error> {
        self.bytes(&number.to_le_bytes())
    }

    pub fn text(&mut self, text: &str) -> Result<(), Error> {
        self.list(text.as_bytes())
    }

    pub fn list<T: Fixed>(&mut self, list: &[T]) -> Result<(), Error> {
        self.number(list.len() as u64)?;
        for part in list.chunks(PIECE / T::SIZE) {
            let mut piece = std::mem::take(&mut self.piece);
            piece.clear();
            T::put(part, &mut piece);
            let written = self.bytes(&piece);
            self.piece = piece;
            written?;
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<(), Error> {
        let checksum = self.checksum.0;
        self.target.write_all(&checksum.to_le_bytes())?;
        Ok(self.target.flush()?)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.checksum.add(bytes);
        Ok(self.target.write_all(bytes)?)
    }
}

pub(super) struct Input<R> {
    source: R,
    checksum: Checksum,
    piece: Vec<u8>,
}

impl<R: Read> Input<R> {
    pub fn new(source: R) -> Self {
        Self { source, checksum: Checksum(1), piece: vec![0; PIECE] }
    }

    pub fn number(&mut self) -> Result<u64, Error> {
        let mut bytes = [0; 8];
        self.source.read_exact(&mut bytes)?;
        self.checksum.add(&bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    pub fn text(&mut self) -> Result<String, Error> {
        String::from_utf8(self.list()?).map_err(|_| Error::Damaged("a name"))
    }

    pub fn list<T: Fixed>(&mut self) -> Result<Vec<T>, Error> {
        let len = usize::try_from(self.number()?).map_err(|_| Error::Damaged("a length"))?;
        // A damaged length must not take all memory at once: what is there decides.
        let mut list = Vec::with_capacity(len.min(1 << 24));
        let mut left = len;
        while left > 0 {
            let part = left.min(PIECE / T::SIZE);
            let bytes = &mut self.piece[..part * T::SIZE];
            self.source.read_exact(bytes)?;
            self.checksum.add(bytes);
            T::take(bytes, &mut list);
            left -= part;
        }
        Ok(list)
    }

    pub fn finish(mut self) -> Result<(), Error> {
        let mut bytes = [0; 8];
        self.source.read_exact(&mut bytes)?;
        let same = u64::from_le_bytes(bytes) == self.checksum.0;
        same.then_some(()).ok_or(Error::Damaged("its checksum is another"))
    }
}
