//! Password check, which is slow on purpose.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use supplier_control::Random;
use supplier_domain::Timestamp;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

use crate::throttle::{Throttle, Who};

/// Number of checks at once. Each takes a core and 19 MiB for a while; API calls need the other cores.
const AT_ONCE: usize = 1;

/// Result of a try.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Right,
    Wrong,
    /// Too many wrong tries: the next one after this many seconds.
    Wait(u64),
}

/// Password checker.
pub(crate) struct Passwords {
    password: Arc<str>,
    random: Random,
    /// Hash of the password, computed when first needed and shared by all sandboxes.
    hash: OnceCell<Arc<str>>,
    permits: Arc<Semaphore>,
    throttle: Throttle,
}

impl Passwords {
    pub(crate) fn new(password: Arc<str>, random: Random) -> Self {
        Self {
            password,
            random,
            hash: OnceCell::new(),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            throttle: Throttle::default(),
        }
    }

    /// Checks the password that `who` gives. If the name is no supplier's (`is_supplier`), the check costs the same and
    /// always fails.
    pub(crate) async fn check(
        &self,
        who: &Who<'_>,
        is_supplier: bool,
        password: String,
        now: Timestamp,
    ) -> Checked {
        // Tries queue before they count. So the right password, sent many times at once, is accepted each time.
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else { return Checked::Wrong };
        if let Err(seconds) = self.throttle.count(who, now) {
            return Checked::Wait(seconds);
        }
        let Some((is_right, _permit)) = self.is_right(password, permit).await else { return Checked::Wrong };
        if !(is_right && is_supplier) {
            return Checked::Wrong;
        }
        self.throttle.forgive(who);
        Checked::Right
    }

    /// The work holds the permit until it is done, even if nobody waits for the result any more.
    async fn is_right(
        &self,
        password: String,
        permit: OwnedSemaphorePermit,
    ) -> Option<(bool, OwnedSemaphorePermit)> {
        let (own, random) = (Arc::clone(&self.password), self.random);
        let hash = self.hash.get_or_try_init(|| async move {
            let made = tokio::task::spawn_blocking(move || hash(&own, random)).await;
            made.ok().flatten().ok_or(())
        });
        let hash = Arc::clone(hash.await.ok()?);
        let check = move || {
            let hash = PasswordHash::new(&hash);
            let is_right =
                hash.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
            (is_right, permit)
        };
        tokio::task::spawn_blocking(check).await.ok()
    }
}

fn hash(password: &str, random: Random) -> Option<Arc<str>> {
    let mut bytes = [0; 16];
    random(&mut bytes).ok()?;
    let salt = SaltString::encode_b64(&bytes).ok()?;
    Some(Argon2::default().hash_password(password.as_bytes(), &salt).ok()?.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn passwords() -> Passwords {
        Passwords::new("right".into(), |bytes| {
            bytes.fill(7);
            Ok(())
        })
    }

    fn who(name: &str) -> Who<'_> {
        Who { name, client: None, browser: None }
    }

    #[tokio::test]
    async fn after_five_wrong_ones_even_the_right_one_has_to_wait() {
        let passwords = passwords();
        let check =
            async |name, password: &str, at| passwords.check(&who(name), true, password.to_owned(), at).await;
        for _ in 0..5 {
            assert_eq!(check("a@example.com", "wrong", START).await, Checked::Wrong);
        }
        assert_eq!(check("a@example.com", "right", START).await, Checked::Wait(10));
        assert_eq!(check("b@example.com", "right", START).await, Checked::Right, "others need not");
        let later = START.plus(Duration::from_secs(10));
        assert_eq!(check("a@example.com", "right", later).await, Checked::Right);
    }

    #[tokio::test]
    async fn wrong_ones_at_once_count_and_right_ones_at_once_are_all_right() {
        let passwords = passwords();
        let at_once = async |password: &str, name: &str| {
            let name = who(name);
            let tries = (0..20).map(|_| passwords.check(&name, true, password.to_owned(), START));
            futures::future::join_all(tries).await
        };
        let wrong = at_once("wrong", "a@example.com").await;
        assert_eq!(wrong.iter().filter(|checked| **checked == Checked::Wrong).count(), 5, "{wrong:?}");
        assert_eq!(wrong.iter().filter(|checked| **checked == Checked::Wait(10)).count(), 15);
        let right = at_once("right", "b@example.com").await;
        assert!(right.iter().all(|checked| *checked == Checked::Right), "{right:?}");
    }

    #[tokio::test]
    async fn the_right_password_under_a_name_that_nobody_has_is_as_wrong_as_any_and_resets_nothing() {
        let passwords = passwords();
        for password in ["wrong", "wrong", "wrong", "wrong", "right"] {
            let checked = passwords.check(&who("x@example.com"), false, password.to_owned(), START).await;
            assert_eq!(checked, Checked::Wrong);
        }
        let checked = passwords.check(&who("x@example.com"), false, "right".to_owned(), START).await;
        assert_eq!(checked, Checked::Wait(10));
    }
}
