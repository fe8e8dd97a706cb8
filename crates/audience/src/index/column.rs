//! One attribute of all followers.
//!
//! A row is a 32-bit code: nothing, a number (kept beside), no, yes, or a place in the dictionary
//! of texts. A question about texts is asked once per text, not once per follower; a date is a
//! text `yyyy-mm-dd`, so the same holds for dates. A text nobody has any more stays in the
//! dictionary until the index is loaded again, and never gets into a snapshot.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Set;
use crate::set::{Block, SPAN, kernel};

const NONE: u32 = 0;
const NUMBER: u32 = 1;
const NO: u32 = 2;
const YES: u32 = 3;
const FIRST_TEXT: u32 = 4;

/// What an attribute holds for one follower. A date is the text `yyyy-mm-dd`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attribute {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Words, or a date.
    Text(String),
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A value inside a column, borrowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Words, or a date.
    Text(&'a str),
}

/// Which kinds of value a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds {
    /// Some value is yes or no.
    pub flags: bool,
    /// Some value is a number.
    pub numbers: bool,
    /// Some value is a text.
    pub texts: bool,
}

/// One attribute of all followers.
#[derive(Debug, Clone, Default)]
pub struct Column {
    codes: Vec<u32>,
    numbers: Vec<f64>,
    texts: Vec<Arc<str>>,
    code_of: HashMap<Arc<str>, u32>,
}

/// Codes, numbers and dictionary.
pub(crate) type Parts<'a> = (Cow<'a, [u32]>, &'a [f64], Cow<'a, [Arc<str>]>);

impl Column {
    /// Sets a follower's value.
    pub fn set(&mut self, ord: u32, value: &Attribute) {
        let row = ord as usize;
        let code = match value {
            Attribute::Flag(false) => NO,
            Attribute::Flag(true) => YES,
            Attribute::Text(text) => self.code_of_text(text),
            Attribute::Number(number) => {
                if row >= self.numbers.len() {
                    self.numbers.resize(row + 1, 0.0);
                }
                self.numbers[row] = *number;
                NUMBER
            }
        };
        if row >= self.codes.len() {
            self.codes.resize(row + 1, NONE);
        }
        self.codes[row] = code;
    }

    /// Takes a follower's value away.
    pub fn clear(&mut self, ord: u32) {
        if let Some(code) = self.codes.get_mut(ord as usize) {
            *code = NONE;
        }
        if let Some(number) = self.numbers.get_mut(ord as usize) {
            *number = 0.0;
        }
    }

    /// A follower's value.
    #[must_use]
    pub fn get(&self, ord: u32) -> Option<Attribute> {
        match *self.codes.get(ord as usize)? {
            NONE => None,
            NUMBER => self.numbers.get(ord as usize).copied().map(Attribute::Number),
            NO => Some(Attribute::Flag(false)),
            YES => Some(Attribute::Flag(true)),
            code => {
                let text = self.texts.get((code - FIRST_TEXT) as usize)?;
                Some(Attribute::Text(text.to_string()))
            }
        }
    }

    /// Who has any value.
    #[must_use]
    pub fn present(&self) -> Set {
        self.select(|_| true)
    }

    /// Whose value `holds`; followers without one are never in it. Asked once per text.
    #[must_use]
    pub fn select(&self, holds: impl Fn(Value<'_>) -> bool) -> Set {
        let fixed = [false, false, holds(Value::Flag(false)), holds(Value::Flag(true))];
        let texts = self.texts.iter().map(|text| holds(Value::Text(text)));
        let verdicts: Vec<bool> = fixed.into_iter().chain(texts).collect();
        if self.numbers.is_empty() {
            let blocks = self.codes.chunks(SPAN as usize).map(|codes| {
                Block::from_words(kernel::choose(codes, |code| verdicts[code as usize]))
            });
            return Set::from_blocks(blocks.collect());
        }
        Set::from_fn(self.codes.len() as u32, |ord| match self.codes[ord as usize] {
            NUMBER => holds(Value::Number(self.numbers[ord as usize])),
            code => verdicts[code as usize],
        })
    }

    /// Whether some text ever held passes `test`.
    #[must_use]
    pub fn any_text(&self, test: impl Fn(&str) -> bool) -> bool {
        self.texts.iter().any(|text| test(text))
    }

    /// Which kinds of value there are.
    #[must_use]
    pub fn kinds(&self) -> Kinds {
        self.codes.iter().fold(Kinds::default(), |kinds, code| Kinds {
            flags: kinds.flags | matches!(*code, NO | YES),
            numbers: kinds.numbers | (*code == NUMBER),
            texts: kinds.texts | (*code >= FIRST_TEXT),
        })
    }

    /// Gives back memory that is held for more to come.
    pub fn shrink(&mut self) {
        self.codes.shrink_to_fit();
        self.numbers.shrink_to_fit();
    }

    /// Bytes of memory held, roughly.
    #[must_use]
    pub fn memory(&self) -> usize {
        let texts: usize = self.texts.iter().map(|text| text.len() + 64).sum();
        self.codes.capacity() * size_of::<u32>()
            + self.numbers.capacity() * size_of::<f64>()
            + texts
    }

    /// What it is made of, without the texts that nobody has any more.
    pub(crate) fn parts(&self) -> Parts<'_> {
        let mut used = vec![false; self.texts.len()];
        for code in &self.codes {
            if let Some(text) = code.checked_sub(FIRST_TEXT) {
                used[text as usize] = true;
            }
        }
        if used.iter().all(|used| *used) {
            return (Cow::Borrowed(&self.codes), &self.numbers, Cow::Borrowed(&self.texts));
        }
        let mut next = FIRST_TEXT;
        let moved: Vec<u32> = used
            .iter()
            .map(|used| {
                let code = next;
                next += u32::from(*used);
                code
            })
            .collect();
        let code = |code: &u32| match code.checked_sub(FIRST_TEXT) {
            Some(text) => moved[text as usize],
            None => *code,
        };
        let codes = self.codes.iter().map(code).collect();
        let texts = self.texts.iter().zip(&used).filter(|(_, used)| **used);
        let texts = texts.map(|(text, _)| Arc::clone(text)).collect();
        (Cow::Owned(codes), &self.numbers, Cow::Owned(texts))
    }

    /// `None` when a code means nothing.
    pub(crate) fn from_parts(
        codes: Vec<u32>,
        numbers: Vec<f64>,
        texts: Vec<Arc<str>>,
    ) -> Option<Self> {
        let codes_end = FIRST_TEXT + u32::try_from(texts.len()).ok()?;
        let numbered = codes.iter().rposition(|code| *code == NUMBER).map_or(0, |row| row + 1);
        if codes.iter().any(|code| *code >= codes_end) || numbered > numbers.len() {
            return None;
        }
        let code_of = (FIRST_TEXT..).zip(&texts).map(|(code, text)| (Arc::clone(text), code));
        Some(Self { code_of: code_of.collect(), codes, numbers, texts })
    }

    fn code_of_text(&mut self, text: &str) -> u32 {
        if let Some(code) = self.code_of.get(text) {
            return *code;
        }
        let code = FIRST_TEXT + self.texts.len() as u32;
        let shared: Arc<str> = text.into();
        self.texts.push(Arc::clone(&shared));
        self.code_of.insert(shared, code);
        code
    }
}
