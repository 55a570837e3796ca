//! A case of a check: a target state, the calls made, and the expectations.

mod expectations;
mod preparation;

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;
use supplier_rulebook as rulebook;
use tokio::time::Duration;

use crate::claim::Claim;
use crate::elapsed::Moment;
use crate::http::{Answer, Call, TransportError};
use crate::ledger::Ledger;
use crate::provision::{Need, ProvisionError, World};
use crate::query::Query;
use crate::schema::Violation;
use crate::script::{Expect, Script, Step, Who};
use crate::target::Target;
use crate::template::{Bindings, Hole, Template, template};

/// Why a case ends before its end.
#[derive(Debug)]
pub enum CaseError {
    /// A rule is broken.
    Broken(Box<Broken>),
    /// What it needs cannot be had.
    Untested(String),
    /// This case cannot be tried, or proved nothing; other cases of the check can.
    LeftOut(String),
    /// The suite, a hook or the connection failed.
    Failed(String),
    /// The target cannot be reached any more.
    Unreachable(String),
}

/// A rule that was seen broken in a case.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The rule, or its part.
    pub claim: Claim,
    /// What was expected, in words.
    pub expected: String,
    /// What was got.
    pub got: String,
    /// What was done.
    pub script: Script,
}

impl From<ProvisionError> for CaseError {
    fn from(error: ProvisionError) -> Self {
        match error {
            ProvisionError::Unsupported(why) => Self::Untested(why),
            ProvisionError::Failed(why) => Self::Failed(why),
        }
    }
}

/// What a case's call may come to.
pub(crate) type Answered = Result<Rc<Answer>, CaseError>;

/// A case.
pub struct Case<'t> {
    target: &'t Target,
    ledger: &'t Ledger,
    world: World,
    bindings: Bindings,
    steps: Vec<Step>,
    answers: Vec<Vec<Rc<Answer>>>,
    violations: Vec<(usize, Violation)>,
    /// Choices that were seen to differ. Where there is no clean state the case goes on after each: another attempt would take
    /// more of the target's orders.
    chosen: RefCell<Vec<Broken>>,
    /// A call that was sent twice and may have been carried out twice, in a line.
    resent: RefCell<Option<String>>,
    /// How far the clock was moved, in milliseconds.
    advanced: u64,
    /// Whether there is an order whose price has more than two decimals.
    has_fine_price: bool,
    /// A name that no other case has.
    tag: String,
}

impl<'t> Case<'t> {
    /// A case of the check whose ledger that is.
    pub(crate) fn new(target: &'t Target, ledger: &'t Ledger, world: World) -> Self {
        let (password, tag) = (target.password.clone(), target.tag());
        let bindings = Bindings { keys: world.keys.clone(), orders: Vec::new(), password, case: tag.clone() };
        Self {
            target,
            ledger,
            world,
            bindings,
            steps: Vec::new(),
            answers: Vec::new(),
            violations: Vec::new(),
            chosen: RefCell::default(),
            resent: RefCell::default(),
            advanced: 0,
            has_fine_price: false,
            tag,
        }
    }

    /// The case's place.
    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// The numbers of its orders.
    pub fn orders(&self) -> &[u64] {
        &self.bindings.orders
    }

    /// The number of one of its orders.
    pub fn number(&self, order: usize) -> u64 {
        self.bindings.orders[order]
    }

    /// A name that no other case has, for a subcategory or the like.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether there is no order in its place but its own.
    pub fn is_exclusive(&self) -> bool {
        self.world.exclusive
    }

    /// Whether its clock stands still unless it is moved.
    pub fn is_frozen(&self) -> bool {
        self.world.frozen
    }

    /// How far the clock was moved, in milliseconds.
    pub fn advanced(&self) -> u64 {
        self.advanced
    }

    /// How far its clock was moved in all of the run, in milliseconds.
    pub fn advanced_in_all(&self) -> u64 {
        self.world.seat.advanced()
    }

    /// How much time has passed here since a call was sent; none that counts where the clock stands still.
    pub fn since(&self, from: &Moment) -> Duration {
        if self.world.frozen { Duration::ZERO } else { from.sent.elapsed() }
    }

    /// The text without secrets.
    pub fn redact(&self, text: &str) -> String {
        self.bindings.redact(text)
    }

    pub(crate) fn take_violations(&mut self) -> Vec<(usize, Violation)> {
        std::mem::take(&mut self.violations)
    }

    /// The choices that were seen to differ, where the case went on after them.
    pub(crate) fn take_chosen(&mut self) -> Vec<Broken> {
        self.chosen.take()
    }

    /// Why the case proves nothing, if a call of it may have been carried out twice.
    pub(crate) fn uncertain(&self) -> Option<String> {
        let call = self.resent.borrow().clone()?;
        Some(format!(
            "the target closed a connection that it had kept, when `{call}` was sent; whether the target carried the call out before it was sent once more is not known, so what came after it proves nothing"
        ))
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    // What is asked of it.

    /// The query for the case's manual orders.
    pub fn manual(&self) -> Query {
        self.orders_of("manual")
    }

    /// The query for the case's orders of a product type.
    pub fn orders_of(&self, product_type: &str) -> Query {
        let query = Query::new().with("productType", product_type);
        let ours = !self.world.exclusive && self.target.offers.has(Need::Orders);
        if ours { query.with("subCategory", &self.tag) } else { query }
    }

    /// A call.
    pub async fn call(&mut self, call: Call) -> Answered {
        self.target.provisioner.settle(&self.world).await?;
        let answer = self.send(&call).await;
        let answer = self.record(Step::Call(call), vec![answer])?;
        Ok(Rc::clone(&answer[0]))
    }

    /// Calls at the same time.
    pub async fn together(&mut self, calls: Vec<Call>) -> Result<Vec<Rc<Answer>>, CaseError> {
        self.target.provisioner.settle(&self.world).await?;
        let answers = futures::future::join_all(calls.iter().map(|call| self.send(call))).await;
        self.record(Step::Together(calls), answers)
    }

    /// A call again and again, until an answer breaks what is expected, at most so often.
    pub async fn repeat(
        &mut self,
        call: Call,
        times: u32,
        rule: impl Into<Claim>,
        expect: Expect,
    ) -> Result<(), CaseError> {
        self.target.provisioner.settle(&self.world).await?;
        for _ in 0..times {
            let answer = self.send(&call).await;
            let silent = answer.is_err();
            let wrong = answer.as_ref().is_ok_and(|answer| expect.judge_one(answer, self.orders()).is_err());
            if silent || wrong {
                self.record(Step::Repeat(call, times), vec![answer])?;
                return self.expect(rule, expect);
            }
        }
        Ok(())
    }

    /// A list that has to succeed: if not, the check's own rule is broken.
    pub async fn list(&mut self, who: Who, query: Query) -> Answered {
        self.list_by(who.as_str(), query).await
    }

    /// The same by the key of that name.
    pub async fn list_by(&mut self, key: &str, query: Query) -> Answered {
        let page = self.call(Call::list(key, query)).await?;
        self.expect(self.ledger.rule(), Expect::Status { any_of: vec![200] })?;
        Ok(page)
    }

    /// An update that has to succeed: if not, the check's own rule is broken. `fields` are those beside `order`.
    pub async fn update(&mut self, who: Who, order: usize, fields: impl Into<Template>) -> Answered {
        let answer = self.try_update(who, order, fields).await?;
        self.expect(self.ledger.rule(), Expect::Success)?;
        Ok(answer)
    }

    /// An update that need not succeed.
    pub async fn try_update(&mut self, who: Who, order: usize, fields: impl Into<Template>) -> Answered {
        self.call(Call::update(who.as_str(), body(order, fields))).await
    }

    fn did(&mut self, step: Step, answers: Vec<Rc<Answer>>) {
        if !matches!(step, Step::Call(_) | Step::Together(_) | Step::Repeat(..) | Step::Look(_)) {
            self.world.seat.mark_dirty();
        }
        self.steps.push(step);
        self.answers.push(answers);
    }

    async fn send(&self, call: &Call) -> Result<Answer, TransportError> {
        let spend = || self.ledger.spend(call, self.target.is_fresh());
        spend()?;
        self.target.transport.send_unless(call, &self.bindings, spend).await
    }

    /// Notes a step and what came of it.
    fn record(
        &mut self,
        step: Step,
        answers: Vec<Result<Answer, TransportError>>,
    ) -> Result<Vec<Rc<Answer>>, CaseError> {
        let calls: Vec<Call> = match &step {
            Step::Call(call) | Step::Repeat(call, _) => vec![call.clone()],
            Step::Together(calls) => calls.clone(),
            _ => Vec::new(),
        };
        let mut kept = Vec::new();
        let mut first_error = None;
        for (call, answer) in calls.iter().zip(answers) {
            match answer {
                Ok(answer) => {
                    if answer.resent && call.has_key() {
                        self.resent.replace(Some(crate::http::printable(&call.words(), 120)));
                    }
                    let mut violations = self.target.schema.violations(call, &answer);
                    for violation in &mut violations {
                        // What is rounded does not add up.
                        if self.has_fine_price && violation.claim.rule == rulebook::LIST_AMOUNTS {
                            violation.claim = rulebook::LIST_PRICE_DECIMALS.into();
                        }
                    }
                    let rounds = self.target.profile().of(rulebook::LIST_PRICE_DECIMALS) == "two";
                    violations.retain(|violation| {
                        let is_rounded = rounds && violation.claim.rule == rulebook::LIST_PRICE_DECIMALS;
                        !is_rounded && self.target.profile().checks(violation.claim)
                    });
                    let at = self.steps.len();
                    self.violations.extend(violations.into_iter().map(|violation| (at, violation)));
                    kept.push(Rc::new(answer));
                }
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        self.did(step, kept.clone());
        match first_error {
            None => Ok(kept),
            Some(error) => Err(self.transport_failed(&error)),
        }
    }

    fn transport_failed(&self, error: &TransportError) -> CaseError {
        let told = self.redact(&error.to_string());
        match error {
            TransportError::Unreachable(_) => CaseError::Unreachable(told),
            // Whether that is the target's doing is found out by doing it again.
            error if error.is_silence() => CaseError::Broken(Box::new(self.broken(
                rulebook::ERROR_NO_5XX,
                self.last(),
                Expect::Answered,
                &told,
            ))),
            TransportError::ReadOnly { .. } | TransportError::OverBudget(_) => CaseError::LeftOut(told),
            _ => CaseError::Failed(told),
        }
    }
}

/// Whether a claim is the project's choice.
pub(crate) fn is_chosen(claim: Claim) -> bool {
    rulebook::find(claim.rule.as_str()).is_some_and(|rule| rule.level == rulebook::Level::Chosen)
}

/// The body of an update: `fields` are those beside `order`, as JSON without braces.
pub(crate) fn body(order: usize, fields: impl Into<Template>) -> Template {
    let fields = fields.into();
    let separator = if fields.is_empty() { "" } else { ", " };
    template![r#"{"order": "#, Hole::Order(order), separator, fields, "}"]
}

/// `"accounts"` with so many accounts, beginning with the one of that number; each has the run's password.
pub(crate) fn accounts(from: u32, count: u32) -> Template {
    account_list((from..from + count).map(account))
}

/// `"accounts"` with these, each as JSON text.
pub(crate) fn account_list(accounts: impl IntoIterator<Item = Template>) -> Template {
    template![r#""accounts": ["#, Template::join(accounts, ", "), "]"]
}

/// One account, as JSON text.
pub(crate) fn account(number: u32) -> Template {
    template![
        format!(r#""buyer{number}."#),
        Hole::Case,
        "@example.com:",
        Hole::Password,
        format!(r#"{number}""#)
    ]
}

/// The value at that pointer of an answer.
pub(crate) fn at<'a>(answer: &'a Answer, pointer: &str) -> Option<&'a Value> {
    answer.json.as_ref()?.pointer(pointer)
}
