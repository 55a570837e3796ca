//! Drain: reads what a handler left of a request's body.
//!
//! An answer may be ready before the body was read: an unknown key, a body too large. If the connection closed then, with the
//! client still sending, the client would see a reset and never the answer. So the server reads the rest first, within bounds.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use http_body::Frame;

/// Maximum number of discarded bytes.
const MAX_BYTES: usize = 16 << 20;
/// Maximum time.
const MAX_TIME: Duration = Duration::from_secs(5);

/// Rest of a body that was lent to a handler.
pub(super) struct Leftover(Option<Shared>);

#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.lock()).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.lock().size_hint()
    }
}

/// Lends the body of `request` to its handler. A client that waits for `100 Continue` sends nothing unasked, so its body is
/// not drained.
pub(super) fn lend(request: &mut Request) -> Leftover {
    if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
        return Leftover(None);
    }
    let shared = Shared(Arc::new(Mutex::new(std::mem::take(request.body_mut()))));
    *request.body_mut() = Body::new(shared.clone());
    Leftover(Some(shared))
}

impl Leftover {
    /// Reads to the end of the body, or up to the bounds.
    pub(super) async fn drain(self) {
        let Some(mut body) = self.0 else { return };
        if body.is_end_stream() {
            return;
        }
        let read = async {
            let mut rest = MAX_BYTES;
            while let Some(Ok(frame)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                let Some(left) = rest.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
                rest = left;
            }
        };
        // Beyond the bound the connection closes.
        let _ = tokio::time::timeout(MAX_TIME, read).await;
    }
}
