//! A state machine: two suppliers poll and answer, time passes, and a small model of the suite's own says what may be seen.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use supplier_rulebook::{
    LIST_LIMIT, LIST_OWN_ONLY, LIST_STATUS, LIST_TOTAL, LIST_TOTAL_WITHHELD, LIST_WINDOW, LIST_WINDOW_END,
    RuleId, UPDATE_ACCESS_DENIED, UPDATE_OPTIONAL_FIELDS, UPDATE_TRANSITIONS, UPDATE_VISIBLE,
};
use tokio::time::Duration;

use crate::bench::Bench;
use crate::case::{Case, CaseError, accounts};
use crate::check::checks;
use crate::elapsed::{Moment, Within};
use crate::guide_table::STATUSES;
use crate::profile;
use crate::script::{Expect, NewOrders, Who};
use crate::template::Template;

checks! {
    CHECKS;
    "state-machine" = state_machine, Property,
        [LIST_WINDOW, LIST_WINDOW_END, LIST_WINDOW_PAGE, LIST_LIMIT, LIST_OWN_ONLY, LIST_STATUS, UPDATE_VISIBLE],
        [Key, Lists, Writes, Orders, Second, Time, Fresh], 500, 100,
        "Any sequence of lists, updates and moves of the clock, by two suppliers, shows what the rules say it shows.";
}

const WINDOW: Duration = Duration::from_mins(30);

/// Whose an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    First,
    Second,
    Both,
}

impl Owner {
    fn is(self, who: Who) -> bool {
        matches!((self, who), (Self::Both, _) | (Self::First, Who::First) | (Self::Second, Who::Second))
    }

    fn order(self) -> NewOrders {
        match self {
            Self::First => NewOrders::some(1),
            Self::Second => NewOrders::some(1).of(Who::Second),
            Self::Both => NewOrders::some(1).shared(),
        }
    }
}

/// What is done. Orders are named by their place among those of the case.
#[derive(Debug, Clone)]
enum Move {
    List { who: Who, statuses: Vec<usize>, limit: usize, offset: usize },
    Update { who: Who, order: usize, status: Option<usize>, accounts: bool },
    Advance { seconds: u64 },
}

/// What moves are drawn from: how many orders there are does not change.
#[derive(Debug, Clone)]
struct Plan {
    orders: Vec<Owner>,
}

struct Machine;

impl ReferenceStateMachine for Machine {
    type State = Plan;
    type Transition = Move;

    fn init_state() -> BoxedStrategy<Plan> {
        let owner = prop_oneof![4 => Just(Owner::First), 2 => Just(Owner::Second), 2 => Just(Owner::Both)];
        proptest::collection::vec(owner, 1..8).prop_map(|orders| Plan { orders }).boxed()
    }

    fn transitions(plan: &Plan) -> BoxedStrategy<Move> {
        let who = || prop_oneof![3 => Just(Who::First), 1 => Just(Who::Second)];
        let statuses = proptest::sample::subsequence((0..STATUSES.len()).collect::<Vec<_>>(), 0..=3);
        let list = (who(), statuses, 1..9_usize, prop_oneof![3 => Just(0_usize), 1 => 0..4_usize])
            .prop_map(|(who, statuses, limit, offset)| Move::List { who, statuses, limit, offset });
        let status = proptest::option::weighted(0.7, 0..STATUSES.len());
        let update = (who(), 0..plan.orders.len(), status, any::<bool>())
            .prop_map(|(who, order, status, accounts)| Move::Update { who, order, status, accounts });
        // What brings a window to its end, to just before it, and past it.
        let seconds = proptest::sample::select(&[1_u64, 600, 900, 1200, 1799, 1800, 2700][..]);
        prop_oneof![5 => list, 3 => update, 2 => seconds.prop_map(|seconds| Move::Advance { seconds })]
            .boxed()
    }

    fn preconditions(plan: &Plan, step: &Move) -> bool {
        // Fewer orders are tried when a smaller case is looked for.
        !matches!(step, Move::Update { order, .. } if *order >= plan.orders.len())
    }

    fn apply(plan: Plan, _: &Move) -> Plan {
        plan
    }
}

/// An order as the model has it.
struct Modelled {
    owner: Owner,
    status: usize,
    accounts: u32,
    /// When each supplier was last handed it.
    handed_out: [Option<Moment>; 2],
}

/// What the model says of an order and a list.
#[derive(PartialEq, Eq)]
enum Says {
    /// It may be handed out.
    Available,
    /// It is withheld.
    Withheld,
    /// Its window ends about now.
    Open,
    /// It does not match.
    NotMatching,
}

type Sequence = (Plan, Vec<Move>, Option<Arc<AtomicUsize>>);

async fn state_machine(bench: &Bench<'_>) -> Result<(), CaseError> {
    let strategy = Machine::sequential_strategy(1..30);
    bench
        .property(
            bench.property_cases() * 4,
            strategy,
            async |case: &mut Case<'_>, (plan, moves, seen): &Sequence| {
                case.place_all(plan.orders.iter().map(|owner| owner.order())).await?;
                let modelled = |&owner| Modelled { owner, status: 0, accounts: 0, handed_out: [None, None] };
                let mut model: Vec<_> = plan.orders.iter().map(modelled).collect();
                for step in moves {
                    // Moves that were not reached need not be tried when a smaller case is looked for.
                    if let Some(seen) = seen {
                        seen.fetch_add(1, Ordering::SeqCst);
                    }
                    match step {
                        Move::List { who, statuses, limit, offset } => {
                            list(bench, case, &mut model, *who, statuses, (*limit, *offset)).await?;
                        }
                        Move::Update { who, order, status, accounts } => {
                            if let Some(modelled) = model.get_mut(*order) {
                                update(case, modelled, (*who, *order), *status, *accounts).await?;
                            }
                        }
                        Move::Advance { seconds } => case.advance(Duration::from_secs(*seconds)).await?,
                    }
                }
                Ok(())
            },
        )
        .await
}

async fn list(
    bench: &Bench<'_>,
    case: &mut Case<'_>,
    model: &mut [Modelled],
    who: Who,
    statuses: &[usize],
    (limit, offset): (usize, usize),
) -> Result<(), CaseError> {
    let mut query = case.manual().limit(limit).offset(offset);
    if !statuses.is_empty() {
        let names: Vec<_> = statuses.iter().map(|&status| STATUSES[status]).collect();
        query = query.status(&names.join(","));
    }
    let page = case.list(who, query).await?;
    let (step, now) = (case.last(), case.moment(&page));
    let says: Vec<Says> = model.iter().map(|order| judged(case, order, who, statuses, &now)).collect();
    let with =
        |wanted: &Says| -> Vec<usize> { (0..says.len()).filter(|&order| says[order] == *wanted).collect() };
    let (available, withheld, open) = (with(&Says::Available), with(&Says::Withheld), with(&Says::Open));
    let foreign = (0..model.len()).filter(|&order| !model[order].owner.is(who)).collect();
    case.expect(LIST_OWN_ONLY, Expect::Lacks { orders: foreign })?;
    case.expect(LIST_WINDOW, Expect::Lacks { orders: withheld.clone() })?;
    case.expect(LIST_STATUS, Expect::Lacks { orders: with(&Says::NotMatching) })?;
    let shown = page.numbers();
    let is_shown: Vec<bool> = (0..model.len()).map(|order| shown.contains(&case.number(order))).collect();
    for (order, modelled) in model.iter().enumerate().filter(|(order, _)| is_shown[*order]) {
        case.expect(UPDATE_VISIBLE, Expect::order_is(order, "/status", STATUSES[modelled.status]))?;
    }
    for (modelled, _) in model.iter_mut().zip(is_shown).filter(|(_, is_shown)| *is_shown) {
        modelled.handed_out[who as usize] = Some(now);
    }
    if !case.is_exclusive() {
        return Ok(());
    }
    let room = |matching: usize| matching.saturating_sub(offset).min(limit);
    let (at_least, at_most) = (room(available.len()), room(available.len() + open.len()));
    let mut counts = vec![(LIST_LIMIT, Expect::Length { at_least, at_most })];
    counts.extend(totals(bench, available.len(), withheld.len(), open.len()));
    for (rule, expect) in counts {
        if case.holds_of(step, rule, &expect) {
            continue;
        }
        // A count may be wrong because a window is: that is seen by the orders themselves.
        windows_hold(case, model, who).await?;
        case.expect_of(step, rule, expect)?;
    }
    Ok(())
}

/// What `total` has to be, and by which rule.
fn totals(bench: &Bench<'_>, available: usize, withheld: usize, open: usize) -> Option<(RuleId, Expect)> {
    let (rule, total) = match bench.target.profile().of(LIST_TOTAL_WITHHELD) {
        _ if open > 0 => return None,
        "counted" => (LIST_TOTAL_WITHHELD, available + withheld),
        "left-out" if withheld > 0 => (LIST_TOTAL_WITHHELD, available),
        "left-out" => (LIST_TOTAL, available),
        _ => return None,
    };
    Some((rule, Expect::is("/total", total)))
}

/// Looks at all of a supplier's orders at once: what is withheld is not handed out, and what was withheld is.
async fn windows_hold(case: &mut Case<'_>, model: &[Modelled], who: Who) -> Result<(), CaseError> {
    let page = case.list(who, case.manual().limit(model.len())).await?;
    let now = case.moment(&page);
    let says = |order: usize| judged(case, &model[order], who, &[], &now);
    let was_handed_out = |order: &usize| model[*order].handed_out[who as usize].is_some();
    let handed_out: Vec<usize> = (0..model.len()).filter(was_handed_out).collect();
    let with = |wanted: &Says| handed_out.iter().copied().filter(|&order| says(order) == *wanted).collect();
    case.expect(LIST_WINDOW, Expect::Lacks { orders: with(&Says::Withheld) })?;
    case.expect(LIST_WINDOW_END, Expect::Lists { orders: with(&Says::Available) })
}

fn judged(case: &Case<'_>, order: &Modelled, who: Who, statuses: &[usize], now: &Moment) -> Says {
    if !order.owner.is(who) || !(statuses.is_empty() || statuses.contains(&order.status)) {
        return Says::NotMatching;
    }
    match order.handed_out[who as usize].map(|from| case.elapsed(&from, now).within(WINDOW)) {
        None | Some(Within::Over) => Says::Available,
        Some(Within::Open) => Says::Withheld,
        Some(Within::Undecided) => Says::Open,
    }
}

async fn update(
    case: &mut Case<'_>,
    order: &mut Modelled,
    (who, place): (Who, usize),
    status: Option<usize>,
    delivers: bool,
) -> Result<(), CaseError> {
    let mut fields = Vec::new();
    if let Some(status) = status {
        fields.push(format!(r#""status": "{}""#, STATUSES[status]).into());
    }
    if delivers {
        fields.push(accounts(order.accounts + 1, 1));
    }
    let answer = case.try_update(who, place, Template::join(fields, ", ")).await?;
    if !order.owner.is(who) {
        return case.expect(UPDATE_ACCESS_DENIED, Expect::code("ACCESS_DENIED"));
    }
    // A server may have statuses that are final.
    if order.status != 0 && (400..500).contains(&answer.status) {
        return case.expect(UPDATE_TRANSITIONS, Expect::Success);
    }
    case.expect(UPDATE_OPTIONAL_FIELDS, Expect::Success)?;
    order.status = status.unwrap_or(order.status);
    order.accounts += u32::from(delivers);
    case.expect(profile::RESPONSE_ORDER, Expect::is("/status", STATUSES[order.status]))?;
    case.expect(profile::RESPONSE_DELIVERED, Expect::is("/accountsDelivered", order.accounts))
}
