//! One text of a call, such as a string in its JSON or a value in its query, and what can be kept of it.

use supplier_domain::{MASKED_KEY, shown_login};

use super::names::{Named, named};
use super::secrets::{SEPARATORS, Secrets};
use super::token::is_harmless;
use super::views::views;
use super::{MASK, MAX_KEPT, Masked};

/// How far a text may stand inside of others and still be read: JSON in a string in JSON.
pub(super) const MAX_DEPTH: u8 = 4;
/// A longer text is masked as a whole, in bytes.
pub(super) const MAX_STRING: usize = 2 * MAX_KEPT;

impl Secrets {
    /// What stands in the place of a text whose name says what it is; `None` if it can stay.
    pub(super) fn leaf(&self, text: &str, name: Named, strict: bool, depth: u8) -> Option<Masked> {
        match name {
            _ if text.is_empty() => None,
            Named::Key => Some(Masked::key()),
            Named::Secret => {
                Some(Masked { text: MASK.to_owned(), had_key: self.keys_replaced(text).is_some() })
            }
            Named::Accounts => Some(self.account(text)),
            Named::OwnId => self.plain(text),
            Named::Text => self.checked(text, |text, _| Self::accounts_masked(text)),
            Named::Other => {
                self.checked(text, |text, deeper| self.words_masked(text, strict, depth + deeper))
            }
        }
    }

    /// A text of which only what is surely a secret is masked.
    pub(super) fn plain(&self, text: &str) -> Option<Masked> {
        self.checked(text, |_, _| None)
    }

    /// What is surely a secret in `text`, and what `more` finds, which is told how much deeper it looks; what is only found in
    /// another way to read the text is masked whole.
    fn checked(&self, text: &str, more: impl Fn(&str, u8) -> Option<String>) -> Option<Masked> {
        if text.len() > MAX_STRING {
            return Some(Masked { text: MASK.to_owned(), had_key: self.keys_replaced(text).is_some() });
        }
        let sure = |text: &str| {
            let mut masked = self.replaced(text);
            for mask in [users_masked, emails_masked] {
                if let Some(other) = mask(masked.as_ref().map_or(text, |it| &it.text)) {
                    let had_key = masked.is_some_and(|it| it.had_key);
                    masked = Some(Masked { text: other, had_key });
                }
            }
            masked
        };
        let mut masked = sure(text);
        let current = masked.as_ref().map_or(text, |it| &it.text);
        for view in views(current) {
            let found = sure(&view).or_else(|| more(&view, 1).map(|text| Masked { text, had_key: false }));
            if let Some(found) = found {
                let had_key = found.had_key || masked.is_some_and(|it| it.had_key);
                let text = if had_key { MASKED_KEY } else { MASK };
                return Some(Masked { text: text.to_owned(), had_key });
            }
        }
        if let Some(text) = more(current, 0) {
            let had_key = masked.is_some_and(|it| it.had_key);
            masked = Some(Masked { text, had_key });
        }
        masked
    }

    /// Accounts, each on a line, with what follows the login masked. What has no login may be a password alone.
    fn account(&self, text: &str) -> Masked {
        let had_key = self.keys_replaced(text).is_some();
        let lines = text.split('\n').map(|line| match line.trim_start().split_once(SEPARATORS) {
            _ if line.trim().is_empty() => line.to_owned(),
            Some((login, _)) if !login.is_empty() => {
                let login = self.plain(login).map_or_else(|| login.to_owned(), |it| it.text);
                format!("{login}:{MASK}")
            }
            _ => MASK.to_owned(),
        });
        Masked { text: lines.collect::<Vec<_>>().join("\n"), had_key }
    }

    /// A login as it may be shown.
    pub(crate) fn login(&self, login: &str) -> String {
        let login = shown_login(login).into_string();
        self.plain(&login).map_or(login, |it| it.text)
    }

    /// A name that a client made up: secret only where it is no name.
    pub(super) fn name(&self, name: &str, depth: u8) -> Option<Masked> {
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '_' | '-'));
        let is_name =
            plain.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.' | '[' | ']'));
        if is_name && named(name) != Named::Other && name.len() - plain.len() <= 5 {
            return self.plain(name);
        }
        self.leaf(name, Named::Other, false, depth)
    }

    /// Words of the form `login:password` or `login|password` masked.
    fn accounts_masked(text: &str) -> Option<String> {
        by_words(text, |word| if is_harmless(word, false) { None } else { Self::account_masked(word) })
    }

    fn account_masked(word: &str) -> Option<String> {
        let (login, password) = word.split_once([':', '|'])?;
        let is_label = password.is_empty() || login.is_empty();
        (!is_label).then(|| {
            let is_shown = login.contains('@') || is_harmless(login, false);
            if is_shown { format!("{login}:{MASK}") } else { MASK.to_owned() }
        })
    }

    /// What is left of free text under a name that the API does not know: words that give nothing away.
    fn words_masked(&self, text: &str, strict: bool, depth: u8) -> Option<String> {
        if depth < MAX_DEPTH && text.trim_start().starts_with(['{', '[', '"']) {
            let inner = super::body::json(text, self, depth + 1);
            if let Some(inner) = inner {
                return (inner.text != text).then_some(inner.text);
            }
        }
        if depth < MAX_DEPTH
            && !text.contains(char::is_whitespace)
            && text.contains(['&', ';'])
            && text.contains('=')
        {
            let inner = super::target::pairs(text, self, depth + 1);
            return (inner.text != text).then_some(inner.text);
        }
        if let Some((label, value)) = text.split_once(':')
            && !value.trim().is_empty()
            && (named(label.trim()) != Named::Other || is_bare_account(label, value))
        {
            return Some(format!("{label}:{MASK}"));
        }
        // "Bearer KEY"
        if let Some((label, _)) = text.trim().split_once(char::is_whitespace)
            && ["bearer", "basic", "password", "pw", "key", "token"]
                .contains(&label.to_ascii_lowercase().as_str())
        {
            return Some(format!("{label} {MASK}"));
        }
        by_words(text, |word| self.word_masked(word, strict, depth))
    }

    fn word_masked(&self, word: &str, strict: bool, depth: u8) -> Option<String> {
        if is_harmless(word, strict) {
            return None;
        }
        if depth >= MAX_DEPTH {
            return Some(MASK.to_owned());
        }
        if let Some((scheme, rest)) = word.split_once("://")
            && ["http", "https"].contains(&scheme)
        {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (host, target) = rest.split_at(end);
            let (path, query) =
                target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
            let inner = super::target::redacted(path, query, self, depth + 1);
            let masked = format!("{scheme}://{host}{}", inner.text);
            return (masked != word).then_some(masked);
        }
        if let Some((name, value)) = word.split_once('=') {
            let value = self.leaf(value, named(name), strict, depth + 1)?;
            return Some(format!("{name}={}", value.text));
        }
        // A label: what it says comes next.
        if word.ends_with(':') && is_harmless(word.trim_end_matches(':'), strict) {
            return None;
        }
        Some(Self::account_masked(word).unwrap_or_else(|| MASK.to_owned()))
    }
}

/// `user : password`, and nothing else.
fn is_bare_account(login: &str, password: &str) -> bool {
    let is_word = |text: &str| !text.trim().contains(char::is_whitespace) && !text.trim().is_empty();
    let is_spaced = login.ends_with(char::is_whitespace) || password.starts_with(char::is_whitespace);
    is_spaced && is_word(login) && is_word(password)
}

/// `text` with `mask` applied to each of its words; `None` if none has changed.
fn by_words(text: &str, mask: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut has_changed = false;
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        match mask(word) {
            Some(masked) => {
                has_changed = true;
                out.push_str(&masked);
            }
            None => out.push_str(word),
        }
        out.push_str(&piece[word.len()..]);
    }
    has_changed.then_some(out)
}

/// A URL's user and password masked.
fn users_masked(text: &str) -> Option<String> {
    let start = text.find("://")? + 3;
    let end = text[start..].find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"'));
    let end = end.map_or(text.len(), |length| start + length);
    let (user, host) = text[start..end].rsplit_once('@')?;
    let is_masked = user == MASK;
    (!is_masked).then(|| format!("{}{MASK}@{host}{}", &text[..start], &text[end..]))
}

/// What follows an e-mail address behind a `:`, `|`, `;` or `,` masked, to the end of its line.
fn emails_masked(text: &str) -> Option<String> {
    if !text.contains('@') {
        return None;
    }
    let lines: Vec<_> = text.split('\n').map(|line| (line, email_masked(line))).collect();
    lines.iter().any(|(_, masked)| masked.is_some()).then(|| {
        let lines = lines.into_iter().map(|(line, masked)| masked.unwrap_or_else(|| line.to_owned()));
        lines.collect::<Vec<_>>().join("\n")
    })
}

fn email_masked(line: &str) -> Option<String> {
    let mut from = 0;
    while let Some(at) = line[from..].find('@').map(|at| from + at) {
        let domain = line[at + 1..].find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')));
        let end = domain.map_or(line.len(), |length| at + 1 + length);
        let rest = &line[end..];
        let password = rest.trim_start().strip_prefix([':', '|', ';', ',']).map(str::trim);
        let is_account = end > at + 1 && at > from && password.is_some_and(|it| !it.is_empty() && it != MASK);
        if is_account {
            let separator = if rest.trim_start().starts_with(':') { ":" } else { &rest.trim_start()[..1] };
            return Some(format!("{}{separator}{MASK}", &line[..end]));
        }
        from = at + 1;
    }
    None
}
