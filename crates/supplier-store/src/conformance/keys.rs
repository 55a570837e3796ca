//! Conformance tests of API keys.

use supplier_domain::{ClockChange, OrderId, OrderUpdate, Timestamp, Window, World, samples};

use super::{REQUEST, SERVER, asking, caller, known, new_fork, new_key, new_sandbox, quiet, sandbox};
use crate::{EndedKey, KeyHash, KeyId, NewFork, Store, StoreError};

/// Rules: `auth.invalid-key`.
pub(super) async fn a_key_leads_to_its_supplier_until_it_is_revoked(store: &dyn Store) {
    let sandbox = sandbox(store, vec![], Window::STANDARD).await;
    let texts = [format!("key of {sandbox}"), format!("second key of {sandbox}")];
    let [first, second] = [&texts[0], &texts[1]].map(|text| KeyHash::of(text.as_bytes()));
    let birch = samples::supplier_id("birch");
    assert_eq!(store.authenticate(&first, SERVER).await.unwrap(), None);
    for text in &texts {
        store.add_key(&sandbox, new_key("birch", text), SERVER).await.unwrap();
    }
    assert_eq!(known(store, &first).await, Some(quiet(&sandbox, "birch")));
    let again = store.add_key(&sandbox, new_key("birch", &texts[0]), SERVER).await;
    assert!(matches!(again, Err(StoreError::KeyExists)));

    let id = KeyId(format!("id of {}", texts[0]).into());
    let aurora = samples::supplier_id("aurora");
    assert!(!store.revoke_key(&sandbox, &aurora, &id, SERVER).await.unwrap(), "it is another supplier's");
    assert!(store.revoke_key(&sandbox, &birch, &id, SERVER).await.unwrap());
    assert_eq!(store.authenticate(&first, SERVER).await.unwrap(), None);
    assert_eq!(known(store, &second).await, Some(quiet(&sandbox, "birch")));
    assert!(!store.revoke_key(&sandbox, &birch, &id, SERVER).await.unwrap());
}

pub(super) async fn a_key_says_when_it_was_made_and_used(store: &dyn Store) {
    let sandbox = sandbox(store, vec![], Window::STANDARD).await;
    let (aurora, text) = (samples::supplier_id("aurora"), format!("key of {sandbox}"));
    assert_eq!(store.keys(&sandbox, &aurora, SERVER).await.unwrap(), []);
    store.add_key(&sandbox, new_key("birch", &format!("other {text}")), SERVER).await.unwrap();
    store.add_key(&sandbox, new_key("aurora", &text), SERVER).await.unwrap();
    let later = Timestamp::from_millis(SERVER.as_millis() + 5);
    let known = store.keys(&sandbox, &aurora, later).await.unwrap();
    assert_eq!((known.len(), &*known[0].prefix, known[0].created_at), (1, "prefix", SERVER));
    assert_eq!(known[0].last_used_at, None);
    store.authenticate(&KeyHash::of(text.as_bytes()), later).await.unwrap();
    assert_eq!(store.keys(&sandbox, &aurora, later).await.unwrap()[0].last_used_at, Some(later));
}

pub(super) async fn a_deleted_sandbox_is_gone_with_its_keys(store: &dyn Store) {
    let sandbox = sandbox(store, vec![], Window::STANDARD).await;
    let text = format!("key of {sandbox}");
    store.add_key(&sandbox, new_key("aurora", &text), SERVER).await.unwrap();
    store.delete(&sandbox, SERVER).await.unwrap();
    assert_eq!(store.authenticate(&KeyHash::of(text.as_bytes()), SERVER).await.unwrap(), None);
    assert!(matches!(store.delete(&sandbox, SERVER).await, Err(StoreError::NoSandbox(_))));
}

pub(super) async fn what_is_not_there_is_said_to_be_missing(store: &dyn Store) {
    let there = sandbox(store, vec![], Window::STANDARD).await;
    let nowhere = "nowhere".parse().unwrap();
    let stranger = caller(&nowhere, "aurora");
    let hand_out = store.hand_out(&stranger, &asking(&[]), REQUEST, SERVER, &mut Vec::new()).await;
    assert!(matches!(hand_out, Err(StoreError::NoSandbox(_))));
    let update = store.update(&stranger, &OrderUpdate::default(), REQUEST, SERVER).await;
    assert!(matches!(update, Err(StoreError::NoSandbox(_))));
    let fork = store.fork(&nowhere, new_fork(&"nowhere-either".parse().unwrap()), SERVER).await;
    assert!(matches!(fork, Err(StoreError::NoSandbox(_))));
    let clock = store.change_clock(&nowhere, ClockChange::RUN, SERVER).await;
    assert!(matches!(clock, Err(StoreError::NoSandbox(_))));
    assert!(matches!(store.sandbox(&nowhere, SERVER).await, Err(StoreError::NoSandbox(_))));
    assert!(matches!(store.reset(&nowhere, SERVER).await, Err(StoreError::NoSandbox(_))));

    assert_eq!(store.order(&there, OrderId::new(1).unwrap(), SERVER).await.unwrap(), None);
    let unknown =
        store.hand_out(&caller(&there, "cedar"), &asking(&[]), REQUEST, SERVER, &mut Vec::new()).await;
    assert!(matches!(unknown, Err(StoreError::NoSupplier(..))));
    let key = store.add_key(&there, new_key("cedar", "cedar"), SERVER).await;
    assert!(matches!(key, Err(StoreError::NoSupplier(..))));
    let keys = store.keys(&there, &samples::supplier_id("cedar"), SERVER).await;
    assert!(matches!(keys, Err(StoreError::NoSupplier(..))));
    let again = store.create(new_sandbox(&there, World::default(), Window::STANDARD), SERVER).await;
    assert!(matches!(again, Err(StoreError::SandboxExists(_))));
}

/// A key that authenticates nobody any more is known as what it was.
pub(super) async fn a_key_that_ended_is_told_from_one_that_never_was(store: &dyn Store) {
    let sandbox = sandbox(store, vec![], Window::STANDARD).await;
    let texts = [format!("key of {sandbox}"), format!("second key of {sandbox}")];
    let [first, second] = [&texts[0], &texts[1]].map(|text| KeyHash::of(text.as_bytes()));
    for text in &texts {
        store.add_key(&sandbox, new_key("birch", text), SERVER).await.unwrap();
    }
    let ended = async |key: &KeyHash| store.ended_key(key, SERVER).await.unwrap();
    let never = KeyHash::of(b"never");
    assert_eq!((ended(&first).await, ended(&never).await), (None, None));
    let birch = samples::supplier_id("birch");
    let id = KeyId(format!("id of {}", texts[0]).into());
    assert!(store.revoke_key(&sandbox, &birch, &id, SERVER).await.unwrap());
    assert_eq!(ended(&first).await, Some(EndedKey::Revoked(caller(&sandbox, "birch"))));
    assert_eq!(ended(&second).await, None);
    // A key may come back.
    store.add_key(&sandbox, new_key("birch", &texts[0]), SERVER).await.unwrap();
    assert!(store.authenticate(&first, SERVER).await.unwrap().is_some());
    assert!(store.revoke_key(&sandbox, &birch, &id, SERVER).await.unwrap());

    store.delete(&sandbox, SERVER).await.unwrap();
    for key in [&first, &second] {
        assert_eq!(ended(key).await, Some(EndedKey::SandboxGone));
    }
    // Another sandbox of the same name has not had them.
    store.create(new_sandbox(&sandbox, World::default(), Window::STANDARD), SERVER).await.unwrap();
    assert_eq!(ended(&first).await, Some(EndedKey::SandboxGone));
}

pub(super) async fn the_key_of_an_expired_sandbox_is_known_before_and_after_it_is_removed(store: &dyn Store) {
    let from = sandbox(store, vec![], Window::STANDARD).await;
    let fork = format!("{from}-expires").parse().unwrap();
    let later = Timestamp::from_millis(SERVER.as_millis() + 1_000);
    store.fork(&from, NewFork { expires_at: Some(later), ..new_fork(&fork) }, SERVER).await.unwrap();
    let key = KeyHash::of(fork.as_str().as_bytes());
    store.add_key(&fork, new_key("birch", fork.as_str()), SERVER).await.unwrap();
    assert_eq!(store.ended_key(&key, SERVER).await.unwrap(), None);
    assert_eq!(store.ended_key(&key, later).await.unwrap(), Some(EndedKey::SandboxGone));
    store.expire(later).await.unwrap();
    assert_eq!(store.ended_key(&key, later).await.unwrap(), Some(EndedKey::SandboxGone));
}
