//! `/_sandbox/sandboxes/{id}/audit`: was each order handled once, and none forgotten?

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use supplier_control::{Audit, AuditFinding};
use supplier_store::AuditRecord;
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::InSandbox;
use super::query::Params;
use crate::app::App;
use crate::wire::sets;

/// How a sandbox's orders were handled.
#[derive(Serialize, ToSchema)]
#[schema(as = Audit)]
pub(crate) struct AuditBody {
    /// Whether nothing is wrong.
    clean: bool,
    /// When it was made, by the sandbox's clock.
    #[schema(format = DateTime)]
    now: String,
    findings: Vec<FindingBody>,
    /// What was counted: a line for each order that was handed out or updated, and each of its suppliers.
    orders: Vec<RecordBody>,
    /// How many such lines there are, before `limit` and `offset`.
    total: usize,
}

/// Something that is wrong with how orders were handled.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditFinding)]
struct FindingBody {
    /// `unanswered`, `lost-page`, `repeated-hand-out`, `delivered-twice`, `revived` or `account-used-twice`.
    #[schema(value_type = String, example = "unanswered")]
    kind: &'static str,
    /// It in a sentence.
    sentence: String,
    /// Whose orders, if it is about one supplier's.
    supplier: Option<String>,
    /// How many orders, or how often an account was delivered.
    count: usize,
    /// The first 100 orders it is about.
    orders: Vec<u64>,
}

/// What was counted of an order and a supplier.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditedOrder)]
#[serde(rename_all = "camelCase")]
struct RecordBody {
    order: u64,
    supplier: String,
    #[schema(value_type = sets::OrderStatus)]
    status: &'static str,
    /// How often it was handed out to the supplier.
    handed_out: u32,
    /// How often it was handed out again after a window ended without an update.
    repeats: u32,
    /// How often it was handed out in an answer that nobody got.
    lost: u32,
    /// How many updates of the supplier were granted.
    updates: u32,
    /// How many of those delivered accounts.
    deliveries: u32,
    /// How many accounts the order has in all.
    accounts: usize,
    /// How many accounts are owed for it: the sum of `quantity` over its items of products.
    owed: u64,
}

impl From<AuditFinding> for FindingBody {
    fn from(finding: AuditFinding) -> Self {
        Self {
            kind: finding.kind.as_str(),
            sentence: finding.sentence,
            supplier: finding.supplier.map(|supplier| supplier.to_string()),
            count: finding.count,
            orders: finding.orders.iter().map(|order| order.get()).collect(),
        }
    }
}

impl From<AuditRecord> for RecordBody {
    fn from(record: AuditRecord) -> Self {
        Self {
            order: record.order.get(),
            supplier: record.supplier.to_string(),
            status: record.status.as_str(),
            handed_out: record.dealings.handed_out,
            repeats: record.dealings.repeats,
            lost: record.dealings.lost,
            updates: record.dealings.updates,
            deliveries: record.dealings.deliveries,
            accounts: record.accounts,
            owed: record.owed,
        }
    }
}

impl AuditBody {
    fn of(audit: Audit, offset: usize, limit: usize) -> Self {
        Self {
            clean: audit.findings.is_empty(),
            now: audit.now.to_string(),
            findings: audit.findings.into_iter().map(FindingBody::from).collect(),
            total: audit.records.len(),
            orders: audit.records.into_iter().skip(offset).take(limit).map(RecordBody::from).collect(),
        }
    }
}

/// Audit a sandbox
///
/// How often each order was handed out and answered, and what is wrong: orders that were handed out and never updated,
/// or in an answer that nobody got, orders that came again because a window ended without an update, orders that were
/// fulfilled twice, orders that were worked on after they were done or cancelled, accounts that were delivered twice. It is
/// read from what is counted with the orders, so a long run is audited as a whole, whatever the journal has dropped.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/audit", operation_id = "getAudit", tag = "Judgement",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("supplier" = Option<String>, Query, description = "Only this supplier's orders."),
        ("limit" = Option<u64>, Query, minimum = 0, maximum = 10_000, description = "At most so many `orders`; 100 if left out."),
        ("offset" = Option<u64>, Query, minimum = 0, description = "So many `orders` are passed over.")),
    responses((status = 200, description = "How its orders were handled.", body = AuditBody)))]
pub(crate) async fn get_audit(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    RawQuery(query): RawQuery,
) -> Result<Json<AuditBody>, ControlProblem> {
    let mut params = Params::read(query.as_deref(), &["supplier", "limit", "offset"]);
    let supplier = params.parsed("supplier");
    let (limit, offset) = (params.size("limit", 0..=10_000, 100), params.size("offset", 0..=u64::MAX, 0));
    params.finish()?;
    let audit = app.control.audit(&id, supplier.as_ref(), app.time.now()).await?;
    Ok(Json(AuditBody::of(audit, offset, limit)))
}
