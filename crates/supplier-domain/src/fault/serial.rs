//! How a fault's parts are written into snapshots: words as words, moments as they are shown, numbers as numbers.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serializer};

fn parsed<T: FromStr<Err: Display>, E: serde::de::Error>(text: &str) -> Result<T, E> {
    text.parse().map_err(E::custom)
}

/// For what is shown and read as text.
pub(super) mod text {
    use super::{Deserialize as _, Deserializer, Display, FromStr, Serializer, parsed};

    pub(in crate::fault) fn serialize<T: Display, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(in crate::fault) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        parsed(&String::deserialize(from)?)
    }
}

/// The same, where there may be none.
pub(super) mod optional_text {
    use super::{Deserialize as _, Deserializer, Display, FromStr, Serializer, parsed};

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(in crate::fault) fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    pub(in crate::fault) fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        Option::<String>::deserialize(from)?.map(|text| parsed(&text)).transpose()
    }
}

/// For an order's number, where there may be none.
pub(super) mod optional_order {
    use super::{Deserialize as _, Deserializer, Serializer};
    use crate::OrderId;
    use serde::de::Error as _;

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(in crate::fault) fn serialize<S: Serializer>(
        order: &Option<OrderId>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match order {
            Some(order) => to.serialize_u64(order.get()),
            None => to.serialize_none(),
        }
    }

    pub(in crate::fault) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<OrderId>, D::Error> {
        let number = Option::<i64>::deserialize(from)?;
        number
            .map(|it| OrderId::new(it).ok_or_else(|| D::Error::custom("no order has that number")))
            .transpose()
    }
}
