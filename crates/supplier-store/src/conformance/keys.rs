//! Sandboxes and the keys that lead to them.

use supplier_domain::{ClockChange, OrderId, OrderUpdate, Window, samples};

use super::{SERVER, asking, caller, sandbox};
use crate::{KeyHash, NewKey, NewSandbox, Store, StoreError};

/// Rules: `auth.invalid-key`.
pub(super) async fn a_key_leads_to_its_supplier_until_it_is_revoked(store: &dyn Store) {
    let sandbox = sandbox(store, vec![], Window::STANDARD).await;
    let hash = KeyHash::of(format!("key of {sandbox}").as_bytes());
    let key = NewKey { supplier: samples::supplier_id("birch"), hash };
    assert_eq!(store.authenticate(&hash).await.unwrap(), None);
    store.add_key(&sandbox, key.clone()).await.unwrap();
    assert_eq!(store.authenticate(&hash).await.unwrap(), Some(caller(&sandbox, "birch")));
    assert!(matches!(store.add_key(&sandbox, key).await, Err(StoreError::KeyExists)));

    let second = KeyHash::of(format!("second key of {sandbox}").as_bytes());
    let supplier = samples::supplier_id("birch");
    store.add_key(&sandbox, NewKey { supplier, hash: second }).await.unwrap();
    assert!(store.revoke_key(&hash).await.unwrap());
    assert_eq!(store.authenticate(&hash).await.unwrap(), None);
    assert_eq!(store.authenticate(&second).await.unwrap(), Some(caller(&sandbox, "birch")));
    assert!(!store.revoke_key(&hash).await.unwrap());
}

pub(super) async fn a_deleted_sandbox_is_gone_with_its_keys(store: &dyn Store) {
    let sandbox = sandbox(store, vec![], Window::STANDARD).await;
    let hash = KeyHash::of(format!("key of {sandbox}").as_bytes());
    let supplier = samples::supplier_id("aurora");
    store.add_key(&sandbox, NewKey { supplier, hash }).await.unwrap();
    store.delete(&sandbox).await.unwrap();
    assert_eq!(store.authenticate(&hash).await.unwrap(), None);
    assert!(matches!(store.delete(&sandbox).await, Err(StoreError::NoSandbox(_))));
}

pub(super) async fn what_is_not_there_is_said_to_be_missing(store: &dyn Store) {
    let there = sandbox(store, vec![], Window::STANDARD).await;
    let nowhere = "nowhere".parse().unwrap();
    let stranger = caller(&nowhere, "aurora");
    let hand_out = store.hand_out(&stranger, &asking(&[]), SERVER).await;
    assert!(matches!(hand_out, Err(StoreError::NoSandbox(_))));
    let update = store.update(&stranger, &OrderUpdate::default(), SERVER).await;
    assert!(matches!(update, Err(StoreError::NoSandbox(_))));
    let fork = store.fork(&nowhere, "nowhere-either".parse().unwrap()).await;
    assert!(matches!(fork, Err(StoreError::NoSandbox(_))));
    let clock = store.change_clock(&nowhere, ClockChange::RUN, SERVER).await;
    assert!(matches!(clock, Err(StoreError::NoSandbox(_))));

    assert_eq!(store.order(&there, OrderId::new(1).unwrap(), SERVER).await.unwrap(), None);
    let unknown = store.hand_out(&caller(&there, "cedar"), &asking(&[]), SERVER).await;
    assert!(matches!(unknown, Err(StoreError::NoSupplier(..))));
    let supplier = samples::supplier_id("cedar");
    let key = store.add_key(&there, NewKey { supplier, hash: KeyHash::of(b"cedar") }).await;
    assert!(matches!(key, Err(StoreError::NoSupplier(..))));
    let world = supplier_domain::World::default();
    let (window, fingerprint_key) = (Window::STANDARD, super::KEY);
    let again = store.create(NewSandbox { id: there, world, window, fingerprint_key }, SERVER).await;
    assert!(matches!(again, Err(StoreError::SandboxExists(_))));
}
