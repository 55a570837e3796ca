//! Requests page: the calls of the supplier's client.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use supplier_control::{CallSearch, KeptCall, Session};
use supplier_domain::fault::Operation;
use supplier_domain::{CallEffect, CallRecord, counted};

use super::{Frame, html};
use crate::Dashboard;
use crate::access::{PageQuery, Visitor};
use crate::failure::Failure;
use crate::words::time;

/// Maximum number of calls on a page.
const MOST: usize = 200;
/// Maximum number of calls that are searched.
const LOOKED_THROUGH: usize = 1_000;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Filters {
    operation: String,
    status: String,
    error: String,
    order: String,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct Page {
    frame: Frame,
    asked: Filters,
    rows: Vec<Row>,
    /// URL of the live stream.
    live: String,
    dropped: u64,
    polls: Vec<Poll>,
    problem: Option<String>,
}

/// Call as a table row, also for the live stream.
#[derive(Template)]
#[template(path = "request-row.html")]
pub(crate) struct Row {
    number: u64,
    id: String,
    at: String,
    method: String,
    target: String,
    status: String,
    look: &'static str,
    what: String,
}

/// Poll in the figure: position from 0 to 1000, height, and title.
struct Poll {
    x: u32,
    height: u32,
    /// Width of its window; 0 if it opened none.
    window: u32,
    title: String,
}

impl Row {
    pub(crate) fn of(call: &KeptCall) -> Self {
        let record = &call.record;
        let status = record.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let look = match record.status {
            Some(200..=299) => "good",
            Some(400..=499) => "refused",
            _ => "bad",
        };
        Self {
            number: call.number,
            id: record.id.to_string(),
            at: time(record.at),
            method: record.method.to_string(),
            target: record.target.text.to_string(),
            status,
            look,
            what: what(record),
        }
    }
}

/// Result of a call in a few words.
pub(crate) fn what(record: &CallRecord) -> String {
    if let Some(error) = &record.error {
        return error.to_string();
    }
    match &record.effect {
        CallEffect::Listed { orders, withheld, .. } if orders.is_empty() && *withheld > 0 => {
            format!("no order: {withheld} withheld")
        }
        CallEffect::Listed { orders, total, .. } => {
            format!("{} of {}", orders.len(), counted(*total, "order"))
        }
        CallEffect::Update { statuses, accepted, .. } => {
            let status = statuses.filter(|(from, to)| from != to).map(|(from, to)| format!("{from} → {to}"));
            let accounts = (*accepted > 0).then(|| counted(*accepted, "account"));
            let parts: Vec<_> = [status, accounts].into_iter().flatten().collect();
            if parts.is_empty() { "nothing changed".to_owned() } else { parts.join(", ") }
        }
        CallEffect::None => String::new(),
    }
}

/// Whether a visitor may see a call: one of its own supplier. A call with an unknown key may be anybody's, so only admins
/// see it.
pub(crate) fn is_shown(record: &CallRecord, session: &Session) -> bool {
    record.supplier.as_ref().map_or(session.is_admin, |known| *known == session.supplier)
}

impl Filters {
    /// URL of later calls that match.
    fn live(&self, last: u64) -> String {
        let fields = [
            ("operation", &self.operation),
            ("status", &self.status),
            ("error", &self.error),
            ("order", &self.order),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("after", &last.to_string());
        query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        format!("/requests/live?{}", query.finish())
    }

    pub(crate) fn search(&self) -> Result<CallSearch, String> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let operation = match self.operation.as_str() {
            "" => None,
            "listOrders" => Some(Operation::ListOrders),
            "updateOrder" => Some(Operation::UpdateOrder),
            other => return Err(format!("There is no operation {other:?}.")),
        };
        let status =
            given(&self.status).map(|text| text.parse().map_err(|_| format!("{text:?} is no status.")));
        let order =
            given(&self.order).map(|text| text.parse().map_err(|_| format!("{text:?} is no order number.")));
        Ok(CallSearch {
            operation,
            status: status.transpose()?,
            error: given(&self.error),
            order: order.transpose()?,
            after: None,
            limit: LOOKED_THROUGH,
        })
    }
}

pub(crate) async fn list(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    PageQuery(asked): PageQuery<Filters>,
) -> Result<Response, Failure> {
    let frame = Frame::of(&dashboard, &visitor, "requests").await?;
    let session = &visitor.session;
    let mut problem = None;
    let search = asked.search().map_err(|why| problem = Some(why));
    let search = search.unwrap_or_else(|()| CallSearch { limit: LOOKED_THROUGH, ..CallSearch::default() });
    let found = dashboard.control().calls(&session.sandbox, &search, dashboard.now()).await?;
    let own: Vec<_> = found.calls.iter().filter(|call| is_shown(&call.record, session)).collect();
    let rows = own.iter().rev().take(MOST).map(|call| Row::of(call)).collect();
    let window = Duration::from_mins(frame.sandbox.settings.window.minutes());
    html(&Page {
        polls: polls(&own, window),
        frame,
        live: asked.live(found.last),
        asked,
        rows,
        dropped: found.dropped,
        problem,
    })
}

/// Polls over time: number of orders, and the window that each poll opened.
fn polls(calls: &[&KeptCall], window: Duration) -> Vec<Poll> {
    let listed = calls.iter().filter_map(|call| match &call.record.effect {
        CallEffect::Listed { orders, .. } => Some((call.record.at, orders.len())),
        _ => None,
    });
    let listed: Vec<_> = listed.collect();
    let (Some(first), Some(last)) = (listed.first(), listed.last()) else { return Vec::new() };
    let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
    // The figure shows the last window to its end.
    let span = (last.0.as_millis() - first.0.as_millis()).saturating_add(window).max(1);
    let drawn = |millis: i64| u32::try_from(millis.saturating_mul(990) / span).unwrap_or(0);
    let most = listed.iter().map(|(_, orders)| *orders).max().unwrap_or(1).max(1);
    let poll = |(at, orders): &(supplier_domain::Timestamp, usize)| Poll {
        x: drawn(at.as_millis() - first.0.as_millis()) + 5,
        height: u32::try_from(orders * 70 / most).unwrap_or(70) + 4,
        window: if *orders > 0 { drawn(window) } else { 0 },
        title: format!("{}: {}", time(*at), counted(*orders, "order")),
    };
    listed.iter().map(poll).collect()
}
