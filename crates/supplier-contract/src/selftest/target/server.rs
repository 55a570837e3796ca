//! HTTP server of the self-test's target.

use std::sync::Arc;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;

use super::error::{Refusal, refused, spoil};
use super::spied::{Seen, Spied};
use super::world::World;
use super::{Defect, hook, list, update};
use crate::http::{LIST, UPDATE};

/// The most that a body may have, in bytes.
const MOST: usize = 1 << 20;

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) allow: Option<&'static str>,
    /// Whether it says that it is gzip.
    pub(super) is_coded: bool,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            content_type: "application/json",
            allow: None,
            is_coded: false,
            body: body.to_string().into_bytes(),
        }
    }

    pub(super) fn text(status: u16, body: &str) -> Self {
        Self {
            status,
            content_type: "text/plain",
            allow: None,
            is_coded: false,
            body: body.as_bytes().to_vec(),
        }
    }
}

/// Why a connection is to end without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends here")]
struct Close;

/// A request whose body is there.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: hyper::HeaderMap,
    /// None where it is too large.
    pub(super) body: Option<Bytes>,
    /// Whether a header is spelled `X-Api-Key`, in upper and lower case as here.
    pub(super) has_usual_key: bool,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: tokio::net::TcpListener, world: World) {
    let world = Arc::new(world);
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let world = Arc::clone(&world);
        connections.spawn(async move {
            let seen = Seen::default();
            let service = service_fn(|request| answer(&world, request, seen.take_has("\nX-Api-Key:")));
            let stream = TokioIo::new(Spied { stream, seen: seen.clone() });
            // A client may go at any time.
            let _ = http1::Builder::new().serve_connection(stream, service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(
    world: &World,
    request: Request<Incoming>,
    has_usual_key: bool,
) -> Result<Response<Full<Bytes>>, Close> {
    let (head, body) = request.into_parts();
    let most = match () {
        () if world.is(Defect::NoSizeLimit) => usize::MAX,
        () if world.is(Defect::SizeHalf) => MOST / 2,
        () if world.is(Defect::Body100K) => 100_000,
        () => MOST,
    };
    let body = Limited::new(body, most).collect().await.ok().map(http_body_util::Collected::to_bytes);
    let asked = Asked {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
        has_usual_key,
    };
    if asked.path == "/hook" {
        return Ok(rendered(world, hook::answer(world, &asked)));
    }
    if let Some(reply) = fails(world, &asked) {
        return Ok(rendered(world, reply));
    }
    let deep =
        asked.body.as_ref().is_some_and(|body| body.windows(64).any(|some| some.iter().all(|b| *b == b'[')));
    if deep && world.is(Defect::DeepBodyCloses) {
        return Err(Close);
    }
    let reply = match routed(world, &asked).await {
        Ok(reply) => reply,
        Err(refusal) => refused(world, &asked, &refusal),
    };
    Ok(rendered(world, spoil(world, reply)))
}

/// What defects make of a request's headers.
fn fails(world: &World, asked: &Asked) -> Option<Reply> {
    let has = |name: &str, part: &str| asked.header(name).is_some_and(|value| value.contains(part));
    let ascii = asked.headers.get("x-api-key").is_none_or(|key| key.as_bytes().is_ascii());
    let fails = (world.is(Defect::KeyNotAscii) && !ascii)
        || (world.is(Defect::BrotliFails) && has("accept-encoding", "br"));
    let refused = world.is(Defect::AcceptRefused) && has("accept", "text/plain");
    if refused {
        return Some(Reply::text(406, "Not Acceptable"));
    }
    fails.then(|| Reply::text(500, "Internal Server Error"))
}

fn rendered(world: &World, reply: Reply) -> Response<Full<Bytes>> {
    let cached = if reply.status < 400 { Defect::PagesCached } else { Defect::RefusalsCached };
    let mut response = Response::builder()
        .status(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header("Content-Type", reply.content_type);
    if !world.is(cached) {
        response = response.header("Cache-Control", "no-store");
    }
    if reply.is_coded {
        response = response.header("Content-Encoding", "gzip");
    }
    if let Some(allow) = reply.allow {
        response = response.header("Allow", allow);
    }
    response.body(Full::new(Bytes::from(reply.body))).unwrap_or_default()
}

async fn routed(world: &World, asked: &Asked) -> Result<Reply, Refusal> {
    match (asked.path.as_str(), asked.method.as_str()) {
        (LIST, "GET") => list::answer(world, asked).await,
        (LIST, "HEAD") if world.is(Defect::HeadHandsOut) => list::answer(world, asked).await,
        (LIST, "HEAD") if world.is(Defect::HeadAnswered) => Ok(Reply::text(200, "")),
        (LIST, _) => Err(Refusal::Method("GET")),
        (UPDATE, "POST") => update::answer(world, asked).await,
        (UPDATE, _) => Err(Refusal::Method("POST")),
        _ => Err(Refusal::Path),
    }
}

/// Whose key a request has: the supplier, and the key.
pub(super) fn key(world: &World, asked: &Asked, updates: bool) -> Result<(usize, String), Refusal> {
    let name = if world.is(Defect::OtherHeader) && !updates { "api-key" } else { "x-api-key" };
    let count = asked.headers.get_all(name).iter().count();
    let mut text = asked.header(name).map(str::to_owned);
    if (count > 1 && !world.is(Defect::KeyTwice)) || (world.is(Defect::KeyNameCase) && !asked.has_usual_key) {
        return Err(Refusal::Key);
    }
    if text.is_none() && world.is(Defect::KeyInQuery) {
        text = asked.query.split('&').find_map(|pair| pair.strip_prefix("X-Api-Key=")).map(str::to_owned);
    }
    if text.is_none() && world.is(Defect::KeyAsBearer) {
        text =
            asked.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
    }
    let Some(text) = text else {
        return if world.is(Defect::KeyMissingAccepted) { Ok((0, String::new())) } else { Err(Refusal::Key) };
    };
    let found = world.with(|state| {
        let fits = |key: &&super::world::Key| {
            let same = key.text == text
                || (world.is(Defect::KeyCase) && key.text.eq_ignore_ascii_case(&text))
                || (world.is(Defect::KeyPrefix) && text.len() > 4 && key.text.starts_with(&text))
                || (world.is(Defect::KeyTrailing) && text.starts_with(&key.text))
                || (world.is(Defect::KeyWildcard) && text == "%");
            let revoked_works = if updates { Defect::KeyRevokedUpdates } else { Defect::KeyRevokedLists };
            let cached = world.is(Defect::KeyFirstUseKept) && state.used.contains(&text);
            same && (!key.is_revoked || cached || world.is(revoked_works))
        };
        let found = state.keys.iter().find(fits).map(|key| key.owner);
        if found.is_some() {
            state.used.insert(text.clone());
        }
        found
    });
    match found {
        Some(owner) => Ok((owner, text)),
        None if updates && world.is(Defect::KeyUnknownUpdates) => Ok((0, text)),
        None => Err(Refusal::Key),
    }
}
