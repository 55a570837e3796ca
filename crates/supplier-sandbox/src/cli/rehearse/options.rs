//! Options of `rehearse`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use supplier_sandbox::rehearsal::{
    Finding, MAX_BUDGET, MAX_JOBS, Mode, Pace, Plan, Planned, ProcessWorker, Report, WorldRecipe,
};

use super::reports::ReportFile;

/// Longest time that an option takes.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 7);

#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Number of orders in each rehearsal, in turn: one piece, several pieces, shared with another supplier, a service
    #[arg(long, value_name = "NUMBER", default_value = "4", conflicts_with = "scenario", value_parser = clap::value_parser!(u16).range(1..=100))]
    orders: u16,
    /// Take the orders of a built-in scenario, at most 100
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Id of the supplier that the worker works for [default: the first of the scenario]
    #[arg(long, value_name = "ID")]
    supplier: Option<String>,
    /// Add a variable to the worker's environment; `{url}`, `{key}` and `{dir}` are filled in. Can be repeated
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,
    /// Run the worker in its rehearsal's own directory, not in this one; name its files by absolute paths
    #[arg(long)]
    cwd: bool,
    /// Copy the content of this directory into each rehearsal's directory
    #[arg(long, value_name = "DIR")]
    copy: Option<PathBuf>,
    /// How the worker works [default: detected]
    #[arg(long, value_name = "MODE")]
    mode: Option<Works>,
    /// Sandbox time between two runs of a one-shot worker; also the step of the clock after each empty poll of a daemon
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time)]
    every: Duration,
    /// Most runs of a one-shot worker in a rehearsal, and most empty polls of a daemon
    #[arg(long, value_name = "NUMBER", default_value = "12", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// Most rehearsals; those that shrink and confirm a finding do not count
    #[arg(long, value_name = "NUMBER", default_value = "300", value_parser = budget)]
    pub(super) budget: usize,
    /// Time for the run: four fifths for rehearsals, about the rest to confirm findings; `0s` for no limit
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time_or_zero)]
    time: Duration,
    /// Number of rehearsals at the same time
    #[arg(long, value_name = "NUMBER", default_value = "2", value_parser = jobs)]
    jobs: usize,
    /// Random seed of the order of pairs, and of a scenario's orders
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
    /// Delay of a late answer: choose it longer than the worker waits for an answer
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = time)]
    late: Duration,
    /// Longest run of a one-shot worker, and longest rehearsal of a daemon
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    time_out: Duration,
    /// Longest time that a daemon may make no call
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    patience: Duration,
    /// Longest time that a daemon may take to end after SIGTERM
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = time)]
    grace: Duration,
    /// Write a report to a file: `json=FILE`, `junit=FILE`, `markdown=FILE` or `html=FILE`. Can be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(super) report: Vec<ReportFile>,
    /// Repeat one rehearsal three times: `FILE#N` for finding N of a JSON report, or the text after `--replay` in `Again:`
    #[arg(long, value_name = "FILE#N|MISHAPS")]
    pub(super) replay: Option<String>,
    /// The worker and its arguments. It reads `SANDBOX_URL`, `SANDBOX_KEY` and `REHEARSAL_DIR`; in an argument, `{url}`, `{key}` and `{dir}` are filled in
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// How a worker works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Works {
    /// It does what there is to do, and ends
    OneShot,
    /// It runs until SIGTERM
    Daemon,
}

impl Options {
    /// The worker.
    pub(super) fn worker(&self) -> ProcessWorker {
        let mut words = self.command.iter().cloned();
        ProcessWorker {
            program: words.next().unwrap_or_default(),
            arguments: words.collect(),
            variables: self.variables.clone(),
            in_directory: self.cwd,
        }
    }

    /// The plan.
    pub(super) fn plan(&self) -> Plan {
        Plan {
            world: WorldRecipe {
                orders: self.scenario.is_none().then_some(self.orders.into()),
                scenario: self.scenario.clone(),
                supplier: self.supplier.clone(),
            },
            mode: self.mode.map(|mode| match mode {
                Works::OneShot => Mode::OneShot,
                Works::Daemon => Mode::Daemon,
            }),
            budget: self.budget,
            time: Some(self.time).filter(|time| !time.is_zero()),
            jobs: self.jobs,
            seed: self.seed,
            pace: Pace {
                every: self.every,
                rounds: self.rounds,
                late: self.late,
                time_out: self.time_out,
                patience: self.patience,
                grace: self.grace,
            },
            copy: self.copy.clone(),
        }
    }

    /// The command that repeats a finding.
    pub(super) fn again(&self, report: &Report, finding: &Finding) -> String {
        let mut words = vec!["supplier-sandbox".to_owned(), "rehearse".to_owned()];
        let mut add = |name: &str, value: String| words.extend([format!("--{name}"), value]);
        match &self.scenario {
            Some(scenario) => add("scenario", scenario.clone()),
            None if self.orders != 4 => add("orders", self.orders.to_string()),
            None => {}
        }
        if let Some(supplier) = &self.supplier {
            add("supplier", supplier.clone());
        }
        if self.seed != 1 {
            add("seed", self.seed.to_string());
        }
        for (name, value) in &self.variables {
            add("env", format!("{name}={value}"));
        }
        if let Some(copy) = &self.copy {
            add("copy", copy.display().to_string());
        }
        add("mode", report.mode.as_str().to_owned());
        let standard = Pace::default();
        for (name, given, usual) in [
            ("every", self.every, standard.every),
            ("late", self.late, standard.late),
            ("time-out", self.time_out, standard.time_out),
            ("patience", self.patience, standard.patience),
            ("grace", self.grace, standard.grace),
        ] {
            if given != usual {
                add(name, format!("{}ms", given.as_millis()));
            }
        }
        if self.rounds != standard.rounds {
            add("rounds", self.rounds.to_string());
        }
        add("replay", written(finding));
        if self.cwd {
            words.push("--cwd".to_owned());
        }
        words.push("--".to_owned());
        words.extend(self.command.iter().cloned());
        words.iter().map(|word| supplier_sandbox::rehearsal::quoted(word)).collect::<Vec<_>>().join(" ")
    }
}

/// The rehearsal of a finding, as `--replay` takes it.
fn written(finding: &Finding) -> String {
    let mishaps: Vec<_> = finding.mishaps.iter().map(Planned::written).collect();
    let mishaps = if mishaps.is_empty() { "none".to_owned() } else { mishaps.join("+") };
    let orders: Vec<_> = finding.orders.iter().map(ToString::to_string).collect();
    format!("{mishaps}/{}", orders.join(","))
}

fn variable(text: &str) -> Result<(String, String), String> {
    let read = text.split_once('=').filter(|(name, _)| !name.is_empty());
    read.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "must be a name, `=` and a value, such as POLL_MS=50".to_owned())
}

fn time(text: &str) -> Result<Duration, String> {
    time_or_zero(text).and_then(|time| if time.is_zero() { Err(wrong_time()) } else { Ok(time) })
}

fn time_or_zero(text: &str) -> Result<Duration, String> {
    let time: SignedDuration = text.parse().map_err(|_| wrong_time())?;
    Duration::try_from(time).ok().filter(|_| time <= LONGEST).ok_or_else(wrong_time)
}

fn wrong_time() -> String {
    "must be a time such as 500ms, 90s, 5m or 1h, of a week at most".to_owned()
}

fn budget(text: &str) -> Result<usize, String> {
    number(text, MAX_BUDGET)
}

fn jobs(text: &str) -> Result<usize, String> {
    number(text, MAX_JOBS)
}

fn number(text: &str, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("must be a whole number from 1 to {most}"))
}
