//! Sending a call, within what the run allows.

use std::cell::Cell;
use std::time::Duration;

use percent_encoding::utf8_percent_encode;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Method, redirect};
use tokio::sync::Mutex;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, timeout};

use super::bounded::{MOST_BYTES, Unread, body_of};
use super::{Answer, Body, Call};
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

/// What sends calls to one target.
pub(crate) struct Transport {
    base: String,
    client: Client,
    /// The same, but it writes the names of headers in lower case.
    lower: Client,
    call_options: CallOptions,
    pace: Option<Mutex<Interval>>,
    sent: Cell<u64>,
}

impl Transport {
    /// One to the target whose paths follow `base`, which ends without a slash. A client of the default TLS provider,
    /// which is installed if there is none.
    pub(crate) fn new(base: &str, call_options: CallOptions) -> Result<Self, TransportError> {
        // An error says that the process has one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || {
            // A redirect would take the key elsewhere.
            Client::builder().redirect(redirect::Policy::none()).pool_idle_timeout(QUIET).no_proxy()
        };
        let built =
            |client: ClientBuilder| client.build().map_err(|error| TransportError::Unsendable(told(&error)));
        let lower = built(client())?;
        let client = built(client().http1_title_case_headers())?;
        let pace = call_options.rate.map(|rate| {
            let mut pace = interval(Duration::from_secs(1) / rate.max(1));
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            Mutex::new(pace)
        });
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { base, client, lower, call_options, pace, sent: Cell::new(0) })
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
        let mut status = 0;
        for _ in 0..PATIENCE {
            let answer = self.once(call, bindings).await?;
            let Some(wait) = asks_for_patience(&answer) else { return Ok(answer) };
            status = answer.status;
            sleep(wait).await;
        }
        Err(TransportError::Overloaded(status))
    }

    async fn once(&self, call: &Call, bindings: &Bindings) -> Result<Answer, TransportError> {
        let request = self.request(call, bindings)?;
        let lower = |(name, _): &(String, Template)| name.bytes().all(|b| !b.is_ascii_uppercase());
        let client = if !call.headers.is_empty() && call.headers.iter().all(lower) {
            &self.lower
        } else {
            &self.client
        };
        self.keep_pace().await;
        self.sent.set(self.sent.get() + 1);
        let sent = Instant::now();
        let exchange = async {
            let response = client.execute(request).await.map_err(|error| transport_error(&error))?;
            let status = response.status().as_u16();
            let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers =
                response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
            let headers = headers.collect();
            let body = body_of(response).await.map_err(|unread| match unread {
                Unread::Failed(error) => transport_error(&error),
                Unread::TooLarge => TransportError::TooLarge,
            })?;
            let json = serde_json::from_slice(&body).ok();
            Ok(Answer { status, headers, body, json, sent, received: Instant::now() })
        };
        timeout(self.call_options.timeout, exchange)
            .await
            .unwrap_or(Err(TransportError::TimedOut(self.call_options.timeout)))
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
        request.build().map_err(|error| TransportError::Unsendable(told(&error)))
    }

    async fn keep_pace(&self) {
        if let Some(pace) = &self.pace {
            pace.lock().await.tick().await;
        }
    }
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
    cause.to_string()
}
