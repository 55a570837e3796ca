//! A sorted, persistent map with ranks.
//!
//! A B+ tree whose branches count the keys below them. Selecting by rank, counting the keys before a key, inserting and
//! removing cost O(log n). A clone costs one pointer; clones share every node that neither has changed. (The persistent
//! maps of known libraries have no ranks. Their persistent vectors have no order, and rebuild more on an insertion in the
//! middle.)

use std::sync::Arc;

/// The most keys in a leaf, and the most children of a branch.
const CAPACITY: usize = 48;

/// A sorted map, cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct RankedMap<K, V> {
    root: Arc<Node<K, V>>,
    len: usize,
    /// The least key, cached: a page needs it of every map, and nothing else of most maps.
    first: Option<K>,
}

#[derive(Debug, Clone)]
enum Node<K, V> {
    Leaf(Vec<(K, V)>),
    /// Never empty; neither is a child.
    Branch(Vec<Child<K, V>>),
}

#[derive(Debug, Clone)]
struct Child<K, V> {
    /// The least key below.
    first: K,
    /// How many keys are below.
    len: usize,
    node: Arc<Node<K, V>>,
}

impl<K, V> Default for RankedMap<K, V> {
    fn default() -> Self {
        Self { root: Arc::new(Node::Leaf(Vec::new())), len: 0, first: None }
    }
}

impl<K: Ord + Copy, V: Clone> RankedMap<K, V> {
    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The least key.
    pub(super) fn first(&self) -> Option<&K> {
        self.first.as_ref()
    }

    /// Adds `key`, or replaces its value.
    pub(super) fn insert(&mut self, key: K, value: V) {
        let Inserted { added, split } = Node::insert(&mut self.root, key, value);
        if let Some(right) = split {
            let left = Child::over(Arc::clone(&self.root));
            self.root = Arc::new(Node::Branch(left.into_iter().chain([right]).collect()));
        }
        self.len += usize::from(added);
        self.first = Some(self.first.map_or(key, |first| first.min(key)));
    }

    /// Removes `key`, and returns its value if it was there.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        if !self.contains(key) {
            return None;
        }
        let removed = Node::remove(&mut self.root, key);
        self.flatten();
        self.len -= usize::from(removed.is_some());
        if self.first.as_ref() == Some(key) {
            self.first = self.root.first().copied();
        }
        removed
    }

    /// Replaces branches that have one child by the child.
    fn flatten(&mut self) {
        while let Node::Branch(children) = &*self.root {
            match children.as_slice() {
                [] => self.root = Arc::new(Node::Leaf(Vec::new())),
                [only] => self.root = Arc::clone(&only.node),
                _ => break,
            }
        }
    }

    /// Whether `key` is there.
    pub(super) fn contains(&self, key: &K) -> bool {
        self.select(self.rank(key)).is_some_and(|(found, _)| found == key)
    }

    /// How many keys are less than `key`.
    pub(super) fn rank(&self, key: &K) -> usize {
        let mut before = 0;
        let mut node = &self.root;
        loop {
            match &**node {
                Node::Leaf(keys) => return before + keys.partition_point(|(other, _)| other < key),
                Node::Branch(children) => {
                    let index = route(children, key);
                    before += children[..index].iter().map(|child| child.len).sum::<usize>();
                    node = &children[index].node;
                }
            }
        }
    }

    /// The key of rank `rank`, from 0, and its value.
    pub(super) fn select(&self, rank: usize) -> Option<&(K, V)> {
        self.leaf_from(rank).first()
    }

    /// The keys from rank `rank` on with their values, in order, up to the end of their leaf; empty only at the end of the
    /// map. The caller asks again for more, which costs one descent for each leaf and no stack.
    pub(super) fn leaf_from(&self, rank: usize) -> &[(K, V)] {
        let mut rank = rank;
        let mut node = &self.root;
        loop {
            match &**node {
                Node::Leaf(keys) => return keys.get(rank..).unwrap_or_default(),
                Node::Branch(children) => {
                    let within = children.iter().find(|child| {
                        let here = rank < child.len;
                        rank -= if here { 0 } else { child.len };
                        here
                    });
                    let Some(child) = within else { return &[] };
                    node = &child.node;
                }
            }
        }
    }
}

/// The child below which `key` is, or would be.
fn route<K: Ord, V>(children: &[Child<K, V>], key: &K) -> usize {
    children.partition_point(|child| child.first <= *key).saturating_sub(1)
}

/// The result of an insertion into a node.
struct Inserted<K, V> {
    /// Whether the key is new.
    added: bool,
    /// The new node right of the node, if the node was full.
    split: Option<Child<K, V>>,
}

impl<K: Ord + Copy, V: Clone> Node<K, V> {
    fn len(&self) -> usize {
        match self {
            Self::Leaf(keys) => keys.len(),
            Self::Branch(children) => children.iter().map(|child| child.len).sum(),
        }
    }

    fn first(&self) -> Option<&K> {
        match self {
            Self::Leaf(keys) => keys.first().map(|(key, _)| key),
            Self::Branch(children) => children.first().map(|child| &child.first),
        }
    }

    fn width(&self) -> usize {
        match self {
            Self::Leaf(keys) => keys.len(),
            Self::Branch(children) => children.len(),
        }
    }

    fn insert(node: &mut Arc<Self>, key: K, value: V) -> Inserted<K, V> {
        match Arc::make_mut(node) {
            Self::Leaf(keys) => {
                let index = match keys.binary_search_by_key(&key, |(other, _)| *other) {
                    Err(index) => index,
                    Ok(index) => {
                        keys[index].1 = value;
                        return Inserted { added: false, split: None };
                    }
                };
                keys.insert(index, (key, value));
                let split = overflow(keys, index).and_then(|right| Child::over(Arc::new(Self::Leaf(right))));
                Inserted { added: true, split }
            }
            Self::Branch(children) => {
                let index = route(children, &key);
                let child = &mut children[index];
                let Inserted { added, split } = Self::insert(&mut child.node, key, value);
                child.first = child.first.min(key);
                child.len += usize::from(added);
                let Some(right) = split else { return Inserted { added, split: None } };
                child.len -= right.len;
                children.insert(index + 1, right);
                let split = overflow(children, index + 1)
                    .and_then(|right| Child::over(Arc::new(Self::Branch(right))));
                Inserted { added, split }
            }
        }
    }

    /// Removes `key`, which must be there. The node may be empty afterwards.
    fn remove(node: &mut Arc<Self>, key: &K) -> Option<V> {
        match Arc::make_mut(node) {
            Self::Leaf(keys) => {
                let index = keys.binary_search_by_key(key, |(other, _)| *other).ok()?;
                Some(keys.remove(index).1)
            }
            Self::Branch(children) => {
                let index = route(children, key);
                let child = &mut children[index];
                let removed = Self::remove(&mut child.node, key);
                child.len -= 1;
                match child.node.first() {
                    Some(first) => child.first = *first,
                    None => drop(children.remove(index)),
                }
                join(children, index);
                removed
            }
        }
    }

    /// Appends the entries of `right`, which has the same height.
    fn append(&mut self, right: &Self) {
        match (self, right) {
            (Self::Leaf(keys), Self::Leaf(more)) => keys.extend_from_slice(more),
            (Self::Branch(children), Self::Branch(more)) => children.extend_from_slice(more),
            _ => unreachable!("the leaves of a tree are all at one depth"),
        }
    }
}

impl<K: Ord + Copy, V: Clone> Child<K, V> {
    /// `None` over an empty node.
    fn over(node: Arc<Node<K, V>>) -> Option<Self> {
        Some(Self { first: *node.first()?, len: node.len(), node })
    }
}

/// Splits off the right part of `entries` if there are too many. A map that grows at its end, as orders do by time, keeps
/// its nodes full: only the newest entry moves.
fn overflow<T>(entries: &mut Vec<T>, newest: usize) -> Option<Vec<T>> {
    let keep = if newest == CAPACITY { CAPACITY } else { CAPACITY / 2 };
    (entries.len() > CAPACITY).then(|| entries.split_off(keep))
}

/// Joins the child at `index` with a neighbour if both together are small, so that a map that shrinks gets flat.
fn join<K: Ord + Copy, V: Clone>(children: &mut Vec<Child<K, V>>, index: usize) {
    for left in [index.saturating_sub(1), index] {
        let Some([first, second]) = children.get(left..left + 2) else { continue };
        if first.node.width() + second.node.width() <= CAPACITY / 2 {
            let right = children.remove(left + 1);
            let child = &mut children[left];
            Arc::make_mut(&mut child.node).append(&right.node);
            child.len += right.len;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// The invariants of the tree, and its height.
    fn check(node: &Node<u16, u8>, is_root: bool) -> usize {
        assert!(node.width() <= CAPACITY);
        match node {
            Node::Leaf(keys) => {
                assert!(is_root || !keys.is_empty());
                1
            }
            Node::Branch(children) => {
                assert!(children.len() > usize::from(is_root));
                let heights: BTreeSet<_> = children
                    .iter()
                    .map(|child| {
                        assert_eq!((Some(&child.first), child.len), (child.node.first(), child.node.len()));
                        check(&child.node, false)
                    })
                    .collect();
                assert_eq!(heights.len(), 1, "all leaves at one depth");
                1 + heights.into_iter().sum::<usize>()
            }
        }
    }

    fn from(map: &RankedMap<u16, u8>, rank: usize) -> Vec<(u16, u8)> {
        let mut entries = Vec::new();
        loop {
            match map.leaf_from(rank + entries.len()) {
                [] => return entries,
                more => entries.extend_from_slice(more),
            }
        }
    }

    fn agree(map: &RankedMap<u16, u8>, model: &BTreeMap<u16, u8>) {
        check(&map.root, true);
        assert!(from(map, 0).iter().map(|(key, value)| (key, value)).eq(model));
        assert_eq!((map.len(), map.first()), (model.len(), model.keys().next()));
        for (rank, (key, value)) in model.iter().enumerate().step_by(7) {
            assert_eq!((map.rank(key), map.select(rank)), (rank, Some(&(*key, *value))));
            assert!(from(map, rank).iter().map(|(key, value)| (key, value)).eq(model.range(key..)));
        }
        assert_eq!(map.select(model.len()), None);
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_sorted_map_and_a_clone_keeps_what_it_had(
            steps in prop::collection::vec((any::<Option<u8>>(), 0..600_u16), 1..3_000),
            fork_at in 0..3_000_usize,
        ) {
            let (mut map, mut model) = (RankedMap::default(), BTreeMap::new());
            let mut fork = None;
            for (index, (value, key)) in steps.into_iter().enumerate() {
                if let Some(value) = value {
                    map.insert(key, value);
                    model.insert(key, value);
                } else {
                    prop_assert_eq!(map.remove(&key), model.remove(&key));
                }
                prop_assert_eq!((map.contains(&key), map.first()), (value.is_some(), model.keys().next()));
                if index == fork_at {
                    fork = Some((map.clone(), model.clone()));
                }
            }
            agree(&map, &model);
            if let Some((map, model)) = fork {
                agree(&map, &model);
            }
        }
    }

    proptest! {
        // A case has three levels of nodes, and inserts and removes every key: 32 cases are enough.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn it_grows_at_its_end_and_drains_from_its_front(count in 1..5_000_u16, left in 0..100_u16) {
            let mut map = RankedMap::default();
            let model = |keys: std::ops::Range<u16>| keys.map(|key| (key, 0)).collect();
            for key in 0..count {
                map.insert(key, 0);
            }
            agree(&map, &model(0..count));
            for key in 0..count.saturating_sub(left) {
                map.remove(&key);
            }
            agree(&map, &model(count.saturating_sub(left)..count));
        }
    }
}
