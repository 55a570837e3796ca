//! The user's hook over HTTP.

use std::time::Duration;

use reqwest::{Client, redirect};
use serde_json::{Value, json};

use super::{ProvisionError, cause, told};
use crate::http::{Tls, Unread, body_of};

/// A hook that is asked by `POST`.
pub(crate) struct HttpHook {
    url: String,
    client: Client,
}

impl HttpHook {
    /// The one under that URL, which has so long for an answer.
    pub(crate) fn new(url: &str, timeout: Duration, tls: &Tls) -> Result<Self, ProvisionError> {
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().timeout(timeout);
        let client = tls.of(client).build();
        let client = client.map_err(|error| ProvisionError::Failed(error.to_string()))?;
        Ok(Self { url: url.to_owned(), client })
    }

    pub(super) async fn ask(&self, request: &Value) -> Result<Value, ProvisionError> {
        let action = &request["action"];
        let failed = |error: reqwest::Error| {
            let why = if error.is_timeout() {
                "it did not answer in time".to_owned()
            } else {
                cause(&error.without_url())
            };
            ProvisionError::Failed(format!("the hook failed at {action}: {why}"))
        };
        let response = self.client.post(&self.url).json(request).send().await.map_err(failed)?;
        let status = response.status().as_u16();
        if status == 501 {
            return Ok(json!({ "error": "unsupported" }));
        }
        let body = body_of(response).await.map_err(|unread| match unread {
            Unread::Failed(error) => failed(error),
            too_large @ Unread::TooLarge => {
                ProvisionError::Failed(format!("the hook failed at {action}: {too_large}"))
            }
        })?;
        let text = String::from_utf8_lossy(&body);
        match serde_json::from_str::<Value>(&text) {
            Ok(answer)
                if answer.is_object() && ((200..300).contains(&status) || answer["error"].is_string()) =>
            {
                Ok(answer)
            }
            _ => Err(ProvisionError::Failed(format!(
                "the hook answered {status} at {action}, and not a JSON object: {}",
                told(&text)
            ))),
        }
    }
}
