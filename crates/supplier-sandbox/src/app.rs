//! What the handlers share.

use std::sync::Arc;

use supplier_control::Control;
use supplier_store::Store;
use tokio::sync::watch;

use crate::http::Asset;
use crate::metrics::Metrics;
use crate::time::ServerTime;

/// A server's state; a clone costs a few pointers.
#[derive(Clone)]
pub(crate) struct App {
    /// Where the sandboxes live.
    pub(crate) store: Arc<dyn Store>,
    /// What can be done with them.
    pub(crate) control: Arc<Control>,
    /// When it is.
    pub(crate) time: ServerTime,
    /// What is counted of requests.
    pub(crate) metrics: Arc<Metrics>,
    /// Under which address clients know the server, without a slash at the end.
    pub(crate) url: Arc<str>,
    /// Turns true when the server stops: what goes on until then ends.
    pub(crate) stopping: watch::Receiver<bool>,
    /// The documentation page, which names this server's address and orders.
    pub(crate) docs: Arc<Asset>,
}
