//! A page of the merge of several sorted sets, at the cost of the page.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ranked_set::RankedSet;

/// The `limit` keys after the first `offset` ones of all the `sets` together, in order, each with the index of its set.
///
/// A key must stand in one set at most.
pub(super) fn merge<K: Ord + Copy>(sets: &[&RankedSet<K>], offset: usize, limit: usize) -> Vec<(usize, K)> {
    let starts = split(sets, offset);
    let mut runs: Vec<_> = sets.iter().zip(starts).map(|(set, start)| set.iter_from(start)).collect();
    let mut heads: BinaryHeap<_> =
        runs.iter_mut().enumerate().filter_map(|(which, run)| Some(Reverse((*run.next()?, which)))).collect();
    let mut page = Vec::new();
    while page.len() < limit
        && let Some(mut head) = heads.peek_mut()
    {
        let Reverse((key, which)) = *head;
        page.push((which, key));
        // Replacing the head and letting it sink is one step where a pop and a push would be two.
        match runs[which].next() {
            Some(next) => *head = Reverse((*next, which)),
            None => drop(std::collections::binary_heap::PeekMut::pop(head)),
        }
    }
    page
}

/// How many keys of each set are among the first `offset` of all: positions that sum up to `offset`, or the sets' ends.
///
/// Each round takes the middle key of the set with the widest open range, counts what lies before it everywhere, and
/// so halves that range and narrows the others.
fn split<K: Ord + Copy>(sets: &[&RankedSet<K>], offset: usize) -> Vec<usize> {
    let mut ends: Vec<_> = sets.iter().map(|set| set.len()).collect();
    if offset >= ends.iter().sum() {
        return ends;
    }
    let mut starts = vec![0; sets.len()];
    if offset == 0 {
        return starts;
    }
    loop {
        let widest = (0..sets.len()).max_by_key(|&which| ends[which] - starts[which]);
        let Some(widest) = widest.filter(|&which| ends[which] > starts[which]) else { return starts };
        let middle = usize::midpoint(starts[widest], ends[widest]);
        let Some(pivot) = sets[widest].select(middle) else { return starts };
        let before: Vec<_> = sets.iter().map(|set| set.rank(pivot)).collect();
        let count: usize = before.iter().sum();
        if count == offset {
            return before;
        }
        for which in 0..sets.len() {
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
            let mut sets = vec![RankedSet::default(); 5];
            for (key, which) in &keys {
                sets[*which].insert(*key);
            }
            let page = merge(&sets.iter().collect::<Vec<_>>(), offset, limit);
            let whole: Vec<_> = keys.into_iter().map(|(key, which)| (which, key)).collect();
            let expected: Vec<_> = whole.into_iter().skip(offset).take(limit).collect();
            prop_assert_eq!(page, expected);
        }
    }
}
