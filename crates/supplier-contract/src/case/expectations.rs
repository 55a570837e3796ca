//! What a case expects of the answers.

use super::{Broken, Case, CaseError, is_chosen};
use crate::claim::Claim;
use crate::elapsed::{Elapsed, Moment};
use crate::http::Answer;
use crate::script::{Expect, Script, Seen};

impl Case<'_> {
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

    pub(super) fn broken(&self, claim: impl Into<Claim>, judged: usize, expect: Expect, got: &str) -> Broken {
        let expected = expect.words(self.orders());
        let script = Script { steps: self.steps.clone(), judged, expect };
        let got = self.redact(got);
        Broken { claim: claim.into(), expected, got, script }
    }
}
