//! Edge: what surrounds every handler. Request id, log line, metrics, time limit, panic handler.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tokio::time::Instant;

use super::drain;
use supplier_domain::RequestId;

use crate::api::{ApiError, Recorder};
use crate::metrics::Metrics;
use crate::redact;

const REQUEST_ID: HeaderName = HeaderName::from_static("sandbox-request-id");
const VERSION: HeaderName = HeaderName::from_static("sandbox-version");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// State of the edge.
pub(crate) struct Edge {
    /// Random, so that the ids of two servers differ.
    server: u32,
    count: AtomicU64,
    request_timeout: Duration,
    recorder: Arc<Recorder>,
    metrics: Arc<Metrics>,
}

impl Edge {
    pub(crate) fn new(
        server: u32,
        request_timeout: Duration,
        recorder: Arc<Recorder>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { server, count: AtomicU64::new(0), request_timeout, recorder, metrics }
    }

    fn next_id(&self) -> RequestId {
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        RequestId { server: self.server, count }
    }
}

/// `router` with the edge around it.
pub(crate) fn around(router: Router, edge: Edge) -> Router {
    router.layer(from_fn_with_state(Arc::new(edge), pass))
}

async fn pass(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = edge.next_id();
    let method = request.method().clone();
    // The route, not the path: a client's URL may contain a secret.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let recording = edge.recorder.begin(&mut request, id, began);
    let leftover = drain::lend(&mut request);
    let mut response = match tokio::time::timeout(edge.request_timeout, caught(next.run(request))).await {
        Ok(answered) => {
            leftover.drain().await;
            answered.unwrap_or_else(|cause| answer_panic(&*cause))
        }
        Err(_) => ApiError::RequestTimeout.into_response(),
    };
    if let Some(recording) = recording {
        response = recording.finish(response).await;
    }
    let headers = response.headers_mut();
    headers.insert(VERSION, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
    // An answer without its own header belongs to one caller (`auth.no-store`).
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(id.to_string())) {
        headers.insert(REQUEST_ID, value);
    }
    let took = began.elapsed();
    edge.metrics.count(route.as_ref(), &response, took);
    let refused = response.extensions().get::<ApiError>().map(|error| error.status_and_code().1.as_str());
    tracing::info!(
        request_id = %id,
        method = redact::method(&method),
        route = route.as_ref().map_or("unknown", MatchedPath::as_str),
        status = response.status().as_u16(),
        error = refused,
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
    response
}

/// Runs `handler`, and catches a panic. Its unfinished work is not used afterwards. Shared state is behind locks, whose
/// owners keep it consistent.
async fn caught(handler: impl Future<Output = Response>) -> Result<Response, Box<dyn Any + Send>> {
    let mut handler = pin!(handler);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(cause) => Poll::Ready(Err(cause)),
    })
    .await
}

/// The answer when a handler panicked (`error.server`).
fn answer_panic(cause: &(dyn Any + Send)) -> Response {
    let text = cause.downcast_ref::<&str>().copied().or(cause.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("of unknown cause"), "a handler panicked");
    ApiError::Internal.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::ServerTime;
    use axum::body::Body;
    use axum::routing::get;
    use supplier_store::MemoryStore;
    use tower::ServiceExt as _;

    /// Rules: `error.server`, `error.no-5xx`, `auth.no-store`.
    #[tokio::test]
    async fn a_panic_and_a_handler_that_hangs_are_answered_in_the_envelope() {
        async fn panics() -> Response {
            panic!("a defect")
        }
        let router =
            Router::new().route("/panics", get(panics)).route("/hangs", get(std::future::pending::<()>));
        let store = Arc::new(MemoryStore::new(supplier_store::StoreOptions::new(crate::wire::render)));
        let recorder = Recorder::new(store, ServerTime::default(), Arc::default(), true);
        let router =
            around(router, Edge::new(7, Duration::from_millis(10), Arc::new(recorder), Arc::default()));
        for (path, status, code) in [
            ("/panics", 500, "INTERNAL_ERROR"),
            ("/hangs", 408, "REQUEST_TIMEOUT"),
            ("/panics", 500, "INTERNAL_ERROR"),
        ] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), status);
            assert!(response.headers().contains_key("sandbox-request-id"));
            assert_eq!(response.headers()["cache-control"], "no-store");
            assert_eq!(response.headers()["sandbox-version"], env!("CARGO_PKG_VERSION"));
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["error"], code);
            assert!(!body.to_string().contains("defect"), "what went wrong inside stays inside");
        }
    }
}
