//! Replay of a script.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use tokio::time::{Duration, sleep};

use crate::http::{Answer, Call, TransportError};
use crate::provision::{Need, ProvisionError, World};

use crate::script::{Expect, Script, Seen, Step, Who};
use crate::target::Target;
use crate::template::{Bindings, Hole};

/// Why a script could not be done again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    /// The target could not be prepared.
    #[error("{0}")]
    ProvisionError(#[from] ProvisionError),
    /// There was no answer.
    #[error("{0}")]
    TransportError(#[from] TransportError),
    /// The script makes no sense.
    #[error("{0}")]
    Nonsense(String),
}

/// How often a script is done again that proved nothing.
const MOST_UNCERTAIN: u32 = 4;
/// What a script may do at most: one that comes from a file is anybody's.
const MOST_STEPS: usize = 10_000;
const MOST_CALLS: u64 = 100_000;
const MOST_TOGETHER: usize = 1_000;
const MOST_ORDERS: u64 = 10_000;
const MOST_BODY: usize = 64 << 20;
const LONGEST: Duration = Duration::from_hours(366 * 24);

/// What a script needs and the target does not offer.
pub(crate) fn missing(target: &Target, script: &Script) -> Vec<Need> {
    let mut needs = BTreeSet::new();
    for step in &script.steps {
        match step {
            Step::Place(_) => drop(needs.insert(Need::Orders)),
            Step::Use(_) => {}
            Step::Advance(_) => drop(needs.insert(Need::Time)),
            Step::NewKey { .. } => drop(needs.insert(Need::NewKey)),
            Step::RevokeKey(_) => drop(needs.insert(Need::RevokeKey)),
            Step::Look(_) => drop(needs.insert(Need::State)),
            Step::Call(call) | Step::Repeat(call, _) => call_needs(call, &mut needs),
            Step::Together(calls) => calls.iter().for_each(|call| call_needs(call, &mut needs)),
        }
    }
    target.offers.missing(&needs.into_iter().collect::<Vec<_>>())
}

fn call_needs(call: &Call, needs: &mut BTreeSet<Need>) {
    let mut has_key = false;
    for name in call.headers.iter().flat_map(|(_, value)| value.holes()).filter_map(Hole::key) {
        has_key = true;
        needs.insert(if name == Who::Second.as_str() { Need::Second } else { Need::Key });
    }
    if has_key && call.may_hand_out() {
        needs.insert(Need::Lists);
    } else if has_key && !matches!(call.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        needs.insert(Need::Writes);
    }
}

/// Whether a script makes sense and stays within bounds.
pub(crate) fn check(script: &Script) -> Result<(), ReplayError> {
    let nonsense = |why: String| Err(ReplayError::Nonsense(why));
    let steps = script.steps.len();
    if steps > MOST_STEPS {
        return nonsense(format!("there are {steps} steps, and {MOST_STEPS} at most can be done again"));
    }
    if script.judged >= steps {
        return nonsense(format!(
            "the step {} is judged, counted from 0, and there are {steps}",
            script.judged
        ));
    }
    let (mut calls, mut orders) = (0_u64, 0_u64);
    for (place, step) in script.steps.iter().enumerate() {
        let made = match step {
            Step::Together(calls) if calls.len() > MOST_TOGETHER => {
                return nonsense(format!("the step {place} makes more than {MOST_TOGETHER} calls at once"));
            }
            Step::Call(call) | Step::Repeat(call, _) => std::slice::from_ref(call),
            Step::Together(calls) => calls,
            Step::Advance(millis) if Duration::from_millis(*millis) > LONGEST => {
                return nonsense(format!("the step {place} moves the clock by more than a year"));
            }
            _ => &[],
        };
        if made.iter().any(|call| call.body.len().is_none_or(|length| length > MOST_BODY)) {
            return nonsense(format!("the step {place} has a body of more than {} MiB", MOST_BODY >> 20));
        }
        calls += if let Step::Repeat(_, times) = step { u64::from(*times) } else { made.len() as u64 };
        orders += match step {
            Step::Place(orders) => u64::from(orders.count),
            Step::Use(_) => 1,
            _ => 0,
        };
    }
    if calls > MOST_CALLS {
        return nonsense(format!("there are {calls} calls, and {MOST_CALLS} at most can be made again"));
    }
    if orders > MOST_ORDERS {
        return nonsense(format!("there are {orders} orders, and {MOST_ORDERS} at most can be made again"));
    }
    match named(&script.expect).into_iter().max() {
        Some(order) if order as u64 >= orders => {
            nonsense(format!("the order {order} is named, counted from 0, and the steps make {orders}"))
        }
        _ => Ok(()),
    }
}

/// Does a script again on a clean state. The inner error is what was got in place of what is expected.
pub(crate) async fn replay(target: &Target, script: &Script) -> Result<Result<(), String>, ReplayError> {
    check(script)?;
    for _ in 0..MOST_UNCERTAIN {
        let world = target.world().await?;
        world.seat.mark_dirty();
        let is_uncertain = Cell::new(false);
        let outcome = replay_in(target, &world, script, &is_uncertain).await;
        target.provisioner.close(&world).await;
        // What may have been carried out twice proves nothing.
        if !is_uncertain.get() || !matches!(outcome, Ok(Err(_))) {
            return outcome;
        }
    }
    Err(ReplayError::Nonsense(
        "the target closes kept connections under its calls, so that nothing is proved".to_owned(),
    ))
}

async fn replay_in(
    target: &Target,
    world: &World,
    script: &Script,
    is_uncertain: &Cell<bool>,
) -> Result<Result<(), String>, ReplayError> {
    let mut bindings = Bindings {
        keys: world.keys.clone(),
        orders: Vec::new(),
        password: target.password.clone(),
        case: target.tag(),
    };
    for (name, key) in &target.config.keys {
        bindings.keys.entry(name.clone()).or_insert_with(|| key.clone());
    }
    let mut answers: Vec<Vec<Rc<Answer>>> = Vec::new();
    for step in &script.steps {
        match answered(target, world, &mut bindings, script, step).await {
            Ok(some) => {
                if some.iter().any(|answer| answer.resent) {
                    is_uncertain.set(true);
                }
                answers.push(some);
            }
            Err(ReplayError::TransportError(error))
                if error.is_silence() && script.expect == Expect::Answered =>
            {
                return Ok(Err(error.to_string()));
            }
            Err(other) => return Err(other),
        }
    }
    let seen = Seen { answers: &answers, orders: &bindings.orders };
    Ok(script.expect.judge(script.judged, &seen))
}

async fn answered(
    target: &Target,
    world: &World,
    bindings: &mut Bindings,
    script: &Script,
    step: &Step,
) -> Result<Vec<Rc<Answer>>, ReplayError> {
    if step.calls() > 0 {
        target.provisioner.settle(world).await?;
    }
    match step {
        Step::Place(orders) => {
            let numbers = target.create_orders(world, std::slice::from_ref(orders)).await?;
            bindings.orders.extend(numbers.into_iter().flatten());
        }
        Step::Use(number) => bindings.orders.push(*number),
        Step::Advance(millis) if target.offers.waits => sleep(Duration::from_millis(*millis)).await,
        Step::Advance(millis) => drop(target.advance(world, *millis).await?),
        Step::NewKey { supplier, name } => {
            let key = target.provisioner.new_key(world, *supplier).await?;
            target.keep_secret(&key);
            bindings.keys.insert(name.clone(), key);
        }
        Step::RevokeKey(name) => {
            let of = |step: &Step| match step {
                Step::NewKey { supplier, name: other } if other == name => Some(*supplier),
                _ => None,
            };
            let supplier = script.steps.iter().find_map(of).unwrap_or(Who::First);
            let key = bindings.keys.get(name).cloned().unwrap_or_default();
            target.provisioner.revoke_key(world, supplier, &key).await?;
        }
        Step::Look(order) => {
            let unknown =
                || ReplayError::Nonsense(format!("order {order} is looked at, and no step makes it"));
            let number = *bindings.orders.get(*order).ok_or_else(unknown)?;
            let state = target.provisioner.order_state(world, number).await?;
            return Ok(vec![Rc::new(state.as_answer())]);
        }
        Step::Call(call) => return Ok(vec![send(target, bindings, call).await?]),
        Step::Together(calls) => {
            let all = futures::future::join_all(calls.iter().map(|call| send(target, bindings, call))).await;
            return all.into_iter().collect();
        }
        Step::Repeat(call, times) => {
            let mut last = Vec::new();
            for _ in 0..*times {
                let answer = send(target, bindings, call).await?;
                let wrong = script.expect.judge_one(&answer, &bindings.orders).is_err();
                last = vec![answer];
                if wrong {
                    break;
                }
            }
            return Ok(last);
        }
    }
    Ok(Vec::new())
}

async fn send(target: &Target, bindings: &Bindings, call: &Call) -> Result<Rc<Answer>, ReplayError> {
    Ok(Rc::new(target.transport.send(call, bindings).await?))
}

/// The orders that an expectation names.
fn named(expect: &Expect) -> Vec<usize> {
    match expect {
        Expect::Lists { orders }
        | Expect::Lacks { orders }
        | Expect::Sequence { orders }
        | Expect::Exactly { orders } => orders.clone(),
        Expect::OrderIs { order, .. } | Expect::OrderLacks { order, .. } => vec![*order],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Body, LIST};
    use crate::script::NewOrders;

    fn nonsense(steps: Vec<Step>, judged: usize, expect: Expect) -> String {
        check(&Script { steps, judged, expect }).unwrap_err().to_string()
    }

    #[test]
    fn what_makes_no_sense_is_not_begun() {
        let list = || Step::Call(Call::new("GET", LIST));
        let lists = Expect::Lists { orders: vec![0, 2] };
        assert!(nonsense(vec![list()], 1, Expect::Answered).contains("is judged"));
        assert!(nonsense(vec![], 0, Expect::Answered).contains("is judged"));
        let two = Step::Place(NewOrders::some(2));
        assert!(nonsense(vec![two.clone(), list()], 1, lists.clone()).contains("the order 2 is named"));
        let mine = Script { steps: vec![two, Step::Use(7), list()], judged: 2, expect: lists };
        assert!(check(&mine).is_ok());
    }

    #[test]
    fn what_would_never_end_is_not_begun() {
        let list = Call::new("GET", LIST);
        let parts = |times| Call::new("POST", LIST).body(Body::Parts(vec![("ab".to_owned(), times)]));
        for (step, why) in [
            (Step::Repeat(list.clone(), u32::MAX), "calls"),
            (Step::Together(vec![list; 1001]), "at once"),
            (Step::Advance(u64::MAX), "a year"),
            (Step::Place(NewOrders::some(u32::MAX)), "orders"),
            (Step::Call(parts(usize::MAX)), "a body"),
            (Step::Call(parts(1 << 30)), "a body"),
        ] {
            let told = nonsense(vec![step], 0, Expect::Answered);
            assert!(told.contains(why), "{told}");
        }
        let many = vec![Step::Use(1); MOST_STEPS + 1];
        assert!(nonsense(many, 0, Expect::Answered).contains("steps"));
    }
}
