//! What came of each kind of request.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

/// How often each kind of request was answered in each way.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<BTreeMap<&'static str, BTreeMap<String, usize>>>);

impl Tally {
    pub(super) fn note(&self, kind: &'static str, answer: impl Into<String>) {
        *self.0.lock().unwrap().entry(kind).or_default().entry(answer.into()).or_default() += 1;
    }

    /// How many requests of a kind were answered so.
    pub(super) fn count(&self, kind: &str, answer: &str) -> usize {
        let kinds = self.0.lock().unwrap();
        kinds.get(kind).and_then(|answers| answers.get(answer)).copied().unwrap_or_default()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, answers) in &*self.0.lock().unwrap() {
            write!(f, "{kind}: {} requests:", answers.values().sum::<usize>())?;
            for (answer, count) in answers {
                write!(f, " {count} x {answer}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
