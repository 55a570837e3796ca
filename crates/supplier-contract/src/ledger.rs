//! The ledger of a check: which cases it ran, what its calls took of the target's orders, and which rules it saw broken.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use supplier_rulebook::RuleId;

use crate::counted::counted;
use crate::http::{Body, Call, TransportError, UPDATE};
use crate::outcome::CheckInfo;
use crate::query::Query;
use crate::template::{Hole, Template};

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
    withheld: Cell<u32>,
    /// Orders that were changed: the case, and their places in it.
    changed: RefCell<BTreeSet<(u32, usize)>>,
    /// Rules that were seen broken in a way that ends the case.
    broken: RefCell<BTreeSet<RuleId>>,
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

    /// Notes that a rule was seen broken: no further case of the check looks at it.
    pub(crate) fn note_broken(&self, rule: RuleId) {
        self.broken.borrow_mut().insert(rule);
    }

    /// Whether the check has seen that rule broken.
    pub(crate) fn knows(&self, rule: RuleId) -> bool {
        self.broken.borrow().contains(&rule)
    }

    /// Counts a call. Where no case begins with a clean state (`is_fresh`), refuses a call that would take more of the
    /// target's orders than the check said it takes.
    pub(crate) fn spend(&self, call: &Call, is_fresh: bool) -> Result<(), TransportError> {
        self.calls.set(self.calls.get() + 1);
        if is_fresh {
            return Ok(());
        }
        let has_key = |value: &Template| value.holes().any(|hole| hole.key().is_some());
        if call.may_hand_out()
            && (call.headers.iter().any(|(_, value)| has_key(value)) || has_key(&call.query))
        {
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
            return Err(TransportError::Unsendable(format!(
                "the check {} said that it withholds {} and changes {changes} at most; this call was not sent",
                self.check.id,
                counted(withholds, "order")
            )));
        }
        Ok(())
    }
}
