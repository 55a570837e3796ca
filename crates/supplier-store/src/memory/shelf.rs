//! What one supplier may be handed: its paid orders, sorted by class.

use std::sync::Arc;

use imbl::OrdMap;
use supplier_domain::{Facet, ListQuery, OrderId, OrderStatus, Timestamp};

use super::page;
use super::ranked_set::RankedSet;

/// Where an order stands in a list: oldest first, then by number (`list.order`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) created_at: Timestamp,
    pub(super) id: OrderId,
}

/// The orders of one supplier. An order stands in exactly one class, and there either ready or withheld.
#[derive(Clone, Default)]
pub(super) struct Shelf {
    /// Sorted by status and facets. There are as many as the catalogue makes, however many orders there are.
    classes: Vec<Arc<Class>>,
    withheld_until: OrdMap<OrderId, Timestamp>,
}

/// The orders of one status whose items show the filters the same: a list call takes a class whole or not at all.
#[derive(Clone)]
struct Class {
    status: OrderStatus,
    facets: Arc<[Facet]>,
    ready: RankedSet<Place>,
    /// By the moment at which each comes back.
    withheld: RankedSet<(Timestamp, Place)>,
}

/// What a list call finds.
pub(super) struct Selection {
    /// The page, in the order of the list, each with the index of its class.
    pub(super) places: Vec<(usize, Place)>,
    pub(super) total: usize,
    pub(super) withheld: usize,
    pub(super) next_at: Option<Timestamp>,
}

impl Class {
    fn matches(&self, query: &ListQuery) -> bool {
        query.fits_status(self.status) && query.fits_any(&self.facets)
    }

    /// Whether an order is to come back by `now`.
    fn is_due(&self, now: Timestamp) -> bool {
        self.withheld.first().is_some_and(|(until, _)| *until <= now)
    }
}

impl Shelf {
    /// Puts an order that is not withheld into its class.
    pub(super) fn insert(&mut self, status: OrderStatus, facets: &Arc<[Facet]>, place: Place) {
        self.class(status, facets).ready.insert(place);
    }

    /// Moves an order to the class of another status; whether it is withheld stays as it is.
    pub(super) fn restatus(
        &mut self,
        from: OrderStatus,
        to: OrderStatus,
        facets: &Arc<[Facet]>,
        place: Place,
    ) {
        let until = self.withheld_until.get(&place.id).copied();
        let former = self.class(from, facets);
        if let Some(until) = until {
            former.withheld.remove(&(until, place));
            self.class(to, facets).withheld.insert((until, place));
        } else {
            former.ready.remove(&place);
            self.class(to, facets).ready.insert(place);
        }
    }

    /// Until when an order is withheld. It may be over already: an order comes back when a call looks for it.
    pub(super) fn withheld_until(&self, id: OrderId) -> Option<Timestamp> {
        self.withheld_until.get(&id).copied()
    }

    /// The page that `query` asks for at `now`.
    pub(super) fn select(&mut self, query: &ListQuery, now: Timestamp) -> Selection {
        let classes = 0..self.classes.len();
        let matching: Vec<usize> = classes.filter(|index| self.classes[*index].matches(query)).collect();
        for index in &matching {
            self.release(*index, now);
        }
        let ready: Vec<_> = matching.iter().map(|index| &self.classes[*index].ready).collect();
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let page = page::merge(&ready, offset, query.limit);
        let withheld = || matching.iter().map(|index| &self.classes[*index].withheld);
        Selection {
            places: page.into_iter().map(|(which, place)| (matching[which], place)).collect(),
            total: ready.iter().map(|places| places.len()).sum(),
            withheld: withheld().map(RankedSet::len).sum(),
            next_at: withheld().filter_map(|places| places.first().map(|(until, _)| *until)).min(),
        }
    }

    /// Takes the orders of a selection out of their classes' ready ones until `until`.
    pub(super) fn withhold(&mut self, places: &[(usize, Place)], until: Timestamp) {
        for (index, place) in places {
            let class = Arc::make_mut(&mut self.classes[*index]);
            class.ready.remove(place);
            class.withheld.insert((until, *place));
            self.withheld_until.insert(place.id, until);
        }
    }

    /// Lets the orders of a class whose time has come be ready again (`list.window-end`).
    fn release(&mut self, index: usize, now: Timestamp) {
        if !self.classes[index].is_due(now) {
            return;
        }
        let class = Arc::make_mut(&mut self.classes[index]);
        while let Some((until, place)) = class.withheld.first().copied().filter(|(until, _)| *until <= now) {
            class.withheld.remove(&(until, place));
            class.ready.insert(place);
            self.withheld_until.remove(&place.id);
        }
    }

    fn class(&mut self, status: OrderStatus, facets: &Arc<[Facet]>) -> &mut Class {
        let key = (status, &**facets);
        let index = self.classes.binary_search_by(|class| (class.status, &*class.facets).cmp(&key));
        let index = index.unwrap_or_else(|index| {
            let (ready, withheld) = (RankedSet::default(), RankedSet::default());
            let class = Class { status, facets: Arc::clone(facets), ready, withheld };
            self.classes.insert(index, Arc::new(class));
            index
        });
        Arc::make_mut(&mut self.classes[index])
    }
}
