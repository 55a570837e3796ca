//! Effect of an update on an order.

use supplier_rulebook::{UPDATE_ACCOUNTS_CAP, UPDATE_ACCOUNTS_VALID};

use crate::{
    AccountForm, Deduplication, DropReason, DroppedAccount, Order, OrderStatus, Refusal, SubmittedAccount,
    SupplierId, Violation, clean, counted,
};

/// Maximum number of characters (Unicode scalar values) in a `supplierOrderId` (`update.supplier-order-id-form`).
pub const MAX_SUPPLIER_ORDER_ID_CHARS: usize = 255;

/// Valid update. `None` leaves a field as it is (`update.optional-fields`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderUpdate {
    /// The order number as sent. A number beyond `i64` becomes the nearest `i64`; no order has either.
    pub order: i64,
    /// The new status.
    pub status: Option<OrderStatus>,
    /// The submitted accounts.
    pub accounts: Option<Vec<SubmittedAccount>>,
    /// The supplier's own id of the order, at most [`MAX_SUPPLIER_ORDER_ID_CHARS`] characters.
    pub supplier_order_id: Option<String>,
}

impl OrderUpdate {
    /// The names of an update's fields; others are ignored.
    pub const FIELDS: [&'static str; 4] = ["order", "status", "accounts", "supplierOrderId"];
}

/// Smallest possible maximum of accounts in an order (`update.accounts-cap`).
pub const MIN_ACCOUNTS_CAP: usize = 10_000;

/// Room for accounts (`update.accounts-cap`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountsRoom {
    /// Maximum number of accounts in an order, unless ten times its quantity is more.
    pub per_order: usize,
    /// Number of further accounts that the sandbox has room for, in all orders together.
    pub left: usize,
}

impl AccountsRoom {
    /// Unlimited room.
    pub const ENDLESS: Self = Self { per_order: usize::MAX, left: usize::MAX };

    /// Maximum number of accounts in `order`.
    fn cap_of(self, order: &Order) -> usize {
        let of_quantity = usize::try_from(order.quantity().saturating_mul(10)).unwrap_or(usize::MAX);
        self.per_order.max(of_quantity)
    }

    /// Refuses to add `added` accounts to `order` without room for all of them.
    fn admit(self, order: &Order, added: usize) -> Result<(), Refusal> {
        let (in_all, cap) = (order.accounts.len().saturating_add(added), self.cap_of(order));
        let problem = if in_all > cap {
            format!("must be fewer: the order would have {in_all} accounts, and keeps at most {cap}")
        } else if added > self.left {
            format!(
                "must be fewer: this sandbox has room for {}; reset it, or work in another one",
                counted(self.left, "more account")
            )
        } else {
            return Ok(());
        };
        Err(Refusal::TooManyAccounts(Violation::new(UPDATE_ACCOUNTS_CAP, "accounts", problem)))
    }
}

/// The most entries of another form that a refusal names.
const MAX_NAMED: usize = 20;

/// What is wrong with the entries of a submission that seem to be accounts of another form, such as `login|password`.
fn of_another_form(submitted: &[SubmittedAccount], dropped: &[DroppedAccount]) -> Vec<Violation> {
    let malformed = dropped.iter().filter(|dropped| dropped.reason == DropReason::Malformed);
    let entries = malformed.filter_map(|dropped| Some((dropped.index, submitted.get(dropped.index)?)));
    let forms = entries.map(|(index, entry)| (index, AccountForm::of_malformed(entry)));
    let foreign = forms.filter(|(_, form)| form.is_foreign() && *form != AccountForm::NotText);
    let problem = |form: AccountForm| format!("{}; {}", form.description(), form.remedy());
    foreign
        .take(MAX_NAMED)
        .map(|(index, form)| {
            Violation::new(UPDATE_ACCOUNTS_VALID, format!("accounts[{index}]"), problem(form))
        })
        .collect()
}

/// Granted update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The changed order.
    pub order: Order,
    /// The dropped accounts.
    pub dropped: Vec<DroppedAccount>,
}

/// Decides what `update` by `supplier` does to `order`, which is `None` if no order has the number.
///
/// Existence is checked before access, and access before accounts (`error.precedence`). Any status may follow any other
/// (`update.transitions`).
///
/// # Errors
/// [`Refusal::OrderNotFound`], [`Refusal::AccessDenied`], [`Refusal::InvalidAccounts`] or [`Refusal::TooManyAccounts`]. Then
/// nothing changes.
pub fn decide(
    order: Option<&Order>,
    supplier: &SupplierId,
    update: &OrderUpdate,
    by: &Deduplication<'_>,
    room: AccountsRoom,
) -> Result<Decision, Refusal> {
    let order = order.filter(|order| order.is_paid()).ok_or(Refusal::OrderNotFound)?;
    if order.seen_by(supplier).is_none() {
        return Err(Refusal::AccessDenied);
    }
    let mut order = order.clone();
    let mut dropped = Vec::new();
    if let Some(submitted) = &update.accounts {
        let cleaned = clean(submitted, &order.accounts, by);
        if cleaned.accepted.is_empty() {
            return Err(Refusal::InvalidAccounts(of_another_form(submitted, &cleaned.dropped)));
        }
        room.admit(&order, cleaned.accepted.len())?;
        order.accounts.extend(cleaned.accepted);
        dropped = cleaned.dropped;
    }
    if let Some(status) = update.status {
        order.status = status;
    }
    if let Some(id) = &update.supplier_order_id {
        order.supplier_order_id = Some(id.as_str().into());
    }
    Ok(Decision { order, dropped })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FingerprintKey;
    use crate::samples::{manual, order, supplier_id};
    use crate::{OrderStatus, PaymentStatus};
    use proptest::prelude::*;

    const KEY: FingerprintKey = FingerprintKey([1; 32]);

    fn open_order() -> Order {
        order(1).with_item("aurora", manual("Mail accounts"), 3)
    }

    fn accounts(entries: &[&str]) -> Vec<SubmittedAccount> {
        entries.iter().map(|entry| SubmittedAccount::Text((*entry).to_owned())).collect()
    }

    fn by_aurora(order: &Order, update: &OrderUpdate) -> Result<Order, Refusal> {
        decide(
            Some(order),
            &supplier_id("aurora"),
            update,
            &Deduplication::standard(&KEY),
            AccountsRoom::ENDLESS,
        )
        .map(|decision| decision.order)
    }

    /// Rules: `update.optional-fields`, `update.no-auto-status`.
    #[test]
    fn what_is_left_out_stays() {
        let order = open_order();
        assert_eq!(by_aurora(&order, &OrderUpdate::default()), Ok(order.clone()));
        let delivered =
            by_aurora(&order, &OrderUpdate { accounts: Some(accounts(&["a:1"])), ..OrderUpdate::default() });
        let delivered = delivered.unwrap();
        assert_eq!((delivered.status, delivered.accounts.len()), (OrderStatus::Pending, 1));
    }

    /// Rules: `error.precedence`, `update.not-found`, `update.unpaid`, `update.access-denied`.
    #[test]
    fn existence_is_judged_before_access_and_access_before_accounts() {
        let birch = supplier_id("birch");
        let update = OrderUpdate { accounts: Some(accounts(&[])), ..OrderUpdate::default() };
        assert_eq!(
            decide(None, &birch, &update, &Deduplication::standard(&KEY), AccountsRoom::ENDLESS),
            Err(Refusal::OrderNotFound)
        );
        for unpaid in [PaymentStatus::Pending, PaymentStatus::Failed, PaymentStatus::Refunded] {
            let order = open_order().with_payment_status(unpaid);
            assert_eq!(
                decide(Some(&order), &birch, &update, &Deduplication::standard(&KEY), AccountsRoom::ENDLESS),
                Err(Refusal::OrderNotFound)
            );
        }
        assert_eq!(
            decide(
                Some(&open_order()),
                &birch,
                &update,
                &Deduplication::standard(&KEY),
                AccountsRoom::ENDLESS
            ),
            Err(Refusal::AccessDenied)
        );
        assert_eq!(by_aurora(&open_order(), &update), Err(Refusal::InvalidAccounts(Vec::new())));
    }

    /// Rules: `update.invalid-accounts`, `update.resubmission`, `update.partial`, `update.any-count`.
    #[test]
    fn accounts_may_come_in_parts_but_never_only_known_ones() {
        let mut order = open_order();
        for (entries, count) in [(&["a:1"][..], 1), (&["a:1", "b:2"], 2), (&["c:3", "d:4", "e:5"], 5)] {
            let update = OrderUpdate {
                status: Some(OrderStatus::Partial),
                accounts: Some(accounts(entries)),
                ..OrderUpdate::default()
            };
            order = by_aurora(&order, &update).unwrap();
            assert_eq!(order.accounts.len(), count);
            assert_eq!(
                by_aurora(&order, &update),
                Err(Refusal::InvalidAccounts(Vec::new())),
                "a blind retry"
            );
        }
    }

    /// Rules: `update.accounts-cap`, `update.atomic`.
    #[test]
    fn an_order_keeps_the_cap_or_ten_times_its_quantity_and_what_is_beyond_is_refused_whole() {
        let some = |first: usize, count: usize| {
            let text = |number: usize| SubmittedAccount::Text(format!("user-{number}:pass"));
            OrderUpdate {
                status: Some(OrderStatus::Partial),
                accounts: Some((first..first + count).map(text).collect()),
                ..OrderUpdate::default()
            }
        };
        let by_aurora = |order: &Order, update: &OrderUpdate, per_order, left| {
            let by = Deduplication::standard(&KEY);
            decide(Some(order), &supplier_id("aurora"), update, &by, AccountsRoom { per_order, left })
        };
        for (quantity, cap) in [(1, 20), (2, 20), (3, 30)] {
            let open = order(1).with_item("aurora", manual("Mail accounts"), quantity);
            let full = by_aurora(&open, &some(0, cap), 20, 1_000).unwrap().order;
            assert_eq!((full.accounts.len(), full.status), (cap, OrderStatus::Partial));
            let refused = by_aurora(&full, &some(cap, 1), 20, 1_000).unwrap_err();
            let Refusal::TooManyAccounts(Violation { problem, .. }) = refused else { panic!("{refused:?}") };
            assert!(problem.to_string().contains(&format!("at most {cap}")), "{problem}");
            // What the order has already takes no room, and an update without accounts none either.
            assert_eq!(by_aurora(&full, &some(0, cap), 20, 1_000), Err(Refusal::InvalidAccounts(Vec::new())));
            assert!(by_aurora(&full, &OrderUpdate::default(), 20, 1_000).is_ok());
        }
        let refused = by_aurora(&open_order(), &some(0, 6), 20, 5).unwrap_err();
        let Refusal::TooManyAccounts(Violation { problem, .. }) = refused else { panic!("{refused:?}") };
        assert!(problem.to_string().contains("room for 5 more"), "{problem}");
        assert!(by_aurora(&open_order(), &some(0, 5), 20, 5).is_ok());
    }

    proptest! {
        /// Rules: `update.transitions`, `update.status-values`, `update.incremental`.
        #[test]
        fn any_status_may_follow_any_other(
            from in prop::sample::select(OrderStatus::ALL), to in prop::sample::select(OrderStatus::ALL),
        ) {
            let update = OrderUpdate { status: Some(to), ..OrderUpdate::default() };
            let updated = by_aurora(&open_order().with_status(from), &update).unwrap();
            prop_assert_eq!(updated, open_order().with_status(to));
        }

        /// Rules: `update.supplier-order-id`, `update.supplier-order-id-form`.
        #[test]
        fn the_last_id_given_stands(first in ".{0,9}", second in prop::option::of(".{0,9}")) {
            let given = |id: &Option<String>| OrderUpdate { supplier_order_id: id.clone(), ..OrderUpdate::default() };
            let once = by_aurora(&open_order(), &given(&Some(first.clone()))).unwrap();
            let twice = by_aurora(&once, &given(&second)).unwrap();
            prop_assert_eq!(twice.supplier_order_id.as_deref(), Some(second.as_deref().unwrap_or(&first)));
        }
    }
}
