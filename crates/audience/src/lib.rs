//! Followers, facts, segments, sets
