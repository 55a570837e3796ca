//! Where sandboxes live: the traits, and the backends that keep them.
//!
//! A store applies the domain's pure functions inside its own atomicity, so that a rule is written once and every
//! backend obeys it. [`Store`] is what a server holds; [`MemoryStore`] keeps
//! everything in memory and, if it is [opened](MemoryStore::open) on a file, there as well.

mod backend;
#[cfg(any(test, feature = "conformance"))]
#[expect(clippy::unwrap_used, reason = "a suite says what went wrong by failing where it saw it")]
pub mod conformance;
mod error;
mod faults;
mod journal;
mod keys;
mod memory;
mod options;
mod orders;
mod permits;
mod postgres;
mod sandboxes;
mod sessions;
mod snapshot;
mod sqlite;
mod stored;
mod work;

pub use error::StoreError;
pub use faults::FaultPlans;
pub use journal::{
    CallSearch, Changes, FoundCalls, Journal, KeptCall, MAX_CALLS, MAX_CALLS_BYTES, Scorecards,
};
pub use keys::KeyHash;
pub use memory::MemoryStore;
pub use options::{Bounds, StoreOptions};
pub use orders::{
    AuditRecord, AuditRecords, FoundOrders, ListedOrder, MAX_TRACED, OrderSearch, OrderState, Orders, Page,
    RenderOrder, SandboxSize, TracedAccount, Updated, UsedTwice,
};
pub use sandboxes::{
    Authenticated, Caller, Epoch, KeyId, KeyInfo, NewFork, NewKey, NewSandbox, SandboxId, SandboxInfo,
    Sandboxes, Settings,
};

pub use permits::{NoPermit, Permit, Permits};
pub use postgres::{DatabaseError, PostgresStore};
pub use sessions::{SESSION_LASTS, Session, Sessions};
pub use snapshot::{Delivered, SNAPSHOT_VERSION, Snapshot, SnapshotDealings, SnapshotJournal, SnapshotOrder};
pub use sqlite::{Durability, OpenError};
pub use work::{MAX_WORK_AT_ONCE, work_for};

/// All that a server needs of a store.
pub trait Store: Sandboxes + Orders + FaultPlans + Journal + Sessions {}

impl<T: Sandboxes + Orders + FaultPlans + Journal + Sessions> Store for T {}
