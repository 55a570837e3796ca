//! Human-readable report.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use supplier_rulebook as rulebook;

use super::Reporter;
use super::words::{figures, follow, headline, plain, reproduced, silence, steps};
use crate::counted::counted;
use crate::outcome::{CheckReport, Event, Finding, Opening, Report, Verdict};

/// A line a verdict; with a terminal, a bar, and only what is not as it should be.
pub(super) struct Human<W> {
    out: W,
    bar: Option<ProgressBar>,
    watched: bool,
}

impl<W: Write> Human<W> {
    pub(super) fn new(out: W, watched: bool) -> Self {
        Self { out, bar: None, watched }
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        let text = plain(text);
        match &self.bar {
            Some(bar) => bar.suspend(|| writeln!(self.out, "{text}")),
            None => writeln!(self.out, "{text}"),
        }
    }

    fn opening(&mut self, opening: &Opening) -> io::Result<()> {
        let sandbox =
            opening.sandbox.as_ref().map_or(String::new(), |version| format!(" (a sandbox, {version})"));
        self.line(&format!("target     {}{sandbox}", opening.target))?;
        self.line(&format!(
            "prepared   by {}; {}; seed {}",
            opening.provision,
            counted(opening.checks, "check"),
            opening.seed
        ))?;
        if let Some(touches) = opening.touches {
            let [withheld, changed] =
                [touches.withheld, touches.changed].map(|count| counted(count, "order"));
            self.line(&format!("at most    {withheld} withheld for 30 minutes, {changed} changed"))?;
        }
        for note in &opening.notes {
            self.line(&format!("note       {note}"))?;
        }
        self.line("")?;
        if self.watched {
            let bar = ProgressBar::new(opening.checks as u64);
            // The template is sound: a test draws it.
            if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            self.bar = Some(bar);
        }
        self.out.flush()
    }

    fn check(&mut self, report: &CheckReport) -> io::Result<()> {
        if let Some(bar) = &self.bar
            && report.calls > 0
        {
            bar.inc(1);
        }
        let (id, rule) = (report.check.id, report.check.rules[0]);
        for finding in &report.findings {
            let word = match &finding.accepted_until {
                Some(until) => format!("ACCEPTED {} until {until}", finding.rule),
                None => format!("{} {}", finding.verdict.as_str(), finding.rule),
            };
            self.line(&format!("{word}  {id}  expected {}; got {}", finding.expected, finding.got))?;
        }
        if let Some(reason) = &report.reason {
            let word = if report.verdict == Verdict::NotTested { Verdict::NotTested } else { Verdict::Error };
            // With a terminal they are told once, at the end.
            if !self.watched || word == Verdict::Error {
                self.line(&format!("{} {rule}  {id}  {reason}", word.as_str()))?;
            }
        } else if report.findings.iter().all(|finding| finding.rule != rule) && !self.watched {
            let cases = counted(report.cases, "case");
            self.line(&format!("PASS {rule}  {id}  {cases}"))?;
        }
        self.out.flush()
    }

    fn finding(&mut self, finding: &Finding, following: &[rulebook::RuleId]) -> io::Result<()> {
        let Some(rule) = rulebook::find(finding.rule.as_str()) else { return Ok(()) };
        self.line(&format!(
            "\n{} {} ({}): {}",
            finding.verdict.as_str(),
            finding.claim(),
            rule.level,
            rule.title
        ))?;
        self.line(&format!("  rule      {}", rule.text))?;
        self.line(&format!("  guide     {}", rule.section.heading()))?;
        self.line(&format!("  check     {}", finding.check))?;
        self.line(&format!("  expected  {}", finding.expected))?;
        self.line(&format!("  got       {}", finding.got))?;
        if let Some(follow) = follow(following) {
            self.line(&format!("  follows   {follow}"))?;
        }
        self.line(&format!("  seen      {}", reproduced(finding)))?;
        for (place, step) in steps(finding).iter().enumerate() {
            self.line(&format!("  {}{step}", if place == 0 { "steps     " } else { "          " }))?;
        }
        self.line(&format!("  silence   {}", silence(finding)))?;
        self.line(&format!("  more      supplier-contract explain {}", rule.id))?;
        self.line("  script    save it, and run it with BASE_URL set:\n")?;
        for line in finding.shell.lines() {
            self.line(&format!("    {line}"))?;
        }
        Ok(())
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        for (finding, following) in report.told() {
            self.finding(finding, &following)?;
        }
        for stale in &report.stale {
            self.line(&format!("STALE {stale}"))?;
        }
        let mut untested: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for rule in report.rules.iter().filter(|rule| rule.verdict == Verdict::NotTested) {
            untested
                .entry(rule.reason.as_deref().unwrap_or("no check ran"))
                .or_default()
                .push(rule.rule.id.as_str());
        }
        if !untested.is_empty() {
            self.line("\nNot tested")?;
        }
        for (reason, rules) in untested {
            self.line(&format!("  {}\n    {reason}", rules.join(", ")))?;
        }
        if let Some(stopped) = &report.stopped {
            self.line(&format!("\nthe run ended early: {stopped}"))?;
        }
        self.line(&format!("\n{}", headline(report)))?;
        self.line(&figures(report))?;
        self.out.flush()
    }
}

impl<W: Write> Reporter for Human<W> {
    fn tell(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started(opening) => self.opening(opening),
            Event::CheckStarted(check) => {
                if let Some(bar) = &self.bar {
                    bar.set_message(check.id);
                }
                Ok(())
            }
            Event::CheckFinished(report) => self.check(report),
            Event::Finished(report) => self.report(report),
        }
    }
}
