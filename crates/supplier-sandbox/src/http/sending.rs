//! Body of an answer on its way to its client.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};

use super::activity::UnderWay;
use super::held::{Charge, Holder, LargeAnswerPermit};
use super::steps::Steps;

/// Size of a piece in bytes. The connection takes the next piece when it has room. A client makes progress by reading a
/// piece.
const PIECE: usize = 32 << 10;
/// Factor for growing buffers, which may take up to twice the length of their content.
const GROWN: usize = 2;
/// Memory of an answer beside its body: its head, and the task that sends it.
const OVERHEAD: usize = 4 << 10;

/// Marks an answer with a shared body, which takes no memory of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SharedBody;

/// Progress of an answer. The answer is sent when this is dropped.
#[derive(Debug)]
struct Progress {
    charge: Charge,
    steps: Arc<Steps>,
    /// A connection is not idle while it sends an answer, which may last hours for an event stream.
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

/// Body of an answer, handed over in pieces.
pub(super) struct Sending {
    body: Body,
    /// Rest of the last frame.
    rest: Bytes,
    progress: Arc<Progress>,
}

/// Piece that the connection holds until it is written to the socket.
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
        // The length of a stream is unknown, so one piece at a time is counted.
        let length = answer.body().size_hint().exact().and_then(|length| usize::try_from(length).ok());
        let bytes = OVERHEAD + if is_shared { 0 } else { length.map_or(PIECE, |length| length * GROWN) };
        // After these bytes are counted, the sandbox's next large answer may be prepared.
        let permit = answer.extensions_mut().remove::<LargeAnswerPermit>();
        let charge = holder.charge_answer(bytes, permit.is_some());
        drop(permit);
        let steps = Arc::<Steps>::default();
        steps.step(holder.now());
        holder.follow(&steps);
        let progress = Arc::new(Progress { charge, steps, _under_way: under_way });
        answer.map(|body| Self { body, rest: Bytes::new(), progress })
    }

    /// The next piece of the rest.
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
