//! How fast the server is, and how much memory it takes: figures beside their targets, in one table.
//!
//! `cargo bench -p supplier-sandbox` measures them all; `-- NAME...` only those. `benches/README.md` says what each
//! figure means. Linux only: processor time and memory are read from `/proc`.

mod bare;
mod database;
mod figures;
mod load;
mod process;
mod requests;
mod scenario;
mod table;

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Why something could not be measured.
type Failure = Box<dyn Error + Send + Sync>;

/// The first argument with which this program is the server that the sandbox is compared with.
const BARE_SERVER: &str = "--bare-server";

fn main() -> ExitCode {
    match run(env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Vec<String>) -> Result<(), Failure> {
    if let [first, directory] = args.as_slice()
        && first == BARE_SERVER
    {
        return bare::serve(directory.as_ref());
    }
    // Cargo passes `--bench` to what it runs as a benchmark, and not to what it runs as a test.
    let (flags, names): (Vec<_>, Vec<_>) = args.into_iter().partition(|arg| arg == "--bench");
    if flags.is_empty() {
        writeln!(io::stderr(), "nothing is measured: that is for `cargo bench -p supplier-sandbox`")?;
        return Ok(());
    }
    let chosen = figures::choose(&names)?;
    // One thread: what drives the servers must leave them the rest of the machine.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut rows = Vec::new();
    for figure in chosen {
        writeln!(io::stderr(), "measuring {}: {}", figure.name, figure.about)?;
        rows.extend(
            runtime.block_on((figure.measure)()).map_err(|failure| format!("{}: {failure}", figure.name))?,
        );
    }
    write!(io::stdout(), "{}", table::render(&rows))?;
    Ok(())
}
