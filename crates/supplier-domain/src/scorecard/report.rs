//! Scorecard report.

use std::cmp::Reverse;

use supplier_rulebook::RuleId;

use crate::{OrderId, RequestId};

/// What is to be said of a supplier's client.
///
/// A practice's points are the share of its occasions on which it was kept, in whole percent, rounded down. The score
/// is the mean of the points of the practices that were observed, rounded down: 100 means that nothing was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// 0 to 100; `None` if no practice was observed.
    pub score: Option<u8>,
    /// A report on each practice, in the rulebook's order.
    pub practices: Vec<PracticeReport>,
}

impl Report {
    /// How many of the practices were observed: what the score rests on.
    pub fn observed(&self) -> usize {
        self.practices.iter().filter(|practice| practice.standing != Standing::NotObserved).count()
    }

    pub(super) fn of(practices: Vec<PracticeReport>) -> Self {
        let points: Vec<_> = practices.iter().filter_map(|practice| practice.points).collect();
        let sum: u64 = points.iter().map(|points| u64::from(*points)).sum();
        let score = sum.checked_div(points.len() as u64).and_then(|mean| u8::try_from(mean).ok());
        Self { score, practices }
    }

    /// What to change, what was seen most often first; of what was seen as often, that of the practice with the fewest
    /// points.
    pub fn next_steps(&self) -> Vec<(&PracticeReport, &Finding)> {
        let all =
            self.practices.iter().flat_map(|practice| practice.findings.iter().map(move |it| (practice, it)));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(practice, finding)| (Reverse(finding.count), practice.points));
        all
    }
}

/// How a client stands to a practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It was kept on every occasion.
    Met,
    /// It was not kept on some occasion; the findings say on which.
    NotMet,
    /// There was no occasion to judge it by.
    NotObserved,
}

impl Standing {
    /// The standing in lower-case words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not met",
            Self::NotObserved => "not observed",
        }
    }
}

/// What is to be said of one practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeReport {
    /// The practice, such as `practice.polling`.
    pub practice: RuleId,
    /// How the client stands to it.
    pub standing: Standing,
    /// The share of the occasions on which it was kept, 0 to 100; `None` if there was none.
    pub points: Option<u8>,
    /// How many occasions there were.
    pub occasions: u64,
    /// On how many of them it was kept.
    pub kept: u64,
    /// What was observed, good and bad, in one sentence with figures.
    pub summary: String,
    /// What was not as it should be; empty unless the practice is not met.
    pub findings: Vec<Finding>,
}

impl PracticeReport {
    /// On how many occasions it was not kept.
    pub fn lost(&self) -> u64 {
        self.occasions.saturating_sub(self.kept)
    }

    /// The report on `practice`, which was not kept on `lost` of `occasions`.
    pub(super) fn of<const N: usize>(
        practice: RuleId,
        occasions: u64,
        lost: u64,
        summary: String,
        findings: [Option<Finding>; N],
    ) -> Self {
        let kept = occasions.saturating_sub(lost);
        let share = (u128::from(kept) * 100).checked_div(u128::from(occasions));
        let standing = match (occasions, lost) {
            (0, _) => Standing::NotObserved,
            (_, 0) => Standing::Met,
            _ => Standing::NotMet,
        };
        Self {
            practice,
            standing,
            points: share.and_then(|share| u8::try_from(share).ok()),
            occasions,
            kept,
            summary,
            findings: findings.into_iter().flatten().collect(),
        }
    }
}

/// Something that a client should do in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was seen: a sentence with figures.
    pub sentence: String,
    /// What to change: one imperative sentence.
    pub advice: String,
    /// How often it was seen.
    pub count: u64,
    /// The ids of the first requests it was seen in, oldest first; at most 20.
    pub requests: Vec<RequestId>,
    /// The first orders it is about, if it is about orders; at most 20.
    pub orders: Vec<OrderId>,
}
