//! What was set, by the command line, the environment or a file, and what it makes together.

use std::path::{Path, PathBuf};
use std::{env, fs};

use supplier_rulebook::Level;
use tokio::time::Duration;

use super::{Baseline, Config, ConfigError, Provision, values};
use crate::profile::Profile;
use crate::provision::Listed;

/// Where a secret comes from, and what it is called there.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// It was written: where, and itself.
    Text(String, String),
    /// A file has it: what named the file, and which.
    File(String, PathBuf),
    /// A variable of the environment has it: what named the variable, and which.
    Variable(String, String),
}

/// Whether the target is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// Nothing but refusals is looked at.
    ReadOnly,
    /// Orders may be changed on any target.
    Allowed,
    /// Orders may be changed where the target says that it is a sandbox.
    InSandboxes,
}

/// Which rules have to be tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Require {
    /// What the guide states.
    Stated,
    /// What it implies, too.
    Implied,
    /// What the project chose, too.
    Chosen,
}

impl Require {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Stated, Self::Implied, Self::Chosen];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Implied => "implied",
            Self::Chosen => "chosen",
        }
    }

    /// Whether rules of that level have to be tested.
    pub fn covers(self, level: Level) -> bool {
        match level {
            Level::Stated => true,
            Level::Implied => self >= Self::Implied,
            Level::Chosen => self >= Self::Chosen,
            Level::Observed => false,
        }
    }
}

/// What was set; what was not is `None`.
#[derive(Clone, Default)]
pub struct Settings {
    /// The target's URL.
    pub target: Option<String>,
    /// The first supplier's key.
    pub key: Option<Secret>,
    /// A second supplier's key.
    pub second_key: Option<Secret>,
    /// The sandbox's admin token.
    pub admin_token: Option<Secret>,
    /// How the target is prepared.
    pub provision: Option<Provision>,
    /// The hook: a URL or a program.
    pub hook: Option<String>,
    /// The arguments of a hook that is a program.
    pub hook_arguments: Option<Vec<String>>,
    /// How long a hook may take.
    pub hook_timeout: Option<Duration>,
    /// Orders that are there.
    pub listed: Option<Listed>,
    /// Whether the target is written to.
    pub writes: Option<Writes>,
    /// How many orders may be touched.
    pub max_orders: Option<u32>,
    /// The most calls a second.
    pub rate: Option<u32>,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
    /// How long a run may take.
    pub max_time: Option<Duration>,
    /// Whether windows are waited for.
    pub wait: Option<bool>,
    /// Whether chosen rules bind.
    pub strict: Option<bool>,
    /// The seed.
    pub seed: Option<u64>,
    /// Cases of a property.
    pub cases: Option<u32>,
    /// The target's choices.
    pub profile: Option<Profile>,
    /// Known failures.
    pub baseline: Option<Baseline>,
    /// What is run.
    pub only: Option<Vec<String>>,
    /// Which rules have to be tested.
    pub require: Option<Require>,
    /// The reports, as `human` or `json=FILE`.
    pub report: Option<Vec<String>>,
}

impl Settings {
    /// These, and where they say nothing, the others.
    #[must_use]
    pub fn over(self, others: Self) -> Self {
        // The arguments are those of one hook: another one's arguments are none of its.
        let hook_arguments = if self.hook.is_some() {
            self.hook_arguments
        } else {
            self.hook_arguments.or(others.hook_arguments)
        };
        Self {
            target: self.target.or(others.target),
            key: self.key.or(others.key),
            second_key: self.second_key.or(others.second_key),
            admin_token: self.admin_token.or(others.admin_token),
            provision: self.provision.or(others.provision),
            hook: self.hook.or(others.hook),
            hook_arguments,
            hook_timeout: self.hook_timeout.or(others.hook_timeout),
            listed: self.listed.or(others.listed),
            writes: self.writes.or(others.writes),
            max_orders: self.max_orders.or(others.max_orders),
            rate: self.rate.or(others.rate),
            timeout: self.timeout.or(others.timeout),
            max_time: self.max_time.or(others.max_time),
            wait: self.wait.or(others.wait),
            strict: self.strict.or(others.strict),
            seed: self.seed.or(others.seed),
            cases: self.cases.or(others.cases),
            profile: self.profile.or(others.profile),
            baseline: self.baseline.or(others.baseline),
            only: self.only.or(others.only),
            require: self.require.or(others.require),
            report: self.report.or(others.report),
        }
    }

    /// The configuration that they make, with that seed if they have none.
    pub fn config(&self, seed: u64) -> Result<Config, ConfigError> {
        let Some(target) = &self.target else {
            return Err(ConfigError(
                "no target: give --target http://host:port, SUPPLIER_CONTRACT_TARGET, or `target` in contract.toml"
                    .to_owned(),
            ));
        };
        let target = values::target(target).map_err(|why| ConfigError(format!("--target: {why}")))?;
        let usual = Config::new(target);
        let mut call_options = usual.call_options.clone();
        call_options.timeout = self.timeout.unwrap_or(call_options.timeout);
        call_options.rate = self.rate;
        let mut config = Config {
            provision: self.provision,
            hook: self.whole_hook()?,
            hook_timeout: self.hook_timeout.unwrap_or(usual.hook_timeout),
            listed: self.listed.clone().unwrap_or_default(),
            allow_writes: self.writes == Some(Writes::Allowed),
            read_only: self.writes == Some(Writes::ReadOnly),
            max_orders: self.max_orders.unwrap_or(usual.max_orders),
            call_options,
            max_time: self.max_time,
            wait: self.wait.unwrap_or(usual.wait),
            strict: self.strict.unwrap_or(usual.strict),
            seed: self.seed.unwrap_or(seed),
            cases: self.cases.or(usual.cases),
            profile: self.profile.clone().unwrap_or_default(),
            baseline: self.baseline.clone().unwrap_or_default(),
            only: self.only.clone().unwrap_or_default(),
            admin_token: self.admin_token.as_ref().map(Secret::read).transpose()?,
            ..usual
        };
        for (name, key) in [("first", &self.key), ("second", &self.second_key)] {
            if let Some(key) = key {
                config.keys.insert(name.to_owned(), key.read()?);
            }
        }
        if let (Some(first), Some(second)) = (config.keys.get("first"), config.keys.get("second"))
            && first == second
        {
            return Err(ConfigError(
                "--second-key: it is the first supplier's key; give one of another supplier, or none"
                    .to_owned(),
            ));
        }
        self.check_provision()?;
        Ok(config)
    }

    fn whole_hook(&self) -> Result<Vec<String>, ConfigError> {
        let arguments = self.hook_arguments.clone().unwrap_or_default();
        let Some(hook) = &self.hook else {
            return if arguments.is_empty() {
                Ok(Vec::new())
            } else {
                Err(ConfigError("--hook-arg: there is no hook; name its program with --hook".to_owned()))
            };
        };
        if is_url(hook) {
            // A hook's URL may have a query, unlike the target's.
            let shown = hook.split(['?', '#']).next().unwrap_or_default();
            values::url(shown).map_err(|why| ConfigError(format!("--hook: {why}")))?;
            if !arguments.is_empty() {
                return Err(ConfigError(
                    "--hook-arg: a hook that is a URL has no arguments; leave them out, or name a program"
                        .to_owned(),
                ));
            }
        } else if hook.trim().is_empty() {
            return Err(ConfigError("--hook: it is empty; give a URL or a program".to_owned()));
        }
        Ok(std::iter::once(hook.clone()).chain(arguments).collect())
    }

    fn check_provision(&self) -> Result<(), ConfigError> {
        let wrong = |why: &str| Err(ConfigError(format!("--provision {why}")));
        let hook_is_url = self.hook.as_deref().map(is_url);
        match (self.provision, hook_is_url) {
            (Some(Provision::Http), None | Some(false)) => {
                wrong("http: needs the hook's URL: --hook http://host:port/path")
            }
            (Some(Provision::Command), None | Some(true)) => {
                wrong("command: needs the hook's program: --hook ./program --hook-arg argument")
            }
            (Some(Provision::Static), _)
                if self.listed.as_ref().is_none_or(|listed| *listed == Listed::default()) =>
            {
                wrong(
                    "static: needs orders that are there: own, foreign or unpaid in [orders] of contract.toml",
                )
            }
            _ => Ok(()),
        }
    }
}

/// Whether a hook is one over HTTP.
fn is_url(hook: &str) -> bool {
    hook.starts_with("http://") || hook.starts_with("https://")
}

impl Secret {
    fn read(&self) -> Result<String, ConfigError> {
        let (place, text) = match self {
            Self::Text(place, text) => (place.clone(), text.clone()),
            Self::File(place, path) => {
                let place = format!("{place} {}", path.display());
                let text = text_of(path, 64 << 10).map_err(|why| ConfigError(format!("{place}: {why}")))?;
                let text = text.strip_suffix('\n').unwrap_or(&text);
                (place, text.strip_suffix('\r').unwrap_or(text).to_owned())
            }
            Self::Variable(place, name) => {
                let place = format!("{place} {name}");
                let text = env::var(name).map_err(|_| {
                    ConfigError(format!("{place}: no such variable is set to a text in the environment"))
                })?;
                (place, text)
            }
        };
        values::secret(&text).map_err(|why| ConfigError(format!("{place}: {why}")))
    }
}

/// The text of a file of so many bytes at most.
pub(super) fn text_of(path: &Path, most: u64) -> Result<String, String> {
    use std::io::Read as _;
    let failed = |error: std::io::Error| format!("it cannot be read: {error}");
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(format!("it is larger than {} KiB: is it the right file?", most >> 10));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("it begins with a byte order mark: save it as UTF-8 without one".to_owned());
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) {
        return Err("it is UTF-16 or no text: save it as UTF-8, if it is the right file".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text: is it the right file?".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Settings {
        Settings { target: Some("http://127.0.0.1:1".to_owned()), ..Settings::default() }
    }

    fn problem(settings: &Settings) -> String {
        settings.config(1).err().unwrap().to_string()
    }

    #[test]
    fn the_stronger_wins_and_a_hook_keeps_its_own_arguments() {
        let weak = Settings {
            hook: Some("./old".to_owned()),
            hook_arguments: Some(vec!["old".to_owned()]),
            rate: Some(5),
            seed: Some(7),
            ..some()
        };
        let strong = Settings { hook: Some("./new".to_owned()), rate: Some(9), ..Settings::default() };
        let config = strong.over(weak).config(1).unwrap();
        assert_eq!(
            (config.hook, config.call_options.rate, config.seed),
            (vec!["./new".to_owned()], Some(9), 7)
        );
    }

    #[test]
    fn keys_are_read_and_never_told() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        let with = |text: &str| {
            fs::write(&file, text).unwrap();
            Settings { key: Some(Secret::File("--key-file".to_owned(), file.clone())), ..some() }
        };
        assert_eq!(with("test_abc\r\n").config(1).unwrap().keys["first"], "test_abc");
        for wrong in ["", "\n", "geheim\ngeheim\n", "geheim\u{1b}[2J"] {
            let problem = problem(&with(wrong));
            assert!(problem.starts_with("--key-file") && !problem.contains("geheim"), "{problem}");
        }
        let utf16: Vec<u8> = "geheim".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, told) in [
            (b"\xef\xbb\xbfgeheim".to_vec(), "byte order mark"),
            (utf16.clone(), "UTF-16"),
            ([&b"\xff\xfe"[..], &utf16].concat(), "UTF-16"),
            (b"geh\xf6im".to_vec(), "not UTF-8"),
            (vec![b'x'; 70_000], "larger"),
        ] {
            fs::write(&file, bytes).unwrap();
            let key = Some(Secret::File("--key-file".to_owned(), file.clone()));
            let problem = problem(&Settings { key, ..some() });
            assert!(problem.starts_with("--key-file") && problem.contains(told), "{problem}");
        }
        let gone = Secret::File("--key-file".to_owned(), directory.path().join("none"));
        assert!(problem(&Settings { key: Some(gone), ..some() }).contains("cannot be read"));
        let text = || Some(Secret::Text("--key".to_owned(), "geheim".to_owned()));
        let same = problem(&Settings { key: text(), second_key: text(), ..some() });
        assert!(same.contains("another supplier") && !same.contains("geheim"));
    }

    #[test]
    fn a_way_to_prepare_the_target_needs_its_means() {
        assert!(problem(&Settings::default()).contains("no target"));
        let with = |provision, hook: Option<&str>| {
            problem(&Settings { provision: Some(provision), hook: hook.map(str::to_owned), ..some() })
        };
        assert!(with(Provision::Http, None).contains("--hook http"));
        assert!(with(Provision::Http, Some("./hook")).contains("--hook http"));
        assert!(with(Provision::Command, Some("http://127.0.0.1:1")).contains("--hook ./program"));
        assert!(with(Provision::Static, None).contains("[orders]"));
        let arguments = Settings { hook_arguments: Some(vec!["x".to_owned()]), ..some() };
        assert!(problem(&arguments).contains("--hook"));
    }

    #[test]
    fn what_is_required_covers_what_binds_more() {
        assert!(Require::Implied.covers(Level::Stated) && !Require::Implied.covers(Level::Chosen));
        assert!(!Require::Stated.covers(Level::Implied) && !Require::Chosen.covers(Level::Observed));
    }
}
