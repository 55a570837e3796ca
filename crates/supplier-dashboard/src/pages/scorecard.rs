//! Scorecard page.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use supplier_control::Audit;
use supplier_domain::Report;

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
    /// What would help most, and the practice that it is about.
    next: Option<(String, String)>,
}

pub(crate) async fn show(State(dashboard): State<Dashboard>, visitor: Visitor) -> Result<Response, Failure> {
    let frame = Frame::of(&dashboard, &visitor, "scorecard").await?;
    let (now, control, session) = (dashboard.now(), dashboard.control(), &visitor.session);
    let reports = control.scorecards(&session.sandbox, Some(&session.supplier), now).await?;
    let audit = control.audit(&session.sandbox, Some(&session.supplier), now).await?;
    let is_complete = reports.is_complete;
    let report = reports.reports.into_iter().next().map(|(_, report)| report);
    let next = report.as_ref().and_then(next);
    html(&Page { frame, report, audit, is_complete, next })
}

/// The advice of the practice that is furthest from being kept.
fn next(report: &Report) -> Option<(String, String)> {
    let worst = report.practices.iter().filter(|practice| !practice.findings.is_empty());
    let worst = worst.min_by_key(|practice| practice.points)?;
    Some((worst.findings.first()?.advice.clone(), worst.practice.to_string()))
}

/// The practice's heading.
fn title(practice: supplier_rulebook::RuleId) -> &'static str {
    supplier_rulebook::find(practice.as_str()).map_or("", |rule| rule.title)
}
