//! Value types of the control API's requests: bounded numbers, durations, times, names.

use std::str::FromStr;
use std::time::Duration;

use supplier_domain::{
    AccountDedup, ClockMode, EntityType, InvalidMoney, InvalidTimestamp, Money, OrderId, PaymentStatus,
    ProductType, Rate, SupplierId, Timestamp, thousandths,
};

use crate::wire::fields::{FieldValue, kind, words};

words!(AccountDedup, ClockMode, EntityType, PaymentStatus, ProductType);

/// A whole number that is not negative.
pub(crate) struct JsonU64(pub(crate) u64);

impl FieldValue for JsonU64 {
    fn read(json: &str) -> Result<Self, String> {
        let refused = || format!("must be a whole number from 0 to {}, not {}", u64::MAX, kind(json));
        json.parse().map(Self).map_err(|_| refused())
    }
}

/// A number.
pub(crate) struct Number(pub(crate) f64);

impl FieldValue for Number {
    fn read(json: &str) -> Result<Self, String> {
        json.parse().map(Self).map_err(|_| format!("must be a number, not {}", kind(json)))
    }
}

/// Yes or no.
pub(crate) struct JsonBool(pub(crate) bool);

impl FieldValue for JsonBool {
    fn read(json: &str) -> Result<Self, String> {
        json.parse().map(Self).map_err(|_| format!("must be true or false, not {}", kind(json)))
    }
}

/// A number of minutes.
pub(crate) struct Minutes(pub(crate) u32);

impl FieldValue for Minutes {
    fn read(json: &str) -> Result<Self, String> {
        json.parse().map(Self).map_err(|_| "must be a whole number of minutes, 0 or more".to_owned())
    }
}

/// A length of time in seconds, of at most three decimals.
pub(crate) struct Seconds(pub(crate) Duration);

impl FieldValue for Seconds {
    fn read(json: &str) -> Result<Self, String> {
        let millis =
            thousandths(json).ok_or("must be a number of seconds, 0 or more, of at most three decimals")?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl FieldValue for u32 {
    fn read(json: &str) -> Result<Self, String> {
        json.parse()
            .map_err(|_| format!("must be a whole number from 0 to {}, not {}", Self::MAX, kind(json)))
    }
}

impl FieldValue for Money {
    fn read(json: &str) -> Result<Self, String> {
        json.parse()
            .map_err(|_: InvalidMoney| "must be a number from 0 to 100000, of at most 4 decimals".to_owned())
    }
}

impl FieldValue for OrderId {
    fn read(json: &str) -> Result<Self, String> {
        let number = json.parse().ok().and_then(Self::new);
        number.ok_or_else(|| format!("must be an integer from 1 to {}", Self::MAX))
    }
}

impl FieldValue for Vec<SupplierId> {
    fn read(json: &str) -> Result<Self, String> {
        let refused = || format!("must be an array of suppliers' ids, not {}", kind(json));
        let ids: Vec<String> = serde_json::from_str(json).map_err(|_| refused())?;
        let ids: Result<Vec<_>, _> = ids.iter().map(|id| id.parse()).collect();
        ids.map_err(|invalid: supplier_domain::InvalidId| format!("each {invalid}"))
    }
}

impl FieldValue for Rate {
    fn read(json: &str) -> Result<Self, String> {
        Self::from_str(json).map_err(|invalid| invalid.to_string())
    }
}

impl FieldValue for Timestamp {
    fn read(json: &str) -> Result<Self, String> {
        let text = String::read(json)?;
        text.parse().map_err(|invalid: InvalidTimestamp| invalid.to_string())
    }
}

impl FieldValue for SupplierId {
    fn read(json: &str) -> Result<Self, String> {
        let text = String::read(json)?;
        text.parse().map_err(|invalid: supplier_domain::InvalidId| invalid.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_to_the_millisecond_and_never_rounded() {
        for (json, millis) in [("0", 0), ("1", 1_000), ("1.5", 1_500), ("0.001", 1), ("1799.999", 1_799_999)]
        {
            assert_eq!(Seconds::read(json).unwrap().0, Duration::from_millis(millis), "{json}");
        }
        for json in ["-1", "1e3", "0.0001", "\"1\"", "null", "true", "18446744073709551615", "1.", ".5"] {
            assert!(Seconds::read(json).is_err(), "{json}");
        }
    }
}
