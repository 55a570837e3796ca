//! What is kept of a call: handlers note what they did while they answer it, and the edge has it kept when it is answered.

use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::Response;
use supplier_control::Control;
use supplier_domain::{KeyPlaces, KeyProblem, Refusal, RequestId, Timestamp, meant_key};
use supplier_rehearsal::Watches;
use supplier_store::{Caller, EndedKey, KeyHash, SandboxId, Store, StoreError};
use tokio::time::Instant;

use super::caller::API_KEY_HEADER;
use super::notes::{Noted, Notes, Outcome};
use super::record::{self, Answered, KeyStanding, Sent};
use super::tracked::{self, TrackedBody};
use super::{ApiError, Unsent};
use crate::redact::{self, Carried, Secrets};
use crate::time::ServerTime;

/// What the paths of the Supplier API, and of what is mistaken for it, begin with.
const API: &str = "/api/";
/// The headers in which proxies name the client that they forward a call for, or themselves.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// Has calls kept, in the sandbox that their key leads to. Those whose key leads to none are kept with the default
/// sandbox: that is where somebody looks who is only beginning.
pub(crate) struct Recorder {
    store: Arc<dyn Store>,
    time: ServerTime,
    /// The rehearsals that watch sandboxes.
    watches: Arc<Watches>,
    /// For digests of calls, which tell a call that is made again. Bodies hold passwords: its keys are random.
    digests: RandomState,
    is_on: bool,
}

impl Recorder {
    /// Has calls kept in `store`, unless `is_on` is false.
    pub(crate) fn new(store: Arc<dyn Store>, time: ServerTime, watches: Arc<Watches>, is_on: bool) -> Self {
        Self { store, time, watches, digests: RandomState::new(), is_on }
    }

    /// Begins to record a call, if it is one of the Supplier API. Whatever it is, its handler can ask for its id.
    pub(crate) fn begin(
        self: &Arc<Self>,
        request: &mut Request,
        id: RequestId,
        began: Instant,
    ) -> Option<Recording> {
        if !request.uri().path().starts_with(API) {
            request.extensions_mut().insert(id);
            return None;
        }
        let notes = Notes::new(id);
        request.extensions_mut().insert(notes.clone());
        self.is_on.then(|| {
            Recording(Some(Begun {
                recorder: Arc::clone(self),
                notes,
                began,
                server_at: self.time.now(),
                method: request.method().clone(),
                uri: request.uri().clone(),
                keys: request.headers().get_all(API_KEY_HEADER).iter().cloned().collect(),
                is_authorized: request.headers().contains_key(header::AUTHORIZATION),
                forwarded_for: forwarded_for(request.headers()),
                secret_headers: redact::secret_headers(request.headers()),
                content_type: request.headers().get(header::CONTENT_TYPE).cloned(),
            }))
        })
    }
}

/// What proxies say of the client that they forward a call for; nothing if it came through none that says so.
fn forwarded_for(headers: &HeaderMap) -> Vec<HeaderValue> {
    FORWARDED.iter().flat_map(|name| headers.get_all(*name)).cloned().collect()
}

/// The most keys that are looked up of a call whose own leads to nobody.
const MAX_MEANT: usize = 4;

/// Whose call it is.
struct Identity<'a> {
    caller: Option<Caller>,
    /// What is known of its key.
    key: KeyStanding<'a>,
}

struct Begun {
    recorder: Arc<Recorder>,
    notes: Notes,
    began: Instant,
    server_at: Timestamp,
    method: Method,
    uri: Uri,
    /// What `X-Api-Key` says, each time that it is sent.
    keys: Vec<HeaderValue>,
    /// Whether there is an `Authorization` header.
    is_authorized: bool,
    forwarded_for: Vec<HeaderValue>,
    secret_headers: Vec<HeaderValue>,
    content_type: Option<HeaderValue>,
}

/// A call that is being answered. One that is dropped before is kept as what it is: a call whose client went away.
pub(crate) struct Recording(Option<Begun>);

impl Recording {
    /// Keeps the call that is answered by `response`: before it is sent, or, of a large answer, before its last piece is.
    /// So whoever has the answer finds the call in the journal.
    pub(crate) async fn finish(self, response: Response) -> Response {
        let extensions = response.extensions();
        let answered = Answered {
            status: response.status().as_u16(),
            is_sent: extensions.get::<Unsent>().is_none(),
            error: extensions.get::<ApiError>().cloned(),
            took: self.0.as_ref().map_or(Duration::ZERO, |begun| begun.began.elapsed()),
        };
        let is_large = response.body().size_hint().exact().is_some_and(|length| length > tracked::SMALL);
        if answered.is_sent && is_large {
            return response.map(|body| Body::new(TrackedBody::new(body, || self.keep(answered))));
        }
        self.keep(answered).await;
        response
    }

    /// Keeps the call as answered.
    pub(super) async fn keep(mut self, answered: Answered) {
        if let Some(begun) = self.0.take() {
            begun.keep(Some(answered)).await;
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let (Some(begun), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(begun.keep(None));
        }
    }
}

impl Begun {
    async fn keep(self, answered: Option<Answered>) {
        let mut noted = std::mem::take(&mut *self.notes.lock());
        match self.keep_in_sandbox(&mut noted, answered).await {
            // The sandbox went while the call was under way.
            Ok(()) | Err(StoreError::NoSandbox(_)) => {}
            Err(error) => tracing::warn!(%error, request_id = %self.notes.id(), "a call could not be kept"),
        }
    }

    async fn keep_in_sandbox(&self, noted: &mut Noted, answered: Option<Answered>) -> Result<(), StoreError> {
        let ended = self.recorder.time.now();
        let took = answered.as_ref().map_or_else(|| self.began.elapsed(), |answered| answered.took);
        let error = answered.as_ref().and_then(|answered| answered.error.as_ref());
        let is_key_refused = error == Some(&ApiError::Refused(Refusal::InvalidApiKey));
        let Identity { caller, key } = match noted.caller.take() {
            Some(caller) if !is_key_refused => Identity { caller: Some(caller), key: KeyStanding::Known },
            // Its key may have been revoked while it waited.
            _ => self.identify().await?,
        };
        let (sandbox, supplier, epoch) = caller.as_ref().map_or_else(
            || (Control::default_sandbox(), None, None),
            |caller| (caller.sandbox.clone(), Some(caller.supplier.clone()), caller.epoch),
        );
        let at = match &noted.outcome {
            Outcome::Listed { page, .. } => page.now,
            Outcome::Updated { updated, .. } => updated.now,
            Outcome::Nothing => self.now(&sandbox).await?,
        };
        let carried = Carried { headers: &self.secret_headers, uri: &self.uri, body: &noted.body };
        let sent = Sent {
            id: self.notes.id(),
            at,
            server_at: self.server_at,
            ended,
            key: self.keys.first(),
            key_standing: key,
            forwarded_for: &self.forwarded_for,
            micros: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            method: &self.method,
            uri: &self.uri,
            secrets: Secrets::of(carried),
            content_type: self.content_type.as_ref().and_then(|value| value.to_str().ok()),
            supplier,
        };
        let (record, observed) = record::of(sent, noted, answered.as_ref(), &self.recorder.digests);
        let (store, now) = (&self.recorder.store, self.recorder.time.now());
        if let (Some(lost), Some(caller)) = (record::lost(&record), &caller) {
            match store.lose_answer(caller, lost, record.id, now).await {
                // The call was let in before that, and what it did is gone.
                Ok(()) | Err(StoreError::Reset(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(watch) = self.recorder.watches.of(&sandbox) {
            watch.recorded(&record).await;
        }
        store.keep_call(&sandbox, epoch, record, observed, now).await
    }

    /// Whose key a call carried that no handler asked for it. A key that authenticates nobody leads to its former sandbox,
    /// and one that was sent in a wrong way to the sandbox of the key that was meant: there somebody looks for the call.
    async fn identify(&self) -> Result<Identity<'_>, StoreError> {
        let store = &self.recorder.store;
        let mut standing = KeyStanding::Unknown(self.key_places());
        if let [key] = &self.keys[..] {
            let key = KeyHash::of(key.as_bytes());
            if let Some(known) = store.authenticate(&key, self.server_at).await? {
                return Ok(Identity { caller: Some(known.caller), key: KeyStanding::Known });
            }
            match store.ended_key(&key, self.server_at).await? {
                Some(EndedKey::Revoked(caller)) => {
                    let key = KeyStanding::Ended(KeyProblem::Revoked);
                    return Ok(Identity { caller: Some(caller), key });
                }
                Some(EndedKey::SandboxGone) => standing = KeyStanding::Ended(KeyProblem::SandboxGone),
                None => {}
            }
        }
        for key in self.meant_keys() {
            if let Some(known) = store.authenticate(&KeyHash::of(key.as_bytes()), self.server_at).await? {
                return Ok(Identity { caller: Some(known.caller), key: standing });
            }
        }
        Ok(Identity { caller: None, key: standing })
    }

    /// The keys that the call may mean, wherever they stand in its head; at most [`MAX_MEANT`].
    fn meant_keys(&self) -> Vec<String> {
        let in_headers = self.secret_headers.iter().map(|value| value.as_bytes().to_vec());
        let query = self.uri.query().unwrap_or_default();
        let in_query =
            form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned().into_bytes());
        let mut keys: Vec<_> =
            in_headers.chain(in_query).filter_map(|sent| meant_key(&sent)).take(MAX_MEANT).collect();
        keys.dedup();
        keys
    }

    fn key_places(&self) -> KeyPlaces<'_> {
        KeyPlaces {
            header: self.keys.first().filter(|_| self.keys.len() == 1).map(HeaderValue::as_bytes),
            is_repeated: self.keys.len() > 1,
            in_authorization: self.is_authorized,
            in_other_header: self.secret_headers.iter().any(|value| meant_key(value.as_bytes()).is_some()),
            in_query: false,
            in_body: false,
        }
    }

    async fn now(&self, sandbox: &SandboxId) -> Result<Timestamp, StoreError> {
        Ok(self.recorder.store.clock(sandbox, self.recorder.time.now()).await?.now)
    }
}
