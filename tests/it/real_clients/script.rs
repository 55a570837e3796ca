//! The scripts of `tests/clients/resend`, and what they need.

use std::process::Command;

use tempfile::TempDir;

use crate::process::run;
use crate::program::root;
use crate::tools;

/// One of the scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Curl,
    Wget,
    Php,
    Perl,
    Ruby,
    Java,
    Python,
    Node,
}

impl Script {
    /// Whether the project chooses the versions of its clients, rather than the operating system.
    pub(super) fn has_pinned_clients(self) -> bool {
        matches!(self, Self::Python | Self::Node)
    }

    /// The script ready to run; `None`, and a line that says so, where a tool is missing.
    pub(super) fn prepare(self) -> Option<Prepared> {
        let classes = tempfile::tempdir().unwrap();
        let directory = root().join("tests/clients/resend");
        let mut command = match self {
            Self::Curl => tools::has_script_tools().then(|| Command::new(directory.join("curl.sh"))),
            Self::Wget => {
                let has_wget =
                    tools::is_there("wget", Command::new("wget").arg("--version"), "install GNU Wget");
                (tools::has_script_tools() && has_wget).then(|| Command::new(directory.join("wget.sh")))
            }
            Self::Php => interpreter(
                "php, or curl for it,",
                &["php", "-r", "exit(function_exists('curl_init') ? 0 : 1);"],
                "install PHP with its curl extension",
                "curl.php",
            ),
            Self::Perl => interpreter(
                "perl, or LWP for it,",
                &["perl", "-MHTTP::Tiny", "-MLWP::UserAgent", "-MJSON::PP", "-e", "1"],
                "install Perl and libwww-perl",
                "perl.pl",
            ),
            Self::Ruby => {
                interpreter("ruby", &["ruby", "-rnet/http", "-e", "1"], "install Ruby", "net_http.rb")
            }
            Self::Java => tools::is_there(
                "javac",
                Command::new("javac").arg("-version"),
                "install a Java development kit, 17 or newer",
            )
            .then(|| {
                // Once, and not before each of many calls.
                let source = directory.join("Java.java");
                let compiled = run(Command::new("javac").arg("-d").arg(classes.path()).arg(source));
                assert_eq!(compiled.code, Some(0), "{}", compiled.stderr);
                let mut java = Command::new("java");
                java.arg("-XX:TieredStopAtLevel=1").arg("-cp").arg(classes.path()).arg("Java");
                java
            }),
            Self::Python => {
                tools::python_with(&["requests", "httpx", "urllib3", "httplib2", "aiohttp"], "python.py")
            }
            Self::Node => {
                tools::node_with(&["axios", "axios-retry", "got", "superagent", "needle"], "node.mjs")
            }
        }?;
        command.current_dir(directory);
        Some(Prepared { command, _classes: classes })
    }
}

/// An interpreter with a script, if `probe` succeeds.
fn interpreter(what: &str, probe: &[&str], remedy: &str, script: &str) -> Option<Command> {
    let (program, args) = probe.split_first()?;
    tools::is_there(what, Command::new(program).args(args), remedy).then(|| {
        let mut command = Command::new(program);
        command.arg(script);
        command
    })
}

/// A script whose tools are there.
pub(super) struct Prepared {
    command: Command,
    /// What was compiled for it.
    _classes: TempDir,
}

impl Prepared {
    /// The script for one of its clients.
    pub(super) fn command(&self, client: &str) -> Command {
        let mut command = Command::new(self.command.get_program());
        command.args(self.command.get_args()).arg(client);
        if let Some(directory) = self.command.get_current_dir() {
            command.current_dir(directory);
        }
        command
    }
}
