//! State that all handlers share.

use std::sync::Arc;

use supplier_control::Control;
use supplier_rehearsal::Watches;
use supplier_store::Store;
use tokio::sync::watch;

use crate::http::Asset;
use crate::metrics::Metrics;
use crate::time::ServerTime;

/// State of a server; a clone costs a few pointers.
#[derive(Clone)]
pub(crate) struct App {
    /// Store of the sandboxes.
    pub(crate) store: Arc<dyn Store>,
    /// Use cases of the sandboxes.
    pub(crate) control: Arc<Control>,
    /// The rehearsals that watch sandboxes.
    pub(crate) watches: Arc<Watches>,
    /// The server's own time.
    pub(crate) time: ServerTime,
    /// Counts of requests.
    pub(crate) metrics: Arc<Metrics>,
    /// Public URL of the server, without a slash at the end.
    pub(crate) url: Arc<str>,
    /// Turns true when the server stops, which ends streams and waiting calls.
    pub(crate) stopping: watch::Receiver<bool>,
    /// The documentation page, which names this server's address and orders.
    pub(crate) docs: Arc<Asset>,
}
