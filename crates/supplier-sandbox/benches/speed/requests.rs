//! The calls that are measured, as the bytes that travel.

use serde_json::Value;

use crate::process::Server;

/// The path of a list call.
pub(crate) const LIST: &str = "/api/admin/v2/orders";
/// The path of an update.
pub(crate) const UPDATE: &str = "/api/admin/v2/orders-update";

/// What a supplier polls for: the orders to work on.
pub(crate) const POLL: &str = "status=pending,processing&productType=manual";
/// Every order that there is.
pub(crate) const EVERYTHING: &str = "productType=auto,manual,inventory";

/// A list call.
pub(crate) fn list(server: &Server, query: &str) -> Vec<u8> {
    let Server { address, key, .. } = server;
    format!("GET {LIST}?{query} HTTP/1.1\r\nHost: {address}\r\nX-Api-Key: {key}\r\nAccept: */*\r\n\r\n")
        .into_bytes()
}

/// A call of the control API.
pub(crate) fn post(server: &Server, path: &str, body: &Value) -> Vec<u8> {
    let (address, body) = (&server.address, body.to_string());
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len(),
    )
    .into_bytes()
}

/// An update of an order's status.
pub(crate) fn update(server: &Server, order: u64, status: &str) -> Vec<u8> {
    let Server { address, key, .. } = server;
    let body = format!(r#"{{"order":{order},"status":"{status}"}}"#);
    format!(
        "POST {UPDATE} HTTP/1.1\r\nHost: {address}\r\nX-Api-Key: {key}\r\nAccept: */*\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    )
    .into_bytes()
}
