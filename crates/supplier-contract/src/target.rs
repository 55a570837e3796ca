//! The target of a run: the server under test, and all that the cases of every check share.

mod prepare;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tokio::time::Duration;

use crate::config::Config;
use crate::diagnosis::Diagnosis;
use crate::http::Transport;
use crate::masking::mask;
use crate::profile::Profile;
use crate::provision::{Listed, Need, Offers, ProvisionError, Provisioner, Seats, World};
use crate::schema::Schema;
use crate::script::NewOrders;

pub use prepare::Problem;

/// The server under test.
pub struct Target {
    pub(crate) config: Config,
    pub(crate) transport: Transport,
    pub(crate) provisioner: Provisioner,
    pub(crate) offers: Offers,
    pub(crate) schema: Schema,
    /// The secret part of the accounts that are delivered.
    pub(crate) password: String,
    /// The target's `Sandbox-Version`.
    pub(crate) sandbox: Option<String>,
    /// What was found out about the target and its hook before the first check.
    pub(crate) diagnosis: Diagnosis,
    /// The parameters of `create_orders` that the hook does not heed, and what to do about each.
    pub(crate) unheeded: BTreeMap<&'static str, String>,
    /// Keys that were made, so that no report shows them.
    secrets: RefCell<BTreeSet<String>>,
    /// The violations of single answers that have been reported.
    reported: RefCell<BTreeSet<String>>,
    /// Where cases run, each in a clean state of its own.
    pub(crate) seats: Rc<Seats>,
    tags: Cell<u64>,
    own: Cell<usize>,
}

impl Target {
    /// Connects to the target that `config` describes, and finds out what it offers.
    pub async fn prepare(config: Config) -> Result<Self, Problem> {
        Self::prepare_watching(config, Duration::ZERO).await
    }

    /// The same, and waits so long for other clients to poll orders that the doctor made.
    pub(crate) async fn prepare_watching(config: Config, watch: Duration) -> Result<Self, Problem> {
        prepare::prepare(config, watch).await
    }

    /// Makes orders of each kind, and says their numbers.
    pub(crate) async fn create_orders(
        &self,
        world: &World,
        kinds: &[NewOrders],
    ) -> Result<Vec<Vec<u64>>, ProvisionError> {
        for params in kinds.iter().map(NewOrders::params) {
            if let Some((_, why)) = self.unheeded.iter().find(|(name, _)| params.get(**name).is_some()) {
                return Err(ProvisionError::Unsupported(why.clone()));
            }
        }
        self.provisioner.create_orders(world, kinds).await
    }

    /// Deletes what was created for the whole run.
    pub async fn close(&self) {
        if let Provisioner::Sandbox(control) = &self.provisioner {
            control.finish().await;
        }
    }

    /// The target's choices.
    pub(crate) const fn profile(&self) -> &Profile {
        &self.config.profile
    }

    /// Orders that the configuration lists.
    pub(crate) const fn listed(&self) -> &Listed {
        &self.config.listed
    }

    /// Whether every case begins with a clean state.
    pub(crate) fn is_fresh(&self) -> bool {
        self.offers.has(Need::Fresh)
    }

    /// Whether every case has a sandbox of its own.
    pub(crate) fn is_private(&self) -> bool {
        matches!(self.provisioner, Provisioner::Sandbox(_))
    }

    /// A world for a case: a clean one where it can be had, as soon as a seat is free.
    pub(crate) async fn world(&self) -> Result<World, ProvisionError> {
        let fresh = self.is_fresh();
        let seat = if fresh { self.seats.take().await? } else { self.seats.shared(0) };
        let world = self.provisioner.world(seat, &self.config.keys, fresh).await?;
        for key in world.keys.values() {
            self.keep_secret(key);
        }
        Ok(world)
    }

    /// How many cases run at a time.
    pub(crate) fn seats(&self) -> usize {
        if self.is_fresh() { self.seats.count() } else { 1 }
    }

    pub(crate) fn keep_secret(&self, key: &str) {
        if !self.secrets.borrow().contains(key) {
            self.secrets.borrow_mut().insert(key.to_owned());
        }
    }

    /// The text without any key or password of this run.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut text = mask(text, &self.password, "[password]");
        for key in self.secrets.borrow().iter() {
            text = mask(&text, key, "[key]");
        }
        text
    }

    /// Lets so many milliseconds pass. Returns by how many the clock was moved: the rest was waited for.
    pub(crate) async fn advance(&self, world: &World, millis: u64) -> Result<u64, ProvisionError> {
        self.provisioner.advance(world, millis).await?;
        let moved = if self.provisioner.takes_milliseconds() { millis } else { millis / 1000 * 1000 };
        world.seat.note_advance(moved);
        Ok(moved)
    }

    /// A name that no other case has.
    pub(crate) fn tag(&self) -> String {
        let count = self.tags.get();
        self.tags.set(count + 1);
        let run = (self.config.seed & 0xffff_ffff) ^ self.password.len() as u64;
        format!("contract-{run:08x}-{count}")
    }

    /// The next of the orders that the configuration lists.
    pub(crate) fn next_own(&self) -> Option<u64> {
        let next = self.own.get();
        self.own.set(next + 1);
        // Round and round: a check that changes an order sets it to what it needs first.
        let own = &self.config.listed.own;
        if own.is_empty() { None } else { Some(own[next % own.len()]) }
    }

    /// Whether the violation with that signature has not been reported yet. Notes that it is now.
    pub(crate) fn first_report(&self, signature: &str) -> bool {
        self.reported.borrow_mut().insert(signature.to_owned())
    }
}
