//! How well suppliers' clients behave.

use supplier_domain::{Report, Supplier, SupplierId, Timestamp};
use supplier_store::SandboxId;

use crate::{Control, ControlError};

/// What is to be said of a sandbox's clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientReports {
    /// When, by the sandbox's clock, it was said.
    pub now: Timestamp,
    /// Whether the journal still has all the calls that it was judged by: evidence may be gone if not.
    pub is_complete: bool,
    /// A report for each supplier, in their order.
    pub reports: Vec<(Supplier, Report)>,
}

impl ClientReports {
    /// The least of the scores; `None` if nothing was observed of any of them.
    pub fn score(&self) -> Option<u8> {
        self.reports.iter().filter_map(|(_, report)| report.score).min()
    }
}

impl Control {
    /// What is to be said of the clients of a sandbox: of all suppliers', or of one's.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`].
    pub async fn scorecards(
        &self,
        sandbox: &SandboxId,
        supplier: Option<&SupplierId>,
        server: Timestamp,
    ) -> Result<ClientReports, ControlError> {
        if let Some(supplier) = supplier {
            self.demand_supplier(sandbox, supplier, server).await?;
        }
        let scorecards = self.store.scorecards(sandbox, server).await?;
        let now = scorecards.now;
        let wanted = scorecards
            .by_supplier
            .into_iter()
            .filter(|(known, _)| supplier.is_none_or(|supplier| known.id == *supplier));
        let reports = wanted.map(|(supplier, scorecard)| (supplier, scorecard.report(now))).collect();
        Ok(ClientReports { now, is_complete: scorecards.dropped == 0, reports })
    }
}
