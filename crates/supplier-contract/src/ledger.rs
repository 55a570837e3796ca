//! The ledger of a check: which cases it ran, what its calls took of the target's orders, and which rules it saw broken.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use supplier_rulebook::RuleId;

use crate::claim::Claim;
use crate::counted::counted;
use crate::http::{Body, Call, TransportError, UPDATE};
use crate::outcome::CheckInfo;
use crate::query::Query;
use crate::template::Hole;

/// The ledger of one check. Cases write into it; the check's bench reads it.
#[derive(Debug)]
pub(crate) struct Ledger {
    check: CheckInfo,
    /// The most orders that the check withholds, where it has no sandbox of its own.
    withholds: u32,
    /// The most orders that it changes there.
    changes: u32,
    cases: Cell<u32>,
    calls: Cell<u64>,
    /// Cases that could not be tried or proved nothing, by the reason.
    left_out: RefCell<BTreeMap<String, u32>>,
    withheld: Cell<u32>,
    /// Orders that were changed: the case, and their places in it.
    changed: RefCell<BTreeSet<(u32, usize)>>,
    /// Rules that were seen broken in a way that ends the case.
    broken: RefCell<BTreeSet<Claim>>,
}

impl Ledger {
    /// An empty ledger of `check`, which withholds and changes so many orders at most.
    pub(crate) fn new(check: CheckInfo, withholds: u32, changes: u32) -> Self {
        Self {
            check,
            withholds,
            changes,
            cases: Cell::new(0),
            calls: Cell::new(0),
            left_out: RefCell::default(),
            withheld: Cell::new(0),
            changed: RefCell::default(),
            broken: RefCell::default(),
        }
    }

    /// The check.
    pub(crate) const fn check(&self) -> &CheckInfo {
        &self.check
    }

    /// The rule that the check is about.
    pub(crate) const fn rule(&self) -> RuleId {
        self.check.rules[0]
    }

    /// How many cases ran, and how many calls they made.
    pub(crate) const fn spent(&self) -> (u32, u64) {
        (self.cases.get(), self.calls.get())
    }

    /// Notes that a case begins.
    pub(crate) fn begin_case(&self) {
        self.cases.set(self.cases.get() + 1);
    }

    /// Notes that a case could not be tried, or proved nothing.
    pub(crate) fn leave_out(&self, why: String) {
        *self.left_out.borrow_mut().entry(why).or_default() += 1;
    }

    /// Why cases were left out, if any were, and whether all were.
    pub(crate) fn left_out(&self) -> Option<(String, bool)> {
        let left_out = self.left_out.borrow();
        let (why, _) = left_out.iter().next()?;
        let count: u32 = left_out.values().sum();
        let told = if left_out.len() == 1 && count == 1 {
            why.clone()
        } else {
            format!("{} left out, such as: {why}", counted(count, "case"))
        };
        Some((told, count >= self.cases.get()))
    }

    /// Notes that a rule was seen broken: no further case of the check looks at it.
    pub(crate) fn note_broken(&self, claim: Claim) {
        self.broken.borrow_mut().insert(claim);
    }

    /// Whether the check has seen that rule broken.
    pub(crate) fn knows(&self, claim: Claim) -> bool {
        self.broken.borrow().contains(&claim)
    }

    /// Counts a call. Where no case begins with a clean state (`is_fresh`), refuses a call that would take more of the
    /// target's orders than the check said it takes.
    pub(crate) fn spend(&self, call: &Call, is_fresh: bool) -> Result<(), TransportError> {
        self.calls.set(self.calls.get() + 1);
        if is_fresh {
            return Ok(());
        }
        if call.may_hand_out() && call.has_key() {
            self.withheld.set(self.withheld.get() + Query::may_hand_out(&call.query.to_string()));
        }
        if call.path == UPDATE
            && let Body::Text(text) = &call.body
        {
            let orders = text.holes().filter_map(|hole| match hole {
                Hole::Order(order) => Some((self.cases.get(), *order)),
                _ => None,
            });
            self.changed.borrow_mut().extend(orders);
        }
        let changed = u32::try_from(self.changed.borrow().len()).unwrap_or(u32::MAX);
        let Self { withholds, changes, .. } = *self;
        if self.withheld.get() > withholds || changed > changes {
            return Err(TransportError::OverBudget(format!(
                "the check {} would withhold more than {} or change more than {changes}, which the run did not announce",
                self.check.id,
                counted(withholds, "order")
            )));
        }
        Ok(())
    }
}
