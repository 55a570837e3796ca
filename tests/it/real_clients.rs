//! What real HTTP clients do by themselves when an answer is lost, as `docs/clients.md` says it.

mod document;
mod expected;
mod relay;
mod script;

use std::process::Command;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use self::expected::{CLIENTS, Counts, SWITCHED_OFF};
use self::relay::Relay;
use self::script::{Prepared, Script};
use crate::client::connections;
use crate::process::run;
use crate::program::Program;

/// An order of the first supplier.
const ORDER: u64 = 12_345;
/// Whoever sends a call again within so many milliseconds does so by itself (`practice.resend`).
const BY_ITSELF: u64 = 50;
/// Method and connection of each measured call, in the order of [`Counts`].
const CALLS: [(&str, &str); 4] = [("GET", "fresh"), ("GET", "reused"), ("POST", "fresh"), ("POST", "reused")];
/// No client makes so many calls.
const ALL: u64 = 30;

/// A server, and the way to it that clients take.
struct Server {
    program: Program,
    relay: Relay,
    http: reqwest::Client,
}

/// What became of one call.
struct Seen {
    /// How often the server read the call.
    calls: u64,
    /// Of each call that was sent again, what the journal says about that.
    resends: Vec<Value>,
    /// How the client stands to `practice.resend`.
    standing: Value,
    /// The largest number of requests on one connection.
    most_on_one_connection: usize,
    /// What the client told its user.
    told: Value,
}

impl Server {
    fn start() -> Self {
        let program = Program::start();
        let relay = Relay::before(program.address());
        Self { program, relay, http: connections() }
    }

    fn control(&self, path: &str) -> String {
        format!("{}/_sandbox/sandboxes{path}", self.program.url())
    }

    async fn get(&self, path: &str) -> Value {
        answer(self.http.get(self.control(path))).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        answer(self.http.post(self.control(path)).json(body)).await
    }

    /// Lets a client make a call in a sandbox of its own, whose every answer to that operation `effect` spoils.
    async fn observe(
        &self,
        mut client: Command,
        (method, connection): (&str, &str),
        retry: &str,
        effect: &Value,
    ) -> Seen {
        let made = self.post("", &json!({ "from": "default" })).await;
        let sandbox = format!("/{}", made["id"].as_str().unwrap());
        let key = made["suppliers"][0]["key"].as_str().unwrap();
        let operation = if method == "GET" { "listOrders" } else { "updateOrder" };
        let fault = json!({ "operation": operation, "effect": effect, "times": ALL });
        self.post(&format!("{sandbox}/faults"), &fault).await;
        // Settings of whoever runs the tests: another way to the server, and a line on stderr.
        for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "JAVA_TOOL_OPTIONS"] {
            client.env_remove(variable);
        }
        client.env("BASE_URL", &self.relay.url).env("API_KEY", key).env("ORDER", ORDER.to_string());
        client.env("METHOD", method).env("CONNECTION", connection).env("RETRY", retry);
        let outcome = run(&mut client);
        let (args, printed) = (client.get_args(), &outcome.stdout);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{args:?}: {printed}");
        assert!(!printed.contains(key), "{args:?} tells the key");
        let told =
            serde_json::from_str(printed).unwrap_or_else(|error| panic!("{args:?}: {error} in {printed}"));
        let faults = self.get(&format!("{sandbox}/faults")).await;
        let journal = self.get(&format!("{sandbox}/requests")).await;
        let mut resends = Vec::new();
        for call in journal["requests"].as_array().unwrap() {
            let call = self.get(&format!("{sandbox}/requests/{}", call["id"].as_str().unwrap())).await;
            resends.extend(call.get("resend").cloned());
        }
        let scorecard = self.get(&format!("{sandbox}/scorecard?supplier=aurora")).await;
        let practices = scorecard["suppliers"][0]["practices"].as_array().unwrap();
        let practice = practices.iter().find(|it| it["practice"] == "practice.resend").unwrap();
        Seen {
            calls: faults["faults"][0]["fired"].as_u64().unwrap(),
            resends,
            standing: practice["standing"].clone(),
            most_on_one_connection: self.relay.most_requests_on_one_connection(),
            told,
        }
    }

    /// What is wrong with the counts of a client.
    async fn problems(&self, script: &Prepared, client: &str, retry: &str, expected: Counts) -> Vec<String> {
        let mut problems = Vec::new();
        for ((method, connection), expected) in CALLS.into_iter().zip(expected) {
            let command = script.command(client);
            let seen =
                self.observe(command, (method, connection), retry, &json!({ "kind": "drop-after" })).await;
            let mut found = seen.problems(method, expected);
            // The call that opens the connection, and the call that loses its answer. Some settings forbid the former.
            let on_one = if connection == "reused" { 2 } else { 1 };
            if retry == "on" && seen.most_on_one_connection != on_one {
                found.push(format!("{} requests on one connection", seen.most_on_one_connection));
            }
            problems
                .extend(found.iter().map(|it| format!("{client} {method} {connection} retry {retry}: {it}")));
        }
        problems
    }
}

async fn answer(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body = response.text().await.unwrap();
    assert!(status.is_success(), "{status}: {body}");
    serde_json::from_str(&body).unwrap()
}

impl Seen {
    /// What is not as expected after a call whose every answer was lost.
    fn problems(&self, method: &str, expected: u64) -> Vec<String> {
        let mut problems = Vec::new();
        let mut expect = |what: &str, seen: Value, expected: Value| {
            if seen != expected {
                problems.push(format!("{what}: {seen}, not {expected}; it told {}", self.told));
            }
        };
        expect("calls", json!(self.calls), json!(expected));
        expect("outcome", self.told["outcome"].clone(), json!("error"));
        expect("calls that repeat one", json!(self.resends.len() + 1), json!(expected));
        let is_automatic = |resend: &Value| resend["gapMs"].as_u64().is_some_and(|gap| gap <= BY_ITSELF);
        for resend in &self.resends {
            expect("automatic", resend["isAutomatic"].clone(), json!(is_automatic(resend)));
        }
        // A list call is not to be repeated at all; an update is, after a pause.
        let is_bad = |resend: &Value| method == "GET" || is_automatic(resend);
        let standing = if self.resends.iter().any(is_bad) { "not-met" } else { "met" };
        expect("practice.resend", self.standing.clone(), json!(standing));
        problems
    }

    /// What the client made of a body that broke off, in the document's words.
    fn broken_body(&self) -> String {
        let outcome = match &self.told["outcome"] {
            Value::Number(status) if status.as_u64() == Some(200) => "success",
            Value::String(word) if word == "none" => "nothing",
            _ => "error",
        };
        let calls = if self.calls > 1 { format!(", {} calls", self.calls) } else { String::new() };
        format!("{outcome}{calls}")
    }
}

/// Runs the clients of a script, and compares them with what is expected.
async fn assert_documented(script: Script) {
    let Some(prepared) = script.prepare() else { return };
    let server = Server::start();
    let mut problems = Vec::new();
    for client in CLIENTS.iter().filter(|client| client.script == script) {
        problems.extend(server.problems(&prepared, client.argument, "on", client.counts).await);
        let command = prepared.command(client.argument);
        let truncate = json!({ "kind": "truncate", "bytes": 40 });
        let seen = server.observe(command, ("GET", "fresh"), "on", &truncate).await;
        if seen.broken_body() != client.broken_body {
            problems.push(format!("{}: {}, not {}", client.name, seen.broken_body(), client.broken_body));
        }
        // Node brings `fetch` along.
        let is_pinned = script.has_pinned_clients() && client.argument != "fetch";
        let documented = document::version(client.name);
        if is_pinned && seen.told["version"].as_str() != documented.as_deref() {
            problems.push(format!("{}: {}, documented as {documented:?}", client.name, seen.told["version"]));
        }
    }
    for client in SWITCHED_OFF.iter().filter(|client| client.script == script) {
        problems.extend(server.problems(&prepared, client.argument, "off", client.counts).await);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Rules: `practice.resend`.
#[tokio::test]
async fn curl_sends_as_often_as_documented() {
    assert_documented(Script::Curl).await;
}

/// Rules: `practice.resend`.
#[tokio::test]
async fn wget_sends_as_often_as_documented() {
    assert_documented(Script::Wget).await;
}

/// Rules: `practice.resend`.
#[tokio::test]
async fn php_sends_as_often_as_documented() {
    assert_documented(Script::Php).await;
}

/// Rules: `practice.resend`.
#[tokio::test]
async fn perl_clients_send_as_often_as_documented() {
    assert_documented(Script::Perl).await;
}

/// Rules: `practice.resend`.
#[tokio::test]
async fn ruby_sends_as_often_as_documented() {
    assert_documented(Script::Ruby).await;
}

/// Rules: `practice.resend`.
#[tokio::test]
async fn java_clients_send_as_often_as_documented() {
    assert_documented(Script::Java).await;
}

/// Rules: `practice.resend`.
#[tokio::test]
async fn python_clients_send_as_often_as_documented() {
    assert_documented(Script::Python).await;
}

/// Rules: `practice.resend`.
#[tokio::test]
async fn node_clients_send_as_often_as_documented() {
    assert_documented(Script::Node).await;
}
