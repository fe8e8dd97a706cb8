//! Presets: segments that many merchants want, as text in the language with parameters
//! (`presets.toml`), and the grid of recency, frequency and money (RFM). A preset is nothing but
//! text: what it gives is read, checked and counted like any other segment.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use wire::Day;

use crate::segment::Name;

/// Numbers over this are no number of days, orders or yuan.
const MOST: u32 = 1_000_000_000;

/// A segment with parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its stable name.
    pub key: String,
    /// Its Chinese name.
    pub zh: String,
    /// Its English name.
    pub en: String,
    /// The segment; `{name}` stands for a parameter.
    pub text: String,
    /// What can be chosen.
    #[serde(default, rename = "parameter")]
    pub parameters: Vec<Parameter>,
}

/// What can be chosen of a preset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name in the text.
    pub name: String,
    /// Its Chinese name.
    pub zh: String,
    /// Its English name.
    pub en: String,
    /// What it is unless chosen otherwise; also says of which kind it is.
    pub usual: Usual,
}

/// What a parameter is unless chosen otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Usual {
    /// A whole number.
    Number(u32),
    /// A day as `2026-01-01`, or else the name of an attribute.
    Text(String),
}

/// Why a preset gives no segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file of presets is broken; only a build with a broken file says so.
    #[error("failed to read the presets: {0}")]
    File(String),
    /// No such preset.
    #[error("no preset {0:?}; there are {1}")]
    Unknown(String, String),
    /// No such parameter.
    #[error("preset {preset:?} has no parameter {name:?}; it has {known}")]
    Parameter {
        /// The preset.
        preset: String,
        /// The name given.
        name: String,
        /// Its parameters.
        known: String,
    },
    /// A value of the wrong kind.
    #[error("{name}: {found:?} is not {wanted}")]
    Value {
        /// The parameter.
        name: String,
        /// What was given.
        found: String,
        /// What would be right.
        wanted: &'static str,
    },
}

/// All presets.
///
/// # Errors
/// When the file of presets is broken.
pub fn presets() -> Result<&'static [Preset], Error> {
    #[derive(Deserialize)]
    struct File {
        preset: Vec<Preset>,
    }
    static PRESETS: OnceLock<Result<Vec<Preset>, String>> = OnceLock::new();
    PRESETS
        .get_or_init(|| {
            toml::from_str::<File>(include_str!("../presets.toml"))
                .map(|file| file.preset)
                .map_err(|error| error.to_string())
        })
        .as_deref()
        .map_err(|error| Error::File(error.clone()))
}

/// The preset of this key.
///
/// # Errors
/// When there is none, with those there are.
pub fn preset(key: &str) -> Result<&'static Preset, Error> {
    let all = presets()?;
    all.iter().find(|preset| preset.key == key).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|preset| preset.key.as_str()).collect();
        Error::Unknown(key.to_owned(), known.join(", "))
    })
}

impl Preset {
    /// The segment's text with these values; the usual ones where none is given.
    ///
    /// # Errors
    /// When a value is of the wrong kind or names no parameter.
    pub fn text(&self, values: &BTreeMap<String, String>) -> Result<String, Error> {
        if let Some(name) = values.keys().find(|name| self.parameter(name).is_none()) {
            let known: Vec<&str> = self.parameters.iter().map(|one| one.name.as_str()).collect();
            return Err(Error::Parameter {
                preset: self.key.clone(),
                name: name.clone(),
                known: if known.is_empty() { "none".into() } else { known.join(", ") },
            });
        }
        let mut text = self.text.clone();
        for parameter in &self.parameters {
            let value = parameter.written(values.get(&parameter.name))?;
            text = text.replace(&format!("{{{}}}", parameter.name), &value);
        }
        Ok(text)
    }

    fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

impl Parameter {
    /// The value as it stands in the language.
    fn written(&self, value: Option<&String>) -> Result<String, Error> {
        let wrong = |found: &str, wanted| Error::Value {
            name: self.name.clone(),
            found: found.to_owned(),
            wanted,
        };
        match (&self.usual, value) {
            (Usual::Number(usual), None) => Ok(usual.to_string()),
            (Usual::Number(_), Some(value)) => match value.trim().parse::<u32>() {
                Ok(number) if number <= MOST => Ok(number.to_string()),
                _ => Err(wrong(value, "a whole number from 0 to 1,000,000,000")),
            },
            (Usual::Text(usual), value) => {
                let value = value.unwrap_or(usual);
                match (usual.parse::<Day>(), value.parse::<Day>()) {
                    (Ok(_), Ok(day)) => Ok(day.to_string()),
                    (Ok(_), Err(_)) => Err(wrong(value, "a day such as 2026-03-02")),
                    (Err(_), _) if value.trim().is_empty() => {
                        Err(wrong(value, "the name of an attribute"))
                    }
                    (Err(_), _) => Ok(Name::new(value.as_str()).to_string()),
                }
            }
        }
    }
}

/// One cell of the grid: bands counted from 1, the best of each highest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// How lately they ordered.
    pub recency: usize,
    /// How often.
    pub frequency: usize,
    /// For how much.
    pub money: usize,
    /// The segment.
    pub text: String,
}

/// The grid of recency, frequency and money over the last `days`. The cuts part the bands, lowest
/// first: `recency` in days since the last order, `frequency` in orders, `money` in yuan. Whoever
/// ordered within the days is in exactly one cell; who did not is in none.
#[must_use]
pub fn rfm(days: u32, recency: &[u32], frequency: &[u32], money: &[u32]) -> Vec<Cell> {
    let ages = bands(
        recency,
        |cut| format!("last(order) <= {cut}d ago"),
        |cut| format!("last(order) > {cut}d ago"),
    );
    let counts = bands(
        frequency,
        |cut| format!("orders.count({days}d) < {cut}"),
        |cut| format!("orders.count({days}d) >= {cut}"),
    );
    let sums = bands(
        money,
        |cut| format!("orders.sum(amount, {days}d) < {cut}"),
        |cut| format!("orders.sum(amount, {days}d) >= {cut}"),
    );
    let mut cells = Vec::new();
    // The fewest days are the best band of recency.
    for (recency, age) in (1..=ages.len()).rev().zip(&ages) {
        for (frequency, count) in (1..).zip(&counts) {
            for (money, sum) in (1..).zip(&sums) {
                let ordered = format!("orders.count({days}d) >= 1");
                let parts = [Some(&ordered), age.as_ref(), count.as_ref(), sum.as_ref()];
                let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
                let text = parts.join(" and ");
                cells.push(Cell { recency, frequency, money, text });
            }
        }
    }
    cells
}

/// The conditions of each band; none where there is no cut.
fn bands(
    cuts: &[u32],
    below: impl Fn(u32) -> String,
    above: impl Fn(u32) -> String,
) -> Vec<Option<String>> {
    let lower = [None].into_iter().chain(cuts.iter().map(|cut| Some(above(*cut))));
    let upper = cuts.iter().map(|cut| Some(below(*cut))).chain([None]);
    lower
        .zip(upper)
        .map(|pair| match pair {
            (Some(lower), Some(upper)) => Some(format!("{lower} and {upper}")),
            (one, other) => one.or(other),
        })
        .collect()
}

#[cfg(test)]
mod tests;
