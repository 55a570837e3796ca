//! What the handlers share.

use std::sync::Arc;

use supplier_store::Store;

use crate::http::Asset;
use crate::time::ServerTime;

/// A server's state; a clone costs two pointers.
#[derive(Clone)]
pub(crate) struct App {
    /// Where the sandboxes live.
    pub(crate) store: Arc<dyn Store>,
    /// When it is.
    pub(crate) time: ServerTime,
    /// The documentation page, which names this server's address and orders.
    pub(crate) docs: Arc<Asset>,
}
