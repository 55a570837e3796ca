//! What is wrong with an answer by itself, whatever check asked for it: by the guide's table and by the OpenAPI document.

mod document;
mod page;

use serde_json::Value;
use supplier_rulebook as rulebook;

use crate::claim::Claim;
use crate::http::{Answer, Call, LIST, UPDATE};
use crate::script::Expect;

use document::Document;

/// A rule that an answer breaks.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    /// The rule, or its part.
    pub claim: Claim,
    /// Where in the answer's body: a JSON pointer.
    pub at: String,
    /// What is expected there.
    pub expect: Expect,
    /// What was got.
    pub got: String,
}

impl Violation {
    /// The rule and the place, whichever of many orders it was seen in.
    pub(crate) fn signature(&self) -> String {
        let place: Vec<_> =
            self.at.split('/').map(|part| if part.parse::<usize>().is_ok() { "*" } else { part }).collect();
        format!("{} {}", self.claim, place.join("/"))
    }
}

/// What judges answers.
pub(crate) struct Schema(Document);

impl Schema {
    /// By the documents of this version.
    pub(crate) fn new() -> Result<Self, String> {
        Document::embedded().map(Self)
    }

    /// What is wrong with the answer to a call: the profile has no say here.
    pub(crate) fn violations(&self, call: &Call, answer: &Answer) -> Vec<Violation> {
        let mut found = Vec::new();
        if let Some((coding, why)) = &answer.coding {
            let words = "an answer without `Content-Encoding`, which the call did not ask for";
            let got = why.as_ref().map_or_else(
                || format!("{} with `content-encoding: {coding}`", answer.status),
                |_| answer.summary(),
            );
            found.push(by(rulebook::ERROR_TRANSPORT, "", Expect::Law { words: words.to_owned() }, got));
        }
        // What stands in place of an answer of the API is not judged by the API's rules twice.
        if answer.status >= 500 {
            found.push(by(rulebook::ERROR_NO_5XX, "", Expect::Answered, answer.summary()));
        } else if let Some(operation) = operation(call) {
            if answer.status == 200 && answer.json.is_some() && operation == "listOrders" {
                page::judge(call, answer, &mut found);
            }
            self.0.judge(operation, answer, &mut found);
        }
        found
    }
}

fn by(claim: impl Into<Claim>, at: &str, expect: Expect, got: String) -> Violation {
    Violation { claim: claim.into(), at: at.to_owned(), expect, got }
}

/// What stands at a place, in one line.
fn told(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| crate::http::printable(&value.to_string(), 160))
}

/// The operation that a call is of, by the document's name for it.
fn operation(call: &Call) -> Option<&'static str> {
    match (call.method.as_str(), call.path.as_str()) {
        ("GET", LIST) => Some("listOrders"),
        ("POST", UPDATE) => Some("updateOrder"),
        _ => None,
    }
}
