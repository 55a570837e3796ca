//! Where a check works: it opens cases, runs properties, and keeps what was seen broken.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use supplier_rulebook::{Level, RuleId};
use tokio::time::{Duration, Instant};

use crate::case::{Broken, Case, CaseError};
use crate::check::Check;
use crate::http::{Call, Transport, TransportError, UPDATE};
use crate::outcome::{Finding, Reproduced, Verdict};
use crate::profile::Profile;
use crate::provision::{Need, Offers, Provisioner};
use crate::query::Query;
use crate::replay;
use crate::run::Run;
use crate::schema::{Schema, Violation};
use crate::script::{Expect, Script, Step, shell};
use crate::template::{Hole, Template};

/// How often a finding is looked for again.
const TRIES: u32 = 3;
/// How many smaller cases are tried, and for how long.
const MOST_SMALLER: u32 = 400;
const LONGEST_SHRINKING: Duration = Duration::from_secs(20);

/// A check at work.
pub struct Bench<'r> {
    run: &'r Run,
    check: &'static Check,
    findings: RefCell<Vec<Finding>>,
    cases: Cell<u32>,
    calls: Cell<u64>,
    withheld: Cell<u32>,
    /// Orders that were changed: the case, and their places in it.
    changed: RefCell<BTreeSet<(u32, usize)>>,
}

impl<'r> Bench<'r> {
    pub(crate) fn new(run: &'r Run, check: &'static Check) -> Self {
        Self {
            run,
            check,
            findings: RefCell::default(),
            cases: Cell::new(0),
            calls: Cell::new(0),
            withheld: Cell::new(0),
            changed: RefCell::default(),
        }
    }

    /// The rule that the check is about.
    pub fn rule(&self) -> RuleId {
        self.check.rules[0]
    }

    /// The target's choices.
    pub fn profile(&self) -> &Profile {
        &self.run.config.profile
    }

    /// What can be had of the target.
    pub fn offers(&self) -> &Offers {
        &self.run.offers
    }

    /// How many cases a property runs.
    pub fn property_cases(&self) -> u32 {
        let usual = match self.provisioner() {
            // A process for each request.
            Provisioner::Command(_) => 8,
            _ => 128,
        };
        let cases = self.run.config.cases.unwrap_or(usual);
        if self.fresh() { cases } else { cases.min(4) }
    }

    pub(crate) fn provisioner(&self) -> &Provisioner {
        &self.run.provisioner
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.run.transport
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.run.schema
    }

    pub(crate) fn password(&self) -> &str {
        &self.run.password
    }

    pub(crate) fn keep_secret(&self, key: &str) {
        self.run.keep_secret(key);
    }

    pub(crate) fn mark_dirty(&self) {
        self.run.mark_dirty();
    }

    pub(crate) fn next_own(&self) -> Option<u64> {
        self.run.next_own()
    }

    /// Orders that the configuration lists.
    pub fn listed(&self) -> &crate::provision::Listed {
        &self.run.config.listed
    }

    /// Whether every case has a place that nobody else uses.
    pub fn is_private(&self) -> bool {
        self.run.is_private()
    }

    fn fresh(&self) -> bool {
        self.offers().has(Need::Fresh)
    }

    /// How many cases ran, and how many calls they made.
    pub(crate) fn spent(&self) -> (u32, u64) {
        (self.cases.get(), self.calls.get())
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    /// Counts a call, and refuses one that would take more of the target's orders than the check said it takes.
    pub(crate) fn spend(&self, call: &Call) -> Result<(), TransportError> {
        self.calls.set(self.calls.get() + 1);
        // Where every case begins with a clean state, the orders are made for it.
        if self.fresh() {
            return Ok(());
        }
        let has_key = |value: &Template| value.holes().any(|hole| hole.key().is_some());
        if call.may_hand_out()
            && (call.headers.iter().any(|(_, value)| has_key(value)) || has_key(&call.query))
        {
            self.withheld.set(self.withheld.get() + Query::may_hand_out(&call.query.to_string()));
        }
        if call.path == UPDATE
            && let crate::http::Body::Text(text) = &call.body
        {
            let orders = text.holes().filter_map(|hole| match hole {
                Hole::Order(order) => Some((self.cases.get(), *order)),
                _ => None,
            });
            self.changed.borrow_mut().extend(orders);
        }
        let changed = u32::try_from(self.changed.borrow().len()).unwrap_or(u32::MAX);
        if self.withheld.get() > self.check.withholds || changed > self.check.changes {
            let (withheld, changes) = (self.check.withholds, self.check.changes);
            let id = self.check.id;
            return Err(TransportError::Unsendable(format!(
                "the check {id} said that it withholds {withheld} orders and changes {changes} at most; this call was not sent"
            )));
        }
        Ok(())
    }

    /// Runs a case. If it sees a rule broken, that is looked for again before it is told.
    pub async fn case(
        &self,
        body: impl AsyncFn(&mut Case<'_>) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        loop {
            match self.attempt(&body).await {
                Err(CaseError::Broken(broken)) => {
                    let goes_on = is_chosen(broken.rule);
                    self.confirm(*broken, &body).await?;
                    // The rest of the case is looked at without what is known to be chosen otherwise.
                    if !goes_on {
                        return Ok(());
                    }
                }
                other => return other,
            }
        }
    }

    /// Whether the check has seen that rule broken: it is not told again.
    pub(crate) fn knows(&self, rule: RuleId) -> bool {
        self.findings.borrow().iter().any(|finding| finding.rule == rule && finding.ends)
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
            rng_seed: RngSeed::Fixed(self.run.config.seed ^ hash(self.check.id)),
            failure_persistence: None,
            ..Config::default()
        });
        for _ in 0..cases {
            let mut tree =
                strategy.new_tree(&mut runner).map_err(|why| CaseError::Failed(why.to_string()))?;
            let value = tree.current();
            match self.attempt(&async |case: &mut Case<'_>| body(case, &value).await).await {
                Ok(()) => {}
                Err(CaseError::Broken(broken)) => {
                    let (broken, value) = self.smaller(*broken, value, &mut tree, &body).await;
                    let goes_on = is_chosen(broken.rule);
                    self.confirm(broken, &async |case: &mut Case<'_>| body(case, &value).await).await?;
                    if !goes_on {
                        return Ok(());
                    }
                }
                other => return other,
            }
        }
        Ok(())
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
        if !self.fresh() || !tree.simplify() {
            return best;
        }
        let started = Instant::now();
        for _ in 0..MOST_SMALLER {
            if started.elapsed() > LONGEST_SHRINKING {
                break;
            }
            let value = tree.current();
            let outcome = self.attempt(&async |case: &mut Case<'_>| body(case, &value).await).await;
            let goes_on = match outcome {
                Err(CaseError::Broken(broken)) if broken.rule == best.0.rule => {
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

    async fn attempt(
        &self,
        body: &impl AsyncFn(&mut Case<'_>) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        self.cases.set(self.cases.get() + 1);
        let world = self.run.world().await?;
        let mut case = Case::new(self, world, self.run.tag());
        let outcome = body(&mut case).await;
        let violations = case.take_violations();
        let steps = case.steps().to_vec();
        self.provisioner().close(case.world()).await;
        for (step, violation) in violations {
            self.note(&steps, step, &violation, case.orders()).await;
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
            _ if !self.fresh() => None,
            Expect::Law { .. } => {
                let mut seen = 0;
                for _ in 0..TRIES {
                    let again = self.attempt(body).await;
                    seen += u32::from(
                        matches!(again, Err(CaseError::Broken(again)) if again.rule == broken.rule),
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
            seen += u32::from(matches!(replay::replay(self.run, script).await, Ok(Err(_))));
        }
        Some(Reproduced { seen, tried: TRIES })
    }

    /// Keeps what is wrong with an answer by itself, once a run for each rule and place.
    async fn note(&self, steps: &[Step], step: usize, violation: &Violation, orders: &[u64]) {
        if !self.run.first_report(&violation.signature()) {
            return;
        }
        let whole = Script { steps: steps[..=step].to_vec(), judged: step, expect: violation.expect.clone() };
        let mut told = (whole, None);
        if self.fresh() && !matches!(violation.expect, Expect::Law { .. }) {
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
        let got = self.run.redact(&got);
        self.keep(
            Broken { rule: violation.rule, expected, got, script, orders: orders.to_vec() },
            reproduced,
            false,
        );
    }

    fn keep(&self, broken: Broken, reproduced: Option<Reproduced>, ends: bool) {
        let level = supplier_rulebook::find(broken.rule.as_str()).map(|rule| rule.level);
        let verdict = level.map_or(Verdict::Fail, |level| Verdict::broken(level, self.run.config.strict));
        let shell = shell(&broken.script, self.provisioner().kind(), broken.rule, &broken.expected);
        self.findings.borrow_mut().push(Finding {
            rule: broken.rule,
            verdict,
            check: self.check.id,
            expected: broken.expected,
            got: broken.got,
            script: broken.script,
            shell,
            reproduced,
            ends,
            accepted_until: None,
        });
    }
}

/// Whether a rule is the project's choice.
fn is_chosen(rule: RuleId) -> bool {
    supplier_rulebook::find(rule.as_str()).is_some_and(|rule| rule.level == Level::Chosen)
}

/// A number that follows from a text, the same on every machine (FNV-1a).
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
