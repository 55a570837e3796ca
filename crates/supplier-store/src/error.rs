//! Errors of a store.

use std::borrow::Cow;
use std::error::Error;
use supplier_domain::{OrderId, SupplierId, Timestamp, counted};

use crate::SandboxId;

/// Why a store did not carry out a call. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The sandbox does not exist, or has expired.
    #[error("there is no sandbox {0}")]
    NoSandbox(SandboxId),
    /// Another sandbox has the name.
    #[error("there is a sandbox {0} already")]
    SandboxExists(SandboxId),
    /// The sandbox does not have the supplier.
    #[error("sandbox {0} has no supplier {1}")]
    NoSupplier(SandboxId, SupplierId),
    /// The sandbox has the supplier already.
    #[error("sandbox {0} has a supplier {1} already")]
    SupplierExists(SandboxId, SupplierId),
    /// The sandbox has an order of that number already.
    #[error("sandbox {0} has an order {1} already")]
    OrderExists(SandboxId, OrderId),
    /// The sandbox would have more orders than it may ([`Bounds::orders`](crate::Bounds::orders)).
    #[error("sandbox {sandbox} has room for {}, and may have {cap}", counted(*left, "more order"))]
    TooManyOrders {
        /// The sandbox.
        sandbox: SandboxId,
        /// How many orders the sandbox may have.
        cap: usize,
        /// How many more orders the sandbox has room for.
        left: usize,
    },
    /// The sandbox's clock shows its last moment: no order arrives any more.
    #[error("the clock of sandbox {0} is at its end, {1}")]
    ClockAtEnd(SandboxId, Timestamp),
    /// The API key is in use.
    #[error("that key is in use already")]
    KeyExists,
    /// The sandbox was reset since the call was authenticated.
    #[error("sandbox {0} was reset while the call was under way")]
    Reset(SandboxId),
    /// The data file was deleted, moved, replaced or cut short while the server ran: writes would be lost.
    #[error("the data file is no longer there, or no longer the same")]
    FileGone,
    /// The storage cannot be used now; the call may succeed later.
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
    /// The reason and the remedy of an unavailable store, if known, for the operator of the server.
    pub fn remedy(&self) -> Option<String> {
        let Self::Unavailable(cause) = self else { return None };
        let cause = cause.downcast_ref::<sqlx::Error>()?;
        let code = cause.as_database_error().and_then(|error| error.code().map(Cow::into_owned));
        // The codes are in appendix A of PostgreSQL's manual.
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
