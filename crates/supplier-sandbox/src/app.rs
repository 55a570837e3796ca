//! What the handlers share.

use std::sync::Arc;

use supplier_control::Control;
use supplier_store::Store;

use crate::http::Asset;
use crate::time::ServerTime;

/// A server's state; a clone costs four pointers.
#[derive(Clone)]
pub(crate) struct App {
    /// Where the sandboxes live.
    pub(crate) store: Arc<dyn Store>,
    /// What can be done with them.
    pub(crate) control: Arc<Control>,
    /// When it is.
    pub(crate) time: ServerTime,
    /// The documentation page, which names this server's address and orders.
    pub(crate) docs: Arc<Asset>,
}
