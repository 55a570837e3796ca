//! Accounts and ids: which are taken, and how they are kept.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::Defect;
use super::world::{Order, World};

/// What is to change.
#[derive(Debug, Default, Clone)]
pub(super) struct Change {
    pub(super) order: Option<i128>,
    pub(super) status: Option<String>,
    pub(super) accounts: Option<Vec<Value>>,
    pub(super) supplier_order_id: Option<String>,
    /// All that the update has: for a defect only.
    pub(super) fields: Map<String, Value>,
}

/// Why accounts are not delivered.
pub(super) enum Undelivered {
    /// None is left that is valid and new.
    NoneLeft,
    /// A defect takes none.
    NotTaken,
}

/// Whether another order has that id.
pub(super) fn is_used(world: &World, number: u64, id: &str) -> bool {
    let has = |order: &Order| order.number != number && order.supplier_order_id.as_deref() == Some(id);
    world.with(|state| state.orders.values().any(has))
}

/// The id as it is kept.
pub(super) fn kept_id(world: &World, id: &str) -> String {
    match () {
        () if world.is(Defect::IdIsNumber) => {
            id.parse::<u64>().map_or(id.to_owned(), |number| number.to_string())
        }
        () if world.is(Defect::IdCut50) => id.chars().take(50).collect(),
        () if world.is(Defect::IdEscaped) => escaped(id),
        () if world.is(Defect::IdAscii) => id.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect(),
        () => id.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What accounts are compared by.
fn compared(world: &World, account: &str) -> String {
    let folded = |c: char| match c {
        'é' | 'É' | 'è' => 'e',
        'ü' => 'u',
        c => c,
    };
    match () {
        () if world.is(Defect::CaseFolded) => account.to_lowercase(),
        () if world.is(Defect::LoginOnly) => account.split(':').next().unwrap_or_default().to_owned(),
        () if world.is(Defect::Composed) => account.replace("e\u{301}", "é"),
        () if world.is(Defect::AccentFolded) => {
            account.replace("e\u{301}", "é").chars().map(folded).collect()
        }
        () if world.is(Defect::EmojiFolded) => {
            account.chars().map(|c| if c > '\u{ffff}' { '?' } else { c }).collect()
        }
        () if world.is(Defect::SpacesSquashed) => account.replace(' ', ""),
        () => account.to_owned(),
    }
}

/// An account as it is kept.
fn kept(world: &World, account: String) -> String {
    match () {
        () if world.is(Defect::SecondColonCut) => {
            account.splitn(3, ':').take(2).collect::<Vec<_>>().join(":")
        }
        () if world.is(Defect::Cut255) => account.chars().take(255).collect(),
        () if world.is(Defect::LoginLowered) => account.to_lowercase(),
        () if world.is(Defect::AccountEscaped) => escaped(&account),
        () if world.is(Defect::PasswordLost) => account.split(':').next().unwrap_or_default().to_owned(),
        () => account,
    }
}

/// The accounts that are taken.
pub(super) fn deliver(
    world: &World,
    order: &Order,
    change: &Change,
    accounts: &[Value],
) -> Result<Vec<String>, Undelivered> {
    let refused = || Undelivered::NotTaken;
    let is_service = order.items.iter().all(|item| item.entity_type == "smm_service");
    if (world.is(Defect::ServiceRefused) && is_service)
        || (world.is(Defect::PartialIsFinal) && order.status == "partial")
    {
        return Err(refused());
    }
    let mut new: Vec<String> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let closed = ["completed", "cancelled", "error"].contains(&order.status.as_str());
    if world.is(Defect::ClosedTakesNone) && closed {
        return Err(refused());
    }
    let held: HashSet<String> = order.accounts.iter().map(|account| compared(world, account)).collect();
    for entry in accounts {
        let Some(account) = entry.as_str().and_then(|text| valid(world, text)) else {
            if world.is(Defect::OneBadRefusesAll) {
                return Err(Undelivered::NoneLeft);
            }
            continue;
        };
        // What is cut off before it is compared makes two accounts one.
        let cut = world.is(Defect::SecondColonCut) || world.is(Defect::Cut255);
        let account = if cut { kept(world, account) } else { account };
        let key = compared(world, &account);
        let twice = seen.contains(&key) && !world.is(Defect::TwiceDelivered);
        let again = held.contains(&key) && !world.is(Defect::RetryCountsTwice);
        let elsewhere = world.is(Defect::OncePerSupplier)
            && world.with(|state| state.orders.values().any(|other| other.accounts.contains(&account)));
        if !twice && !again && !elsewhere {
            seen.insert(key);
            let separator = match () {
                () if world.is(Defect::LinesSplit) => '\n',
                () if world.is(Defect::CommasSplit) => ',',
                () => '\0',
            };
            new.extend(kept(world, account).split(separator).map(str::to_owned));
        }
    }
    let empty_is_fine = (world.is(Defect::EmptyAccepted) && accounts.is_empty())
        || (world.is(Defect::BlanksAccepted) && !accounts.is_empty())
        || (world.is(Defect::ResubmissionAccepted) && !order.accounts.is_empty());
    if new.is_empty() && !empty_is_fine {
        return Err(Undelivered::NoneLeft);
    }
    if world.is(Defect::AccountsCut) {
        new.truncate(10_000_usize.saturating_sub(order.accounts.len()));
    }
    if world.is(Defect::Cut1000) {
        new.truncate(1000);
    }
    if world.is(Defect::AccountLost) && new.len() > 1 {
        new.pop();
    }
    let quantity: usize = order.items.iter().map(|item| item.quantity as usize).sum();
    let held = order.accounts.len() + new.len();
    let status = change.status.as_deref();
    let wrong_count = (world.is(Defect::FewerRefused) && held < quantity && status == Some("completed"))
        || (world.is(Defect::PartialNeedsAll) && held < quantity && status == Some("partial"))
        || (world.is(Defect::MoreRefused) && held > quantity);
    if wrong_count { Err(refused()) } else { Ok(new) }
}

/// An account, trimmed, if it is one.
fn valid(world: &World, text: &str) -> Option<String> {
    let trimmed = text.trim();
    let (login, password) = trimmed.split_once(':')?;
    if world.is(Defect::NotTrimmed) {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let dropped = (world.is(Defect::ColonDropped) && password.contains(':'))
        || (world.is(Defect::EmailRefused) && login.contains('@'));
    (!login.trim().is_empty() && !password.trim().is_empty() && !dropped).then(|| trimmed.to_owned())
}
