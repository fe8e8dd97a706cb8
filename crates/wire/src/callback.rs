//! Callbacks: what the platform pushes to an account's URL, how it is signed and encrypted
//! (`platform/06`).

pub mod crypt;
pub mod message;
pub mod xml;
