use super::*;
use proptest::prelude::*;

const START: Timestamp = Timestamp::from_millis(1_000_000);

fn from<'a>(name: &'a str, client: &str) -> Who<'a> {
    Who { name, client: Some(client.parse().unwrap()), browser: None }
}

fn after(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

#[test]
fn the_sixth_try_waits_and_each_further_one_twice_as_long_up_to_a_quarter_of_an_hour() {
    let throttle = Throttle::default();
    let who = from("a@example.com", "10.0.0.1");
    for _ in 0..5 {
        assert_eq!(throttle.count(&who, START), Ok(()));
    }
    let mut now = START;
    for wait in [10, 20, 40, 80, 160, 320, 640, 900, 900] {
        assert_eq!(throttle.count(&who, now), Err(wait), "a try that waits does not count");
        assert_eq!(throttle.count(&who, now), Err(wait));
        now = now.plus(Duration::from_secs(wait));
        assert_eq!(throttle.count(&who, now), Ok(()));
    }
}

#[test]
fn a_stranger_locks_out_neither_another_client_nor_a_browser_that_was_there_before() {
    let throttle = Throttle::default();
    let stranger = from("a@example.com", "10.0.0.1");
    while throttle.count(&stranger, START).is_ok() {}
    assert!(throttle.count(&from("a@example.com", "10.0.0.2"), START).is_ok());
    // Behind a proxy nobody has an address.
    let unknown = Who { client: None, ..stranger };
    while throttle.count(&unknown, START).is_ok() {}
    let known = Who { browser: Some("b1"), ..unknown };
    assert!(throttle.count(&known, START).is_ok());
}

#[test]
fn many_clients_at_one_name_and_many_names_of_one_client_wait_too() {
    let throttle = Throttle::default();
    let by_client =
        |count: u8| throttle.count(&from("a@example.com", &format!("10.0.1.{count}")), START).is_ok();
    assert_eq!((0..200).filter(|count| by_client(*count)).count(), 20);
    let throttle = Throttle::default();
    let by_name = |count: u32| throttle.count(&from(&format!("{count}@x"), "10.0.0.1"), START).is_ok();
    assert_eq!((0..200).filter(|count| by_name(*count)).count(), 30);
    let throttle = Throttle::default();
    // The addresses of one IPv6 network are one client's.
    let by_host = |count: u32| {
        throttle.count(&from(&format!("{count}@x"), &format!("2001:db8::{count:x}")), START).is_ok()
    };
    assert_eq!((0..200).filter(|count| by_host(*count)).count(), 30);
}

#[test]
fn everybody_together_has_a_limit_and_a_right_password_does_not_use_it_up() {
    let throttle = Throttle::default();
    let client = |count: u32| format!("10.{}.{}.1", count / 250, count % 250);
    for count in 0..1_000 {
        let (name, client) = (format!("{count}@x"), client(count));
        assert!(throttle.count(&from(&name, &client), START).is_ok());
        throttle.forgive(&from(&name, &client));
    }
    let names = (0..1_000).map(|count| (format!("{count}@y"), client(count)));
    let taken = names.filter(|(name, client)| throttle.count(&from(name, client), START).is_ok());
    assert_eq!(taken.count(), 200);
    assert!(throttle.count(&from("new@x", "10.9.9.9"), after(60)).is_ok(), "a minute at most");
}

#[test]
fn wrong_passwords_now_and_then_never_add_up_for_everybody() {
    let throttle = Throttle::default();
    for count in 0..2_000_u64 {
        let (name, client) = (format!("{count}@x"), format!("10.{}.{}.1", count / 250, count % 250));
        assert!(throttle.count(&from(&name, &client), after(20 * count)).is_ok(), "{count}");
    }
}

#[test]
fn a_count_that_waits_is_never_evicted_and_memory_stays_bounded() {
    let throttle = Throttle::default();
    let victim = from("a@example.com", "10.0.0.1");
    while throttle.count(&victim, START).is_ok() {}
    // Browsers are not held by everybody's limit: each has a count of its own.
    for browser in 0..MOST + 500 {
        let id = browser.to_string();
        let who = Who { name: "b@example.com", client: None, browser: Some(&id) };
        assert!(throttle.count(&who, START).is_ok());
    }
    assert!(throttle.count(&victim, START).is_err());
    assert!(throttle.lock().by_key.len() <= MOST);
}

#[test]
fn when_all_wait_none_is_forgotten_and_nothing_grows() {
    let throttle = Throttle::default();
    let wait = |id: usize| {
        let id = id.to_string();
        let who = Who { name: "b@example.com", client: None, browser: Some(&id) };
        (0..9).filter(|_| throttle.count(&who, START).is_ok()).count()
    };
    for id in 0..MOST {
        assert_eq!(wait(id), 5);
    }
    wait(MOST);
    assert_eq!(throttle.lock().by_key.len(), MOST);
    assert_eq!(wait(0), 0, "the first one still waits");
}

#[test]
fn an_hour_without_a_try_begins_anew() {
    let throttle = Throttle::default();
    let who = from("a@example.com", "10.0.0.1");
    while throttle.count(&who, START).is_ok() {}
    let taken = (0..9).filter(|_| throttle.count(&who, after(3_600)).is_ok()).count();
    assert_eq!(taken, 5);
}

proptest! {
    /// However tries of any names and clients are spread over any time, no name of one client gets more than its
    /// five and one for each wait that has passed.
    #[test]
    fn no_pattern_of_tries_gets_around_the_wait(tries in prop::collection::vec((0..4_u8, 0..3_u8, 0..40_u64), 1..200)) {
        let throttle = Throttle::default();
        let mut now = 0;
        let mut taken = HashMap::<(u8, u8), Vec<u64>>::new();
        for (name, client, passes) in tries {
            now += passes;
            let (text, address) = (format!("{name}@x"), format!("10.0.0.{client}"));
            if throttle.count(&from(&text, &address), after(now)).is_ok() {
                taken.entry((name, client)).or_default().push(now);
            }
        }
        for moments in taken.values() {
            let mut wait = 10;
            for pair in moments.windows(2).skip(4) {
                prop_assert!(pair[1] - pair[0] >= wait, "{moments:?}");
                wait = (wait * 2).min(900);
            }
        }
    }
}
