//! Query of a list call.

use std::str::FromStr;

use supplier_rulebook::{LIST_LIMIT_RANGE, LIST_OFFSET_RANGE, LIST_VALUES, RuleId};

use crate::{EntityType, Facet, OrderStatus, ProductType, UnknownValue, Violation};

/// Number of orders in a page without `limit` (`list.limit-default`).
pub const DEFAULT_LIMIT: usize = 50;
/// Maximum number of orders in a page (`list.limit-max`).
pub const MAX_LIMIT: usize = 500;

/// Query of a valid list call: filters and page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The statuses asked for (`list.status`).
    pub statuses: Vec<OrderStatus>,
    /// The product types asked for (`list.product-type`).
    pub product_types: Vec<ProductType>,
    /// The entity type asked for, if only one is (`list.entity-type`).
    pub entity_type: Option<EntityType>,
    /// The subcategory asked for, if only one is (`list.sub-category`).
    pub sub_category: Option<String>,
    /// Maximum number of orders to return, 1 to [`MAX_LIMIT`] (`list.limit`).
    pub limit: usize,
    /// Number of orders to skip (`list.offset`).
    pub offset: u64,
}

impl Default for ListQuery {
    /// What a call without parameters asks for (`list.status-default`, `list.product-type-values`).
    fn default() -> Self {
        Self {
            statuses: OrderStatus::ALL.to_vec(),
            product_types: vec![ProductType::Auto],
            entity_type: None,
            sub_category: None,
            limit: DEFAULT_LIMIT,
            offset: 0,
        }
    }
}

impl ListQuery {
    /// The names of the parameters; others are ignored.
    pub const PARAMETERS: [&'static str; 6] =
        ["status", "productType", "entityType", "subCategory", "limit", "offset"];

    /// Reads the decoded `(name, value)` pairs of a query string.
    ///
    /// # Errors
    /// All problems, at most one for each parameter (`list.values`, `list.limit-range`, `list.offset-range`).
    pub fn parse<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self, Vec<Violation>>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut values: [Option<V>; Self::PARAMETERS.len()] = Default::default();
        let mut repeated = [false; Self::PARAMETERS.len()];
        for (name, value) in pairs {
            if let Some(index) = Self::PARAMETERS.iter().position(|known| *known == name.as_ref()) {
                repeated[index] |= values[index].replace(value).is_some();
            }
        }
        let mut query = Self::default();
        let mut violations = Vec::new();
        for (index, name) in Self::PARAMETERS.into_iter().enumerate() {
            let Some(value) = &values[index] else { continue };
            let outcome = if repeated[index] {
                // Of these, several values can be asked for.
                let advice = match name {
                    "status" | "productType" => "give it once, its values separated by commas",
                    _ => "give it once",
                };
                Err((LIST_VALUES, format!("is given more than once; {advice}")))
            } else {
                query.set(name, value.as_ref())
            };
            violations.extend(outcome.err().map(|(rule, problem)| Violation::new(rule, name, problem)));
        }
        if violations.is_empty() { Ok(query) } else { Err(violations) }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), (RuleId, String)> {
        let unknown = |problem| (LIST_VALUES, problem);
        if value.trim().is_empty() {
            return Err(unknown("is empty; give a value or leave the parameter out".to_owned()));
        }
        match name {
            "status" => self.statuses = words(value).map_err(unknown)?,
            "productType" => self.product_types = words(value).map_err(unknown)?,
            "entityType" => self.entity_type = Some(word(value).map_err(unknown)?),
            "subCategory" => self.sub_category = Some(value.to_owned()),
            "limit" => {
                self.limit = integer(value)
                    .and_then(|limit| usize::try_from(limit).ok())
                    .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                    .ok_or_else(|| (LIST_LIMIT_RANGE, format!("must be an integer from 1 to {MAX_LIMIT}")))?;
            }
            "offset" => {
                let refused = || (LIST_OFFSET_RANGE, "must be an integer of 0 or more".to_owned());
                self.offset = integer(value).ok_or_else(refused)?;
            }
            _ => unreachable!("{name} is no parameter"),
        }
        Ok(())
    }

    /// Whether an order of `status` fits (`list.status`).
    pub fn fits_status(&self, status: OrderStatus) -> bool {
        self.statuses.contains(&status)
    }

    /// Whether an item of `facet` fits `productType` (`list.product-type`).
    pub fn fits_product_type(&self, facet: &Facet) -> bool {
        self.product_types.contains(&facet.product_type)
    }

    /// Whether an item of `facet` fits `entityType` (`list.entity-type`).
    pub fn fits_entity_type(&self, facet: &Facet) -> bool {
        self.entity_type.is_none_or(|wanted| wanted == facet.entity_type)
    }

    /// Whether an item of `facet` fits `subCategory` exactly (`list.sub-category-match`).
    pub fn fits_sub_category(&self, facet: &Facet) -> bool {
        self.sub_category.as_deref().is_none_or(|wanted| wanted == &*facet.sub_category)
    }

    /// Whether one of the `facets` fits all the filters on items at once (`list.own-items`).
    pub fn fits_any(&self, facets: &[Facet]) -> bool {
        facets.iter().any(|facet| {
            self.fits_product_type(facet) && self.fits_entity_type(facet) && self.fits_sub_category(facet)
        })
    }
}

/// Parses digits only. A number beyond `u64` becomes the largest `u64`.
fn integer(value: &str) -> Option<u64> {
    value.bytes().all(|b| b.is_ascii_digit()).then(|| value.parse().unwrap_or(u64::MAX))
}

fn word<T: FromStr<Err = UnknownValue>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|unknown: UnknownValue| explain(value, unknown))
}

fn words<T: FromStr<Err = UnknownValue>>(value: &str) -> Result<Vec<T>, String> {
    let parts: Vec<_> = value.split(',').collect();
    let read = |(index, part): (usize, &&str)| {
        word(part).map_err(|problem| match parts.len() {
            1 => problem,
            _ => format!("{problem} (value {} of {})", index + 1, parts.len()),
        })
    };
    parts.iter().enumerate().map(read).collect()
}

fn explain(value: &str, unknown: UnknownValue) -> String {
    match unknown.known.iter().find(|word| word.eq_ignore_ascii_case(value.trim())) {
        Some(near) => format!("{unknown}; write {near} in exactly these letters, without spaces"),
        None => unknown.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<String> {
        let violations = ListQuery::parse(pairs.iter().copied()).unwrap_err();
        violations.into_iter().map(|violation| violation.problem.field.into_owned()).collect()
    }

    /// Rules: `list.status-default`, `list.product-type-values`, `list.limit-default`, `list.offset`, `list.values`.
    #[test]
    fn what_is_left_out_has_its_default_and_what_is_unknown_is_ignored() {
        let query = ListQuery::parse([("page", "2"), ("page", "3"), ("Limit", "x")]).unwrap();
        assert_eq!(query, ListQuery::default());
        assert_eq!((query.limit, query.offset, query.statuses.len()), (50, 0, 6));
        assert_eq!(query.product_types, [ProductType::Auto]);
    }

    /// Rules: `list.status`, `list.values`, `error.details`.
    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let pairs = [
            ("status", "pending,done"),
            ("productType", " manual"),
            ("entityType", "product,smm_service"),
            ("subCategory", "  "),
            ("limit", "501"),
            ("offset", "-1"),
            ("limit", "5"),
        ];
        assert_eq!(fields(&pairs), ListQuery::PARAMETERS);
    }

    /// Rules: `list.values`, `list.limit-range`, `list.offset-range`.
    #[test]
    fn each_violation_names_the_rule_that_is_broken() {
        for (name, value, rule) in [
            ("limit", "501", LIST_LIMIT_RANGE),
            ("limit", " ", LIST_VALUES),
            ("offset", "-1", LIST_OFFSET_RANGE),
            ("productType", "AUTO", LIST_VALUES),
        ] {
            assert_eq!(ListQuery::parse([(name, value)]).unwrap_err()[0].rule, rule, "{name}={value}");
        }
        assert_eq!(ListQuery::parse([("limit", "1"); 2]).unwrap_err()[0].rule, LIST_VALUES);
    }

    /// Rules: `list.values`.
    #[test]
    fn a_near_miss_is_told_the_word_and_its_place() {
        let violations = ListQuery::parse([("status", "pending,Processing")]).unwrap_err();
        let problem = &violations[0].problem.problem;
        assert!(problem.contains("write processing") && problem.contains("value 2 of 2"), "{problem}");
    }

    /// Rules: `list.limit-range`, `list.offset-range`.
    #[test]
    fn numbers_are_digits_alone() {
        for wrong in ["", " ", "0x1", "1.0", "+1", "1e2", "½", "１", "-0", "abc", " 1"] {
            assert_eq!(fields(&[("limit", wrong)]), ["limit"], "{wrong:?}");
            assert_eq!(fields(&[("offset", wrong)]), ["offset"], "{wrong:?}");
        }
        let huge = "9".repeat(40);
        assert_eq!(ListQuery::parse([("offset", huge.as_str())]).unwrap().offset, u64::MAX);
        assert_eq!(fields(&[("limit", huge.as_str())]), ["limit"]);
    }

    proptest! {
        /// Rules: `list.limit-range`, `list.limit-max`, `list.offset-range`.
        #[test]
        fn any_limit_in_range_is_taken_and_any_other_refused(limit in 0..1_200_usize, offset in any::<u64>()) {
            let (limit_text, offset_text) = (limit.to_string(), offset.to_string());
            let parsed = ListQuery::parse([("limit", &limit_text), ("offset", &offset_text)]);
            if (1..=500).contains(&limit) {
                let query = parsed.unwrap();
                prop_assert_eq!((query.limit, query.offset), (limit, offset));
            } else {
                prop_assert!(parsed.is_err());
            }
        }

        /// Rules: `list.status`, `list.values`.
        #[test]
        fn any_choice_of_statuses_is_read_in_any_order_and_repetition(
            chosen in prop::collection::vec(prop::sample::select(OrderStatus::ALL), 1..10),
        ) {
            let value = chosen.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(",");
            let query = ListQuery::parse([("status", value.as_str())]).unwrap();
            for status in OrderStatus::ALL {
                prop_assert_eq!(query.fits_status(*status), chosen.contains(status));
            }
        }

        /// Rules: `list.values`.
        #[test]
        fn no_text_is_a_reason_to_panic(name in prop::sample::select(&ListQuery::PARAMETERS[..]), value in ".*") {
            let _ = ListQuery::parse([(name, value.as_str())]);
        }
    }
}
