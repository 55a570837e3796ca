//! Scorecard as JSON.

use serde::Serialize;
use supplier_control::ClientReports;
use supplier_domain::{Finding, OrderId, PracticeReport, Report, Standing, Supplier};
use utoipa::ToSchema;

/// How the clients of a sandbox stand.
#[derive(Serialize, ToSchema)]
#[schema(as = Scorecard)]
pub(crate) struct ScorecardBody {
    /// Whether the journal still has all the calls that it was judged by.
    complete: bool,
    /// When, by the sandbox's clock.
    #[schema(format = DateTime)]
    now: String,
    /// The least of the suppliers' scores; null if nothing was observed.
    #[schema(minimum = 0, maximum = 100)]
    score: Option<u8>,
    /// The least number of practices that one of the scores rests on; 0 if nothing was observed.
    observed: usize,
    /// Whether it is said of clients that have stopped: what they did not answer counts at once.
    ended: bool,
    suppliers: Vec<ClientBody>,
}

/// How one supplier's client stands.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientReport)]
struct ClientBody {
    supplier: String,
    name: String,
    /// The mean of the points of the practices that were observed; null if none was.
    #[schema(minimum = 0, maximum = 100)]
    score: Option<u8>,
    /// How many of the practices were observed: the score rests on these.
    observed: usize,
    practices: Vec<PracticeBody>,
}

/// How a client stands to a practice.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticeReport)]
struct PracticeBody {
    #[schema(value_type = String, example = "practice.polling")]
    practice: &'static str,
    title: &'static str,
    /// `met`, `not-met` or `not-observed`.
    #[schema(value_type = String, example = "met")]
    standing: &'static str,
    /// The share of the occasions on which it was kept, in percent; null if there was none.
    #[schema(minimum = 0, maximum = 100)]
    points: Option<u8>,
    /// How many occasions there were.
    occasions: u64,
    /// On how many of them it was kept.
    kept: u64,
    /// What was seen, in one sentence.
    summary: String,
    /// What was not as it should be.
    findings: Vec<FindingBody>,
}

/// Something that a client should do in another way.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientFinding)]
struct FindingBody {
    /// What was seen.
    sentence: String,
    /// What to change.
    advice: String,
    /// How often it was seen.
    count: u64,
    /// The ids of the first 20 requests it was seen in.
    requests: Vec<String>,
    /// The first 20 orders it is about.
    orders: Vec<u64>,
}

/// The standing in one word.
pub(super) fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Met => "met",
        Standing::NotMet => "not-met",
        Standing::NotObserved => "not-observed",
    }
}

/// What the rulebook calls a practice.
pub(super) fn title(practice: &PracticeReport) -> &'static str {
    supplier_rulebook::find(practice.practice.as_str()).map_or("", |rule| rule.title)
}

impl From<&ClientReports> for ScorecardBody {
    fn from(reports: &ClientReports) -> Self {
        Self {
            complete: reports.is_complete,
            now: reports.now.to_string(),
            score: reports.score(),
            observed: reports.observed(),
            ended: reports.has_ended,
            suppliers: reports
                .reports
                .iter()
                .map(|(supplier, report)| ClientBody::of(supplier, report))
                .collect(),
        }
    }
}

impl ClientBody {
    fn of(supplier: &Supplier, report: &Report) -> Self {
        Self {
            supplier: supplier.id.to_string(),
            name: supplier.name.to_string(),
            score: report.score,
            observed: report.observed(),
            practices: report.practices.iter().map(PracticeBody::from).collect(),
        }
    }
}

impl From<&PracticeReport> for PracticeBody {
    fn from(practice: &PracticeReport) -> Self {
        Self {
            practice: practice.practice.as_str(),
            title: title(practice),
            standing: word(practice.standing),
            points: practice.points,
            occasions: practice.occasions,
            kept: practice.kept,
            summary: practice.summary.clone(),
            findings: practice.findings.iter().map(FindingBody::from).collect(),
        }
    }
}

impl From<&Finding> for FindingBody {
    fn from(finding: &Finding) -> Self {
        Self {
            sentence: finding.sentence.clone(),
            advice: finding.advice.clone(),
            count: finding.count,
            requests: finding.requests.iter().map(ToString::to_string).collect(),
            orders: finding.orders.iter().copied().map(OrderId::get).collect(),
        }
    }
}
