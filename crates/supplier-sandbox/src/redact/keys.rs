//! What a key looks like, and names that give secrets away.

use std::borrow::Cow;

use super::KEY;

/// What the sandbox's own keys begin with.
const PREFIX: &str = "test_";
/// How many hexadecimal digits follow.
const DIGITS: usize = 32;
/// A shorter key is no key, but a word that a client sent as one: it may stand anywhere by chance.
const MIN_KEY: usize = 8;

/// Looks for keys: for one that is known, and for all that have the form of the sandbox's.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    own: Option<&'a str>,
}

impl<'a> Keys<'a> {
    /// `own` is the key that the call carried in its header.
    pub(super) fn new(own: Option<&'a str>) -> Self {
        Self { own: own.filter(|key| key.len() >= MIN_KEY) }
    }

    /// `text` with each key replaced; `None` if there is none in it.
    pub(super) fn replaced(self, text: &str) -> Option<String> {
        let mut redacted: Option<String> = None;
        if let Some(own) = self.own.filter(|own| text.contains(own)) {
            redacted = Some(text.replace(own, KEY));
        }
        let mut from = 0;
        loop {
            let current = redacted.as_deref().unwrap_or(text);
            let Some(start) = current.get(from..).and_then(|rest| rest.find(PREFIX)) else { return redacted };
            let start = from + start;
            let digits = current[start + PREFIX.len()..].bytes().take(DIGITS);
            if digits.filter(u8::is_ascii_hexdigit).count() == DIGITS {
                let mut text = current.to_owned();
                text.replace_range(start..start + PREFIX.len() + DIGITS, KEY);
                redacted = Some(text);
                from = start + KEY.len();
            } else {
                from = start + PREFIX.len();
            }
        }
    }

    /// Whether there is a key in `text`.
    pub(super) fn any_in(self, text: &str) -> bool {
        self.replaced(text).is_some()
    }
}

/// What the value under a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// A key, or a token as good as one.
    Key,
    /// A password.
    Password,
    /// Accounts, each with a password in it.
    Accounts,
    /// What may hold a colon and be no account: an id of the supplier's own.
    Plain,
    /// Nothing that is secret for its name.
    Other,
}

/// What the value under `name` is, whichever way its words are joined.
pub(super) fn named(name: &str) -> Named {
    // What the API itself knows comes first: it is most that comes at all.
    match name {
        "order" | "status" | "limit" | "offset" => return Named::Other,
        "accounts" => return Named::Accounts,
        "supplierOrderId" => return Named::Plain,
        _ => {}
    }
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    match plain.as_str() {
        "accounts" | "account" => Named::Accounts,
        "password" | "passwd" | "pass" | "pwd" => Named::Password,
        "supplierorderid" => Named::Plain,
        "key" | "authorization" | "auth" | "bearer" => Named::Key,
        _ if ["apikey", "token", "secret", "accesskey"].iter().any(|end| plain.ends_with(end)) => Named::Key,
        _ => Named::Other,
    }
}

/// An account with its password masked: what comes after the first colon of each line. What has no colon may be a
/// password alone.
pub(super) fn masked_account(text: &str) -> Cow<'_, str> {
    if text.trim().is_empty() {
        return text.into();
    }
    let lines = text.split('\n').map(|line| match line.split_once(':') {
        Some(("", _)) => super::MASK.to_owned(),
        Some((login, _)) => format!("{login}:{}", super::MASK),
        None if line.trim().is_empty() => line.to_owned(),
        None => super::MASK.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n").into()
}

/// Whether a text has the form of an account with an e-mail address, wherever it stands.
pub(super) fn is_email_account(text: &str) -> bool {
    text.split_once(':').is_some_and(|(login, password)| login.contains('@') && !password.is_empty())
}
