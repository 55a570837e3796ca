//! Conformance tests of sessions.

use supplier_domain::{Timestamp, samples};

use super::SERVER;
use crate::{KeyHash, SESSION_LASTS, Session, Store};

/// The most sessions.
const MOST: usize = 10;

fn session(sandbox: &str) -> Session {
    let sandbox = sandbox.parse().unwrap();
    Session { sandbox, supplier: samples::supplier_id("aurora"), is_admin: false, notice: None }
}

fn id(text: &str) -> KeyHash {
    KeyHash::of(text.as_bytes())
}

pub(super) async fn a_session_is_what_it_was_last_until_it_is_ended(store: &dyn Store) {
    let (first, second) = (id("the first session"), id("the second session"));
    assert_eq!(store.session(&first, SERVER).await.unwrap(), None);
    store.begin_session(first, session("one"), MOST, SERVER).await.unwrap();
    store.begin_session(second, session("two"), MOST, SERVER).await.unwrap();
    assert_eq!(store.session(&first, SERVER).await.unwrap(), Some(session("one")));
    let changed = Session { is_admin: true, notice: Some("done".to_owned()), ..session("three") };
    store.change_session(&first, changed.clone()).await.unwrap();
    assert_eq!(store.session(&first, SERVER).await.unwrap(), Some(changed.clone()));
    store.end_session(&first).await.unwrap();
    assert_eq!(store.session(&first, SERVER).await.unwrap(), None);
    store.change_session(&first, changed).await.unwrap();
    assert_eq!(store.session(&first, SERVER).await.unwrap(), None, "it is over");
    assert_eq!(store.session(&second, SERVER).await.unwrap(), Some(session("two")));
}

pub(super) async fn a_session_that_is_not_used_ends(store: &dyn Store) {
    let id = id("a session that lasts");
    store.begin_session(id, session("one"), MOST, SERVER).await.unwrap();
    let end = SERVER.plus(SESSION_LASTS);
    assert!(store.session(&id, end).await.unwrap().is_some(), "until its end");
    let end = end.plus(SESSION_LASTS);
    assert!(store.session(&id, end).await.unwrap().is_some(), "it was used meanwhile");
    let end = Timestamp::from_millis(end.plus(SESSION_LASTS).as_millis() + 1);
    assert_eq!(store.session(&id, end).await.unwrap(), None);
    store.end_session(&id).await.unwrap();
}

pub(super) async fn of_too_many_sessions_the_one_that_was_used_longest_ago_gives_way(store: &dyn Store) {
    let at = |millis: i64| Timestamp::from_millis(SERVER.as_millis() + 1_000 + millis);
    let (oldest, other) = (id("the oldest of many"), id("another of many"));
    store.begin_session(oldest, session("one"), MOST, at(0)).await.unwrap();
    store.begin_session(other, session("two"), MOST, at(1)).await.unwrap();
    store.session(&oldest, at(2)).await.unwrap();
    for count in 0..MOST - 1 {
        store
            .begin_session(id(&format!("one of many: {count}")), session("three"), MOST, at(3))
            .await
            .unwrap();
    }
    assert!(store.session(&oldest, at(4)).await.unwrap().is_some(), "it was used later");
    assert_eq!(store.session(&other, at(4)).await.unwrap(), None);
}
