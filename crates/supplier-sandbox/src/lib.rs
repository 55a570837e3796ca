//! Stateful sandbox server for the Supplier API: the program `supplier-sandbox`, and the same server inside a Rust test.
//!
//! [`SandboxServer::builder`] starts a server. Its default sandbox is enough for one client; [`SandboxServer::create_sandbox`]
//! creates one for each test. A [`SandboxHandle`] moves the clock, creates orders, adds faults, and returns the audit and the
//! scorecard.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use supplier_sandbox::SandboxServer;
//!
//! let server = SandboxServer::builder().seed(7).scenario("minimal").start().await?;
//! let orders = format!("{}/api/admin/v2/orders?productType=manual", server.url());
//! let key = server.key("aurora").expect("a supplier of that scenario");
//! // Pass both to the client under test, and let half an hour pass.
//! server.advance(Duration::from_mins(30)).await?;
//! # let _ = (orders, key);
//!
//! // Or create a sandbox for this test, and lose the answer of each call.
//! use supplier_sandbox::fault::{Close, Effect, NewFault};
//! use supplier_sandbox::{CreateSandbox, NewOrders};
//! let sandbox = server.create_sandbox(CreateSandbox::default()).await?;
//! let placed = sandbox.create_orders(NewOrders::of("aurora".parse()?)).await?;
//! let lost_answer = sandbox.fault(NewFault::new(Effect::DropAfter { how: Close::Fin })).await?;
//! // Let your client work with `sandbox.key("aurora")`. Then:
//! assert_eq!(sandbox.fired(lost_answer).await?, 0, "no client has called yet");
//! assert_eq!(sandbox.order(placed[0]).await?.order.accounts.len(), 0);
//! assert!(sandbox.audit().await?.findings.is_empty());
//! assert_eq!(sandbox.scorecard().await?.score(), None);
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
mod handle;
mod http;
mod junit;
mod metrics;
pub mod openapi;
mod redact;
pub mod rehearsal;
mod router;
mod server;
mod server_url;
mod time;
mod web_page;
mod wire;

pub use builder::{Builder, StartError};
pub use handle::SandboxHandle;
pub use http::Limits;
pub use server::{SandboxServer, SupplierAccess};
pub use server_url::{InvalidServerUrl, ServerUrl};
pub use supplier_control::{
    Audit, AuditFinding, Caps, ClientReports, ControlError, CreateSandbox, FindingKind, NewItem, NewOrders,
    Origin,
};
pub use supplier_domain::fault;
pub use supplier_domain::{OrderId, OrderStatus, SupplierId};
pub use supplier_store::{Durability, OrderState};
