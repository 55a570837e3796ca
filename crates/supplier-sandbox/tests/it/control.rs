//! The control API, as a test calls it.

use serde_json::Value;

use crate::answer::Answer;
use crate::sandbox::{ORDERS, Sandbox};
use crate::schema::SANDBOX_CONTROL;

/// Calls `/_sandbox/…`.
pub(crate) struct Control<'a> {
    sandbox: &'a Sandbox,
}

impl<'a> Control<'a> {
    pub(crate) fn of(sandbox: &'a Sandbox) -> Self {
        Self { sandbox }
    }

    /// The status and the body of the answer; null if it has none.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.sandbox.request(method, &format!("/_sandbox{path}"));
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        if status >= 400 {
            assert_eq!(headers["content-type"], "application/problem+json", "{method} {path}");
        }
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        SANDBOX_CONTROL.judge(
            method,
            &format!("/_sandbox{}", path.split('?').next().unwrap_or_default()),
            status,
            &body,
        );
        (status, body)
    }

    /// A sandbox that is made by that request.
    pub(crate) async fn created(&self, body: Value) -> Value {
        let (status, created) = self.call("POST", "/sandboxes", Some(body)).await;
        assert_eq!(status, 201, "{created}");
        created
    }

    /// Asks for orders by the key of a supplier of a sandbox that was created.
    pub(crate) async fn list(&self, created: &Value, supplier: &str, query: &str) -> Answer {
        let suppliers = created["suppliers"].as_array().unwrap();
        let key = suppliers.iter().find(|entry| entry["id"] == supplier).unwrap()["key"].as_str().unwrap();
        let request = self.sandbox.request("GET", &format!("{ORDERS}?{query}"));
        self.sandbox.send(request.header("X-Api-Key", key)).await
    }
}
