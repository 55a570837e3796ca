//! The calls on the documentation page do what is said beside them.

use std::process::Command;

use serde_json::Value;

use super::html;
use crate::client::connections;
use crate::process::run;
use crate::program::{Launch, Program};
use crate::tools;

async fn page(program: &Program) -> String {
    connections().get(format!("{}/docs", program.url())).send().await.unwrap().text().await.unwrap()
}

/// The text of each call in a piece of the page.
fn calls(piece: &str) -> Vec<String> {
    let blocks = html::elements(piece, "pre").into_iter();
    blocks.filter_map(|block| Some(html::text(block.split_once('>')?.1))).collect()
}

/// Runs a call as a reader pastes it, and returns the answer's status and body.
fn answer(call: &str) -> (String, Value) {
    let call = format!("{call} --silent --show-error --write-out '\\n%{{http_code}}'");
    let told = run(Command::new("sh").args(["-e", "-c", &call]));
    assert_eq!(told.code, Some(0), "{call}\n{}", told.stderr);
    let (body, status) =
        told.stdout.trim_end().rsplit_once('\n').unwrap_or_else(|| panic!("{call}: {}", told.stdout));
    (status.to_owned(), serde_json::from_str(body).unwrap())
}

/// The section with that id.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let rest = page.split_once(&format!("<section id=\"{id}\"")).unwrap().1;
    rest.split_once("</section>").unwrap().0
}

#[tokio::test]
async fn the_first_calls_work_as_they_stand() {
    if !tools::has_curl() {
        return;
    }
    let program = Program::start();
    let calls = calls(section(&page(&program).await, "start"));
    let answers: Vec<_> = calls.iter().map(|call| answer(call)).collect();
    let [(asked, page), (reported, order)] = &answers[..] else { panic!("{calls:?}") };
    assert_eq!((&**asked, &page["orders"][0]["id"]), ("200", &order["id"]));
    assert_eq!((&**reported, &order["accountsDelivered"]), ("200", &Value::from(1)));
}

#[tokio::test]
async fn every_error_that_a_call_can_show_is_what_that_call_is_answered() {
    if !tools::has_curl() {
        return;
    }
    // What only a failing server answers with; and what takes ten thousand accounts to bring about.
    let without_call = ["REQUEST_TIMEOUT", "RATE_LIMITED", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE"];
    for scenario in ["default", "minimal"] {
        let program = Launch::new().set("scenario", scenario).start();
        let page = page(&program).await;
        let entries = html::elements(section(&page, "errors"), "article");
        assert!(entries.len() > 10, "{}", entries.len());
        for entry in entries {
            let code = &html::attributes(entry, "id")[0];
            let status = html::text(html::elements(entry, "span")[0].split_once('>').unwrap().1);
            let (calls, causes) = (calls(entry), entry.matches("<dt>Cause</dt>").count());
            let too_large = usize::from(code == "INVALID_REQUEST");
            let expected = if without_call.contains(&&**code) { 0 } else { causes - too_large };
            assert_eq!(calls.len(), expected, "{code} has a call for each of its causes");
            for call in calls {
                let (answered, body) = answer(&call);
                assert_eq!((answered.as_str(), &body["error"]), (&*status, &Value::from(&**code)), "{call}");
            }
        }
    }
}
