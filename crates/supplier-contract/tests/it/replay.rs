//! Findings of files that anybody may have written.

use serde_json::{Value, json};

use crate::program::Program;
use crate::target::{REFUSAL, answering, heard};

const LIST: &str = "/api/admin/v2/orders";

fn finding(replay: &Value) -> String {
    json!({ "rule": "auth.invalid-key", "expected": "a refusal", "replay": replay }).to_string()
}

fn without_key() -> Value {
    json!({
        "steps": [{ "call": { "method": "GET", "path": LIST } }],
        "judged": 0,
        "expect": { "expect": "code", "code": "INVALID_API_KEY" },
    })
}

#[test]
fn a_finding_is_seen_again_or_not() {
    let program = Program::new().file("finding.json", finding(&without_key()));
    let good = answering("401 Unauthorized", "application/json", REFUSAL);
    let ended = program.run(&["replay", "finding.json", "--target", &good]);
    assert!(ended.code == 0 && ended.out.contains("not seen again in 3 tries"), "{ended:?}");
    assert!(ended.out.contains("1. GET /api/admin/v2/orders (no key)  <- judged"), "{ended:?}");
    let bad = answering("200 OK", "application/json", "{}");
    let ended = program.run(&["replay", "finding.json", "--target", &bad]);
    assert!(ended.code == 1 && ended.out.contains("seen again in 1 of 1"), "{ended:?}");
}

#[test]
fn what_cannot_be_done_again_is_no_verdict() {
    let good = answering("401 Unauthorized", "application/json", REFUSAL);
    let mut law = without_key();
    law["expect"] = json!({ "expect": "law", "words": "all is well" });
    let mut update = without_key();
    update["steps"][0]["call"] = json!({ "method": "POST", "path": LIST, "headers": [["X-Api-Key", [{ "hole": { "key": "first" } }]]] });
    let mut orders = without_key();
    orders["steps"] = json!([{ "place": { "supplier": "first", "count": 1 } }]);
    for (replay, why) in [(law, "--only"), (update, "--allow-writes"), (orders, "create_orders")] {
        let program = Program::new().file("finding.json", finding(&replay));
        let error = program.run(&["replay", "finding.json", "--target", &good]);
        assert!(error.code == 3 && error.err.contains(why), "{error:?}");
    }
}

#[test]
fn hostile_files_are_told_by_their_place() {
    let call = |path: &str| json!({ "method": "GET", "path": path });
    let replay = |steps: Value, judged: Value, expect: Value| {
        finding(&json!({ "steps": steps, "judged": judged, "expect": expect }))
    };
    let answered = || json!({ "expect": "answered" });
    for (text, told) in [
        (String::new(), "is no JSON"),
        ("[".repeat(1 << 20), "is no JSON"),
        ("\u{0}\u{1b}[2J".to_owned(), "is no JSON"),
        ("{}".to_owned(), "neither a JSON report"),
        (r#"{"findings": 1}"#.to_owned(), "findings: must be a list"),
        (r#"{"findings": [{"rule": "x"}]}"#.to_owned(), "findings[0].rule"),
        (replay(json!([{ "call": call(LIST) }]), json!(9), answered()), "the step 9 is judged"),
        (replay(json!([{ "call": call(LIST) }]), json!(1e30), answered()), "replay.judged"),
        (replay(json!([{ "shell": "id" }]), json!(0), answered()), "replay.steps[0]"),
        (
            replay(json!([{ "repeat": [call(LIST), 4_000_000_000_u32] }]), json!(0), answered()),
            "4000000000 calls",
        ),
        (
            replay(
                json!([{ "repeat": [call(LIST), 2] }]),
                json!(0),
                json!({ "expect": "order-is", "order": 7, "at": "", "value": 1 }),
            ),
            "the order 7 is named",
        ),
    ] {
        let error = Program::new()
            .file("f.json", &text)
            .fails(2, &["replay", "f.json", "--target", "http://127.0.0.1:1"]);
        assert!(error.contains(told) && !error.contains('\u{1b}'), "{error}");
    }
    let large = Program::new().file("f.json", vec![b' '; (16 << 20) + 1]);
    assert!(
        large
            .fails(2, &["replay", "f.json", "--target", "http://127.0.0.1:1"])
            .contains("larger than 16 MiB")
    );
    assert!(
        large.fails(2, &["replay", "none.json", "--target", "http://127.0.0.1:1"]).contains("cannot be read")
    );
}

#[test]
fn a_key_never_goes_to_another_host() {
    let (elsewhere, told) = heard("200 OK", "application/json", "{}");
    let good =
        answering("400 Bad Request", "application/json", r#"{"error": "INVALID_REQUEST", "message": "No"}"#);
    let host = elsewhere.strip_prefix("http://").unwrap();
    let mut replay = without_key();
    replay["steps"][0]["call"] =
        json!({ "method": "PUT", "path": format!("@{host}/"), "headers": [["X-Api-Key", "{{first}}"]] });
    let program =
        Program::new().file("finding.json", finding(&replay)).with("SUPPLIER_CONTRACT_KEY", "test_abc");
    let ended = program.run(&["replay", "finding.json", "--target", &good, "--allow-writes"]);
    assert!(ended.code == 3 && ended.err.contains("does not begin with a slash"), "{ended:?}");
    assert!(told.try_recv().is_err());
}
