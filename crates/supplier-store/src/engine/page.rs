//! Merge of sorted maps: reads one page, at the cost of the page.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use super::ranked_map::RankedMap;

/// Merges `maps`, skips the first `offset` keys, and calls `visit` with the next `limit` keys in order, each with the index
/// of its map and its value.
///
/// A key must be in one map at most.
pub(super) fn merge<K: Ord + Copy, V: Clone>(
    maps: &[&RankedMap<K, V>],
    offset: usize,
    limit: usize,
    mut visit: impl FnMut(usize, K, &V),
) {
    let starts = split(maps, offset);
    let mut runs: Vec<_> =
        maps.iter().zip(starts).map(|(map, rank)| Run { map, rank, at_hand: &[] }).collect();
    // The next key of each map; the least is on top.
    let mut heads = Vec::with_capacity(runs.len());
    heads.extend(runs.iter().enumerate().filter_map(|(which, run)| Some(Reverse((run.first()?, which)))));
    let mut heads = BinaryHeap::from(heads);
    for _ in 0..limit {
        let Some(mut head) = heads.peek_mut() else { return };
        let Reverse((_, which)) = *head;
        let run = &mut runs[which];
        if let Some((key, value)) = run.next() {
            visit(which, *key, value);
        }
        // Replacing the head and letting it sink is one step where a pop and a push would be two.
        match run.peek() {
            Some(key) => head.0.0 = key,
            None => drop(PeekMut::pop(head)),
        }
    }
}

/// The unread part of a map.
struct Run<'a, K, V> {
    map: &'a RankedMap<K, V>,
    /// The rank of the first key after `at_hand`.
    rank: usize,
    /// Entries of one leaf. The leaf is read when an entry is needed: most maps have none in the page.
    at_hand: &'a [(K, V)],
}

impl<'a, K: Ord + Copy, V: Clone> Run<'a, K, V> {
    /// The first key, before any is read.
    fn first(&self) -> Option<K> {
        if self.rank == 0 {
            self.map.first().copied()
        } else {
            self.map.select(self.rank).map(|(key, _)| *key)
        }
    }

    fn reach(&mut self) {
        if self.at_hand.is_empty() {
            self.at_hand = self.map.leaf_from(self.rank);
            self.rank += self.at_hand.len();
        }
    }

    fn next(&mut self) -> Option<&'a (K, V)> {
        self.reach();
        let (next, rest) = self.at_hand.split_first()?;
        self.at_hand = rest;
        Some(next)
    }

    fn peek(&mut self) -> Option<K> {
        self.reach();
        self.at_hand.first().map(|(key, _)| *key)
    }
}

/// How many keys of each map are among the first `offset` keys of all maps: ranks whose sum is `offset`, or the maps' ends.
///
/// Each round picks a pivot key from the map with the widest open range, and counts the keys before the pivot in every map,
/// which narrows the ranges. Odd rounds pick the key at which the offset would be if the keys were spread evenly, which is
/// mostly close. Even rounds pick the middle key, which halves the range however the keys are spread. A map whose range is
/// closed is not read again.
fn split<K: Ord + Copy, V: Clone>(maps: &[&RankedMap<K, V>], offset: usize) -> Vec<usize> {
    let mut ends: Vec<_> = maps.iter().map(|map| map.len()).collect();
    if offset >= ends.iter().sum() {
        return ends;
    }
    let mut starts = vec![0; maps.len()];
    if offset == 0 {
        return starts;
    }
    let mut guess = true;
    loop {
        let widest = (0..maps.len()).max_by_key(|&which| ends[which] - starts[which]);
        let Some(widest) = widest.filter(|&which| ends[which] > starts[which]) else { return starts };
        let width = ends[widest] - starts[widest];
        let (closed, open) = (starts.iter().sum::<usize>(), ends.iter().sum::<usize>());
        let within = if guess { share(width, offset - closed, open - closed) } else { width / 2 };
        guess = !guess;
        let position = starts[widest] + within.min(width - 1);
        let Some((pivot, _)) = maps[widest].select(position) else { return starts };
        let rank = |which: usize| {
            let (start, end) = (starts[which], ends[which]);
            if start == end { start } else { maps[which].rank(pivot).clamp(start, end) }
        };
        let before: Vec<_> = (0..maps.len()).map(rank).collect();
        let count: usize = before.iter().sum();
        if count == offset {
            return before;
        }
        if count < offset {
            starts = before;
            // The pivot itself is among the first keys, too.
            starts[widest] = position + 1;
        } else {
            ends = before;
        }
    }
}

/// `width` times `part` of `whole`.
fn share(width: usize, part: usize, whole: usize) -> usize {
    let share = width as u128 * part as u128 / (whole as u128).max(1);
    usize::try_from(share).unwrap_or(width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Rules: `list.order`, `list.limit`, `list.offset`, `list.no-duplicates`.
        #[test]
        fn any_page_is_the_slice_of_the_sorted_whole(
            keys in prop::collection::btree_map(0..2_000_u32, 0..5_usize, 0..400),
            offset in 0..450_usize, limit in 1..100_usize,
        ) {
            let mut maps = vec![RankedMap::default(); 5];
            for (key, which) in &keys {
                maps[*which].insert(*key, key + 1);
            }
            let mut page = Vec::new();
            merge(&maps.iter().collect::<Vec<_>>(), offset, limit, |which, key, value| page.push((which, key, *value)));
            let whole: Vec<_> = keys.into_iter().map(|(key, which)| (which, key, key + 1)).collect();
            let expected: Vec<_> = whole.into_iter().skip(offset).take(limit).collect();
            prop_assert_eq!(page, expected);
        }
    }
}
