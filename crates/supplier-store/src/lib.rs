//! Store of sandboxes: its traits, and the backends.
//!
//! A store applies the domain's pure functions atomically, so that each rule is written once and every backend obeys it.
//! [`Store`] is what a server holds. [`MemoryStore`] keeps sandboxes in memory, and in a file if it is
//! [opened](MemoryStore::open) on one. [`PostgresStore`] keeps them in a database that servers share.

mod backend;
#[cfg(any(test, feature = "conformance"))]
#[expect(clippy::unwrap_used, reason = "a suite says what went wrong by failing where it saw it")]
pub mod conformance;
mod engine;
mod error;
mod faults;
mod journal;
mod keys;
mod lock;
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
pub use keys::{Authenticated, Caller, EndedKey, KeyHash, KeyId, KeyInfo, Keys, MAX_ENDED_KEYS, NewKey};
pub use memory::MemoryStore;
pub use options::{Bounds, StoreOptions};
pub use orders::{
    AuditRecord, AuditRecords, FoundOrders, ListedOrder, LostAnswer, MAX_TRACED, OrderPreview, OrderSearch,
    OrderState, Orders, Page, RenderOrder, SandboxSize, TracedAccount, Updated, UsedTwice,
};
pub use sandboxes::{Epoch, NewFork, NewSandbox, SandboxId, SandboxInfo, Sandboxes, Settings};

pub use permits::{NoPermit, Permit, Permits};
pub use postgres::{DatabaseError, PostgresStore};
pub use sessions::{SESSION_LASTS, Session, Sessions};
pub use snapshot::{Delivered, SNAPSHOT_VERSION, Snapshot, SnapshotDealings, SnapshotJournal, SnapshotOrder};
pub use sqlite::{Durability, OpenError};
pub use work::{MAX_WORK_AT_ONCE, work_for};

/// Everything that a server needs of a store.
///
/// Each method is atomic: it happens as a whole at one moment, or not at all. `server` is the server's own time, from which a
/// sandbox's clock computes its time.
///
/// # Errors
/// A method that names a sandbox fails with [`StoreError::NoSandbox`] if no sandbox has that name, or if it has expired. Every
/// method fails with [`StoreError::Unavailable`] or [`StoreError::FileGone`] while the storage cannot be used. Other errors
/// are named at the method. A method that fails has changed nothing.
pub trait Store: Sandboxes + Keys + Orders + FaultPlans + Journal + Sessions {}

impl<T: Sandboxes + Keys + Orders + FaultPlans + Journal + Sessions> Store for T {}
