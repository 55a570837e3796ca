//! Finds the secrets that a call carries, before anything of it is kept.

use axum::http::{HeaderMap, HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use supplier_domain::ListQuery;

use super::leaf::{MAX_DEPTH, MAX_STRING};
use super::names::{Named, named};
use super::secrets::Secrets;
use super::target::{is_form, is_plain, split_pairs};
use super::token::is_harmless;

/// What a call carries.
#[derive(Clone, Copy)]
pub(crate) struct Carried<'a> {
    /// The values of the headers that hold secrets: see [`secret_headers`].
    pub(crate) headers: &'a [HeaderValue],
    /// Its path and query.
    pub(crate) uri: &'a Uri,
    /// Its body.
    pub(crate) body: &'a [u8],
}

/// The values of the headers that hold secrets: the key, whatever else stands under a name such as `Authorization`.
pub(crate) fn secret_headers(headers: &HeaderMap) -> Vec<HeaderValue> {
    let is_secret = |name: &str| match name {
        // Nearly every call has these.
        "host" | "user-agent" | "accept" | "accept-encoding" | "content-type" | "content-length"
        | "connection" => false,
        _ => matches!(named(name), Named::Key | Named::Secret | Named::Accounts),
    };
    headers.iter().filter(|(name, _)| is_secret(name.as_str())).map(|(_, value)| value.clone()).collect()
}

impl Secrets {
    /// The secrets that a call carries in its headers, its path, its query and its body.
    pub(crate) fn of(call: Carried<'_>) -> Self {
        let mut secrets = Self::default();
        for value in call.headers {
            secrets.add_header(value);
        }
        let (path, query) = (call.uri.path(), call.uri.query());
        if !is_plain(path, query) {
            path.split('/').for_each(|segment| secrets.add_text(&decoded(segment)));
            secrets.add_pairs(query.unwrap_or_default());
        }
        if !call.body.is_empty() {
            secrets.add_body(call.body);
        }
        secrets.finish()
    }

    fn add_body(&mut self, body: &[u8]) {
        if let Ok(value) = serde_json::from_slice::<Value>(body) {
            self.add_json(&value, Named::Other, 0);
            return;
        }
        let text = String::from_utf8_lossy(body);
        if is_form(&text) {
            self.add_pairs(&text);
        } else {
            self.add_text(&text);
        }
    }

    fn add_pairs(&mut self, pairs: &str) {
        for (pair, _) in split_pairs(pairs) {
            let (name, value) = pair.split_once('=').unwrap_or(("", pair));
            let (name, value) = (decoded(name), decoded(value));
            if !ListQuery::PARAMETERS.contains(&name.as_str()) || !is_harmless(&value, false) {
                self.add_text(&name);
                self.add_leaf(&value, named(&name), 0);
            }
        }
    }

    fn add_json(&mut self, value: &Value, name: Named, depth: u8) {
        match value {
            Value::String(text) => self.add_leaf(text, name, depth),
            Value::Number(number) if matches!(name, Named::Key | Named::Secret | Named::Accounts) => {
                self.add_value(&number.to_string());
            }
            Value::Array(values) => values.iter().for_each(|value| self.add_json(value, name, depth)),
            Value::Object(fields) => {
                for (field, value) in fields {
                    self.add_text(field);
                    let own = named(field);
                    self.add_json(value, if own == Named::Other { name } else { own }, depth);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn add_leaf(&mut self, text: &str, name: Named, depth: u8) {
        match name {
            Named::Key => self.add_key(text.trim()),
            Named::Secret => self.add_value(text),
            Named::Accounts => self.add_account(text),
            Named::OwnId | Named::Text | Named::Other => {
                if depth < MAX_DEPTH
                    && text.trim_start().starts_with(['{', '['])
                    && let Ok(value) = serde_json::from_str::<Value>(text)
                {
                    return self.add_json(&value, name, depth + 1);
                }
                // `SUP:1` is a good id.
                if name == Named::OwnId && !text.contains('@') {
                    self.add_labelled(text);
                } else {
                    self.add_text(text);
                }
            }
        }
    }

    /// What stands behind the name of a secret in a text: `password=…`, `token: …`, `Bearer …`.
    fn add_labelled(&mut self, text: &str) {
        let (text, mut label) = (beginning(text), Named::Other);
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '&' | '{' | '}' | '<' | '>');
        for word in text.split(ends).filter(|word| !word.is_empty() && *word != "=" && *word != ":") {
            let (name, value) = word.split_once([':', '=']).unwrap_or((word, ""));
            let own = named(name);
            let is_secret = |name: Named| matches!(name, Named::Key | Named::Secret | Named::Accounts);
            match (is_secret(own), value.is_empty()) {
                (true, true) => label = own,
                (true, false) => self.add_leaf(value, own, MAX_DEPTH),
                (false, _) => {
                    if is_secret(label) && !is_harmless(word, false) {
                        self.add_leaf(word, label, MAX_DEPTH);
                    }
                    label = Named::Other;
                }
            }
        }
    }

    /// Accounts in a text that is none as a whole.
    fn add_text(&mut self, text: &str) {
        let text = beginning(text);
        self.add_labelled(text);
        if !text.contains([':', '|', '@']) {
            return;
        }
        let ends = |c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ',' | ';' | '&' | '(' | ')' | '[' | ']')
        };
        for word in text.split(ends) {
            if word.contains([':', '|']) && !word.contains("://") && !is_harmless(word, false) {
                self.add_account(word.split_once('=').map_or(word, |(_, value)| value));
            }
        }
    }
}

/// As much of a text as is looked through: a longer one is not kept, and would take long.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_STRING)]
}

fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}
