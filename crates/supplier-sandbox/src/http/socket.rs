//! Socket of a connection, which HTTP gives back when it is done, so that a fault can close it its own way.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use supplier_domain::fault::Close;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

/// How long a client may take to read what it was sent and close, once the server has.
const LINGER: Duration = Duration::from_secs(2);

/// Where a socket comes back to.
#[derive(Debug, Clone, Default)]
pub(super) struct Returned(Arc<Mutex<Option<TcpStream>>>);

impl Returned {
    fn lock(&self) -> MutexGuard<'_, Option<TcpStream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The socket, once what it was lent to is gone.
    pub(super) fn take(&self) -> Option<TcpStream> {
        self.lock().take()
    }
}

/// A socket that goes to its [`Returned`] when this is dropped.
#[derive(Debug)]
pub(super) struct LentSocket {
    /// There until this is dropped.
    stream: Option<TcpStream>,
    returned: Returned,
}

impl LentSocket {
    pub(super) fn new(stream: TcpStream, returned: &Returned) -> Self {
        Self { stream: Some(stream), returned: returned.clone() }
    }

    fn poll<T>(
        &mut self,
        poll: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match &mut self.stream {
            Some(stream) => poll(Pin::new(stream)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl Drop for LentSocket {
    fn drop(&mut self) {
        *self.returned.lock() = self.stream.take();
    }
}

impl AsyncRead for LentSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_read(cx, buffer))
    }
}

impl AsyncWrite for LentSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write_vectored(cx, bytes))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_shutdown(cx))
    }
}

/// Closes a connection so that its client sees it closed in that way.
pub(super) async fn close(stream: TcpStream, how: Close) {
    match how {
        Close::Fin => close_in_order(stream).await,
        // The system resets a connection that is not to linger.
        Close::Rst => {
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
    }
}

/// Tells the client that nothing more comes, and waits a while until it has read that and closes, too. What it sends meanwhile
/// is read: the system resets a connection that is closed with bytes unread, and what the client has not read yet would be lost.
pub(super) async fn close_in_order(mut stream: TcpStream) {
    let read_to_end = async {
        stream.shutdown().await?;
        let mut sink = [0; 4_096];
        while stream.read(&mut sink).await? > 0 {}
        io::Result::Ok(())
    };
    // A client that does not close, or is gone, is told no more.
    let _ = tokio::time::timeout(LINGER, read_to_end).await;
}
