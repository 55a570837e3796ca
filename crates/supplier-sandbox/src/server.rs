//! A server that runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use supplier_control::{ControlError, CreateSandbox};
use supplier_domain::SupplierId;
use supplier_domain::Window;
use supplier_rehearsal::Watches;
use supplier_seed::Summary;
use supplier_store::{KeyId, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{Builder, SandboxHandle};

/// Supplier of the default sandbox, and its API key.
#[derive(Clone)]
pub struct SupplierAccess {
    pub(crate) id: SupplierId,
    pub(crate) name: Arc<str>,
    pub(crate) key_id: KeyId,
    pub(crate) key: String,
}

impl SupplierAccess {
    /// Id of the supplier.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// Display name of the supplier.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// API key of the supplier.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Debug for SupplierAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A key does not belong into a log (`update.secret`).
        f.debug_struct("SupplierAccess")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Running server. It stops when it is dropped; [`SandboxServer::stop`] also waits for the end.
pub struct SandboxServer {
    pub(crate) url: String,
    pub(crate) password: Arc<str>,
    pub(crate) title: String,
    pub(crate) summary: Summary,
    pub(crate) seed: u64,
    pub(crate) window: Window,
    pub(crate) is_resumed: bool,
    pub(crate) suppliers: Vec<SupplierAccess>,
    pub(crate) sandbox: SandboxHandle,
    pub(crate) watches: Arc<Watches>,
    /// Whether the journal, and with it rehearsals, hear of calls.
    pub(crate) is_recording: bool,
    /// Dropping it stops the server.
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) serving: JoinHandle<()>,
    pub(crate) store: Arc<dyn Store>,
}

impl fmt::Debug for SandboxServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxServer").field("url", &self.url).finish_non_exhaustive()
    }
}

impl SandboxServer {
    /// Builder of a server.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// URL of the server, without a slash at the end: `http://127.0.0.1:4010`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Dashboard password of every supplier.
    pub fn dashboard_password(&self) -> &str {
        &self.password
    }

    /// URL of the documentation page.
    pub fn docs_url(&self) -> String {
        format!("{}/docs", self.url)
    }

    /// Title of the scenario that the default sandbox was seeded with.
    pub fn scenario_title(&self) -> &str {
        &self.title
    }

    /// Whether the default sandbox was stored and continues.
    pub fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// Random seed of the default sandbox.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Window of the default sandbox in minutes; 0 if it withholds no orders.
    pub fn window_minutes(&self) -> u64 {
        self.window.minutes()
    }

    /// Content of the default sandbox at the start, in numbers.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Suppliers whose keys the server knows, in the order of the scenario. Of a stored sandbox, the server knows only keys
    /// that follow from the seed.
    pub fn suppliers(&self) -> &[SupplierAccess] {
        &self.suppliers
    }

    /// API key of the supplier with this id, if there is one.
    pub fn key(&self, supplier: &str) -> Option<&str> {
        self.suppliers.iter().find(|access| access.id() == supplier).map(SupplierAccess::key)
    }

    /// The default sandbox.
    pub fn sandbox(&self) -> &SandboxHandle {
        &self.sandbox
    }

    /// Creates a private sandbox with new keys. The cost does not depend on the number of orders.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::NoSandbox`] if the sandbox to fork does not exist,
    /// [`ControlError::TooMany`].
    pub async fn create_sandbox(&self, create: CreateSandbox) -> Result<SandboxHandle, ControlError> {
        let created = self.sandbox.control.create_sandbox(create, self.sandbox.time.now()).await?;
        let keys = created.keys.into_iter().map(|key| (key.supplier, key.key)).collect();
        Ok(SandboxHandle { id: created.info.id, keys, ..self.sandbox.clone() })
    }

    /// Moves the default sandbox's clock ahead.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] if `by` is more than a year.
    pub async fn advance(&self, by: Duration) -> Result<(), ControlError> {
        self.sandbox.advance(by).await
    }

    /// Freezes the default sandbox's clock. From now on only [`SandboxServer::advance`] moves it.
    ///
    /// # Errors
    /// The store is unavailable. A store in memory is always available.
    pub async fn freeze_clock(&self) -> Result<(), ControlError> {
        self.sandbox.freeze_clock().await
    }

    /// Revokes one of the keys that the server was started with. Every further call with it is refused (`auth.invalid-key`).
    /// Returns whether the key was valid.
    ///
    /// # Errors
    /// The store is unavailable, which the one in memory never is.
    pub async fn revoke_key(&self, key: &str) -> Result<bool, ControlError> {
        let Some(access) = self.suppliers.iter().find(|access| access.key == key) else { return Ok(false) };
        let SandboxHandle { id, control, time, .. } = &self.sandbox;
        match control.revoke_key(id, &access.id, &access.key_id, time.now()).await {
            Ok(()) => Ok(true),
            Err(ControlError::NoKey(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Moves the server's own time ahead, for tests of what expires by it.
    pub fn pass_server_time(&self, by: Duration) {
        self.sandbox.time.pass(by);
    }

    /// Stops the server: accepts no more connections, finishes the requests under way, then returns.
    pub async fn stop(self) {
        // Nobody listening to it means that it has stopped already.
        let _ = self.stop.send(true);
        // A panic of the accept loop was reported when it happened.
        let _ = self.serving.await;
        if let Err(error) = self.store.close().await {
            tracing::error!(%error, "the last calls of the journal may be missing from the data file");
        }
    }
}
