//! `practice.window`: does the client work with the window?

use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_WINDOW;

use super::mark::Mark;
use super::observation::{ListCall, Observation};
use super::orders::{Granted, OrderRecord};
use super::report::{Finding, PracticeReport};
use super::tally::Tally;
use super::words::{counted, was};
use crate::{OrderId, Timestamp};

/// How many of an order's accounts are kept to compare others with. Whoever sells accounts twice hardly does so beyond
/// the first 64 only.
const ACCOUNTS_KEPT: u8 = 64;

/// The occasions are the pages with an `offset` above 0, and the updates that first answer an order that was handed out
/// or that deliver accounts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Window {
    pages: u64,
    skipping: Tally,
    /// The most orders that one page skipped. Several may skip the same ones: how many they are in all is not known.
    most_skipped: u64,
    /// Until when the latest page with orders in it is withheld, in milliseconds by the sandbox's clock.
    page_until: Option<i64>,
    updates: u64,
    lost_updates: u64,
    late: Tally,
    sold_twice: Tally,
    accounts_sold_twice: u64,
    /// Which order was delivered which account first.
    sold: OrdMap<Mark, OrderId>,
}

impl Window {
    /// A list call that was answered.
    pub(super) fn list(&mut self, observation: &Observation, list: &ListCall) {
        if list.offset > 0 {
            self.pages = self.pages.saturating_add(1);
            // Orders of the page before may match no more, having been completed: they are not counted as withheld then,
            // and the offset skips as many all the same.
            let is_before_withheld = self.page_until.is_some_and(|until| observation.at.as_millis() < until);
            if is_before_withheld || list.withheld > 0 {
                self.skipping.add(observation, None);
                self.most_skipped = self.most_skipped.max(list.offset.min(list.total as u64));
            }
        }
        if !list.handed_out.is_empty() {
            self.page_until = list.withheld_until.map(Timestamp::as_millis);
        }
    }

    /// An update that was granted.
    pub(super) fn grant(&mut self, granted: &Granted<'_>, record: &mut OrderRecord) {
        let is_first_answer = record.handed_out.is_some() && !record.is_answered;
        if !is_first_answer && granted.call.delivered() == 0 {
            return;
        }
        self.updates = self.updates.saturating_add(1);
        // At its end the window no longer withholds (`list.window-end`).
        let has_run_out =
            record.withheld_until.is_some_and(|until| granted.observation.at.as_millis() >= until);
        let is_late = is_first_answer && has_run_out;
        if is_late {
            self.late.add(granted.observation, Some(granted.order));
        }
        let sold_twice = self.sell(granted, record);
        if sold_twice > 0 {
            self.accounts_sold_twice = self.accounts_sold_twice.saturating_add(sold_twice);
            self.sold_twice.add(granted.observation, Some(granted.order));
        }
        self.lost_updates = self.lost_updates.saturating_add(u64::from(is_late || sold_twice > 0));
    }

    /// Keeps the accounts delivered, and returns how many of them another order has.
    fn sell(&mut self, granted: &Granted<'_>, record: &mut OrderRecord) -> u64 {
        let order = granted.order;
        let mut sold_twice = 0;
        for fingerprint in granted.call.accounts.iter().flat_map(|accounts| &accounts.accepted) {
            let account = Mark::of_account(fingerprint);
            match self.sold.get(&account) {
                Some(other) => sold_twice += u64::from(*other != order),
                None if record.accounts_kept < ACCOUNTS_KEPT => {
                    record.accounts_kept += 1;
                    self.sold.insert(account, order);
                }
                None => {}
            }
        }
        sold_twice
    }

    pub(super) fn report(&self) -> PracticeReport {
        let lost = self.skipping.count().saturating_add(self.lost_updates);
        let summary = format!(
            "{} with an `offset` above 0; {} answered an order that was handed out, or delivered accounts.",
            counted(self.pages, "page"),
            counted(self.updates, "update")
        );
        let occasions = self.pages.saturating_add(self.updates);
        let findings = [self.skipping_finding(), self.late_finding(), self.sold_twice_finding()];
        PracticeReport::of(PRACTICE_WINDOW, occasions, lost, summary, findings)
    }

    fn skipping_finding(&self) -> Option<Finding> {
        self.skipping.finding(
            |count| {
                let pages = counted(count, "page");
                let skipped = match (self.most_skipped, count) {
                    (0, _) => "which skips orders".to_owned(),
                    (orders, 1) => format!("which skipped {}", counted(orders, "order")),
                    (orders, _) => format!("which skipped up to {} each time", counted(orders, "order")),
                };
                format!(
                    "{pages} {} asked for with an `offset` above 0 while the page before was withheld, {skipped}",
                    was(count)
                )
            },
            "Ask with `offset` 0 again and again: what you were handed out is withheld and makes room for the rest.",
        )
    }

    fn late_finding(&self) -> Option<Finding> {
        self.late.finding(
            |count| {
                let answers = counted(count, "answer");
                format!("{answers} came after the window had run out, when the order may have been handed out twice")
            },
            "Answer within the window, if only by setting `processing`, and otherwise fetch the order anew.",
        )
    }

    fn sold_twice_finding(&self) -> Option<Finding> {
        self.sold_twice.finding(
            |count| {
                let (updates, accounts) =
                    (counted(count, "update"), counted(self.accounts_sold_twice, "account"));
                format!("{updates} delivered {accounts} that another order had been given")
            },
            "Take each account out of stock when it is delivered, so that no two orders get the same.",
        )
    }
}
