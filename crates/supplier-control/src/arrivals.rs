//! Orders that come in as a sandbox's clock goes on.

use std::ops::RangeInclusive;

use supplier_domain::{ArrivalMix, ArrivalPlan, Arrivals, Bursts, OrderDraft, PerMinute, Problem, Timestamp};
use supplier_store::SandboxId;

use crate::{Control, ControlError};

/// How many kinds of orders may come in.
const MIX: RangeInclusive<usize> = 1..=50;
/// How heavy each may be.
const WEIGHT: RangeInclusive<u32> = 1..=1_000;

/// Orders that are to come in.
#[derive(Debug, Clone)]
pub struct NewArrivals {
    /// How many each minute.
    pub per_minute: PerMinute,
    /// How many at once on top, and how often.
    pub bursts: Option<Bursts>,
    /// What follows from it is which kind each of them is; `None` for the sandbox's own seed.
    pub seed: Option<u64>,
    /// What they are like, 1 to 50 kinds, each with its weight, 1 to 1,000.
    pub mix: Vec<(u32, OrderDraft)>,
}

impl NewArrivals {
    /// What is wrong with so many kinds of orders.
    pub fn check_mix(kinds: usize) -> Option<Problem> {
        let problem = || format!("must be {} to {} kinds of orders", MIX.start(), MIX.end());
        (!MIX.contains(&kinds)).then(|| Problem::new("mix", problem()))
    }

    /// What is wrong with such a weight.
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
    /// Lets orders come in from the moment on that the sandbox's clock shows, in place of those that did before. Returns
    /// what is set.
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

    /// Lets no more orders come in. What has come in by the sandbox's clock stays.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn stop_arrivals(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), ControlError> {
        Ok(self.store.set_arrivals(sandbox, None, server).await?)
    }

    /// Which orders come in, how many did, and when the next does; `None` if none do.
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
