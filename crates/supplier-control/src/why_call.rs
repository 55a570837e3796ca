//! Explanation of a call: why it got its answer.

use supplier_domain::fault::FiredFault;
use supplier_domain::{
    AccountForm, CallEffect, CallRecord, DropReason, DroppedEntry, ErrorCode, KeyProblem, OddAccounts,
    RequestId, Resend, Timestamp, counted, was,
};
use supplier_rulebook::{
    LIST_LIMIT, LIST_WINDOW, PRACTICE_ACCOUNTS, PRACTICE_RESEND, RuleId, UPDATE_ACCOUNTS,
    UPDATE_RESUBMISSION, UPDATE_TRANSITIONS,
};
use supplier_store::SandboxId;

use crate::{Control, ControlError};

/// Reason for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// The rule, if the reason is one.
    pub rule: Option<RuleId>,
    /// The reason as a sentence.
    pub sentence: String,
}

/// Reason why an account was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedBecause {
    /// The account.
    pub entry: DroppedEntry,
    /// The rule that dropped it.
    pub rule: RuleId,
    /// The reason as a sentence.
    pub sentence: String,
}

/// Explanation of a call's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallWhy {
    /// Reasons for the answer, most important first.
    pub reasons: Vec<Because>,
    /// Number of dropped accounts.
    pub dropped: usize,
    /// The first of them.
    pub accounts: Vec<DroppedBecause>,
}

impl Control {
    /// Explains a call's answer.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoCall`].
    pub async fn why_call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<CallWhy, ControlError> {
        let record = self.call(sandbox, id, server).await?.record;
        let lost = self.lost_delivery(sandbox, &record, server).await?;
        Ok(explain(&record, lost))
    }

    /// The call that delivered the accounts which a refused update repeats, if nobody got its answer.
    async fn lost_delivery(
        &self,
        sandbox: &SandboxId,
        call: &CallRecord,
        server: Timestamp,
    ) -> Result<Option<RequestId>, ControlError> {
        let CallEffect::Update { statuses: None, first_dropped, .. } = &call.effect else { return Ok(None) };
        let earlier = first_dropped.iter().find_map(|entry| entry.seen?.request);
        let Some(earlier) = earlier else { return Ok(None) };
        let found = self.store.call(sandbox, earlier, server).await?;
        Ok(found.filter(|call| call.record.is_lost).map(|_| earlier))
    }
}

fn because(rule: impl Into<Option<RuleId>>, sentence: impl Into<String>) -> Because {
    Because { rule: rule.into(), sentence: sentence.into() }
}

fn explain(call: &CallRecord, lost_delivery: Option<RequestId>) -> CallWhy {
    let mut reasons: Vec<_> = call.faults.iter().map(|fault| because(None, format!("{fault}."))).collect();
    if call.status.is_none() {
        reasons.push(because(None, "The connection was closed without an answer."));
    }
    reasons.extend(call.resend.as_ref().map(resent));
    if !call.faults.iter().any(FiredFault::sets_the_error) {
        reasons.append(&mut refusal(call, lost_delivery));
    }
    reasons.extend(call.ignored.iter().map(|name| because(name.place.rule(), format!("{name}."))));
    let (dropped, accounts) = match &call.effect {
        CallEffect::None => (0, Vec::new()),
        CallEffect::Listed { orders, total, withheld, next_at } => {
            reasons.extend(listed(orders.len(), *total, *withheld, *next_at));
            (0, Vec::new())
        }
        CallEffect::Update { statuses, accepted, dropped, first_dropped, odd, changed_nothing, .. } => {
            if let Some((from, to)) = statuses {
                let sentence = if from == to {
                    format!("The order's status stays {to}.")
                } else {
                    format!("The order went from {from} to {to}.")
                };
                reasons.push(because(UPDATE_TRANSITIONS, sentence));
            }
            if *accepted + *dropped > 0 {
                let (all, were) = (counted(accepted + dropped, "account"), was(*accepted));
                let sentence = format!("Of {all} {accepted} {were} delivered and {dropped} dropped.");
                reasons.push(because(UPDATE_ACCOUNTS, sentence));
            }
            if *changed_nothing {
                reasons.push(because(
                    None,
                    "The update changed nothing: the order had all of it, or nothing was sent.",
                ));
            }
            reasons.extend(hardly_meant(odd));
            (*dropped, first_dropped.iter().map(why_dropped).collect())
        }
    };
    CallWhy { reasons, dropped, accounts }
}

/// Reasons of a refused call.
fn refusal(call: &CallRecord, lost_delivery: Option<RequestId>) -> Vec<Because> {
    let Some(error) = call.error.as_deref() else { return Vec::new() };
    // The rule that refused it was noted first.
    let rule = call.rules.first().copied();
    let sentence = match error.parse() {
        Ok(ErrorCode::InvalidRequest) if !call.problems.is_empty() => {
            let rules = call.rules.iter().copied().map(Some).chain(std::iter::repeat(rule));
            let problems = call.problems.iter().zip(rules);
            return problems.map(|(problem, rule)| because(rule, format!("{problem}."))).collect();
        }
        Ok(ErrorCode::InvalidApiKey) => {
            call.key_problem.map_or("The key leads to no supplier.", KeyProblem::explanation)
        }
        Ok(ErrorCode::OrderNotFound) => "There is no order of that number, or it is not paid.",
        Ok(ErrorCode::AccessDenied) => "The order is there, but none of its items is this supplier's.",
        Ok(ErrorCode::InvalidAccounts) => {
            let is_repeated = matches!(&call.effect, CallEffect::Update { first_dropped, .. }
                if first_dropped.iter().all(|it| it.reason == DropReason::AlreadyDelivered));
            let mut told =
                vec![because(rule, "No account was left to deliver, so nothing of the update was done.")];
            if let Some(lost) = lost_delivery {
                let sentence = format!(
                    "Your earlier call {lost} succeeded, though its answer was lost: read the order before you send other \
                     accounts. An update of its `order` alone answers with the order as it is."
                );
                told.push(because(UPDATE_RESUBMISSION, sentence));
            } else if is_repeated {
                let sentence = "The order had all of them: if this was sent again because an answer was lost, the \
                                first one did its work.";
                told.push(because(UPDATE_RESUBMISSION, sentence));
            }
            return told;
        }
        Ok(ErrorCode::RateLimited) => "The supplier called more often than a fault in this sandbox lets it.",
        Ok(ErrorCode::NotFound) => "Nothing is served at its path.",
        Ok(ErrorCode::MethodNotAllowed) => "Its path takes another method.",
        _ => "The request itself could not be taken as it came.",
    };
    vec![because(rule, sentence)]
}

/// Reasons of a call that repeats one whose answer was lost.
fn resent(resend: &Resend) -> Because {
    let Resend { of, gap_millis, is_automatic, may_be_proxy, unseen, unseen_until, was_done } = resend;
    let who = match (is_automatic, may_be_proxy) {
        (true, true) => {
            "A proxy in front of the sandbox may have sent it again, or your HTTP client did so by itself"
        }
        (true, false) => "Your HTTP client, or a proxy, sent it again by itself",
        (false, _) => "Your code sent it again",
    };
    let cost = match unseen_until {
        Some(until) if *unseen > 0 => {
            let orders = if *unseen == 1 { "1 order".to_owned() } else { format!("{unseen} orders") };
            format!("; {orders} of that call's page stayed withheld until {until}, and nobody saw them")
        }
        _ if *was_done => "; that call had done its work".to_owned(),
        _ => String::new(),
    };
    let sentence = format!("{who}, {gap_millis} ms after the same call {of}, whose answer nobody got{cost}.");
    because(PRACTICE_RESEND, sentence)
}

/// What is to be said of accounts that were delivered, though they are hardly meant as sent.
fn hardly_meant(odd: &OddAccounts) -> Option<Because> {
    (odd.count > 0).then(|| {
        let (all, were) = (counted(odd.count as u64, "account"), was(odd.count as u64));
        let sentence = format!("{all} {were} delivered that {were} hardly meant as sent: {}.", odd.named());
        because(PRACTICE_ACCOUNTS, sentence)
    })
}

fn listed(orders: usize, total: usize, withheld: usize, next_at: Option<Timestamp>) -> Vec<Because> {
    let mut told = Vec::new();
    if withheld > 0 {
        let next = next_at.map(|at| format!("; the next comes back at {at}")).unwrap_or_default();
        let (more, fit) = (counted(withheld, "more order"), if withheld == 1 { "matches" } else { "match" });
        told.push(because(LIST_WINDOW, format!("{more} {fit} but {} withheld{next}.", was(withheld))));
    }
    if total > orders {
        let sentence = format!(
            "{} could be handed out; limit and offset picked {orders} of them.",
            counted(total, "order")
        );
        told.push(because(LIST_LIMIT, sentence));
    } else if orders == 1 {
        told.push(because(None, "It handed out the only order that could be."));
    } else if orders > 0 {
        told.push(because(None, format!("It handed out all {orders} orders that could be.")));
    } else if withheld == 0 {
        let sentence = "No order matches: ask /orders/{number}/why about one that you expected.";
        told.push(because(None, sentence));
    }
    told
}

fn why_dropped(entry: &DroppedEntry) -> DroppedBecause {
    let seen = entry.seen;
    let by = seen.and_then(|seen| seen.request).map(|id| format!(" by {id}")).unwrap_or_default();
    let at = seen.and_then(|seen| seen.at).map(|at| format!(" at {at}")).unwrap_or_default();
    let order = seen.and_then(|seen| seen.order).map(|id| format!(" for order {id}")).unwrap_or_default();
    let sentence = match entry.reason {
        DropReason::Malformed => {
            let form = entry.form.unwrap_or(AccountForm::OnePart);
            format!("It {}: {}.", form.description(), form.remedy())
        }
        DropReason::Repeated => {
            let first =
                seen.and_then(|seen| seen.index).map_or_else(String::new, |it| format!(", at index {it}"));
            format!("The same account stands earlier in the submission{first}.")
        }
        DropReason::AlreadyDelivered => format!("The order has it already: it was delivered{order}{by}{at}."),
        DropReason::DeliveredElsewhere => {
            format!("The supplier delivered it{order}, and in this sandbox that counts.")
        }
    };
    DroppedBecause { entry: entry.clone(), rule: entry.reason.rule(), sentence }
}
