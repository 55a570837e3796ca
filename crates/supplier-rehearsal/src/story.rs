//! Stories: a finding as it is told.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use supplier_domain::fault::Operation;
use supplier_domain::{OrderId, counted};

use crate::cause::Cause;
use crate::judge::Breach;
use crate::mishap::{Mishap, Planned};
use crate::rehearsal::Observation;
use crate::timeline::{Call, Entry, Outcome, WorkerEvent};

/// A finding: a way in which the worker breaks a rule, by the shortest rehearsal that shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// The label of findings of this rule: `LOST`, `DOUBLED` and so on.
    pub label: String,
    /// What is wrong in the worker.
    pub cause: Cause,
    /// What happened, in a few words.
    pub what: String,
    /// What the worker did, as a sentence.
    pub why: String,
    /// What to change in the worker.
    pub advice: String,
    /// The order that it happened to.
    pub order: Option<OrderId>,
    /// The mishaps of the rehearsal; none if nothing went wrong.
    pub mishaps: Vec<Planned>,
    /// The orders of the rehearsal.
    pub orders: Vec<OrderId>,
    /// How often the rehearsal was repeated to confirm the finding.
    pub repeated: u32,
    /// How often it showed the same.
    pub confirmed: u32,
    /// How many rehearsals showed the same kind of finding.
    pub rehearsals: usize,
    /// The mishaps that led to this kind of finding, each once.
    pub after: Vec<Mishap>,
    /// The timeline.
    pub timeline: Vec<Line>,
    /// The last lines that the worker wrote.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

impl Finding {
    /// The timeline as lines of text, in columns.
    pub fn told(&self) -> Vec<String> {
        columns(&self.timeline)
    }

    /// How often the finding was confirmed: "3 of 3".
    pub fn confirmation(&self) -> String {
        match self.repeated {
            0 => "not repeated".to_owned(),
            repeated => format!("{} of {repeated}", self.confirmed),
        }
    }
}

/// A line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Line {
    /// A call.
    Call {
        /// Number of the call in its rehearsal, from 1.
        number: usize,
        /// `GET orders` or `POST orders-update`.
        call: String,
        /// Order of an update.
        order: Option<OrderId>,
        /// What was sent.
        sent: String,
        /// What came of it.
        result: String,
        /// The mishaps that struck it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mishaps: Vec<Mishap>,
    },
    /// Something that happened in between.
    Note {
        /// What happened.
        text: String,
    },
}

/// The label of a rule.
pub(crate) fn label(rule: &str) -> &'static str {
    match rule {
        "rehearsal.nothing-lost" => "LOST",
        "rehearsal.nothing-doubled" => "DOUBLED",
        "rehearsal.no-stock-lost" => "STOCK LOST",
        "rehearsal.status" => "SET BACK",
        "rehearsal.complete" => "INCOMPLETE",
        "rehearsal.no-storm" => "STORM",
        "rehearsal.retry-after" => "IMPATIENT",
        "rehearsal.survives" => "CRASHED",
        "rehearsal.ends" => "DOES NOT END",
        _ => "SLOW",
    }
}

/// The finding `breach`, as `observation` shows it.
pub(crate) fn finding(breach: &Breach, observation: &Observation, mishaps: Vec<Planned>) -> Finding {
    Finding {
        rule: breach.rule.as_str().to_owned(),
        label: label(breach.rule.as_str()).to_owned(),
        cause: breach.cause,
        what: breach.what.clone(),
        why: breach.cause.title().to_owned(),
        advice: breach.cause.advice().to_owned(),
        order: breach.order,
        mishaps,
        orders: observation.orders.iter().map(|order| order.order.order).collect(),
        repeated: 0,
        confirmed: 0,
        rehearsals: 1,
        after: Vec::new(),
        timeline: lines(observation),
        output: observation.output.clone(),
    }
}

/// Of calls that repeat each other, so many are told at the beginning and at the end.
const TOLD: usize = 3;

/// The timeline. Of polls in a row that bring nothing, the first is told; the others are counted.
fn lines(observation: &Observation) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut number, mut is_vain, mut more, mut waited) = (0, false, 0, Duration::ZERO);
    for entry in &observation.timeline.entries {
        let told = match entry {
            Entry::Clock(by) => {
                waited += *by;
                continue;
            }
            Entry::Call(call) => {
                number += 1;
                if is_vain && brings_nothing(call) {
                    more += 1;
                    continue;
                }
                is_vain = brings_nothing(call);
                line(number, call)
            }
            Entry::Worker(event) => {
                is_vain = false;
                Line::Note { text: told(event) }
            }
        };
        lines.extend(between(more, waited));
        (more, waited) = (0, Duration::ZERO);
        lines.push(told);
    }
    lines.extend(between(more, waited));
    shortened(&lines)
}

fn brings_nothing(call: &Call) -> bool {
    call.is_list() && call.mishaps.is_empty() && call.is_heard() && !call.is_useful()
}

/// What is told of polls that bring nothing, and of time that goes by.
fn between(polls: usize, waited: Duration) -> Option<Line> {
    let minutes = usize::try_from(waited.as_secs().div_ceil(60)).unwrap_or(usize::MAX);
    let later = format!("{} later", counted(minutes, "minute"));
    let text = match (polls, minutes) {
        (0, 0) => return None,
        (0, _) => later,
        (polls, 0) => format!("{} that bring nothing", counted(polls, "more poll")),
        (polls, _) => format!("{} that bring nothing, {later}", counted(polls, "more poll")),
    };
    Some(Line::Note { text })
}

/// `lines` with long runs of the same line cut short.
fn shortened(lines: &[Line]) -> Vec<Line> {
    let is_alike = |a: &Line, b: &Line| match (a, b) {
        (
            Line::Call { call, order, sent, result, .. },
            Line::Call { call: call2, order: order2, sent: sent2, result: result2, .. },
        ) => (call, order, sent, result) == (call2, order2, sent2, result2),
        _ => false,
    };
    let mut short: Vec<Line> = Vec::new();
    let mut rest = lines;
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|line| is_alike(first, line)).count().max(1);
        if alike > 2 * TOLD {
            short.extend_from_slice(&rest[..TOLD]);
            short.push(Line::Note { text: format!("{} more like these", alike - 2 * TOLD) });
            short.extend_from_slice(&rest[alike - TOLD..alike]);
        } else {
            short.extend_from_slice(&rest[..alike]);
        }
        rest = &rest[alike..];
    }
    short
}

fn line(number: usize, call: &Call) -> Line {
    let name = match call.operation {
        Some(Operation::ListOrders) => "GET orders",
        Some(Operation::UpdateOrder) => "POST orders-update",
        None => "another call",
    };
    Line::Call {
        number,
        call: name.to_owned(),
        order: call.order(),
        sent: sent(call),
        result: result(call),
        mishaps: call.mishaps.clone(),
    }
}

fn sent(call: &Call) -> String {
    let status = call.asked.map(|status| status.to_string());
    let accounts = (!call.accounts.is_empty()).then(|| counted(call.accounts.len(), "account"));
    status.into_iter().chain(accounts).collect::<Vec<_>>().join(", ")
}

fn result(call: &Call) -> String {
    if let Some(mishap) = call.mishaps.iter().find(|mishap| changes_answer(**mishap)) {
        return mishap.told().to_owned();
    }
    if call.is_cut {
        return "the worker was killed as it made this call: nothing was done".to_owned();
    }
    let told = match &call.outcome {
        None => "no answer was sent".to_owned(),
        Some(Outcome { is_lost: true, .. }) => "the client went away before it had the answer".to_owned(),
        Some(outcome) => answered(call, outcome),
    };
    match call.mishaps.first() {
        Some(mishap) => format!("{} ({})", told, mishap.told()),
        None => told,
    }
}

/// Whether what the mishap says is the whole result.
const fn changes_answer(mishap: Mishap) -> bool {
    !matches!(
        mishap,
        Mishap::WindowOver
            | Mishap::BuyerCancels
            | Mishap::Refunded
            | Mishap::TwoWorkers
            | Mishap::KillAfterAnswer
            | Mishap::Late
    )
}

fn answered(call: &Call, outcome: &Outcome) -> String {
    let status = outcome.status.map_or("no answer".to_owned(), |status| status.to_string());
    if let Some(error) = &outcome.error {
        return format!("{status} {error}");
    }
    if call.is_list() {
        let orders: Vec<_> = outcome.listed.iter().take(10).map(ToString::to_string).collect();
        return match orders.len() {
            0 => format!("{status}, no order"),
            1 => format!("{status}, order {}", orders[0]),
            _ => format!("{status}, orders {}", orders.join(", ")),
        };
    }
    match (outcome.accepted, outcome.dropped) {
        (0, 0) => status,
        (accepted, 0) => format!("{status}, {} taken", counted(accepted, "account")),
        (accepted, dropped) => format!("{status}, {} taken, {dropped} dropped", counted(accepted, "account")),
    }
}

fn told(event: &WorkerEvent) -> String {
    match event {
        WorkerEvent::Started { run: 0 } => "the worker starts".to_owned(),
        WorkerEvent::Started { .. } => "the worker is started again".to_owned(),
        WorkerEvent::Exited { code } => format!("the worker ends with exit code {code}"),
        WorkerEvent::Crashed { signal } => format!("the worker is ended by {signal}"),
        WorkerEvent::Killed => "the worker is killed (SIGKILL)".to_owned(),
        WorkerEvent::AskedToEnd => "the worker is asked to end (SIGTERM)".to_owned(),
        WorkerEvent::Ended => "the worker ends".to_owned(),
        WorkerEvent::HadToBeKilled { after_millis } => {
            format!("{} s later the worker still runs, and is killed", after_millis / 1_000)
        }
        WorkerEvent::Hung { after_millis } => {
            format!("the worker still runs after {} s, and is killed", after_millis / 1_000)
        }
        WorkerEvent::OutOfTime { after_millis } => {
            format!("after {} s the rehearsal ends, before all orders are settled", after_millis / 1_000)
        }
        WorkerEvent::Silent { for_millis } => format!("no call for {} s", for_millis / 1_000),
    }
}

/// The lines of a timeline, in columns.
fn columns(timeline: &[Line]) -> Vec<String> {
    let width = |of: fn(&Line) -> usize| timeline.iter().map(of).max().unwrap_or(0);
    let order_of = |line: &Line| match line {
        Line::Call { order: Some(order), .. } => format!("order {order}"),
        _ => String::new(),
    };
    let orders = timeline.iter().map(|line| order_of(line).len()).max().unwrap_or(0);
    let sent_width = width(|line| match line {
        Line::Call { sent, .. } => sent.chars().count(),
        Line::Note { .. } => 0,
    });
    let line_of = |line: &Line| match line {
        Line::Call { number, call, sent, result, .. } => {
            let order = order_of(line);
            format!("{number:>3}  {call:<18} {order:<orders$}  {sent:<sent_width$}  {result}")
                .trim_end()
                .to_owned()
        }
        Line::Note { text } => format!("     - {text} -"),
    };
    timeline.iter().map(line_of).collect()
}
