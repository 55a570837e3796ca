//! What one supplier may be handed: its paid orders, sorted by class.

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
    /// The key as one number: a page compares keys some hundred times, each without a branch.
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

/// The orders of one supplier. An order stands in exactly one class, and there either ready or withheld.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    /// Sorted by facets. There are as many as the catalogue makes, however many orders there are.
    rows: Vec<Arc<Row>>,
    /// Of the orders that were handed out to the supplier or updated by it.
    interaction: OrdMap<OrderId, Interaction>,
}

/// Interaction of the supplier with an order: until when it is withheld, and what was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Interaction {
    pub(crate) dealings: Dealings,
    /// Until when the order is withheld. It may be over already: an order comes back when a call looks for it.
    pub(crate) until: Option<Timestamp>,
}

/// The orders whose items show the filters the same, a class for each status.
#[derive(Clone)]
struct Row {
    facets: Arc<[Facet]>,
    /// By the status, in the order of its declaration.
    classes: [Class; OrderStatus::ALL.len()],
}

/// The orders of one row and status: a list call takes a class whole or not at all.
#[derive(Clone, Default)]
struct Class {
    /// What the supplier is shown of each order stands with it, so that a page is read in one pass.
    ready: RankedMap<ListKey, Arc<RawValue>>,
    /// By the moment at which each comes back.
    withheld: RankedMap<(Timestamp, ListKey), Arc<RawValue>>,
}

/// Where a class is: the index of its row, and its status.
pub(crate) type ClassIndex = (usize, OrderStatus);

/// What a list call finds.
pub(crate) struct Selection {
    /// The page, in the order of the list, each with its class.
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
    /// Whether an order is to come back by `now`.
    fn is_due(&self, now: Timestamp) -> bool {
        self.withheld.first().is_some_and(|(until, _)| *until <= now)
    }

    /// How many orders are to come back by `now`.
    fn due(&self, now: Timestamp) -> usize {
        // Before all that come back later.
        let later = Timestamp::from_millis(now.as_millis() + 1);
        let first = OrderId::new(1).map(|id| ListKey { created_at: Timestamp::from_millis(0), id });
        first.map_or(0, |first| self.withheld.rank(&(later, first)))
    }
}

impl Shelf {
    /// Puts an order into its class. One that was withheld before it was taken out still is.
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

    /// Takes an order out of its class, and returns what is shown of it. Until when it is withheld is remembered.
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

    /// Moves an order to the class of another status, or leaves it in its own, and shows `body` of it from now on.
    /// Whether it is withheld stays as it is.
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

    /// Until when an order is withheld. It may be over already.
    fn withheld_until(&self, id: OrderId) -> Option<Timestamp> {
        self.interaction(id)?.until
    }

    pub(crate) fn interaction(&self, id: OrderId) -> Option<&Interaction> {
        self.interaction.get(&id)
    }

    /// The interactions since the shelf was as `earlier`.
    pub(crate) fn interactions_since<'a>(
        &'a self,
        earlier: &'a Self,
    ) -> impl Iterator<Item = DiffItem<'a, 'a, OrderId, Interaction>> {
        earlier.interaction.diff(&self.interaction)
    }

    /// By the orders' numbers.
    pub(crate) fn all_interactions(&self) -> impl Iterator<Item = (OrderId, &Interaction)> {
        self.interaction.iter().map(|(id, interaction)| (*id, interaction))
    }

    /// Notes what was before an order is put onto the shelf.
    pub(crate) fn remember(&mut self, id: OrderId, interaction: Interaction) {
        self.interaction.insert(id, interaction);
    }

    /// Notes that an update of an order was granted that delivered so many accounts.
    pub(crate) fn note_update(&mut self, id: OrderId, accepted: usize) {
        self.interaction.entry(id).or_default().dealings.update(accepted);
    }

    /// The page that `query`, which takes the classes `matching`, asks for at `now`. What is shown of its orders is added to `json`, separated by commas.
    ///
    /// It is copied here, where it stands: to share it would be to count who does, order by order, and calls that hand
    /// out the same page at the same moment would wait for each other's counts.
    pub(crate) fn select(
        &mut self,
        matching: &[ClassIndex],
        query: &ListQuery,
        now: Timestamp,
        json: &mut Vec<u8>,
    ) -> Selection {
        for index in matching {
            self.release(*index, now);
        }
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
                // Orders are of about one length.
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

    /// How many orders of these classes are to come back by `now`.
    pub(crate) fn due(&self, classes: &[ClassIndex], now: Timestamp) -> usize {
        let classes = classes.iter().map(|(row, status)| self.rows[*row].class(*status));
        classes.filter(|class| class.is_due(now)).map(|class| class.due(now)).sum()
    }

    /// Lets the orders of these classes come back whose time has come.
    pub(crate) fn release_all(&mut self, classes: &[ClassIndex], now: Timestamp) {
        for index in classes {
            self.release(*index, now);
        }
    }

    /// The classes that `query` takes, but for those without an order.
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

    /// Notes that the orders of a selection are handed out, and takes them out of their classes' ready ones until
    /// `until`; without it they stay ready.
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

    /// Lets the orders of a class whose time has come be ready again (`list.window-end`).
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
