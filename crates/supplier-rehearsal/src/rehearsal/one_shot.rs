//! A rehearsal of a worker that ends by itself: it is started again and again, and time goes by in between.

use std::time::Duration;

use tokio::time::timeout;

use super::{Failure, Rehearsal};
use crate::timeline::{WorkerEvent, millis};
use crate::world::FinalOrder;

impl Rehearsal<'_> {
    /// Runs the worker until all orders are settled. If a mishap happened in the last run, the worker runs once more: what it
    /// believes then shows.
    pub(super) async fn one_shot(&mut self) -> Result<(), Failure> {
        let mut is_settled = false;
        for _ in 0..self.setup.pace.rounds {
            self.run_once().await?;
            let was_struck = self.interceptor.is_struck_in_this_run();
            let was_useful = self.interceptor.is_useful_run();
            self.interceptor.run_is_over();
            let (orders, comes_back) = self.orders().await?;
            if self.interceptor.is_stuck()
                || is_settled
                || (orders.iter().all(FinalOrder::is_settled) && !was_struck)
            {
                return Ok(());
            }
            is_settled = orders.iter().all(FinalOrder::is_settled);
            // Runs that could only find nothing are left out.
            let waits = comes_back.filter(|_| !was_useful).unwrap_or(Duration::ZERO);
            self.interceptor.advance(self.setup.pace.every.max(waits)).await?;
        }
        Ok(())
    }

    /// Runs the worker once, to its end.
    async fn run_once(&mut self) -> Result<(), Failure> {
        let mut copies = self.start().await?;
        let time_out = self.setup.pace.time_out;
        if let Ok(endings) = timeout(time_out, copies.ended()).await {
            for ending in endings {
                self.note_end(ending);
            }
        } else {
            copies.kill().await;
            self.interceptor.note(WorkerEvent::Hung { after_millis: millis(time_out) });
        }
        self.keep_output(&copies);
        Ok(())
    }
}
