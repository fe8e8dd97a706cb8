//! What a drive tells those who watch it, and whom it asks when the server is gone.

use delivery::view::{ForecastView, ImportView, ReportView, SyncView};
use wire::Timestamp;

use super::shop::Planned;

/// Something that happened on the way.
#[derive(Debug)]
pub enum Happening<'a> {
    /// The synchronisation of followers went on.
    Synced(&'a SyncView),
    /// A file was taken in.
    Imported(&'a str, &'a ImportView),
    /// The clocks are about to be moved to this moment.
    Moving(Timestamp),
    /// The sandbox has done everything due by then; the server's clock still stands.
    SandboxMoved(Timestamp),
    /// Both clocks show this moment and nothing is due at it.
    Moved(Timestamp),
    /// A campaign is made and forecast, not yet sent.
    Forecast(&'a Planned, Timestamp, &'a ForecastView),
    /// The server was told to send it.
    Sent(&'a Planned),
    /// Every call of it is settled.
    Settled(&'a Planned, &'a ReportView),
    /// The operator sent on the website.
    Website(&'a str, Timestamp),
}

/// What others hear of, and do about a server that is gone.
pub struct Hooks {
    /// Called with each happening.
    pub happened: Box<dyn FnMut(&Happening<'_>) + Send>,
    /// Called when the server does not answer, with the moment its clock should show; called again
    /// until it answers.
    pub lost: Box<dyn FnMut(Timestamp) + Send>,
}

impl Default for Hooks {
    /// Nobody listens and nobody helps.
    fn default() -> Self {
        Self { happened: Box::new(|_| {}), lost: Box::new(|_| {}) }
    }
}
