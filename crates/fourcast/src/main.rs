//! The command line: reads the arguments, runs the command, says what went wrong.

use std::process::ExitCode;

use clap::Parser;
use fourcast::cli::{self, Cli};
use mimalloc::MiMalloc;

/// A call leaves dozens of small pieces of memory behind, and often another thread takes them up.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    cli::start_log(&cli);
    fourcast::prepare();
    match cli::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}
