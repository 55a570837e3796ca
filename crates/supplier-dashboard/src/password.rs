//! Passwords: slow to check, and slower after wrong ones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use supplier_control::Random;
use supplier_domain::Timestamp;
use tokio::sync::{OnceCell, Semaphore};

/// How many are checked at once: each takes a core and 19 MiB for a while.
const AT_ONCE: usize = 2;
/// So many wrong ones in a row are forgiven; after that each doubles the time to the next.
const FORGIVEN: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// The most names that are remembered.
const MOST: usize = 1_000;

/// What came of a try.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Right,
    Wrong,
    /// There were too many wrong ones: not before so many seconds.
    Wait(u64),
}

#[derive(Default, Clone, Copy)]
struct Wrong {
    times: u32,
    until: Option<Timestamp>,
}

/// What checks passwords.
pub(crate) struct Passwords {
    password: Arc<str>,
    random: Random,
    /// Made when it is first needed, and shared by all sandboxes: a fork costs nothing.
    hash: OnceCell<String>,
    permits: Semaphore,
    wrong: Mutex<BTreeMap<String, Wrong>>,
}

impl Passwords {
    pub(crate) fn new(password: Arc<str>, random: Random) -> Self {
        Self {
            password,
            random,
            hash: OnceCell::new(),
            permits: Semaphore::new(AT_ONCE),
            wrong: Mutex::default(),
        }
    }

    /// Checks the password that somebody of that name gives.
    pub(crate) async fn check(&self, name: &str, password: String, now: Timestamp) -> Checked {
        if let Some(until) = self.wrong_of(name).until.filter(|until| *until > now) {
            let millis = u64::try_from(until.as_millis() - now.as_millis()).unwrap_or_default();
            return Checked::Wait(millis.div_ceil(1000));
        }
        if self.is_right(password).await {
            self.with(|wrong| wrong.remove(name));
            return Checked::Right;
        }
        self.with(|wrong| {
            if wrong.len() >= MOST && !wrong.contains_key(name) {
                wrong.pop_first();
            }
            let told = wrong.entry(name.to_owned()).or_default();
            told.times += 1;
            let over = told.times.saturating_sub(FORGIVEN);
            if over > 0 || told.times == FORGIVEN {
                let wait = FIRST_WAIT.saturating_mul(1 << over.min(10)).min(LONGEST_WAIT);
                told.until = Some(now.plus(wait));
            }
        });
        Checked::Wrong
    }

    async fn is_right(&self, password: String) -> bool {
        let Ok(_permit) = self.permits.acquire().await else { return false };
        let (own, random) = (Arc::clone(&self.password), self.random);
        let hash = self.hash.get_or_try_init(|| async move {
            let made = tokio::task::spawn_blocking(move || hash(&own, random)).await;
            made.ok().flatten().ok_or(())
        });
        let Ok(hash) = hash.await.cloned() else { return false };
        let check = move || {
            let hash = PasswordHash::new(&hash).ok()?;
            Argon2::default().verify_password(password.as_bytes(), &hash).ok()
        };
        tokio::task::spawn_blocking(check).await.ok().flatten().is_some()
    }

    fn wrong_of(&self, name: &str) -> Wrong {
        self.with(|wrong| wrong.get(name).copied().unwrap_or_default())
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Wrong>) -> T) -> T {
        act(&mut self.wrong.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn hash(password: &str, random: Random) -> Option<String> {
    let mut bytes = [0; 16];
    random(&mut bytes).ok()?;
    let salt = SaltString::encode_b64(&bytes).ok()?;
    Some(Argon2::default().hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new("right".into(), |bytes| {
            bytes.fill(7);
            Ok(())
        })
    }

    #[tokio::test]
    async fn after_five_wrong_ones_even_the_right_one_has_to_wait() {
        let (passwords, start) = (passwords(), Timestamp::from_millis(0));
        for _ in 0..5 {
            assert_eq!(passwords.check("a@example.com", "wrong".to_owned(), start).await, Checked::Wrong);
        }
        assert_eq!(passwords.check("a@example.com", "right".to_owned(), start).await, Checked::Wait(10));
        assert_eq!(
            passwords.check("b@example.com", "right".to_owned(), start).await,
            Checked::Right,
            "others need not"
        );
        let later = start.plus(Duration::from_secs(10));
        assert_eq!(passwords.check("a@example.com", "right".to_owned(), later).await, Checked::Right);
    }
}
