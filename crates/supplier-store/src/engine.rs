//! The engine: a sandbox's state and operations, independent of the storage.
//!
//! The state is built of persistent (copy-on-write) structures: a clone costs a few pointers, whatever the number of
//! orders. A [slot] puts a lock around a sandbox. The engine knows no file and no database; backends add those.

mod audit;
pub(crate) mod journal;
pub(crate) mod orders;
mod page;
mod ranked_map;
pub(crate) mod sandbox;
pub(crate) mod shelf;
pub(crate) mod slot;
mod snapshot;
pub(crate) mod state;
mod trace;
