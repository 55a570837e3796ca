//! How well suppliers' clients behave.

use std::collections::{BTreeSet, HashSet};

use supplier_domain::{Reading, Report, Supplier, SupplierId, Timestamp};
use supplier_store::SandboxId;

use crate::{Control, ControlError};

/// What is to be said of a sandbox's clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientReports {
    /// When, by the sandbox's clock, it was said.
    pub now: Timestamp,
    /// Whether the journal still has all the calls that it was judged by: evidence may be gone if not.
    pub is_complete: bool,
    /// Whether it was said as of clients that have stopped.
    pub has_ended: bool,
    /// A report for each supplier, in their order.
    pub reports: Vec<(Supplier, Report)>,
}

impl ClientReports {
    /// The least number of practices that a score rests on, of the scores that there are.
    pub fn observed(&self) -> usize {
        let scored = self.reports.iter().filter(|(_, report)| report.score.is_some());
        scored.map(|(_, report)| report.observed()).min().unwrap_or(0)
    }

    /// The least of the scores; `None` if nothing was observed of any of them.
    pub fn score(&self) -> Option<u8> {
        self.reports.iter().filter_map(|(_, report)| report.score).min()
    }
}

impl Control {
    /// What is to be said of the clients of a sandbox: of all suppliers', or of one's. Of clients that have stopped
    /// (`has_ended`), what they were handed out and did not answer counts at once.
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
