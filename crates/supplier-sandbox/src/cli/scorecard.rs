//! `supplier-sandbox scorecard`: the scorecard of a client at a running server.

mod answer;
mod ask;
mod plain;
mod required;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use supplier_domain::SupplierId;
use supplier_sandbox::{InvalidServerUrl, ServerUrl};
use supplier_store::SandboxId;

use super::output::OutputTarget;
use super::{Failure, print, secret};
use answer::Scorecard;
use ask::{Kind, Server};
use required::RequiredPractices;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// URL of a running server, such as `http://127.0.0.1:4010`
    #[arg(long, value_name = "URL")]
    url: String,
    /// Id of the sandbox
    #[arg(long, value_name = "ID", default_value = "default")]
    sandbox: SandboxId,
    /// Id of the supplier to score [default: all suppliers of the sandbox]
    #[arg(long, value_name = "ID")]
    supplier: Option<SupplierId>,
    /// Minimum score; exit code 1 if the score is lower, or if there is no call to score
    #[arg(long, value_name = "0..100", allow_negative_numbers = true, value_parser = points)]
    min: Option<u8>,
    /// Practices that must have been observed, or their number; otherwise exit code 1 [default with the flag alone: all]
    #[arg(long, value_name = "all|NUMBER|PRACTICE,…", num_args = 0..=1, default_missing_value = "all")]
    require_observed: Option<RequiredPractices>,
    /// The client is still running: an order that it polled and did not answer counts only after its window has ended
    #[arg(long)]
    running: bool,
    /// Write a JUnit report to this file, for CI
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// File with the server's admin token, if the server requires one; or set `SUPPLIER_SANDBOX_ADMIN_TOKEN`
    #[arg(long, value_name = "FILE", env = "SUPPLIER_SANDBOX_ADMIN_TOKEN_FILE", hide_env_values = true)]
    admin_token_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for a terminal
    Text,
    /// JSON
    Json,
    /// Markdown
    Markdown,
}

fn url(text: &str) -> Result<ServerUrl, Failure> {
    text.parse().map_err(|error: InvalidServerUrl| {
        // An invalid URL may contain a password, before an `@` or in a query.
        let given = if text.contains(['@', '?']) { "what was given".to_owned() } else { format!("{text:?}") };
        Failure::Unusable(format!("error: --url: {given} is not the URL of a server; {error}"))
    })
}

fn points(text: &str) -> Result<u8, String> {
    let points = text.parse().ok().filter(|points| *points <= 100);
    points.ok_or_else(|| "must be a whole number from 0 to 100".to_owned())
}

/// Gets the scorecard from the server, prints it, and compares it with the minimum.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let url = url(&options.url)?;
    let token = secret::ADMIN_TOKEN.read(options.admin_token_file.as_deref())?;
    let server =
        Server::new(&url, &options.sandbox, options.supplier.as_ref(), !options.running, token.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::Unusable(format!("error: the operating system gives no threads: {error}"))
    })?;
    runtime.block_on(async {
        // Get the report before printing, so that a failure prints nothing.
        let junit = match &options.junit {
            Some(file) => Some((file, server.ask(Kind::JUnit).await?)),
            None => None,
        };
        let json = match options.format {
            Format::Markdown if options.min.is_none() && options.require_observed.is_none() => None,
            _ => Some(server.ask(Kind::Json).await?),
        };
        let scorecard = json.as_deref().map(|json| Scorecard::read(json, &server)).transpose()?;
        let shown = match (options.format, json, &scorecard) {
            (Format::Text, _, Some(scorecard)) => text::of(scorecard, options.sandbox.as_str()),
            (Format::Json, Some(json), _) => json,
            _ => server.ask(Kind::Markdown).await?,
        };
        if let Some((file, report)) = junit {
            write(file, &report)?;
        }
        // The server's text may contain terminal control characters.
        print(&format!("{}\n", plain::clean(&shown).trim_end()))?;
        let Some(scorecard) = scorecard else { return Ok(()) };
        if let Some(min) = options.min {
            judge(scorecard.score, min)?;
        }
        options.require_observed.as_ref().map_or(Ok(()), |required| required.judge(&scorecard))
    })
}

fn write(file: &Path, report: &str) -> Result<(), Failure> {
    OutputTarget::of(file).and_then(|place| place.write(report.as_bytes(), 0o644)).map(drop).map_err(
        |error| {
            Failure::Unusable(format!(
                "error: --junit {}: {error}; name a file in a directory that can be written to",
                file.display()
            ))
        },
    )
}

/// Compares a score with the minimum. Without a score, nothing was measured, so the check fails.
fn judge(score: Option<u8>, min: u8) -> Result<(), Failure> {
    match score {
        Some(score) if score >= min => Ok(()),
        Some(score) => Err(Failure::Found(format!(
            "error: --min {min}: the score is {score}; the text above says why, and what to do"
        ))),
        None => Err(Failure::Found(format!(
            "error: --min {min}: nothing was observed, so there is no score; let the client call \
             the server first, with a key of this sandbox"
        ))),
    }
}
