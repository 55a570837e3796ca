//! Shelf of a supplier: its paid orders, sorted by class.

use std::cmp::Ordering;
use std::sync::Arc;

use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use supplier_domain::{Dealings, Facet, ListQuery, Moment, OrderId, OrderStatus, Timestamp};

use super::page;
use super::ranked_map::RankedMap;

/// Sort key of an order in a list: oldest first, then by number (`list.order`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListKey {
    pub(crate) created_at: Timestamp,
    pub(crate) id: OrderId,
}

impl Ord for ListKey {
    /// Compares the key as one number: a page compares some hundred keys, and needs no branch for it.
    fn cmp(&self, other: &Self) -> Ordering {
        let number =
            |place: &Self| (i128::from(place.created_at.as_millis()) << 64) | i128::from(place.id.get());
        number(self).cmp(&number(other))
    }
}

impl PartialOrd for ListKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The orders of one supplier. An order is in exactly one class, where it is either ready or withheld.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    /// Sorted by facets. Their number depends on the catalogue, and not on the number of orders.
    rows: Vec<Arc<Row>>,
    /// For each order that was handed out to the supplier or updated by it.
    interaction: OrdMap<OrderId, Interaction>,
}

/// Interaction of the supplier with an order: until when it is withheld, and what was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Interaction {
    pub(crate) dealings: Dealings,
    /// Until when the order is withheld. The time may have passed: an order is released when a call looks for it.
    pub(crate) until: Option<Timestamp>,
}

/// The orders whose items have the same facets: one class for each status.
#[derive(Clone)]
struct Row {
    facets: Arc<[Facet]>,
    /// By status, in the order of declaration.
    classes: [Class; OrderStatus::ALL.len()],
}

/// The orders of one row and status: a list call takes a class whole or not at all.
#[derive(Clone, Default)]
struct Class {
    /// Orders with what a page shows of them, so that a page is read in one pass.
    ready: RankedMap<ListKey, Arc<RawValue>>,
    /// By the end of each order's window.
    withheld: RankedMap<(Timestamp, ListKey), Arc<RawValue>>,
}

/// The index of a class: the index of its row, and its status.
pub(crate) type ClassIndex = (usize, OrderStatus);

/// The result of a list call.
pub(crate) struct Selection {
    /// The orders of the page, in the order of the list, each with its class.
    pub(crate) places: Vec<(ClassIndex, ListKey)>,
    pub(crate) total: usize,
    pub(crate) withheld: usize,
    pub(crate) next_at: Option<Timestamp>,
}

impl Row {
    fn class(&self, status: OrderStatus) -> &Class {
        &self.classes[status as usize]
    }

    fn class_mut(&mut self, status: OrderStatus) -> &mut Class {
        &mut self.classes[status as usize]
    }
}

impl Class {
    /// Whether the window of an order has ended by `now`.
    fn is_due(&self, now: Timestamp) -> bool {
        self.withheld.first().is_some_and(|(until, _)| *until <= now)
    }

    /// How many orders' windows have ended by `now`.
    fn due(&self, now: Timestamp) -> usize {
        // Before the first order that comes back later.
        let later = Timestamp::from_millis(now.as_millis() + 1);
        let first = OrderId::new(1).map(|id| ListKey { created_at: Timestamp::from_millis(0), id });
        first.map_or(0, |first| self.withheld.rank(&(later, first)))
    }
}

impl Shelf {
    /// Puts an order into its class. An order that was withheld when it was removed still is.
    pub(crate) fn insert(
        &mut self,
        status: OrderStatus,
        facets: &Arc<[Facet]>,
        place: ListKey,
        body: Arc<RawValue>,
    ) {
        let until = self.withheld_until(place.id);
        let class = self.class(status, facets);
        match until {
            Some(until) => class.withheld.insert((until, place), body),
            None => class.ready.insert(place, body),
        }
    }

    /// Removes an order from its class, and returns what a page shows of it. The shelf remembers until when the order is
    /// withheld.
    pub(crate) fn remove(
        &mut self,
        status: OrderStatus,
        facets: &Arc<[Facet]>,
        place: ListKey,
    ) -> Option<Arc<RawValue>> {
        let until = self.withheld_until(place.id);
        let class = self.class(status, facets);
        match until {
            Some(until) => class.withheld.remove(&(until, place)),
            None => class.ready.remove(&place),
        }
    }

    /// Records the interaction with an order that is on the shelf.
    pub(crate) fn deal(
        &mut self,
        status: OrderStatus,
        facets: &Arc<[Facet]>,
        place: ListKey,
        interaction: Interaction,
    ) {
        if self.withheld_until(place.id) == interaction.until {
            self.remember(place.id, interaction);
        } else if let Some(body) = self.remove(status, facets, place) {
            self.remember(place.id, interaction);
            self.insert(status, facets, place, body);
        }
    }

    /// Moves an order to the class of its new status, if that differs, and replaces what a page shows of the order by
    /// `body`. The order stays withheld or ready.
    pub(crate) fn update(
        &mut self,
        (from, to): (OrderStatus, OrderStatus),
        facets: &Arc<[Facet]>,
        place: ListKey,
        body: Arc<RawValue>,
    ) {
        if from != to {
            self.remove(from, facets, place);
        }
        self.insert(to, facets, place, body);
    }

    /// Until when an order is withheld. The time may have passed.
    fn withheld_until(&self, id: OrderId) -> Option<Timestamp> {
        self.interaction(id)?.until
    }

    pub(crate) fn interaction(&self, id: OrderId) -> Option<&Interaction> {
        self.interaction.get(&id)
    }

    /// The interactions that have changed since the shelf was `earlier`.
    pub(crate) fn interactions_since<'a>(
        &'a self,
        earlier: &'a Self,
    ) -> impl Iterator<Item = DiffItem<'a, 'a, OrderId, Interaction>> {
        earlier.interaction.diff(&self.interaction)
    }

    /// All interactions, by order number.
    pub(crate) fn all_interactions(&self) -> impl Iterator<Item = (OrderId, &Interaction)> {
        self.interaction.iter().map(|(id, interaction)| (*id, interaction))
    }

    /// Records an interaction with an order that is not on the shelf yet.
    pub(crate) fn remember(&mut self, id: OrderId, interaction: Interaction) {
        self.interaction.insert(id, interaction);
    }

    /// The counts of the supplier's interaction with an order, to change them.
    pub(crate) fn dealings_mut(&mut self, id: OrderId) -> &mut Dealings {
        &mut self.interaction.entry(id).or_default().dealings
    }

    /// Reads the page that `query` asks for at `now` from the classes `matching`. Appends the orders to `json`, separated
    /// by commas.
    ///
    /// The text is copied and not shared: concurrent calls for the same page would contend for the reference count of each
    /// order.
    pub(crate) fn select(
        &mut self,
        matching: &[ClassIndex],
        query: &ListQuery,
        now: Timestamp,
        json: &mut Vec<u8>,
    ) -> Selection {
        self.release_all(matching, now);
        let mut selection = Selection { places: Vec::new(), total: 0, withheld: 0, next_at: None };
        let mut ready = Vec::with_capacity(matching.len());
        for (row, status) in matching {
            let class = self.rows[*row].class(*status);
            selection.total += class.ready.len();
            selection.withheld += class.withheld.len();
            if let Some((until, _)) = class.withheld.first() {
                selection.next_at = Some(selection.next_at.map_or(*until, |next_at| next_at.min(*until)));
            }
            ready.push(&class.ready);
        }
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let expected = query.limit.min(selection.total.saturating_sub(offset));
        let mut places = Vec::with_capacity(expected);
        page::merge(&ready, offset, query.limit, |which, place, body| {
            let body = body.get().as_bytes();
            if places.is_empty() {
                // Orders have about the same length.
                json.reserve(expected * (body.len() + body.len() / 8));
            } else {
                json.push(b',');
            }
            json.extend_from_slice(body);
            places.push((matching[which], place));
        });
        selection.places = places;
        selection
    }

    /// How many orders' windows in these classes have ended by `now`.
    pub(crate) fn due(&self, classes: &[ClassIndex], now: Timestamp) -> usize {
        let classes = classes.iter().map(|(row, status)| self.rows[*row].class(*status));
        classes.filter(|class| class.is_due(now)).map(|class| class.due(now)).sum()
    }

    /// How many orders of these classes are ready.
    pub(crate) fn ready(&self, classes: &[ClassIndex]) -> usize {
        classes.iter().map(|(row, status)| self.rows[*row].class(*status).ready.len()).sum()
    }

    /// How many ready orders of these classes come before that place in the list.
    pub(crate) fn ready_before(&self, classes: &[ClassIndex], place: &ListKey) -> usize {
        classes.iter().map(|(row, status)| self.rows[*row].class(*status).ready.rank(place)).sum()
    }

    /// Releases the orders of these classes whose window has ended.
    pub(crate) fn release_all(&mut self, classes: &[ClassIndex], now: Timestamp) {
        for index in classes {
            self.release(*index, now);
        }
    }

    /// The classes that match `query`, without empty ones.
    pub(crate) fn matching(&self, query: &ListQuery) -> Vec<ClassIndex> {
        let mut statuses = OrderStatus::ALL.to_vec();
        statuses.retain(|status| query.fits_status(*status));
        let mut matching = Vec::with_capacity(self.rows.len() * statuses.len());
        for (index, row) in self.rows.iter().enumerate().filter(|(_, row)| query.fits_any(&row.facets)) {
            let holds_any = |class: &Class| class.ready.len() + class.withheld.len() > 0;
            let taken = statuses.iter().filter(|status| holds_any(row.class(**status)));
            matching.extend(taken.map(|status| (index, *status)));
        }
        matching
    }

    /// Counts the hand-out of the orders of a selection, and withholds them until `until`; without `until` they stay ready.
    pub(crate) fn hand_out(
        &mut self,
        places: &[(ClassIndex, ListKey)],
        until: Option<Timestamp>,
        moment: Moment,
    ) {
        for (index, place) in places {
            if let Some(until) = until {
                let class = self.class_at(*index);
                if let Some(body) = class.ready.remove(place) {
                    class.withheld.insert((until, *place), body);
                }
            }
            let interaction = self.interaction.entry(place.id).or_default();
            let is_again = until.is_some() && interaction.dealings.last.is_some();
            interaction.dealings.hand_out(moment, is_again);
            interaction.until = until;
        }
    }

    /// Releases the orders of a class whose window has ended (`list.window-end`).
    fn release(&mut self, index: ClassIndex, now: Timestamp) {
        if !self.rows[index.0].class(index.1).is_due(now) {
            return;
        }
        let class = Arc::make_mut(&mut self.rows[index.0]).class_mut(index.1);
        while let Some((until, place)) = class.withheld.first().copied().filter(|(until, _)| *until <= now) {
            if let Some(body) = class.withheld.remove(&(until, place)) {
                class.ready.insert(place, body);
            }
            if let Some(interaction) = self.interaction.get_mut(&place.id) {
                interaction.until = None;
            }
        }
    }

    fn class(&mut self, status: OrderStatus, facets: &Arc<[Facet]>) -> &mut Class {
        let index = self.rows.binary_search_by(|row| row.facets.cmp(facets));
        let index = index.unwrap_or_else(|index| {
            let row = Row { facets: Arc::clone(facets), classes: Default::default() };
            self.rows.insert(index, Arc::new(row));
            index
        });
        self.class_at((index, status))
    }

    fn class_at(&mut self, (row, status): ClassIndex) -> &mut Class {
        Arc::make_mut(&mut self.rows[row]).class_mut(status)
    }
}
