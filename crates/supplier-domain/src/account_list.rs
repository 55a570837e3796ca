//! Accounts of one order. Adding accounts costs as much as is added, however long the list is.

use std::fmt;
use std::sync::Arc;

use imbl::{OrdMap, Vector};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Account, Fingerprint};

/// Maximum number of accounts in a plain list, which takes less memory. Nearly all orders have fewer.
const FEW: usize = 32;

/// Delivered accounts of an order, oldest first. Accounts are only ever added. A clone shares them.
#[derive(Clone, Default)]
pub struct AccountList(Held);

#[derive(Clone, Default)]
enum Held {
    #[default]
    None,
    Few(Arc<Vec<Account>>),
    Many(Arc<Many>),
}

#[derive(Clone, Default)]
struct Many {
    accounts: Vector<Account>,
    /// Index of each account's first occurrence.
    places: OrdMap<Fingerprint, usize>,
}

impl Many {
    fn push(&mut self, account: Account) {
        self.places.entry(account.fingerprint).or_insert(self.accounts.len());
        self.accounts.push_back(account);
    }
}

impl AccountList {
    /// Number of accounts.
    pub fn len(&self) -> usize {
        match &self.0 {
            Held::None => 0,
            Held::Few(accounts) => accounts.len(),
            Held::Many(many) => many.accounts.len(),
        }
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The account at index `place`.
    pub fn get(&self, place: usize) -> Option<&Account> {
        match &self.0 {
            Held::None => None,
            Held::Few(accounts) => accounts.get(place),
            Held::Many(many) => many.accounts.get(place),
        }
    }

    /// All accounts.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.since(0)
    }

    /// The accounts from index `place` to the last.
    pub fn since(&self, place: usize) -> impl Iterator<Item = &Account> {
        (place..self.len()).filter_map(|place| self.get(place))
    }

    /// Index of the first account with this fingerprint.
    pub fn place_of(&self, fingerprint: Fingerprint) -> Option<usize> {
        match &self.0 {
            Held::None => None,
            Held::Few(accounts) => accounts.iter().position(|account| account.fingerprint == fingerprint),
            Held::Many(many) => many.places.get(&fingerprint).copied(),
        }
    }

    /// Appends accounts.
    pub fn extend(&mut self, accounts: Vec<Account>) {
        if accounts.is_empty() {
            return;
        }
        if self.len() + accounts.len() <= FEW {
            if let Held::Few(few) = &mut self.0 {
                Arc::make_mut(few).extend(accounts);
            } else {
                self.0 = Held::Few(Arc::new(accounts));
            }
            return;
        }
        let mut many = match std::mem::take(&mut self.0) {
            Held::None => Arc::default(),
            Held::Many(many) => many,
            Held::Few(few) => {
                let mut many = Many::default();
                few.iter().cloned().for_each(|account| many.push(account));
                Arc::new(many)
            }
        };
        let held = Arc::make_mut(&mut many);
        for account in accounts {
            held.push(account);
        }
        self.0 = Held::Many(many);
    }

    fn is_shared_with(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Held::None, Held::None) => true,
            (Held::Few(one), Held::Few(other)) => Arc::ptr_eq(one, other),
            (Held::Many(one), Held::Many(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl PartialEq for AccountList {
    fn eq(&self, other: &Self) -> bool {
        self.is_shared_with(other) || (self.len() == other.len() && self.iter().eq(other.iter()))
    }
}

impl Eq for AccountList {}

impl fmt::Debug for AccountList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl From<Vec<Account>> for AccountList {
    fn from(accounts: Vec<Account>) -> Self {
        let mut list = Self::default();
        list.extend(accounts);
        list
    }
}

impl Serialize for AccountList {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for AccountList {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FingerprintKey;

    fn account(number: usize) -> Account {
        let login = format!("user-{number}@example.com");
        let fingerprint = Fingerprint::of(&login, &FingerprintKey([3; 32]));
        Account { login: login.into(), fingerprint }
    }

    #[test]
    fn it_holds_what_was_added_in_its_order_however_it_was_added() {
        for sizes in [vec![1, 2, 3], vec![FEW, 1, 100], vec![500], vec![FEW - 1, 0, 2, 7]] {
            let (mut list, mut plain) = (AccountList::default(), Vec::new());
            for size in sizes {
                let before = list.clone();
                let added: Vec<_> = (plain.len()..plain.len() + size).map(account).collect();
                plain.extend(added.clone());
                list.extend(added);
                assert_eq!(before.len() + size, list.len());
                assert_eq!(list.since(before.len()).count(), size, "a clone stays as it was");
            }
            assert!(list.iter().eq(plain.iter()));
            assert_eq!(list, AccountList::from(plain.clone()));
            for (place, account) in plain.iter().enumerate() {
                assert_eq!(
                    (list.get(place), list.place_of(account.fingerprint)),
                    (Some(account), Some(place))
                );
            }
            assert_eq!(list.place_of(account(9_999).fingerprint), None);
            let json = serde_json::to_string(&list).unwrap();
            assert_eq!(serde_json::from_str::<AccountList>(&json).unwrap(), list);
        }
    }

    #[test]
    fn one_that_is_there_twice_stands_where_it_came_first() {
        let mut list = AccountList::from((0..50).map(account).collect::<Vec<_>>());
        list.extend(vec![account(7)]);
        assert_eq!((list.len(), list.place_of(account(7).fingerprint)), (51, Some(7)));
    }
}
