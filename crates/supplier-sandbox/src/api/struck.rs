//! Effect of faults on a call.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::caller::Authenticated;
use super::{ApiError, Notes};
use crate::app::App;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, Collected};
use supplier_domain::fault::{Afterwards, Call, Close, Course, Framing, Instead, Operation};
use supplier_domain::{OrderId, OrderUpdate};
use supplier_rehearsal::WatchedCall;

/// Marks a response that is not to be sent: the connection closes instead, in this way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unsent(pub(crate) Close);

/// Ends a body that a fault breaks off.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a fault broke the answer off")]
pub(crate) struct BrokenOff;

/// What is not JSON, to whoever reads it as such.
const GARBAGE: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";

/// Answers a call: `handler` runs, unless a fault of the sandbox, or a rehearsal, keeps it from running, and other faults delay
/// the call or spoil its answer. `update` is what an update asks for.
pub(crate) async fn answer<R: IntoResponse>(
    app: &App,
    authenticated: &Authenticated,
    update: Option<&OrderUpdate>,
    notes: &Notes,
    handler: impl Future<Output = Result<R, ApiError>>,
) -> Result<Response, ApiError> {
    let supplier_store::Authenticated { caller, is_armed } = &authenticated.known;
    let watch = app.watches.of(&caller.sandbox);
    if !is_armed && watch.is_none() {
        return Ok(handler.await.into_response());
    }
    let operation = if update.is_some() { Operation::UpdateOrder } else { Operation::ListOrders };
    let order = update.and_then(|update| OrderId::new(update.order));
    let call = Call { operation, supplier: &caller.supplier, order };
    let strike = if let Some(watch) = watch {
        watch.before(WatchedCall { id: notes.id(), call, update }).await
    } else {
        app.store.strike(caller, &call, app.time.now()).await?
    };
    if !strike.fired.is_empty() {
        notes.fired(strike.fired);
    }
    if wait(strike.delay_before).await {
        authenticated.check_again(app).await?;
    }
    let answer = match strike.course {
        Course::Usual => handler.await.into_response(),
        Course::Instead(instead) => answer_instead(instead, operation).into_response(),
        Course::Afterwards(afterwards) => {
            let answer = handler.await.into_response();
            spoil(answer, afterwards, operation, notes).await
        }
    };
    wait(strike.delay_after).await;
    Ok(answer)
}

/// Waits, and returns whether there was anything to wait for.
async fn wait(time: Duration) -> bool {
    let waits = !time.is_zero();
    if waits {
        tokio::time::sleep(time).await;
    }
    waits
}

/// What is answered without the call being handled.
fn answer_instead(instead: Instead, operation: Operation) -> ApiError {
    match instead {
        Instead::Replace(replacement) => ApiError::by_fault(replacement, operation),
        Instead::RateLimited { retry_after } => ApiError::over_the_limit(retry_after, operation),
        Instead::Drop(how) => ApiError::Unsent(how),
    }
}

/// What is sent in the place of `answer`.
async fn spoil(answer: Response, afterwards: Afterwards, operation: Operation, notes: &Notes) -> Response {
    if let Afterwards::Replace(replacement) = afterwards {
        return ApiError::by_fault(replacement, operation).into_response();
    }
    notes.spoiled();
    let (mut parts, body) = answer.into_parts();
    let body = match afterwards {
        Afterwards::Replace(_) => body,
        Afterwards::Drop(how) => {
            parts.extensions.insert(Unsent(how));
            body
        }
        Afterwards::Garbage => Body::from(GARBAGE),
        Afterwards::Truncate { bytes, framing } => {
            // What a handler answers is in memory: reading it cannot fail.
            let whole = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
            let most = whole.len().saturating_sub(1);
            let kept = usize::try_from(bytes).unwrap_or(usize::MAX).min(most);
            // Without a length, HTTP/1.1 sends a body in chunks.
            if framing == Framing::Length {
                parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
            }
            Body::new(Broken::Beginning(whole.slice(..kept)))
        }
    };
    Response::from_parts(parts, body)
}

/// A body that breaks off.
enum Broken {
    /// What there is, before it is handed over.
    Beginning(Bytes),
    /// It was handed over, and is sent while the body is waited for.
    Sent,
    Over,
}

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match std::mem::replace(&mut *self, Self::Over) {
            Self::Beginning(bytes) => {
                *self = Self::Sent;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Sent => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Over => Poll::Ready(Some(Err(BrokenOff))),
        }
    }
}
