//! Calls the platform: token keeper, call budgets, retry classes
