//! The OpenAPI documents: generated from the types that the server reads and writes.

mod sandbox_control;
mod shared;
mod supplier_api;

use std::sync::LazyLock;

use utoipa::openapi::OpenApi;

use crate::http::Asset;

/// A document, as it is checked in and served.
#[derive(Debug)]
pub struct Document {
    name: &'static str,
    json: LazyLock<String>,
    yaml: LazyLock<String>,
    json_asset: LazyLock<Asset>,
    yaml_asset: LazyLock<Asset>,
}

/// The document of the Supplier API.
pub static SUPPLIER_API: Document = Document {
    name: "supplier-api",
    json: LazyLock::new(|| to_json(&supplier_api::document())),
    yaml: LazyLock::new(|| to_yaml(&supplier_api::document())),
    json_asset: LazyLock::new(|| Asset::new("application/json", SUPPLIER_API.json().as_bytes())),
    yaml_asset: LazyLock::new(|| Asset::new("application/yaml", SUPPLIER_API.yaml().as_bytes())),
};

/// The document of the control API.
pub static SANDBOX_CONTROL: Document = Document {
    name: "sandbox-control",
    json: LazyLock::new(|| to_json(&sandbox_control::document())),
    yaml: LazyLock::new(|| to_yaml(&sandbox_control::document())),
    json_asset: LazyLock::new(|| Asset::new("application/json", SANDBOX_CONTROL.json().as_bytes())),
    yaml_asset: LazyLock::new(|| Asset::new("application/yaml", SANDBOX_CONTROL.yaml().as_bytes())),
};

/// Both of them.
pub static DOCUMENTS: [&Document; 2] = [&SUPPLIER_API, &SANDBOX_CONTROL];

impl Document {
    /// The name of its files, without their endings.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The document as JSON.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The document as YAML.
    pub fn yaml(&self) -> &str {
        &self.yaml
    }

    /// [`Document::json`], as it is sent.
    pub(crate) fn json_asset(&self) -> &Asset {
        &self.json_asset
    }

    /// [`Document::yaml`], as it is sent.
    pub(crate) fn yaml_asset(&self) -> &Asset {
        &self.yaml_asset
    }
}

// A document is strings, numbers and maps with string keys: writing it cannot fail.

fn to_json(document: &OpenApi) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}

fn to_yaml(document: &OpenApi) -> String {
    document.to_yaml().unwrap_or_default()
}
