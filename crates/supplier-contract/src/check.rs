//! Checks: their declaration and requirements.

use futures::future::LocalBoxFuture;
use supplier_rulebook::RuleId;

use crate::bench::Bench;
use crate::case::CaseError;
use crate::provision::Need;

/// How a check looks at a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Examples, and what must be refused.
    Example,
    /// Laws between the answers to different calls.
    Law,
    /// Random cases, made smaller when one fails.
    Property,
    /// Time passes.
    Time,
    /// Calls at the same time.
    Race,
}

impl Kind {
    /// It in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Law => "law",
            Self::Property => "property",
            Self::Time => "time",
            Self::Race => "race",
        }
    }
}

/// One way to find out whether rules are kept.
pub struct Check {
    /// Its name.
    pub id: &'static str,
    /// The rules that it tests, the one that it is about first.
    pub rules: &'static [RuleId],
    /// What it finds out, in a sentence.
    pub title: &'static str,
    /// How it looks.
    pub kind: Kind,
    /// What it needs.
    pub needs: &'static [Need],
    /// How many orders of the target's it withholds at most, where it has no sandbox of its own.
    pub withholds: u32,
    /// How many orders of the target's it changes at most, where it has no sandbox of its own.
    pub changes: u32,
    /// What it does.
    pub run: for<'a> fn(&'a Bench<'a>) -> LocalBoxFuture<'a, Result<(), CaseError>>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

/// Declares checks.
macro_rules! checks {
    ($all:ident; $($id:literal = $run:path, $kind:ident, [$($rule:ident),+], [$($need:ident),*], $withholds:literal, $changes:literal, $title:literal;)+) => {
        pub(crate) const $all: &[$crate::check::Check] = &[$($crate::check::Check {
            id: $id,
            rules: &[$(supplier_rulebook::$rule),+],
            title: $title,
            kind: $crate::check::Kind::$kind,
            needs: &[$($crate::provision::Need::$need),*],
            withholds: $withholds,
            changes: $changes,
            run: |bench| Box::pin($run(bench)),
        },)+];
    };
}
pub(crate) use checks;
