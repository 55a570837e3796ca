//! Rows that a file and a database have alike.

use std::sync::Arc;

use supplier_domain::{FingerprintKey, Timestamp, Window};

use super::{Layer, Rebuild, StateDocument, invalid, read};
use crate::engine::journal::JournalState;
use crate::engine::sandbox::{BaseState, Sandbox};
use crate::{Epoch, SandboxId, SandboxInfo, Settings, SnapshotJournal};

/// A row of the table `sandboxes`.
#[derive(sqlx::FromRow)]
pub(crate) struct SandboxRow {
    pub(crate) number: i64,
    /// The number of the base state.
    #[sqlx(rename = "ground")]
    pub(crate) base: i64,
    /// The number of the present state's layer, which is also the epoch. A file has no such column.
    #[sqlx(default)]
    pub(crate) live: i64,
    name: String,
    scenario: String,
    seed: String,
    window_minutes: i64,
    account_dedup: String,
    fingerprint_key: String,
    suppliers: String,
    created_at: i64,
    expires_at: Option<i64>,
    origin: String,
    state: String,
}

impl SandboxRow {
    pub(crate) fn info(&self) -> Result<SandboxInfo, sqlx::Error> {
        Ok(SandboxInfo {
            id: SandboxId::kept(&self.name),
            scenario: self.scenario.as_str().into(),
            seed: self.seed.parse().map_err(invalid)?,
            settings: Settings {
                window: Window::from_minutes(u32::try_from(self.window_minutes).map_err(invalid)?),
                account_dedup: read(&self.account_dedup)?,
            },
            suppliers: read(&self.suppliers)?,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: self.expires_at.map(Timestamp::from_millis),
        })
    }

    /// Rebuilds the sandbox from its base state and the layers of its first and its present state.
    pub(crate) async fn sandbox(
        &self,
        base: Arc<BaseState>,
        (first, present): (Layer, Layer),
        rebuild: &mut Rebuild,
    ) -> Result<Sandbox, sqlx::Error> {
        let info = self.info()?;
        let mut origin = base.state.clone();
        for supplier in &info.suppliers {
            origin.add_supplier(&supplier.id);
        }
        read::<StateDocument>(&self.origin)?.put_into(&mut origin);
        rebuild.apply(first, &mut origin).await?;
        let mut state = origin.clone();
        read::<StateDocument>(&self.state)?.put_into(&mut state);
        rebuild.apply(present, &mut state).await?;
        let fingerprint_key = FingerprintKey::from_hex(&self.fingerprint_key).map_err(invalid)?;
        let (origin, epoch) = (Arc::new(origin), Epoch(self.live));
        Ok(Sandbox { info, fingerprint_key, state, origin, base, epoch })
    }
}

/// The journal of which `last` is the last number, `calls` are the kept documents, and `scorecards` are by supplier.
pub(crate) fn journal_of(
    last: i64,
    calls: &[String],
    scorecards: &[(String, String)],
) -> Result<JournalState, sqlx::Error> {
    let last = u64::try_from(last).unwrap_or(0).max(calls.len() as u64);
    let calls = calls.iter().map(|call| read(call)).collect::<Result<_, _>>()?;
    let scorecard = |(supplier, scorecard): &(String, String)| {
        Ok::<_, sqlx::Error>((supplier.parse().map_err(invalid)?, read(scorecard)?))
    };
    let scorecards = scorecards.iter().map(scorecard).collect::<Result<_, _>>()?;
    Ok(JournalState::restored(SnapshotJournal { last, calls }, scorecards))
}
