//! Clock of a sandbox: read and moved.

use supplier_domain::{Clock, ClockChange, ClockState, Problem, Timestamp};
use supplier_store::SandboxId;

use crate::{Control, ControlError};

impl Control {
    /// The time of a sandbox's clock, and how the clock runs.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn clock(&self, sandbox: &SandboxId, server: Timestamp) -> Result<ClockState, ControlError> {
        Ok(self.store.clock(sandbox, server).await?)
    }

    /// Changes a sandbox's clock, and returns its new state.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::Clock`], or [`ControlError::Invalid`] if the clock would move too far.
    pub async fn change_clock(
        &self,
        sandbox: &SandboxId,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<ClockState, ControlError> {
        if let ClockChange::Advance(by) = change
            && by > self.caps.advance
        {
            let most = self.caps.advance.as_secs();
            return Err(Problem::new(
                "seconds",
                format!("must be at most {most}; move further in several steps"),
            )
            .into());
        }
        if let ClockChange::Set(setting) = change
            && setting.step_on_poll.is_some_and(|step| step > Clock::MAX_STEP)
        {
            let most = Clock::MAX_STEP.as_secs();
            return Err(Problem::new("stepOnPoll", format!("must be at most {most} seconds, a year")).into());
        }
        Ok(self.store.change_clock(sandbox, change, server).await??)
    }
}
