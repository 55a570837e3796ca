//! Exact amounts of money.

use std::fmt;
use std::str::FromStr;

use crate::serial::as_text;

/// Amount in units of 1/10,000, never negative, at most [`Money::MAX`].
///
/// Up to there an amount has at most 15 significant digits, so the nearest `f64` prints back as the amount itself
/// (`list.types`: no float noise).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(u64);

/// Error: the text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an amount of at most 4 decimals, such as \"5.00\", up to 100000")]
pub struct InvalidMoney;

impl Money {
    const UNITS: u64 = 10_000;
    /// The largest amount: 10^15 − 1 units.
    pub const MAX: Self = Self(999_999_999_999_999);
    /// The largest price of one piece: 100,000. With [`crate::MAX_QUANTITY`] pieces it stays below [`Money::MAX`].
    pub const MAX_PRICE: Self = Self(100_000 * Self::UNITS);

    /// An amount of `units` of 1/10,000, or [`Money::MAX`] if that is less.
    pub const fn from_units(units: u64) -> Self {
        if units > Self::MAX.0 { Self::MAX } else { Self(units) }
    }

    /// The amount in units of 1/10,000.
    pub const fn units(self) -> u64 {
        self.0
    }

    /// This price for `quantity` pieces (`list.amounts`).
    #[must_use]
    pub const fn times(self, quantity: u32) -> Self {
        Self::from_units(self.0.saturating_mul(quantity as u64))
    }

    /// The number that shows this amount in JSON.
    #[expect(clippy::cast_precision_loss, reason = "amounts are below 2^53 units")]
    pub const fn to_f64(self) -> f64 {
        self.0 as f64 / 10_000.0
    }
}

impl FromStr for Money {
    type Err = InvalidMoney;

    /// Parses a price: digits, and at most 4 decimals after a point.
    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > 6 || decimals.len() > 4 {
            return Err(InvalidMoney);
        }
        let number = |part: &str| part.parse::<u64>().map_err(|_| InvalidMoney);
        let units = number(whole)? * Self::UNITS + number(&format!("{decimals:0<4}"))?;
        if units > Self::MAX_PRICE.0 { Err(InvalidMoney) } else { Ok(Self(units)) }
    }
}

as_text!(Money);

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04}", self.0 / Self::UNITS, self.0 % Self::UNITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Rules: `list.types`, `list.amounts`.
        #[test]
        fn any_amount_prints_as_a_number_of_at_most_four_decimals_that_is_the_amount(
            price in 0..=Money::MAX_PRICE.units(), quantity in 0..=crate::MAX_QUANTITY,
        ) {
            let total = Money::from_units(price).times(quantity);
            prop_assert_eq!(total.units(), price * u64::from(quantity));
            let text = format!("{}", total.to_f64());
            let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
            prop_assert!(decimals.len() <= 4, "{}", text);
            prop_assert_eq!(format!("{whole}.{decimals:0<4}"), total.to_string());
        }

        #[test]
        fn any_price_reads_back(units in 0..=Money::MAX_PRICE.units()) {
            let price = Money::from_units(units);
            prop_assert_eq!(price.to_string().parse(), Ok(price));
        }
    }

    #[test]
    fn what_is_no_price_is_not_taken() {
        for wrong in ["", "-1", "1.", ".5", "1.00001", "1e3", "100000.0001", "1000000", "1,5", "٣"] {
            assert_eq!(wrong.parse::<Money>(), Err(InvalidMoney), "{wrong:?}");
        }
        assert_eq!("5.00".parse(), Ok(Money::from_units(50_000)));
    }
}
