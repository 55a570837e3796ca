//! Wording of figures in findings.

use crate::OrderId;
pub(super) use crate::words::{counted, was};

/// How many orders a sentence names.
const NAMED: usize = 5;

/// ` (orders 1, 2 and others)`: the first of `orders`, and a hint at the rest; nothing without orders.
pub(super) fn named(orders: &[OrderId]) -> String {
    let shown: Vec<_> = orders.iter().take(NAMED).map(ToString::to_string).collect();
    match &shown[..] {
        [] => String::new(),
        [order] => format!(" (order {order})"),
        _ if orders.len() > NAMED => format!(" (orders {} and others)", shown.join(", ")),
        [first @ .., last] => format!(" (orders {} and {last})", first.join(", ")),
    }
}

/// A number of milliseconds as people say it.
pub(super) fn duration(millis: u64) -> String {
    let tenths_of = |unit: u64| format!("{}.{}", millis / unit, millis % unit * 10 / unit).replace(".0", "");
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..120_000 => format!("{} s", tenths_of(1_000)),
        120_000..7_200_000 => format!("{} min", tenths_of(60_000)),
        _ => format!("{} h", tenths_of(3_600_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        let said = [0, 999, 1_000, 1_250, 119_999, 1_800_000, 10_000_000].map(duration);
        assert_eq!(said, ["0 ms", "999 ms", "1 s", "1.2 s", "119.9 s", "30 min", "2.7 h"]);
    }

    #[test]
    fn a_sentence_names_a_few_orders() {
        let orders: Vec<_> = (1..=7).filter_map(OrderId::new).collect();
        assert_eq!(named(&[]), "");
        assert_eq!(named(&orders[..1]), " (order 1)");
        assert_eq!(named(&orders[..3]), " (orders 1, 2 and 3)");
        assert_eq!(named(&orders), " (orders 1, 2, 3, 4, 5 and others)");
    }
}
