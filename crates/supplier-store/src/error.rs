//! Errors of a store.

use std::borrow::Cow;
use std::error::Error;
use supplier_domain::{OrderId, SupplierId, Timestamp};

use crate::SandboxId;

/// A call that a store did not carry out; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such sandbox, or no longer.
    #[error("there is no sandbox {0}")]
    NoSandbox(SandboxId),
    /// A sandbox has that id already.
    #[error("there is a sandbox {0} already")]
    SandboxExists(SandboxId),
    /// The sandbox has no such supplier.
    #[error("sandbox {0} has no supplier {1}")]
    NoSupplier(SandboxId, SupplierId),
    /// The sandbox has such a supplier already.
    #[error("sandbox {0} has a supplier {1} already")]
    SupplierExists(SandboxId, SupplierId),
    /// The sandbox has an order of that number already.
    #[error("sandbox {0} has an order {1} already")]
    OrderExists(SandboxId, OrderId),
    /// The sandbox would have more orders than it may ([`Bounds::orders`](crate::Bounds::orders)).
    #[error("sandbox {sandbox} has room for {left} more orders, and may have {cap}")]
    TooManyOrders {
        /// The sandbox.
        sandbox: SandboxId,
        /// How many orders it may have.
        cap: usize,
        /// How many more it has room for.
        left: usize,
    },
    /// The sandbox's clock shows the last moment that it can: nothing comes in any more.
    #[error("the clock of sandbox {0} is at its end, {1}")]
    ClockAtEnd(SandboxId, Timestamp),
    /// Another supplier, or another sandbox, has that key already.
    #[error("that key is in use already")]
    KeyExists,
    /// The sandbox was reset since the caller was let in: what it asks for was meant for what is no more.
    #[error("sandbox {0} was reset while the call was under way")]
    Reset(SandboxId),
    /// The data file was deleted, moved, replaced or cut short while the server ran: what would be written is lost.
    #[error("the data file is no longer there, or no longer the same")]
    FileGone,
    /// The store cannot be reached for now; the call may succeed later.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

impl From<sqlx::Error> for StoreError {
    fn from(cause: sqlx::Error) -> Self {
        Self::Unavailable(Box::new(cause))
    }
}

/// The most connections of one server to its database.
pub(crate) const MOST_CONNECTIONS: u32 = 16;

impl StoreError {
    /// Why the store is unavailable and what to do about it, where that is known: for whoever runs the server.
    pub fn remedy(&self) -> Option<String> {
        let Self::Unavailable(cause) = self else { return None };
        let cause = cause.downcast_ref::<sqlx::Error>()?;
        let code = cause.as_database_error().and_then(|error| error.code().map(Cow::into_owned));
        // The codes are PostgreSQL's (its manual, appendix A).
        Some(match (cause, code.as_deref()) {
            (sqlx::Error::PoolTimedOut, _) | (_, Some("53300")) => format!(
                "no connection to the database was free in time: allow its user {MOST_CONNECTIONS} connections for each \
                 server (max_connections, CONNECTION LIMIT), or start fewer servers"
            ),
            (_, Some("55P03" | "57014")) => {
                "the database did not answer in time: end what locks its tables (pg_stat_activity shows it)"
                    .to_owned()
            }
            (_, Some("53100")) => "the disk of the database is full: make room on it".to_owned(),
            (sqlx::Error::Io(_) | sqlx::Error::PoolClosed, _) | (_, Some("57P01" | "57P03")) => {
                "the database cannot be reached: start it, or mend the way to it".to_owned()
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_a_database_unavailable_is_said_with_its_remedy() {
        let remedy = |cause: sqlx::Error| StoreError::Unavailable(Box::new(cause)).remedy();
        let narrow = remedy(sqlx::Error::PoolTimedOut).unwrap_or_default();
        assert!(narrow.contains("16 connections") && narrow.contains("CONNECTION LIMIT"), "{narrow}");
        let gone = remedy(sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into())).unwrap_or_default();
        assert!(gone.contains("start it"), "{gone}");
        assert_eq!(remedy(sqlx::Error::RowNotFound), None);
        assert_eq!(StoreError::KeyExists.remedy(), None);
    }
}
