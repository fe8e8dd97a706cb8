//! Forecast and call plan: pure functions
