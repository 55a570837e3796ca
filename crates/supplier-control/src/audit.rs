//! Whether each order was handled once, and none was forgotten.

use std::collections::HashSet;

use supplier_domain::{OrderId, SupplierId, Timestamp};
use supplier_store::{AuditRecord, AuditRecords, SandboxId, work_for};

use crate::{Control, ControlError};

/// The most accounts that findings name; of more it is said how many.
const MAX_ACCOUNTS: usize = 1_000;
/// The most orders that a finding names.
const MAX_NAMED: usize = 100;

/// What can be wrong with how orders were handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// Orders that were handed out and never updated, and still wait for that.
    Unanswered,
    /// Orders that were handed out again, since a window ended and no update had come.
    RepeatedHandOut,
    /// An account that was delivered more than once.
    AccountUsedTwice,
}

impl FindingKind {
    /// The kind in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::RepeatedHandOut => "repeated-hand-out",
            Self::AccountUsedTwice => "account-used-twice",
        }
    }
}

/// Something that is wrong with how orders were handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFinding {
    /// What.
    pub kind: FindingKind,
    /// It in a sentence.
    pub sentence: String,
    /// Whose orders, if it is about one supplier's.
    pub supplier: Option<SupplierId>,
    /// How many orders, or how often an account was delivered.
    pub count: usize,
    /// The first orders it is about, at most 100.
    pub orders: Vec<OrderId>,
}

/// How a sandbox's orders were handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// When, by the sandbox's clock, it was made.
    pub now: Timestamp,
    /// What is wrong; nothing if all is well.
    pub findings: Vec<AuditFinding>,
    /// What was counted, by order and supplier.
    pub records: Vec<AuditRecord>,
}

impl Control {
    /// Says how the orders of a sandbox were handled, by all suppliers or by one.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`].
    pub async fn audit(
        &self,
        sandbox: &SandboxId,
        supplier: Option<&SupplierId>,
        server: Timestamp,
    ) -> Result<Audit, ControlError> {
        if let Some(supplier) = supplier {
            self.demand_supplier(sandbox, supplier, server).await?;
        }
        let mut counted = self.store.audit(sandbox, server).await?;
        if let Some(supplier) = supplier {
            counted.records.retain(|record| record.supplier == *supplier);
            let theirs: HashSet<_> = counted.records.iter().map(|record| record.order).collect();
            counted.used_twice.retain(|used| used.orders.iter().any(|order| theirs.contains(order)));
        }
        Ok(work_for(sandbox, move || judge(counted)).await)
    }
}

fn judge(counted: AuditRecords) -> Audit {
    let AuditRecords { now, records, used_twice } = counted;
    let mut suppliers: Vec<_> = records.iter().map(|record| &record.supplier).collect();
    suppliers.sort_unstable();
    suppliers.dedup();
    let mut findings = Vec::new();
    for supplier in suppliers {
        let of = |wanted: &dyn Fn(&AuditRecord) -> bool| {
            let found = records.iter().filter(|record| record.supplier == *supplier && wanted(record));
            found.map(|record| record.order).collect::<Vec<_>>()
        };
        let is_unanswered = |record: &AuditRecord| {
            record.dealings.handed_out > 0 && record.dealings.updates == 0 && record.status.awaits_supplier()
        };
        let tell = |kind, orders: Vec<OrderId>, what: &str| {
            (!orders.is_empty()).then(|| AuditFinding {
                kind,
                sentence: format!("{} handed out to {supplier} {what}", some_orders(orders.len())),
                supplier: Some(supplier.clone()),
                count: orders.len(),
                orders: orders.into_iter().take(MAX_NAMED).collect(),
            })
        };
        findings.extend(tell(
            FindingKind::Unanswered,
            of(&is_unanswered),
            "and never updated, and still open.",
        ));
        findings.extend(tell(
            FindingKind::RepeatedHandOut,
            of(&|record| record.dealings.repeats > 0),
            "again after a window had ended without an update: a client may have worked on them twice.",
        ));
    }
    let more = used_twice.len().saturating_sub(MAX_ACCOUNTS);
    findings.extend(used_twice.into_iter().take(MAX_ACCOUNTS).map(|used| AuditFinding {
        kind: FindingKind::AccountUsedTwice,
        sentence: format!("The account of {} was delivered {} times.", used.login, used.orders.len()),
        supplier: None,
        count: used.orders.len(),
        orders: used.orders.into_iter().take(MAX_NAMED).collect(),
    }));
    findings.extend((more > 0).then(|| AuditFinding {
        kind: FindingKind::AccountUsedTwice,
        sentence: format!("{more} more accounts were delivered more than once."),
        supplier: None,
        count: more,
        orders: Vec::new(),
    }));
    Audit { now, findings, records }
}

fn some_orders(count: usize) -> String {
    if count == 1 { "1 order was".to_owned() } else { format!("{count} orders were") }
}
