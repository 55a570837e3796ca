//! Names in a call that the API does not know, and ignores (`list.values`, `update.null`).

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use supplier_rulebook::{LIST_VALUES, RuleId, UPDATE_NULL};

use crate::closed_set::closed_set;
use crate::{ListQuery, OrderUpdate};

closed_set! {
    /// Where a name stands in a call.
    NamePlace {
        /// In the query of a list call.
        ListParameter = "list-parameter",
        /// In the query of an update, whose fields belong into its body.
        UpdateParameter = "update-parameter",
        /// In the body of an update, at its top level.
        UpdateField = "update-field",
    }
}

impl NamePlace {
    /// The names that the API knows, and looks for in this operation.
    const fn known(self) -> &'static [&'static str] {
        match self {
            Self::ListParameter => &ListQuery::PARAMETERS,
            Self::UpdateParameter | Self::UpdateField => &OrderUpdate::FIELDS,
        }
    }

    /// Whether the API reads `name` here.
    pub fn knows(self, name: &str) -> bool {
        match self {
            Self::UpdateParameter => false,
            Self::ListParameter | Self::UpdateField => self.known().contains(&name),
        }
    }

    /// The rule by which an unknown name is ignored here.
    pub const fn rule(self) -> RuleId {
        match self {
            Self::ListParameter => LIST_VALUES,
            Self::UpdateParameter | Self::UpdateField => UPDATE_NULL,
        }
    }

    /// What a name is called here.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::ListParameter | Self::UpdateParameter => "parameter",
            Self::UpdateField => "field",
        }
    }
}

/// A parameter or a field that the API does not know and ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IgnoredName {
    /// Where it stood.
    pub place: NamePlace,
    /// The name, or its first [`MAX_NAME_CHARS`] characters, without secrets.
    pub name: Box<str>,
    /// The known name that was probably meant.
    pub nearest: Option<Cow<'static, str>>,
}

/// The most characters that are kept of an ignored name.
pub const MAX_NAME_CHARS: usize = 64;
/// The most ignored names that are kept of a call.
pub const MAX_IGNORED: usize = 20;

impl IgnoredName {
    /// An ignored name in `place`. `name` is without secrets; what is beyond [`MAX_NAME_CHARS`] is cut.
    pub fn new(place: NamePlace, name: &str) -> Self {
        let mut shown = name.to_owned();
        if let Some((end, _)) = shown.char_indices().nth(MAX_NAME_CHARS) {
            shown.truncate(end);
            shown.push('…');
        }
        Self { place, name: shown.into(), nearest: nearest(name, place.known()).map(Cow::Borrowed) }
    }

    /// What to do about it: an imperative sentence without its full stop.
    pub fn remedy(&self) -> String {
        match (self.place, &self.nearest) {
            (NamePlace::UpdateParameter, Some(nearest)) => {
                format!("send `{nearest}` in the JSON body: an update reads no parameters")
            }
            (NamePlace::UpdateParameter, None) => {
                "leave it out: an update reads its JSON body only".to_owned()
            }
            (_, Some(nearest)) if nearest == "offset" && is_page(&self.name) => {
                "poll with `offset=0` each time: the API knows no pages, and withholds what you have seen"
                    .to_owned()
            }
            (_, Some(nearest)) => format!("write `{nearest}`, in exactly these letters"),
            (place, None) => format!("leave it out, or write one of {}", place.known().join(", ")),
        }
    }
}

impl fmt::Display for IgnoredName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The {} `{}` was ignored: {}", self.place.noun(), self.name, self.remedy())
    }
}

/// Names that other APIs have for what this one calls the second.
const SYNONYMS: [(&str, &str); 44] = [
    ("state", "status"),
    ("states", "status"),
    ("statuses", "status"),
    ("orderstatus", "status"),
    ("newstatus", "status"),
    ("type", "productType"),
    ("types", "productType"),
    ("ordertype", "productType"),
    ("entity", "entityType"),
    ("kind", "entityType"),
    ("category", "subCategory"),
    ("categories", "subCategory"),
    ("subcat", "subCategory"),
    ("page", "offset"),
    ("pages", "offset"),
    ("pageno", "offset"),
    ("pagenumber", "offset"),
    ("pageindex", "offset"),
    ("currentpage", "offset"),
    ("skip", "offset"),
    ("start", "offset"),
    ("startindex", "offset"),
    ("cursor", "offset"),
    ("from", "offset"),
    ("size", "limit"),
    ("pagesize", "limit"),
    ("perpage", "limit"),
    ("count", "limit"),
    ("take", "limit"),
    ("top", "limit"),
    ("max", "limit"),
    ("maxresults", "limit"),
    ("id", "order"),
    ("orderid", "order"),
    ("orderno", "order"),
    ("ordernumber", "order"),
    ("number", "order"),
    ("account", "accounts"),
    ("accountlist", "accounts"),
    ("credentials", "accounts"),
    ("logins", "accounts"),
    ("externalid", "supplierOrderId"),
    ("supplierid", "supplierOrderId"),
    ("reference", "supplierOrderId"),
];
/// The most letters by which a name may differ from a known one.
const MAX_DISTANCE: usize = 2;

/// Names under which some clients nest all others: `filter[status]`.
const NESTS: [&str; 5] = ["filter", "filters", "where", "query", "params"];

/// The letters and digits of a name, in lower case, without what follows a bracket: `Status[0]` is `status`, and so is
/// `filter[status]`.
fn letters(name: &str) -> String {
    let mut parts = name.split(['[', ']']);
    let first = parts.next().unwrap_or_default();
    let name = parts.next().filter(|inner| !inner.is_empty() && NESTS.contains(&first)).unwrap_or(first);
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_page(name: &str) -> bool {
    let name = letters(name);
    name.contains("page") || name == "cursor"
}

/// Which of the `known` names was probably meant.
fn nearest(name: &str, known: &'static [&'static str]) -> Option<&'static str> {
    // What is longer than any of them by so much is none of them.
    let name = letters(name.get(..name.floor_char_boundary(MAX_NAME_CHARS)).unwrap_or_default());
    if name.is_empty() {
        return None;
    }
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == name).map(|(_, meant)| *meant);
    let distances = known.iter().map(|known| (strsim::osa_distance(&name, &letters(known)), *known));
    // A short word is near to everything.
    let is_near = |distance: usize| distance <= MAX_DISTANCE && distance * 3 <= name.len();
    let near = distances.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| is_near(*distance));
    // `statusFilter`, `orderLimit`.
    let part = |known: &&&str| {
        let known = letters(known);
        known.len() > 4 && (name.starts_with(&known) || name.ends_with(&known))
    };
    match near {
        Some((0, known)) => Some(known),
        near => synonym
            .and_then(|meant| known.iter().find(|known| **known == meant))
            .copied()
            .or(near.map(|(_, known)| known))
            .or_else(|| known.iter().find(part).copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nearest_of(place: NamePlace, name: &str) -> Option<String> {
        IgnoredName::new(place, name).nearest.map(Cow::into_owned)
    }

    /// Rules: `practice.names`, `list.values`, `update.null`.
    #[test]
    fn the_nearest_known_name_is_found() {
        use NamePlace::{ListParameter, UpdateField, UpdateParameter};
        for (place, name, nearest) in [
            (ListParameter, "status[]", Some("status")),
            (ListParameter, "status[0]", Some("status")),
            (ListParameter, "Status", Some("status")),
            (ListParameter, "statuses", Some("status")),
            (ListParameter, "stauts", Some("status")),
            (ListParameter, "producttype", Some("productType")),
            (ListParameter, "product_type", Some("productType")),
            (ListParameter, "product-types", Some("productType")),
            (ListParameter, "sub_category", Some("subCategory")),
            (ListParameter, "page", Some("offset")),
            (ListParameter, "per_page", Some("limit")),
            (ListParameter, "limits", Some("limit")),
            (ListParameter, "filter[status]", Some("status")),
            (ListParameter, "statusFilter", Some("status")),
            (ListParameter, "orderId", None),
            (ListParameter, "_", None),
            (ListParameter, "ts", None),
            (ListParameter, "", None),
            (UpdateField, "account", Some("accounts")),
            (UpdateField, "Accounts", Some("accounts")),
            (UpdateField, "supplier_order_id", Some("supplierOrderId")),
            (UpdateField, "supplierOrderID", Some("supplierOrderId")),
            (UpdateField, "orderId", Some("order")),
            (UpdateField, "note", None),
            (UpdateParameter, "order", Some("order")),
        ] {
            assert_eq!(nearest_of(place, name).as_deref(), nearest, "{name}");
        }
    }

    #[test]
    fn a_sentence_names_the_name_and_the_remedy() {
        let said = |place, name| IgnoredName::new(place, name).to_string();
        assert_eq!(
            said(NamePlace::ListParameter, "status[]"),
            "The parameter `status[]` was ignored: write `status`, in exactly these letters"
        );
        assert_eq!(
            said(NamePlace::UpdateParameter, "order"),
            "The parameter `order` was ignored: send `order` in the JSON body: an update reads no parameters"
        );
        assert!(said(NamePlace::ListParameter, "page").contains("poll with `offset=0` each time"));
        assert!(said(NamePlace::UpdateField, "note").ends_with("order, status, accounts, supplierOrderId"));
    }

    #[test]
    fn no_synonym_stands_for_a_name_that_is_not_known() {
        let known = [NamePlace::ListParameter.known(), NamePlace::UpdateField.known()].concat();
        for (other, meant) in SYNONYMS {
            assert!(known.contains(&meant) && letters(other) == other, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_kept_up_to_its_bound(name in ".{0,200}", place in prop::sample::select(NamePlace::ALL)) {
            let ignored = IgnoredName::new(place, &name);
            prop_assert!(ignored.name.chars().count() <= MAX_NAME_CHARS + 1);
            let known = ignored.nearest.is_none_or(|nearest| place.known().contains(&&*nearest));
            prop_assert!(known);
        }
    }
}
