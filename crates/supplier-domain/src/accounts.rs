//! Accounts: what a supplier delivers, cleaned and counted without keeping a password.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use supplier_rulebook::{RuleId, UPDATE_ACCOUNTS_DEDUP, UPDATE_ACCOUNTS_DEDUP_SCOPE, UPDATE_ACCOUNTS_VALID};

use crate::AccountList;
use crate::api_key::mask_keys;
use crate::closed_set::closed_set;
use crate::serial::as_text;

/// One entry of a submission's `accounts`, as it was sent.
#[derive(Clone, PartialEq, Eq)]
pub enum SubmittedAccount {
    /// A string.
    Text(String),
    /// Something else, which no account can be.
    NotText,
}

impl fmt::Debug for SubmittedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An account holds a password (`update.secret`).
        f.write_str(match self {
            Self::Text(_) => "Text([redacted])",
            Self::NotText => "NotText",
        })
    }
}

/// A sandbox's own key for [`Fingerprint`]s.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerprintKey(pub [u8; 32]);

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey([redacted])")
    }
}

/// Stands for a whole account, password included: equal for equal accounts of one sandbox, and not to be turned back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of `account`, without white space at its ends, under `key`.
    pub fn of(account: &str, key: &FingerprintKey) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&key.0).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        mac.update(account.trim().as_bytes());
        let mut half = [0; 16];
        half.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Self(half)
    }

    /// Its bytes, each as good as random.
    pub(crate) const fn bytes(&self) -> [u8; 16] {
        self.0
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidHex;

    fn from_str(text: &str) -> Result<Self, InvalidHex> {
        read_hex(text).map(Self)
    }
}

impl FingerprintKey {
    /// Its bytes as hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// The key that [`FingerprintKey::to_hex`] shows so.
    ///
    /// # Errors
    /// It is not 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, InvalidHex> {
        read_hex(text).map(Self)
    }
}

/// A text that is not the hexadecimal digits it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {digits} hexadecimal digits")]
pub struct InvalidHex {
    digits: usize,
}

fn read_hex<const N: usize>(text: &str) -> Result<[u8; N], InvalidHex> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidHex { digits: 2 * N })?;
    Ok(bytes)
}

as_text!(Fingerprint);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The most characters (Unicode scalar values) that are kept of a login: more than an e-mail address may have.
pub const MAX_LOGIN_CHARS: usize = 320;

/// An account that was delivered: who logs in, and a stand-in for the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The user name or e-mail address, white space trimmed, as [`shown_login`] keeps it.
    pub login: Box<str>,
    /// Stands for the whole account.
    pub fingerprint: Fingerprint,
}

closed_set! {
    /// Which deliveries an account must be new to: a sandbox's choice (`update.accounts-dedup-scope`).
    AccountDedup {
        /// Those of its submission and of its order: the rulebook's choice.
        Order = "order",
        /// Those of its submission only.
        Submission = "submission",
        /// Those of its submission, of its order, and of every order that its supplier delivered for.
        Supplier = "supplier",
    }
}

/// How accounts are told apart, and which of them count as delivered.
#[derive(Clone, Copy)]
pub struct Deduplication<'a> {
    /// The sandbox's key for fingerprints.
    pub key: &'a FingerprintKey,
    /// Which deliveries an account must be new to.
    pub scope: AccountDedup,
    /// Whether the calling supplier has delivered an account for another order.
    pub delivered_elsewhere: &'a dyn Fn(Fingerprint) -> bool,
}

impl<'a> Deduplication<'a> {
    /// The rulebook's choice: accounts must be new to their order, whatever was delivered elsewhere.
    pub fn standard(key: &'a FingerprintKey) -> Self {
        Self { key, scope: AccountDedup::Order, delivered_elsewhere: &|_| false }
    }
}

closed_set! {
    /// Why an entry of a submission was not taken.
    DropReason {
        /// It is not a string of the form `username:password` or `email:password` (`update.accounts-valid`).
        Malformed = "malformed",
        /// The same account stands earlier in the submission (`update.accounts-dedup`).
        Repeated = "repeated",
        /// The order already has the account (`update.accounts-dedup-scope`).
        AlreadyDelivered = "already-delivered",
        /// The supplier delivered the account for another order, in a sandbox where that counts ([`AccountDedup::Supplier`]).
        DeliveredElsewhere = "delivered-elsewhere",
    }
}

impl DropReason {
    /// The rule by which an entry is dropped for it.
    pub const fn rule(self) -> RuleId {
        match self {
            Self::Malformed => UPDATE_ACCOUNTS_VALID,
            Self::Repeated => UPDATE_ACCOUNTS_DEDUP,
            Self::AlreadyDelivered | Self::DeliveredElsewhere => UPDATE_ACCOUNTS_DEDUP_SCOPE,
        }
    }
}

/// An entry of a submission that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DroppedAccount {
    /// Its place in the submission, from 0.
    pub index: usize,
    /// Why it was dropped.
    pub reason: DropReason,
}

/// What became of a submission's accounts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cleaned {
    /// Those to deliver, in the order they were submitted.
    pub accepted: Vec<Account>,
    /// The others, by their place.
    pub dropped: Vec<DroppedAccount>,
}

/// Sorts out `submitted` for an order that already has `delivered` (`update.accounts-valid`, `update.accounts-dedup`,
/// `update.accounts-dedup-scope`).
///
/// It costs what is submitted, however much is delivered.
pub fn clean(submitted: &[SubmittedAccount], delivered: &AccountList, by: &Deduplication<'_>) -> Cleaned {
    let mut seen = HashSet::new();
    let mut cleaned = Cleaned::default();
    for (index, entry) in submitted.iter().enumerate() {
        match judge(entry, delivered, &mut seen, by) {
            Ok(account) => cleaned.accepted.push(account),
            Err(reason) => cleaned.dropped.push(DroppedAccount { index, reason }),
        }
    }
    cleaned
}

/// A login as it may be shown: a client may have put its key there, or a password behind another separator than the colon
/// (`update.secret`). Of a long one the first [`MAX_LOGIN_CHARS`] characters are left, and `…`.
pub fn shown_login(login: &str) -> Box<str> {
    let shown = login.find(['|', ';', ',', '\t']).map(|at| format!("{}***", &login[..=at]));
    let login = shown.as_deref().unwrap_or(login);
    let mut login = mask_keys(login).unwrap_or_else(|| login.to_owned());
    if let Some((end, _)) = login.char_indices().nth(MAX_LOGIN_CHARS) {
        login.truncate(end);
        login.push('…');
    }
    login.into()
}

fn judge(
    entry: &SubmittedAccount,
    delivered: &AccountList,
    seen: &mut HashSet<Fingerprint>,
    by: &Deduplication<'_>,
) -> Result<Account, DropReason> {
    let SubmittedAccount::Text(text) = entry else { return Err(DropReason::Malformed) };
    // A password may hold colons of its own: the first one divides.
    let (login, password) = text.split_once(':').ok_or(DropReason::Malformed)?;
    if login.trim().is_empty() || password.trim().is_empty() {
        return Err(DropReason::Malformed);
    }
    let fingerprint = Fingerprint::of(text, by.key);
    if !seen.insert(fingerprint) {
        Err(DropReason::Repeated)
    } else if by.scope != AccountDedup::Submission && delivered.place_of(fingerprint).is_some() {
        Err(DropReason::AlreadyDelivered)
    } else if by.scope == AccountDedup::Supplier && (by.delivered_elsewhere)(fingerprint) {
        Err(DropReason::DeliveredElsewhere)
    } else {
        Ok(Account { login: shown_login(login.trim()), fingerprint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: FingerprintKey = FingerprintKey([7; 32]);

    fn texts(entries: &[&str]) -> Vec<SubmittedAccount> {
        entries.iter().map(|entry| SubmittedAccount::Text((*entry).to_owned())).collect()
    }

    fn reasons(cleaned: &Cleaned) -> Vec<(usize, DropReason)> {
        cleaned.dropped.iter().map(|dropped| (dropped.index, dropped.reason)).collect()
    }

    /// Rules: `update.accounts`, `update.accounts-valid`.
    #[test]
    fn the_first_colon_divides_and_both_halves_must_hold_something() {
        let entries =
            ["u:p", "mail@example.com:p", "u:p:q", "u", ":p", "u:", " : ", "\u{3000}:p", "u:\u{a0}", ""];
        let mut submitted = texts(&entries);
        submitted.push(SubmittedAccount::NotText);
        let cleaned = clean(&submitted, &AccountList::default(), &Deduplication::standard(&KEY));
        let logins: Vec<_> = cleaned.accepted.iter().map(|account| &*account.login).collect();
        assert_eq!(logins, ["u", "mail@example.com", "u"]);
        assert_eq!(
            reasons(&cleaned),
            (3..11).map(|index| (index, DropReason::Malformed)).collect::<Vec<_>>()
        );
    }

    /// Rules: `update.accounts-dedup`, `update.accounts-dedup-scope`.
    #[test]
    fn the_same_account_counts_once_in_a_submission_and_once_in_an_order() {
        let delivered =
            clean(&texts(&["a:1"]), &AccountList::default(), &Deduplication::standard(&KEY)).accepted.into();
        let cleaned = clean(
            &texts(&["b:2", " b:2\t", "a:1", "b :2", "B:2", "a:1"]),
            &delivered,
            &Deduplication::standard(&KEY),
        );
        assert_eq!(cleaned.accepted.len(), 3, "b:2, \"b :2\" and B:2 are three accounts");
        assert_eq!(
            reasons(&cleaned),
            [(1, DropReason::Repeated), (2, DropReason::AlreadyDelivered), (5, DropReason::Repeated)]
        );
    }

    /// Rules: `update.accounts-dedup-scope`.
    #[test]
    fn the_scope_says_which_deliveries_count() {
        let delivered = clean(&texts(&["here:1"]), &AccountList::default(), &Deduplication::standard(&KEY))
            .accepted
            .into();
        let elsewhere = Fingerprint::of("there:1", &KEY);
        for (scope, expected) in [
            (AccountDedup::Submission, vec![(3, DropReason::Repeated)]),
            (AccountDedup::Order, vec![(0, DropReason::AlreadyDelivered), (3, DropReason::Repeated)]),
            (
                AccountDedup::Supplier,
                vec![
                    (0, DropReason::AlreadyDelivered),
                    (1, DropReason::DeliveredElsewhere),
                    (3, DropReason::Repeated),
                ],
            ),
        ] {
            let delivered_elsewhere = |fingerprint| fingerprint == elsewhere;
            let by = Deduplication { key: &KEY, scope, delivered_elsewhere: &delivered_elsewhere };
            let cleaned = clean(&texts(&["here:1", "there:1", "new:1", "new:1"]), &delivered, &by);
            assert_eq!(reasons(&cleaned), expected, "{scope}");
        }
    }

    /// Rules: `update.secret`.
    #[test]
    fn nothing_that_is_kept_or_printed_holds_the_password() {
        let submitted = texts(&["user:hunter2-secret"]);
        let cleaned = clean(&submitted, &AccountList::default(), &Deduplication::standard(&KEY));
        assert!(!format!("{submitted:?}{cleaned:?}{KEY:?}").contains("hunter2"));
        let other_sandbox =
            clean(&submitted, &AccountList::default(), &Deduplication::standard(&FingerprintKey([8; 32])));
        assert_ne!(cleaned.accepted[0].fingerprint, other_sandbox.accepted[0].fingerprint);
    }

    /// Rules: `update.secret`.
    #[test]
    fn a_key_or_a_password_in_a_login_is_masked() {
        let submitted = texts(&["test_0123456789abcdef0123456789abcdef:p", "m@x.io|pass:q", "m@x.io;pass:q"]);
        let cleaned = clean(&submitted, &AccountList::default(), &Deduplication::standard(&KEY));
        let logins: Vec<_> = cleaned.accepted.iter().map(|account| &*account.login).collect();
        assert_eq!(logins, ["$API_KEY", "m@x.io|***", "m@x.io;***"]);
        assert_eq!(
            clean(&submitted, &cleaned.accepted.clone().into(), &Deduplication::standard(&KEY)).accepted,
            []
        );
    }

    proptest! {
        /// Rules: `update.accounts-dedup`, `update.accounts-dedup-scope`, `update.resubmission`.
        #[test]
        fn any_submission_is_taken_once(entries in prop::collection::vec("[ab]?:?[ab ]{0,2}", 0..12)) {
            let submitted: Vec<_> = entries.into_iter().map(SubmittedAccount::Text).collect();
            let first = clean(&submitted, &AccountList::default(), &Deduplication::standard(&KEY));
            prop_assert_eq!(first.accepted.len() + first.dropped.len(), submitted.len());
            let distinct: HashSet<_> = first.accepted.iter().map(|account| account.fingerprint).collect();
            prop_assert_eq!(distinct.len(), first.accepted.len());
            let again = clean(&submitted, &first.accepted.into(), &Deduplication::standard(&KEY));
            prop_assert!(again.accepted.is_empty());
        }
    }
}
