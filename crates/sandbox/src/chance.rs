//! Chance that repeats: every draw is a function of a seed, so the same seed and the same calls
//! make the same world.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn stir(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number drawn for `subject` under `topic`: always the same for the same three.
#[must_use]
pub fn draw(seed: u64, topic: u64, subject: u64) -> u64 {
    stir(stir(stir(seed) ^ topic).wrapping_add(subject.wrapping_mul(0xD6E8_FEB8_6659_FD93)))
}

/// Whether the draw falls into `share` of `whole`.
#[must_use]
pub fn falls(drawn: u64, share: u64, whole: u64) -> bool {
    whole > 0 && (drawn >> 11) % whole < share
}

/// A number that stands for this text in draws.
#[must_use]
pub fn number_of(text: &str) -> u64 {
    text.bytes().fold(0, |number, byte| stir(number ^ u64::from(byte)))
}

/// A stream of draws that moves on with each one taken.
#[derive(Debug, Clone)]
pub struct Chance {
    seed: u64,
    taken: u64,
}

impl Chance {
    /// The stream of this seed, from its beginning.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, taken: 0 }
    }

    /// The next draw.
    pub fn number(&mut self) -> u64 {
        self.taken += 1;
        draw(self.seed, 0, self.taken)
    }

    /// `length` characters of `A–Z a–z 0–9 - _`.
    pub fn text(&mut self, length: usize) -> String {
        let mut text = String::with_capacity(length + 10);
        while text.len() < length {
            push_letters(&mut text, self.number());
        }
        text.truncate(length);
        text
    }

    /// `length` lower-case hexadecimal digits.
    pub fn hex(&mut self, length: usize) -> String {
        let mut text = String::with_capacity(length + 16);
        while text.len() < length {
            text.push_str(&format!("{:016x}", self.number()));
        }
        text.truncate(length);
        text
    }

    /// Sixteen letters and digits, what an encrypted push begins with.
    pub fn sixteen(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let digits = self.hex(16);
        bytes.copy_from_slice(&digits.as_bytes()[..16]);
        bytes
    }
}

/// `length` characters that belong to this draw.
#[must_use]
pub fn letters(drawn: u64, length: usize) -> String {
    let mut text = String::with_capacity(length + 10);
    let mut number = drawn;
    while text.len() < length {
        push_letters(&mut text, number);
        number = stir(number);
    }
    text.truncate(length);
    text
}

fn push_letters(text: &mut String, mut number: u64) {
    for _ in 0..10 {
        text.push(char::from(LETTERS[(number & 63) as usize]));
        number >>= 6;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let (mut one, mut two) = (Chance::new(7), Chance::new(7));
        assert_eq!(one.text(64), two.text(64));
        assert_eq!(one.hex(33).len(), 33);
        assert_ne!(one.number(), two.number());
        assert_ne!(Chance::new(8).number(), Chance::new(7).number());
    }

    #[test]
    fn shares_come_out_about_right() {
        let hits = (0..100_000).filter(|n| falls(draw(1, 2, *n), 200, 1000)).count();
        assert!((19_500..20_500).contains(&hits), "{hits} of 100,000 at 20 %");
    }
}
