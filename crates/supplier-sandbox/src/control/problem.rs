//! The control API's errors: problem details (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use supplier_control::{ControlError, ErrorClass};
use supplier_domain::ClockRefusal;
use utoipa::ToSchema;

use super::health::READY_TIMEOUT;
use crate::wire::FieldProblem;
use crate::wire::declared::NotTaken;

/// What a `type` begins with; it names the problem and leads nowhere.
const TYPE: &str = "urn:supplier-sandbox:problem:";

/// Why a request to the control API was not carried out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDetails {
    /// Names the problem, for programs: `urn:supplier-sandbox:problem:` and a word.
    #[serde(rename = "type")]
    kind: String,
    /// The problem in a few words: the same for every problem of its type.
    #[schema(value_type = String)]
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong here, and what to do about it.
    detail: String,
    /// All that is wrong with the request, if it is not of the documented form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
}

/// A request to the control API that was not carried out.
#[derive(Debug)]
pub(crate) enum ControlProblem {
    /// A use case said no.
    Refused(ControlError),
    /// It came under another name than this machine's.
    ForeignHost,
    /// A page of another origin sent it.
    ForeignOrigin,
    /// It does not carry the admin token.
    NoToken,
    /// Nothing is served at its path.
    NotFound,
    /// Its path holds a name that no sandbox and no supplier can have.
    NoSuchName,
    /// Its path holds what is no order's number.
    NoSuchNumber,
    /// Its path holds what is no request's id.
    NoSuchRequest,
    /// Its path takes other methods: these, which its `Allow` header names too.
    MethodNotAllowed(String),
    /// It takes none of the types that there are: these.
    NotAcceptable(&'static str),
    /// Its body is over the limit, in bytes.
    TooLarge(usize),
    /// Its body is not of a kind that is taken, by what its head says.
    NotTaken(NotTaken),
    /// The server's store did not answer in time.
    NotReady,
}

impl From<NotTaken> for ControlProblem {
    fn from(why: NotTaken) -> Self {
        Self::NotTaken(why)
    }
}

impl<E: Into<ControlError>> From<E> for ControlProblem {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

/// The status, the word and the title.
type Face = (StatusCode, &'static str, &'static str);

/// The word that ends the type, and the title.
fn words_of(error: &ControlError) -> (&'static str, &'static str) {
    match error {
        ControlError::Invalid(_) => ("invalid-request", "Invalid request"),
        ControlError::NoSandbox(_) => ("no-such-sandbox", "No such sandbox"),
        ControlError::NoSupplier(..) => ("no-such-supplier", "No such supplier"),
        ControlError::NoKey(_) => ("no-such-key", "No such key"),
        ControlError::NoOrder(_) => ("no-such-order", "No such order"),
        ControlError::NoCall(_) => ("no-such-request", "No such request"),
        ControlError::OrderExists(_) => ("order-exists", "The order exists already"),
        ControlError::SupplierExists(_) => ("supplier-exists", "The supplier exists already"),
        ControlError::DefaultStays => ("default-stays", "The default sandbox stays"),
        ControlError::Clock(ClockRefusal::GoesBack { .. }) => ("clock-goes-back", "A clock does not go back"),
        ControlError::Clock(ClockRefusal::AtEnd { .. }) => ("clock-at-end", "A clock ends some day"),
        ControlError::NoFault => ("no-such-fault", "No such fault"),
        ControlError::TooMany { .. }
        | ControlError::TooManyOrders { .. }
        | ControlError::TooManyFaults(_) => ("too-many", "Too many"),
        ControlError::SnapshotTooLarge { .. } => ("snapshot-too-large", "The snapshot is too large"),
        ControlError::NoRandomness => ("no-randomness", "The system gives no random numbers"),
        ControlError::FileGone => ("data-file-gone", "The data file is gone"),
        ControlError::Store(_) => ("unavailable", "The server cannot do that now"),
    }
}

fn face_of(error: &ControlError) -> Face {
    let status = match error.class() {
        ErrorClass::Invalid => StatusCode::BAD_REQUEST,
        ErrorClass::Missing => StatusCode::NOT_FOUND,
        ErrorClass::Conflict => StatusCode::CONFLICT,
        ErrorClass::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorClass::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let (word, title) = words_of(error);
    (status, word, title)
}

impl ControlProblem {
    /// The status, the word that ends the type, and the title.
    fn status_and_code(&self) -> Face {
        match self {
            Self::Refused(error) => face_of(error),
            Self::ForeignHost => (StatusCode::FORBIDDEN, "foreign-host", "Not this machine's name"),
            Self::ForeignOrigin => {
                (StatusCode::FORBIDDEN, "foreign-origin", "Sent by a page of another origin")
            }
            Self::NoToken => (StatusCode::UNAUTHORIZED, "no-token", "The admin token is missing or wrong"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Nothing is served here"),
            Self::NoSuchNumber => (StatusCode::NOT_FOUND, "no-such-order", "No such order"),
            Self::NoSuchRequest => (StatusCode::NOT_FOUND, "no-such-request", "No such request"),
            Self::NoSuchName => (StatusCode::NOT_FOUND, "no-such-name", "No such sandbox or supplier"),
            Self::MethodNotAllowed(_) => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This path takes other methods")
            }
            Self::NotAcceptable(_) => {
                (StatusCode::NOT_ACCEPTABLE, "not-acceptable", "Not in any of these types")
            }
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::NotTaken(NotTaken::NotJson) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "The body is not declared to be JSON")
            }
            Self::NotTaken(NotTaken::Charset) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-utf-8", "The body is not declared to be UTF-8")
            }
            Self::NotTaken(NotTaken::Encoded(_)) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "encoded", "The body is compressed or otherwise encoded")
            }
            Self::NotReady => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The server cannot do that now")
            }
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Refused(error) => error.to_string(),
            Self::ForeignHost => {
                "The Host header names another machine, as it does after DNS rebinding; call this \
                                  server as localhost, 127.0.0.1 or [::1], or start it with --public-url"
                    .to_owned()
            }
            Self::ForeignOrigin => {
                "The Origin or Sec-Fetch-Site header says that a page of another site sent this; a page of this server \
                 may call it, and so may a program that sends neither"
                    .to_owned()
            }
            Self::NoToken => {
                "Send the token that the server was started with, as Authorization: Bearer <token>".to_owned()
            }
            Self::NotFound => "/_sandbox/openapi.json lists what is".to_owned(),
            Self::NoSuchNumber => "An order's number is an integer from 1 to 9007199254740991".to_owned(),
            Self::NoSuchRequest => {
                "A request's id is the Sandbox-Request-Id header of its answer, such as req-01ab23cd-7"
                    .to_owned()
            }
            Self::NoSuchName => {
                "Names are 1 to 40 of the characters a-z, 0-9 and -; GET /_sandbox/sandboxes lists \
                                 the sandboxes there are"
                    .to_owned()
            }
            Self::MethodNotAllowed(allow) => format!("It takes {allow}"),
            Self::NotAcceptable(types) => format!("Accept one of {types}, or leave Accept out"),
            Self::TooLarge(limit) => format!("At most {limit} bytes are read"),
            Self::NotTaken(why) => why.message().to_owned(),
            Self::NotReady => format!(
                "The store did not answer within {} s: is the database locked or overloaded, or its disk full? The \
                 server's log says more",
                READY_TIMEOUT.as_secs()
            ),
        }
    }
}

impl IntoResponse for ControlProblem {
    fn into_response(self) -> Response {
        let (status, word, title) = self.status_and_code();
        let detail = self.detail();
        let taken = if let Self::NotTaken(why) = &self { why.header() } else { None };
        let errors = match self {
            Self::Refused(ControlError::Invalid(problems)) => {
                problems.into_iter().map(FieldProblem::from).collect()
            }
            Self::Refused(ControlError::Store(error)) => {
                tracing::error!(%error, "the store failed a request to the control API");
                Vec::new()
            }
            _ => Vec::new(),
        };
        let details =
            ProblemDetails { kind: format!("{TYPE}{word}"), title, status: status.as_u16(), detail, errors };
        let mut response = (status, Json(details)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(taken);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
