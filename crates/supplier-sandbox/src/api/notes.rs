//! Notes that a handler takes about a call while it answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use supplier_domain::fault::FiredFault;
use supplier_domain::{OrderUpdate, RequestId};
use supplier_store::{Caller, Page, Updated};

use super::ApiError;

/// What a handler did.
#[derive(Default)]
pub(super) enum Outcome {
    /// Nothing, as far as it noted.
    #[default]
    Nothing,
    /// It handed out a page from this offset on.
    Listed {
        /// The `offset` asked for.
        offset: u64,
        /// The page.
        page: Page,
    },
    /// It decided an update.
    Updated {
        /// What was asked for.
        update: Arc<OrderUpdate>,
        /// What became of it.
        updated: Updated,
    },
}

impl Outcome {
    /// Whether the call did what it asked for.
    pub(super) const fn is_done(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Listed { .. } => true,
            Self::Updated { updated, .. } => updated.result.is_ok(),
        }
    }
}

/// What was noted of a call.
#[derive(Default)]
pub(super) struct Noted {
    pub(super) caller: Option<Caller>,
    pub(super) body: Bytes,
    pub(super) answer: Bytes,
    pub(super) fired: Vec<FiredFault>,
    pub(super) is_spoiled: bool,
    pub(super) outcome: Outcome,
}

/// Where handlers note what they did; a request carries it.
#[derive(Clone)]
pub(crate) struct Notes {
    id: RequestId,
    noted: Arc<Mutex<Noted>>,
}

impl Notes {
    pub(super) fn new(id: RequestId) -> Self {
        Self { id, noted: Arc::default() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of the request.
    pub(super) fn id(&self) -> RequestId {
        self.id
    }

    pub(super) fn caller(&self, caller: &Caller) {
        self.lock().caller = Some(caller.clone());
    }

    pub(super) fn body(&self, body: &Bytes) {
        self.lock().body = body.clone();
    }

    pub(super) fn fired(&self, faults: Vec<FiredFault>) {
        self.lock().fired = faults;
    }

    pub(super) fn spoiled(&self) {
        self.lock().is_spoiled = true;
    }

    pub(super) fn outcome(&self, outcome: Outcome) {
        self.lock().outcome = outcome;
    }

    pub(super) fn answer(&self, answer: &Bytes) {
        self.lock().answer = answer.clone();
    }
}

impl<S: Sync> FromRequestParts<S> for Notes {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // The edge gives them to each request.
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::Internal)
    }
}
