//! Pages of the dashboard.

pub(crate) mod home;
pub(crate) mod keys;
pub(crate) mod lab;
pub(crate) mod order;
pub(crate) mod orders;
pub(crate) mod request;
pub(crate) mod requests;
pub(crate) mod scorecard;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use supplier_control::{ControlError, SandboxInfo, Session};
use supplier_domain::Supplier;

use crate::Dashboard;
use crate::access::Visitor;
use crate::failure::Failure;
use crate::words;

/// Frame of every page of a visitor.
pub(crate) struct Frame {
    /// Name of the page in the navigation.
    pub(crate) place: &'static str,
    /// The sandbox.
    pub(crate) sandbox: SandboxInfo,
    /// The supplier.
    pub(crate) supplier: Supplier,
    /// Whether the sandbox may be changed.
    pub(crate) is_admin: bool,
    /// Time of the sandbox's clock, and whether it is frozen.
    pub(crate) clock: String,
    pub(crate) is_frozen: bool,
    /// Notice of the last action.
    pub(crate) notice: Option<String>,
    /// Sandboxes to which the visitor may switch.
    pub(crate) sandboxes: Vec<SandboxInfo>,
}

impl Frame {
    /// Frame of a visitor's page.
    pub(crate) async fn of(
        dashboard: &Dashboard,
        visitor: &Visitor,
        place: &'static str,
    ) -> Result<Self, Failure> {
        let (now, control, session) = (dashboard.now(), dashboard.control(), &visitor.session);
        let sandbox = control.sandbox(&session.sandbox, now).await?;
        let supplier = sandbox.suppliers.iter().find(|supplier| supplier.id == session.supplier).cloned();
        let gone = || ControlError::NoSupplier(session.sandbox.clone(), session.supplier.clone());
        let clock = control.clock(&session.sandbox, now).await?;
        let sandboxes = if session.is_admin { control.sandboxes(now).await? } else { Vec::new() };
        Ok(Self {
            place,
            supplier: supplier.ok_or_else(gone)?,
            sandbox,
            is_admin: session.is_admin,
            clock: words::moment(clock.now),
            is_frozen: clock.mode.as_str() == "frozen",
            notice: take_notice(dashboard, visitor).await?,
            sandboxes: sandboxes.into_iter().take(20).collect(),
        })
    }
}

/// Notice of the last action, shown once.
async fn take_notice(dashboard: &Dashboard, visitor: &Visitor) -> Result<Option<String>, Failure> {
    let notice = visitor.session.notice.clone();
    if notice.is_some() {
        let told = Session { notice: None, ..visitor.session.clone() };
        dashboard.control().change_session(&visitor.id, told).await?;
    }
    Ok(notice)
}

/// Renders a page as an answer.
pub(crate) fn html(page: &impl Template) -> Result<Response, Failure> {
    let text =
        page.render().map_err(|error| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response())
}
