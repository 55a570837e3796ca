//! The command line: what it takes, and how it ends.

mod doctor;
mod exit;
mod explain;
mod list;
#[cfg(test)]
mod made;
mod observe;
mod options;
mod replay;
mod run;
mod selftest;
mod signals;
mod text;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use jiff::Timestamp;

use exit::{Failure, TABLE};
use options::with_settings;

/// Contract tests for the Supplier API: tests whether a server implements it.
///
/// The suite calls the target by its URL only, and reports a verdict for each rule of the rulebook: PASS, FAIL, WARN (the
/// target differs where the guide is silent), ERROR, or NOT-TESTED with what the suite needs to test the rule.
#[derive(Parser)]
#[command(name = "supplier-contract", version, after_help = after_help(), subcommand_required = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Test a server
    #[command(after_help = TABLE)]
    Run,
    /// List the rules and the checks that test them
    List(list::Options),
    /// Explain a rule or a check: its text, how it is tested, how to fix or accept a failure
    Explain(explain::Options),
    /// Repeat the calls of a finding in a report, and say whether it is still there
    #[command(after_help = TABLE)]
    Replay(replay::Options),
    /// Write a profile of a target's choices where the guide is silent
    #[command(after_help = TABLE)]
    Observe(observe::Options),
    /// Examine a target, its keys and its hook, and say what to mend
    #[command(after_help = TABLE)]
    Doctor,
    /// Test the suite itself: break a server on purpose, and see which checks notice
    Selftest(crate::selftest::Options),
}

/// Settings that only `run` takes.
const OF_RUNS: [&str; 7] = ["strict", "profile", "baseline", "only", "require", "report", "fail_fast"];

/// The command line.
fn command() -> clap::Command {
    let command = Cli::command().mut_subcommand("run", |run| with_settings(run, &[]));
    let command = command.mut_subcommand("replay", |replay| with_settings(replay, &OF_RUNS));
    let command = command.mut_subcommand("doctor", |doctor| with_settings(doctor, &OF_RUNS));
    hide_env_values(command.mut_subcommand("observe", |observe| with_settings(observe, &OF_RUNS)))
}

/// Hides the values of environment variables in every help text: a value may be a key.
fn hide_env_values(command: clap::Command) -> clap::Command {
    command.mut_args(|argument| argument.hide_env_values(true)).mut_subcommands(hide_env_values)
}

fn after_help() -> String {
    format!(
        "{TABLE}

Examples:
  A sandbox on this machine, which provides keys and orders itself:
    supplier-contract run --target http://127.0.0.1:4010
  Your own server, prepared by a hook, with a report for CI:
    supplier-contract run --target http://127.0.0.1:8080 --hook ./hook.sh \\
      --allow-writes --report human --report junit=contract.xml
  A server in production: no order is hidden or changed, and the key is in a file:
    supplier-contract run --target https://example.com --key-file key.txt \\
      --read-only --rate 5/s"
    )
}

/// The profile that `observe` writes of the target that `config` describes.
#[doc(hidden)]
pub async fn observed(config: crate::Config) -> Result<String, String> {
    observe::profile_of(config).await.map_err(|failure| failure.to_string())
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    let code = answer(std::env::args_os(), &mut io::stdout().lock()).unwrap_or_else(|failure| {
        // With stderr gone there is nobody to tell.
        let _ = writeln!(io::stderr(), "{failure}");
        failure.code
    });
    ExitCode::from(code)
}

/// Does what a command line says, and gives the exit code.
fn answer(line: impl IntoIterator<Item = OsString>, out: &mut dyn Write) -> Result<u8, Failure> {
    let parsed = command().try_get_matches_from(line);
    let matches = match parsed {
        Ok(matches) => matches,
        Err(error) if error.use_stderr() => return Err(Failure::parsing(in_one_line(&error))),
        // Help, or the version.
        Err(error) => {
            let shown =
                if is_terminal() { error.render().ansi().to_string() } else { error.render().to_string() };
            print(out, &shown)?;
            return Ok(exit::CONFORMS);
        }
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|error| Failure::parsing(in_one_line(&error)))?;
    let given = matches.subcommand().map_or(&matches, |(_, given)| given);
    let now = Timestamp::now();
    match cli.command {
        Command::Run => run::run(given, now),
        Command::List(options) => list::list(&options, out),
        Command::Explain(options) => explain::explain(&options, out),
        Command::Replay(options) => replay::replay(&options, given, now, out),
        Command::Observe(options) => observe::observe(&options, given, now, out),
        Command::Doctor => doctor::doctor(given, now, out),
        Command::Selftest(options) => selftest::selftest(&options, out),
    }
}

fn is_terminal() -> bool {
    io::IsTerminal::is_terminal(&io::stdout())
}

/// What is wrong with a command line, without the paragraphs that follow it.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let told = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let told: Vec<_> = told.filter(|line| !line.is_empty()).collect();
    format!("{} (see supplier-contract --help)", told.join(" "))
}

/// Writes for whoever reads the program's output. A reader that has read enough is no failure.
fn print(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Does work of the suite.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::unreachable(format!("the system gives no threads: {error}")))?;
    runtime.block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn the_help_shows_no_value_of_a_variable() {
        fn arguments(command: &clap::Command) -> Vec<&clap::Arg> {
            command.get_arguments().chain(command.get_subcommands().flat_map(arguments)).collect()
        }
        let command = command();
        let arguments = arguments(&command);
        assert!(arguments.iter().filter(|argument| argument.get_env().is_some()).count() > 60);
        for argument in arguments {
            let id = argument.get_id();
            assert!(argument.is_hide_env_values_set(), "{id} would show the value of its variable");
        }
    }
}
