//! Which orders a list may hand out.

use super::Defect;
use super::world::{Item, Order, World};

/// What is asked for.
#[derive(Debug, Default)]
pub(super) struct Filters {
    pub(super) statuses: Option<Vec<String>>,
    pub(super) status: String,
    pub(super) product_types: Option<Vec<String>>,
    pub(super) entity_type: Option<String>,
    pub(super) sub_category: Option<String>,
    /// Whether a comma of `status` was percent-encoded: for a defect only.
    pub(super) comma_was_encoded: bool,
    pub(super) limit: usize,
    pub(super) offset: usize,
}

impl Filters {
    pub(super) fn copied(&self) -> Self {
        Self {
            statuses: self.statuses.clone(),
            status: self.status.clone(),
            product_types: self.product_types.clone(),
            entity_type: self.entity_type.clone(),
            sub_category: self.sub_category.clone(),
            ..*self
        }
    }
}

pub(super) fn matches(world: &World, order: &Order, filters: &Filters, who: usize, clock: i64) -> bool {
    let with = |defect: Defect, is_given: bool| world.is(defect) && is_given;
    let (by_status, by_entity, by_category) =
        (filters.statuses.is_some(), filters.entity_type.is_some(), filters.sub_category.is_some());
    let all = world.is(Defect::OthersListed)
        || with(Defect::OthersByStatus, by_status)
        || with(Defect::OthersByEntity, by_entity)
        || with(Defect::OthersByCategory, by_category)
        || with(Defect::OthersOnLaterPages, filters.offset > 0);
    let first_only = world.is(Defect::SharedToFirst);
    let own = |item: &&Item| all || (item.owner == who && (!first_only || order.items[0].owner == who));
    let paid = match order.payment.as_str() {
        "completed" => true,
        "refunded" if world.is(Defect::RefundedListed) => true,
        "failed" if world.is(Defect::FailedListed) => true,
        _ => {
            world.is(Defect::UnpaidListed)
                || with(Defect::UnpaidListedByStatus, by_status)
                || with(Defect::UnpaidByEntity, by_entity)
                || with(Defect::UnpaidByCategory, by_category)
        }
    };
    let its = if world.is(Defect::StaleIndex) { &order.first_status } else { &order.status };
    let status = match &filters.statuses {
        Some(statuses) => statuses.contains(its),
        None if world.is(Defect::OpenByDefault) => ["pending", "processing"].contains(&order.status.as_str()),
        None => !(world.is(Defect::ErrorHiddenByDefault) && order.status == "error"),
    };
    let quantity: u32 = order.items.iter().map(|item| item.quantity).sum();
    let hidden = (world.is(Defect::OldLeftOut) && clock - order.created > 30 * 86_400_000)
        || (world.is(Defect::DeliveredHidden) && order.accounts.len() >= quantity as usize)
        || (world.is(Defect::FreeLeftOut) && order.items.iter().all(|item| item.unit_price == 0));
    if world.is(Defect::StatusOrEntity) && by_status && by_entity {
        let one =
            |filters: &Filters| order.items.iter().filter(own).any(|item| item_fits(world, item, filters));
        let without = Filters { entity_type: None, ..filters.copied() };
        return paid && ((status && one(&without)) || one(filters));
    }
    paid && status && !hidden && items_fit(world, order, filters, own)
}

/// Whether one of an order's items fits all filters.
fn items_fit(world: &World, order: &Order, filters: &Filters, own: impl Fn(&&Item) -> bool) -> bool {
    let mut items = order.items.iter().filter(&own);
    if items.clone().next().is_none() {
        return false;
    }
    if world.is(Defect::FiltersByOthers) {
        return order.items.iter().any(|item| item_fits(world, item, filters));
    }
    if world.is(Defect::FirstItemFiltered) {
        return items.next().is_some_and(|item| item_fits(world, item, filters));
    }
    if world.is(Defect::FiltersAcrossItems) {
        let by_entity = Filters { sub_category: None, ..filters.copied() };
        let by_category = Filters { entity_type: None, ..filters.copied() };
        let any =
            |filters: &Filters| order.items.iter().filter(&own).any(|item| item_fits(world, item, filters));
        return any(&by_entity) && any(&by_category);
    }
    items.any(|item| item_fits(world, item, filters))
}

fn item_fits(world: &World, item: &Item, filters: &Filters) -> bool {
    let auto = vec!["auto".to_owned()];
    let kinds = filters.product_types.as_ref().unwrap_or(&auto);
    let kind = item.product_type.as_str();
    let has = |name: &str| kinds.iter().any(|kind| kind == name);
    let by_kind = has(kind)
        || (world.is(Defect::ManualByDefault) && filters.product_types.is_none() && kind == "manual")
        || (world.is(Defect::AutoWithManual) && has("manual") && kind == "auto")
        || (world.is(Defect::InventoryIsAuto) && has("inventory") && kind == "auto");
    let by_category =
        filters.sub_category.as_ref().is_none_or(|name| category_fits(world, &item.sub_category, name));
    by_kind && by_category && filters.entity_type.as_ref().is_none_or(|entity| *entity == item.entity_type)
}

fn category_fits(world: &World, own: &str, name: &str) -> bool {
    let plain = |text: &str| text.replace(['É', 'é'], "e").to_lowercase();
    own == name
        || (world.is(Defect::CategoryCase) && own.eq_ignore_ascii_case(name))
        || (world.is(Defect::CategoryPrefix) && own.starts_with(name))
        || (world.is(Defect::CategoryAccent) && plain(own) == plain(name))
        || (world.is(Defect::CategoryLike) && like(own.as_bytes(), name.as_bytes(), b'_', b'%'))
        || (world.is(Defect::CategoryPattern) && like(own.as_bytes(), name.as_bytes(), b'.', 0))
        || (world.is(Defect::CategoryComma)
            && name.contains(',')
            && name.split(',').any(|part| own == part.trim()))
}

/// Whether a text fits a pattern of wildcards, for one character and for any number of them.
fn like(text: &[u8], pattern: &[u8], one: u8, any: u8) -> bool {
    match (text, pattern) {
        ([], []) => true,
        (_, [first, rest @ ..]) if *first == any => {
            (0..=text.len()).any(|from| like(&text[from..], rest, one, any))
        }
        ([byte, text @ ..], [first, rest @ ..]) => {
            (byte == first || *first == one) && like(text, rest, one, any)
        }
        _ => false,
    }
}

pub(super) fn is_withheld(
    world: &World,
    order: &Order,
    filters: &Filters,
    who: usize,
    key: &str,
    now: u64,
) -> bool {
    let handed_out = if world.is(Defect::WindowForBoth) {
        order.handed_out.iter().flatten().max().copied()
    } else {
        order.handed_out[who]
    };
    let Some(at) = handed_out else { return false };
    let of = |test: &dyn Fn(&Item) -> bool| order.items.iter().any(test);
    let exempt = (world.is(Defect::WindowByFilter) && order.by.0 != filters.status)
        || (world.is(Defect::WindowByKey) && order.by.1 != key)
        || (world.is(Defect::ServicesNotWithheld) && of(&|item| item.entity_type == "smm_service"))
        || (world.is(Defect::AutoNotWithheld) && of(&|item| item.product_type == "auto"))
        || (world.is(Defect::CompletedNotWithheld) && order.status == "completed")
        || (world.is(Defect::WithheldOnce) && order.times[who] > 1);
    let exempt = exempt || (world.is(Defect::Every50thFree) && order.number.is_multiple_of(50));
    let forever = world.is(Defect::NeverBack)
        || (world.is(Defect::BackOnce) && order.times[who] > 1)
        || (world.is(Defect::BackFour) && order.times[who] > 4);
    !exempt && (forever || is_inside(world, order, at, now))
}

/// Whether the window that began at `at` has not ended.
fn is_inside(world: &World, order: &Order, at: u64, now: u64) -> bool {
    const DAY: i64 = 86_400_000;
    let clock = world.clock_at(now);
    let from = clock.saturating_sub_unsigned(now - at.min(now));
    let over_midnight = clock.div_euclid(DAY) != from.div_euclid(DAY);
    let second = |millis: i64| millis.div_euclid(1000);
    match () {
        () if world.is(Defect::MidnightForgets) && over_midnight => false,
        () if world.is(Defect::MidnightKeeps) && over_midnight => clock - from < DAY,
        () if world.is(Defect::HalfHours) => clock.div_euclid(1_800_000) == from.div_euclid(1_800_000),
        () if world.is(Defect::WindowWholeSeconds) => clock - second(from) * 1000 < 1_800_000,
        () if world.is(Defect::WindowRoundsUp) => second(clock) - second(from) <= 1800,
        () if world.is(Defect::FromCreation) => clock - order.created < 1_800_000,
        () => now.saturating_sub(at) < world.window(),
    }
}
