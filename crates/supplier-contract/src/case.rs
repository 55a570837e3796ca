//! A case of a check: a target state, the calls made, and the expectations.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;
use supplier_rulebook as rulebook;
use tokio::time::{Duration, sleep};

use crate::claim::Claim;
use crate::elapsed::{Elapsed, Moment};
use crate::http::{Answer, Call, TransportError};
use crate::ledger::Ledger;
use crate::provision::{Need, OrderState, ProvisionError, World};
use crate::query::Query;
use crate::schema::Violation;
use crate::script::{Expect, NewOrders, Script, Seen, Step, Who};
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

    // What prepares the target.

    /// Makes orders, and names them by their places in the case. Where others have orders too, they are of a subcategory
    /// of the case's own unless they have one already.
    pub async fn place(&mut self, orders: NewOrders) -> Result<Vec<usize>, CaseError> {
        let mut orders = orders;
        if !self.world.exclusive && orders.sub_category.is_none() {
            orders.sub_category = Some(self.tag.clone());
        }
        self.has_fine_price |= orders.has_fine_price();
        let numbers = self.target.create_orders(&self.world, &orders).await?;
        let from = self.bindings.orders.len();
        self.bindings.orders.extend(&numbers);
        self.did(Step::Place(orders), Vec::new());
        Ok((from..self.bindings.orders.len()).collect())
    }

    /// Makes one order.
    pub async fn place_one(&mut self, order: NewOrders) -> Result<usize, CaseError> {
        Ok(self.place(order).await?[0])
    }

    /// Makes an order, unless such a one cannot be made.
    pub async fn try_place(&mut self, order: NewOrders) -> Result<Option<usize>, CaseError> {
        match self.place_one(order).await {
            Ok(order) => Ok(Some(order)),
            Err(CaseError::Untested(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// What the target's clock shows, if the hook tells.
    pub async fn now(&self) -> Result<Option<jiff::Timestamp>, CaseError> {
        if self.target.offers.waits || !self.target.offers.has(Need::Time) {
            return Ok(None);
        }
        Ok(self.target.provisioner.now(&self.world).await?)
    }

    /// Takes an order that is there already.
    pub fn adopt(&mut self, number: u64) -> usize {
        self.bindings.orders.push(number);
        self.did(Step::Use(number), Vec::new());
        self.bindings.orders.len() - 1
    }

    /// An order of the first supplier that may be changed: made, listed by the configuration, or found.
    pub async fn own_order(&mut self) -> Result<usize, CaseError> {
        self.own_order_like(NewOrders::some(1)).await
    }

    /// The same, like that one where it can be made; where not, as it is.
    pub async fn own_order_like(&mut self, order: NewOrders) -> Result<usize, CaseError> {
        if self.target.offers.has(Need::Orders) {
            return self.place_one(order).await;
        }
        if let Some(number) = self.target.next_own() {
            return Ok(self.adopt(number));
        }
        let page = self.list(Who::First, self.manual().limit(1)).await?;
        match page.numbers().first() {
            Some(&number) => Ok(self.adopt(number)),
            None => Err(CaseError::Untested("there is no order to change".to_owned())),
        }
    }

    /// Makes orders if they can be made; where not, those that are there have to do.
    pub async fn stock(&mut self, orders: impl IntoIterator<Item = NewOrders>) -> Result<(), CaseError> {
        if self.target.offers.has(Need::Orders) {
            for some in orders {
                self.place(some).await?;
            }
        }
        Ok(())
    }

    /// Moves the clock, or waits.
    pub async fn advance(&mut self, by: Duration) -> Result<(), CaseError> {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        if self.target.offers.waits {
            sleep(by).await;
        } else {
            self.advanced += self.target.advance(&self.world, millis).await?;
        }
        self.did(Step::Advance(millis), Vec::new());
        Ok(())
    }

    /// Makes a further key, which goes by that name.
    pub async fn new_key(&mut self, supplier: Who, name: &str) -> Result<(), CaseError> {
        let key = self.target.provisioner.new_key(Some(&self.world), supplier).await?;
        self.target.keep_secret(&key);
        self.bindings.keys.insert(name.to_owned(), key);
        self.did(Step::NewKey { supplier, name: name.to_owned() }, Vec::new());
        Ok(())
    }

    /// What stands for that name.
    pub fn bound(&self, name: &str) -> &str {
        self.bindings.keys.get(name).map_or("", String::as_str)
    }

    /// Revokes the key of that name, a supplier's.
    pub async fn revoke_key(&mut self, supplier: Who, name: &str) -> Result<(), CaseError> {
        let key = self.bindings.keys.get(name).cloned().unwrap_or_default();
        self.target.provisioner.revoke_key(&self.world, supplier, &key).await?;
        self.did(Step::RevokeKey(name.to_owned()), Vec::new());
        Ok(())
    }

    /// An order as its owner sees it: a step, whose answer is that.
    pub async fn state(&mut self, order: usize) -> Result<OrderState, CaseError> {
        let state = self.target.provisioner.order_state(&self.world, self.number(order)).await?;
        self.did(Step::Look(order), vec![Rc::new(state.as_answer())]);
        Ok(state)
    }

    /// Expects its owner to see an order so.
    pub async fn expect_state(
        &mut self,
        rule: impl Into<Claim>,
        order: usize,
        wanted: &OrderState,
    ) -> Result<(), CaseError> {
        let rule = rule.into();
        self.state(order).await?;
        self.expect(rule, Expect::is("/status", wanted.status.as_str()))?;
        self.expect(rule, Expect::is("/accounts", wanted.accounts))?;
        let id = wanted.supplier_order_id.as_deref().map_or(Value::Null, Value::from);
        self.expect(rule, Expect::is("/supplierOrderId", id))?;
        match &wanted.digest {
            Some(digest) => self.expect(rule, Expect::is("/digest", digest.as_str())),
            None => Ok(()),
        }
    }

    /// Expects its owner to see so many accounts in an order.
    pub async fn expect_accounts(
        &mut self,
        rule: impl Into<Claim>,
        order: usize,
        accounts: u64,
    ) -> Result<(), CaseError> {
        self.state(order).await?;
        self.expect(rule, Expect::is("/accounts", accounts))
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
        let answer = self.send(&call).await;
        let answer = self.record(Step::Call(call), vec![answer])?;
        Ok(Rc::clone(&answer[0]))
    }

    /// Calls at the same time.
    pub async fn together(&mut self, calls: Vec<Call>) -> Result<Vec<Rc<Answer>>, CaseError> {
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

    // What is expected of it.

    /// Expects something of the last step.
    pub fn expect(&self, rule: impl Into<Claim>, expect: Expect) -> Result<(), CaseError> {
        self.expect_of(self.steps.len().saturating_sub(1), rule, expect)
    }

    /// Expects something of a step, counted from 0.
    pub fn expect_of(&self, step: usize, rule: impl Into<Claim>, expect: Expect) -> Result<(), CaseError> {
        let rule = rule.into();
        match self.judge(step, rule, &expect) {
            Ok(()) => Ok(()),
            Err(got) => self.breaks(self.broken(rule, step, expect, &got)),
        }
    }

    /// Whether a step, counted from 0, is as the rule has it, or the rule is not looked at.
    pub fn holds_of(&self, step: usize, rule: impl Into<Claim>, expect: &Expect) -> bool {
        self.judge(step, rule.into(), expect).is_ok()
    }

    fn judge(&self, step: usize, rule: Claim, expect: &Expect) -> Result<(), String> {
        if !self.target.profile().checks(rule) || self.ledger.knows(rule) {
            return Ok(());
        }
        expect.judge(step, &Seen { answers: &self.answers, orders: self.orders() })
    }

    /// Says that a law is broken, which only its words can tell.
    pub fn broken_law(&self, rule: impl Into<Claim>, words: &str, got: &str) -> Result<(), CaseError> {
        let rule = rule.into();
        if !self.target.profile().checks(rule) || self.ledger.knows(rule) {
            return Ok(());
        }
        let law = Expect::Law { words: words.to_owned() };
        self.breaks(self.broken(rule, self.steps.len().saturating_sub(1), law, got))
    }

    /// Holds if so; says that the law is broken if not.
    pub fn law(
        &self,
        rule: impl Into<Claim>,
        holds: bool,
        words: &str,
        got: impl FnOnce() -> String,
    ) -> Result<(), CaseError> {
        if holds { Ok(()) } else { self.broken_law(rule, words, &got()) }
    }

    /// Whether the last call was answered with a 4xx: where it was not, and that is known already, how it was refused is
    /// no question.
    pub fn was_refused(&self) -> bool {
        let last = self.answers.last().and_then(|answers| answers.first());
        last.is_some_and(|answer| (400..500).contains(&answer.status))
    }

    /// The code of the error that the last call was answered with.
    pub fn last_code(&self) -> Option<&str> {
        self.answers.last()?.first()?.code()
    }

    /// The step that was done last, counted from 0.
    pub fn last(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }

    /// How much time of the target's has passed from one call's answer to another's.
    pub fn elapsed(&self, from: &Moment, to: &Moment) -> Elapsed {
        Elapsed::between(from, to, self.world.frozen)
    }

    /// When a call was answered.
    pub fn moment(&self, answer: &Answer) -> Moment {
        Moment { sent: answer.sent, received: answer.received, date: answer.date(), advanced: self.advanced }
    }

    /// Ends the case, or goes on where that is a choice and another attempt would cost.
    fn breaks(&self, broken: Broken) -> Result<(), CaseError> {
        if self.target.is_fresh() || !is_chosen(broken.claim) {
            return Err(CaseError::Broken(Box::new(broken)));
        }
        self.ledger.note_broken(broken.claim);
        self.chosen.borrow_mut().push(broken);
        Ok(())
    }

    fn broken(&self, claim: impl Into<Claim>, judged: usize, expect: Expect, got: &str) -> Broken {
        let expected = expect.words(self.orders());
        let script = Script { steps: self.steps.clone(), judged, expect };
        let got = self.redact(got);
        Broken { claim: claim.into(), expected, got, script }
    }

    fn did(&mut self, step: Step, answers: Vec<Rc<Answer>>) {
        if !matches!(step, Step::Call(_) | Step::Together(_) | Step::Repeat(..) | Step::Look(_)) {
            self.target.mark_dirty();
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
