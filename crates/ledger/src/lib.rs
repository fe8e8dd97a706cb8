//! Slots left, per follower and month: a fold over recorded sends
