//! The bodies of a call and of its answer.
//!
//! One scanner reads JSON, and what was meant to be JSON. It knows strings, brackets and what lies between; of JSON that is
//! all there is to know, and of anything else it errs on the side of masking. A form is read as a query is. Of what is
//! neither, its type and its length are kept.

use serde::de::IgnoredAny;
use supplier_domain::{Excerpt, MASKED_KEY, counted};

use super::leaf::{MAX_DEPTH, MAX_STRING};
use super::names::{Named, named};
use super::secrets::Secrets;
use super::target::{form, is_form};
use super::{MASK, MAX_ANSWER, MAX_KEPT, Masked, Redacted, finish, push_printable};

/// A body of a call that carried `secrets`, without them; `content_type` is what the call says of it.
pub(crate) fn body(bytes: &[u8], content_type: Option<&str>, secrets: &Secrets) -> Redacted {
    if bytes.is_empty() {
        return Redacted { excerpt: Excerpt::default(), had_key: false };
    }
    let text = String::from_utf8_lossy(bytes);
    let is_json = serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    if is_json || text.trim_start().starts_with(['{', '[']) {
        let mut scanner = Scanner::new(&text, secrets, !is_json, 0);
        return scanner.scan(MAX_KEPT);
    }
    if is_form(&text) {
        return form(&text, secrets);
    }
    let had_key = secrets.keys_replaced(&text).is_some();
    let what = format!("{} of {}", counted(bytes.len(), "byte"), known_type(content_type));
    Redacted { excerpt: Excerpt::not_kept(&what), had_key }
}

/// A content type by its name, if it is one that is no secret.
fn known_type(content_type: Option<&str>) -> &'static str {
    let known = [
        "application/json",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "application/xml",
        "multipart/form-data",
        "text/csv",
        "text/html",
        "text/plain",
        "text/xml",
    ];
    let essence = content_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    let found = known.into_iter().find(|known| known.eq_ignore_ascii_case(essence));
    match found {
        Some("application/json") => "what is no JSON",
        Some(known) => known,
        None => "another type",
    }
}

/// The beginning of an answer of the sandbox's to a call that carried `secrets`, without them.
pub(crate) fn answer(bytes: &[u8], secrets: &Secrets) -> Excerpt {
    // The longest string of an answer, an id of the supplier's own, may begin within what is kept and end behind it.
    let window = &bytes[..bytes.len().min(3 * MAX_ANSWER)];
    let text = String::from_utf8_lossy(window);
    let is_cut = window.len() < bytes.len();
    if secrets.plain_json(&text) {
        return super::cut(&text, MAX_ANSWER, is_cut);
    }
    let mut scanner = Scanner::new(&text, secrets, false, 0);
    scanner.is_own = true;
    let mut excerpt = scanner.scan(MAX_ANSWER).excerpt;
    excerpt.is_cut |= is_cut;
    excerpt
}

/// JSON that stands in a text, without secrets; `None` if it is none.
pub(super) fn json(text: &str, secrets: &Secrets, depth: u8) -> Option<Masked> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let redacted = Scanner::new(text, secrets, false, depth).scan(MAX_STRING);
    Some(Masked { text: redacted.excerpt.text.into(), had_key: redacted.had_key })
}

impl Secrets {
    /// Whether nothing in an answer can be a secret: what nearly all answers are.
    fn plain_json(&self, text: &str) -> bool {
        let ends =
            |rest: &str| rest.split('"').next().is_some_and(|rest| rest.contains([':', '|', ';', ',']));
        let has_account = text.match_indices('@').any(|(at, _)| ends(&text[at..]));
        !text.bytes().any(|byte| matches!(byte, b'\\' | b'%'))
            && !has_account
            && !text.contains("://")
            && self.replaced(text).is_none()
    }
}

struct Scanner<'a> {
    rest: &'a str,
    out: String,
    secrets: &'a Secrets,
    /// Whether the text is no JSON, so that only what is surely harmless stays.
    strict: bool,
    /// Whether the text is the sandbox's own: its names are known, and its values are no guesses.
    is_own: bool,
    depth: u8,
    had_key: bool,
    /// For each bracket that is open: what is inside.
    inside: Vec<Named>,
    /// What the value to come is, by its name.
    name: Named,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, secrets: &'a Secrets, strict: bool, depth: u8) -> Self {
        Self {
            rest: text,
            out: String::new(),
            secrets,
            strict,
            is_own: false,
            depth,
            had_key: false,
            inside: Vec::new(),
            name: Named::Other,
        }
    }

    fn scan(&mut self, most: usize) -> Redacted {
        // What is cut off was not looked at, but a key in it was sent all the same.
        while self.out.len() <= most && self.step() {}
        let had_key = self.had_key || self.secrets.keys_replaced(self.rest).is_some();
        finish(&self.out, self.secrets, had_key, (most, !self.rest.is_empty()))
    }

    /// Goes on by one token; false at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        match first {
            '"' => self.string(),
            '{' | '[' => {
                self.inside.push(self.value());
                self.name = Named::Other;
                self.copy(1);
            }
            '}' | ']' => {
                self.inside.pop();
                self.copy(1);
            }
            ',' => {
                self.name = Named::Other;
                self.copy(1);
            }
            ':' => self.copy(1),
            _ if first.is_whitespace() => self.copy(first.len_utf8()),
            _ => self.run(),
        }
        true
    }

    /// What the value here is: by its name, or by what it is inside of.
    fn value(&self) -> Named {
        if self.is_own {
            Named::OwnId
        } else if self.name == Named::Other {
            self.inside.last().copied().unwrap_or(Named::Other)
        } else {
            self.name
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        token
    }

    fn copy(&mut self, length: usize) {
        let token = self.take(length);
        push_printable(&mut self.out, token);
    }

    fn string(&mut self) {
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let is_end = *c == '"' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            is_end
        });
        let length = end.map_or(self.rest.len(), |(index, _)| index + 1);
        let token = self.take(length);
        let is_name = end.is_some() && self.rest.trim_start().starts_with(':');
        let raw = &token[1..end.map_or(token.len(), |(index, _)| index)];
        let meaning = if raw.contains('\\') {
            serde_json::from_str::<String>(token).ok()
        } else {
            Some(raw.to_owned())
        };
        let masked = match &meaning {
            // What cannot be read may hold a secret in any writing, and what breaks off may be a part of one.
            None => {
                Some(Masked { text: MASK.to_owned(), had_key: self.secrets.keys_replaced(raw).is_some() })
            }
            Some(_) if self.is_own && end.is_none() => Some(Masked { text: MASK.to_owned(), had_key: false }),
            Some(meaning) => self.redacted(meaning, is_name),
        };
        if is_name {
            self.name = meaning.as_deref().map_or(Named::Other, named);
        }
        match masked {
            Some(masked) => {
                self.had_key |= masked.had_key;
                // A string is always JSON.
                self.out.push_str(&serde_json::to_string(&masked.text).unwrap_or_default());
            }
            // An escape may hide a secret from who reads the string, and not from who reads its text.
            None => match self.secrets.replaced(token).filter(|_| raw.contains('\\')) {
                Some(masked) => {
                    self.had_key |= masked.had_key;
                    push_printable(&mut self.out, &masked.text);
                }
                None => push_printable(&mut self.out, token),
            },
        }
    }

    /// What stands in the place of a string; `None` if it can stay.
    fn redacted(&self, meaning: &str, is_name: bool) -> Option<Masked> {
        if meaning.len() > MAX_STRING {
            return Some(Masked {
                text: MASK.to_owned(),
                had_key: self.secrets.keys_replaced(meaning).is_some(),
            });
        }
        if is_name && !self.is_own {
            // An account may stand where a name should.
            let is_account = self.inside.last() == Some(&Named::Accounts) && meaning.contains(':');
            return if is_account {
                self.secrets.leaf(meaning, Named::Accounts, self.strict, self.depth)
            } else {
                self.secrets.name(meaning, self.depth)
            };
        }
        self.secrets.leaf(meaning, self.value(), self.strict, self.depth)
    }

    /// What is neither string nor bracket: a number or a word in JSON.
    fn run(&mut self) {
        let is_end = |c: char| {
            c.is_whitespace() || matches!(c, '"' | ',' | '[' | ']' | '{' | '}') || (!self.strict && c == ':')
        };
        let length = self.rest.find(is_end).unwrap_or(self.rest.len());
        let token = self.take(length);
        let value = self.value();
        if matches!(token, "null" | "true" | "false")
            || self.is_own
            || (!self.strict && value == Named::Other)
        {
            push_printable(&mut self.out, token);
        } else if value == Named::Key {
            self.had_key = true;
            self.out.push_str(MASKED_KEY);
        } else if value != Named::Other {
            self.out.push_str(MASK);
        } else {
            self.loose_run(token);
        }
    }

    /// A word of what is no JSON: a name without quotes, or with others, may give its value away.
    fn loose_run(&mut self, token: &str) {
        if token.len() > MAX_STRING {
            self.had_key |= self.secrets.keys_replaced(token).is_some();
            self.out.push_str(MASK);
            return;
        }
        let (before, after) =
            token.split_once(':').map_or((token, None), |(before, after)| (before, Some(after)));
        let masked = if after.is_some() {
            self.name = named(before);
            self.secrets.name(before, MAX_DEPTH)
        } else {
            self.secrets.leaf(before, Named::Other, true, self.depth)
        };
        self.had_key |= masked.as_ref().is_some_and(|masked| masked.had_key);
        push_printable(&mut self.out, masked.as_ref().map_or(before, |masked| &masked.text));
        if let Some(after) = after {
            self.had_key |= self.secrets.keys_replaced(after).is_some();
            self.out.push(':');
            self.out.push_str(if after.is_empty() { "" } else { MASK });
        }
    }
}
