//! The `fourcast` command.

fn main() {}
