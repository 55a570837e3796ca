//! What came back.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::schema::{SANDBOX_CONTROL, SUPPLIER_API};

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// The body as JSON; null if it is none.
    pub(crate) body: Value,
}

impl Answer {
    /// Reads an answer, and holds it to what every answer must be.
    pub(crate) async fn read(method: &str, response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let path = response.url().path().to_owned();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        assert!(headers.contains_key("sandbox-request-id"), "{method} {path}: an answer without an id");
        assert_eq!(headers["sandbox-version"], env!("CARGO_PKG_VERSION"));
        for contract in [&*SUPPLIER_API, &*SANDBOX_CONTROL] {
            contract.judge(method, &path, status, &body);
        }
        Self { status, headers, text, body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn request_id(&self) -> String {
        self.header("sandbox-request-id").unwrap().to_owned()
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// The numbers of a page's orders.
    #[track_caller]
    pub(crate) fn numbers(self) -> Vec<u64> {
        let body = self.good();
        body["orders"].as_array().unwrap().iter().map(|order| order["id"].as_u64().unwrap()).collect()
    }

    /// Fails unless this is the error of that status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, &self.body["error"]), (status, &Value::from(code)), "{}", self.text);
    }

    /// The fields that `INVALID_REQUEST` names.
    #[track_caller]
    pub(crate) fn wrong_fields(&self) -> Vec<&str> {
        self.refused(400, "INVALID_REQUEST");
        let details = self.body["details"].as_array().unwrap();
        details.iter().map(|detail| detail["field"].as_str().unwrap()).collect()
    }
}
