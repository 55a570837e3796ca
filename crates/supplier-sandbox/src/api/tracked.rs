//! The body of a large answer, which keeps its call once nearly all of it was sent.
//!
//! A small answer fits into what the system buffers for a connection, and nothing tells whether its client reads it. Of a
//! larger one, the last piece is asked for only when the system has taken what came before. A connection that breaks before
//! leaves an answer that nobody got.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};

/// The largest answer whose call is kept before it is sent, in bytes.
pub(super) const SMALL: u64 = 64 << 10;
/// The last piece has at most so many bytes.
const PIECE: usize = 32 << 10;

type Keeping = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A body that keeps its call before its last piece is sent: whoever has the whole answer finds the call in the journal.
/// If it is dropped before, the call is kept as one whose answer nobody got.
pub(super) struct TrackedBody {
    body: Body,
    /// What is left of the last frame.
    rest: Bytes,
    /// Keeps the call.
    keep: Option<Box<dyn FnOnce() -> Keeping + Send>>,
    keeping: Option<Keeping>,
}

impl TrackedBody {
    /// `keep` is called before the last piece is sent, and dropped if that does not happen.
    pub(super) fn new<F: Future<Output = ()> + Send + 'static>(
        body: Body,
        keep: impl FnOnce() -> F + Send + 'static,
    ) -> Self {
        let keep = move || -> Keeping { Box::pin(keep()) };
        Self { body, rest: Bytes::new(), keep: Some(Box::new(keep)), keeping: None }
    }
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        loop {
            if let Some(keeping) = &mut self.keeping {
                ready!(keeping.as_mut().poll(cx));
                self.keeping = None;
            }
            if self.rest.is_empty() {
                match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                    Some(Ok(frame)) => match frame.into_data() {
                        Ok(data) => self.rest = data,
                        Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                    },
                    other => return Poll::Ready(other),
                }
                continue;
            }
            if self.rest.len() > PIECE {
                return Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(PIECE)))));
            }
            let is_last = self.body.is_end_stream();
            match self.keep.take() {
                Some(keep) if is_last => self.keeping = Some(keep()),
                keep => {
                    self.keep = keep;
                    return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.rest)))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.keeping.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, inner) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
