//! Command line: commands, options, exit codes.

mod banner;
mod documents;
mod output;
mod ready_file;
mod rehearse;
mod scenario;
mod scorecard;
mod secret;
mod serve;
mod signals;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// Sandbox server for the Supplier API: test your client against fake orders.
///
/// The server is seeded with fake orders and follows the API's rulebook. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "supplier-sandbox", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API until Ctrl-C or SIGTERM [the default]
    Serve(serve::Options),
    /// Print the OpenAPI documents, or compare files with them
    Openapi(documents::Options),
    /// Check a scenario file
    #[command(subcommand, arg_required_else_help = false)]
    Scenario(scenario::Command),
    /// Run your worker while its calls go wrong: does it lose an order, or deliver one twice?
    Rehearse(rehearse::Options),
    /// Get a client's score from a running server, and fail below a minimum
    Scorecard(scorecard::Options),
}

const EXIT_CODES: &str = "Exit codes: 0 success; 1 a check failed; 2 the command line, a file or the address \
                          cannot be used. `rehearse` has more: 3 the worker cannot be run; 4 it makes no call.";

/// Failure of the program.
#[derive(Debug)]
enum Failure {
    /// A check found something: exit code 1.
    Found(String),
    /// A check found something, and stdout says what: exit code 1.
    Broken,
    /// A signal ended a run that had found nothing until then: exit code 130.
    Stopped,
    /// An option, a file or the environment cannot be used: exit code 2.
    Unusable(String),
    /// A worker cannot be run: exit code 3.
    CannotRun(String),
    /// A client makes no call that could be rehearsed: exit code 4.
    NothingToDo(String),
}

impl Failure {
    fn end(self) -> ExitCode {
        let (code, text) = match self {
            Self::Found(text) => (1, text),
            Self::Broken => return ExitCode::from(1),
            Self::Stopped => return ExitCode::from(130),
            Self::Unusable(text) => (2, text),
            Self::CannotRun(text) => (3, text),
            Self::NothingToDo(text) => (4, text),
        };
        // If stderr is closed, nobody reads the message.
        let _ = writeln!(io::stderr(), "{text}");
        ExitCode::from(code)
    }
}

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return Failure::Unusable(in_one_line(&error)).end(),
        // Help, or the version.
        Err(error) => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
    };
    let done = match cli.command {
        None => serve::serve(&cli.serve),
        Some(Command::Serve(options)) => serve::serve(&options),
        Some(Command::Openapi(options)) => documents::run(&options),
        Some(Command::Scenario(command)) => scenario::run(&command),
        Some(Command::Rehearse(options)) => rehearse::run(&options),
        Some(Command::Scorecard(options)) => scorecard::run(&options),
    };
    done.map_or_else(Failure::end, |()| ExitCode::SUCCESS)
}

/// The problem of a command line, without clap's further paragraphs.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let told = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let told: Vec<_> = told.filter(|line| !line.is_empty()).collect();
    let command = std::env::args().nth(1).filter(|word| Cli::command().find_subcommand(word).is_some());
    let command = command.map_or_else(String::new, |command| format!("{command} "));
    format!("{} (see supplier-sandbox {command}--help)", told.join(" "))
}

/// Writes to stdout. A closed pipe is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Unusable(format!("error: cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
