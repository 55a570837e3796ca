//! `practice.accounts`: does the client look at its accounts before it submits them?

use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_ACCOUNTS;

use super::observation::Observation;
use super::orders::Granted;
use super::report::PracticeReport;
use super::tally::Tally;
use super::update_call::{Submission, UpdateCall};
use super::words::{counted, was};
use crate::{AccountForm, DropReason, OddAccounts};

/// The occasions are the updates with `accounts`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Accounts {
    submissions: u64,
    entries: u64,
    lost: u64,
    malformed_entries: u64,
    repeated_entries: u64,
    malformed: Tally,
    /// What malformed entries looked like, each form once.
    forms: Vec<AccountForm>,
    odd_entries: OddAccounts,
    odd: Tally,
    repeated: Tally,
    empty: Tally,
    no_product: Tally,
}

impl Accounts {
    /// An update that was granted.
    pub(super) fn grant(&mut self, granted: &Granted<'_>) {
        let Some(submission) = &granted.call.accounts else { return };
        let has_no_product = granted.facts.ordered == 0;
        if has_no_product {
            self.no_product.add(granted.observation, Some(granted.order));
        }
        self.submit(granted.observation, granted.call, submission, has_no_product);
    }

    /// An update that was refused because none of its accounts was left.
    pub(super) fn refuse(&mut self, observation: &Observation, call: &UpdateCall) {
        let nothing = Submission::default();
        self.submit(observation, call, call.accounts.as_ref().unwrap_or(&nothing), false);
    }

    fn submit(
        &mut self,
        observation: &Observation,
        call: &UpdateCall,
        submission: &Submission,
        is_lost: bool,
    ) {
        let malformed = submission.dropped.iter().filter(|reason| **reason == DropReason::Malformed).count();
        // What is dropped without a known reason is taken for a duplicate: a form is easier to know.
        let repeated = submission.submitted.saturating_sub(submission.accepted.len() + malformed);
        let count_in = |sum: &mut u64, count: usize| *sum = sum.saturating_add(count as u64);
        count_in(&mut self.submissions, 1);
        count_in(&mut self.entries, submission.submitted);
        count_in(&mut self.malformed_entries, malformed);
        count_in(&mut self.repeated_entries, repeated);
        self.odd_entries.add(&submission.odd);
        for form in &submission.forms {
            if !self.forms.contains(form) {
                self.forms.push(*form);
            }
        }
        let is_empty = submission.submitted == 0 && submission.accepted.is_empty();
        let cases = [
            (malformed > 0, &mut self.malformed),
            (submission.odd.count > 0, &mut self.odd),
            (repeated > 0, &mut self.repeated),
            (is_empty, &mut self.empty),
        ];
        let mut is_lost = is_lost;
        for (_, tally) in cases.into_iter().filter(|(is_case, _)| *is_case) {
            tally.add(observation, call.order);
            is_lost = true;
        }
        self.lost = self.lost.saturating_add(u64::from(is_lost));
    }

    pub(super) fn report(&self) -> PracticeReport {
        let entries = |count: u64, what: &str, updates: u64| {
            format!(
                "{} {} dropped as {what}, in {}",
                counted(count, "account"),
                was(count),
                counted(updates, "update")
            )
        };
        let malformed = self.malformed.finding(
            |updates| format!("{}{}", entries(self.malformed_entries, "malformed", updates), self.looks()),
            &self.malformed_advice(),
        );
        let odd = self.odd.finding(
            |updates| self.odd_sentence(updates),
            "Clean your accounts before submitting them: the buyer gets each as it was sent.",
        );
        let repeated = self.repeated.finding(
            |updates| entries(self.repeated_entries, "duplicates", updates),
            "Submit each account once: remove duplicates, and what the order already has.",
        );
        let empty = self.empty.finding(
            |updates| format!("{} came with an empty list of accounts", counted(updates, "update")),
            "Leave `accounts` out when there are none.",
        );
        let no_product = self.no_product.finding(
            |updates| format!("{} sent accounts for an order without a product", counted(updates, "update")),
            "Look at `product.type` and send accounts for orders of products only, not of services.",
        );
        let summary = format!(
            "{} in {} with accounts.",
            counted(self.entries, "account"),
            counted(self.submissions, "update")
        );
        let findings = [malformed, odd, repeated, empty, no_product];
        PracticeReport::of(PRACTICE_ACCOUNTS, self.submissions, self.lost, summary, findings)
    }

    /// What the malformed entries look like, where that is more than one part alone.
    fn looks(&self) -> String {
        let told = self.forms.iter().filter(|form| form.is_foreign());
        let told: Vec<_> = told.map(|form| form.description()).collect();
        if told.is_empty() { String::new() } else { format!("; one that {}", told.join(", one that ")) }
    }

    fn malformed_advice(&self) -> String {
        let foreign = self.forms.iter().find(|form| form.is_foreign());
        let remedy = foreign.unwrap_or(&AccountForm::OnePart).remedy();
        format!("Check each account before submitting it: {remedy}.")
    }

    fn odd_sentence(&self, updates: u64) -> String {
        let odd = &self.odd_entries;
        let (all, updates, were) = (odd.count as u64, counted(updates, "update"), was(odd.count as u64));
        format!("{} in {updates} {were} hardly meant as sent: {}", counted(all, "account"), odd.named())
    }
}
