//! Accept loop: HTTP/1.1 and HTTP/2 without TLS, bounded, with a graceful stop.

use std::convert::Infallible;
use std::error::Error;
use std::future::{pending, poll_fn};
use std::iter::successors;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use socket2::SockRef;
use supplier_domain::fault::Close;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::yield_now;
use tower::Service as _;

use super::Limits;
use super::activity::Activity;
use super::held::{Held, Watched};
use super::sending::Sending;
use super::socket::{self, LentSocket, Returned, close_in_order};
use crate::api::{ApiError, BrokenOff, Unsent};

/// Pause of the loop after the system gave no connection, for lack of file descriptors for instance.
const REST: Duration = Duration::from_millis(50);
/// Maximum number of surplus connections that get an answer at once. Further ones are dropped.
const TURNED_AWAY: usize = 64;
/// Time that a refused client has to read the answer.
const TURN_AWAY_TIMEOUT: Duration = Duration::from_secs(2);
/// Maximum buffer of a connection in either direction, in bytes. This also limits the head of a request.
const BUFFER: usize = 32 << 10;
/// Maximum upload buffer of an HTTP/2 connection, for all streams together and for each.
const UPLOAD_WINDOW: u32 = 256 << 10;

/// Maximum buffer of the operating system for a connection, in bytes and in either direction. Linux adds as much for its own
/// records. By default Linux buffers 4 MB for a client that does not read. When all connections together exceed its limit
/// (`net.ipv4.tcp_mem`), Linux resets connections of clients that do read.
const SYSTEM_BUFFER: usize = 128 << 10;

/// Serves `router` until `stop` turns true or its sender is dropped, then finishes the requests under way.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: watch::Receiver<bool>,
) {
    // Accepted connections inherit both options.
    let socket = SockRef::from(&listener);
    let bounded = socket.set_send_buffer_size(SYSTEM_BUFFER).and(socket.set_recv_buffer_size(SYSTEM_BUFFER));
    if let Err(error) = bounded {
        tracing::warn!(%error, "the system does not bound what it buffers for a connection");
    }
    let held = Held::new(&limits);
    tokio::select! {
        () = accept(listener, router, limits, stop, Arc::clone(&held)) => {}
        () = held.keep_within_bounds() => {}
    }
}

async fn accept(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
    held: Arc<Held>,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let lobby = Arc::new(Semaphore::new(TURNED_AWAY));
    let builder = connection_builder(&limits);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        // Answers are written whole, so Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
        if let Ok(permit) = Arc::clone(&room).try_acquire_owned() {
            let (router, watched) = (router.clone(), held.watch());
            let connection = Connection { stream, peer, router, permit, watched };
            tokio::spawn(connection.run(builder.clone(), graceful.watcher(), limits.idle_timeout));
        } else if let Ok(permit) = Arc::clone(&lobby).try_acquire_owned() {
            tokio::spawn(async move {
                let _ = tokio::time::timeout(TURN_AWAY_TIMEOUT, turn_away(stream)).await;
                drop(permit);
            });
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.shutdown_grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
}

fn connection_builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Hyper's own timeout for a head would set a timer for every request; `Activity` replaces it.
    builder.http1().header_read_timeout(None).max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(32 << 10)
        .max_send_buf_size(BUFFER)
        .initial_stream_window_size(UPLOAD_WINDOW)
        .initial_connection_window_size(UPLOAD_WINDOW)
        .keep_alive_interval(limits.idle_timeout)
        .keep_alive_timeout(limits.idle_timeout);
    builder
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    permit: OwnedSemaphorePermit,
    watched: Watched,
}

impl Connection {
    async fn run(self, builder: Builder<TokioExecutor>, watcher: Watcher, idle_timeout: Duration) {
        let Self { stream, peer, router, permit, watched } = self;
        let returned = Returned::default();
        let lent = LentSocket::new(stream, &returned);
        let how = serve_connection(lent, peer, router, watched, builder, watcher, idle_timeout).await;
        if let (Some(how), Some(stream)) = (how, returned.take()) {
            socket::close(stream, how).await;
        }
        drop(permit);
    }
}

/// Serves a connection until it ends. Returns how to close the socket, if a fault ended the connection.
async fn serve_connection(
    socket: LentSocket,
    peer: SocketAddr,
    router: Router,
    watched: Watched,
    builder: Builder<TokioExecutor>,
    watcher: Watcher,
    idle_timeout: Duration,
) -> Option<Close> {
    let activity = Activity::default();
    let turn = Turn::default();
    let taken = turn.clone();
    let (dropping, mut dropped) = watch::channel(None);
    let (counting, holder) = (activity.clone(), Arc::clone(watched.holder()));
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let (under_way, holder) = (counting.begin(), Arc::clone(&holder));
        request.extensions_mut().insert(Arc::clone(&holder));
        request.extensions_mut().insert(ConnectInfo(peer));
        let (mut router, turn, dropping) = (router.clone(), taken.clone(), dropping.clone());
        async move {
            turn.take().await;
            holder.room().await;
            // A router is always ready.
            let answer = router.call(request.map(Body::new)).await.unwrap_or_else(|never| match never {});
            if let Some(Unsent(how)) = answer.extensions().get() {
                dropping.send_replace(Some(*how));
                // No answer: the connection ends meanwhile.
                return pending().await;
            }
            Ok::<_, Infallible>(Sending::answer(answer, &holder, under_way))
        }
    });
    let connection = builder.serve_connection(TokioIo::new(socket), service).into_owned();
    let mut connection = pin!(watcher.watch(connection));
    let served = poll_fn(|cx| {
        turn.begin();
        connection.as_mut().poll(cx)
    });
    tokio::select! {
        // The connection first writes what its client has room for, and is then checked for closing.
        biased;
        served = served => served.err().and_then(|error| {
            // Otherwise the client left, or sent no HTTP.
            tracing::debug!(error = &*error, "a connection ended early");
            is_broken_off(&*error).then_some(Close::Fin)
        }),
        how = dropped.wait_for(Option::is_some) => how.ok().and_then(|how| *how),
        () = activity.idle_for(idle_timeout) => None,
        () = watched.closed() => None,
    }
}

/// Whether a connection ended because a fault broke an answer off.
fn is_broken_off(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |&error| error.source()).any(<dyn Error + 'static>::is::<BrokenOff>)
}

/// Answers one request each time that the connection is polled. So a client that sends many requests ahead takes turns with
/// others.
#[derive(Debug, Clone, Default)]
struct Turn {
    is_taken: Arc<AtomicBool>,
}

impl Turn {
    fn begin(&self) {
        self.is_taken.store(false, Ordering::Relaxed);
    }

    async fn take(&self) {
        if self.is_taken.swap(true, Ordering::Relaxed) {
            yield_now().await;
        }
    }
}

/// Answers a surplus connection (`error.server`).
async fn turn_away(mut stream: TcpStream) {
    if stream.write_all(ApiError::Unavailable.to_http1().as_bytes()).await.is_ok() {
        close_in_order(stream).await;
    }
}
