//! The program: commands of every noun, the server's start, and the demonstration of a whole month.
//!
//! The commands speak REST, as every other caller does: nothing here reaches into the store, the
//! ledger or the delivery except the start of the server. `demo` is public so that the scenarios
//! and the kill −9 test drive a month with the same functions the demonstration uses.

pub mod bench;
pub mod cli;
pub mod demo;
pub mod error;
pub mod progress;
pub mod rest;
pub mod serve;

pub use error::Error;

/// Makes the process ready for HTTP clients: names the one TLS implementation. Doing it twice
/// changes nothing.
pub fn prepare() {
    // Refused only when a provider is there already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
