//! Everything that shows what a server was sent.

use std::path::Path;

use reqwest::{Client, Response, redirect};
use serde_json::Value;

use crate::client::CALL_TIMEOUT;

/// Something that was read, by name.
pub(crate) type Sink = (String, Vec<u8>);

/// What a server shows of its sandbox `default`, through HTTP.
pub(crate) struct Reader<'a> {
    server: &'a str,
    client: Client,
    cookie: String,
    found: Vec<Sink>,
}

async fn body(response: Response) -> Vec<u8> {
    response.bytes().await.unwrap().to_vec()
}

impl<'a> Reader<'a> {
    pub(crate) async fn new(server: &'a str) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).tls_certs_only([]).no_proxy();
        let client = client.timeout(CALL_TIMEOUT).build().unwrap();
        let login = client.post(format!("{server}/login/open")).body("supplier=aurora");
        let login = login.header("Content-Type", "application/x-www-form-urlencoded").send().await.unwrap();
        let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { server, client, cookie, found: Vec::new() }
    }

    /// Reads one, and keeps what it shows; it has to show something.
    async fn read(&mut self, path: &str) -> Vec<u8> {
        let request = self.client.get(format!("{}{path}", self.server)).header("Cookie", &self.cookie);
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = body(response).await;
        assert!(status == 200 && !text.is_empty(), "{path} was not read: {status}");
        self.found.push((path.to_owned(), text.clone()));
        text
    }

    async fn json(&mut self, path: &str) -> Value {
        serde_json::from_slice(&self.read(path).await).unwrap()
    }

    /// Reads a stream until it shows `last`.
    async fn stream(&mut self, path: &str, last: &str) {
        let request = self.client.get(format!("{}{path}", self.server)).header("Cookie", &self.cookie);
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let mut text = Vec::new();
        while !String::from_utf8_lossy(&text).contains(last) {
            text.extend(response.chunk().await.unwrap().expect("more events"));
        }
        self.found.push((path.to_owned(), text));
    }

    /// Reads all there is; returns it with the number of calls in the journal.
    pub(crate) async fn all(mut self) -> (Vec<Sink>, usize) {
        const SANDBOX: &str = "/_sandbox/sandboxes/default";
        let journal = self.json(&format!("{SANDBOX}/requests?limit=1000")).await;
        let calls = journal["requests"].as_array().unwrap().clone();
        for call in &calls {
            let id = call["id"].as_str().unwrap();
            self.read(&format!("{SANDBOX}/requests/{id}")).await;
            self.read(&format!("{SANDBOX}/requests/{id}/why")).await;
            self.read(&format!("/requests/{id}")).await;
        }
        let last = format!("id: {}\n", journal["last"]);
        let first = calls[0]["number"].as_u64().unwrap() - 1;
        self.stream(&format!("{SANDBOX}/events?after={first}"), &last).await;
        self.stream(&format!("/requests/live?after={first}"), &last).await;
        let orders = self.json(&format!("{SANDBOX}/orders?limit=100")).await;
        for order in orders["orders"].as_array().unwrap() {
            let order = &order["id"];
            self.read(&format!("{SANDBOX}/orders/{order}")).await;
            self.read(&format!("{SANDBOX}/orders/{order}/why?supplier=aurora")).await;
        }
        for page in ["/", "/orders", "/orders/12345", "/requests", "/scorecard", "/api-settings", "/lab"] {
            self.read(page).await;
        }
        for path in ["", "/audit", "/scorecard", "/snapshot", "/suppliers", "/faults", "/clock", "/arrivals"]
        {
            self.read(&format!("{SANDBOX}{path}")).await;
        }
        for path in ["/_sandbox/sandboxes", "/_sandbox/metrics", "/_sandbox/health", "/_sandbox/ready"] {
            self.read(path).await;
        }
        for form in ["text/markdown", "application/xml"] {
            let url = format!("{}{SANDBOX}/scorecard", self.server);
            let response = self.client.get(url).header("Accept", form).send().await.unwrap();
            assert_eq!(response.status(), 200, "{form}");
            let text = body(response).await;
            self.found.push((form.to_owned(), text));
        }
        (self.found, calls.len())
    }
}

/// The files in a directory.
pub(crate) fn files(directory: &Path) -> Vec<Sink> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}
