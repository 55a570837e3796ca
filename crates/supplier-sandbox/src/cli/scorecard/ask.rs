//! Request for a scorecard at a running server.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use supplier_domain::SupplierId;
use supplier_sandbox::ServerUrl;
use supplier_store::SandboxId;

use super::super::Failure;
use super::plain::one_line;

/// Timeout, longer than a server with many orders takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Maximum size of an answer in bytes, far more than a scorecard has.
const MAX_ANSWER: usize = 16 << 20;

/// Media type of a scorecard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Markdown,
    JUnit,
}

impl Kind {
    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Markdown => "text/markdown",
            Self::JUnit => "application/xml",
        }
    }
}

/// Server, with the sandbox and the supplier of the wanted scorecard.
pub(super) struct Server<'a> {
    url: &'a ServerUrl,
    sandbox: &'a SandboxId,
    supplier: Option<&'a SupplierId>,
    /// Whether the client has stopped.
    has_ended: bool,
    token: Option<&'a str>,
    client: Client,
}

impl<'a> Server<'a> {
    pub(super) fn new(
        url: &'a ServerUrl,
        sandbox: &'a SandboxId,
        supplier: Option<&'a SupplierId>,
        has_ended: bool,
        token: Option<&'a str>,
    ) -> Result<Self, Failure> {
        // No other part of this program uses TLS, so no provider is installed yet.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A redirect would send the token to another host.
        let mut client = Client::builder().timeout(PATIENCE).redirect(Policy::none());
        if url.is_loopback() {
            // A proxy would look for a loopback server on its own machine.
            client = client.no_proxy();
        }
        if url.as_str().starts_with("http:") {
            // Without TLS, a machine needs no certificates.
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(|error| {
            Failure::Unusable(format!("error: no connection can be made: {}", cause(&error)))
        })?;
        Ok(Self { url, sandbox, supplier, has_ended, token, client })
    }

    /// The scorecard as text of a media type.
    pub(super) async fn ask(&self, kind: Kind) -> Result<String, Failure> {
        let url = format!("{}/_sandbox/sandboxes/{}/scorecard", self.url, self.sandbox);
        let mut request = self.client.get(url).header(ACCEPT, kind.media_type());
        if let Some(supplier) = self.supplier {
            request = request.query(&[("supplier", supplier.as_str())]);
        }
        request = request.query(&[("ended", self.has_ended)]);
        if let Some(token) = self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let found = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let found = found.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned();
        let text = self.read(response).await?;
        if status != StatusCode::OK {
            return Err(self.refused(status, &text));
        }
        if !found.eq_ignore_ascii_case(kind.media_type()) {
            let wanted = kind.media_type();
            return Err(self.no_scorecard(&format!("it is {found:?} and not {wanted}")));
        }
        Ok(text)
    }

    /// The text of an answer, up to the maximum size.
    async fn read(&self, mut response: Response) -> Result<String, Failure> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_ANSWER {
                return Err(self.no_scorecard(&format!("it is over {MAX_ANSWER} bytes long")));
            }
        }
        String::from_utf8(bytes).map_err(|_| self.no_scorecard("it is not UTF-8 text"))
    }

    /// Failure of an answer without a scorecard.
    fn refused(&self, status: StatusCode, body: &str) -> Failure {
        let (url, sandbox) = (self.url, self.sandbox);
        let problem = serde_json::from_str::<Value>(body).unwrap_or_default();
        let word = problem["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default();
        let text = match (status, self.supplier) {
            (StatusCode::UNAUTHORIZED, _) => format!(
                "{url} asks for its admin token, and {}; it is the one that the server was started with: give it \
                 with --admin-token-file, or in SUPPLIER_SANDBOX_ADMIN_TOKEN",
                if self.token.is_some() { "has another than the one given" } else { "none was given" }
            ),
            (StatusCode::NOT_FOUND, Some(supplier)) if word == "no-such-supplier" => format!(
                "the sandbox {sandbox} has no supplier {supplier}; \
                 GET {url}/_sandbox/sandboxes/{sandbox}/suppliers lists those there are"
            ),
            (StatusCode::NOT_FOUND, _) => format!(
                "{url} has no scorecard of a sandbox {sandbox}; GET {url}/_sandbox/sandboxes lists the sandboxes \
                 there are"
            ),
            _ => {
                let detail = problem["detail"].as_str();
                let detail = brief(
                    detail.unwrap_or("no supplier-sandbox does so; name the address of one with --url"),
                );
                format!("{url} answers with the status {}: {detail}", status.as_u16())
            }
        };
        Failure::Unusable(format!("error: {text}"))
    }

    /// Failure of an unexpected answer.
    pub(super) fn no_scorecard(&self, why: &str) -> Failure {
        let why = brief(why);
        Failure::Unusable(format!(
            "error: the answer of {} is not a scorecard ({why}); name a supplier-sandbox of version {} or later with --url",
            self.url,
            env!("CARGO_PKG_VERSION")
        ))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let why = if error.is_timeout() {
            format!("no answer within {} s", PATIENCE.as_secs())
        } else {
            cause(error)
        };
        Failure::Unusable(format!(
            "error: cannot reach {}: {why}; start a server there, or name another with --url",
            self.url
        ))
    }
}

/// Root cause of an error, in one line.
fn cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    brief(&cause.map_or_else(|| error.to_string(), ToString::to_string))
}

/// Foreign text, escaped for use in one line.
fn brief(text: &str) -> String {
    one_line(text).chars().take(300).collect()
}
