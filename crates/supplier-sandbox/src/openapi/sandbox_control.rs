//! The document of the control API.

use utoipa::OpenApi as _;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, Ref, RefOr};

use super::shared::{JSON, add_examples, this_server};
use crate::control;
use crate::control::ProblemDetails;

/// Of what content type its errors are.
const PROBLEM: &str = "application/problem+json";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Sandbox control API",
        description = "Make private sandboxes, and rule them: their clocks, suppliers and keys. A supplier's API key selects \
            its sandbox, so a client under test needs nothing but its key, and tests that run at once never meet.\n\n\
            On loopback these operations are open to programs on the same machine; anywhere else they ask for the admin \
            token that the server was started with. Errors are problem details (RFC 9457).",
        contact(name = "The authors of Supplier Sandbox"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "Sandboxes", description = "Worlds of their own: made, copied, reset, deleted."),
        (name = "Clock", description = "A sandbox's time: frozen, sped up, moved ahead."),
        (name = "Orders", description = "Placed, amended, looked at, and why one is not in a list."),
        (name = "Arrivals", description = "Orders that come in as the clock goes on."),
        (name = "Faults", description = "What goes wrong on purpose, and how often it did."),
        (name = "Requests", description = "What suppliers called, and why it was answered so."),
        (name = "Judgement", description = "How well orders were handled, and a client behaves."),
        (name = "Suppliers", description = "Who calls, and by which keys."),
        (name = "Server", description = "For whoever watches the server."),
    ),
    components(schemas(ProblemDetails)),
)]
struct Base;

/// The document.
pub(super) fn document() -> OpenApi {
    let mut document = Base::openapi();
    document.merge(control::open().into_openapi());
    document.merge(control::guarded().into_openapi());
    document.servers = Some(vec![this_server()]);
    let token = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The admin token; on loopback none is asked for."))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("adminToken", SecurityScheme::Http(token));
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(path, &method, operation);
        }
    }
    document
}

fn is_query(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query)
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let by_method = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Patch, &mut item.patch),
    ];
    by_method.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Adds what an operation's handler does not say itself: its errors, its security, and the examples.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    if operation.security.is_none() {
        let or_none = [SecurityRequirement::default(), SecurityRequirement::new("adminToken", [""; 0])];
        operation.security = Some(or_none.into());
    }
    let takes_body = operation.request_body.is_some();
    let is_open = path == "/_sandbox" || path.ends_with("/health") || path.ends_with("/ready");
    let errors: [(bool, &str, &str); 8] = [
        (
            takes_body || operation.parameters.iter().flatten().any(is_query),
            "400",
            "The request is not of the documented form: `errors` names all that is wrong.",
        ),
        (!is_open, "401", "The admin token is missing or wrong."),
        (true, "403", "The request came under a foreign host's name, or from a page of another origin."),
        (path.contains('{'), "404", "There is no such sandbox, or nothing of that name in it."),
        (
            is_conflict(method, path),
            "409",
            "It cannot be done as things are: `detail` says why, and what to do.",
        ),
        (takes_body, "413", "The body is too large."),
        (takes_body, "415", "The body is not declared to be JSON in UTF-8, or it is compressed."),
        (true, "503", "The server cannot do that now."),
    ];
    for (status, description) in
        errors.iter().filter(|(fits, ..)| *fits).map(|(_, status, text)| (status, text))
    {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description(*description).content(PROBLEM, content).build();
        operation.responses.responses.insert((*status).to_owned(), response.into());
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        for kind in [JSON, PROBLEM] {
            if let Some(RefOr::T(content)) = response.content.get_mut(kind) {
                add_examples(content, &id, status);
            }
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && let Some(RefOr::T(content)) = body.content.get_mut(JSON)
    {
        add_examples(content, &id, "request");
    }
}

/// Whether an operation may find that things are in its way: a cap, a name that is taken, a clock that would go back or is at its end.
fn is_conflict(method: &HttpMethod, path: &str) -> bool {
    match method {
        HttpMethod::Post => !path.ends_with("/reset"),
        HttpMethod::Put => path.ends_with("/clock") || path.ends_with("/arrivals"),
        HttpMethod::Get => ["/events", "/orders/{order}", "/snapshot"].iter().any(|end| path.ends_with(end)),
        HttpMethod::Delete => path.ends_with("/sandboxes/{id}"),
        _ => false,
    }
}
