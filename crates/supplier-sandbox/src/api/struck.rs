//! Effect of a fault on a call.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::caller::Authenticated;
use super::{ApiError, Notes};
use crate::app::App;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use http_body::Frame;
use http_body_util::{BodyExt as _, Collected};
use supplier_domain::OrderId;
use supplier_domain::fault::{Afterwards, Call, Course, Instead, Operation};

/// Marks a response that is not to be sent: the connection closes instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unsent;

/// What is not JSON, to whoever reads it as such.
const GARBAGE: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";

/// How an answer is spoiled once the call has done its work.
pub(crate) struct Spoiler(Option<Afterwards>);

/// Lets the sandbox's faults strike a call: it may wait, be answered otherwise, or have its answer spoiled later.
pub(crate) async fn strike(
    app: &App,
    authenticated: &Authenticated,
    operation: Operation,
    order: Option<OrderId>,
    notes: &Notes,
) -> Result<Spoiler, ApiError> {
    let supplier_store::Authenticated { caller, is_armed } = &authenticated.known;
    if !is_armed {
        return Ok(Spoiler(None));
    }
    let call = Call { operation, supplier: &caller.supplier, order };
    let strike = app.store.strike(caller, &call, app.time.now()).await?;
    if !strike.fired.is_empty() {
        notes.fired(strike.fired);
    }
    if !strike.delay.is_zero() {
        tokio::time::sleep(strike.delay).await;
        authenticated.check_again(app).await?;
    }
    match strike.course {
        Course::Usual => Ok(Spoiler(None)),
        Course::Afterwards(afterwards) => Ok(Spoiler(Some(afterwards))),
        Course::Instead(instead) => Err(match instead {
            Instead::Error(code) => ApiError::documented(code),
            Instead::Status { status, envelope } => ApiError::Status { status: status.get(), envelope },
            Instead::RateLimited { retry_after } => ApiError::RateLimited { retry_after },
            Instead::Drop => ApiError::Unsent,
        }),
    }
}

impl Spoiler {
    /// What is sent in the place of `answer`.
    pub(crate) async fn spoil(self, answer: Response, notes: &Notes) -> Response {
        let Some(afterwards) = self.0 else { return answer };
        notes.spoiled();
        let (mut parts, body) = answer.into_parts();
        match afterwards {
            Afterwards::Drop => {
                parts.extensions.insert(Unsent);
                Response::from_parts(parts, body)
            }
            Afterwards::Garbage => Response::from_parts(parts, Body::from(GARBAGE)),
            Afterwards::Truncate { bytes } => {
                // What a handler answers is in memory: reading it cannot fail.
                let whole = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
                let most = whole.len().saturating_sub(1);
                let kept = usize::try_from(bytes).unwrap_or(usize::MAX).min(most);
                parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
                Response::from_parts(parts, Body::new(Broken::JsonU64(whole.slice(..kept))))
            }
        }
    }
}

/// A body that breaks off.
enum Broken {
    JsonU64(Bytes),
    /// What there is was handed over, and is sent while the body is waited for.
    Sent,
    Over,
}

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match std::mem::replace(&mut *self, Self::Over) {
            Self::JsonU64(bytes) => {
                *self = Self::Sent;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Sent => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Over => Poll::Ready(Some(Err(std::io::Error::other("broken off on purpose")))),
        }
    }
}
