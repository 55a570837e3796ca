//! Seats: how many cases run at a time, each in a world that no other case touches meanwhile.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ProvisionError;

/// Keys by their names.
pub(crate) type Keys = BTreeMap<String, String>;

/// What the suite knows of one of the target's worlds.
#[derive(Default)]
pub(crate) struct Place {
    /// Its number in the hook's protocol; 0 is the world that requests without a number are about.
    pub(super) number: usize,
    /// The keys that the hook named for it; none for the world 0, whose keys the user gives.
    pub(super) keys: Option<Keys>,
    /// The keys of its clean state while no case has changed it: resetting it again would change nothing.
    pub(super) clean: RefCell<Option<Keys>>,
    /// Requests that wait for the next one, with which they are sent.
    pub(super) pending: RefCell<Vec<Value>>,
    /// How far its clock was moved, in milliseconds.
    advanced: Cell<u64>,
}

impl Place {
    /// The world of that number, with the keys that the hook named for it.
    pub(crate) fn new(number: usize, keys: Keys) -> Self {
        Self { number, keys: Some(keys), ..Self::default() }
    }
}

/// All seats of a run.
pub(crate) struct Seats {
    free: RefCell<Vec<Rc<Place>>>,
    places: Vec<Rc<Place>>,
    permits: Arc<Semaphore>,
}

impl Seats {
    /// One for each of these places, of which there is at least the first.
    pub(crate) fn new(first: Place, others: impl IntoIterator<Item = Place>) -> Rc<Self> {
        Self::of([first].into_iter().chain(others).map(Rc::new).collect())
    }

    fn of(places: Vec<Rc<Place>>) -> Rc<Self> {
        let permits = Arc::new(Semaphore::new(places.len()));
        Rc::new(Self { free: RefCell::new(places.iter().rev().cloned().collect()), places, permits })
    }

    /// The first of them alone.
    pub(crate) fn only_first(&self) -> Rc<Self> {
        Self::of(self.places.iter().take(1).cloned().collect())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.places.len()
    }

    /// Takes a seat, and waits until one is free.
    pub(crate) async fn take(self: &Rc<Self>) -> Result<Seat, ProvisionError> {
        let none = || ProvisionError::Failed("there is no seat for the case".to_owned());
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| none())?;
        let place = self.free.borrow_mut().pop().ok_or_else(none)?;
        Ok(Seat { place, taken: Some(Taken { seats: Rc::clone(self), _permit: permit }) })
    }

    /// A seat in the world of that number, whoever else is there.
    pub(crate) fn shared(&self, number: usize) -> Seat {
        Seat { place: Rc::clone(&self.places[number]), taken: None }
    }
}

/// A seat that a case has; it is free again when this is dropped.
pub(crate) struct Seat {
    pub(super) place: Rc<Place>,
    taken: Option<Taken>,
}

struct Taken {
    seats: Rc<Seats>,
    _permit: OwnedSemaphorePermit,
}

impl Seat {
    /// Says that the world may not be clean any more.
    pub(crate) fn mark_dirty(&self) {
        self.place.clean.take();
    }

    /// Notes that the world's clock was moved by so many milliseconds.
    pub(crate) fn note_advance(&self, millis: u64) {
        self.place.advanced.set(self.place.advanced.get() + millis);
    }

    /// How far the world's clock was moved in all of the run, in milliseconds.
    pub(crate) fn advanced(&self) -> u64 {
        self.place.advanced.get()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(taken) = self.taken.take() {
            taken.seats.free.borrow_mut().push(Rc::clone(&self.place));
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_seat_is_one_cases_until_the_case_is_over() {
        let seats = Seats::new(Place::default(), [Place::new(1, Keys::new())]);
        let (one, other) = (seats.take().await.unwrap(), seats.take().await.unwrap());
        assert_eq!((one.place.number, other.place.number), (0, 1));
        assert!(seats.take().now_or_never().is_none());
        drop(other);
        assert_eq!(seats.take().await.unwrap().place.number, 1);
    }
}
