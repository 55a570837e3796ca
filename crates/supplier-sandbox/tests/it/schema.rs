//! The OpenAPI documents as judges of answers.

use std::sync::LazyLock;

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};
use supplier_sandbox::openapi;

/// The document of the Supplier API.
pub(crate) static SUPPLIER_API: LazyLock<Contract> = LazyLock::new(|| Contract::of(&openapi::SUPPLIER_API));
/// The document of the control API.
pub(crate) static SANDBOX_CONTROL: LazyLock<Contract> =
    LazyLock::new(|| Contract::of(&openapi::SANDBOX_CONTROL));

/// A document, and a validator for each answer that it documents.
pub(crate) struct Contract {
    pub(crate) document: Value,
    answers: Vec<Documented>,
}

struct Documented {
    method: String,
    path: String,
    status: String,
    /// None for an answer without a body.
    validator: Option<Validator>,
}

/// Whether a path is one of those that a template with `{names}` stands for.
fn fits(template: &str, path: &str) -> bool {
    let (mut expected, mut found) = (template.split('/'), path.split('/'));
    loop {
        match (expected.next(), found.next()) {
            (None, None) => return true,
            (Some(expected), Some(found)) if expected == found || expected.starts_with('{') => {}
            _ => return false,
        }
    }
}

impl Contract {
    fn of(document: &openapi::Document) -> Self {
        let mut contract =
            Self { document: serde_json::from_str(document.json()).unwrap(), answers: Vec::new() };
        let mut answers = Vec::new();
        for (at, path, method, operation) in contract.operations() {
            for status in operation["responses"].as_object().unwrap().keys() {
                let (method, path, status) = (method.to_owned(), path.to_owned(), status.clone());
                let validator = contract.validator(&format!("{at}/responses/{status}"));
                answers.push(Documented { method, path, status, validator });
            }
        }
        contract.answers = answers;
        contract
    }

    /// The operations: where each stands, its path, its method, itself.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (String, &str, &str, &Value)> {
        self.document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
            let at = format!("/paths/{}", path.replace('/', "~1"));
            item.as_object().unwrap().iter().map(move |(method, operation)| {
                (format!("{at}/{method}"), path.as_str(), method.as_str(), operation)
            })
        })
    }

    /// The content of a request or an answer, and of what type it is.
    pub(crate) fn content(&self, at: &str) -> Option<(String, &Value)> {
        let content = self.document.pointer(&format!("{at}/content"))?.as_object().unwrap();
        let (kind, content) = content.iter().next()?;
        Some((kind.clone(), content))
    }

    /// The validator of the JSON of a request or an answer.
    pub(crate) fn validator(&self, at: &str) -> Option<Validator> {
        let kind = self.content(at)?.0.replace('/', "~1");
        let registry = Registry::new().add("urn:openapi", self.document.clone()).unwrap().prepare().unwrap();
        let at = at.replace('{', "%7B").replace('}', "%7D");
        let reference = json!({ "$ref": format!("urn:openapi#{at}/content/{kind}/schema") });
        let options =
            jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true).offline();
        Some(options.with_registry(&registry).build(&reference).unwrap())
    }

    /// Fails unless the document foresees this answer. (What stands outside of all operations, such as a wrong method,
    /// it does not describe.)
    #[track_caller]
    pub(crate) fn judge(&self, method: &str, path: &str, status: u16, body: &Value) {
        let (method, status) = (method.to_lowercase(), status.to_string());
        let of_operation =
            |documented: &&Documented| documented.method == method && fits(&documented.path, path);
        let mut answers = self.answers.iter().filter(of_operation).peekable();
        if answers.peek().is_none() {
            return;
        }
        let Some(documented) = answers.find(|documented| documented.status == status) else {
            panic!("{method} {path} is not documented to answer {status}: {body}");
        };
        let validator = documented.validator.iter();
        let errors = validator.flat_map(|validator| validator.iter_errors(body));
        let problems: Vec<_> = errors.map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(
            problems.is_empty(),
            "not what the document says of {method} {path} {status}: {problems:#?}\n{body}"
        );
    }
}
