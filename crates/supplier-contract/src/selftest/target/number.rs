//! The number of an order, as an update names it.

use serde_json::{Map, Value};

use super::Defect;
use super::world::World;

/// What is wrong with a number that no order can have, where the server chose to refuse those.
pub(super) const OUT_OF_RANGE: &str = "is out of range";

/// The number that an update names, or what is wrong with it.
pub(super) fn order_number(world: &World, fields: &Map<String, Value>) -> Result<Option<i128>, &'static str> {
    let written = fields.get("order written").and_then(Value::as_str);
    let Some(mut written) = written.filter(|written| *written != "null") else {
        return if world.is(Defect::OrderMissingAccepted) { Ok(None) } else { Err("is required") };
    };
    if world.is(Defect::OrderAsText) {
        written = written.trim_matches('"');
    }
    let parsed = parsed(world, written);
    let written = parsed.as_deref().unwrap_or(written);
    let digits = written.strip_prefix('-').unwrap_or(written);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("is no integer");
    }
    // Beyond 128 bits it is nobody's number either.
    let number = written.parse().unwrap_or(i128::MAX);
    if world.choices().refuses_numbers && !(1..=(1 << 53) - 1).contains(&number) {
        return Err(OUT_OF_RANGE);
    }
    Ok(Some(number))
}

/// What defects take for a number.
fn parsed(world: &World, written: &str) -> Option<String> {
    let text = written.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let digits = text.map(|text| text.trim().chars().take_while(char::is_ascii_digit).collect::<String>());
    let listed = written.strip_prefix('[').and_then(|list| list.strip_suffix(']')).map(str::trim);
    let whole = written.split_once('.').filter(|(_, rest)| *rest != "0").map(|(whole, _)| whole);
    match () {
        () if world.is(Defect::OrderParsed) => digits,
        () if world.is(Defect::OrderUnpacked) => listed.map(str::to_owned),
        () if world.is(Defect::OrderFloored) => whole.map(str::to_owned),
        () if world.is(Defect::TrueIsOne) && written == "true" => Some("1".to_owned()),
        () => None,
    }
}
