//! The document of the Supplier API: what the handlers declare, and what every operation shares.

use std::collections::BTreeMap;

use supplier_domain::fault::Operation;
use supplier_rulebook::{GROUPS, VERSION};
use utoipa::OpenApi as _;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation as DocumentedOperation;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{OpenApi, Ref, RefOr, Type};

use super::shared::{JSON, add_examples, this_server};
use crate::api::ApiError;
use crate::catalogue::{ErrorCase, error_cases};
use crate::router;
use crate::wire::ErrorBody;
use crate::wire::sets::ProductType;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Supplier API",
        description = "Fulfil the manual orders of a marketplace: ask for open orders, process them, and report back, by \
            accounts for what was bought or by a status alone.\n\n\
            An order that was handed out is withheld from the same supplier for 30 minutes, so that several workers \
            can poll without sharing their work out. Ask for the first page again until it is empty.\n\n\
            Words in `code` that look like `list.window` name rules of the rulebook.",
        contact(name = "The authors of Supplier Sandbox"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags((name = "Orders", description = "Ask for orders, and answer them.")),
    components(schemas(ErrorBody, ProductType)),
)]
struct Base;

/// The document.
pub(super) fn document() -> OpenApi {
    let mut document = Base::openapi();
    document.merge(router::operations().into_openapi());
    document.info.extensions = Some(Extensions::from_iter([("x-rulebook-version", VERSION)]));
    document.servers = Some(vec![this_server()]);
    let key = ApiKeyValue::with_description("X-Api-Key", "The supplier's API key (`auth.header`).");
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("apiKey", SecurityScheme::ApiKey(ApiKey::Header(key)));
    components.headers.extend(shared_headers());
    for path in document.paths.paths.values_mut() {
        if let Some(operation) = &mut path.get {
            complete(operation, Operation::ListOrders);
        }
        if let Some(operation) = &mut path.post {
            complete(operation, Operation::UpdateOrder);
        }
    }
    document
}

/// Adds what an operation's handler does not say itself: its rules, its errors, and the examples.
fn complete(documented: &mut DocumentedOperation, operation: Operation) {
    let rules = rules_of(operation);
    documented.extensions = Some(Extensions::from_iter([("x-rules", rules)]));
    let mut by_status: BTreeMap<u16, Vec<ErrorCase>> = BTreeMap::new();
    for case in error_cases().into_iter().filter(|case| case.operations.contains(&operation)) {
        by_status.entry(case.error.status_and_code().0.as_u16()).or_default().push(case);
    }
    let responses = &mut documented.responses.responses;
    for (status, cases) in by_status {
        responses.insert(status.to_string(), error_response(&cases).into());
    }
    for (status, response) in responses {
        let RefOr::T(response) = response else { continue };
        for name in SHARED_HEADERS {
            response.headers.insert(name.to_owned(), header_named(name));
        }
        if let Some(RefOr::T(content)) = response.content.get_mut(JSON) {
            add_examples(content, operation.as_str(), status);
        }
    }
    if let Some(RefOr::T(body)) = &mut documented.request_body
        && let Some(RefOr::T(content)) = body.content.get_mut(JSON)
    {
        add_examples(content, operation.as_str(), "request");
    }
}

/// The names of the rules that an operation keeps.
fn rules_of(operation: Operation) -> Vec<&'static str> {
    let own = match operation {
        Operation::ListOrders => "list",
        Operation::UpdateOrder => "update",
    };
    let kept = GROUPS.iter().filter(|group| ["auth", own, "error"].contains(&group.prefix));
    kept.flat_map(|group| group.rules).map(|rule| rule.id.as_str()).collect()
}

/// The answer of one status: each of `cases` says what causes it, and what to do.
fn error_response(cases: &[ErrorCase]) -> Response {
    let sentence = |case: &ErrorCase| {
        let rules = case.rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ");
        format!("`{}`: {} {} ({rules})", case.error.status_and_code().1.as_str(), case.cause, case.remedy)
    };
    let description = cases.iter().map(sentence).collect::<Vec<_>>().join("\n\n");
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    for case in cases {
        let name = case.error.status_and_code().1.as_str().to_ascii_lowercase().replace('_', "-");
        let shown =
            ExampleBuilder::new().summary(case.cause).value(serde_json::to_value(case.error.body()).ok());
        content.examples.insert(name, shown.build().into());
    }
    let mut response = ResponseBuilder::new().description(description).content(JSON, content).build();
    if cases.iter().any(|case| matches!(case.error, ApiError::RateLimited { .. } | ApiError::Unavailable)) {
        response.headers.insert("Retry-After".to_owned(), header_named("Retry-After"));
    }
    response
}

/// What every answer carries.
const SHARED_HEADERS: [&str; 3] = ["Sandbox-Request-Id", "Sandbox-Version", "Cache-Control"];

fn header_named(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

fn shared_headers() -> Vec<(String, RefOr<Header>)> {
    let header = |name: &str, kind, description: &str| {
        let schema: RefOr<Schema> = ObjectBuilder::new().schema_type(kind).into();
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
        (name.to_owned(), header.into())
    };
    vec![
        header(SHARED_HEADERS[0], Type::String, "Names this call. Sandbox only."),
        header(SHARED_HEADERS[1], Type::String, "The server's version. Sandbox only."),
        header(
            SHARED_HEADERS[2],
            Type::String,
            "`no-store`: an answer belongs to the key that asked for it (`auth.no-store`).",
        ),
        header("Retry-After", Type::Integer, "After how many seconds to call again (`error.server`)."),
    ]
}
