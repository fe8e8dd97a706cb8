//! Chores of the project, run as `cargo xtask …` from anywhere inside it.

mod coverage;
mod docs;
mod parts;
mod sdk;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
usage: cargo xtask <chore>

  test   run every test of the project and say in one summary what came of it;
         `test <part>` runs one part, such as wechatpy
  ci     check formatting and lints, then test
  docs   write docs/limits.md and docs/error-codes.md anew from crates/wire, and
         docs/sandbox-coverage.md from crates/sandbox/coverage.toml";

/// A chore that came to no good end.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("failed to run {program}")]
    Run { program: String, source: io::Error },
    #[error("failed to read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("failed to write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("failed to read the dated limits")]
    Limits(#[from] wire::rules::Error),
    #[error("crates/sandbox/coverage.toml cannot be used: {0}")]
    Coverage(String),
    #[error("there is no such part; the parts are {0}")]
    Part(String),
    #[error("{0} failed")]
    Step(&'static str),
}

fn main() -> ExitCode {
    let chore = std::env::args().nth(1);
    let done = match chore.as_deref() {
        Some("test") => parts::test(std::env::args().nth(2).as_deref()),
        Some("ci") => ci(),
        Some("docs") => docs::write(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn ci() -> Result<(), Error> {
    step("formatting", &["fmt", "--all", "--check"])?;
    step("clippy", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    parts::test(None)
}

fn step(name: &'static str, arguments: &[&str]) -> Result<(), Error> {
    eprintln!("{name} …");
    let status = cargo(arguments)
        .status()
        .map_err(|source| Error::Run { program: "cargo".into(), source })?;
    if status.success() { Ok(()) } else { Err(Error::Step(name)) }
}

/// The cargo that runs this program, in the project's folder.
fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(project()).args(arguments);
    command
}

/// The project's folder.
fn project() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}
