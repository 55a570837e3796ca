//! Doing a script again.

use std::rc::Rc;

use tokio::time::{Duration, sleep};

use crate::http::{Answer, Call, Trouble};
use crate::provision::{Lack, World};
use crate::run::Run;
use crate::script::{Expect, Script, Seen, Step};
use crate::template::Bindings;

/// Why a script could not be done again.
#[derive(Debug, thiserror::Error)]
pub enum Undone {
    /// The target could not be prepared.
    #[error("{0}")]
    Lack(#[from] Lack),
    /// There was no answer.
    #[error("{0}")]
    Trouble(#[from] Trouble),
    /// The script makes no sense.
    #[error("{0}")]
    Nonsense(String),
}

/// Does a script again on a clean state. The inner error is what was got in place of what is expected.
pub async fn replay(run: &Run, script: &Script) -> Result<Result<(), String>, Undone> {
    let world = run.world().await?;
    let outcome = replay_in(run, &world, script).await;
    run.provisioner.close(&world).await;
    outcome
}

async fn replay_in(run: &Run, world: &World, script: &Script) -> Result<Result<(), String>, Undone> {
    let mut bindings =
        Bindings { keys: world.keys.clone(), orders: Vec::new(), password: run.password.clone() };
    for (name, key) in &run.config.keys {
        bindings.keys.entry(name.clone()).or_insert_with(|| key.clone());
    }
    let mut answers: Vec<Vec<Rc<Answer>>> = Vec::new();
    for step in &script.steps {
        match answered(run, world, &mut bindings, script, step).await {
            Ok(some) => answers.push(some),
            Err(Undone::Trouble(trouble)) if trouble.is_silence() && script.expect == Expect::Answered => {
                return Ok(Err(trouble.to_string()));
            }
            Err(other) => return Err(other),
        }
    }
    if script.judged >= answers.len() {
        return Err(Undone::Nonsense(format!(
            "step {} is judged, and there are {}",
            script.judged,
            answers.len()
        )));
    }
    let most = named(&script.expect).into_iter().max();
    if most.is_some_and(|order| order >= bindings.orders.len()) {
        return Err(Undone::Nonsense("an order is named that no step makes".to_owned()));
    }
    let seen = Seen { answers: &answers, orders: &bindings.orders };
    Ok(script.expect.judge(script.judged, &seen))
}

async fn answered(
    run: &Run,
    world: &World,
    bindings: &mut Bindings,
    script: &Script,
    step: &Step,
) -> Result<Vec<Rc<Answer>>, Undone> {
    match step {
        Step::Place(orders) => {
            let numbers = run.provisioner.create_orders(world, orders).await?;
            bindings.orders.extend(numbers);
        }
        Step::Use(number) => bindings.orders.push(*number),
        Step::Advance(millis) if run.offers.waits => sleep(Duration::from_millis(*millis)).await,
        Step::Advance(millis) => run.provisioner.advance(world, *millis).await?,
        Step::NewKey { supplier, name } => {
            let key = run.provisioner.new_key(Some(world), *supplier).await?;
            run.keep_secret(&key);
            bindings.keys.insert(name.clone(), key);
        }
        Step::RevokeKey(name) => {
            let of = |step: &Step| match step {
                Step::NewKey { supplier, name: other } if other == name => Some(*supplier),
                _ => None,
            };
            let supplier = script.steps.iter().find_map(of).unwrap_or(crate::script::Who::First);
            let key = bindings.keys.get(name).cloned().unwrap_or_default();
            run.provisioner.revoke_key(world, supplier, &key).await?;
        }
        Step::Look(order) => {
            let unknown = || Undone::Nonsense(format!("order {order} is looked at, and no step makes it"));
            let number = *bindings.orders.get(*order).ok_or_else(unknown)?;
            let state = run.provisioner.order_state(world, number).await?;
            return Ok(vec![Rc::new(state.as_answer())]);
        }
        Step::Call(call) => return Ok(vec![send(run, bindings, call).await?]),
        Step::Together(calls) => {
            let all = futures::future::join_all(calls.iter().map(|call| send(run, bindings, call))).await;
            return all.into_iter().collect();
        }
        Step::Repeat(call, times) => {
            let mut last = Vec::new();
            for _ in 0..*times {
                let answer = send(run, bindings, call).await?;
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

async fn send(run: &Run, bindings: &Bindings, call: &Call) -> Result<Rc<Answer>, Undone> {
    Ok(Rc::new(run.transport.send(call, bindings).await?))
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
