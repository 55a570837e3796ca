//! Home page: the supplier, and the first steps.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use supplier_control::{CallSearch, OrderSearch};
use supplier_domain::fault::Operation;

use super::{Frame, html};
use crate::Dashboard;
use crate::access::Visitor;
use crate::failure::Failure;

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    frame: Frame,
    url: &'a str,
    steps: [Step; 3],
    open: usize,
    total: usize,
    /// Number of the last call. A later call may complete a step.
    last: u64,
}

impl Page<'_> {
    fn all_done(&self) -> bool {
        self.steps.iter().all(|step| step.done)
    }
}

struct Step {
    title: &'static str,
    text: &'static str,
    link: &'static str,
    done: bool,
}

pub(crate) async fn show(State(dashboard): State<Dashboard>, visitor: Visitor) -> Result<Response, Failure> {
    let frame = Frame::of(&dashboard, &visitor, "home").await?;
    let (now, control, session) = (dashboard.now(), dashboard.control(), &visitor.session);
    let keys = control.keys(&session.sandbox, &session.supplier, now).await?;
    let all = CallSearch { limit: 1_000, ..CallSearch::default() };
    let found = control.calls(&session.sandbox, &all, now).await?;
    let (calls, last) = (found.calls, found.last);
    let did = |operation| {
        calls.iter().any(|call| {
            let record = &call.record;
            record.supplier.as_ref() == Some(&session.supplier)
                && record.operation == Some(operation)
                && record.status == Some(200)
        })
    };
    let search = OrderSearch { supplier: Some(session.supplier.clone()), limit: 0, ..OrderSearch::default() };
    let total = control.find_orders(&session.sandbox, &search, now).await?.total;
    let waiting =
        supplier_domain::OrderStatus::ALL.iter().copied().filter(|status| status.awaits_supplier()).collect();
    let open = OrderSearch { statuses: Some(waiting), ..search };
    let open = control.find_orders(&session.sandbox, &open, now).await?.total;
    let steps = [
        Step {
            title: "Have a key",
            text: "Your client sends it with every call, in the X-Api-Key header.",
            link: "/api-settings",
            done: !keys.is_empty(),
        },
        Step {
            title: "Ask for orders",
            text: "GET /api/admin/v2/orders hands out what there is to do.",
            link: "/orders",
            done: did(Operation::ListOrders),
        },
        Step {
            title: "Report back",
            text: "POST /api/admin/v2/orders-update sets the status and delivers accounts.",
            link: "/requests",
            done: did(Operation::UpdateOrder),
        },
    ];
    html(&Page { frame, url: &dashboard.setup.url, steps, open, total, last })
}
