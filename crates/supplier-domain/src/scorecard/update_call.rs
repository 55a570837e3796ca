//! What the server saw of an update.

use std::sync::Arc;

use crate::{
    AccountForm, AccountList, Decision, Deduplication, DropReason, DroppedAccount, Fingerprint,
    FingerprintKey, OddAccounts, Order, OrderId, OrderStatus, OrderUpdate, Refusal, SubmittedAccount,
    SupplierId, clean,
};

/// What an update asked for and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpdateCall {
    /// The order's number, if an order can have it.
    pub order: Option<OrderId>,
    /// The status it set (`practice.status`, `practice.partial`).
    pub status: Option<OrderStatus>,
    /// The supplier's own id that it gave (`practice.tracking`).
    pub supplier_order_id: Option<Arc<str>>,
    /// What became of its accounts, if it gave any (`practice.accounts`, `practice.window`).
    pub accounts: Option<Submission>,
    /// The order, if there is one and it is the caller's; without it an update is judged by its refusal only.
    pub facts: Option<OrderFacts>,
}

/// What became of the accounts of an update.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Submission {
    /// How many entries were submitted.
    pub submitted: usize,
    /// Those that were delivered.
    pub accepted: Vec<Fingerprint>,
    /// Why each of the others was dropped; fewer than that if the server does not know.
    pub dropped: Vec<DropReason>,
    /// What its malformed entries look like, each form once.
    pub forms: Vec<AccountForm>,
    /// The odd ones among those that were delivered.
    pub odd: OddAccounts,
}

/// What the scorecard has to know of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderFacts {
    /// How many pieces the caller's own products in it come to; 0 if it has none of them, but services
    /// (`practice.accounts`).
    pub ordered: u64,
    /// The same over the products of all its suppliers: its accounts are one list for all (`practice.partial`).
    pub ordered_in_all: u64,
    /// How many accounts it has in all after the call.
    pub delivered: u64,
    /// Its status before the call (`practice.status`).
    pub status_before: OrderStatus,
}

impl OrderFacts {
    /// What `supplier` did to the order that is now `order` and whose status was `status_before`.
    pub fn of(order: &Order, supplier: &SupplierId, status_before: OrderStatus) -> Self {
        Self {
            ordered: order.seen_by(supplier).map_or(0, |view| view.accounts_owed()),
            ordered_in_all: order.accounts_owed(),
            delivered: order.accounts.len() as u64,
            status_before,
        }
    }
}

impl UpdateCall {
    /// What was seen of an `update` by `supplier` that was granted, to an order whose status was `status_before`.
    pub fn granted(
        update: &OrderUpdate,
        decision: &Decision,
        supplier: &SupplierId,
        status_before: OrderStatus,
    ) -> Self {
        let accounts = update.accounts.as_ref().map(|submitted| {
            // What was accepted stands last.
            let accepted = submitted.len().saturating_sub(decision.dropped.len());
            let had = decision.order.accounts.len().saturating_sub(accepted);
            Submission {
                submitted: submitted.len(),
                accepted: decision.order.accounts.since(had).map(|account| account.fingerprint).collect(),
                dropped: decision.dropped.iter().map(|dropped| dropped.reason).collect(),
                forms: forms(submitted, &decision.dropped),
                odd: OddAccounts::of(submitted, |index| {
                    decision.dropped.binary_search_by_key(&index, |dropped| dropped.index).is_err()
                }),
            }
        });
        let facts = Some(OrderFacts::of(&decision.order, supplier, status_before));
        Self { accounts, facts, ..Self::asked(update) }
    }

    /// What was seen of an `update` that was refused.
    pub fn refused(update: &OrderUpdate, refusal: &Refusal) -> Self {
        let submitted = update.accounts.as_deref().filter(|_| matches!(refusal, Refusal::InvalidAccounts(_)));
        let accounts = submitted.map(|submitted| {
            // Any key tells repeated entries; the fingerprints are not kept.
            let cleaned =
                clean(submitted, &AccountList::default(), &Deduplication::standard(&FingerprintKey([0; 32])));
            // None was left: the order must have had those that are well-formed.
            let had = cleaned.accepted.iter().map(|_| DropReason::AlreadyDelivered);
            let reasons = cleaned.dropped.iter().map(|dropped| dropped.reason).chain(had).collect();
            Submission {
                submitted: submitted.len(),
                accepted: Vec::new(),
                dropped: reasons,
                forms: forms(submitted, &cleaned.dropped),
                odd: OddAccounts::default(),
            }
        });
        Self { accounts, ..Self::asked(update) }
    }

    fn asked(update: &OrderUpdate) -> Self {
        Self {
            order: OrderId::new(update.order),
            status: update.status,
            supplier_order_id: update.supplier_order_id.as_deref().map(Into::into),
            accounts: None,
            facts: None,
        }
    }

    /// How many accounts it delivered.
    pub(super) fn delivered(&self) -> usize {
        self.accounts.as_ref().map_or(0, |accounts| accounts.accepted.len())
    }

    /// Whether it brings an order on its way to the buyer: accounts, or the word that all or a part is done.
    pub(super) fn is_delivery(&self) -> bool {
        self.delivered() > 0 || matches!(self.status, Some(OrderStatus::Completed | OrderStatus::Partial))
    }
}

/// What the malformed ones among `dropped` look like, each form once.
fn forms(submitted: &[SubmittedAccount], dropped: &[DroppedAccount]) -> Vec<AccountForm> {
    let malformed = dropped.iter().filter(|dropped| dropped.reason == DropReason::Malformed);
    let mut forms = Vec::new();
    for entry in malformed.filter_map(|dropped| submitted.get(dropped.index)) {
        let form = AccountForm::of_malformed(entry);
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}
