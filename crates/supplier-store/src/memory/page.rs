//! A page of the merge of several sorted maps, at the cost of the page.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use super::ranked_map::RankedMap;

/// Shows `visit` the `limit` keys after the first `offset` ones of all the `maps` together, in order, each with the index
/// of its map and its value.
///
/// A key must stand in one map at most.
pub(super) fn merge<K: Ord + Copy, V: Clone>(
    maps: &[&RankedMap<K, V>],
    offset: usize,
    limit: usize,
    mut visit: impl FnMut(usize, K, &V),
) {
    let starts = split(maps, offset);
    let mut runs: Vec<_> =
        maps.iter().zip(starts).map(|(map, rank)| Run { map, rank, at_hand: &[] }).collect();
    let mut heads = Vec::with_capacity(runs.len());
    heads.extend(runs.iter().enumerate().filter_map(|(which, run)| Some(Head { key: run.first()?, which })));
    let mut heads = BinaryHeap::from(heads);
    for _ in 0..limit {
        let Some(mut head) = heads.peek_mut() else { return };
        let which = head.which;
        let run = &mut runs[which];
        if let Some((key, value)) = run.next() {
            visit(which, *key, value);
        }
        // Replacing the head and letting it sink is one step where a pop and a push would be two.
        match run.peek() {
            Some(key) => head.key = key,
            None => drop(PeekMut::pop(head)),
        }
    }
}

/// The next key of a map. The heap keeps its greatest on top, so the lesser key is the greater head.
struct Head<K> {
    key: K,
    which: usize,
}

impl<K: Ord> Ord for Head<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

impl<K: Ord> PartialOrd for Head<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord> PartialEq for Head<K> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<K: Ord> Eq for Head<K> {}

/// What is left of a map.
struct Run<'a, K, V> {
    map: &'a RankedMap<K, V>,
    /// Where in the map that begins which is not at hand yet.
    rank: usize,
    /// The entries before that, of one leaf. Of most maps none comes into the page, and their leaves are not read.
    at_hand: &'a [(K, V)],
}

impl<'a, K: Ord + Copy, V: Clone> Run<'a, K, V> {
    /// The first key, before any was taken.
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

/// How many keys of each map are among the first `offset` of all: positions that sum up to `offset`, or the maps' ends.
///
/// Each round takes a key out of the map with the widest open range, counts what lies before it everywhere, and so
/// narrows that range and the others. By turns it is the key at which the offset would lie if the keys were spread
/// evenly, which mostly comes close at once, and the middle one, which halves the range however they are spread. Of a
/// map whose range has closed the part is known, and it is not asked again.
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
            // The pivot itself is among the first too.
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
