//! Property tests over any faults and any calls.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::{
    Afterwards, Chance, Close, Course, Delay, Effect, EffectRequest, FaultAction, FaultRequest, Faults,
    Filter, FiredFault, Framing, Instead, NewFault, Occasions, Operation, Replacement, Strike, When,
};
use super::{Call, Callers, at, clock, ids, is_usual, read_back};
use crate::{Clock, ClockChange, ClockSetting, OrderId, Rate, SupplierId};

/// A call by index of its operation, its supplier, its order, and how long after the one before it is made.
type Made = (Operation, bool, Option<i64>, i64);

fn effects() -> impl Strategy<Value = Effect> {
    let (how, when, framing) = (|| select(Close::ALL), || select(When::ALL), || select(Framing::ALL));
    prop_oneof![
        (select(crate::ErrorCode::FORCEABLE), when()).prop_map(|(code, when)| Effect::Error { code, when }),
        (400_i64..600, any::<bool>(), when())
            .prop_map(|(status, envelope, when)| Effect::status(status, envelope, when).unwrap()),
        (0_i64..30_000, 1_i64..30_000, when())
            .prop_map(|(fixed, jitter, when)| Effect::delay(fixed, jitter, when).unwrap()),
        how().prop_map(|how| Effect::DropBefore { how }),
        how().prop_map(|how| Effect::DropAfter { how }),
        (any::<u32>(), framing()).prop_map(|(bytes, framing)| Effect::Truncate { bytes, framing }),
        Just(Effect::Garbage),
        (1_i64..4, 1_i64..5).prop_map(|(calls, period)| Effect::rate_limit(calls, period).unwrap()),
    ]
}

/// Whether what that fault did is what its effect says.
fn is_action_of(effect: &Effect, action: FaultAction) -> bool {
    match (effect, action) {
        (Effect::Delay { delay, when }, FaultAction::Delay { time, when: then }) => {
            *when == then && (delay.fixed()..=delay.longest()).contains(&time)
        }
        (effect, FaultAction::Course(course)) => match (effect, course) {
            (Effect::Error { when: When::Before, code }, Course::Instead(Instead::Replace(answer)))
            | (Effect::Error { when: When::After, code }, Course::Afterwards(Afterwards::Replace(answer))) => {
                answer == Replacement::Error(*code)
            }
            (
                Effect::Status { when: When::Before, status, envelope },
                Course::Instead(Instead::Replace(answer)),
            )
            | (
                Effect::Status { when: When::After, status, envelope },
                Course::Afterwards(Afterwards::Replace(answer)),
            ) => answer == Replacement::Status { status: *status, envelope: *envelope },
            (Effect::DropBefore { how }, Course::Instead(Instead::Drop(closed)))
            | (Effect::DropAfter { how }, Course::Afterwards(Afterwards::Drop(closed))) => *how == closed,
            (
                Effect::Truncate { bytes, framing },
                Course::Afterwards(Afterwards::Truncate { bytes: sent, framing: framed }),
            ) => *bytes == sent && *framing == framed,
            (Effect::Garbage, Course::Afterwards(Afterwards::Garbage)) => true,
            (Effect::RateLimit(limit), Course::Instead(Instead::RateLimited { retry_after })) => {
                retry_after.is_some_and(|it| (1..=limit.period().as_secs()).contains(&it.into()))
            }
            _ => false,
        },
        _ => false,
    }
}

fn faults() -> impl Strategy<Value = NewFault> {
    let filter = (of(select(Operation::ALL)), of(1_i64..4), of(any::<bool>()));
    let occasions = (of(1_u64..5), 0_u64..3, 1_u64..4, 1_u32..=1_000_000);
    (filter, effects(), occasions, of(0_u64..20), of(any::<u64>())).prop_map(
        |((operation, order, supplier), effect, (times, skip, every, chance), ttl, seed)| NewFault {
            filter: Filter {
                operation,
                order: order.and_then(OrderId::new),
                supplier: supplier.map(|first| by(&Callers::new(), first).clone()),
            },
            effect,
            occasions: Occasions {
                times: times.and_then(|it| it.try_into().ok()),
                skip,
                every: every.try_into().unwrap(),
                chance: Chance::try_from(chance).unwrap(),
            },
            ttl: ttl.map(Duration::from_secs),
            seed,
        },
    )
}

fn calls() -> impl Strategy<Value = Vec<Made>> {
    vec((select(Operation::ALL), any::<bool>(), of(-1_i64..4), 0_i64..1_500), 0..60)
}

fn by(callers: &Callers, first: bool) -> &SupplierId {
    if first { &callers.aurora } else { &callers.birch }
}

/// Makes the calls, from the moment `now` on, and looks at the plan after each.
fn make(
    plan: &mut Faults,
    calls: &[Made],
    mut now: i64,
    mut look: impl FnMut(&mut Faults, &Strike),
) -> Vec<Strike> {
    let callers = Callers::new();
    let mut strikes = Vec::new();
    for (operation, first, order, later) in calls {
        now += later;
        let order = order.and_then(OrderId::new);
        let call = Call { operation: *operation, supplier: by(&callers, *first), order };
        let strike = plan.decide(&call, &clock(now));
        look(plan, &strike);
        strikes.push(strike);
    }
    strikes
}

fn arm(faults: &[NewFault]) -> Faults {
    let mut plan = Faults::default();
    for fault in faults {
        plan.arm(fault.clone(), at(0)).unwrap();
    }
    plan
}

proptest! {
    #[test]
    fn the_same_calls_meet_the_same_faults_through_a_snapshot_too(faults in vec(faults(), 0..8), calls in calls()) {
        let (mut plan, mut other) = (arm(&faults), arm(&faults));
        let strikes = make(&mut plan, &calls, 0, |_, _| ());
        // After each call the other is written and read.
        let again = make(&mut other, &calls, 0, |plan, _| *plan = read_back(plan));
        prop_assert_eq!(strikes, again);
        prop_assert_eq!(plan, other);
    }

    #[test]
    fn counts_add_up(faults in vec(faults(), 0..8), calls in calls()) {
        let lasting: Vec<_> = faults.into_iter().map(|it| NewFault { ttl: None, ..it }).collect();
        let mut plan = arm(&lasting);
        let strikes = make(&mut plan, &calls, 0, |_, _| ());
        for fault in plan.armed(at(0)) {
            let fired = strikes.iter().filter(|strike| ids(strike).contains(&fault.id)).count() as u64;
            prop_assert_eq!(fault.fired, fired);
            prop_assert!(fault.fired <= fault.matched && fault.matched <= calls.len() as u64);
            prop_assert!(fault.fired <= fault.matched.saturating_sub(fault.occasions.skip) / fault.occasions.every);
            prop_assert!(fault.occasions.times.is_none_or(|times| fault.fired <= times.get()));
        }
    }

    #[test]
    fn a_strike_says_which_faults_made_it(faults in vec(faults(), 0..8), calls in calls()) {
        let mut plan = arm(&faults);
        for strike in make(&mut plan, &calls, 0, |_, _| ()) {
            let (mut before, mut after, mut courses) = (Duration::ZERO, Duration::ZERO, Vec::new());
            for fired in &strike.fired {
                let effect = faults[usize::try_from(fired.id.0).unwrap() - 1].effect;
                let action = fired.action.unwrap();
                prop_assert!(is_action_of(&effect, action), "{effect:?}: {action:?}");
                match action {
                    FaultAction::Delay { time, when: When::Before } => before += time,
                    FaultAction::Delay { time, when: When::After } => after += time,
                    FaultAction::Course(course) => courses.push(course),
                }
                prop_assert_eq!(read_back_fault(fired), *fired);
            }
            prop_assert!(ids(&strike).is_sorted());
            prop_assert_eq!((strike.delay_before, strike.delay_after), (before.min(Delay::MAX), after.min(Delay::MAX)));
            prop_assert_eq!(courses, Vec::from_iter((strike.course != Course::Usual).then_some(strike.course)));
            prop_assert_eq!(strike.fired.is_empty(), is_usual(&strike));
        }
    }

    #[test]
    fn a_supplier_who_waits_as_long_as_told_is_let_through_and_not_a_second_before(
        rate in prop_oneof![1_u32..=100_000_000, 1_u32..5_000], calls in 1_i64..4, period in 1_i64..5_000,
        steps in vec(0_i64..3_000, 1..12),
    ) {
        let callers = Callers::new();
        let mut plan = arm(&[NewFault::new(Effect::rate_limit(calls, period).unwrap())]);
        let mut clock = Clock::running(at(0));
        let rate = Some(Rate::from_thousandths(rate).unwrap());
        clock.change(ClockChange::Set(ClockSetting { rate, ..ClockSetting::default() }), at(0)).unwrap();
        // What comes of a call at that moment of the server's time.
        let call = |plan: &mut Faults, clock: &Clock, server: i64| {
            let mut clock = clock.clone();
            clock.read(at(server));
            plan.decide(&callers.list(), &clock).course
        };
        let mut server = 0;
        for step in steps {
            server += step;
            clock.read(at(server));
            let Course::Instead(Instead::RateLimited { retry_after }) = call(&mut plan, &clock, server) else { continue };
            let seconds = i64::from(retry_after.unwrap());
            prop_assert_eq!(call(&mut plan.clone(), &clock, server + seconds * 1_000), Course::Usual);
            if seconds > 1 {
                let too_early = call(&mut plan.clone(), &clock, server + (seconds - 1) * 1_000);
                prop_assert_eq!(too_early, Course::Instead(Instead::RateLimited { retry_after: Some(1) }));
            }
        }
    }

    #[test]
    fn chance_takes_no_notice_of_the_clock_or_of_other_faults(
        fault in faults(), others in vec(faults(), 0..6), calls in calls(), start in any::<i64>(),
    ) {
        // A delay always fires when it is due, so what becomes of it shows when that is.
        let occasions = Occasions { times: None, ..fault.occasions };
        let effect = Effect::delay(1, 100, When::Before).unwrap();
        let fault = NewFault { effect, occasions, ttl: None, seed: Some(fault.seed.unwrap_or(5)), ..fault };
        let others: Vec<_> = others.into_iter().filter(|it| !matches!(it.effect, Effect::Delay { .. })).collect();
        let (mut alone, mut among) = (arm(std::slice::from_ref(&fault)), arm(&others));
        among.arm(fault, at(0)).unwrap();
        let frozen: Vec<_> = calls.iter().map(|(operation, first, order, _)| (*operation, *first, *order, 0)).collect();
        let delays = |strikes: Vec<Strike>| strikes.into_iter().map(|it| it.delay_before).collect::<Vec<_>>();
        let expected = delays(make(&mut alone, &frozen, at(start).as_millis(), |_, _| ()));
        prop_assert_eq!(delays(make(&mut among, &calls, 0, |_, _| ())), expected);
    }

    #[test]
    fn no_request_is_a_reason_to_panic(
        words in (of(".*"), of(".*"), of(select(crate::fault::EffectKind::WORDS)), of(".*")),
        manners in (of(select(Close::WORDS)), of(select(When::WORDS)), of(select(Framing::WORDS))),
        numbers in vec(of(any::<i64>()), 10..11), probability in of(any::<f64>()), calls in calls(),
    ) {
        let effect = EffectRequest {
            kind: words.2.map(str::to_owned),
            code: words.3,
            status: numbers[0],
            envelope: None,
            fixed_millis: numbers[1],
            jitter_millis: numbers[2],
            bytes: numbers[3],
            framing: manners.2.map(str::to_owned),
            how: manners.0.map(str::to_owned),
            when: manners.1.map(str::to_owned),
            calls: numbers[4],
            period_seconds: numbers[5],
        };
        let request = FaultRequest {
            operation: words.0,
            order: numbers[6],
            supplier: words.1,
            effect,
            times: numbers[7],
            skip: numbers[9],
            every: numbers[8],
            probability,
            ttl_seconds: numbers[7],
            seed: None,
        };
        if let Ok(new) = request.check() {
            make(&mut arm(&[new]), &calls, i64::MAX / 2, |_, _| ());
        }
    }

    /// A snapshot may come from anywhere: what it says is out of range is refused, or does no harm.
    #[test]
    fn no_snapshot_is_a_reason_to_panic(
        faults in vec(faults(), 1..4), numbers in vec(of(select(&[0_u64, 1, 599, 600, u64::MAX][..])), 24), calls in calls(),
    ) {
        let mut snapshot = serde_json::to_value(arm(&faults)).unwrap();
        let mut numbers = numbers.into_iter().cycle();
        overwrite(&mut snapshot, &mut numbers);
        if let Ok(mut plan) = serde_json::from_value::<Faults>(snapshot) {
            let mut twin = plan.clone();
            prop_assert_eq!(make(&mut plan, &calls, 0, |_, _| ()), make(&mut twin, &calls, 0, |_, _| ()));
            let _ = plan.arm(faults[0].clone(), at(0));
        }
    }
}

fn read_back_fault(fired: &FiredFault) -> FiredFault {
    serde_json::from_str(&serde_json::to_string(fired).unwrap()).unwrap()
}

/// Puts other numbers in the place of those that are there, or leaves them.
fn overwrite(value: &mut serde_json::Value, numbers: &mut impl Iterator<Item = Option<u64>>) {
    match value {
        serde_json::Value::Number(_) => {
            if let Some(number) = numbers.next().flatten() {
                *value = number.into();
            }
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(|value| overwrite(value, numbers)),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|value| overwrite(value, numbers)),
        _ => {}
    }
}
