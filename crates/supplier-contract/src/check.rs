//! Checks: their declaration and requirements.

use futures::future::LocalBoxFuture;

use crate::bench::Bench;
use crate::case::CaseError;
use crate::ledger::Ledger;
use crate::outcome::CheckInfo;
use crate::provision::Need;

/// One way to find out whether rules are kept.
pub struct Check {
    /// What reports say of it.
    pub info: CheckInfo,
    /// What it needs.
    pub needs: &'static [Need],
    /// How many orders of the target's it withholds at most, where it has no sandbox of its own.
    pub withholds: u32,
    /// How many orders of the target's it changes at most, where it has no sandbox of its own.
    pub changes: u32,
    /// What it does.
    pub run: for<'a> fn(&'a Bench<'a>) -> LocalBoxFuture<'a, Result<(), CaseError>>,
}

impl Check {
    /// An empty ledger of it.
    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::new(self.info, self.withholds, self.changes)
    }
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.info.id)
    }
}

/// Declares checks.
macro_rules! checks {
    ($all:ident; $($id:literal = $run:path, $kind:ident, [$($rule:ident),+], [$($need:ident),*], $withholds:literal, $changes:literal, $title:literal;)+) => {
        pub(crate) const $all: &[$crate::check::Check] = &[$($crate::check::Check {
            info: $crate::outcome::CheckInfo {
                id: $id,
                rules: &[$(supplier_rulebook::$rule),+],
                title: $title,
                kind: $crate::outcome::Kind::$kind,
            },
            needs: &[$($crate::provision::Need::$need),*],
            withholds: $withholds,
            changes: $changes,
            run: |bench| Box::pin($run(bench)),
        },)+];
    };
}
pub(crate) use checks;
