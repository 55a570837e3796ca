//! Names in a call that the API does not know, and ignores (`list.values`, `update.null`).

use std::borrow::Cow;
use std::fmt;

use axum::http::Uri;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use supplier_domain::fault::Operation;
use supplier_domain::{IgnoredName, MAX_IGNORED, NamePlace};

use crate::redact::{self, Secrets};

/// The names in a call of `operation` that the API does not know, each once, without `secrets`; at most [`MAX_IGNORED`].
pub(super) fn ignored_names(
    operation: Option<Operation>,
    uri: &Uri,
    body: &[u8],
    secrets: &Secrets,
) -> Vec<IgnoredName> {
    let (parameter, has_fields) = match operation {
        Some(Operation::ListOrders) => (NamePlace::ListParameter, false),
        Some(Operation::UpdateOrder) => (NamePlace::UpdateParameter, true),
        None => return Vec::new(),
    };
    let mut ignored = Vec::new();
    let mut add = |place: NamePlace, name: &str| {
        if place.knows(name) || ignored.len() >= MAX_IGNORED {
            return;
        }
        let mut name = IgnoredName::new(place, name);
        name.name = redact::name(&name.name, name.nearest.is_some(), secrets).into();
        if !ignored.contains(&name) {
            ignored.push(name);
        }
    };
    for (name, _) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        add(parameter, &name);
    }
    if has_fields && let Ok(Fields(fields)) = serde_json::from_slice(body) {
        for field in fields {
            add(NamePlace::UpdateField, &field);
        }
    }
    ignored
}

/// The names of an object's fields that an update does not know.
struct Fields<'a>(Vec<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor).map(Self)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Vec<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            map.next_value::<IgnoredAny>()?;
            // A body may have a hundred thousand fields: a few are told.
            if names.len() < MAX_IGNORED && !NamePlace::UpdateField.knows(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }
}

/// A name, borrowed from the body unless it is written with escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Carried;

    fn names(operation: Operation, uri: &str, body: &str) -> Vec<String> {
        let (uri, body): (Uri, _) = (uri.parse().unwrap(), body.as_bytes());
        let secrets = Secrets::of(Carried { headers: &[], uri: &uri, body });
        let ignored = ignored_names(Some(operation), &uri, body, &secrets);
        ignored.into_iter().map(|it| format!("{} {}", it.place, it.name)).collect()
    }

    /// Rules: `list.values`, `update.null`, `practice.names`.
    #[test]
    fn each_unknown_name_is_told_once() {
        let list = |query: &str| names(Operation::ListOrders, &format!("/api/admin/v2/orders?{query}"), "");
        assert_eq!(list("status=pending&limit=5&offset=0"), [""; 0]);
        assert_eq!(
            list("status[]=pending&status%5B%5D=processing&Status=pending&page=2&_=17"),
            ["list-parameter status[]", "list-parameter Status", "list-parameter page", "list-parameter _"]
        );
        let update = |body: &str| names(Operation::UpdateOrder, "/api/admin/v2/orders-update", body);
        assert_eq!(
            update(r#"{"order":1,"status":"completed","accounts":[],"supplierOrderId":"x"}"#),
            [""; 0]
        );
        assert_eq!(
            update(r#"{"order":1,"account":["a:b"],"supplier_order_id":"x","\u0061ccount":{"order":2}}"#),
            ["update-field account", "update-field supplier_order_id"]
        );
        for body in ["", "[1]", "{", "{\"a\":1", "7"] {
            assert_eq!(update(body), [""; 0], "{body}");
        }
        assert_eq!(
            names(Operation::UpdateOrder, "/api/admin/v2/orders-update?order=5", "{}"),
            ["update-parameter order"]
        );
    }

    /// Rules: `update.secret`.
    #[test]
    fn a_name_that_is_a_secret_is_masked() {
        let key = "test_0123456789abcdef0123456789abcdef";
        let told = names(
            Operation::ListOrders,
            &format!("/api/admin/v2/orders?{key}=1&user:hunter2secret9=2&Zx9kQ2vLp=3"),
            "",
        );
        assert!(
            told.iter()
                .all(|name| ["0123456789", "hunter2", "Zx9kQ2vLp"].iter().all(|it| !name.contains(it))),
            "{told:?}"
        );
        let body = format!("{{\"{key}\":1,\"user@example.com:Pa55w0rd!\":2}}");
        let told = names(Operation::UpdateOrder, "/api/admin/v2/orders-update", &body);
        assert!(told.iter().all(|name| !name.contains("0123456789") && !name.contains("Pa55")), "{told:?}");
    }

    #[test]
    fn of_many_names_a_few_are_told() {
        let query = (0..5_000).map(|n| format!("x{n}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(
            names(Operation::ListOrders, &format!("/api/admin/v2/orders?{query}"), "").len(),
            MAX_IGNORED
        );
    }
}
