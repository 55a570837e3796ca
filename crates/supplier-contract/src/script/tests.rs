//! Whatever a text holds, it arrives as it is: from the suite, from a report that is read back, from the shell script.

use std::collections::BTreeMap;
use std::env;
use std::process::Command;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use supplier_rulebook::ERROR_NO_5XX;
use tokio::time::Duration;

use super::{Expect, PROLOGUE, PROLOGUE_FILE, Script, Shape, Step, shell, without_prologue};
use crate::http::{Body, Call, CallOptions, LIST, Means, Tls, Transport, UPDATE};
use crate::query::Query;
use crate::template::{Bindings, Hole, Template, template};

/// How many calls are made of random texts.
const CALLS: usize = 64;
/// What means something somewhere: in a template, a shell, JSON, a URL, `curl`, `printf`, `jq`, or a header.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{{first}}",
    "{{order:0}}",
    "{{password}}",
    "{",
    "}",
    "$",
    "$HOME",
    "$(echo no)",
    "${API_KEY}",
    "`echo no`",
    "'",
    "\"",
    "\\",
    "\\n",
    "\\(.x)",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "%",
    "%s",
    "%00",
    "%2500",
    "@",
    "@/etc/hostname",
    "!",
    "!!",
    "#",
    ";",
    "&",
    "|",
    "<",
    ">",
    "*",
    "?",
    "~",
    "-",
    "--",
    "=",
    ":",
    ",",
    " ",
    "  ",
    "[hole]",
    "é",
    "日本",
    "😀",
    "\u{feff}",
    "\u{2028}",
    "\u{7f}",
    "EOF",
];

/// A call as a server got it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Got {
    /// The value of `subCategory`.
    query: Option<String>,
    key: String,
    header: String,
    body: Vec<u8>,
}

/// The texts of one call.
#[derive(Debug, Clone)]
struct Texts {
    query: String,
    header: String,
    body: String,
    account: String,
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![4 => select(PIECES).prop_map(str::to_owned), 1 => any::<String>()];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn any_texts() -> impl Strategy<Value = Texts> {
    // A header's value holds no control characters, and what stands at its ends may be trimmed.
    let header = any_text().prop_map(|text| {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        format!("<{text}>")
    });
    (any_text(), header, any_text(), any_text()).prop_map(|(query, header, body, account)| Texts {
        query,
        header,
        body,
        account,
    })
}

fn bindings() -> Bindings {
    Bindings {
        keys: BTreeMap::from([("first".to_owned(), "key $1 & 'more'".to_owned())]),
        orders: vec![7001],
        password: "pass $(word)".to_owned(),
        case: "case-1".to_owned(),
    }
}

impl Texts {
    /// Three calls with holes beside the texts: a list, an update with an account, and a body that is just text.
    fn calls(&self) -> [Call; 3] {
        let query = Query::new().with("subCategory", &self.query);
        let account = json!(self.account).to_string();
        // Without the quotes around it.
        let account = &account[1..account.len() - 1];
        let update =
            template![r#"{"order": "#, Hole::Order(0), r#", "accounts": [""#, account, Hole::Case, r#""]}"#];
        [
            Call::list("first", query).header("X-Text", self.header.as_str()),
            Call::update("first", update).header("X-Text", template![self.header.as_str(), Hole::Password]),
            Call::new("POST", UPDATE)
                .query(template!["key=", Hole::from("first")])
                .header("X-Text", self.header.as_str())
                .header("Content-Type", "text/plain")
                .body(Body::Text(template![self.body.as_str(), Hole::Password, self.body.as_str()])),
        ]
    }

    /// What a server gets of them.
    fn got(&self) -> [Got; 3] {
        let Bindings { keys, password, case, .. } = bindings();
        let account = format!("{}{case}", self.account);
        let key = keys["first"].clone();
        [
            Got {
                query: Some(self.query.clone()),
                key: key.clone(),
                header: self.header.clone(),
                body: Vec::new(),
            },
            Got {
                query: None,
                key: key.clone(),
                header: format!("{}{password}", self.header),
                body: json!({ "order": 7001, "accounts": [account] }).to_string().into_bytes(),
            },
            Got {
                query: Some(key),
                key: String::new(),
                header: self.header.clone(),
                body: format!("{0}{password}{0}", self.body).into_bytes(),
            },
        ]
    }
}

fn samples() -> Vec<Texts> {
    let mut runner = TestRunner::default();
    let strategy = any_texts();
    (0..CALLS).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

type Seen = Arc<Mutex<Vec<Got>>>;

/// Starts a server that notes what it gets, and answers an empty object.
async fn echo() -> (String, Seen) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let noted = Arc::clone(&noted);
            let service = service_fn(move |request: Request<Incoming>| {
                let noted = Arc::clone(&noted);
                async move {
                    let got = got(request).await?;
                    noted.lock().unwrap().push(got);
                    let answer = Full::new(Bytes::from_static(b"{}"));
                    Ok::<_, hyper::Error>(hyper::Response::new(answer))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (url, seen)
}

async fn got(request: Request<Incoming>) -> Result<Got, hyper::Error> {
    let value = |name: &str| {
        let value = request.headers().get(name).map(|value| value.as_bytes().to_vec());
        String::from_utf8(value.unwrap_or_default()).unwrap()
    };
    let pair = request.uri().query().and_then(|query| query.split_once('='));
    let query = pair.map(|(_, value)| percent_decode_str(value).decode_utf8().unwrap().into_owned());
    let (key, header) = (value("x-api-key"), value("x-text"));
    let body = request.into_body().collect().await?.to_bytes();
    // JSON is compared by what it says.
    let json = serde_json::from_slice::<Value>(&body).ok().filter(Value::is_object);
    let body = json.map_or_else(|| body.to_vec(), |json| json.to_string().into_bytes());
    Ok(Got { query, key, header, body })
}

/// Rules: `list.types`.
#[test]
fn a_moment_is_known_by_its_form_and_its_day() {
    let fits = |text: &str| Shape::Timestamp.fits(Some(&json!(text)));
    for text in ["2026-01-05T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z"] {
        assert!(fits(text), "{text}");
    }
    for text in [
        "2026-01-05T00:00:00Z",
        "2026-01-05t00:00:00.000z",
        "2026-02-29T00:00:00.000Z",
        "2026-01-05T24:00:00.000Z",
        "2026-01-05T00:00:00.000Z\n",
    ] {
        assert!(!fits(text), "{text:?}");
    }
}

#[tokio::test]
async fn a_text_is_sent_as_it_is() {
    let (url, seen) = echo().await;
    let call_options = CallOptions { timeout: Duration::from_mins(1), rate: None };
    let transport =
        Transport::new(&url, Means { call_options, tls: Tls::default(), read_only: false }).unwrap();
    for texts in samples() {
        for call in texts.calls() {
            // As a report has it, too.
            let written = serde_json::to_string(&Step::Call(call.clone())).unwrap();
            assert_eq!(
                serde_json::from_str::<Step>(&written).unwrap(),
                Step::Call(call.clone()),
                "{written}"
            );
            transport.send(&call, &bindings()).await.unwrap();
        }
        assert_eq!(std::mem::take(&mut *seen.lock().unwrap()), texts.got(), "{texts:?}");
    }
}

#[tokio::test]
async fn the_script_for_a_shell_sends_it_as_it_is() {
    let has = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    if !["curl", "jq"].into_iter().all(has) {
        assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "curl or jq is missing");
        println!("skipped, since curl or jq is missing");
        return;
    }
    let (url, seen) = echo().await;
    let samples = samples();
    let calls: Vec<_> = samples.iter().flat_map(Texts::calls).collect();
    let steps: Vec<_> = [Step::Use(7001)].into_iter().chain(calls.into_iter().map(Step::Call)).collect();
    let long: Template = format!("{{{{first}}}} $(echo no) {}", "x".repeat(200_000)).into();
    let long = Step::Call(Call::new("POST", LIST).header("X-Text", "long").body(Body::Text(long.clone())));
    let steps: Vec<_> = steps.into_iter().chain([long]).collect();
    let script = Script { judged: steps.len() - 1, steps, expect: Expect::Answered };
    let text = shell(
        &script,
        crate::provision::Provision::None,
        ERROR_NO_5XX,
        "an `answer` that's \"one\"\\n $(echo no)",
    );
    let Bindings { keys, password, case, .. } = bindings();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("script.sh");
    std::fs::write(&file, text).unwrap();
    let variables =
        [("BASE_URL", &url), ("API_KEY", &keys["first"]), ("PASSWORD", &password), ("CASE", &case)];
    let outcome = tokio::process::Command::new("sh").arg(&file).envs(variables).output().await.unwrap();
    assert_eq!(outcome.status.code(), Some(0), "{outcome:?}");
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 3 * CALLS + 1);
    for (texts, seen) in samples.iter().zip(seen.chunks(3)) {
        assert_eq!(seen, texts.got(), "{texts:?}");
    }
    assert_eq!(seen.last().unwrap().body.len(), 200_021);
}

#[test]
fn a_script_without_its_prologue_reads_it_from_a_file() {
    let script =
        Script { steps: vec![Step::Call(Call::new("GET", LIST))], judged: 0, expect: Expect::Answered };
    let whole = shell(&script, crate::provision::Provision::None, ERROR_NO_5XX, "an answer");
    let own = without_prologue(&whole).unwrap();
    assert_eq!(own.replace(&format!(". ./{PROLOGUE_FILE}\n"), PROLOGUE), whole);
    assert!(own.len() < whole.len() / 2, "{own}");
    assert!(without_prologue("#!/bin/sh\n").is_none());
}
