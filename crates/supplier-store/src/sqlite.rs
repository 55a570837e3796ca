//! File backend: the memory backend with a SQLite file.
//!
//! One process owns the file, so that memory is always ahead of the file. A call is answered from memory, once the [writer]
//! has committed what the call has read and changed.

mod file_watch;
mod journal;
mod layer;
mod load;
mod open;
mod rows;
mod writer;

use std::path::Path;
use std::sync::{Arc, RwLock};

pub use open::{Durability, OpenError};

use crate::StoreOptions;
use crate::memory::MemoryStore;
use crate::memory::queue::Queue;

impl MemoryStore {
    /// Opens the store in `file`, which is created if it does not exist. When a call is answered, its changes are in the
    /// file, as durable as `durability` says. The journal and the last use of keys are written within a second.
    ///
    /// The store must be [closed](crate::Sandboxes::close) before another store can open the file.
    ///
    /// # Errors
    /// The file cannot be used; nothing in it has changed.
    pub async fn open(file: &Path, durability: Durability, options: StoreOptions) -> Result<Self, OpenError> {
        let mut connection = open::open(file, durability).await?;
        let loaded =
            load::load(&mut connection, options).await.map_err(|cause| OpenError::of(file, cause))?;
        let (queue, directory) = (Arc::new(Queue::default()), Arc::new(RwLock::new(loaded.directory)));
        let writer = writer::Writer::new(
            (connection, file),
            Arc::clone(&directory),
            Arc::clone(&queue),
            loaded.persisted,
        );
        tokio::spawn(writer.run());
        Ok(Self::with_file(options, directory, loaded.last_number, queue))
    }
}

#[cfg(test)]
mod tests;
