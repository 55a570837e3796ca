//! An answer on its way to its client.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};

use super::activity::UnderWay;
use super::held::{Charge, Holder, LargeAnswerPermit};
use super::steps::Steps;

/// In pieces of so many bytes an answer is handed to the connection, which takes the next when it has room. It is what has
/// to be read of an answer for it to be seen to make progress.
const PIECE: usize = 32 << 10;
/// What is written into a buffer that grows may take up to twice as much as it is long.
const GROWN: usize = 2;
/// What an answer takes beside its body: its head, and the task that sends it.
const OVERHEAD: usize = 4 << 10;

/// Marks an answer whose body is held anyway, so that sending it takes no memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SharedBody;

/// How far an answer has come; it is sent when this is dropped.
#[derive(Debug)]
struct Progress {
    charge: Charge,
    steps: Arc<Steps>,
    /// A connection is not idle while an answer is being sent, which an event stream may be for hours.
    _under_way: UnderWay,
}

impl Progress {
    fn note(&self) {
        self.steps.step(self.charge.holder().now());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.charge.holder().forget(&self.steps);
    }
}

/// The body of an answer, handed over piece by piece.
pub(super) struct Sending {
    body: Body,
    /// What is left of the last frame.
    rest: Bytes,
    progress: Arc<Progress>,
}

/// A piece that the connection has until it is written to the socket.
struct Piece {
    bytes: Bytes,
    progress: Arc<Progress>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.progress.steps.leave(self.progress.charge.holder().now());
    }
}

impl Sending {
    /// Sends `answer` for a connection.
    pub(super) fn answer(mut answer: Response, holder: &Arc<Holder>, under_way: UnderWay) -> Response<Self> {
        let is_shared = answer.extensions().get::<SharedBody>().is_some();
        // What a stream will bring is not known; it is held a piece at a time.
        let length = answer.body().size_hint().exact().and_then(|length| usize::try_from(length).ok());
        let bytes = OVERHEAD + if is_shared { 0 } else { length.map_or(PIECE, |length| length * GROWN) };
        // Once these bytes are counted, the sandbox's next large answer may be made.
        let permit = answer.extensions_mut().remove::<LargeAnswerPermit>();
        let charge = holder.charge_answer(bytes, permit.is_some());
        drop(permit);
        let steps = Arc::<Steps>::default();
        steps.step(holder.now());
        holder.follow(&steps);
        let progress = Arc::new(Progress { charge, steps, _under_way: under_way });
        answer.map(|body| Self { body, rest: Bytes::new(), progress })
    }

    /// The next piece of what is left.
    fn piece(&mut self) -> Frame<Bytes> {
        self.progress.steps.hand_over();
        let bytes = self.rest.split_to(PIECE.min(self.rest.len()));
        Frame::data(Bytes::from_owner(Piece { bytes, progress: Arc::clone(&self.progress) }))
    }
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.progress.note();
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) if data.is_empty() => return Poll::Ready(Some(Ok(Frame::data(data)))),
                    Ok(data) => self.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                other => return other,
            }
        }
        Poll::Ready(Some(Ok(self.piece())))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
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
