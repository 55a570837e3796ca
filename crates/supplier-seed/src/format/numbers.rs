//! Order numbers, each of which may be used once.

use std::fmt;

use crate::reading::{FieldPath, Report};

/// Order numbers that parts of a file claim.
#[derive(Default)]
pub(super) struct Numbers(Vec<Claim>);

struct Claim {
    first: u64,
    last: u64,
    owner: String,
    place: FieldPath,
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, owner, .. } = self;
        if first == last {
            write!(f, "{owner}, which has the number {first}")
        } else {
            write!(f, "{owner}, which has the numbers {first} to {last}")
        }
    }
}

impl Numbers {
    /// Claims the numbers from `first` to `last` for `owner`. A problem is noted at `place`.
    pub(super) fn claim(&mut self, owner: &FieldPath, place: &FieldPath, first: u64, last: u64) {
        self.0.push(Claim { first, last, owner: owner.field.clone(), place: place.clone() });
    }

    /// Notes every number that is claimed twice, at the later claim.
    pub(super) fn refuse_overlaps(mut self, report: &Report<'_>) {
        self.0.sort_by_key(|claim| (claim.first, claim.place.offset));
        let mut claims = self.0.into_iter();
        let Some(mut furthest) = claims.next() else { return };
        for claim in claims {
            if claim.first <= furthest.last {
                let (earlier, later) = if claim.place.offset < furthest.place.offset {
                    (&claim, &furthest)
                } else {
                    (&furthest, &claim)
                };
                report.add(&later.place, format_args!("overlaps with {earlier}; choose other numbers"));
            }
            if claim.last > furthest.last {
                furthest = claim;
            }
        }
    }
}
