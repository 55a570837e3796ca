//! Answers by the OpenAPI document.

use std::collections::BTreeMap;

use jsonschema::{Draft, Registry, ValidationError, Validator};
use serde_json::{Value, json};
use supplier_rulebook::{self as rulebook, RuleId};

use super::{Violation, by, told};
use crate::http::Answer;
use crate::script::{Expect, Shape};

const DOCUMENT: &str = include_str!("../../../../openapi/supplier-api.json");
const NAME: &str = "urn:supplier-api";

/// The document's schemas, ready to judge by.
pub(super) struct Document {
    /// By the operation's name and the status.
    answers: BTreeMap<(String, u16), Validator>,
}

impl Document {
    /// The one of this version.
    pub(super) fn embedded() -> Result<Self, String> {
        let document: Value = serde_json::from_str(DOCUMENT).map_err(|error| error.to_string())?;
        let registry =
            Registry::new().add(NAME, document.clone()).and_then(jsonschema::RegistryBuilder::prepare);
        let registry = registry.map_err(|error| error.to_string())?;
        let mut answers = BTreeMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Some(name) = operation["operationId"].as_str() else { continue };
                for status in
                    operation["responses"].as_object().into_iter().flatten().map(|(status, _)| status)
                {
                    let Ok(code) = status.parse() else { continue };
                    let path = path.replace('~', "~0").replace('/', "~1");
                    let at = format!(
                        "{NAME}#/paths/{path}/{method}/responses/{status}/content/application~1json/schema"
                    );
                    let validator = jsonschema::options()
                        .with_draft(Draft::Draft202012)
                        .with_registry(&registry)
                        .build(&json!({ "$ref": at }))
                        .map_err(|error| error.to_string())?;
                    answers.insert((name.to_owned(), code), validator);
                }
            }
        }
        Ok(Self { answers })
    }

    /// Adds what is wrong with an answer, but for what was found at the same place already.
    pub(super) fn judge(&self, operation: &str, answer: &Answer, found: &mut Vec<Violation>) {
        let success = |list, update| if operation == "listOrders" { list } else { update };
        let Some(validator) = self.answers.get(&(operation.to_owned(), answer.status)) else {
            if answer.is_success() {
                let rule = success(rulebook::LIST_SHAPE, rulebook::UPDATE_RESPONSE);
                found.push(by(rule, "", Expect::Status { any_of: vec![200] }, answer.summary()));
            }
            return;
        };
        let Some(json) = answer.json.as_ref().filter(|_| answer.says_json()) else {
            if answer.is_success() {
                let rule = success(rulebook::LIST_SHAPE, rulebook::UPDATE_SUCCESS);
                let expect = Expect::Header { name: "content-type".to_owned(), contains: "json".to_owned() };
                found.push(by(rule, "", expect, answer.summary()));
            }
            return;
        };
        if validator.is_valid(json) {
            return;
        }
        for error in validator.iter_errors(json) {
            let at = error.instance_path().to_string();
            if found.iter().any(|violation| {
                violation.at.starts_with(&at) || at.starts_with(&violation.at) && !violation.at.is_empty()
            }) {
                continue;
            }
            if let Some(rule) = rule_of(operation, answer.status, &error) {
                found.push(violation(rule, &at, &error, json));
            }
        }
    }
}

fn violation(rule: RuleId, at: &str, error: &ValidationError<'_>, json: &Value) -> Violation {
    let expect = match missing(error) {
        Some(name) => Expect::Looks { at: format!("{at}/{name}"), like: Shape::Present },
        None => Expect::Law { words: crate::http::printable(&error.to_string(), 200) },
    };
    by(rule, at, expect, told(json.pointer(at)))
}

fn missing(error: &ValidationError<'_>) -> Option<String> {
    match error.kind() {
        jsonschema::error::ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
        _ => None,
    }
}

/// The rule that a violation of the document breaks. None where the document says more than any rule: the bounds of
/// numbers, and which codes an error may have.
fn rule_of(operation: &str, status: u16, error: &ValidationError<'_>) -> Option<RuleId> {
    let keyword = error.schema_path().to_string();
    let keyword = keyword.rsplit('/').next().unwrap_or_default();
    let at = error.instance_path().to_string();
    if at.ends_with("/supplierOrderId") {
        return Some(rulebook::UPDATE_SUPPLIER_ORDER_ID_FORM);
    }
    match (operation, status) {
        ("listOrders", 200) => match keyword {
            "required" | "minItems" => Some(rulebook::LIST_SHAPE),
            "type" | "pattern" | "enum" => Some(rulebook::LIST_TYPES),
            "maxItems" => Some(rulebook::LIST_LIMIT_MAX),
            _ => None,
        },
        ("updateOrder", 200) => Some(rulebook::UPDATE_RESPONSE).filter(|_| keyword != "minimum"),
        _ if at.starts_with("/details") => Some(rulebook::ERROR_DETAILS),
        _ => None,
    }
}
