//! Whether the hook's worlds know nothing of each other, and whether it takes several requests at once.

use futures::future::join_all;
use jiff::Timestamp;

use super::page::Page;
use super::{Exam, settled};
use crate::http::{Call, number};
use crate::provision::{Need, ProvisionError, Provisioner, World};
use crate::script::{NewOrders, Who};
use crate::template::Bindings;

/// By how many seconds the clock of the world 0 is moved; that of each further world by as much more. Not a whole hour: a later
/// run must not take a clock that is ahead for a clock of another time zone.
const STEP: i64 = 3_607;
/// How many seconds the moment of an order may be off, since the work takes time.
const TOLERANCE: i64 = 60;

/// A world, and the orders that were made in it.
struct Probe {
    world: World,
    /// The first supplier's: as many as tell the worlds apart, and one after the clock was moved.
    firsts: Vec<u64>,
    /// The second supplier's.
    second: Option<u64>,
}

impl Exam<'_> {
    /// Examines whether the hook does several requests that are sent at once.
    pub(super) async fn batches(&mut self) {
        let Provisioner::Hook(hook) = &self.target.provisioner else { return };
        if !hook.takes_batches() || !self.offers(Need::Orders) {
            return;
        }
        let tag = self.tag.clone();
        let kinds = [NewOrders::some(1), NewOrders::some(2)];
        let kinds = kinds.map(|orders| if self.is_fresh() { orders } else { orders.category(&tag) });
        match self.target.provisioner.create_orders(&self.world, &kinds).await {
            Ok(_) => {
                self.made += 3;
                self.found.fine("batch", "`batch` does several requests at once");
            }
            Err(error) => {
                hook.without_batches();
                let why = self.said(&error.to_string());
                let text = format!(
                    "{why} (two `create_orders` were sent as one `batch`); mend `batch`, or leave it out of `capabilities`. The run sends each request by itself"
                );
                self.found.problem("batch", &[], text);
            }
        }
    }

    /// Examines all worlds where cases are to run; what is said of one, the run does without all but the first.
    pub(super) async fn worlds(&mut self) {
        let count = self.target.seats.count();
        if count == 1 {
            return;
        }
        let spoilt = self.found.unusable.iter().any(|(need, _)| [Need::Fresh, Need::Orders].contains(need));
        if !self.is_fresh() || spoilt || !self.offers(Need::Orders) {
            self.found.has_one_world = true;
            return;
        }
        match self.apart(count).await {
            Ok(()) => self
                .found
                .fine("worlds", format!("{count} worlds, each with orders, keys and a clock of its own")),
            Err(what) => {
                let what = self.said(&what);
                self.found.has_one_world = true;
                self.found.problem(
                    "worlds",
                    &[],
                    format!(
                        "{what}; give each world orders, keys and a clock of its own, or leave `worlds` out of `capabilities`. The run uses one world"
                    ),
                );
            }
        }
    }

    /// Whether the worlds are apart; if not, what shows that.
    async fn apart(&self, count: usize) -> Result<(), String> {
        let mut probes = Vec::new();
        // One after another, so that a reset that is not its world's own takes the orders of the worlds before.
        for number in 0..count {
            probes.push(self.probe(number).await.map_err(|error| format!("world {number}: {error}"))?);
        }
        let moves_clock = self.offers(Need::Time);
        let later = probes.iter().enumerate().map(|(number, probe)| self.later(number, probe, moves_clock));
        for (number, order) in join_all(later).await.into_iter().enumerate() {
            probes[number].firsts.extend(order.map_err(|error| format!("world {number}: {error}"))?);
        }
        for (number, told) in
            join_all(probes.iter().map(|probe| self.created_in(probe))).await.into_iter().enumerate()
        {
            let created = told.map_err(|what| format!("world {number}: {what}"))?;
            let moved = created.1.duration_since(created.0).as_secs();
            let step = step(number);
            if moves_clock && (moved - step).abs() > TOLERANCE {
                return Err(format!(
                    "world {number}: its clock was moved by {step} seconds, and `createdAt` of its next order by {moved}"
                ));
            }
        }
        Ok(())
    }

    /// A clean world, with orders of each supplier. Numbers of orders may be the same in all worlds, so each has another count.
    async fn probe(&self, number: usize) -> Result<Probe, ProvisionError> {
        let world = settled(self.target, number, true).await?;
        world.seat.mark_dirty();
        let has_second = |world: &World| world.keys.contains_key(Who::Second.as_str());
        if has_second(&self.world) && !has_second(&world) {
            return Err(ProvisionError::Failed(
                "`capabilities` names no key of its second supplier".to_owned(),
            ));
        }
        let mut kinds = vec![NewOrders::some(u32::try_from(number + 1).unwrap_or(1))];
        if has_second(&world) {
            kinds.push(NewOrders::some(1).of(Who::Second));
        }
        let mut made = self.target.provisioner.create_orders(&world, &kinds).await?.into_iter();
        let firsts = made.next().unwrap_or_default();
        Ok(Probe { world, firsts, second: made.next().and_then(|orders| orders.first().copied()) })
    }

    /// Moves a world's clock, and makes another order in it.
    async fn later(
        &self,
        number: usize,
        probe: &Probe,
        moves_clock: bool,
    ) -> Result<Vec<u64>, ProvisionError> {
        if moves_clock {
            let millis = u64::try_from(step(number) * 1_000).unwrap_or_default();
            self.target.advance(&probe.world, millis).await?;
        }
        let made = self.target.provisioner.create_orders(&probe.world, &[NewOrders::some(1)]).await?;
        Ok(made.concat())
    }

    /// Looks at a world by its keys, and says when the first supplier's first and last order were placed.
    async fn created_in(&self, probe: &Probe) -> Result<(Timestamp, Timestamp), String> {
        let page = self.exactly(probe, Who::First, &probe.firsts).await?;
        if let Some(order) = probe.second {
            self.exactly(probe, Who::Second, &[order]).await?;
        }
        let created = |order: Option<&u64>| order.and_then(|order| page.created(*order));
        let moments = created(probe.firsts.first()).zip(created(probe.firsts.last()));
        moments.ok_or_else(|| "its orders have no `createdAt` that tells the time".to_owned())
    }

    /// What a supplier of a world may see, which has to be these orders and no other.
    async fn exactly(&self, probe: &Probe, who: Who, orders: &[u64]) -> Result<Page, String> {
        let who = who.as_str();
        let bindings = Bindings { keys: probe.world.keys.clone(), ..Bindings::default() };
        let call = Call::list(who, "productType=manual&limit=500".to_owned());
        let answer = self.target.transport.send(&call, &bindings).await.map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("the target answers {} to a list by the key \"{who}\"", answer.status));
        }
        let page = Page(answer);
        if let Some(order) = orders.iter().find(|order| !page.has(**order)) {
            return Err(format!(
                "order {order} was made for the supplier \"{who}\", and a list by that supplier's key does not show it"
            ));
        }
        let stranger =
            page.0.orders().iter().find(|order| number(order).is_none_or(|it| !orders.contains(&it)));
        match stranger {
            Some(order) => {
                let shown = number(order).map_or_else(|| "an order".to_owned(), |it| format!("order {it}"));
                Err(format!("a list by the key \"{who}\" shows {shown}, which was not made there"))
            }
            None => Ok(page),
        }
    }
}

/// By how many seconds a world's clock is moved.
fn step(number: usize) -> i64 {
    STEP * i64::try_from(number + 1).unwrap_or(1)
}
