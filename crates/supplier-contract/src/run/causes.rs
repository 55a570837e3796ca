//! Root causes: which findings follow from another, so that one bug is told once.

use supplier_rulebook::{self as rulebook, Level, RuleId};

use crate::outcome::{CheckReport, Finding};
use crate::script::Expect;

/// A kind of bug that makes checks of other rules fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// A right key is refused.
    Key,
    /// Pages have no list of orders.
    Page,
    /// Orders are shown under other numbers than theirs.
    Number,
    /// Errors are not in the envelope.
    Envelope,
    /// A success is not a 2xx with an object.
    Success,
    /// Nothing is withheld, or nothing comes back.
    Window,
}

/// The causes, the one that explains most first.
const CAUSES: [Cause; 6] =
    [Cause::Key, Cause::Page, Cause::Number, Cause::Envelope, Cause::Success, Cause::Window];

/// Notes with each finding the rule that it follows from, if it does.
pub(super) fn note(checks: &mut [CheckReport]) {
    let findings: Vec<Finding> = checks.iter().flat_map(|check| &check.findings).cloned().collect();
    let mut roots: Vec<(Cause, RuleId)> = Vec::new();
    for cause in CAUSES {
        let is_root = |finding: &&Finding| {
            cause.is_seen_in(finding) && !roots.iter().any(|(other, _)| other.explains(finding))
        };
        if let Some(finding) = findings.iter().find(is_root) {
            roots.push((cause, finding.rule));
        }
    }
    for finding in checks.iter_mut().flat_map(|check| &mut check.findings) {
        let root = roots.iter().find(|(cause, _)| cause.explains(finding));
        finding.follows = root.map(|(_, rule)| *rule).filter(|rule| *rule != finding.rule);
    }
}

impl Cause {
    /// Whether a finding shows this bug itself.
    fn is_seen_in(self, finding: &Finding) -> bool {
        let at = |expect: &Expect| match expect {
            Expect::Looks { at, .. } | Expect::Is { at, .. } => Some(at.clone()),
            _ => None,
        };
        let place = at(&finding.script.expect).unwrap_or_default();
        match self {
            Self::Key => finding.rule == rulebook::AUTH_HEADER,
            Self::Page => {
                let has_none = matches!(finding.script.expect, Expect::Header { .. } | Expect::Status { .. });
                finding.rule == rulebook::LIST_SHAPE && (place == "/orders" || has_none)
            }
            Self::Number => {
                [rulebook::LIST_SHAPE, rulebook::LIST_TYPES].contains(&finding.rule)
                    && place.starts_with("/orders/")
                    && (place.ends_with("/id") || place.ends_with("/order"))
            }
            Self::Envelope => finding.rule == rulebook::ERROR_ENVELOPE,
            Self::Success => finding.rule == rulebook::UPDATE_SUCCESS,
            Self::Window => [rulebook::LIST_WINDOW, rulebook::LIST_WINDOW_END].contains(&finding.rule),
        }
    }

    /// Whether another finding may be due to this bug.
    fn explains(self, finding: &Finding) -> bool {
        let is_about_orders = matches!(
            finding.script.expect,
            Expect::Lists { .. }
                | Expect::Lacks { .. }
                | Expect::Sequence { .. }
                | Expect::Exactly { .. }
                | Expect::OrderIs { .. }
                | Expect::OrderLacks { .. }
                | Expect::OnceEach { .. }
        );
        let is_binding =
            |rule: RuleId| rulebook::find(rule.as_str()).is_some_and(|rule| rule.level != Level::Chosen);
        match self {
            Self::Key => finding.got.contains("INVALID_API_KEY") || finding.got.starts_with("401"),
            Self::Page => {
                finding.rule != rulebook::LIST_SHAPE
                    && (is_about_orders || matches!(finding.script.expect, Expect::Length { .. }))
            }
            Self::Number => {
                let is_number =
                    matches!(&finding.script.expect, Expect::Is { at, .. } if at == "/id" || at == "/order");
                // The model of the state machine takes no such order for handed out.
                is_about_orders || is_number || finding.check == "state-machine"
            }
            Self::Envelope => {
                finding.rule != rulebook::ERROR_ENVELOPE
                    && matches!(
                        finding.script.expect,
                        Expect::Code { .. } | Expect::Message { .. } | Expect::Envelope
                    )
            }
            Self::Success => {
                finding.rule != rulebook::UPDATE_SUCCESS
                    && finding.script.expect == Expect::Success
                    && is_binding(finding.rule)
            }
            Self::Window => {
                let of_window = finding.rule.as_str().starts_with("list.window")
                    && ![rulebook::LIST_WINDOW, rulebook::LIST_WINDOW_END].contains(&finding.rule);
                let counts = [rulebook::LIST_TOTAL_WITHHELD, rulebook::LIST_TOTAL, rulebook::LIST_LIMIT];
                (of_window && is_about_orders) || counts.contains(&finding.rule)
            }
        }
    }
}
