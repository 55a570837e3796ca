//! A stateful sandbox server for the Supplier API: the program `supplier-sandbox`, and the same server inside of a Rust
//! test.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use supplier_sandbox::SandboxServer;
//!
//! let server = SandboxServer::builder().seed(7).scenario("minimal").start().await?;
//! let orders = format!("{}/api/admin/v2/orders?productType=manual", server.url());
//! let key = server.key("aurora").expect("a supplier of that scenario");
//! // Hand both to the client that is to be tested, and let half an hour pass.
//! server.advance(Duration::from_mins(30)).await?;
//! # let _ = (orders, key);
//! # Ok(())
//! # } // The server stops when it is dropped.
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```

mod api;
mod app;
mod builder;
mod catalogue;
mod control;
mod docs;
mod examples;
mod http;
mod metrics;
pub mod openapi;
mod redact;
mod router;
mod server;
mod server_url;
mod time;
mod wire;

pub use builder::{Builder, StartError};
pub use http::Limits;
pub use server::{SandboxServer, SupplierAccess};
pub use server_url::{InvalidServerUrl, ServerUrl};
pub use supplier_control::Caps;
