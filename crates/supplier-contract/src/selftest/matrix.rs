//! Rules against defects.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{io, iter, thread};

use futures::StreamExt;
use supplier_rulebook::{self as rulebook, Level, RuleId};

use super::target::{DEFECTS, Defect, FakeTarget, Mutant};
use crate::checks::registry;
use crate::config::Config;
use crate::counted::counted;
use crate::outcome::{Report, Verdict};
use crate::provision::Provision;
use crate::run::Run;
use crate::target::Problem;
use tokio::sync::mpsc;

/// How many servers a thread tests at once.
const AT_ONCE: usize = 4;
/// How many threads there are at most.
const MOST_THREADS: usize = 8;

/// What a self-test does.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Number of runs against the unbroken server, each with another seed
    #[arg(long, value_name = "N", default_value_t = 3, env = "SUPPLIER_CONTRACT_UNBROKEN")]
    pub unbroken: u32,
    /// Run every check for every defect, not only the checks of the rule that it breaks
    #[arg(long)]
    pub full: bool,
    /// Only these defects, or the defects of these rules; repeat the option for more
    #[arg(long, value_name = "DEFECT|RULE", value_delimiter = ',')]
    pub only: Vec<String>,
    /// First random seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// What noticed a defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Killed {
    /// The check.
    pub check: &'static str,
    /// The rule under which it told it.
    pub rule: RuleId,
    /// What that comes to.
    pub verdict: Verdict,
    /// How many calls the script makes that shows it.
    pub calls: usize,
}

/// What came of a defect.
#[derive(Debug, Clone)]
pub struct Row {
    /// The defect.
    pub mutant: &'static Mutant,
    /// Everything that noticed it.
    pub killed: Vec<Killed>,
    /// What failed in the suite itself.
    pub errors: Vec<String>,
}

impl Row {
    /// Whether it was told under the rule that it breaks.
    pub fn is_killed(&self) -> bool {
        self.killed.iter().any(|killed| killed.rule == self.mutant.rule)
    }

    /// Whether the guide states or implies the rule that it breaks.
    pub fn is_binding(&self) -> bool {
        rulebook::find(self.mutant.rule.as_str())
            .is_some_and(|rule| matches!(rule.level, Level::Stated | Level::Implied))
    }
}

/// What came of a self-test.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    /// A row for each defect.
    pub rows: Vec<Row>,
    /// How often the unbroken server was tested.
    pub unbroken: u32,
    /// What was said of it all the same: rule or check, and what.
    pub alarms: Vec<String>,
}

impl Matrix {
    /// Whether every defect of a binding rule was noticed, and nothing was said of the unbroken server.
    pub fn holds(&self) -> bool {
        self.alarms.is_empty() && self.survivors().all(|row| !row.is_binding())
    }

    /// The defects that were not told under the rule that they break.
    pub fn survivors(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.is_killed())
    }

    /// The matrix as lines of text: a line for each rule, and below it its defects with the checks that noticed them.
    pub fn text(&self) -> String {
        let mut by_rule: BTreeMap<RuleId, Vec<&Row>> = BTreeMap::new();
        for row in &self.rows {
            by_rule.entry(row.mutant.rule).or_default().push(row);
        }
        let mut text = String::new();
        for rule in rulebook::rules() {
            let Some(rows) = by_rule.get(&rule.id) else { continue };
            let killed = rows.iter().filter(|row| row.is_killed()).count();
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{} ({}): {killed} of {} killed", rule.id, rule.level, rows.len());
            for row in rows {
                let _ = writeln!(text, "{}", line(row));
            }
        }
        let killed = self.rows.iter().filter(|row| row.is_killed()).count();
        let _ = writeln!(text, "{killed} of {} defects killed", self.rows.len());
        let _ = writeln!(text, "{} unbroken runs, {} alarms", self.unbroken, self.alarms.len());
        for alarm in &self.alarms {
            let _ = writeln!(text, "  ALARM {alarm}");
        }
        text
    }
}

fn line(row: &Row) -> String {
    let own: Vec<_> = row.killed.iter().filter(|killed| killed.rule == row.mutant.rule).collect();
    let mut checks: Vec<_> = own.iter().map(|killed| killed.check).collect();
    checks.dedup();
    let shortest = own.iter().map(|killed| killed.calls).min();
    let mut told = match shortest {
        Some(calls) => {
            format!("  killed    {}: {}, {}", row.mutant.id, checks.join(", "), counted(calls, "call"))
        }
        None => format!("  SURVIVED  {}: {}", row.mutant.id, row.mutant.title),
    };
    let mut others: Vec<_> = row.killed.iter().map(|killed| killed.rule.as_str()).collect();
    others.retain(|rule| *rule != row.mutant.rule.as_str());
    others.sort_unstable();
    others.dedup();
    if !others.is_empty() {
        let _ = write!(told, " (also told: {})", others.join(", "));
    }
    for error in &row.errors {
        let _ = write!(told, " [error: {error}]");
    }
    told
}

/// A server to test.
#[derive(Clone, Copy)]
enum Job {
    /// One with a defect.
    Broken(&'static Mutant),
    /// The unbroken one, with that random seed.
    Unbroken(u64),
}

/// What a test of a server came to.
enum Done {
    Row(Row),
    Alarms(Vec<String>),
}

/// Breaks a server in every way, and tests it unbroken; each row is told as soon as those before it are. Threads share the work.
pub async fn selftest(options: &Options, mut tell: impl FnMut(&Row)) -> io::Result<Matrix> {
    let asked = |mutant: &&'static Mutant| {
        let named = |name: &String| name == mutant.id || name == mutant.rule.as_str();
        options.only.is_empty() || options.only.iter().any(named)
    };
    let broken = DEFECTS.iter().filter(asked).map(Job::Broken);
    let unbroken = (0..options.unbroken).map(|round| Job::Unbroken(options.seed + u64::from(round)));
    let jobs: Arc<[Job]> = broken.chain(unbroken).collect();
    let (next, (done, mut told)) = (Arc::new(AtomicUsize::new(0)), mpsc::unbounded_channel());
    for _ in 0..thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS) {
        let (options, jobs, next, done) =
            (options.clone(), Arc::clone(&jobs), Arc::clone(&next), done.clone());
        thread::Builder::new().spawn(move || work(&options, &jobs, &next, &done))?;
    }
    drop(done);
    let mut waiting = BTreeMap::new();
    let mut matrix = Matrix { unbroken: options.unbroken, ..Matrix::default() };
    for place in 0..jobs.len() {
        let done = loop {
            if let Some(done) = waiting.remove(&place) {
                break done;
            }
            let (other, done) =
                told.recv().await.ok_or_else(|| io::Error::other("a thread has ended early"))?;
            waiting.insert(other, done?);
        };
        match done {
            Done::Row(row) => {
                tell(&row);
                matrix.rows.push(row);
            }
            Done::Alarms(alarms) => matrix.alarms.extend(alarms),
        }
    }
    Ok(matrix)
}

/// Does jobs that nobody has begun, until there are none or nobody waits for them.
fn work(
    options: &Options,
    jobs: &[Job],
    next: &AtomicUsize,
    done: &mpsc::UnboundedSender<(usize, io::Result<Done>)>,
) {
    let take = || {
        let place = next.fetch_add(1, Ordering::Relaxed);
        jobs.get(place).filter(|_| !done.is_closed()).map(|job| (place, *job))
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            // Whoever waits for the first job hears why it is not done.
            return drop(done.send((0, Err(error))));
        }
    };
    runtime.block_on(async {
        let jobs = futures::stream::iter(iter::from_fn(take));
        let mut all = jobs
            .map(|(place, job)| async move { (place, do_job(options, job).await) })
            .buffer_unordered(AT_ONCE);
        while let Some(one) = all.next().await {
            // Nobody may wait any more.
            let _ = done.send(one);
        }
    });
}

async fn do_job(options: &Options, job: Job) -> io::Result<Done> {
    let seed = match job {
        Job::Broken(mutant) => return row(options, mutant).await.map(Done::Row),
        Job::Unbroken(seed) => seed,
    };
    Ok(Done::Alarms(match tested(None, Vec::new(), seed).await? {
        Ok(report) => alarms(&report).map(|alarm| format!("seed {seed}: {alarm}")).collect(),
        Err(problem) => vec![format!("seed {seed}: {problem}")],
    }))
}

async fn row(options: &Options, mutant: &'static Mutant) -> io::Result<Row> {
    let only = if options.full { Vec::new() } else { vec![mutant.rule.as_str().to_owned()] };
    let report = match tested(Some(mutant.defect), only, options.seed).await? {
        Ok(report) => report,
        Err(problem) => return Ok(Row { mutant, killed: Vec::new(), errors: vec![problem.to_string()] }),
    };
    let killed = report.findings().map(|finding| Killed {
        check: finding.check,
        rule: finding.rule,
        verdict: finding.verdict,
        calls: finding.script.calls(),
    });
    let errors = report.checks.iter().filter(|check| check.verdict == Verdict::Error);
    let errors = errors.filter_map(|check| Some(format!("{}: {}", check.check.id, check.reason.as_ref()?)));
    Ok(Row { mutant, killed: killed.collect(), errors: errors.collect() })
}

/// What was said of a server in which nothing is broken.
fn alarms(report: &Report) -> impl Iterator<Item = String> + '_ {
    let findings = report.findings().map(|finding| format!("{}: {}", finding.rule, finding.got));
    let errors = report.checks.iter().filter(|check| check.verdict == Verdict::Error);
    findings.chain(errors.filter_map(|check| Some(format!("{}: {}", check.check.id, check.reason.as_ref()?))))
}

/// Tests the server with that defect. The outer error is the machine's, the inner one says why no run began.
async fn tested(defect: Option<Defect>, only: Vec<String>, seed: u64) -> io::Result<Result<Report, Problem>> {
    let target = FakeTarget::start(defect).await?;
    let mut config = Config::new(target.url()).key(target.first_key()).second_key(target.second_key());
    config.provision = Some(Provision::Http);
    config.hook = vec![target.hook_url_with_batches()];
    config.allow_writes = true;
    config.seed = seed;
    config.only = only;
    match Run::prepare(config, registry()).await {
        Ok(run) => Ok(Ok(run.run(&mut |_| {}).await)),
        Err(problem) => Ok(Err(problem)),
    }
}
