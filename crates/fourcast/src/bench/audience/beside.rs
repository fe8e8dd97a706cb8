//! The same questions asked of DuckDB, ClickHouse (chdb) and SQLite: the data are written as plain
//! columns, a script of ours loads them and answers, one system after the other.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::shop::{NOW, Shop};
use super::{Answers, Figure};
use crate::Error;

const SCRIPT: &str = include_str!("beside.py");
/// What is installed from PyPI, once.
const PACKAGES: [&str; 4] = ["duckdb==2.0.0", "chdb==4.4.0", "numpy==2.4.6", "pandas==3.1.1"];

/// One measurement of another system.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Other {
    /// Which, with its version.
    pub system: String,
    /// The question: `ten tags`, `eligible` or `window`, and how it was put.
    pub what: String,
    /// Median milliseconds; none where it was not measured.
    pub ms: Option<f64>,
    /// What it answered.
    pub answer: Option<u64>,
    /// How many times as fast we are.
    #[serde(default)]
    pub ratio: Option<f64>,
}

/// Runs all of them. Nothing when there is no Python to run them with.
///
/// # Errors
/// When data cannot be written or a system answers another number than we.
pub fn run(shop: &Shop, folder: &Path, answers: &Answers) -> Result<Vec<Other>, Error> {
    let python = match python(folder) {
        Ok(python) => python,
        Err(error) => {
            eprintln!("without the others: {error}");
            return Ok(Vec::new());
        }
    };
    let data = folder.join("data");
    write(shop, &data)?;
    let script = folder.join("beside.py");
    std::fs::write(&script, SCRIPT).map_err(Error::failed("write the script"))?;
    let mut others: Vec<Other> = Vec::new();
    for system in ["duckdb", "chdb", "sqlite"] {
        eprintln!("{system} loads and answers …");
        let output = Command::new(&python)
            .arg(&script)
            .arg(&data)
            .arg(system)
            .arg((NOW.minute_start() + -90 * 86_400).0.to_string())
            .stderr(std::process::Stdio::inherit())
            .output()
            .map_err(Error::failed(format!("run {system}")))?;
        for line in
            String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with('{'))
        {
            let other: Other =
                serde_json::from_str(line).map_err(Error::failed(format!("read {line}")))?;
            eprintln!("  {}: {} {:?} ms", other.system, other.what, other.ms);
            others.push(other);
        }
    }
    for other in &mut others {
        let (wanted, ours) = match other.what.split(':').next().unwrap_or_default() {
            "ten tags" => (answers.ten_tags, answers.ten_tags_ms),
            "eligible" => (answers.eligible, answers.eligible_ms),
            _ => (answers.window, answers.window_ms),
        };
        if other.answer.is_some_and(|answer| answer != wanted as u64) {
            let sentence =
                format!("{} answers {:?}, we {wanted}: {}", other.system, other.answer, other.what);
            return Err(Error::asked(sentence, "one of the two is wrong"));
        }
        other.ratio = other.ms.map(|ms| ms / ours);
    }
    std::fs::remove_dir_all(&data).map_err(Error::failed("remove the data"))?;
    Ok(others)
}

/// The goals that are ratios.
pub fn compare(others: &[Other], figures: &mut Vec<Figure>) {
    for (system, what, goal) in [
        ("DuckDB", "ten tags: boolean columns", Some(100.0)),
        ("ClickHouse", "ten tags: groupBitmap", Some(10.0)),
        ("SQLite", "ten tags: packed", None),
        ("DuckDB", "window: group by", None),
        ("ClickHouse", "window: group by", None),
    ] {
        let found = others
            .iter()
            .find(|other| other.system.starts_with(system) && other.what.starts_with(what));
        let Some((other, ratio)) = found.and_then(|other| Some((other, other.ratio?))) else {
            continue;
        };
        let note = format!("{:.1} ms there", other.ms.unwrap_or_default());
        let what = format!("as fast as {}, {}", other.system, other.what);
        figures.push(Figure { what, value: ratio, unit: "times", goal, note });
    }
}

/// A Python with the systems in it, made in the folder when it is not there yet.
fn python(folder: &Path) -> Result<std::path::PathBuf, Error> {
    let home = std::env::var_os("FOURCAST_BENCH_PYTHON").map(std::path::PathBuf::from);
    if let Some(python) = home {
        return Ok(python);
    }
    let place = folder.join("python");
    let python = place.join("bin/python3");
    let ready = place.join("ready");
    if ready.exists() {
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
    run(&mut install, "install DuckDB and chdb")?;
    std::fs::write(ready, PACKAGES.join("\n")).map_err(Error::failed("note what is installed"))?;
    Ok(python)
}

/// Columns of little-endian numbers, one file each.
fn write(shop: &Shop, data: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(data).map_err(Error::failed("make a folder for the data"))?;
    let column = |name: &str| {
        let file = File::create(data.join(name)).map_err(Error::failed(format!("make {name}")))?;
        Ok::<_, Error>(BufWriter::with_capacity(1 << 20, file))
    };
    let failed = || Error::failed::<std::io::Error>("write the data");
    let (mut tags, mut used) = (column("tags.u64")?, column("used.u8")?);
    let (mut who, mut at, mut cents) =
        (column("who.u32")?, column("at.u32")?, column("cents.i32")?);
    let mut moments = Vec::new();
    for ord in 0..shop.followers {
        tags.write_all(&shop.tags(ord).to_le_bytes()).map_err(failed())?;
        used.write_all(&[shop.used(ord).min(4) as u8]).map_err(failed())?;
        let mut written = Ok(());
        shop.orders(ord, &mut moments, |moment, amount, _| {
            let all = who
                .write_all(&ord.to_le_bytes())
                .and_then(|()| at.write_all(&(moment.0 as u32).to_le_bytes()))
                .and_then(|()| cents.write_all(&(amount as i32).to_le_bytes()));
            if all.is_err() {
                written = all;
            }
        });
        written.map_err(failed())?;
    }
    for mut column in [tags, used, who, at, cents] {
        column.flush().map_err(failed())?;
    }
    Ok(())
}
