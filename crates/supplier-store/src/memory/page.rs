//! A page of the merge of several sorted maps, at the cost of the page.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::iter::Peekable;

use super::ranked_map::{Iter, RankedMap};

/// The `limit` keys after the first `offset` ones of all the `maps` together, in order, each with the index of its map
/// and its value.
///
/// A key must stand in one map at most.
pub(super) fn merge<K: Ord + Copy, V: Clone>(
    maps: &[&RankedMap<K, V>],
    offset: usize,
    limit: usize,
) -> Vec<(usize, K, V)> {
    let mut runs: Vec<_> =
        maps.iter().zip(split(maps, offset)).map(|(map, start)| Run { map, start, iter: None }).collect();
    let mut heads: BinaryHeap<_> =
        runs.iter().enumerate().filter_map(|(which, run)| Some(Reverse((run.first()?, which)))).collect();
    let mut page = Vec::with_capacity(limit.min(maps.iter().map(|map| map.len()).sum()));
    while page.len() < limit
        && let Some(mut head) = heads.peek_mut()
    {
        let Reverse((key, which)) = *head;
        let (value, next) = runs[which].take();
        page.extend(value.map(|value| (which, key, value)));
        // Replacing the head and letting it sink is one step where a pop and a push would be two.
        match next {
            Some(next) => *head = Reverse((next, which)),
            None => drop(PeekMut::pop(head)),
        }
    }
    page
}

/// A map's part of a page. Of most maps no key comes into it, so nothing but the first is looked for before one does.
struct Run<'a, K, V> {
    map: &'a RankedMap<K, V>,
    start: usize,
    iter: Option<Peekable<Iter<'a, K, V>>>,
}

impl<K: Ord + Copy, V: Clone> Run<'_, K, V> {
    fn first(&self) -> Option<K> {
        if self.start == 0 {
            self.map.first().copied()
        } else {
            self.map.select(self.start).map(|(key, _)| *key)
        }
    }

    /// The value of the key that is next, and the key after it.
    fn take(&mut self) -> (Option<V>, Option<K>) {
        let (map, start) = (self.map, self.start);
        let iter = self.iter.get_or_insert_with(|| map.iter_from(start).peekable());
        (iter.next().map(|(_, value)| value.clone()), iter.peek().map(|(key, _)| *key))
    }
}

/// How many keys of each map are among the first `offset` of all: positions that sum up to `offset`, or the maps' ends.
///
/// Each round takes the middle key of the map with the widest open range, counts what lies before it everywhere, and
/// so halves that range and narrows the others.
fn split<K: Ord + Copy, V: Clone>(maps: &[&RankedMap<K, V>], offset: usize) -> Vec<usize> {
    let mut ends: Vec<_> = maps.iter().map(|map| map.len()).collect();
    if offset >= ends.iter().sum() {
        return ends;
    }
    let mut starts = vec![0; maps.len()];
    if offset == 0 {
        return starts;
    }
    loop {
        let widest = (0..maps.len()).max_by_key(|&which| ends[which] - starts[which]);
        let Some(widest) = widest.filter(|&which| ends[which] > starts[which]) else { return starts };
        let middle = usize::midpoint(starts[widest], ends[widest]);
        let Some((pivot, _)) = maps[widest].select(middle) else { return starts };
        let before: Vec<_> = maps.iter().map(|map| map.rank(pivot)).collect();
        let count: usize = before.iter().sum();
        if count == offset {
            return before;
        }
        for which in 0..maps.len() {
            if count < offset {
                starts[which] = starts[which].max(before[which]);
            } else {
                ends[which] = ends[which].min(before[which]);
            }
        }
        if count < offset {
            // The pivot itself is among the first too.
            starts[widest] = starts[widest].max(middle + 1);
        }
    }
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
            let page = merge(&maps.iter().collect::<Vec<_>>(), offset, limit);
            let whole: Vec<_> = keys.into_iter().map(|(key, which)| (which, key, key + 1)).collect();
            let expected: Vec<_> = whole.into_iter().skip(offset).take(limit).collect();
            prop_assert_eq!(page, expected);
        }
    }
}
