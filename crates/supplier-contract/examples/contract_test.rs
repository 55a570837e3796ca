//! Tests a server from Rust, and prints each rule that it breaks.
//!
//! Run it against a sandbox: `cargo run -p supplier-contract --example contract_test -- http://127.0.0.1:4010`.

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::env;
use std::error::Error;

use supplier_contract::{Config, Event, run_with};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let target = env::args().nth(1).ok_or("give the URL of the server, such as http://127.0.0.1:4010")?;
    let mut config = Config::new(target);
    // The rules about API keys; leave this out to test all rules.
    config.only = vec!["auth".to_owned()];
    let report = run_with(config, |event| {
        if let Event::CheckFinished(check) = event {
            println!("{:10} {}", check.verdict.as_str(), check.check.id);
        }
    })
    .await?;
    for finding in report.findings() {
        println!("{}: expected {}, got {}", finding.rule, finding.expected, finding.got);
    }
    if report.conforms() { Ok(()) } else { Err("the server breaks the rules above".into()) }
}
