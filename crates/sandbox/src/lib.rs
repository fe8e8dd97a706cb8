//! Plays the platform: state, rules, virtual clock, population, callbacks
