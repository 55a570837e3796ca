//! The OpenAPI document as a judge of answers.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

/// The document, as it is served.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(supplier_sandbox::openapi::json()).unwrap());

/// A validator for each answer that an operation documents, by method, path and status.
static ANSWERS: LazyLock<HashMap<String, Validator>> = LazyLock::new(|| {
    let mut validators = HashMap::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for status in operation["responses"].as_object().unwrap().keys() {
                let pointer = format!("/paths/{}/{method}/responses/{status}", path.replace('/', "~1"));
                validators.insert(format!("{method} {path} {status}"), validator(&pointer));
            }
        }
    }
    validators
});

/// The validator of the JSON content at `pointer` in the document.
pub(crate) fn validator(pointer: &str) -> Validator {
    let registry = Registry::new().add("urn:openapi", DOCUMENT.clone()).unwrap().prepare().unwrap();
    let reference = json!({ "$ref": format!("urn:openapi#{pointer}/content/application~1json/schema") });
    let options =
        jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true).offline();
    options.with_registry(&registry).build(&reference).unwrap()
}

/// Fails unless the document foresees this answer. (What stands outside of both operations, such as a wrong method, it
/// does not describe.)
#[track_caller]
pub(crate) fn judge(method: &str, path: &str, status: u16, body: &Value) {
    let method = method.to_lowercase();
    if DOCUMENT["paths"][path].get(&method).is_none() {
        return;
    }
    let Some(validator) = ANSWERS.get(&format!("{method} {path} {status}")) else {
        panic!("{method} {path} is not documented to answer {status}: {body}");
    };
    let problems: Vec<_> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(
        problems.is_empty(),
        "not what the document says of {method} {path} {status}: {problems:#?}\n{body}"
    );
}
