//! What is asked for: how many rehearsals, of what, and how long.

use std::path::PathBuf;
use std::time::Duration;

use crate::rehearsal::{Mode, Pace};
use crate::report::WorldRecipe;

/// Most rehearsals of a run.
pub const MAX_BUDGET: usize = 100_000;
/// Most rehearsals at once.
pub const MAX_JOBS: usize = 64;

/// Plan of a run of rehearsals.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The orders.
    pub world: WorldRecipe,
    /// How the worker works; `None` to find out.
    pub mode: Option<Mode>,
    /// Maximum number of rehearsals, without those that shrink and confirm findings.
    pub budget: usize,
    /// How long the run may take; findings are confirmed even if that takes longer. `None`: as long as it needs.
    pub time: Option<Duration>,
    /// How many rehearsals take place at the same time.
    pub jobs: usize,
    /// Random seed of the order of pairs, and of a scenario's orders.
    pub seed: u64,
    /// How long things take in a rehearsal.
    pub pace: Pace,
    /// Directory whose content each rehearsal's directory begins with.
    pub copy: Option<PathBuf>,
}

impl Default for Plan {
    /// Up to 300 rehearsals of four mixed orders, within a minute.
    fn default() -> Self {
        Self {
            world: WorldRecipe::default(),
            mode: None,
            budget: 300,
            time: Some(Duration::from_mins(1)),
            jobs: 2,
            seed: 1,
            pace: Pace::default(),
            copy: None,
        }
    }
}
