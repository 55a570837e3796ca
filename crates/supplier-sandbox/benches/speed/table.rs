//! The table of the figures.

use std::fmt::Write as _;

/// One figure.
pub(crate) struct Row {
    figure: String,
    measured: String,
    target: String,
    met: &'static str,
}

/// What a figure has to be.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// It is told, and not judged.
    Told,
}

/// Values of the rounds: their median, and between what they lie.
pub(crate) struct Rounds(Vec<f64>);

impl Rounds {
    pub(crate) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// The middle value; of an even number of them the upper one of the two.
    pub(crate) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn show(&self, decimals: usize) -> String {
        let median = number(self.median(), decimals);
        match self.0.as_slice() {
            [least, .., most] => {
                format!("{median} ({} to {})", number(*least, decimals), number(*most, decimals))
            }
            _ => median,
        }
    }
}

impl Row {
    /// A row that judges the median of `rounds`.
    pub(crate) fn new(
        figure: impl Into<String>,
        rounds: &Rounds,
        decimals: usize,
        unit: &str,
        target: Target,
    ) -> Self {
        let (target, met) = match target {
            Target::AtLeast(bound) => {
                (format!("at least {}{unit}", number(bound, decimals)), rounds.median() >= bound)
            }
            Target::AtMost(bound) => {
                (format!("at most {}{unit}", number(bound, decimals)), rounds.median() <= bound)
            }
            Target::Told => return Self::told(figure, format!("{}{unit}", rounds.show(decimals))),
        };
        let measured = format!("{}{unit}", rounds.show(decimals));
        Self { figure: figure.into(), measured, target, met: if met { "yes" } else { "no" } }
    }

    /// A row without a target.
    pub(crate) fn told(figure: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { figure: figure.into(), measured: measured.into(), target: "reported".to_owned(), met: "" }
    }

    fn cells(&self) -> [&str; 4] {
        [&self.figure, &self.measured, &self.target, self.met]
    }
}

/// A number with its thousands apart.
fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').map_or((&*text, None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    fraction.map_or(out.clone(), |fraction| format!("{out}.{fraction}"))
}

/// The table, in Markdown.
pub(crate) fn render(rows: &[Row]) -> String {
    let head = ["Figure", "Median (least to most)", "Target", "Met"];
    let mut widths = head.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row.cells()) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut table = String::new();
    let rule = widths.map(|width| "-".repeat(width));
    let lines = [head, rule.each_ref().map(String::as_str)];
    for cells in lines.into_iter().chain(rows.iter().map(Row::cells)) {
        for (cell, width) in cells.into_iter().zip(widths) {
            // Writing to a string cannot fail.
            let _ = write!(table, "| {cell:width$} ");
        }
        table.push_str("|\n");
    }
    table
}
