//! For a comment on a change: what stands in it is text, whatever a target answers.

use std::fmt::Write as _;

use supplier_rulebook::{self as rulebook, GROUPS};

use super::words::{Scripts, figures, follow, headline, plain, reproduced, silence};
use crate::outcome::{Finding, Report, Verdict};
use crate::script::PROLOGUE_FILE;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "# Supplier API contract\n\n**{}**\n", escaped(&headline(report)));
    let _ = writeln!(text, "{}, {}\n", escaped(&report.opening.target), figures(report));
    for group in GROUPS {
        let of_group = |rule: &&crate::outcome::RuleReport| {
            rule.rule.id.as_str().split('.').next() == Some(group.prefix)
        };
        let rules: Vec<_> = report.rules.iter().filter(of_group).collect();
        if rules.is_empty() {
            continue;
        }
        let passed = rules.iter().filter(|rule| rule.verdict == Verdict::Pass).count();
        let _ = writeln!(
            text,
            "<details><summary>{}: {passed} of {} passed</summary>\n",
            group.title,
            rules.len()
        );
        let _ = writeln!(text, "| Rule | Level | Verdict | |\n|---|---|---|---|");
        for told in rules {
            let reason = told.reason.as_deref().unwrap_or(told.rule.title);
            let (id, level, verdict) = (told.rule.id, told.rule.level, told.verdict.as_str());
            let _ = writeln!(text, "| `{id}` | {level} | {verdict} | {} |", escaped(reason));
        }
        text.push_str("\n</details>\n\n");
    }
    for (finding, following) in report.told() {
        text.push_str(&words(finding, &following));
    }
    for finding in report.findings().filter(|finding| finding.accepted_until.is_some()) {
        text.push_str(&words(finding, &[]));
    }
    if let Some(prologue) = Scripts::of(report).prologue() {
        let title = format!("Save this beside the scripts as <code>{PROLOGUE_FILE}</code>");
        text.push_str(&folded(&title, prologue));
    }
    for stale in &report.stale {
        let _ = writeln!(text, "- Stale in the baseline: {}", escaped(stale));
    }
    text
}

fn words(finding: &Finding, following: &[rulebook::RuleId]) -> String {
    let title = rulebook::find(finding.rule.as_str()).map_or("", |rule| rule.title);
    let accepted =
        finding.accepted_until.as_ref().map_or(String::new(), |until| format!(", accepted until {until}"));
    let follows = follow(following).map_or(String::new(), |follows| format!("\n- {}", escaped(&follows)));
    format!(
        "## {} `{}`: {}\n\n- expected: {}\n- got: {}{follows}\n- {}{accepted}\n- {}\n\n{}",
        finding.verdict.as_str(),
        finding.claim(),
        escaped(title),
        escaped(&finding.expected),
        escaped(&finding.got),
        reproduced(finding),
        escaped(&silence(finding)),
        folded("Script that shows it", &Scripts::own(finding)),
    )
}

/// A script that a reader opens; the title is HTML.
fn folded(title: &str, script: &str) -> String {
    let fence = fence(script);
    format!(
        "<details><summary>{title}</summary>\n\n{fence}sh\n{}\n{fence}\n\n</details>\n\n",
        script.trim_end()
    )
}

/// A fence that nothing in the text ends.
fn fence(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest.max(2) + 1)
}

/// In one line, with nothing that Markdown or HTML would obey.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in plain(text).chars() {
        match c {
            '\n' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}
