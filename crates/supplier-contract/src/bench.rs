//! Where a check works: it opens cases, runs properties, and keeps what was seen broken.

use std::cell::RefCell;

use futures::StreamExt as _;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use tokio::time::{Duration, Instant};

use crate::case::{Broken, Case, CaseError, is_chosen};
use crate::claim::Claim;
use crate::ledger::Ledger;
use crate::outcome::{Finding, Reproduced, Verdict};
use crate::provision::Provision;
use crate::replay;
use crate::schema::Violation;
use crate::script::{Expect, Script, Step, shell};
use crate::target::Target;

/// How often a finding is looked for again.
const TRIES: u32 = 3;
/// How often a case is tried again that proved nothing.
const MOST_UNCERTAIN: u32 = 4;
/// How many cases of a property run before the first of them is judged, at most. Whatever the number of seats, the same cases run:
/// findings do not depend on it.
const MOST_AHEAD: usize = 32;
/// How many smaller cases are tried, and for how long.
const MOST_SMALLER: u32 = 400;
const LONGEST_SHRINKING: Duration = Duration::from_secs(20);

/// A check at work.
pub struct Bench<'r> {
    /// The target that is tested.
    pub target: &'r Target,
    ledger: Ledger,
    findings: RefCell<Vec<Finding>>,
}

impl<'r> Bench<'r> {
    pub(crate) fn new(target: &'r Target, ledger: Ledger) -> Self {
        Self { target, ledger, findings: RefCell::default() }
    }

    /// How many cases a property runs.
    pub fn property_cases(&self) -> u32 {
        let usual = match self.target.provisioner.kind() {
            // A process for each request.
            Provision::Command => 8,
            _ => 128,
        };
        let cases = self.target.config.cases.unwrap_or(usual);
        if self.target.is_fresh() { cases } else { cases.min(4) }
    }

    /// How many cases ran, and how many calls they made.
    pub(crate) const fn spent(&self) -> (u32, u64) {
        self.ledger.spent()
    }

    /// Why cases were left out, if any were, and whether all were.
    pub(crate) fn left_out(&self) -> Option<(String, bool)> {
        self.ledger.left_out()
    }

    /// Whether the check has seen that broken.
    pub(crate) fn knows(&self, claim: Claim) -> bool {
        self.ledger.knows(claim)
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    /// Runs a case. If it sees a rule broken, that is looked for again before it is told.
    pub async fn case(
        &self,
        body: impl AsyncFn(&mut Case<'_>) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        loop {
            match self.attempt(&body).await {
                Err(CaseError::Broken(broken)) => {
                    let goes_on = is_chosen(broken.claim);
                    self.confirm(*broken, &body).await?;
                    // The rest of the case is looked at without what is known to be chosen otherwise.
                    if !goes_on {
                        return Ok(());
                    }
                }
                Err(CaseError::LeftOut(why)) => {
                    self.ledger.leave_out(why);
                    return Ok(());
                }
                other => return other,
            }
        }
    }

    /// Runs a case for each of so many random values, and looks for a smaller one when a rule is broken.
    pub async fn property<S: Strategy>(
        &self,
        cases: u32,
        strategy: S,
        body: impl AsyncFn(&mut Case<'_>, &S::Value) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        let mut runner = TestRunner::new(Config {
            rng_algorithm: RngAlgorithm::ChaCha,
            rng_seed: RngSeed::Fixed(self.target.config.seed ^ hash(self.ledger.check().id)),
            failure_persistence: None,
            ..Config::default()
        });
        let fresh = self.target.is_fresh();
        let (mut left, mut ahead) = (cases as usize, 1);
        while left > 0 {
            let trees = (0..ahead.min(left)).map(|_| strategy.new_tree(&mut runner));
            let trees = trees.collect::<Result<Vec<_>, _>>();
            let trees = trees.map_err(|why| CaseError::Failed(why.to_string()))?;
            left -= trees.len();
            let values: Vec<_> = trees.iter().map(ValueTree::current).collect();
            let attempts = values.iter().map(|value| self.attempt_with(&body, value));
            let outcomes: Vec<_> = futures::stream::iter(attempts).buffered(MOST_AHEAD).collect().await;
            for ((mut tree, value), mut outcome) in trees.into_iter().zip(values).zip(outcomes) {
                // An earlier case has shown that: this one is looked at for what else is wrong.
                if matches!(&outcome, Err(CaseError::Broken(broken)) if self.ledger.knows(broken.claim)) {
                    outcome = self.attempt_with(&body, &value).await;
                }
                match outcome {
                    Ok(()) => {}
                    Err(CaseError::Broken(broken)) => {
                        let (broken, value) = self.smaller(*broken, value, &mut tree, &body).await;
                        let goes_on = is_chosen(broken.claim);
                        self.confirm(broken, &async |case: &mut Case<'_>| body(case, &value).await).await?;
                        if !goes_on {
                            return Ok(());
                        }
                    }
                    Err(CaseError::LeftOut(why)) => self.ledger.leave_out(why),
                    other => return other,
                }
            }
            // A bug shows itself in the first cases, mostly: then few have run for nothing.
            ahead = if fresh { (ahead * 2).min(MOST_AHEAD) } else { 1 };
        }
        Ok(())
    }

    async fn attempt_with<T>(
        &self,
        body: &impl AsyncFn(&mut Case<'_>, &T) -> Result<(), CaseError>,
        value: &T,
    ) -> Result<(), CaseError> {
        self.attempt(&async |case: &mut Case<'_>| body(case, value).await).await
    }

    /// The smallest case found that breaks the same rule. Where there is no clean state, an earlier attempt may be why a
    /// later one fails: nothing smaller is looked for.
    async fn smaller<T: ValueTree>(
        &self,
        first: Broken,
        value: T::Value,
        tree: &mut T,
        body: &impl AsyncFn(&mut Case<'_>, &T::Value) -> Result<(), CaseError>,
    ) -> (Broken, T::Value) {
        let mut best = (first, value);
        if !self.target.is_fresh() || !tree.simplify() {
            return best;
        }
        let started = Instant::now();
        for _ in 0..MOST_SMALLER {
            if started.elapsed() > LONGEST_SHRINKING {
                break;
            }
            let value = tree.current();
            let outcome = self.attempt_with(body, &value).await;
            let goes_on = match outcome {
                Err(CaseError::Broken(broken)) if broken.claim == best.0.claim => {
                    best = (*broken, value);
                    tree.simplify()
                }
                _ => tree.complicate(),
            };
            if !goes_on {
                break;
            }
        }
        best
    }

    /// Runs a case, and once more if what it saw proves nothing.
    async fn attempt(
        &self,
        body: &impl AsyncFn(&mut Case<'_>) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        self.ledger.begin_case();
        for _ in 0..MOST_UNCERTAIN {
            match self.attempt_once(body).await {
                Err(CaseError::LeftOut(_)) if self.target.is_fresh() && !self.target.config.read_only => {}
                outcome => return outcome,
            }
        }
        self.attempt_once(body).await
    }

    async fn attempt_once(
        &self,
        body: &impl AsyncFn(&mut Case<'_>) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        let world = self.target.world().await?;
        let mut case = Case::new(self.target, &self.ledger, world);
        let outcome = body(&mut case).await;
        let (violations, chosen, uncertain) = (case.take_violations(), case.take_chosen(), case.uncertain());
        let (steps, orders) = (case.steps().to_vec(), case.orders().to_vec());
        self.target.provisioner.close(case.world()).await;
        // What follows may need the seat.
        drop(case);
        for (step, violation) in violations {
            self.note(&steps, step, &violation, &orders).await;
        }
        if let (Some(why), true) =
            (uncertain, !chosen.is_empty() || matches!(outcome, Err(CaseError::Broken(_))))
        {
            return Err(CaseError::LeftOut(why));
        }
        for broken in chosen {
            self.keep(broken, None, true);
        }
        outcome
    }

    /// Looks for it again, and keeps it.
    async fn confirm(
        &self,
        broken: Broken,
        body: &impl AsyncFn(&mut Case<'_>) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        let reproduced = match &broken.script.expect {
            _ if !self.target.is_fresh() => None,
            Expect::Law { .. } => {
                let mut seen = 0;
                for _ in 0..TRIES {
                    let again = self.attempt(body).await;
                    seen += u32::from(
                        matches!(again, Err(CaseError::Broken(again)) if again.claim == broken.claim),
                    );
                }
                Some(Reproduced { seen, tried: TRIES })
            }
            _ => self.replayed(&broken.script).await,
        };
        // A connection that ends once may end for many reasons; one that ends again, or a 5xx, is the target's.
        let silence = broken.script.expect == Expect::Answered && !broken.got.starts_with('5');
        if silence && reproduced.is_none_or(|reproduced| reproduced.seen == 0) {
            let tried = reproduced
                .map_or(String::new(), |again| format!("; not seen again in {} tries", again.tried));
            return Err(CaseError::Failed(format!("{}{tried}", broken.got)));
        }
        self.keep(broken, reproduced, true);
        Ok(())
    }

    async fn replayed(&self, script: &Script) -> Option<Reproduced> {
        let mut seen = 0;
        for _ in 0..TRIES {
            // What cannot be made again was not seen again.
            seen += u32::from(matches!(replay::replay(self.target, script).await, Ok(Err(_))));
        }
        Some(Reproduced { seen, tried: TRIES })
    }

    /// Keeps what is wrong with an answer by itself, once a run for each rule and place.
    async fn note(&self, steps: &[Step], step: usize, violation: &Violation, orders: &[u64]) {
        if !self.target.first_report(&violation.signature()) {
            return;
        }
        let whole = Script { steps: steps[..=step].to_vec(), judged: step, expect: violation.expect.clone() };
        let mut told = (whole, None);
        if self.target.is_fresh() && !matches!(violation.expect, Expect::Law { .. }) {
            let prepares = |step: &&Step| step.calls() == 0 && !matches!(step, Step::Advance(_));
            let mut short: Vec<_> = steps[..step].iter().filter(prepares).cloned().collect();
            short.push(steps[step].clone());
            let short = Script { judged: short.len() - 1, steps: short, expect: violation.expect.clone() };
            let again = self.replayed(&short).await;
            told = if let Some(Reproduced { seen: 1.., .. }) = again {
                (short, again)
            } else {
                let again = self.replayed(&told.0).await;
                (told.0, again)
            };
        }
        let (script, reproduced) = told;
        let expected = violation.expect.words(orders);
        let got = if violation.at.is_empty() {
            violation.got.clone()
        } else {
            format!("{}: {}", violation.at, violation.got)
        };
        let got = self.target.redact(&got);
        self.keep(Broken { claim: violation.claim, expected, got, script }, reproduced, false);
    }

    fn keep(&self, broken: Broken, reproduced: Option<Reproduced>, ends: bool) {
        let level = supplier_rulebook::find(broken.claim.rule.as_str()).map(|rule| rule.level);
        let verdict = level.map_or(Verdict::Fail, |level| Verdict::broken(level, self.target.config.strict));
        if ends {
            self.ledger.note_broken(broken.claim);
        }
        let shell =
            shell(&broken.script, self.target.provisioner.kind(), broken.claim.rule, &broken.expected);
        self.findings.borrow_mut().push(Finding {
            rule: broken.claim.rule,
            part: broken.claim.part,
            verdict,
            check: self.ledger.check().id,
            expected: broken.expected,
            got: broken.got,
            script: broken.script,
            shell,
            reproduced,
            ends,
            follows: None,
            accepted_until: None,
        });
    }
}

/// A number that follows from a text, the same on every machine (FNV-1a).
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
