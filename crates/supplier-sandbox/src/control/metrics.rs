//! `/_sandbox/metrics`: counts for a monitoring system.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;
use supplier_control::ControlError;
use supplier_store::StoreError;

use super::ControlProblem;
use crate::app::App;

/// Get the server's metrics
///
/// In the text format of Prometheus: `supplier_sandbox_requests_total` by operation and status (`unsent` where a fault
/// closed the connection instead), `supplier_sandbox_request_duration_seconds` by operation,
/// `supplier_sandbox_sandboxes`, and `supplier_sandbox_calls_lost_total`: calls that had to be dropped before they reached
/// the journal in the database. The operation is `listOrders`, `updateOrder`, `control`, `page` or `other`; of what a
/// client sent nothing shows. The counts begin at 0 when the server starts.
#[utoipa::path(get, path = "/_sandbox/metrics", operation_id = "getMetrics", tag = "Server",
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain")))]
pub(crate) async fn get_metrics(State(app): State<App>) -> Result<impl IntoResponse, ControlProblem> {
    let sandboxes = app.control.count(app.time.now()).await?;
    let text = app.metrics.render(sandboxes, app.store.lost());
    // Writing into a string does not fail; should it ever, half of the counts would be worse than none.
    let text = text.map_err(|error| ControlError::Store(StoreError::Unavailable(error.into())))?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text))
}
