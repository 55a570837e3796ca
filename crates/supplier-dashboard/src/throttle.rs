//! Login throttle: counts tries before the password is checked, and delays a client that keeps guessing.
//!
//! A try counts against its e-mail address, its client, both together, and all logins at once. A try from a browser that has
//! logged in before counts against that browser alone. So a stranger who guesses at a supplier's address does not lock the
//! supplier out.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use supplier_domain::Timestamp;

/// Maximum number of counts. Each has a fixed size, whatever its name is.
const MOST: usize = 10_000;
/// Time after which an unused count starts again at zero.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(1);
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// Number of free tries in a row. Each further one doubles the wait.
#[derive(Clone, Copy)]
struct Allowance {
    free: u32,
    first_wait: Duration,
    longest_wait: Duration,
    /// Time after which one try is forgotten, in a count that no right password resets.
    forgets_one_after: Option<Duration>,
}

const fn allowance(free: u32) -> Allowance {
    Allowance {
        free,
        first_wait: Duration::from_secs(10),
        longest_wait: LONGEST_WAIT,
        forgets_one_after: None,
    }
}

/// Limit of one e-mail address from one client, or of one known browser.
const OWN: Allowance = allowance(5);
/// Limit of one e-mail address, from all clients.
const NAME: Allowance = allowance(20);
/// Limit of one client, at all e-mail addresses.
const CLIENT: Allowance = allowance(30);
/// Limit of all logins.
const ALL: Allowance = Allowance {
    free: 200,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_mins(1),
    forgets_one_after: Some(Duration::from_secs(10)),
};

/// Origin of a login try.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    /// E-mail address in the form in which it is compared.
    pub(crate) name: &'a str,
    /// Address of the client; `None` behind a proxy, which stands for every client.
    pub(crate) client: Option<IpAddr>,
    /// Id of the browser, if it has logged in under this name before.
    pub(crate) browser: Option<&'a str>,
}

#[derive(Clone, Copy)]
struct Count {
    tries: u32,
    last: Timestamp,
    until: Timestamp,
}

impl Count {
    fn begin(now: Timestamp) -> Self {
        Self { tries: 0, last: now, until: now }
    }

    fn add(&mut self, by: Allowance, now: Timestamp) {
        if let Some(one) = by.forgets_one_after {
            let forgotten = now.since(self.last).as_secs() / one.as_secs().max(1);
            self.tries = self.tries.saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX));
        }
        self.tries = self.tries.saturating_add(1);
        self.last = now;
        if let Some(over) = self.tries.checked_sub(by.free) {
            let wait = by.first_wait.saturating_mul(1 << over.min(16)).min(by.longest_wait);
            self.until = now.plus(wait);
        }
    }

    /// Whether the count is stale: no wait is left, and the last try is long ago.
    fn is_stale(&self, now: Timestamp) -> bool {
        self.until <= now && self.last.plus(FORGOTTEN_AFTER) <= now
    }
}

struct Counts {
    all: Count,
    by_key: HashMap<u64, Count>,
}

/// Counter of tries. It reads no clock: each call passes the time.
pub(crate) struct Throttle {
    /// Random hash keys: nobody can find two names with one hash.
    hasher: RandomState,
    counts: Mutex<Counts>,
}

impl Default for Throttle {
    fn default() -> Self {
        let counts = Counts { all: Count::begin(Timestamp::from_millis(0)), by_key: HashMap::new() };
        Self { hasher: RandomState::new(), counts: Mutex::new(counts) }
    }
}

impl Throttle {
    /// Counts a try. The caller then checks its password.
    ///
    /// # Errors
    /// The number of seconds, 1 or more, until the next try. This try does not count, and must not be checked.
    pub(crate) fn count(&self, who: &Who<'_>, now: Timestamp) -> Result<(), u64> {
        let keys = self.keys(who);
        let mut counts = self.lock();
        let known = keys.iter().filter_map(|(key, _)| counts.by_key.get(key));
        let all = (who.browser.is_none()).then_some(&counts.all);
        let until = known.chain(all).map(|count| count.until).max().unwrap_or(now);
        if until > now {
            let millis = u64::try_from(until.as_millis() - now.as_millis()).unwrap_or_default();
            return Err(millis.div_ceil(1000));
        }
        if who.browser.is_none() {
            if counts.all.is_stale(now) {
                counts.all = Count::begin(now);
            }
            counts.all.add(ALL, now);
        }
        for (key, by) in keys {
            counts.add(key, by, now);
        }
        Ok(())
    }

    /// Resets the counts after the right password.
    pub(crate) fn forgive(&self, who: &Who<'_>) {
        let keys = self.keys(who);
        let mut counts = self.lock();
        for (key, _) in keys {
            counts.by_key.remove(&key);
        }
        if who.browser.is_none() {
            counts.all.tries = counts.all.tries.saturating_sub(1);
        }
    }

    /// Counts that a try adds to, beside the count of all logins.
    fn keys(&self, who: &Who<'_>) -> Vec<(u64, Allowance)> {
        if let Some(browser) = who.browser {
            return vec![(self.key(("browser", browser)), OWN)];
        }
        let client = who.client.map(network);
        let mut keys = vec![(self.key(("own", who.name, client)), OWN), (self.key(("name", who.name)), NAME)];
        keys.extend(client.map(|client| (self.key(("client", client)), CLIENT)));
        keys
    }

    fn key(&self, of: impl Hash) -> u64 {
        self.hasher.hash_one(of)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn add(&mut self, key: u64, by: Allowance, now: Timestamp) {
        if self.by_key.len() >= MOST && !self.by_key.contains_key(&key) && !self.make_room(now) {
            // The count of all logins limits what cannot be counted here.
            return;
        }
        let count = self.by_key.entry(key).or_insert_with(|| Count::begin(now));
        if count.is_stale(now) {
            *count = Count::begin(now);
        }
        count.add(by, now);
    }

    /// Evicts stale counts, or else the oldest count without a wait. Returns whether there is room now.
    fn make_room(&mut self, now: Timestamp) -> bool {
        self.by_key.retain(|_, count| !count.is_stale(now));
        if self.by_key.len() >= MOST {
            let free = self.by_key.iter().filter(|(_, count)| count.until <= now);
            let oldest = free.min_by_key(|(_, count)| count.last).map(|(key, _)| *key);
            oldest.map(|key| self.by_key.remove(&key));
        }
        self.by_key.len() < MOST
    }
}

/// Network of one client: its IPv4 address, or the first 64 bits of its IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}
