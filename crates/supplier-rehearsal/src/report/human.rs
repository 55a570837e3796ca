//! The report as text for a terminal.

use std::fmt::Write as _;

use super::Report;
use crate::mishap::Mishap;
use crate::story::Finding;

impl Report {
    /// The report as text for a terminal. `again` is the command that repeats a finding, by its index.
    pub fn human(&self, again: &dyn Fn(usize) -> String) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "Rehearsed `{}`: {}, {}, {}, {} in {:.0} s, seed {}",
            self.command,
            self.mode.as_str(),
            supplier_domain::counted(self.orders, "order"),
            self.calls,
            supplier_domain::counted(self.rehearsals.done, "rehearsal"),
            std::time::Duration::from_millis(self.took_millis).as_secs_f64(),
            self.seed
        );
        let _ = writeln!(text, "{}", self.headline());
        for (index, finding) in self.findings.iter().enumerate() {
            text.push('\n');
            write_finding(&mut text, index, finding, &again(index));
        }
        for finding in &self.unconfirmed {
            let at: Vec<_> = finding.mishaps.iter().map(ToString::to_string).collect();
            let _ = writeln!(
                text,
                "\nSeen once and not again: {}, {} ({})",
                finding.label,
                finding.what,
                if at.is_empty() { "without mishaps".to_owned() } else { at.join(", ") }
            );
        }
        if !self.notes.is_empty() || self.stopped.is_some() {
            text.push('\n');
        }
        if let Some(left_out) = self.left_out() {
            let _ = writeln!(text, "Note: {left_out}");
        }
        for note in &self.notes {
            let _ = writeln!(text, "Note: {note}");
        }
        text
    }
}

fn write_finding(text: &mut String, index: usize, finding: &Finding, again: &str) {
    let Finding { label, rule, what, why, advice, .. } = finding;
    let _ = writeln!(text, "{}  {label}  {rule}   {what}   ({})", index + 1, finding.confirmation());
    for line in finding.told() {
        let _ = writeln!(text, "   {line}");
    }
    let _ = writeln!(text, "   {why} {advice}");
    let is_shown = |mishap: &Mishap| finding.mishaps.iter().any(|planned| planned.mishap == *mishap);
    let others: Vec<_> = finding.after.iter().filter(|it| !is_shown(it)).map(|it| it.as_str()).collect();
    if !others.is_empty() && !finding.mishaps.is_empty() {
        let _ = writeln!(text, "   Also after: {}.", others.join(", "));
    }
    let _ = writeln!(text, "   Again: {again}");
}
