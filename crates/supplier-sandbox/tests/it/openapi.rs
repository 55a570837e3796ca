//! The OpenAPI document: checked in, sound, and true.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use supplier_sandbox::{SandboxServer, openapi};

use crate::answer::Answer;
use crate::sandbox::{ORDERS, Sandbox, UPDATE};
use crate::schema::{Contract, SANDBOX_CONTROL, SUPPLIER_API};

fn root(path: &str) -> String {
    format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_documents_that_are_checked_in_are_what_the_code_generates() {
    let files = openapi::DOCUMENTS.iter().flat_map(|document| {
        let name = document.name();
        [(format!("{name}.json"), document.json()), (format!("{name}.yaml"), document.yaml())]
    });
    for (file, generated) in files {
        let found = fs::read_to_string(root(&format!("openapi/{file}"))).unwrap_or_default();
        assert!(
            found == generated,
            "openapi/{file} is stale; mend it with: cargo run -q -p supplier-sandbox -- openapi --write"
        );
    }
}

#[tokio::test]
async fn the_server_serves_the_same_bytes() {
    let sandbox = Sandbox::minimal().await;
    for (at, document) in [("", &openapi::SUPPLIER_API), ("/_sandbox", &openapi::SANDBOX_CONTROL)] {
        for (ending, text) in [("json", document.json()), ("yaml", document.yaml())] {
            let served = sandbox.send(sandbox.request("GET", &format!("{at}/openapi.{ending}"))).await;
            assert_eq!(served.text, text, "{at}/openapi.{ending}");
        }
    }
}

/// Calls `visit` with every object in `value`, and where it stands.
fn walk<'a>(value: &'a Value, at: &str, visit: &mut impl FnMut(&str, &'a serde_json::Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            visit(at, fields);
            for (name, field) in fields {
                walk(field, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{at}/{index}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn no_reference_leads_nowhere_and_every_component_is_used() {
    for contract in contracts() {
        let mut used = BTreeSet::new();
        walk(&contract.document, "", &mut |at, fields| {
            let Some(Value::String(reference)) = fields.get("$ref") else { return };
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(contract.document.pointer(pointer).is_some(), "{at}: {reference}");
            used.insert(pointer.to_owned());
        });
        for name in contract.document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(used.contains(&format!("/components/schemas/{name}")), "{name} is never used");
        }
    }
}

fn contracts() -> [&'static Contract; 2] {
    [&SUPPLIER_API, &SANDBOX_CONTROL]
}

#[test]
fn every_operation_says_what_it_is() {
    for contract in contracts() {
        let document = &contract.document;
        let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
        let mut ids = BTreeSet::new();
        for (at, _, _, operation) in contract.operations() {
            let its_tags = operation["tags"].as_array().unwrap();
            assert!(its_tags.len() == 1 && tags.contains(&&its_tags[0]), "{at}: {its_tags:?}");
            assert!(operation["summary"].is_string(), "{at}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{at}: its id is another's too");
        }
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    }
}

#[test]
fn every_operation_of_the_supplier_api_says_which_rules_it_keeps() {
    let ids = SUPPLIER_API.operations().map(|(_, _, _, operation)| operation["operationId"].clone());
    assert_eq!(ids.collect::<Vec<_>>(), ["listOrders", "updateOrder"]);
    for (at, _, _, operation) in SUPPLIER_API.operations() {
        assert!(operation["description"].is_string(), "{at}");
        assert_eq!(operation["security"], json!([{ "apiKey": [] }]), "{at}");
        let rules = operation["x-rules"].as_array().unwrap();
        assert!(rules.len() > 30, "{at}");
        for rule in rules {
            assert!(supplier_rulebook::find(rule.as_str().unwrap()).is_some(), "{at}: {rule}");
        }
    }
    assert_eq!(SUPPLIER_API.document["info"]["x-rulebook-version"], supplier_rulebook::VERSION);
}

/// The requests and answers of an operation that have a body: where they stand, and the content.
fn bodies<'a>(contract: &'a Contract, at: &str, operation: &'a Value) -> Vec<(String, &'a Value)> {
    let statuses = operation["responses"].as_object().unwrap().keys();
    let places = statuses.map(|status| format!("{at}/responses/{status}"));
    let places = places.chain(operation.get("requestBody").map(|_| format!("{at}/requestBody")));
    let json = |place: String| {
        let (kind, content) = contract.content(&place)?;
        // Of what is no JSON, such as a stream of events, there is no schema to hold an example to.
        kind.ends_with("json").then_some((place, content))
    };
    places.filter_map(json).collect()
}

#[test]
fn every_request_and_success_has_examples_and_all_are_valid() {
    for (contract, fewest) in contracts().into_iter().zip([20, 20]) {
        let mut count = 0;
        for (at, _, _, operation) in contract.operations() {
            for (place, content) in bodies(contract, &at, operation) {
                let examples = content.get("examples").and_then(Value::as_object);
                let is_needed = place.contains("/responses/2") || place.ends_with("/requestBody");
                assert!(examples.is_some() || !is_needed, "{place} has no examples");
                for (name, example) in examples.into_iter().flatten() {
                    assert!(example["summary"].is_string(), "{place}: {name}");
                    let validator = contract.validator(&place).unwrap();
                    let errors: Vec<_> =
                        validator.iter_errors(&example["value"]).map(|error| error.to_string()).collect();
                    assert!(errors.is_empty(), "{place}: {name}: {errors:?}");
                    count += 1;
                }
            }
        }
        assert!(count >= fewest, "{count}");
    }
}

#[test]
fn every_error_of_the_supplier_api_has_an_example() {
    for (at, _, _, operation) in SUPPLIER_API.operations() {
        for (place, content) in bodies(&SUPPLIER_API, &at, operation) {
            assert!(content.get("examples").is_some(), "{place} has no examples");
        }
    }
}

#[test]
fn closed_sets_are_enums_and_bounds_are_given() {
    let schemas = &SUPPLIER_API.document["components"]["schemas"];
    for (name, count) in
        [("OrderStatus", 6), ("ProductType", 3), ("EntityType", 2), ("PaymentStatus", 1), ("ErrorCode", 13)]
    {
        assert_eq!(schemas[name]["enum"].as_array().map(Vec::len), Some(count), "{name}");
    }
    let parameters = SUPPLIER_API.document["paths"][ORDERS]["get"]["parameters"].as_array().unwrap();
    let limit = &parameters.iter().find(|parameter| parameter["name"] == "limit").unwrap()["schema"];
    assert_eq!(
        (&limit["minimum"], &limit["maximum"], &limit["default"]),
        (&1.into(), &500.into(), &50.into())
    );
    assert_eq!(schemas["UpdateOrderRequest"]["properties"]["supplierOrderId"]["maxLength"], 255);
    assert_eq!(schemas["UpdateOrderRequest"]["required"], json!(["order"]));
    walk(schemas, "", &mut |at, fields| {
        for (name, property) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
            // What may be null is said beside the reference.
            let is_explained = ["description", "$ref", "oneOf"].iter().any(|key| property.get(key).is_some());
            assert!(is_explained, "{at}: nothing is said of {name}");
        }
    });
}

/// A file of `fixtures/examples`, which must fit the schema of its place.
fn example(operation: &str, place: &str, name: &str) -> Value {
    let text =
        fs::read_to_string(root(&format!("fixtures/examples/{operation}.{place}.{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_file_of_an_example_fits_the_schema_of_its_place() {
    let mut count = 0;
    for entry in fs::read_dir(root("fixtures/examples")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let [operation, place, name, "json"] = file.split('.').collect::<Vec<_>>()[..] else {
            panic!("{file}")
        };
        let named = |contract: &'static Contract| {
            let mut operations = contract.operations();
            let found = operations.find(|(_, _, _, found)| found["operationId"] == operation);
            found.map(|(at, ..)| (contract, at))
        };
        let (contract, at) = contracts().into_iter().find_map(named).unwrap_or_else(|| panic!("{file}"));
        let place_in_document =
            if place == "request" { format!("{at}/requestBody") } else { format!("{at}/responses/{place}") };
        let value = example(operation, place, name);
        let validator = contract.validator(&place_in_document).unwrap();
        let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
        count += 1;
    }
    assert!(count >= 14, "{count} files");
}

#[track_caller]
fn is(answer: &Answer, operation: &str, name: &str) {
    assert_eq!(answer.body, example(operation, &answer.status.to_string(), name), "{operation} {name}");
}

/// Rules: `list.shape`, `update.response`, `error.messages`.
#[tokio::test]
async fn the_server_answers_as_the_examples_say() {
    let sandbox = Sandbox::minimal().await;
    let open = "status=pending,processing&productType=manual&limit=1";
    is(&sandbox.list(open).await, "listOrders", "one-order");
    is(&sandbox.list("status=pending,done&limit=0").await, "listOrders", "invalid-request");
    is(&sandbox.send(sandbox.request("GET", ORDERS)).await, "listOrders", "invalid-api-key");
    is(&sandbox.send(sandbox.request("POST", UPDATE)).await, "updateOrder", "invalid-api-key");
    let update = |name| sandbox.update(example("updateOrder", "request", name));
    is(&update("start").await, "updateOrder", "started");
    is(&update("complete").await, "updateOrder", "completed");
    assert_eq!(update("deliver-a-part").await.good()["accountsDelivered"], 2);
    is(&sandbox.update(json!({ "order": 40301 })).await, "updateOrder", "access-denied");
    is(&sandbox.update(json!({ "order": 40401 })).await, "updateOrder", "order-not-found");
    is(&sandbox.update(json!({ "order": 12346, "accounts": [] })).await, "updateOrder", "invalid-accounts");
    is(
        &sandbox.update(json!({ "order": "12345", "status": "done" })).await,
        "updateOrder",
        "invalid-request",
    );
    let empty = Sandbox::start(SandboxServer::builder().scenario("empty")).await;
    is(&empty.list(open).await, "listOrders", "without-orders");
}
