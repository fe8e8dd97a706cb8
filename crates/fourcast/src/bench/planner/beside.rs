//! The same month planned by others: written down as plain columns, it is solved by a script of
//! ours with OR-tools' min-cost flow and with HiGHS. What their plans are worth must be what ours
//! is.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use planner::plan::{Question, Worth};
use serde::{Deserialize, Serialize};

use crate::Error;

const SCRIPT: &str = include_str!("beside.py");
/// What is installed from PyPI, once.
const PACKAGES: [&str; 3] = ["numpy==2.4.6", "ortools==9.15.6755", "highspy==1.15.1"];
/// The systems, as the script knows them.
const SYSTEMS: [&str; 2] = ["or-tools", "highs"];

/// A month planned by another system.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Other {
    /// Which, with its version.
    pub system: String,
    /// What its plan is worth; none where it did not end in time.
    pub value: Option<i64>,
    /// How long the solver took, from a problem in memory.
    pub seconds: f64,
    /// The highest memory use of its process.
    pub peak_mib: u64,
    /// How many times as fast we are.
    #[serde(default)]
    pub ratio: f64,
}

/// What our plan is and took.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Ours {
    /// What it is worth.
    pub value: i64,
    /// From loaded inputs to written sets.
    pub seconds: f64,
}

/// Has all others plan the month.
///
/// # Errors
/// When there is no Python to run them with, or a plan of theirs is worth something else.
pub fn run(question: &Question<'_>, ours: Ours, folder: &Path) -> Result<Vec<Other>, Error> {
    let python = python(folder)?;
    let data = folder.join("month");
    write(question, ours, &data)?;
    let script = folder.join("beside.py");
    std::fs::write(&script, SCRIPT).map_err(Error::failed("write the script"))?;
    let mut others = Vec::new();
    for system in SYSTEMS {
        eprintln!("{system} plans the month …");
        let output = Command::new(&python)
            .arg(&script)
            .arg(&data)
            .arg(system)
            .stderr(Stdio::inherit())
            .output()
            .map_err(Error::failed(format!("run {system}")))?;
        let mut other: Other = serde_json::from_slice(&output.stdout)
            .map_err(Error::failed(format!("read what {system} found")))?;
        other.ratio = other.seconds / ours.seconds;
        if other.value.is_some_and(|value| value != ours.value) {
            let sentence = format!("{} plans {:?}, we {}", other.system, other.value, ours.value);
            return Err(Error::asked(sentence, "one of the two is wrong"));
        }
        others.push(other);
    }
    std::fs::remove_dir_all(&data).map_err(Error::failed("remove the month"))?;
    Ok(others)
}

/// A Python with the systems in it, made in the folder when it is not there yet.
fn python(folder: &Path) -> Result<PathBuf, Error> {
    let place = folder.join("python");
    let python = place.join("bin/python3");
    let ready = place.join("ready");
    if std::fs::read_to_string(&ready).is_ok_and(|packages| packages == PACKAGES.join("\n")) {
        return Ok(python);
    }
    let run = |command: &mut Command, what: &str| {
        let status = command.status().map_err(Error::failed(what))?;
        let hint = "Python 3 with venv, and the network, are needed once";
        status
            .success()
            .then_some(())
            .ok_or_else(|| Error::asked(format!("could not {what}"), hint))
    };
    run(
        Command::new("python3").args(["-m", "venv"]).arg(&place),
        "make a place for Python packages",
    )?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet"]).args(PACKAGES);
    run(&mut install, "install OR-tools and HiGHS")?;
    std::fs::write(ready, PACKAGES.join("\n")).map_err(Error::failed("note what is installed"))?;
    Ok(python)
}

/// Followers who are alike: audiences, class, places. Where worths are personal nobody is.
type Alike = ([u64; 4], u16, u8);

/// Writes the month as columns of little-endian numbers, one file each, and what our plan is.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(question: &Question<'_>, ours: Ours, data: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(data).map_err(Error::failed("make a folder for the month"))?;
    let mut groups = Groups::default();
    let mut members: Vec<[u64; 4]> = vec![[0; 4]; question.followers()];
    for (wish, asked) in question.wishes.iter().enumerate() {
        for ordinal in asked.audience.iter() {
            members[ordinal as usize][wish / 64] |= 1 << (wish % 64);
        }
    }
    let is_personal = question.is_personal();
    let group_of: Vec<u32> = (0..question.followers())
        .map(|ordinal| {
            let class = question.classes.get(ordinal).copied().unwrap_or(0);
            groups.group((members[ordinal], class, question.places[ordinal]), is_personal)
        })
        .collect();
    let (mut pairs_of, mut campaigns, mut worths) = (Vec::new(), Vec::new(), Vec::new());
    for (wish, asked) in question.wishes.iter().enumerate() {
        let mut seen = vec![false; groups.sizes.len()];
        for (member, ordinal) in asked.audience.iter().enumerate() {
            let group = group_of[ordinal as usize];
            if std::mem::replace(&mut seen[group as usize], true) {
                continue;
            }
            pairs_of.push(group);
            campaigns.push(wish as u8);
            worths.push(match &asked.worth {
                Worth::Same(worth) => *worth,
                Worth::ByClass(worths) => worths[usize::from(question.classes[ordinal as usize])],
                Worth::Each(worths) => worths[member],
            });
        }
    }
    let limits = question.wishes.iter();
    let most = limits.clone().map(|wish| wish.most.map_or(i64::MAX, i64::from));
    let least = limits.map(|wish| i64::from(wish.least));
    column(data, "j.u32", pairs_of.iter().map(|group| group.to_le_bytes()))?;
    column(data, "c.u8", campaigns.iter().map(|wish| [*wish]))?;
    column(data, "v.i16", worths.iter().map(|worth| worth.to_le_bytes()))?;
    column(data, "q.u8", groups.places.iter().map(|places| [*places]))?;
    column(data, "n.u32", groups.sizes.iter().map(|size| size.to_le_bytes()))?;
    column(data, "most.i64", most.map(i64::to_le_bytes))?;
    column(data, "least.i64", least.map(i64::to_le_bytes))?;
    let plan = serde_json::to_vec(&ours).map_err(Error::failed("describe the plan"))?;
    std::fs::write(data.join("plan.json"), plan).map_err(Error::failed("write the plan's worth"))
}

fn column<const N: usize>(
    data: &Path,
    name: &str,
    values: impl Iterator<Item = [u8; N]>,
) -> Result<(), Error> {
    let failed = || Error::failed::<std::io::Error>(format!("write {name}"));
    let file = File::create(data.join(name)).map_err(failed())?;
    let mut file = BufWriter::with_capacity(1 << 20, file);
    for value in values {
        file.write_all(&value).map_err(failed())?;
    }
    file.flush().map_err(failed())
}

/// Groups in the order in which they are met.
#[derive(Default)]
struct Groups {
    numbers: HashMap<Alike, u32>,
    places: Vec<u8>,
    sizes: Vec<u32>,
}

impl Groups {
    fn group(&mut self, alike: Alike, is_personal: bool) -> u32 {
        let next = self.sizes.len() as u32;
        let group = if is_personal { next } else { *self.numbers.entry(alike).or_insert(next) };
        if group == next {
            self.places.push(alike.2);
            self.sizes.push(0);
        }
        self.sizes[group as usize] += 1;
        group
    }
}
