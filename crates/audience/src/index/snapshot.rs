//! An index as a file, to begin with at the next start.
//!
//! Never the truth: the caller's stamp says of which state of the store it was made, and a file of
//! another state, another version of this format, or with a damaged byte is not used. Layout:
//! eight bytes of format, the stamp, the parts of [`Index`] in a fixed order as columns of
//! little-endian numbers each after its length, and a checksum over all of it.

mod stream;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;

use wire::TagId;

use super::timeline::numbers::Numbers;
use super::timeline::{Block as Rows, Body, Entry, Timeline};
use super::{AttributeKind, Column, Index};
use crate::Set;
use crate::set::{Block, WORDS};
use stream::{Input, Output};

/// Changes with the layout.
const FORMAT: u64 = u64::from_le_bytes(*b"fcindex2");

/// Why a snapshot cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read or written.
    #[error("failed to read or write a snapshot of the followers")]
    Io(#[from] std::io::Error),
    /// It is not what was written.
    #[error("a snapshot of the followers is damaged: {0}")]
    Damaged(&'static str),
    /// It belongs to another state of the store, or to another version.
    #[error("a snapshot of the followers is of another state")]
    Other,
}

impl Index {
    /// Writes the index for [`Index::read_snapshot`]. `stamp` names the state of the store it was
    /// made from.
    ///
    /// # Errors
    /// When `target` cannot be written.
    pub fn write_snapshot(&self, target: impl Write, stamp: &str) -> Result<(), Error> {
        let mut out = Output::new(target);
        out.number(FORMAT)?;
        out.text(stamp)?;
        out.number(self.len.into())?;
        out.number(self.membership_version)?;
        put_set(&mut out, &self.following)?;
        put_set(&mut out, &self.forgotten)?;
        put_set(&mut out, &self.tagged)?;
        out.list(&self.subscribed_at)?;
        out.number(self.tags.len() as u64)?;
        for (tag, members) in &self.tags {
            out.number(tag.0 as u64)?;
            put_set(&mut out, members)?;
        }
        out.number(self.tag_names.len() as u64)?;
        for (tag, name) in &self.tag_names {
            out.number(tag.0 as u64)?;
            out.text(name)?;
        }
        // An own tag and what followers did are known by those who have them; a list is kept empty.
        let own_tags = self.own_tags.iter().filter(|(_, members)| !members.is_empty()).collect();
        for sets in [own_tags, self.lists.iter().collect::<Vec<_>>()] {
            out.number(sets.len() as u64)?;
            for (name, members) in sets {
                out.text(name)?;
                put_set(&mut out, members)?;
            }
        }
        out.number(self.attributes.len() as u64)?;
        for (name, column) in &self.attributes {
            out.text(name)?;
            let (codes, numbers, texts) = column.parts();
            out.list(&codes)?;
            out.list(numbers)?;
            out.number(texts.len() as u64)?;
            texts.iter().try_for_each(|text| out.text(text))?;
        }
        out.number(self.definitions.len() as u64)?;
        for (name, kind) in &self.definitions {
            out.text(name)?;
            put_kind(&mut out, kind)?;
        }
        put_timeline(&mut out, &self.orders)?;
        out.number(self.events.len() as u64)?;
        for (kind, keys) in &self.events {
            let keys: Vec<_> = keys.iter().filter(|(_, timeline)| !timeline.is_empty()).collect();
            out.text(kind)?;
            out.number(keys.len() as u64)?;
            for (key, timeline) in keys {
                out.text(key)?;
                put_timeline(&mut out, timeline)?;
            }
        }
        let bought: Vec<_> = self.bought.iter().filter(|(_, line)| !line.is_empty()).collect();
        out.number(bought.len() as u64)?;
        for (sku, timeline) in bought {
            out.text(sku)?;
            put_timeline(&mut out, timeline)?;
        }
        out.number(self.product_names.len() as u64)?;
        for (name, products) in &self.product_names {
            out.text(name)?;
            out.number(products.len() as u64)?;
            products.iter().try_for_each(|sku| out.text(sku))?;
        }
        out.finish()
    }

    /// Reads what [`Index::write_snapshot`] wrote for the same stamp.
    ///
    /// # Errors
    /// When it was made for another stamp or by another version, or a byte of it is damaged: the
    /// index is to be loaded from the store then.
    pub fn read_snapshot(source: impl Read, stamp: &str) -> Result<Self, Error> {
        let mut input = Input::new(source);
        if input.number()? != FORMAT || input.text()? != stamp {
            return Err(Error::Other);
        }
        let len = u32::try_from(input.number()?).map_err(|_| Error::Damaged("its length"))?;
        let membership_version = input.number()?;
        let following = take_set(&mut input)?;
        let forgotten = take_set(&mut input)?;
        let tagged = take_set(&mut input)?;
        let subscribed_at = input.list()?;
        let mut index = Self {
            len,
            membership_version,
            following,
            forgotten,
            tagged,
            subscribed_at,
            ..Self::default()
        };
        for _ in 0..input.number()? {
            let tag = TagId(input.number()? as i64);
            index.tags.insert(tag, take_set(&mut input)?);
        }
        for _ in 0..input.number()? {
            let tag = TagId(input.number()? as i64);
            index.tag_names.insert(tag, input.text()?);
        }
        for sets in [&mut index.own_tags, &mut index.lists] {
            for _ in 0..input.number()? {
                let name = input.text()?;
                sets.insert(name, take_set(&mut input)?);
            }
        }
        for _ in 0..input.number()? {
            let name = input.text()?;
            let (codes, numbers) = (input.list()?, input.list()?);
            let mut texts: Vec<Arc<str>> = Vec::new();
            for _ in 0..input.number()? {
                texts.push(input.text()?.into());
            }
            let column = Column::from_parts(codes, numbers, texts);
            index.attributes.insert(name, column.ok_or(Error::Damaged("an attribute"))?);
        }
        for _ in 0..input.number()? {
            let name = input.text()?;
            index.definitions.insert(name, take_kind(&mut input)?);
        }
        index.orders = take_timeline(&mut input)?;
        for _ in 0..input.number()? {
            let kind = input.text()?;
            let mut keys = BTreeMap::new();
            for _ in 0..input.number()? {
                let key = input.text()?;
                keys.insert(key, take_timeline(&mut input)?);
            }
            index.events.insert(kind, keys);
        }
        for _ in 0..input.number()? {
            let sku = input.text()?;
            index.bought.insert(sku, take_timeline(&mut input)?);
        }
        for _ in 0..input.number()? {
            let name = input.text()?;
            for _ in 0..input.number()? {
                let sku = input.text()?;
                index.product_names.entry(name.clone()).or_default().insert(sku);
            }
        }
        input.finish()?;
        Ok(index)
    }
}

fn put_set(out: &mut Output<impl Write>, set: &Set) -> Result<(), Error> {
    out.number(set.block_count() as u64)?;
    for number in 0..set.block_count() {
        match set.block(number) {
            Block::Empty => out.number(0)?,
            Block::Few(list) => {
                out.number(1)?;
                out.list(list)?;
            }
            Block::Dense(bits) => {
                out.number(2)?;
                out.list(&bits[..])?;
            }
        }
    }
    Ok(())
}

fn take_set(input: &mut Input<impl Read>) -> Result<Set, Error> {
    const WRONG: Error = Error::Damaged("a set");
    let mut blocks = Vec::new();
    for _ in 0..input.number()? {
        blocks.push(match input.number()? {
            0 => Block::Empty,
            1 => {
                let list: Vec<u16> = input.list()?;
                if !list.is_sorted_by(|a, b| a < b) {
                    return Err(WRONG);
                }
                Block::Few(list)
            }
            2 => {
                let bits: Box<[u64; WORDS]> = input.list()?.try_into().map_err(|_| WRONG)?;
                Block::Dense(bits)
            }
            _ => return Err(WRONG),
        });
    }
    Ok(Set::from_blocks(blocks))
}

fn put_kind(out: &mut Output<impl Write>, kind: &AttributeKind) -> Result<(), Error> {
    match kind {
        AttributeKind::Text => out.number(0),
        AttributeKind::Number => out.number(1),
        AttributeKind::Date => out.number(2),
        AttributeKind::Flag => out.number(3),
        AttributeKind::Choice(choices) => {
            out.number(4)?;
            out.number(choices.len() as u64)?;
            choices.iter().try_for_each(|choice| out.text(choice))
        }
    }
}

fn take_kind(input: &mut Input<impl Read>) -> Result<AttributeKind, Error> {
    Ok(match input.number()? {
        0 => AttributeKind::Text,
        1 => AttributeKind::Number,
        2 => AttributeKind::Date,
        3 => AttributeKind::Flag,
        4 => {
            let mut choices = Vec::new();
            for _ in 0..input.number()? {
                choices.push(input.text()?);
            }
            AttributeKind::Choice(choices)
        }
        _ => return Err(Error::Damaged("the kind of an attribute")),
    })
}

fn put_timeline(out: &mut Output<impl Write>, timeline: &Timeline) -> Result<(), Error> {
    let (few, blocks) = timeline.entries();
    put_entries(out, few)?;
    out.number(blocks.len() as u64)?;
    for block in blocks {
        out.number(block.is_some().into())?;
        let Some(block) = block else { continue };
        let body = &block.body;
        out.list(&body.who)?;
        out.list(&body.runs)?;
        out.list(&body.moments)?;
        put_numbers(out, &body.values)?;
        put_numbers(out, &body.items)?;
        put_entries(out, &block.tail)?;
        out.number(block.latest.into())?;
    }
    Ok(())
}

fn take_timeline(input: &mut Input<impl Read>) -> Result<Timeline, Error> {
    let few = take_entries(input)?;
    let mut blocks = Vec::new();
    for _ in 0..input.number()? {
        if input.number()? == 0 {
            blocks.push(None);
            continue;
        }
        let (who, runs, moments) = (input.list()?, input.list()?, input.list()?);
        let (values, items) = (take_numbers(input)?, take_numbers(input)?);
        let body = Body::from_parts(who, runs, moments, values, items);
        let body = body.ok_or(Error::Damaged("what followers did"))?;
        let tail = take_entries(input)?;
        let latest = input.number()? as u32;
        blocks.push(Some(Box::new(Rows { body, tail, version: 1, latest })));
    }
    Ok(Timeline::from_entries(few, blocks))
}

fn put_entries(out: &mut Output<impl Write>, entries: &[Entry]) -> Result<(), Error> {
    out.number(entries.len() as u64)?;
    for entry in entries {
        out.number(u64::from(entry.ord) << 32 | u64::from(entry.at))?;
        out.number(entry.items.into())?;
        out.number(entry.value as u64)?;
    }
    Ok(())
}

fn take_entries(input: &mut Input<impl Read>) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for _ in 0..input.number()? {
        let both = input.number()?;
        let items = input.number()? as u32;
        let value = input.number()? as i64;
        entries.push(Entry { ord: (both >> 32) as u32, at: both as u32, items, value });
    }
    Ok(entries)
}

fn put_numbers(out: &mut Output<impl Write>, numbers: &Numbers) -> Result<(), Error> {
    match numbers {
        Numbers::Zeros(len) => {
            out.number(0)?;
            out.number(*len as u64)
        }
        Numbers::One(list) => {
            out.number(1)?;
            out.list(list)
        }
        Numbers::Two(list) => {
            out.number(2)?;
            out.list(list)
        }
        Numbers::Four(list) => {
            out.number(4)?;
            out.list(list)
        }
        Numbers::Eight(list) => {
            out.number(8)?;
            out.list(list)
        }
    }
}

fn take_numbers(input: &mut Input<impl Read>) -> Result<Numbers, Error> {
    Ok(match input.number()? {
        0 => Numbers::Zeros(input.number()? as usize),
        1 => Numbers::One(input.list()?),
        2 => Numbers::Two(input.list()?),
        4 => Numbers::Four(input.list()?),
        8 => Numbers::Eight(input.list()?),
        _ => return Err(Error::Damaged("a column of numbers")),
    })
}
