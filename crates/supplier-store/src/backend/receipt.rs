//! The commit that a call waits for.

use tokio::sync::oneshot;

use crate::StoreError;

/// The commit that a call waits for before it is answered, if any.
pub(crate) struct Receipt(pub(crate) Option<oneshot::Receiver<()>>);

impl Receipt {
    /// Waits until everything that the call read and changed is on disk.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if it could not be written; the change is then undone.
    pub(crate) async fn settled(self) -> Result<(), StoreError> {
        match self.0 {
            None => Ok(()),
            Some(written) => written.await.map_err(|_| not_written()),
        }
    }
}

/// The error of calls while the writer cannot write.
pub(crate) fn not_written() -> StoreError {
    StoreError::Unavailable("nothing can be written for now".into())
}
