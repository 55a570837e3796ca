//! Offers of a target, and needs of a check.

use std::collections::BTreeMap;

/// Something that a check needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// A valid key.
    Key,
    /// Lists may be called, which withholds orders.
    Lists,
    /// Orders may be changed.
    Writes,
    /// Orders with given properties can be made.
    Orders,
    /// Orders of the first supplier that can be listed: made, or there already.
    Stock,
    /// An order of the first supplier that may be changed.
    OwnOrder,
    /// An order that the first supplier has nothing in.
    ForeignOrder,
    /// An order that is not paid.
    UnpaidOrder,
    /// A key of a second supplier.
    Second,
    /// Further keys can be made.
    NewKey,
    /// Keys can be revoked.
    RevokeKey,
    /// Time can be moved, or waited for.
    Time,
    /// An order can be looked at as its owner sees it.
    State,
    /// Every case can have a clean state.
    Fresh,
}

impl Need {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Key,
        Self::Lists,
        Self::Writes,
        Self::Orders,
        Self::Stock,
        Self::OwnOrder,
        Self::ForeignOrder,
        Self::UnpaidOrder,
        Self::Second,
        Self::NewKey,
        Self::RevokeKey,
        Self::Time,
        Self::State,
        Self::Fresh,
    ];

    /// It in a word, as reports have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Lists => "lists",
            Self::Writes => "writes",
            Self::Orders => "orders",
            Self::Stock => "stock",
            Self::OwnOrder => "own-order",
            Self::ForeignOrder => "foreign-order",
            Self::UnpaidOrder => "unpaid-order",
            Self::Second => "second-supplier",
            Self::NewKey => "new-key",
            Self::RevokeKey => "revoke-key",
            Self::Time => "time",
            Self::State => "order-state",
            Self::Fresh => "clean-state",
        }
    }

    /// What is missing where it is, and what would bring it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Key => "no API key: --key, --key-file or SUPPLIER_CONTRACT_KEY",
            Self::Lists => "a list withholds the orders that it hands out: run without --read-only",
            Self::Writes => {
                "nothing is written to a target that does not say that it is a sandbox: --allow-writes"
            }
            Self::Orders => "no orders can be made: a hook with `create_orders` (--hook)",
            Self::Stock => "no orders to list: a hook with `create_orders` (--hook)",
            Self::OwnOrder => {
                "no order that may be changed: a hook with `create_orders` (--hook), or `orders.own` in the configuration"
            }
            Self::ForeignOrder => {
                "no order of another supplier: a hook with `create_orders` (--hook), or `orders.foreign` in the configuration"
            }
            Self::UnpaidOrder => {
                "no order that is not paid: a hook with `create_orders` (--hook), or `orders.unpaid` in the configuration"
            }
            Self::Second => "no key of a second supplier: --second-key, or a hook with `new_key`",
            Self::NewKey => "no further key can be made: a hook with `new_key`",
            Self::RevokeKey => "no key can be revoked: a hook with `new_key` and `revoke_key`",
            Self::Time => {
                "the clock cannot be moved: a hook with `advance_clock`, or --wait to wait for real"
            }
            Self::State => "an order cannot be looked at: a hook with `order_state`",
            Self::Fresh => "there is no clean state: a hook with `reset`",
        }
    }
}

/// What can be had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Offers {
    has: Vec<Need>,
    /// What is there but cannot be used, and why.
    unusable: BTreeMap<Need, String>,
    /// Whether time passes by waiting for it.
    pub waits: bool,
}

impl Offers {
    /// All of these.
    pub(crate) fn new(has: impl IntoIterator<Item = Need>) -> Self {
        Self { has: has.into_iter().collect(), ..Self::default() }
    }

    /// Adds something, if `offered`.
    pub(crate) fn add(&mut self, need: Need, offered: bool) {
        if offered && !self.has(need) {
            self.has.push(need);
        }
    }

    /// Takes something away.
    pub(crate) fn remove(&mut self, need: Need) {
        self.has.retain(|&offered| offered != need);
    }

    /// Takes something away that cannot be used, and says why. A need that was not offered stays as it was.
    pub(crate) fn spoil(&mut self, need: Need, why: &str) {
        if self.has(need) {
            self.remove(need);
            self.unusable.insert(need, why.to_owned());
        }
    }

    /// What is missing of these and what to do about it, each sentence once.
    pub(crate) fn remedies(&self, missing: &[Need]) -> String {
        let mut told: Vec<&str> = Vec::new();
        for need in missing {
            let remedy = self.unusable.get(need).map_or(need.remedy(), String::as_str);
            if !told.contains(&remedy) {
                told.push(remedy);
            }
        }
        told.join("; ")
    }

    /// Whether it can be had.
    pub(crate) fn has(&self, need: Need) -> bool {
        self.has.contains(&need)
    }

    /// What of these cannot be had.
    pub(crate) fn missing(&self, needs: &[Need]) -> Vec<Need> {
        needs.iter().copied().filter(|&need| !self.has(need)).collect()
    }
}
