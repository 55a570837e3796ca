//! Scorecard as Markdown, for a pull request or a person.

use std::cmp::Reverse;
use std::fmt::Write as _;

use supplier_control::ClientReports;
use supplier_domain::{Finding, PracticeReport, Report, Standing, Supplier, counted};
use supplier_store::SandboxId;

use super::body::title;

/// How many requests or orders a finding names.
const NAMED: usize = 5;

/// The scorecards of a sandbox.
pub(super) fn write(sandbox: &SandboxId, reports: &ClientReports) -> String {
    let mut out = format!("# Scorecard of sandbox {}\n\n", plain(sandbox.as_str()));
    if !reports.is_complete {
        out.push_str(
            "Some of the requests named here are no longer in the journal; the judgement is whole.\n\n",
        );
    }
    let observed = reports.reports.iter().filter(|(_, report)| report.score.is_some());
    let mut is_any = false;
    for (supplier, report) in observed {
        is_any = true;
        client(&mut out, supplier, report);
    }
    if !is_any {
        out.push_str("No call was observed: use an API key of this sandbox, then come back.\n");
        return out;
    }
    let silent = reports.reports.iter().filter(|(_, report)| report.score.is_none());
    let silent: Vec<_> = silent.map(|(supplier, _)| plain(supplier.id.as_str())).collect();
    if !silent.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "Not observed: {}.", silent.join(", "));
    }
    out
}

fn client(out: &mut String, supplier: &Supplier, report: &Report) {
    let score = report.score.map_or_else(String::new, |score| format!(": {score} of 100"));
    let _ = writeln!(out, "## {} ({}){score}\n", plain(&supplier.name), plain(supplier.id.as_str()));
    let (observed, all) = (report.observed(), report.practices.len());
    let _ = writeln!(out, "The score rests on {observed} of {all} practices.\n");
    out.push_str("| Practice | | Points | Seen |\n|---|---|---|---|\n");
    for practice in &report.practices {
        let points = practice.points.map_or_else(|| "–".to_owned(), |points| points.to_string());
        let _ = writeln!(
            out,
            "| {} | {} | {points} | {} |",
            title(practice),
            practice.standing.as_str(),
            plain(&practice.summary)
        );
    }
    out.push('\n');
    let mut missed: Vec<_> =
        report.practices.iter().filter(|practice| practice.standing == Standing::NotMet).collect();
    // What happened most often comes first: it is what to do next.
    missed.sort_by_key(|practice| (Reverse(practice.lost()), practice.points));
    if missed.is_empty() {
        out.push_str("Nothing to change.\n\n");
        return;
    }
    out.push_str("What to change, what happened most often first:\n\n");
    for practice in missed {
        practice_section(out, practice);
    }
}

fn practice_section(out: &mut String, practice: &PracticeReport) {
    let kept = format!("not kept on {} of {}", practice.lost(), counted(practice.occasions, "occasion"));
    let _ = writeln!(out, "### {} (`{}`): {kept}\n", title(practice), practice.practice);
    let mut findings: Vec<_> = practice.findings.iter().collect();
    findings.sort_by_key(|finding| Reverse(finding.count));
    for finding in findings {
        let _ = writeln!(out, "- {}", plain(&finding.sentence));
        let _ = writeln!(out, "  - **Do:** {}", plain(&finding.advice));
        if let Some(evidence) = evidence(finding) {
            let _ = writeln!(out, "  - Evidence: {evidence}");
        }
    }
    out.push('\n');
}

/// The requests and orders that show a finding, in words.
pub(super) fn evidence(finding: &Finding) -> Option<String> {
    let first = |what: &str, all: Vec<String>| {
        let more = all.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named: Vec<_> = all.into_iter().take(NAMED).collect();
        (!named.is_empty()).then(|| format!("{what} {}{more}", named.join(", ")))
    };
    let requests = first("requests", finding.requests.iter().map(ToString::to_string).collect());
    let orders = first("orders", finding.orders.iter().map(ToString::to_string).collect());
    let told: Vec<_> = requests.into_iter().chain(orders).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// Text that means nothing to Markdown, on one line.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
    for c in text.chars() {
        match c {
            // Our own sentences quote names of the API in backquotes.
            '`' => {
                in_code = !in_code;
                out.push(c);
            }
            _ if c.is_control() => out.push(' '),
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' | '!' if !in_code || c == '|' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    // Half a pair would quote what follows.
    if in_code { out.replace('`', "\\`") } else { out }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_others_wrote_means_nothing_to_markdown() {
        assert_eq!(plain("a|b *c* <d> [e](f)\n# g"), r"a\|b \*c\* \<d\> \[e\](f) \# g");
        assert_eq!(plain("`supplier_order` a_b"), r"`supplier_order` a\_b");
        assert_eq!(plain("one ` alone"), r"one \` alone");
    }
}
