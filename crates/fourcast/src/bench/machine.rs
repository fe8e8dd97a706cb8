//! What this process has used so far, as the kernel tells it (`proc(5)`), and what it runs on.

use std::time::Duration;

use crate::Error;

/// Clock ticks a second of `/proc/*/stat`: the same on every Linux we run on.
const TICKS_PER_SECOND: u64 = 100;
const KIB: u64 = 1024;

fn read(path: &str) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(Error::failed(format!("read {path}")))
}

fn number(text: Option<&str>, path: &str) -> Result<u64, Error> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| {
        Error::asked(format!("{path} is not as expected"), "measure on a Linux machine")
    })
}

/// Processor time of the whole process, user and system, to a hundredth of a second.
///
/// # Errors
/// Where there is no such file: not on Linux.
pub fn processor_time() -> Result<Duration, Error> {
    const PATH: &str = "/proc/self/stat";
    let stat = read(PATH)?;
    // The second field is a name in brackets and may hold spaces.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut fields = after_name.split_whitespace().skip(11);
    let ticks = number(fields.next(), PATH)? + number(fields.next(), PATH)?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// Bytes of this process that lie in memory.
///
/// # Errors
/// Where there is no such file: not on Linux.
pub fn resident_bytes() -> Result<u64, Error> {
    status("VmRSS:")
}

/// The most bytes of this process that ever lay in memory.
///
/// # Errors
/// Where there is no such file: not on Linux.
pub fn peak_bytes() -> Result<u64, Error> {
    status("VmHWM:")
}

fn status(name: &str) -> Result<u64, Error> {
    const PATH: &str = "/proc/self/status";
    let status = read(PATH)?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    Ok(number(line.and_then(|line| line.split_whitespace().next()), PATH)? * KIB)
}

/// Processor and number of cores, and what else keeps them busy (load of the last minute).
#[must_use]
pub fn described() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    format!("{cores} × {model}, load {load} at the start")
}
