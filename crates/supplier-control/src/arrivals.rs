//! Arrivals of a sandbox: set, read, stopped.

use std::ops::RangeInclusive;

use supplier_domain::{ArrivalMix, ArrivalPlan, Arrivals, Bursts, OrderDraft, PerMinute, Problem, Timestamp};
use supplier_store::SandboxId;

use crate::{Control, ControlError};

/// Number of order templates in a mix, at most.
const MIX: RangeInclusive<usize> = 1..=50;
/// Range of a weight.
const WEIGHT: RangeInclusive<u32> = 1..=1_000;

/// Arrivals to be set.
#[derive(Debug, Clone)]
pub struct NewArrivals {
    /// Orders a minute, at an even rate.
    pub per_minute: PerMinute,
    /// Bursts in addition: how many orders at once, and how often.
    pub bursts: Option<Bursts>,
    /// Random seed that picks each order's template; `None` for the sandbox's own seed.
    pub seed: Option<u64>,
    /// Order templates, 1 to 50, each with a weight of 1 to 1,000.
    pub mix: Vec<(u32, OrderDraft)>,
}

impl NewArrivals {
    /// The problem with a number of templates.
    pub fn check_mix(kinds: usize) -> Option<Problem> {
        let problem = || format!("must be {} to {} kinds of orders", MIX.start(), MIX.end());
        (!MIX.contains(&kinds)).then(|| Problem::new("mix", problem()))
    }

    /// The problem with a weight.
    pub fn check_weight(weight: u32) -> Option<Problem> {
        let problem = || format!("must be from {} to {}", WEIGHT.start(), WEIGHT.end());
        (!WEIGHT.contains(&weight)).then(|| Problem::new("weight", problem()))
    }

    fn problems(&self) -> Vec<Problem> {
        let weights = self.mix.iter().enumerate().filter_map(|(index, (weight, _))| {
            let problem = Self::check_weight(*weight)?;
            Some(Problem::new(format!("mix[{index}].{}", problem.field), problem.problem))
        });
        Self::check_mix(self.mix.len()).into_iter().chain(weights).collect()
    }
}

impl Control {
    /// Sets the arrivals of a sandbox from its clock's present time on, in place of earlier ones, and returns them.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::NoSandbox`], [`ControlError::NoSupplier`].
    pub async fn set_arrivals(
        &self,
        sandbox: &SandboxId,
        new: NewArrivals,
        server: Timestamp,
    ) -> Result<Option<Arrivals>, ControlError> {
        let problems = new.problems();
        if !problems.is_empty() {
            return Err(problems.into());
        }
        let seed = self.store.sandbox(sandbox, server).await?.seed;
        let mix = ArrivalMix::new(new.mix).ok_or_else(|| Problem::new("mix", "has no kind of orders"))?;
        let seed = new.seed.unwrap_or(seed);
        let plan = ArrivalPlan { per_minute: new.per_minute, bursts: new.bursts, mix, seed };
        self.store.set_arrivals(sandbox, Some(plan), server).await?;
        self.arrivals(sandbox, server).await
    }

    /// Stops the arrivals of a sandbox. Orders that have come in stay.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn stop_arrivals(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), ControlError> {
        Ok(self.store.set_arrivals(sandbox, None, server).await?)
    }

    /// The arrivals of a sandbox: what is set, how many orders have come in, and when the next one does. `None` if none are
    /// set.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn arrivals(
        &self,
        sandbox: &SandboxId,
        server: Timestamp,
    ) -> Result<Option<Arrivals>, ControlError> {
        Ok(self.store.arrivals(sandbox, server).await?)
    }
}
