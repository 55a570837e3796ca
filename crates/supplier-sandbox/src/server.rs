//! A server that runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use supplier_control::{ControlError, CreateSandbox};
use supplier_domain::SupplierId;
use supplier_domain::Window;
use supplier_seed::Summary;
use supplier_store::{KeyId, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{Builder, SandboxHandle};

/// A supplier of the default sandbox, and the key by which it calls.
#[derive(Clone)]
pub struct SupplierAccess {
    pub(crate) id: SupplierId,
    pub(crate) name: Arc<str>,
    pub(crate) key_id: KeyId,
    pub(crate) key: String,
}

impl SupplierAccess {
    /// The supplier's short name.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// The supplier's name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The supplier's API key.
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

/// A running server. It stops when it is dropped; [`SandboxServer::stop`] waits until it has.
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
    /// A server to be set up.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it serves, without a slash at the end: `http://127.0.0.1:4010`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The password that every supplier has on the dashboard.
    pub fn dashboard_password(&self) -> &str {
        &self.password
    }

    /// Where its documentation page is.
    pub fn docs_url(&self) -> String {
        format!("{}/docs", self.url)
    }

    /// The title of the scenario that it was seeded with.
    pub fn scenario_title(&self) -> &str {
        &self.title
    }

    /// Whether its default sandbox was there already and goes on.
    pub fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// The seed that its default sandbox follows from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// For how many minutes its default sandbox withholds an order that was handed out; 0 if it does not.
    pub fn window_minutes(&self) -> u64 {
        self.window.minutes()
    }

    /// What its default sandbox held when the server was started, in numbers.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Its suppliers, in the order of the scenario, as far as the server knows their keys: of a sandbox that goes on, only
    /// those that follow from its seed.
    pub fn suppliers(&self) -> &[SupplierAccess] {
        &self.suppliers
    }

    /// The API key of the supplier of that short name, if there is one.
    pub fn key(&self, supplier: &str) -> Option<&str> {
        self.suppliers.iter().find(|access| access.id() == supplier).map(SupplierAccess::key)
    }

    /// The default sandbox.
    pub fn sandbox(&self) -> &SandboxHandle {
        &self.sandbox
    }

    /// Makes a sandbox of a test's own, with keys of its own, at a cost that does not depend on its size.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::NoSandbox`] if there is none to fork, [`ControlError::TooMany`].
    pub async fn create_sandbox(&self, create: CreateSandbox) -> Result<SandboxHandle, ControlError> {
        let created = self.sandbox.control.create_sandbox(create, self.sandbox.time.now()).await?;
        let keys = created.keys.into_iter().map(|key| (key.supplier, key.key)).collect();
        Ok(SandboxHandle { id: created.info.id, keys, ..self.sandbox.clone() })
    }

    /// Lets `by` pass on the default sandbox's clock, at once.
    ///
    /// # Errors
    /// It is more than a year.
    pub async fn advance(&self, by: Duration) -> Result<(), ControlError> {
        self.sandbox.advance(by).await
    }

    /// Stops the default sandbox's clock: from now on only [`SandboxServer::advance`] moves it.
    ///
    /// # Errors
    /// The store is unavailable, which the one in memory never is.
    pub async fn freeze_clock(&self) -> Result<(), ControlError> {
        self.sandbox.freeze_clock().await
    }

    /// Revokes one of the keys that the server was started with: every call by it is refused from now on
    /// (`auth.invalid-key`). Returns whether it was valid.
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

    /// Lets `by` pass on the server's own time: for tests of what expires by it.
    pub fn pass_server_time(&self, by: Duration) {
        self.sandbox.time.pass(by);
    }

    /// Accepts no more connections, lets the requests under way finish, and returns when all is done.
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
