//! Answers by the OpenAPI document.

use std::collections::BTreeMap;

use jsonschema::{Draft, Registry, ValidationError, Validator};
use serde_json::{Value, json};
use supplier_rulebook as rulebook;

use super::{Violation, by, told};
use crate::claim::Claim;
use crate::counted::counted;
use crate::http::Answer;
use crate::profile::{RESPONSE_DELIVERED, RESPONSE_ID, RESPONSE_ORDER, RESPONSE_STATUS};
use crate::script::{Expect, Shape};

const DOCUMENT: &str = include_str!("../../schemas/supplier-api.json");
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
        let success = |list: Claim, update| if operation == "listOrders" { list } else { update };
        let Some(validator) = self.answers.get(&(operation.to_owned(), answer.status)) else {
            if answer.is_success() {
                let rule = success(rulebook::LIST_SHAPE.into(), RESPONSE_STATUS);
                found.push(by(rule, "", Expect::Status { any_of: vec![200] }, answer.summary()));
            }
            return;
        };
        let Some(json) = answer.json.as_ref().filter(|_| answer.says_json()) else {
            if answer.is_success() {
                let rule = success(rulebook::LIST_SHAPE.into(), rulebook::UPDATE_SUCCESS.into());
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

fn violation(rule: Claim, at: &str, error: &ValidationError<'_>, json: &Value) -> Violation {
    let expect = match missing(error) {
        Some(name) => Expect::Looks { at: format!("{at}/{name}"), like: Shape::Present },
        None => Expect::Law { words: crate::http::printable(&wanted(error), 200) },
    };
    by(rule, at, expect, told(json.pointer(at)))
}

/// What the document asks for, where an answer has something else.
fn wanted(error: &ValidationError<'_>) -> String {
    use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
    match error.kind() {
        Kind::Type { kind: TypeKind::Single(kind) } => format!("a value of the type {kind}"),
        Kind::Type { kind: TypeKind::Multiple(kinds) } => {
            let kinds: Vec<_> = kinds.iter().map(|kind| kind.to_string()).collect();
            format!("a value of the type {}", kinds.join(" or "))
        }
        Kind::Enum { options } => match options.as_array() {
            Some(options) => {
                let options: Vec<_> = options.iter().map(Value::to_string).collect();
                format!("one of {}", options.join(", "))
            }
            None => format!("one of {options}"),
        },
        Kind::Constant { expected_value } => expected_value.to_string(),
        Kind::Pattern { pattern } => format!("a text of the form {pattern}"),
        Kind::Format { format } => format!("a text of the format {format}"),
        Kind::MinLength { limit } => format!("a text of at least {}", counted(*limit, "character")),
        Kind::MaxLength { limit } => format!("a text of at most {}", counted(*limit, "character")),
        Kind::MinItems { limit } => format!("a list of at least {}", counted(*limit, "item")),
        Kind::MaxItems { limit } => format!("a list of at most {}", counted(*limit, "item")),
        Kind::Minimum { limit } => format!("a number of at least {limit}"),
        Kind::Maximum { limit } => format!("a number of at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("a number above {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("a number below {limit}"),
        _ => format!("what the OpenAPI document describes ({error})"),
    }
}

fn missing(error: &ValidationError<'_>) -> Option<String> {
    match error.kind() {
        jsonschema::error::ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
        _ => None,
    }
}

/// The rule that a violation of the document breaks. None where the document says more than any rule: the bounds of
/// numbers, and which codes an error may have.
fn rule_of(operation: &str, status: u16, error: &ValidationError<'_>) -> Option<Claim> {
    let keyword = error.schema_path().to_string();
    let keyword = keyword.rsplit('/').next().unwrap_or_default();
    let at = error.instance_path().to_string();
    if at.ends_with("/supplierOrderId") {
        return Some(rulebook::UPDATE_SUPPLIER_ORDER_ID_FORM.into());
    }
    match (operation, status) {
        ("listOrders", 200) => match keyword {
            "required" | "minItems" => Some(rulebook::LIST_SHAPE.into()),
            "type" | "pattern" | "enum" => Some(rulebook::LIST_TYPES.into()),
            "maxItems" => Some(rulebook::LIST_LIMIT_MAX.into()),
            _ => None,
        },
        ("updateOrder", 200) if keyword == "minimum" => None,
        ("updateOrder", 200) => Some(match missing(error).as_deref().unwrap_or(at.trim_start_matches('/')) {
            "accountsDelivered" => RESPONSE_DELIVERED,
            "supplierOrderId" => RESPONSE_ID,
            _ => RESPONSE_ORDER,
        }),
        _ if at.starts_with("/details") => Some(rulebook::ERROR_DETAILS.into()),
        _ => None,
    }
}
