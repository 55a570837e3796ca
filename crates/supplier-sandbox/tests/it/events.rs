//! A stream of server-sent events, as a test reads it.

use reqwest::Response;
use serde_json::Value;

/// The events of an answer.
pub(crate) struct Events {
    answer: Response,
    ahead: String,
}

pub(crate) fn events_of(answer: Response) -> Events {
    Events { answer, ahead: String::new() }
}

impl Events {
    /// Waits for the next event, comments left out.
    pub(crate) async fn next(&mut self) -> String {
        self.try_next().await.expect("an event before the end")
    }

    /// The same; `None` at the end of the stream.
    pub(crate) async fn try_next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.ahead.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.ahead = rest;
                if !event.starts_with(':') {
                    return Some(event);
                }
                continue;
            }
            let chunk = self.answer.chunk().await.unwrap()?;
            self.ahead.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// What the next event says of a call.
    pub(crate) async fn call(&mut self) -> Value {
        let event = self.next().await;
        assert!(event.starts_with("event: request\n"), "{event}");
        let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        serde_json::from_str(data).unwrap()
    }
}
