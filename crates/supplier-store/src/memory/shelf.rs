//! What one supplier may be handed: its paid orders, sorted by class.

use std::sync::Arc;

use imbl::OrdMap;
use serde_json::value::RawValue;
use supplier_domain::{Facet, ListQuery, OrderId, OrderStatus, Timestamp};

use super::page;
use super::ranked_map::RankedMap;

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
    /// What the supplier is shown of each order stands with it, so that a page is read in one pass.
    ready: RankedMap<Place, Arc<RawValue>>,
    /// By the moment at which each comes back.
    withheld: RankedMap<(Timestamp, Place), Arc<RawValue>>,
}

/// What a list call finds.
pub(super) struct Selection {
    /// The page, in the order of the list, each with the index of its class and what is shown of it.
    pub(super) places: Vec<(usize, Place, Arc<RawValue>)>,
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
    pub(super) fn insert(
        &mut self,
        status: OrderStatus,
        facets: &Arc<[Facet]>,
        place: Place,
        body: Arc<RawValue>,
    ) {
        self.class(status, facets).ready.insert(place, body);
    }

    /// Moves an order to the class of another status, or leaves it in its own, and shows `body` of it from now on.
    /// Whether it is withheld stays as it is.
    pub(super) fn update(
        &mut self,
        (from, to): (OrderStatus, OrderStatus),
        facets: &Arc<[Facet]>,
        place: Place,
        body: Arc<RawValue>,
    ) {
        let until = self.withheld_until.get(&place.id).copied();
        if from != to {
            let former = self.class(from, facets);
            match until {
                Some(until) => former.withheld.remove(&(until, place)),
                None => former.ready.remove(&place),
            };
        }
        let class = self.class(to, facets);
        match until {
            Some(until) => class.withheld.insert((until, place), body),
            None => class.ready.insert(place, body),
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
            places: page.into_iter().map(|(which, place, body)| (matching[which], place, body)).collect(),
            total: ready.iter().map(|places| places.len()).sum(),
            withheld: withheld().map(RankedMap::len).sum(),
            next_at: withheld().filter_map(|places| places.first().map(|(until, _)| *until)).min(),
        }
    }

    /// Takes the orders of a selection out of their classes' ready ones until `until`.
    pub(super) fn withhold(&mut self, places: &[(usize, Place, Arc<RawValue>)], until: Timestamp) {
        for (index, place, body) in places {
            let class = Arc::make_mut(&mut self.classes[*index]);
            class.ready.remove(place);
            class.withheld.insert((until, *place), Arc::clone(body));
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
            if let Some(body) = class.withheld.remove(&(until, place)) {
                class.ready.insert(place, body);
            }
            self.withheld_until.remove(&place.id);
        }
    }

    fn class(&mut self, status: OrderStatus, facets: &Arc<[Facet]>) -> &mut Class {
        let key = (status, &**facets);
        let index = self.classes.binary_search_by(|class| (class.status, &*class.facets).cmp(&key));
        let index = index.unwrap_or_else(|index| {
            let (ready, withheld) = (RankedMap::default(), RankedMap::default());
            let class = Class { status, facets: Arc::clone(facets), ready, withheld };
            self.classes.insert(index, Arc::new(class));
            index
        });
        Arc::make_mut(&mut self.classes[index])
    }
}
