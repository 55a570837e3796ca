//! `supplier-sandbox serve`

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use supplier_control::{Bounds, Caps};
use supplier_domain::{MIN_ACCOUNTS_CAP, counted};
use supplier_sandbox::{Durability, SandboxServer, StartError};
use tracing_subscriber::EnvFilter;

use super::ready_file::ReadyFile;
use supplier_control::MAX_WINDOW_MINUTES;

use super::scenario::Choice;
use super::signals::Signals;
use super::{Failure, banner, print, scenario, secret};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Address to listen on; port 0 picks a free port
    #[arg(
        long,
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:4010",
        env = "SUPPLIER_SANDBOX_LISTEN",
        hide_env_values = true
    )]
    listen: String,
    /// Scenario to seed the sandbox with: default, minimal, empty, or a scenario file [default: default]
    #[arg(long, value_name = "NAME|FILE", env = "SUPPLIER_SANDBOX_SCENARIO", hide_env_values = true)]
    scenario: Option<String>,
    /// Random seed for the orders (and, on 127.0.0.1, the API keys) [default: 1]
    #[arg(long, value_name = "N", env = "SUPPLIER_SANDBOX_SEED", hide_env_values = true,
          allow_negative_numbers = true, value_parser = seed)]
    seed: Option<u64>,
    /// How long an order that you polled is withheld from your next lists, in minutes; 0 withholds none [default: 30]
    #[arg(long, value_name = "N", env = "SUPPLIER_SANDBOX_WINDOW_MINUTES", hide_env_values = true,
          allow_negative_numbers = true, value_parser = window_minutes)]
    window_minutes: Option<u32>,
    /// Keep sandboxes, keys and journals in this file, which is created if missing. Without it they are in memory only.
    /// A file that was made with another scenario or seed than you give is refused
    #[arg(long, value_name = "FILE", env = "SUPPLIER_SANDBOX_DATA", hide_env_values = true)]
    data: Option<PathBuf>,
    /// Keep everything in this PostgreSQL database, which several servers can share:
    /// postgres://USER:PASSWORD@HOST:PORT/NAME
    #[arg(
        long,
        value_name = "URL",
        env = "SUPPLIER_SANDBOX_DATABASE_URL",
        hide_env_values = true,
        conflicts_with = "data"
    )]
    database_url: Option<String>,
    /// Durability of a change in the data file before the server answers
    #[arg(
        long,
        value_name = "HOW",
        default_value = "full",
        env = "SUPPLIER_SANDBOX_DURABILITY",
        hide_env_values = true
    )]
    durability: HowDurable,
    /// File with the admin token, which the control API requires when other machines can reach the server; or set
    /// `SUPPLIER_SANDBOX_ADMIN_TOKEN`
    #[arg(long, value_name = "FILE", env = "SUPPLIER_SANDBOX_ADMIN_TOKEN_FILE", hide_env_values = true)]
    admin_token_file: Option<PathBuf>,
    /// File with the dashboard password of every supplier; or set `SUPPLIER_SANDBOX_DASHBOARD_PASSWORD`. Servers that
    /// share a database need the same one. Without it each server generates a password and prints it
    #[arg(
        long,
        value_name = "FILE",
        env = "SUPPLIER_SANDBOX_DASHBOARD_PASSWORD_FILE",
        hide_env_values = true
    )]
    dashboard_password_file: Option<PathBuf>,
    /// Public URL of the server, for instance behind a proxy: pages, documents and the banner use it
    #[arg(long, value_name = "URL", env = "SUPPLIER_SANDBOX_PUBLIC_URL", hide_env_values = true)]
    public_url: Option<String>,
    /// Keep a journal of calls and a scorecard; turn it off for load tests
    #[arg(
        long,
        value_name = "ON|OFF",
        default_value = "on",
        env = "SUPPLIER_SANDBOX_JOURNAL",
        hide_env_values = true
    )]
    journal: Switch,
    /// Maximum number of orders in a sandbox, beside the seeded ones
    #[arg(long, value_name = "N", default_value_t = Bounds::default().orders,
          env = "SUPPLIER_SANDBOX_MAX_ORDERS_PER_SANDBOX", hide_env_values = true)]
    max_orders_per_sandbox: usize,
    /// Maximum number of accounts in a sandbox, beside the seeded ones
    #[arg(long, value_name = "N", default_value_t = Bounds::default().accounts,
          env = "SUPPLIER_SANDBOX_MAX_ACCOUNTS_PER_SANDBOX", hide_env_values = true)]
    max_accounts_per_sandbox: usize,
    /// Maximum number of accounts in an order, 10000 or more; an order may always have ten times its quantity
    #[arg(long, value_name = "N", default_value_t = Bounds::default().accounts_per_order,
          env = "SUPPLIER_SANDBOX_MAX_ACCOUNTS_PER_ORDER", hide_env_values = true, value_parser = accounts_per_order)]
    max_accounts_per_order: usize,
    /// Log level on stderr: error, warn, info, debug, trace, or a filter such as `supplier_sandbox=debug`
    #[arg(
        long,
        value_name = "FILTER",
        default_value = "info",
        env = "SUPPLIER_SANDBOX_LOG",
        hide_env_values = true
    )]
    log: String,
    /// Log format
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "pretty",
        env = "SUPPLIER_SANDBOX_LOG_FORMAT",
        hide_env_values = true
    )]
    log_format: LogFormat,
    /// Write a JSON object with url, docs and suppliers (id, name, key) to this file once the server is ready; the server removes it when it stops
    #[arg(long, value_name = "FILE", env = "SUPPLIER_SANDBOX_READY_FILE", hide_env_values = true)]
    ready_file: Option<PathBuf>,
}

impl Options {
    /// How much a sandbox may hold.
    fn bounds(&self) -> Bounds {
        Bounds {
            orders: self.max_orders_per_sandbox,
            accounts: self.max_accounts_per_sandbox,
            accounts_per_order: self.max_accounts_per_order,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HowDurable {
    /// The change is on the disk: survives a power cut
    Full,
    /// The operating system has the change: survives a crash of the server
    Normal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// Readable text
    Pretty,
    /// One JSON object per line
    Json,
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("must be a whole number from 0 to {}", u64::MAX))
}

fn window_minutes(text: &str) -> Result<u32, String> {
    let minutes = text.parse().ok().filter(|minutes| *minutes <= MAX_WINDOW_MINUTES);
    minutes.ok_or_else(|| format!("must be a whole number of minutes from 0 to {MAX_WINDOW_MINUTES}"))
}

fn accounts_per_order(text: &str) -> Result<usize, String> {
    let most = text.parse().ok().filter(|most| *most >= MIN_ACCOUNTS_CAP);
    most.ok_or_else(|| format!("must be a whole number from {MIN_ACCOUNTS_CAP}"))
}

/// Serves until it is told to stop.
pub(super) fn serve(options: &Options) -> Result<(), Failure> {
    start_logging(&options.log, options.log_format)?;
    let scenario = options.scenario.as_deref().map(scenario::choose).transpose()?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::Unusable(format!("error: the operating system gives no threads: {error}"))
    })?;
    runtime.block_on(async {
        let mut signals =
            Signals::new().map_err(|error| Failure::Unusable(format!("error: no signals: {error}")))?;
        let ready_file = options.ready_file.clone().map(ReadyFile::claim).transpose()?;
        let mut builder = SandboxServer::builder()
            .listen(&options.listen)
            .journal(options.journal == Switch::On)
            .caps(Caps { bounds: options.bounds(), ..Caps::default() });
        builder = match scenario {
            None => builder,
            Some(Choice::Builtin(name)) => builder.scenario(name),
            Some(Choice::Read(scenario)) => builder.scenario_from(*scenario),
        };
        if let Some(seed) = options.seed {
            builder = builder.seed(seed);
        }
        if let Some(minutes) = options.window_minutes {
            builder = builder.window_minutes(minutes);
        }
        if let Some(token) = secret::ADMIN_TOKEN.read(options.admin_token_file.as_deref())? {
            builder = builder.admin_token(&token);
        }
        let password = secret::DASHBOARD_PASSWORD.read(options.dashboard_password_file.as_deref())?;
        let is_password_given = password.is_some();
        if let Some(password) = password {
            builder = builder.dashboard_password(password);
        }
        if let Some(file) = &options.data {
            builder = builder.data(file);
        }
        if let Some(url) = &options.database_url {
            builder = builder.database_url(url);
        }
        builder = builder.durability(match options.durability {
            HowDurable::Full => Durability::Full,
            HowDurable::Normal => Durability::Normal,
        });
        if let Some(url) = &options.public_url {
            builder = builder.public_url(url);
        }
        let server = builder.start().await.map_err(explain)?;
        if let Some(file) = &ready_file {
            tokio::select! {
                written = file.write(&server) => written?,
                // Nobody has read the pipe.
                () = signals.next() => return end(server, &mut signals).await,
            }
        }
        print(&banner::text(&server, kept_in(options).as_deref(), is_password_given))?;
        if let Some(asked) = options.window_minutes.filter(|asked| server.window_minutes() != u64::from(*asked)) {
            tracing::warn!(
                "{} holds a default sandbox with a window of {}, which stays as it is; --window-minutes {asked} is \
                 for sandboxes that are made from now on: POST {}/_sandbox/sandboxes, or use another place",
                kept_in(options).as_deref().unwrap_or("the store"),
                counted(server.window_minutes(), "minute"),
                server.url(),
            );
        }
        signals.next().await;
        end(server, &mut signals).await
    })
}

/// Stops `server`, at a second signal at once.
async fn end(server: SandboxServer, signals: &mut Signals) -> Result<(), Failure> {
    tracing::info!("stopping when the requests under way are answered; a second signal stops at once");
    tokio::select! {
        () = server.stop() => Ok(()),
        () = signals.next() => Ok(()),
    }
}

/// Where everything is kept, for people: a URL may hold a password.
fn kept_in(options: &Options) -> Option<String> {
    let file = options.data.as_ref().map(|file| file.display().to_string());
    file.or_else(|| options.database_url.as_ref().map(|_| "the database".to_owned()))
}

fn explain(error: StartError) -> Failure {
    match error {
        StartError::AddressInUse(_) | StartError::InvalidAddress(_) | StartError::Listen { .. } => {
            Failure::Unusable(format!("error: --listen: {error}"))
        }
        StartError::Database(_) => Failure::Unusable(format!("error: --database-url: {error}")),
        StartError::Data(_) => Failure::Unusable(format!("error: --data: {error}")),
        StartError::OtherWorld { place, held, asked } => Failure::Unusable(format!(
            "error: {place} was made with {held}, and you asked for {asked}: leave --scenario and --seed out (and \
             SUPPLIER_SANDBOX_SCENARIO and SUPPLIER_SANDBOX_SEED unset) to go on with what is there, or choose another \
             place with --data or --database-url to begin anew"
        )),
        StartError::InvalidPublicUrl(_) => Failure::Unusable(format!("error: --public-url: {error}")),
        other => Failure::Unusable(format!("error: {other}")),
    }
}

fn start_logging(filter: &str, format: LogFormat) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Failure::Unusable(format!(
            "error: --log {filter:?} is not a log filter ({error}); write a level, such as info"
        ))
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Pretty => subscriber.with_target(false).init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    Ok(())
}
