//! Sandboxes: created, listed, reset, deleted.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use supplier_domain::{
    AccountDedup, FingerprintKey, Order, OrderId, Problem, Supplier, Timestamp, Window, World,
};
use supplier_seed::{BUILTIN, Scenario, Summary, derived_fingerprint_key, derived_key};
use supplier_store::{
    NewFork, NewSandbox, OrderSearch, OrderState, SandboxId, SandboxInfo, Settings, Snapshot, StoreError,
    work_for,
};

use crate::caps::MAX_WINDOW_MINUTES;
use crate::keys::prefix;
use crate::snapshots::{check_snapshot, incoming};
use crate::{Control, ControlError, CreatedKey, StartedWith, SupplierKey};

/// Lifetime of a baseline.
const BASELINE_LASTS: Duration = Duration::from_hours(24);

/// Digest of a scenario, which tells it from another of the same name, such as another server's on the same database.
/// Another build of the program may compute another digest; one baseline too many does no harm.
fn digest(scenario: &Scenario) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{scenario:?}").hash(&mut hasher);
    hasher.finish()
}

/// Seeds the world of a scenario on a thread that answers no calls.
async fn seeded(id: &SandboxId, scenario: Arc<Scenario>, seed: u64, key: &FingerprintKey) -> World {
    let key = key.clone();
    work_for(id, move || scenario.seed(seed, &key)).await
}

/// Origin of a new sandbox.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Seeded from a scenario. `None` stands for the server's option.
    Seeded {
        /// Name of a built-in scenario, or of the one that the server was started with.
        scenario: Option<String>,
        /// Random seed of the orders.
        seed: Option<u64>,
    },
    /// A copy of another sandbox in its present state.
    Fork(SandboxId),
    /// Restored from a snapshot.
    Snapshot(Box<Snapshot>),
}

impl Default for Origin {
    /// Seeded by the server's options.
    fn default() -> Self {
        Self::Seeded { scenario: None, seed: None }
    }
}

/// Options of a new sandbox. `None` stands for the server's option, or for that of the forked sandbox.
#[derive(Debug, Clone, Default)]
pub struct CreateSandbox {
    /// Its origin.
    pub origin: Origin,
    /// Window in minutes: how long an order that was handed out is withheld.
    pub window_minutes: Option<u32>,
    /// Scope of account de-duplication: the deliveries in which an account must be new.
    pub account_dedup: Option<AccountDedup>,
    /// Its lifetime.
    pub ttl: Option<Duration>,
}

/// A new sandbox.
#[derive(Clone)]
pub struct CreatedSandbox {
    /// Its description.
    pub info: SandboxInfo,
    /// A key for each of its suppliers, in their order, shown only now.
    pub keys: Vec<SupplierKey>,
}

/// The default sandbox.
#[derive(Debug)]
pub struct DefaultSandbox {
    /// Its description.
    pub info: SandboxInfo,
    /// The scenario that it was seeded from; `None` if the program no longer has it.
    pub scenario: Option<Arc<Scenario>>,
    /// Its content in numbers.
    pub summary: Summary,
    /// Its suppliers in their order, each with a key. Of a stored sandbox, only suppliers whose keys follow from the seed
    /// and are still valid: the server does not know other keys.
    pub keys: Vec<(Supplier, CreatedKey)>,
    /// Whether the store held it already.
    pub is_resumed: bool,
    /// Whether it was seeded from the scenario that the server was started with, by any seed.
    pub is_of_scenario: bool,
}

impl Control {
    /// Creates a sandbox with a new random key for each of its suppliers. The cost does not depend on the number of orders.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::NoSandbox`] if the sandbox to fork does not exist,
    /// [`ControlError::TooMany`].
    pub async fn create_sandbox(
        &self,
        create: CreateSandbox,
        server: Timestamp,
    ) -> Result<CreatedSandbox, ControlError> {
        self.check(&create)?;
        let create = self.checked_snapshot(create).await?;
        self.store.expire(server).await?;
        if self.store.count(server).await? >= self.caps.sandboxes {
            let (what, remedy) = ("sandboxes", "delete one, or wait until one expires");
            return Err(ControlError::TooMany { what, cap: self.caps.sandboxes, remedy });
        }
        let settings = match &create.origin {
            Origin::Fork(from) => self.store.sandbox(from, server).await?.settings,
            Origin::Seeded { .. } => self.started_with.settings,
            Origin::Snapshot(snapshot) => Settings {
                window: Window::from_minutes(snapshot.window_minutes),
                account_dedup: snapshot.account_dedup,
            },
        };
        let settings = Settings {
            window: create.window_minutes.map_or(settings.window, Window::from_minutes),
            account_dedup: create.account_dedup.unwrap_or(settings.account_dedup),
        };
        let name = self.random_name::<8>("sb-")?;
        let id: SandboxId = name.parse().unwrap_or_else(|_| unreachable!("it is letters and digits"));
        let expires_at = Some(server.plus(create.ttl.unwrap_or(self.caps.default_ttl)));
        let fork = NewFork { id: id.clone(), settings, expires_at };
        match create.origin {
            Origin::Fork(from) => self.store.fork(&from, fork, server).await?,
            Origin::Seeded { scenario, seed } => {
                self.fork_baseline(scenario.as_deref(), seed, fork, server).await?;
            }
            Origin::Snapshot(snapshot) => self.store.restore(*snapshot, fork, server).await?,
        }
        let info = self.store.sandbox(&id, server).await?;
        let mut keys = Vec::with_capacity(info.suppliers.len());
        for supplier in &info.suppliers {
            let key = self.add_key(&id, &supplier.id, self.random_key()?, server).await?.key;
            keys.push(SupplierKey { supplier: supplier.id.clone(), key });
        }
        Ok(CreatedSandbox { info, keys })
    }

    fn check(&self, create: &CreateSandbox) -> Result<(), ControlError> {
        let mut problems = Vec::new();
        if let Origin::Seeded { scenario: Some(name), .. } = &create.origin
            && self.scenario(name).is_none()
        {
            problems.push(Problem::new(
                "scenario",
                format!("must be one of {}", self.scenario_names().join(", ")),
            ));
        }
        if create.window_minutes.is_some_and(|minutes| minutes > MAX_WINDOW_MINUTES) {
            problems.push(Problem::new("windowMinutes", format!("must be from 0 to {MAX_WINDOW_MINUTES}")));
        }
        if create.ttl.is_some_and(|ttl| ttl < Duration::from_secs(1) || ttl > self.caps.ttl) {
            problems
                .push(Problem::new("ttlSeconds", format!("must be from 1 to {}", self.caps.ttl.as_secs())));
        }
        if problems.is_empty() { Ok(()) } else { Err(ControlError::Invalid(problems)) }
    }

    /// Refuses a snapshot that cannot be restored. The check may be long, so it runs on a thread that answers no calls.
    async fn checked_snapshot(&self, create: CreateSandbox) -> Result<CreateSandbox, ControlError> {
        let Origin::Snapshot(snapshot) = create.origin else { return Ok(create) };
        let most_suppliers = self.caps.suppliers;
        let (snapshot, checked) = work_for(&incoming(), move || {
            let checked = check_snapshot(&snapshot, most_suppliers);
            (snapshot, checked)
        })
        .await;
        checked?;
        Ok(CreateSandbox { origin: Origin::Snapshot(snapshot), ..create })
    }

    /// The scenarios that a sandbox can be seeded from.
    fn scenario_names(&self) -> Vec<&str> {
        let own = &*self.started_with.scenario_name;
        let is_builtin = BUILTIN.contains(&own);
        BUILTIN.iter().copied().chain((!is_builtin).then_some(own)).collect()
    }

    fn scenario(&self, name: &str) -> Option<Arc<Scenario>> {
        if *name == *self.started_with.scenario_name {
            return Some(Arc::clone(&self.started_with.scenario));
        }
        Scenario::builtin(name).map(Arc::new)
    }

    /// Forks the baseline of a scenario and a seed.
    async fn fork_baseline(
        &self,
        scenario: Option<&str>,
        seed: Option<u64>,
        fork: NewFork,
        server: Timestamp,
    ) -> Result<(), ControlError> {
        loop {
            let baseline = self.baseline(scenario, seed, server).await?;
            match self.store.fork(&baseline, fork.clone(), server).await {
                // Another server may have removed it in between.
                Err(StoreError::NoSandbox(gone)) if gone == baseline => {}
                done => return Ok(done?),
            }
        }
    }

    /// The baseline of a scenario and a seed, created if it does not exist.
    async fn baseline(
        &self,
        scenario: Option<&str>,
        seed: Option<u64>,
        server: Timestamp,
    ) -> Result<SandboxId, ControlError> {
        let name = scenario.unwrap_or(&self.started_with.scenario_name);
        let seed = seed.unwrap_or(self.started_with.seed);
        let problem = || Problem::new("scenario", "is not there");
        let scenario = self.scenario(name).ok_or_else(problem)?;
        let id = SandboxId::baseline(name, seed, digest(&scenario));
        if self.store.sandbox(&id, server).await.is_err() {
            let fingerprint_key = self.fingerprint_key(seed)?;
            let new = NewSandbox {
                id: id.clone(),
                scenario: name.into(),
                seed,
                world: seeded(&id, scenario, seed, &fingerprint_key).await,
                settings: self.started_with.settings,
                fingerprint_key,
                keys: Vec::new(),
                expires_at: Some(server.plus(BASELINE_LASTS)),
            };
            match self.store.create(new, server).await {
                // Another call was faster.
                Ok(()) | Err(StoreError::SandboxExists(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for surplus in self.baselines.used(&id) {
            // A baseline that is already gone need not be deleted.
            let _ = self.store.delete(&surplus, server).await;
        }
        Ok(id)
    }

    /// The key for fingerprints of a world that follows from `seed`.
    fn fingerprint_key(&self, seed: u64) -> Result<FingerprintKey, ControlError> {
        if self.started_with.secrets_follow_seed {
            return Ok(derived_fingerprint_key(seed));
        }
        let mut key = [0; 32];
        (self.random)(&mut key)?;
        Ok(FingerprintKey(key))
    }

    /// Opens the default sandbox that the store holds, or creates one with a key for each of its suppliers.
    ///
    /// # Errors
    /// [`ControlError::NoRandomness`], [`ControlError::Store`].
    pub async fn open_default(&self, server: Timestamp) -> Result<DefaultSandbox, ControlError> {
        let id = Self::default_sandbox();
        match self.store.sandbox(&id, server).await {
            Ok(info) => return self.resume_default(info, server).await,
            Err(StoreError::NoSandbox(_)) => {}
            Err(error) => return Err(error.into()),
        }
        match self.create_default(server).await {
            // A server that started at the same time was faster.
            Err(ControlError::Store(StoreError::SandboxExists(_))) => {
                self.resume_default(self.store.sandbox(&id, server).await?, server).await
            }
            made => made,
        }
    }

    async fn create_default(&self, server: Timestamp) -> Result<DefaultSandbox, ControlError> {
        let StartedWith { scenario_name, scenario, seed, settings, secrets_follow_seed } = &self.started_with;
        let fingerprint_key = self.fingerprint_key(*seed)?;
        let id = Self::default_sandbox();
        let world = seeded(&id, Arc::clone(scenario), *seed, &fingerprint_key).await;
        let summary = scenario.summary_of(&world);
        let (mut keys, mut new_keys) = (Vec::new(), Vec::new());
        for supplier in &world.suppliers {
            let key =
                if *secrets_follow_seed { derived_key(*seed, &supplier.id) } else { self.random_key()? };
            let (new, key) = self.new_key(&supplier.id, key)?;
            new_keys.push(new);
            keys.push((supplier.clone(), key));
        }
        let new = NewSandbox {
            id: id.clone(),
            scenario: Arc::clone(scenario_name),
            seed: *seed,
            world,
            settings: *settings,
            fingerprint_key,
            keys: new_keys,
            expires_at: None,
        };
        self.store.create(new, server).await?;
        let info = self.store.sandbox(&id, server).await?;
        Ok(DefaultSandbox {
            info,
            scenario: Some(Arc::clone(scenario)),
            summary,
            keys,
            is_resumed: false,
            is_of_scenario: true,
        })
    }

    async fn resume_default(
        &self,
        info: SandboxInfo,
        server: Timestamp,
    ) -> Result<DefaultSandbox, ControlError> {
        let search = OrderSearch { limit: usize::MAX, ..OrderSearch::default() };
        let found = self.store.find_orders(&info.id, &search, server).await?;
        let summary = Summary::of_orders(info.suppliers.len(), found.orders.iter().map(|found| &found.order));
        let mut keys = Vec::new();
        for supplier in &info.suppliers {
            // The server cannot know a random key again, but can derive one from the seed.
            let derived = derived_key(info.seed, &supplier.id);
            let prefix = prefix(&derived);
            let known = self.store.keys(&info.id, &supplier.id, server).await?;
            if let Some(key) = known.into_iter().find(|key| *key.prefix == *prefix) {
                keys.push((supplier.clone(), CreatedKey { id: key.id, key: derived, prefix }));
            }
        }
        let scenario = self.scenario(&info.scenario);
        let is_of_scenario = self.is_of_scenario(&info, &found.orders).await;
        Ok(DefaultSandbox { info, scenario, summary, keys, is_resumed: true, is_of_scenario })
    }

    /// Whether a sandbox with orders of these numbers was seeded from the scenario that the server was started with.
    /// Built-in scenarios differ by name. Scenario files all have one name, so their orders are compared, as far as nobody
    /// has changed them.
    async fn is_of_scenario(&self, info: &SandboxInfo, found: &[OrderState]) -> bool {
        let StartedWith { scenario_name, scenario, .. } = &self.started_with;
        if info.scenario != *scenario_name || BUILTIN.contains(&&**scenario_name) {
            return info.scenario == *scenario_name;
        }
        let key = derived_fingerprint_key(info.seed);
        let World { suppliers, orders, .. } = seeded(&info.id, Arc::clone(scenario), info.seed, &key).await;
        let known = |id: OrderId| found.binary_search_by_key(&id, |state| state.order.id).ok();
        let is_kept = |order: &Order| {
            let fixed = |order: &Order| (order.created_at, Arc::clone(&order.user), Arc::clone(&order.items));
            let open = |order: &Order| (order.status, order.payment_status, order.accounts.len());
            let kept = known(order.id).and_then(|place| found.get(place));
            kept.is_some_and(|OrderState { order: kept, history, .. }| {
                fixed(kept) == fixed(order) && (!history.events.is_empty() || open(kept) == open(order))
            })
        };
        let seeded: HashSet<_> = orders.iter().map(|order| order.id).collect();
        // What came later was ordered later.
        let mut older = found.iter().filter(|state| state.order.created_at < info.created_at);
        info.suppliers.starts_with(&suppliers)
            && orders.iter().all(is_kept)
            && older.all(|state| seeded.contains(&state.order.id))
    }

    /// Number of sandboxes. This also shows that the store is available.
    ///
    /// # Errors
    /// [`ControlError::Store`].
    pub async fn count(&self, server: Timestamp) -> Result<usize, ControlError> {
        Ok(self.store.count(server).await?)
    }

    /// All sandboxes, oldest first.
    ///
    /// # Errors
    /// [`ControlError::Store`].
    pub async fn sandboxes(&self, server: Timestamp) -> Result<Vec<SandboxInfo>, ControlError> {
        Ok(self.store.sandboxes(server).await?)
    }

    /// What is to be known of a sandbox.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<SandboxInfo, ControlError> {
        Ok(self.store.sandbox(id, server).await?)
    }

    /// Resets a sandbox to its first state, its clock too. Keys stay.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn reset_sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<(), ControlError> {
        Ok(self.store.reset(id, server).await?)
    }

    /// Deletes a sandbox and its keys.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::DefaultStays`].
    pub async fn delete_sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<(), ControlError> {
        if *id == Self::default_sandbox() {
            return Err(ControlError::DefaultStays);
        }
        Ok(self.store.delete(id, server).await?)
    }
}
