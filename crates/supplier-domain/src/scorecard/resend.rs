//! `practice.resend`: does the client, or its HTTP library, send a call again whose answer it did not get?

use serde::{Deserialize, Serialize};
use supplier_rulebook::PRACTICE_RESEND;

use super::gaps::Moment;
use super::mark::CallDigest;
use super::observation::{Observation, ObservedCall};
use super::report::{Finding, PracticeReport};
use super::tally::Tally;
use super::words::{counted, was};
use crate::{OrderId, RequestId, Timestamp};

/// Whoever sends a call again within this many milliseconds does so by itself: libraries wait 0 to 10 ms, and the retries
/// that people write begin at 100.
const BY_ITSELF: u64 = 50;
/// Whoever asks for orders again within this many milliseconds retries; later, that is the next poll.
const RETRY: u64 = 30_000;
/// How many lost calls are remembered to tell whether they come again.
const REMEMBERED: usize = 64;
/// How many orders of a lost page are named.
const NAMED: usize = super::MAX_EVIDENCE;

/// The call that another one repeats, whose answer nobody got (`practice.resend`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resend {
    /// The call whose answer was lost.
    pub of: RequestId,
    /// Whether that call did what it asked for.
    pub was_done: bool,
    /// How many milliseconds after that call's end the other one came, by the clock that says more.
    pub gap_millis: u64,
    /// Whether it came so soon that a program sent it again by itself: an HTTP library, or a proxy.
    pub is_automatic: bool,
    /// Whether both came through a proxy that named the same client, so that the proxy may have sent it again.
    pub may_be_proxy: bool,
    /// How many orders stood in the answer that was lost, and stay withheld.
    pub unseen: u64,
    /// Until when, by the sandbox's clock, they are withheld.
    pub unseen_until: Option<Timestamp>,
}

/// A call whose answer nobody got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LostCall {
    digest: CallDigest,
    forwarded_for: Option<CallDigest>,
    request: RequestId,
    came: Moment,
    /// When it was over, by the server's time, in milliseconds.
    ended: i64,
    /// Whether the client went away: when, is not known but for the limits.
    #[serde(default)]
    hung_up: bool,
    is_list: bool,
    was_done: bool,
    order: Option<OrderId>,
    unseen: u64,
    unseen_until: Option<i64>,
    /// The first orders of the page.
    page: Vec<OrderId>,
}

/// The occasions are the calls whose answers were lost. Whoever does nothing about one has kept the practice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Resends {
    lost: u64,
    open: Vec<LostCall>,
    automatic_lists: Tally,
    automatic_updates: Tally,
    retried_lists: Tally,
    /// How many orders the pages held that were asked for again.
    unseen: u64,
    /// Until when the last of them is withheld, in milliseconds by the sandbox's clock.
    unseen_until: Option<i64>,
}

impl LostCall {
    fn of(observation: &Observation) -> Self {
        let list = match &observation.call {
            ObservedCall::List(list) if observation.is_done => Some(list),
            _ => None,
        };
        let handed_out = list.map(|list| &list.handed_out[..]).unwrap_or_default();
        let until = list.and_then(|list| list.withheld_until);
        Self {
            digest: observation.digest,
            forwarded_for: observation.forwarded_for,
            request: observation.request,
            came: Moment::of(observation),
            ended: observation.ended.as_millis(),
            hung_up: observation.hung_up,
            is_list: observation.is_list(),
            was_done: observation.is_done,
            order: observation.order(),
            unseen: until.map_or(0, |_| handed_out.len() as u64),
            unseen_until: until.map(Timestamp::as_millis),
            page: handed_out.iter().take(NAMED).map(|it| it.order).collect(),
        }
    }

    /// What `again` is to it; `None` if that is a call that comes at its own time.
    fn resend(&self, again: &Observation) -> Option<Resend> {
        let took = self.ended.saturating_sub(self.came.server());
        // A client that moves a clock has waited as far as it knows (`Observation::server`).
        let by_sandbox = again.at.as_millis().saturating_sub(self.came.at()).saturating_sub(took);
        let by_server = again.server.as_millis().saturating_sub(self.ended);
        let gap = u64::try_from(by_sandbox.max(by_server)).ok()?;
        // Once the window is over the orders are there again, and to ask for them is right.
        let is_over = self.unseen_until.is_some_and(|until| again.at.as_millis() >= until);
        let is_soon = gap < RETRY && !is_over;
        // A client that went away may have waited since it sent the call.
        let longest = if self.hung_up { Moment::of(again).since(self.came) } else { gap };
        let is_automatic = is_soon && longest <= BY_ITSELF;
        is_soon.then_some(Resend {
            of: self.request,
            was_done: self.was_done,
            gap_millis: gap,
            is_automatic,
            may_be_proxy: is_automatic
                && self.forwarded_for.is_some()
                && self.forwarded_for == again.forwarded_for,
            unseen: self.unseen,
            unseen_until: self.unseen_until.map(Timestamp::from_millis),
        })
    }
}

impl Resends {
    /// Any call. Returns which lost call it repeats.
    pub(super) fn observe(&mut self, observation: &Observation) -> Option<Resend> {
        // What came while the lost call was under way is no answer to its loss.
        let server = observation.server.as_millis();
        let repeats = |lost: &LostCall| lost.digest == observation.digest && lost.ended <= server;
        let place = self.open.iter().position(repeats);
        let repeated = place.map(|place| self.open.remove(place));
        let resend = repeated.as_ref().and_then(|lost| lost.resend(observation));
        if let (Some(lost), Some(resend)) = (&repeated, &resend) {
            self.blame(observation, lost, resend);
        }
        if observation.is_lost() {
            self.lost = self.lost.saturating_add(1);
            if self.open.len() >= REMEMBERED {
                self.open.remove(0);
            }
            self.open.push(LostCall::of(observation));
        }
        resend
    }

    fn blame(&mut self, observation: &Observation, lost: &LostCall, resend: &Resend) {
        let tally = match (resend.is_automatic, lost.is_list) {
            (true, true) => &mut self.automatic_lists,
            (true, false) => &mut self.automatic_updates,
            // Without orders in the lost page, the retry has cost nothing.
            (false, true) if lost.unseen > 0 => &mut self.retried_lists,
            // To retry an update after a while is what `practice.errors` asks for.
            (false, _) => return,
        };
        tally.add(observation, lost.order);
        tally.name(&lost.page);
        self.unseen = self.unseen.saturating_add(lost.unseen);
        self.unseen_until = self.unseen_until.max(lost.unseen_until);
    }

    pub(super) fn report(&self) -> PracticeReport {
        let tallies = [&self.automatic_lists, &self.automatic_updates, &self.retried_lists];
        let lost = tallies.into_iter().fold(0_u64, |sum, tally| sum.saturating_add(tally.count()));
        let summary = format!(
            "{} {} lost on the way; {lost} of those calls {} sent again.",
            counted(self.lost, "answer"),
            was(self.lost),
            was(lost)
        );
        let findings = [self.list_finding(), self.update_finding(), self.retry_finding()];
        PracticeReport::of(PRACTICE_RESEND, self.lost, lost, summary, findings)
    }

    /// What it costs to ask again: nothing, or orders that nobody sees for a while.
    fn cost(&self) -> String {
        match self.unseen_until.map(Timestamp::from_millis) {
            Some(until) if self.unseen > 0 => {
                let (orders, stay) = match self.unseen {
                    1 => ("1 order".to_owned(), "stays"),
                    count => (format!("{count} orders"), "stay"),
                };
                format!(", and {orders} of the lost pages {stay} unseen until {until}")
            }
            _ => String::new(),
        }
    }

    fn list_finding(&self) -> Option<Finding> {
        self.automatic_lists.finding(
            |count| {
                let calls = counted(count, "list call");
                format!(
                    "{calls} {} sent again within {BY_ITSELF} ms after a lost answer: your HTTP client, or a proxy, did this by \
                     itself{}",
                    was(count),
                    self.cost()
                )
            },
            "Turn off the automatic retries of your HTTP client, and poll again at your usual time: the orders of a lost page \
             come back when their window ends.",
        )
    }

    fn update_finding(&self) -> Option<Finding> {
        self.automatic_updates.finding(
            |count| {
                let calls = counted(count, "update");
                format!(
                    "{calls} {} sent again within {BY_ITSELF} ms after a lost answer: your HTTP client, or a proxy, did this by \
                     itself, and your code was told what became of the second call only",
                    was(count)
                )
            },
            "Turn off the automatic retries of your HTTP client. After a lost answer, send the same accounts again: \
             `INVALID_ACCOUNTS` then means that the first update delivered them.",
        )
    }

    fn retry_finding(&self) -> Option<Finding> {
        self.retried_lists.finding(
            |count| {
                let calls = counted(count, "list call");
                format!("{calls} {} retried by your code after a lost answer{}", was(count), self.cost())
            },
            "Do not retry a list call whose answer was lost; poll again at your usual time. Its orders come back when their \
             window ends.",
        )
    }
}
