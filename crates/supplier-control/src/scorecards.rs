//! Scorecards of a sandbox's suppliers.

use std::collections::{BTreeSet, HashSet};

use supplier_domain::{Reading, Report, Supplier, SupplierId, Timestamp};
use supplier_store::SandboxId;

use crate::{Control, ControlError};

/// Scorecards of a sandbox's clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientReports {
    /// Time of the reports, by the sandbox's clock.
    pub now: Timestamp,
    /// Whether the journal still has all calls behind the scores. If not, some evidence is gone.
    pub is_complete: bool,
    /// Whether the clients are judged as stopped.
    pub has_ended: bool,
    /// Report of each supplier's client, in the order of suppliers.
    pub reports: Vec<(Supplier, Report)>,
}

impl ClientReports {
    /// The smallest number of practices that a score rests on.
    pub fn observed(&self) -> usize {
        let scored = self.reports.iter().filter(|(_, report)| report.score.is_some());
        scored.map(|(_, report)| report.observed()).min().unwrap_or(0)
    }

    /// The lowest score; `None` if no client was observed.
    pub fn score(&self) -> Option<u8> {
        self.reports.iter().filter_map(|(_, report)| report.score).min()
    }
}

impl Control {
    /// Scorecards of a sandbox's clients, of all suppliers or of one. With `has_ended` the clients have stopped, and an
    /// order that was handed out and not answered counts at once.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`].
    pub async fn scorecards(
        &self,
        sandbox: &SandboxId,
        supplier: Option<&SupplierId>,
        has_ended: bool,
        server: Timestamp,
    ) -> Result<ClientReports, ControlError> {
        if let Some(supplier) = supplier {
            self.demand_supplier(sandbox, supplier, server).await?;
        }
        let scorecards = self.store.scorecards(sandbox, server).await?;
        let now = scorecards.now;
        let mut wanted = scorecards.by_supplier;
        wanted.retain(|(known, _)| supplier.is_none_or(|supplier| known.id == *supplier));
        let unanswered: BTreeSet<_> =
            wanted.iter().flat_map(|(_, scorecard)| scorecard.unanswered()).collect();
        let awaiting = if unanswered.is_empty() {
            HashSet::new()
        } else {
            self.store.awaiting(sandbox, unanswered.into_iter().collect(), server).await?
        };
        let reading = Reading { now, awaits: &|order| awaiting.contains(&order), has_ended };
        let reports = wanted.into_iter().map(|(supplier, scorecard)| (supplier, scorecard.report(&reading)));
        let reports = reports.collect();
        Ok(ClientReports { now, is_complete: scorecards.dropped == 0, has_ended, reports })
    }
}
