//! Journals and scorecards in a SQLite file.

use std::sync::Arc;

use sqlx::SqliteConnection;

use crate::engine::slot::Slot;
use crate::stored::written;

/// How much of a journal is in the file.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct JournalProgress {
    resets: u64,
    /// Number of the last call.
    last: u64,
    /// Number of the first call that is kept.
    first: u64,
}

impl JournalProgress {
    pub(super) fn of(slot: &Slot) -> Self {
        let journal = slot.journal();
        let last = journal.calls.last();
        Self {
            resets: journal.resets,
            last,
            first: journal.calls.kept().next().map_or(last + 1, |call| call.number),
        }
    }

    /// How many of the kept calls were added since the journal was as `earlier`.
    pub(super) fn since(self, earlier: Self) -> u64 {
        let added = if earlier.resets == self.resets { self.last - earlier.last } else { self.last };
        added.min(self.last + 1 - self.first)
    }
}

/// Writes what the file does not have of a journal. `known` is what it has; `None` for nothing.
pub(super) async fn write(
    slot: &Slot,
    known: Option<JournalProgress>,
    to: &mut SqliteConnection,
) -> Result<JournalProgress, sqlx::Error> {
    let number = slot.number;
    let (now, calls, scorecards) = {
        let mut journal = slot.journal();
        let known = known.filter(|known| known.resets == journal.resets).unwrap_or_default();
        let calls = journal.calls.kept().filter(|call| call.number > known.last);
        let calls: Vec<_> = calls.map(|call| (call.number, Arc::clone(&call.record))).collect();
        let changed = std::mem::take(&mut journal.changed);
        let scorecards: Vec<_> =
            changed.into_iter().map(|supplier| (journal.scorecard(&supplier), supplier)).collect();
        drop(journal);
        (JournalProgress::of(slot), calls, scorecards)
    };
    if known.is_some_and(|known| known.resets != now.resets) {
        for statement in ["DELETE FROM calls WHERE sandbox = ?", "DELETE FROM scorecards WHERE sandbox = ?"] {
            sqlx::query(statement).bind(number).execute(&mut *to).await?;
        }
    }
    if known.is_some_and(|known| known.first != now.first) {
        let statement = sqlx::query("DELETE FROM calls WHERE sandbox = ? AND number < ?");
        statement.bind(number).bind(column(now.first)).execute(&mut *to).await?;
    }
    let rows: Vec<_> = calls
        .iter()
        .map(|(number, call)| Ok((number, written(&**call)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let statement = "INSERT OR REPLACE INTO calls SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)";
    sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
    let rows: Vec<_> = scorecards
        .iter()
        .map(|(scorecard, supplier)| Ok((supplier.as_str(), written(scorecard)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let statement = "INSERT OR REPLACE INTO scorecards SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)";
    sqlx::query(statement).bind(number).bind(written(&rows)?).execute(&mut *to).await?;
    let statement = "INSERT OR REPLACE INTO journals VALUES (?, ?)";
    sqlx::query(statement).bind(number).bind(column(now.last)).execute(&mut *to).await?;
    Ok(now)
}

fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
