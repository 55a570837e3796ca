//! Known browsers: a signed cookie tells which browsers have logged in before.

use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use supplier_control::Random;

/// Name of the cookie.
const COOKIE: &str = "supplier_browser";
/// How long a browser stays known after a login, in seconds: 30 days.
const MAX_AGE: u32 = 30 * 24 * 60 * 60;
/// Length of a browser's id: 16 bytes in hexadecimal.
const ID_DIGITS: usize = 32;

/// Signs and checks the cookie. The signing key is generated when first needed, and lost when the server stops.
pub(crate) struct KnownBrowsers {
    random: Random,
    key: Mutex<Option<[u8; 32]>>,
}

impl KnownBrowsers {
    pub(crate) fn new(random: Random) -> Self {
        Self { random, key: Mutex::default() }
    }

    /// The id of the browser that sends `headers`, if it has logged in under `name` before.
    pub(crate) fn read<'a>(&self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let key = (*self.key.lock().unwrap_or_else(PoisonError::into_inner))?;
        let (id, signature) = cookie(headers, COOKIE)?.split_at_checked(ID_DIGITS)?;
        let signature = hex::decode(signature).ok()?;
        // In constant time.
        signed(&key, id, name)?.verify_slice(&signature).ok().map(|()| id)
    }

    /// The cookie for a browser that has just logged in under `name`; `None` without randomness.
    pub(crate) fn cookie(&self, name: &str, secure: &str) -> Option<String> {
        let mut id = [0; ID_DIGITS / 2];
        (self.random)(&mut id).ok()?;
        let id = hex::encode(id);
        let signature = hex::encode(signed(&self.key()?, &id, name)?.finalize().into_bytes());
        Some(format!(
            "{COOKIE}={id}{signature}; Path=/login; Max-Age={MAX_AGE}; HttpOnly; SameSite=Strict{secure}"
        ))
    }

    fn key(&self) -> Option<[u8; 32]> {
        let mut kept = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            let mut key = [0; 32];
            (self.random)(&mut key).ok()?;
            *kept = Some(key);
        }
        *kept
    }
}

fn signed(key: &[u8; 32], id: &str, name: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    // An id has a fixed length: it cannot run into the name.
    mac.update(id.as_bytes());
    mac.update(name.as_bytes());
    Some(mac)
}

/// The value of the first cookie of that name.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, format!("a=b; {pair}").parse().unwrap())])
    }

    #[test]
    fn a_browser_is_known_under_the_name_it_logged_in_with_and_by_no_cookie_of_its_own_making() {
        let random: Random = |bytes| {
            bytes.fill(7);
            Ok(())
        };
        let browsers = KnownBrowsers::new(random);
        let made_up = format!("{COOKIE}={}", "07".repeat(48));
        assert_eq!(browsers.read(&sent(&made_up), "a@example.com"), None);
        let cookie = browsers.cookie("a@example.com", "").unwrap();
        assert!(browsers.read(&sent(&cookie), "a@example.com").is_some());
        assert_eq!(browsers.read(&sent(&cookie), "b@example.com"), None);
        assert_eq!(browsers.read(&sent(&made_up), "a@example.com"), None);
        let altered = cookie.replacen("=07", "=08", 1);
        assert_eq!(browsers.read(&sent(&altered), "a@example.com"), None);
        for broken in ["", "x", "é"] {
            assert_eq!(browsers.read(&sent(&format!("{COOKIE}={broken}")), "a@example.com"), None);
        }
    }
}
