//! Campaigns carried out: intent, call, outcome, settlement
