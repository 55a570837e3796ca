//! Parts that both OpenAPI documents share.

use utoipa::openapi::content::Content;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::server::{Server, ServerBuilder, ServerVariableBuilder};

use crate::examples::EXAMPLES;

pub(super) const JSON: &str = "application/json";

/// The server that the documents are of.
pub(super) fn this_server() -> Server {
    let host = ServerVariableBuilder::new()
        .default_value("127.0.0.1:4010")
        .description(Some("Where the sandbox serves; this is what it takes if it is not told."));
    ServerBuilder::new().url("http://{host}").description(Some("The sandbox")).parameter("host", host).build()
}

/// Adds the examples of an operation's request or answer.
pub(super) fn add_examples(content: &mut Content, operation_id: &str, place: &str) {
    let fitting =
        EXAMPLES.iter().filter(|example| example.operation == operation_id && example.place == place);
    for example in fitting {
        let shown = ExampleBuilder::new().summary(example.summary).value(Some(example.value())).build();
        content.examples.insert(example.name.to_owned(), shown.into());
    }
}
