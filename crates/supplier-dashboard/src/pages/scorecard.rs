//! Scorecard page.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use supplier_control::Audit;
use supplier_domain::{Finding, PracticeReport, Report};

use super::{Frame, html};
use crate::Dashboard;
use crate::access::Visitor;
use crate::failure::Failure;

#[derive(Template)]
#[template(path = "scorecard.html")]
struct Page {
    frame: Frame,
    report: Option<Report>,
    audit: Audit,
    is_complete: bool,
    /// Steps that would help most.
    next: Vec<Step>,
}

/// A step: something to change.
struct Step {
    advice: String,
    /// Evidence, with its count.
    sentence: String,
    /// Practice of the step.
    practice: String,
}

/// Number of steps on the page.
const STEPS: usize = 3;

pub(crate) async fn show(State(dashboard): State<Dashboard>, visitor: Visitor) -> Result<Response, Failure> {
    let frame = Frame::of(&dashboard, &visitor, "scorecard").await?;
    let (now, control, session) = (dashboard.now(), dashboard.control(), &visitor.session);
    let reports = control.scorecards(&session.sandbox, Some(&session.supplier), false, now).await?;
    let audit = control.audit(&session.sandbox, Some(&session.supplier), now).await?;
    let is_complete = reports.is_complete;
    let report = reports.reports.into_iter().next().map(|(_, report)| report);
    let next = report.as_ref().map(next).unwrap_or_default();
    html(&Page { frame, report, audit, is_complete, next })
}

/// The first steps.
fn next(report: &Report) -> Vec<Step> {
    let step = |(practice, finding): (&PracticeReport, &Finding)| Step {
        advice: finding.advice.clone(),
        sentence: finding.sentence.clone(),
        practice: practice.practice.to_string(),
    };
    report.next_steps().into_iter().take(STEPS).map(step).collect()
}

/// Heading of a practice.
fn title(practice: supplier_rulebook::RuleId) -> &'static str {
    supplier_rulebook::find(practice.as_str()).map_or("", |rule| rule.title)
}
