//! The list.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::json;

use super::Defect;
use super::error::Refusal;
use super::matching::{Filters, is_withheld, matches};
use super::page::rendered;
use super::server::{Asked, Reply, key};
use super::world::{Order, State, World};
use crate::guide_table::{ENTITY_TYPES, STATUSES};

/// How long a poll takes that leaves others time to be handed the same: for a defect.
const SLOW: Duration = Duration::from_millis(4);

/// Answers a list.
#[expect(clippy::too_many_lines, reason = "each defect is a line where its rule is kept")]
pub(super) async fn answer(world: &World, asked: &Asked) -> Result<Reply, Refusal> {
    let parsed = filters(world, &asked.query);
    if world.is(Defect::KeyAfterForm)
        && let Err(refusal) = parsed
    {
        return Err(refusal);
    }
    let (who, key) = key(world, asked, false)?;
    let now = world.now();
    let filters = match parsed {
        Ok(filters) => filters,
        Err(refusal) => {
            if world.is(Defect::FailedCallWithholds) {
                world.with(|state| {
                    for order in state.orders.values_mut() {
                        order.handed_out[who] = Some(now);
                    }
                });
            }
            return Err(refusal);
        }
    };
    if fails(world, asked, &filters) {
        return Ok(Reply::text(500, "Internal Server Error"));
    }
    let url =
        if world.is(Defect::CachedForAll) { asked.query.clone() } else { format!("{who} {}", asked.query) };
    if let Some(body) = cached(world, &url, now) {
        let mut reply = Reply::json(200, &json!({}));
        reply.body = body;
        return Ok(reply);
    }
    let (page, total, matching) = world.with(|state| select(world, state, &filters, who, &key, now));
    if world.is(Defect::OffsetPastEndFails) && filters.offset > 0 && filters.offset >= total {
        return Err(Refusal::field("offset", "is past the end"));
    }
    if world.is(Defect::OffsetAtEndFails) && filters.offset > 0 && filters.offset == total {
        return Err(Refusal::field("offset", "is at the end"));
    }
    let mut page = page;
    let read: Vec<Order> =
        world.with(|state| page.iter().filter_map(|number| state.orders.get(number).cloned()).collect());
    if world.is(Defect::ListOverwrites) {
        tokio::time::sleep(SLOW).await;
        world.with(|state| state.orders.extend(read.into_iter().map(|order| (order.number, order))));
    }
    if world.is(Defect::RacePolls) || world.is(Defect::RaceFilters) {
        tokio::time::sleep(SLOW).await;
    }
    if world.is(Defect::RaceFilters) {
        // What callers with the same filters were handed meanwhile is not handed out again.
        let taken = |state: &State, number: &u64| {
            let order = state.orders.get(number);
            order.is_some_and(|order| {
                order.handed_out[who].is_some_and(|at| at >= now) && order.by.0 == filters.status
            })
        };
        world.with(|state| page.retain(|number| !taken(state, number)));
    }
    world.with(|state| hand_out(world, state, &page, &matching, &filters, who, &key, now));
    let shown: Vec<Order> =
        world.with(|state| page.iter().filter_map(|number| state.orders.get(number).cloned()).collect());
    if shown.iter().any(|order| order.breaks_pages) {
        return Ok(Reply::text(500, "Internal Server Error"));
    }
    let mut reply = Reply::json(200, &rendered(world, shown, who, total, filters.limit));
    if world.is(Defect::BomFirst) {
        reply.body.splice(0..0, *b"\xef\xbb\xbf");
    }
    reply.is_coded = world.is(Defect::GzipSaid)
        && asked.header("accept-encoding").is_some_and(|value| value.contains("gzip"));
    if world.is(Defect::PageCached) || world.is(Defect::CachedForAll) {
        world.with(|state| state.pages.insert(url, (now, reply.body.clone())));
    }
    Ok(reply)
}

/// What defects fail at.
fn fails(world: &World, asked: &Asked, filters: &Filters) -> bool {
    let quoted = filters.sub_category.as_ref().is_some_and(|name| name.contains('\''));
    (world.is(Defect::HugeOffsetFails) && filters.offset == usize::MAX)
        || (world.is(Defect::Offset63Fails) && filters.offset == (1 << 63) - 1)
        || (world.is(Defect::Limit31Fails) && asked.query.contains("limit=2147483648"))
        || (world.is(Defect::QuoteFails) && quoted)
}

/// A page that a defect has kept for less than a second.
fn cached(world: &World, url: &str, now: u64) -> Option<Vec<u8>> {
    let page = world.with(|state| state.pages.get(url).cloned());
    page.filter(|(at, _)| now.saturating_sub(*at) < 1000).map(|(_, body)| body)
}

fn filters(world: &World, query: &str) -> Result<Filters, Refusal> {
    let mut found = Filters { limit: default_limit(world), ..Filters::default() };
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, raw) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned();
        let known = ["status", "productType", "entityType", "subCategory", "limit", "offset"].contains(&name);
        if !known {
            if world.is(Defect::UnknownParameterRefused) {
                wrong.push((name.to_owned(), "is unknown".to_owned()));
            }
            continue;
        }
        if seen.contains(&name) {
            wrong.push((name.to_owned(), "is given twice".to_owned()));
            continue;
        }
        seen.push(name);
        if value.trim().is_empty() && world.is(Defect::BlankIgnored) {
            continue;
        }
        found.comma_was_encoded |= name == "status" && raw.to_ascii_lowercase().contains("%2c");
        let raw = if world.is(Defect::CategoryNotDecoded) { raw } else { &value };
        if let Err(problem) = parameter(world, &mut found, name, &value, raw) {
            wrong.push((name.to_owned(), problem));
        }
    }
    if world.choices().needs_type && found.product_types.is_none() {
        if world.choices().unprocessable {
            return Err(Refusal::Unprocessable("productType"));
        }
        wrong.push(("productType".to_owned(), "is required".to_owned()));
    }
    if wrong.is_empty() { Ok(found) } else { Err(Refusal::Form(wrong)) }
}

fn default_limit(world: &World) -> usize {
    if world.is(Defect::Default20) {
        20
    } else if world.is(Defect::Default100) {
        100
    } else {
        50
    }
}

fn parameter(world: &World, found: &mut Filters, name: &str, value: &str, raw: &str) -> Result<(), String> {
    let several = |known: &[&str]| -> Result<Vec<String>, String> {
        let parts: Vec<String> = value.split(',').map(str::to_owned).collect();
        let unknown = parts.iter().find(|part| !known.contains(&part.as_str()));
        unknown
            .map_or(Ok(parts.clone()), |unknown| Err(format!("{unknown:?} is none of {}", known.join(", "))))
    };
    match name {
        "status" => {
            let mut statuses = match several(&STATUSES) {
                Err(_) if world.is(Defect::UnknownStatusIgnored) => {
                    value.split(',').map(str::to_owned).collect()
                }
                other => other?,
            };
            if world.is(Defect::CommaEncoded) && found.comma_was_encoded {
                statuses = vec![value.to_owned()];
            }
            if world.is(Defect::SecondStatusIgnored) {
                statuses.truncate(1);
            }
            if world.is(Defect::ThirdStatusIgnored) {
                statuses.truncate(2);
            }
            value.clone_into(&mut found.status);
            found.statuses = Some(statuses).filter(|_| !world.is(Defect::StatusIgnored));
        }
        "productType" => {
            let known: &[&str] =
                if world.choices().only_manual { &["manual"] } else { &["auto", "manual", "inventory"] };
            found.product_types = Some(several(known)?);
        }
        "entityType" if ENTITY_TYPES.contains(&value) => {
            let ignored = world.is(Defect::EntityIgnored)
                || (world.is(Defect::ServicesUnfiltered) && value == "smm_service");
            found.entity_type = Some(value.to_owned()).filter(|_| !ignored);
        }
        "entityType" => return Err("is product or smm_service".to_owned()),
        "subCategory" if value.trim().is_empty() => return Err("is empty".to_owned()),
        "subCategory" => {
            found.sub_category = Some(raw.to_owned()).filter(|_| !world.is(Defect::CategoryIgnored));
        }
        "limit" => {
            let number = whole(value).ok_or("is no integer of 1 to 500")?;
            if world.is(Defect::Limit31Fails) && number == 1 << 31 {
                found.limit = 1;
                return Ok(());
            }
            let most = if world.is(Defect::NoMost) { 1000 } else { 500 };
            if number == 0 && world.is(Defect::LimitZeroTaken) {
                found.limit = 500;
            } else if (1..=most).contains(&number) {
                found.limit = match () {
                    () if world.is(Defect::Most250) => number.min(250),
                    () if world.is(Defect::Most499) => number.min(499),
                    () => number,
                };
            } else {
                return Err("is no integer of 1 to 500".to_owned());
            }
        }
        _ => {
            found.offset = match whole(value) {
                Some(number) => number,
                None if value.starts_with('-') && world.is(Defect::NegativeOffset) => 0,
                None => return Err("is no integer of 0 or more".to_owned()),
            };
        }
    }
    Ok(())
}

/// A whole number of 0 or more; the largest there is for those beyond it.
fn whole(value: &str) -> Option<usize> {
    let is_whole = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    is_whole.then(|| value.parse().unwrap_or(usize::MAX))
}

/// The page's numbers, `total`, and the numbers of all that may be handed out.
#[expect(clippy::too_many_lines, reason = "each defect is a line where its rule is kept")]
fn select(
    world: &World,
    state: &State,
    filters: &Filters,
    who: usize,
    key: &str,
    now: u64,
) -> (Vec<u64>, usize, Vec<u64>) {
    let mut all: Vec<&Order> = state
        .orders
        .values()
        .filter(|order| matches(world, order, filters, who, world.clock_at(now)))
        .collect();
    all.sort_by_key(|order| (order.created, order.number));
    if world.is(Defect::SortByText) {
        all.sort_by_key(|order| order.number.to_string());
    }
    if world.is(Defect::SortByUpdate) {
        all.sort_by_key(|order| order.updated);
    }
    if world.is(Defect::NewestFirst) || world.choices().newest_first {
        all.reverse();
    }
    if world.choices().newest_first && world.choices().one_moment {
        all.sort_by_key(|order| (std::cmp::Reverse(order.created), order.number));
    }
    let kept = &state.recent[state.recent.len().saturating_sub(100)..];
    let is_free = |order: &&&Order| {
        let forgotten = world.is(Defect::Withheld100) && !kept.contains(&order.number);
        forgotten || !is_withheld(world, order, filters, who, key, now)
    };
    let mut free: Vec<u64> = all.iter().filter(is_free).map(|order| order.number).collect();
    let matching = free.clone();
    let mut total = if world.is(Defect::TotalWithWithheld) { all.len() } else { free.len() };
    if world.is(Defect::UnpaidInTotal) || world.is(Defect::OthersInTotal) {
        let counts = |order: &&Order| {
            let mut order = (*order).clone();
            if world.is(Defect::UnpaidInTotal) {
                "completed".clone_into(&mut order.payment);
            } else {
                order.items.iter_mut().for_each(|item| item.owner = who);
            }
            matches(world, &order, filters, who, world.clock_at(now))
                && !is_withheld(world, &order, filters, who, key, now)
        };
        total = state.orders.values().filter(counts).count();
    }
    if world.is(Defect::ItemsInTotal) {
        let free = all.iter().filter(is_free);
        total = free.map(|order| order.items_of(who).count()).sum();
    }
    if world.is(Defect::TotalUnfiltered) {
        let unfiltered = Filters { product_types: filters.product_types.clone(), ..Filters::default() };
        total = state
            .orders
            .values()
            .filter(|order| matches(world, order, &unfiltered, who, world.clock_at(now)))
            .count();
    }
    if world.is(Defect::LimitBeforeFilter) {
        let head = all.iter().skip(filters.offset).take(filters.limit).map(|order| order.number);
        let head: Vec<u64> = head.collect();
        return (free.into_iter().filter(|number| head.contains(number)).collect(), total, matching);
    }
    let offset = match filters.offset {
        0 => 0,
        _ if world.is(Defect::OffsetIgnored) => 0,
        offset if world.is(Defect::OffsetOneMore) => offset.saturating_add(1),
        offset if world.is(Defect::OffsetInPages) => offset.saturating_mul(filters.limit),
        offset => offset,
    };
    let mut limit = filters.limit;
    if world.is(Defect::LimitOneFewer) {
        limit = (limit - 1).max(1);
    }
    if world.is(Defect::LimitOneMore) {
        limit += 1;
    }
    if world.is(Defect::OffsetCountsWithheld) {
        let behind = all.iter().skip(offset).filter(is_free);
        free = behind.map(|order| order.number).collect();
    } else {
        free = free.into_iter().skip(offset).collect();
    }
    if world.is(Defect::TotalBehindOffset) {
        total = free.len();
    }
    if world.is(Defect::LimitExact) && free.len() == limit && limit > 1 {
        limit -= 1;
    }
    if world.is(Defect::JoinLimit) {
        let mut rows = 0;
        free.retain(|number| {
            let before = rows;
            rows += state.orders.get(number).map_or(1, |order| order.items_of(who).count());
            before < limit
        });
    }
    free.truncate(limit);
    if world.is(Defect::TotalCapped) {
        total = total.min(500);
    }
    if world.is(Defect::TotalIsCount) {
        total = free.len();
    }
    (free, total, matching)
}

#[expect(clippy::too_many_arguments, reason = "all that a defect may make of a page")]
fn hand_out(
    world: &World,
    state: &mut State,
    page: &[u64],
    matching: &[u64],
    filters: &Filters,
    who: usize,
    key: &str,
    now: u64,
) {
    let mut numbers = page.to_vec();
    if world.is(Defect::WithheldByMatch) {
        numbers = matching.to_vec();
    }
    if world.is(Defect::SkippedWithheld) {
        numbers.extend(matching.iter().take(filters.offset));
    }
    for number in numbers {
        if let Some(order) = state.orders.get_mut(&number) {
            order.handed_out[who] = Some(now);
            order.times[who] += 1;
            order.by = (filters.status.clone(), key.to_owned());
            if world.is(Defect::Withheld100) {
                state.recent.retain(|recent| *recent != number);
                state.recent.push(number);
            }
        }
    }
    if world.is(Defect::PollExtends) {
        for order in state.orders.values_mut().filter(|order| order.handed_out[who].is_some()) {
            order.handed_out[who] = Some(now);
        }
    }
}
