//! Sending a call, within what the run allows.

use std::cell::{Cell, OnceCell};
use std::time::Duration;

use percent_encoding::utf8_percent_encode;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderName, HeaderValue};
use reqwest::{Client, Method, redirect};
use tokio::sync::Mutex;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, timeout};

use super::bounded::{MOST_BYTES, Unread, body_of};
use super::coding::{Unreadable, decoded};
use super::read_only::{Outgoing, refusal};
use super::{Answer, Body, Call, Tls, in_words};
use crate::query::ENCODED;
use crate::template::{Bindings, Template, Unbound};

/// How often a call is sent again because the target asked for it.
const PATIENCE: u32 = 5;
/// The longest that a target may ask to wait, in seconds.
const LONGEST_WAIT: u64 = 60;
/// A connection that has been quiet for so long is not used again: the target may be about to close it.
const QUIET: Duration = Duration::from_secs(2);

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// No connection.
    #[error("the target cannot be reached: {0}")]
    Unreachable(String),
    /// The connection ended without an answer.
    #[error("the target closed the connection without an answer ({0})")]
    Closed(String),
    /// No answer in time.
    #[error("the target did not answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// More than the suite reads.
    #[error("the target's answer is larger than {} MiB, which no page of 500 orders is", MOST_BYTES >> 20)]
    TooLarge,
    /// The target kept asking for patience.
    #[error("the target answered {0} (try again later) to {PATIENCE} attempts; lower --rate")]
    Overloaded(u16),
    /// A read-only run does not send it.
    #[error("--read-only does not send `{call}`: {why}")]
    ReadOnly {
        /// The call, in a line.
        call: String,
        /// What it might do.
        why: &'static str,
    },
    /// It would take more of the target's orders than the check announced.
    #[error("{0}")]
    OverBudget(String),
    /// A call that cannot be sent: a defect of the suite or of a file that is replayed.
    #[error("the call cannot be sent: {0}")]
    Unsendable(String),
}

impl TransportError {
    /// Whether a well-formed request met no answer, which `error.no-5xx` forbids.
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::TimedOut(_))
    }
}

impl From<Unbound> for TransportError {
    fn from(unbound: Unbound) -> Self {
        Self::Unsendable(unbound.to_string())
    }
}

/// How calls are sent.
#[derive(Debug, Clone)]
pub struct CallOptions {
    /// How long an answer may take.
    pub timeout: Duration,
    /// The most calls a second, if there is a most.
    pub rate: Option<u32>,
}

/// By what means calls are sent, and which are not.
#[derive(Clone)]
pub(crate) struct Means {
    pub(crate) call_options: CallOptions,
    pub(crate) tls: Tls,
    /// Whether no call is sent that names an order that can exist.
    pub(crate) read_only: bool,
}

/// What sends calls to one target.
pub(crate) struct Transport {
    base: String,
    client: Client,
    /// The same, but it writes the names of headers in lower case.
    lower: Client,
    /// The same as each of those, but every call has a connection of its own. Made when they are needed.
    fresh: [OnceCell<Client>; 2],
    means: Means,
    pace: Option<Mutex<Interval>>,
    sent: Cell<u64>,
    /// When an answer came last, whose connection may have been kept.
    answered: Cell<Option<Instant>>,
}

impl Transport {
    /// One to the target whose paths follow `base`, which ends without a slash. A client of the default TLS provider,
    /// which is installed if there is none.
    pub(crate) fn new(base: &str, means: Means) -> Result<Self, TransportError> {
        super::tls::install();
        let lower = client(&means, true, false)?;
        let client = client(&means, false, false)?;
        let pace = means.call_options.rate.map(|rate| {
            let mut pace = interval(Duration::from_secs(1) / rate.max(1));
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            Mutex::new(pace)
        });
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self {
            base,
            client,
            lower,
            fresh: Default::default(),
            means,
            pace,
            sent: Cell::new(0),
            answered: Cell::new(None),
        })
    }

    /// The target's URL, without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// How many requests were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// Sends a call, again if the target asks for patience (429 or 503 with `Retry-After`).
    pub(crate) async fn send(&self, call: &Call, bindings: &Bindings) -> Result<Answer, TransportError> {
        self.send_unless(call, bindings, || Ok(())).await
    }

    /// The same. Where a call has to be sent twice, `again` may refuse the second time.
    pub(crate) async fn send_unless(
        &self,
        call: &Call,
        bindings: &Bindings,
        again: impl Fn() -> Result<(), TransportError>,
    ) -> Result<Answer, TransportError> {
        let mut status = 0;
        for _ in 0..PATIENCE {
            let answer = self.once(call, bindings, &again).await?;
            let Some(wait) = asks_for_patience(&answer) else { return Ok(answer) };
            status = answer.status;
            sleep(wait).await;
        }
        Err(TransportError::Overloaded(status))
    }

    /// Sends a call. A connection that was kept may be closed by the target at any time between calls, which is no answer to
    /// the call that meets it: then the call is sent once more, by a connection of its own. Whether the target carried the
    /// first one out cannot be known; the answer says that it was sent twice.
    async fn once(
        &self,
        call: &Call,
        bindings: &Bindings,
        again: &impl Fn() -> Result<(), TransportError>,
    ) -> Result<Answer, TransportError> {
        let lower = |(name, _): &(String, Template)| name.bytes().all(|b| !b.is_ascii_uppercase());
        let is_lower = !call.headers.is_empty() && call.headers.iter().all(lower);
        let request = self.request(call, bindings)?;
        // Another attempt needs the request again.
        let spare = request.try_clone();
        let may_be_kept = self.answered.get().is_some_and(|at| at.elapsed() <= QUIET * 2);
        let client = if is_lower { &self.lower } else { &self.client };
        let (closed, spare) = match (self.exchange(client, request).await, spare) {
            (Err(Lost { error: error @ TransportError::Closed(_), is_before_answer: true }), Some(spare))
                if may_be_kept =>
            {
                (error, spare)
            }
            (outcome, _) => return outcome.map_err(|lost| lost.error),
        };
        if again().is_err() {
            return Err(closed);
        }
        let client = self.fresh(is_lower)?;
        let mut answer = self.exchange(client, spare).await.map_err(|lost| lost.error)?;
        answer.resent = true;
        Ok(answer)
    }

    fn fresh(&self, is_lower: bool) -> Result<&Client, TransportError> {
        let slot = &self.fresh[usize::from(is_lower)];
        if slot.get().is_none() {
            let _ = slot.set(client(&self.means, is_lower, true)?);
        }
        slot.get().ok_or_else(|| TransportError::Unsendable("no client could be made".to_owned()))
    }

    async fn exchange(&self, client: &Client, request: reqwest::Request) -> Result<Answer, Lost> {
        self.keep_pace().await;
        self.sent.set(self.sent.get() + 1);
        let sent = Instant::now();
        let asks_for_coding =
            request.headers().get(ACCEPT_ENCODING).is_some_and(|codings| codings != "identity");
        let before = |error: reqwest::Error| Lost { error: transport_error(&error), is_before_answer: true };
        let after = |error| Lost { error, is_before_answer: false };
        let exchange = async {
            let response = client.execute(request).await.map_err(before)?;
            let status = response.status().as_u16();
            let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers =
                response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
            let headers = headers.collect();
            let codings: Vec<_> = response.headers().get_all(CONTENT_ENCODING).iter().map(text).collect();
            let codings = codings.join(", ");
            let body = body_of(response).await.map_err(|unread| match unread {
                Unread::Failed(error) => after(transport_error(&error)),
                Unread::TooLarge => after(TransportError::TooLarge),
            })?;
            let (body, unreadable, is_wrong) = match decoded(&body, &codings) {
                Ok(decoded) => (decoded.unwrap_or(body), None, false),
                Err(Unreadable::TooLarge) => return Err(after(TransportError::TooLarge)),
                Err(Unreadable::Unknown(why)) => (body, Some(why), false),
                Err(Unreadable::Broken(why)) => (body, Some(why), true),
            };
            let is_coded = !codings.is_empty() && !codings.eq_ignore_ascii_case("identity");
            let is_told = is_coded && (!asks_for_coding || is_wrong);
            let coding = is_told.then(|| (super::printable(&codings, 80), unreadable));
            let json = serde_json::from_slice(&body).ok();
            let received = Instant::now();
            self.answered.set(Some(received));
            Ok(Answer { status, headers, body, json, coding, resent: false, sent, received })
        };
        let longest = self.means.call_options.timeout;
        timeout(longest, exchange).await.unwrap_or(Err(after(TransportError::TimedOut(longest))))
    }

    fn request(&self, call: &Call, bindings: &Bindings) -> Result<reqwest::Request, TransportError> {
        let unsendable = |what: &str| TransportError::Unsendable(what.to_owned());
        let method =
            Method::from_bytes(call.method.as_bytes()).map_err(|_| unsendable("its method is none"))?;
        if !call.path.starts_with('/') {
            // Behind a host's name it would make another host of it, and the key would go there.
            return Err(unsendable("its path does not begin with a slash"));
        }
        // What fills a hole of a URL is data: it makes no further parameter.
        let encoded = |value: String| utf8_percent_encode(&value, ENCODED).to_string();
        let url = format!("{}{}", self.base, bindings.fill_with(&call.target(), encoded)?);
        let mut request = self.client.request(method, url);
        let codes = |(name, _): &(String, Template)| name.eq_ignore_ascii_case(ACCEPT_ENCODING.as_str());
        if !call.headers.iter().any(codes) {
            request = request.header(ACCEPT_ENCODING, "identity");
        }
        for (name, value) in &call.headers {
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable("a header's name is none"))?;
            let value = bindings.fill(value)?;
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| unsendable("a header's value is none"))?;
            request = request.header(name, value);
        }
        let request = match &call.body {
            Body::None => request,
            Body::Text(text) => request.body(bindings.fill(text)?),
            Body::Parts(parts) => {
                request.body(parts.iter().map(|(text, times)| text.repeat(*times)).collect::<String>())
            }
            Body::Bytes(bytes) => request.body(bytes.clone()),
        };
        let request = request.build().map_err(|error| TransportError::Unsendable(told(&error)))?;
        if self.means.read_only {
            let headers: Vec<_> = request
                .headers()
                .values()
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .collect();
            let outgoing = Outgoing {
                method: request.method().as_str(),
                path: &call.path,
                query: request.url().query().unwrap_or_default(),
                headers: &headers,
                body: request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default(),
            };
            if let Some(why) = refusal(&outgoing, bindings.keys.values().map(String::as_str)) {
                return Err(TransportError::ReadOnly { call: super::printable(&call.words(), 120), why });
            }
        }
        Ok(request)
    }

    async fn keep_pace(&self) {
        if let Some(pace) = &self.pace {
            pace.lock().await.tick().await;
        }
    }
}

/// Why a call has no answer, and whether that was before any of an answer had come.
struct Lost {
    error: TransportError,
    is_before_answer: bool,
}

/// A client, which writes the names of headers in lower case or not, and keeps connections or has a `fresh` one for each call.
fn client(means: &Means, is_lower: bool, is_fresh: bool) -> Result<Client, TransportError> {
    // A redirect would take the key elsewhere.
    let client = Client::builder().redirect(redirect::Policy::none()).pool_idle_timeout(QUIET).no_proxy();
    let client = if is_lower { client } else { client.http1_title_case_headers() };
    let client = if is_fresh { client.pool_max_idle_per_host(0) } else { client };
    means.tls.of(client).build().map_err(|error| TransportError::Unsendable(told(&error)))
}

/// How long the target asks to wait, if it does.
fn asks_for_patience(answer: &Answer) -> Option<Duration> {
    if answer.status != 429 && answer.status != 503 {
        return None;
    }
    let seconds: u64 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

fn transport_error(error: &reqwest::Error) -> TransportError {
    if error.is_connect() {
        TransportError::Unreachable(told(error))
    } else {
        TransportError::Closed(told(error))
    }
}

/// The innermost cause, which says most, without the URL.
fn told(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    in_words(&cause.to_string())
}
