//! The report as Markdown, for a comment on a change.

use std::fmt::Write as _;

use super::Report;

impl Report {
    /// The report as Markdown. `again` is the command that repeats a finding, by its index.
    pub fn markdown(&self, again: &dyn Fn(usize) -> String) -> String {
        let mut text = String::new();
        let sign = if self.is_clean() { "✅" } else { "❌" };
        let _ = writeln!(text, "## {sign} Rehearsal of {}\n", code(&self.command));
        let _ = writeln!(
            text,
            "**{}** {}, {}, {}, seed {}.",
            self.headline(),
            self.mode.as_str(),
            supplier_domain::counted(self.orders, "order"),
            self.calls,
            self.seed
        );
        for (index, finding) in self.findings.iter().enumerate() {
            let _ = writeln!(text, "\n### {}. {}: {}\n", index + 1, finding.label, finding.what);
            let _ = writeln!(text, "`{}`, {}\n", finding.rule, finding.confirmation());
            fenced(&mut text, &finding.told().join("\n"));
            let _ = writeln!(text, "\n{} {}\n", finding.why, finding.advice);
            fenced(&mut text, &again(index));
        }
        for finding in &self.unconfirmed {
            let _ = writeln!(text, "\nSeen once and not again: {}, {}.", finding.label, finding.what);
        }
        if let Some(left_out) = self.left_out() {
            let _ = writeln!(text, "\n_{left_out}_");
        }
        for note in &self.notes {
            let _ = writeln!(text, "\n_{note}_");
        }
        text
    }
}

/// `text` as code in a line, whatever backticks it has.
fn code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text) + 1);
    let text = text.replace(['\n', '\r'], " ");
    if ticks.len() > 1 { format!("{ticks} {text} {ticks}") } else { format!("`{text}`") }
}

/// Writes `text` as a block of code.
fn fenced(to: &mut String, text: &str) {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let _ = writeln!(to, "{fence}text\n{text}\n{fence}");
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_end_no_code() {
        assert_eq!(code("node worker.js"), "`node worker.js`");
        assert_eq!(code("sh -c `x`\ny"), "`` sh -c `x` y ``");
        let mut text = String::new();
        fenced(&mut text, "a ```` b");
        assert_eq!(text, "`````text\na ```` b\n`````\n");
    }
}
