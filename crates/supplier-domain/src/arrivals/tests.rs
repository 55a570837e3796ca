use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::samples::{manual, order};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const LAST: i64 = i64::MAX;

/// An order of so many pieces.
fn draft(quantity: u32) -> OrderDraft {
    let order = order(1).with_item("aurora", manual("Mail accounts"), quantity);
    OrderDraft {
        id: Some(order.id),
        status: order.status,
        payment_status: order.payment_status,
        user: order.user,
        items: order.items,
    }
}

fn plan(thousandths: u32, bursts: Option<(u32, u32)>, seed: u64) -> ArrivalPlan {
    ArrivalPlan {
        per_minute: PerMinute::from_thousandths(thousandths).unwrap(),
        bursts: bursts.map(|(every, size)| Bursts::new(every, size).unwrap()),
        mix: ArrivalMix::new([(3, draft(1)), (1, draft(2))]).unwrap(),
        seed,
    }
}

fn after(millis: u64) -> Timestamp {
    START.plus(Duration::from_millis(millis))
}

/// How many milliseconds after the start each order came, and of how many pieces it is.
fn told(due: &Due) -> Vec<(u128, u32)> {
    due.orders.iter().map(|(at, draft)| (at.since(START).as_millis(), draft.items[0].quantity)).collect()
}

fn moments(due: &Due) -> Vec<u128> {
    told(due).into_iter().map(|(at, _)| at).collect()
}

#[test]
fn orders_come_evenly_and_never_too_early() {
    let mut arrivals = Arrivals::new(plan(7_000, None, 1), START);
    assert_eq!(moments(&arrivals.due(after(8_571))), [0; 0]);
    assert_eq!(
        moments(&arrivals.due(after(60_000))),
        [8_572, 17_143, 25_715, 34_286, 42_858, 51_429, 60_000]
    );
    assert_eq!((arrivals.arrived(), arrivals.next_at()), (7, Some(after(68_572))));
    assert_eq!(moments(&arrivals.due(after(60_000))), [0; 0], "once");
}

#[test]
fn after_a_century_the_rate_is_as_exact_as_at_first() {
    let minutes = 100 * 365 * 24 * 60;
    let mut arrivals = Arrivals::new(plan(333, None, 1), START);
    let due = arrivals.due(after(minutes * 60_000));
    assert_eq!(due.skipped + due.orders.len() as u64, minutes * 333 / 1_000);
    assert_eq!(arrivals.arrived() + arrivals.skipped(), minutes * 333 / 1_000);
}

#[test]
fn a_burst_comes_at_once_on_top_of_the_rate() {
    let mut arrivals = Arrivals::new(plan(1_000, Some((2, 3)), 1), START);
    assert_eq!(arrivals.next_at(), Some(after(60_000)));
    let two = 120_000;
    assert_eq!(moments(&arrivals.due(after(180_000))), [60_000, two, two, two, two, 180_000]);
    let mut seldom = Arrivals::new(plan(1, Some((1, 1)), 1), START);
    assert_eq!(seldom.next_at(), Some(after(60_000)), "the burst is next");
    assert_eq!(moments(&seldom.due(after(60_000))), [60_000]);
}

#[test]
fn of_too_many_the_latest_come_and_the_rest_are_counted() {
    let mut all = Arrivals::new(plan(1_000, Some((1, 10_000)), 7), START);
    let mut far = all.clone();
    all.due(after(60_000));
    let due = far.due(after(120_000));
    assert_eq!((due.orders.len(), due.skipped), (Arrivals::MAX_DUE, 10_002));
    let latest = all.due(after(120_000));
    assert_eq!(
        (latest.skipped, latest.orders),
        (1, due.orders),
        "the same, whichever way they were asked for"
    );
    assert_eq!((far.arrived(), far.skipped()), (10_000, 10_002));
}

#[test]
fn a_mix_is_drawn_by_its_weights_and_never_changes() {
    let mut arrivals = Arrivals::new(plan(6_000_000, None, 7), START);
    let due = arrivals.due(after(100_000));
    let twos = told(&due).iter().filter(|(_, quantity)| *quantity == 2).count();
    assert!((2_300..2_700).contains(&twos), "{twos}");
    let first: Vec<_> = told(&due).iter().take(12).map(|(_, quantity)| *quantity).collect();
    assert_eq!(first, FIRST_OF_SEED_7);
    assert!(due.orders.iter().all(|(_, draft)| draft.id.is_none()), "no order asks for a number");
}

/// A run that is repeated must meet the same orders, in later versions too.
const FIRST_OF_SEED_7: [u32; 12] = [1, 2, 1, 2, 2, 1, 1, 1, 1, 1, 1, 1];

#[test]
fn what_is_no_plan_cannot_be_made() {
    assert!(PerMinute::from_thousandths(0).is_err() && PerMinute::from_thousandths(6_000_001).is_err());
    for wrong in ["0", "-1", "0.0001", "6000.001", "1e3", "", "99999999999999999999"] {
        assert_eq!(wrong.parse::<PerMinute>(), Err(InvalidPerMinute), "{wrong}");
    }
    assert_eq!("0.1".parse(), PerMinute::from_thousandths(100));
    assert!(Bursts::new(0, 1).is_none() && Bursts::new(1, 0).is_none() && Bursts::new(1, 10_001).is_none());
    assert!(ArrivalMix::new([]).is_none() && ArrivalMix::new([(0, draft(1))]).is_none());
    assert!(ArrivalMix::new([(u32::MAX, draft(1)), (1, draft(2))]).is_none());
}

#[test]
fn after_a_pause_they_go_on_where_they_were() {
    let mut arrivals = Arrivals::new(plan(1_000, None, 7), START);
    let mut unpaused = arrivals.clone();
    arrivals.due(after(90_000));
    arrivals.resume(after(1_000_000));
    assert_eq!((arrivals.arrived(), arrivals.next_at()), (1, Some(after(1_030_000))));
    let quantities = |due: Due| told(&due).into_iter().map(|(_, quantity)| quantity).collect::<Vec<_>>();
    let (paused, first) =
        (quantities(arrivals.due(after(1_900_000))), quantities(unpaused.due(after(990_000))));
    assert_eq!(paused, first[1..], "the same orders");
}

fn any_plan() -> impl Strategy<Value = ArrivalPlan> {
    let bursts = prop::option::of((1..=Bursts::MAX_EVERY_MINUTES, 1..=Bursts::MAX_SIZE));
    (1..=6_000_000_u32, bursts, any::<u64>()).prop_map(|(rate, bursts, seed)| plan(rate, bursts, seed))
}

proptest! {
    #[test]
    fn many_small_steps_bring_what_one_big_step_brings(
        rate in 1..=60_000_u32, bursts in prop::option::of((1..=5_u32, 1..=50_u32)), seed in any::<u64>(),
        steps in prop::collection::vec(0..=120_000_u64, 1..40),
    ) {
        let mut stepping = Arrivals::new(plan(rate, bursts, seed), START);
        let mut jumping = stepping.clone();
        let (mut passed, mut came) = (0, Vec::new());
        for step in steps {
            passed += step;
            let next = stepping.next_at().unwrap();
            let due = stepping.due(after(passed));
            prop_assert_eq!(due.skipped, 0);
            prop_assert_eq!(due.orders.first().map(|(at, _)| *at), Some(next).filter(|at| *at <= after(passed)));
            came.extend(due.orders);
        }
        let due = jumping.due(after(passed));
        prop_assert_eq!(&due.orders, &came);
        prop_assert!(came.is_sorted_by_key(|(at, _)| *at));
        prop_assert!(came.iter().all(|(at, _)| *at > START && *at <= after(passed)));
        prop_assert_eq!((&stepping, stepping.arrived()), (&jumping, came.len() as u64));
    }

    #[test]
    fn any_plan_bears_any_moments(plan in any_plan(), start in any::<i64>(), moments in prop::collection::vec(0..=LAST, 1..4)) {
        let mut arrivals = Arrivals::new(plan, Timestamp::from_millis(start));
        let (mut asked, mut came) = (arrivals.since(), 0);
        for moment in moments {
            let now = Timestamp::from_millis(moment);
            let due = arrivals.due(now);
            prop_assert!(due.orders.len() <= Arrivals::MAX_DUE && (due.skipped == 0 || due.orders.len() == Arrivals::MAX_DUE));
            prop_assert!(due.orders.iter().all(|(at, _)| *at > asked && *at <= now));
            prop_assert!(due.orders.is_sorted_by_key(|(at, _)| *at));
            asked = asked.max(now);
            came += due.orders.len() as u64;
            prop_assert_eq!(arrivals.arrived(), came);
            prop_assert!(arrivals.next_at().is_none_or(|next| next > asked));
            arrivals.resume(asked);
        }
        arrivals.leave_out(u64::MAX);
        prop_assert_eq!(arrivals.arrived(), 0);
    }
}
