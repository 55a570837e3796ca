//! Export of a sandbox as a snapshot, and the restoring of it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use supplier_domain::{Fingerprint, FingerprintKey, OrderId, SupplierId, Timestamp};

use super::journal::JournalState;
use super::sandbox::Sandbox;
use super::shelf::Interaction;
use super::state::{Entry, State};
use crate::{
    Delivered, NewFork, SNAPSHOT_VERSION, SandboxInfo, Snapshot, SnapshotDealings, SnapshotJournal,
    SnapshotOrder, StoreOptions,
};

impl Sandbox {
    /// The snapshot without the journal and the scorecards.
    pub(crate) fn export(&mut self, server: Timestamp) -> Snapshot {
        self.state.catch_up(server);
        let last_number = self.state.last_given();
        let State { clock, orders, shelves, delivered, faults, arrivals, .. } = &mut self.state;
        clock.read(server);
        let order = |entry: &Entry| SnapshotOrder {
            order: entry.order.clone(),
            history: entry.history.clone(),
            dealings: shelves
                .iter()
                .filter_map(|(supplier, shelf)| {
                    let Interaction { dealings, until } = *shelf.interaction(entry.order.id)?;
                    Some(SnapshotDealings {
                        supplier: supplier.clone(),
                        counts: dealings,
                        withheld_until: until,
                    })
                })
                .collect(),
        };
        let delivery = |((supplier, fingerprint), order): (&(SupplierId, Fingerprint), &OrderId)| Delivered {
            supplier: supplier.clone(),
            fingerprint: *fingerprint,
            order: *order,
        };
        Snapshot {
            version: SNAPSHOT_VERSION,
            scenario: Arc::clone(&self.info.scenario),
            seed: self.info.seed,
            window_minutes: u32::try_from(self.info.settings.window.minutes()).unwrap_or(u32::MAX),
            account_dedup: self.info.settings.account_dedup,
            fingerprint_key: self.fingerprint_key.to_hex(),
            clock: clock.clone(),
            suppliers: self.info.suppliers.clone(),
            orders: orders.values().map(|entry| order(entry)).collect(),
            last_number: Some(last_number),
            delivered: delivered.iter().map(delivery).collect(),
            faults: faults.clone(),
            arrivals: arrivals.clone(),
            journal: SnapshotJournal::default(),
            scorecards: BTreeMap::new(),
        }
    }

    /// The sandbox and the journal of a snapshot. The sandbox's clock continues at `server`.
    pub(crate) fn restored(
        snapshot: Snapshot,
        fork: NewFork,
        options: StoreOptions,
        base: i64,
        server: Timestamp,
    ) -> (Self, JournalState) {
        let snapshot = snapshot.shared();
        let journal = JournalState::restored(snapshot.journal, snapshot.scorecards);
        let mut state = State::new(&snapshot.suppliers, options, server);
        state.clock = snapshot.clock;
        state.clock.resume(server);
        state.faults = snapshot.faults;
        state.arrivals = snapshot.arrivals;
        let mut known_facets = HashSet::new();
        for SnapshotOrder { order, history, dealings } in snapshot.orders {
            // Before the order is placed: its place on the shelf depends on whether it is withheld.
            for SnapshotDealings { supplier, counts, withheld_until } in dealings {
                if let Some(shelf) = state.shelves.get_mut(&supplier) {
                    let interaction = Interaction { dealings: counts, until: withheld_until };
                    Arc::make_mut(shelf).remember(order.id, interaction);
                }
            }
            state.put(order, history, &mut known_facets);
        }
        state.last_given = Some(snapshot.last_number.unwrap_or_else(|| state.last_given()));
        let delivered = snapshot.delivered.into_iter();
        state.delivered = delivered.map(|it| ((it.supplier, it.fingerprint), it.order)).collect();
        let info = SandboxInfo {
            id: fork.id,
            scenario: snapshot.scenario,
            seed: snapshot.seed,
            settings: fork.settings,
            suppliers: snapshot.suppliers,
            created_at: server,
            expires_at: fork.expires_at,
        };
        // `Snapshot::check` has read the key before.
        let key = FingerprintKey::from_hex(&snapshot.fingerprint_key);
        let fingerprint_key = key.unwrap_or(FingerprintKey([0; 32]));
        (Self::with_new_base(info, fingerprint_key, state, base), journal)
    }
}
