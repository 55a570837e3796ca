//! Everything in memory, and in a file.
//!
//! One process has the file, so memory is always what the file says or what it will say next: calls are answered out of
//! memory, once the [writer] has committed what they saw and did.

mod layer;
mod load;
mod open;
mod watched;
mod writer;

use std::path::Path;
use std::sync::{Arc, RwLock};

pub use open::{Durability, OpenError};

use crate::StoreOptions;
use crate::memory::MemoryStore;
use crate::memory::queue::Queue;

impl MemoryStore {
    /// The store that `file` holds, which is made if there is none, and keeps all that happens from now on. What a call was answered is in the file then, as `durability` says; the journal and when keys
    /// were used follow within a second.
    ///
    /// It must be [closed](crate::Sandboxes::close) before another can be opened on the file.
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
