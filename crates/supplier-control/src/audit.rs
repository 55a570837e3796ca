//! Audit: was each order handled once, and none forgotten?

use std::collections::HashSet;

use supplier_domain::{OrderId, SupplierId, Timestamp, counted, was};
use supplier_store::{AuditRecord, AuditRecords, SandboxId, work_for};

use crate::{Control, ControlError};

/// Maximum number of accounts that findings name; beyond it they give a count.
const MAX_ACCOUNTS: usize = 1_000;
/// Maximum number of orders that a finding names.
const MAX_NAMED: usize = 100;
/// Maximum number of orders that a sentence names.
const MAX_TOLD: usize = 5;

/// Kind of an audit finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// Orders that were handed out, never updated, and still need an update.
    Unanswered,
    /// Orders whose last hand-out was in an answer that nobody got, and that still need an update.
    LostPage,
    /// Orders that were handed out again, because a window ended without an update.
    RepeatedHandOut,
    /// Orders that got more accounts than were ordered, accounts once they were completed, other accounts in place of those
    /// of a delivery whose answer was lost, or a second id of their supplier's.
    DeliveredTwice,
    /// Orders that were processed again after they were completed, or after the buyer cancelled them.
    Revived,
    /// An account that was delivered more than once.
    AccountUsedTwice,
}

impl FindingKind {
    /// The kind's word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::LostPage => "lost-page",
            Self::RepeatedHandOut => "repeated-hand-out",
            Self::DeliveredTwice => "delivered-twice",
            Self::Revived => "revived",
            Self::AccountUsedTwice => "account-used-twice",
        }
    }
}

/// Audit finding: something that went wrong with orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFinding {
    /// Its kind.
    pub kind: FindingKind,
    /// The finding as a sentence.
    pub sentence: String,
    /// The supplier, if the finding is about one supplier's orders.
    pub supplier: Option<SupplierId>,
    /// Number of orders, or of deliveries of the account.
    pub count: usize,
    /// The first of the orders, at most 100.
    pub orders: Vec<OrderId>,
}

/// Audit of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Time of the audit, by the sandbox's clock.
    pub now: Timestamp,
    /// The findings; none if every order was handled once.
    pub findings: Vec<AuditFinding>,
    /// The counts behind the findings, by order and supplier.
    pub records: Vec<AuditRecord>,
}

impl Control {
    /// Audits the orders of a sandbox, of all suppliers or of one.
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

/// Test for one kind of finding: the kind, whether it applies to a record, and the text after "3 orders ".
type Judgement = (FindingKind, fn(&AuditRecord) -> bool, fn(usize, &SupplierId) -> String);

/// All tests, in the order of the findings.
const JUDGEMENTS: [Judgement; 8] = [
    (
        FindingKind::Unanswered,
        |record| record.dealings.is_seen() && record.dealings.updates == 0 && record.awaits_supplier(),
        |count, supplier| {
            format!("{} handed out to {supplier} and never updated, and still open.", was(count))
        },
    ),
    (
        FindingKind::LostPage,
        |record| record.dealings.is_lost && !record.dealings.is_answered && record.awaits_supplier(),
        |count, supplier| {
            format!(
                "{} handed out to {supplier} in an answer that nobody got: they come again once their window is over.",
                was(count)
            )
        },
    ),
    (
        FindingKind::RepeatedHandOut,
        // An order that needs no answer any more may come again.
        |record| record.dealings.repeats > 0 && (record.dealings.updates > 0 || record.awaits_supplier()),
        |count, supplier| {
            format!(
                "{} handed out to {supplier} again after a window had ended without an update: a client may have worked on \
                 them twice.",
                was(count)
            )
        },
    ),
    (
        FindingKind::DeliveredTwice,
        // Accounts for services are another matter (`practice.accounts`).
        |record| record.dealings.deliveries > 0 && record.owed > 0 && record.accounts as u64 > record.owed,
        |_, supplier| format!("got more accounts from {supplier} than were ordered."),
    ),
    (
        FindingKind::DeliveredTwice,
        |record| record.dealings.late_deliveries > 0,
        |_, supplier| format!("got accounts from {supplier} after they had been completed."),
    ),
    (
        FindingKind::DeliveredTwice,
        |record| record.dealings.replacements > 0,
        |_, supplier| {
            format!(
                "got other accounts from {supplier} after a delivery whose answer was lost: the accounts of that delivery \
                 count as well."
            )
        },
    ),
    (
        FindingKind::DeliveredTwice,
        |record| record.dealings.renames > 0,
        |_, supplier| {
            format!("got a second supplierOrderId from {supplier}: they may have been fulfilled twice.")
        },
    ),
    (
        FindingKind::Revived,
        |record| record.dealings.revivals > 0,
        |_, supplier| {
            format!(
                "got updates from {supplier} after they had been completed, or cancelled by their buyers."
            )
        },
    ),
];

fn judge(read: AuditRecords) -> Audit {
    let AuditRecords { now, records, used_twice } = read;
    let mut suppliers: Vec<_> = records.iter().map(|record| &record.supplier).collect();
    suppliers.sort_unstable();
    suppliers.dedup();
    let mut findings = Vec::new();
    for supplier in suppliers {
        for (kind, applies, say) in JUDGEMENTS {
            let found = records.iter().filter(|record| record.supplier == *supplier && applies(record));
            let orders: Vec<_> = found.map(|record| record.order).collect();
            findings.extend((!orders.is_empty()).then(|| AuditFinding {
                kind,
                sentence: format!("{} {}", counted(orders.len(), "order"), say(orders.len(), supplier)),
                supplier: Some(supplier.clone()),
                count: orders.len(),
                orders: orders.into_iter().take(MAX_NAMED).collect(),
            }));
        }
    }
    let more = used_twice.len().saturating_sub(MAX_ACCOUNTS);
    findings.extend(used_twice.into_iter().take(MAX_ACCOUNTS).map(|used| AuditFinding {
        kind: FindingKind::AccountUsedTwice,
        sentence: delivered_again(&used.login, &used.orders),
        supplier: None,
        count: used.orders.len(),
        orders: used.orders.into_iter().take(MAX_NAMED).collect(),
    }));
    findings.extend((more > 0).then(|| AuditFinding {
        kind: FindingKind::AccountUsedTwice,
        sentence: format!("{} {} delivered more than once.", counted(more, "more account"), was(more)),
        supplier: None,
        count: more,
        orders: Vec::new(),
    }));
    Audit { now, findings, records }
}

/// The sentence about an account that was delivered to these orders, with the number of deliveries to each.
fn delivered_again(login: &str, orders: &[OrderId]) -> String {
    let mut different = orders.to_vec();
    different.sort_unstable();
    different.dedup();
    let more = different.len().saturating_sub(MAX_TOLD);
    let told: Vec<_> = different.iter().take(MAX_TOLD).map(ToString::to_string).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let what = if different.len() == 1 { "order" } else { "orders" };
    format!(
        "The account of {login} was delivered {} times, for {what} {}{more}.",
        orders.len(),
        told.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use supplier_store::UsedTwice;

    fn told(numbers: &[i64]) -> AuditFinding {
        let orders = numbers.iter().filter_map(|number| OrderId::new(*number)).collect();
        let used_twice = vec![UsedTwice { login: "ann@example.com".into(), orders }];
        let now = Timestamp::from_millis(0);
        judge(AuditRecords { now, records: Vec::new(), used_twice }).findings.remove(0)
    }

    #[test]
    fn an_account_that_was_delivered_again_is_told_with_its_orders() {
        for (numbers, sentence) in [
            (&[2, 1][..], "The account of ann@example.com was delivered 2 times, for orders 1, 2."),
            (&[7, 7], "The account of ann@example.com was delivered 2 times, for order 7."),
            (
                &[1, 2, 3, 4, 5, 6, 7, 7],
                "The account of ann@example.com was delivered 8 times, for orders 1, 2, 3, 4, 5 and 2 more.",
            ),
        ] {
            assert_eq!(told(numbers).sentence, sentence);
        }
    }
}
