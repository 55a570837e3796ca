//! From settings to the configuration of a run.

use std::fmt::Display;
use std::path::Path;
use std::{env, slice};

use super::Settings;
use super::file::text_of;
use super::values::{self, is_url};
use crate::config::{Config, ConfigError};
use crate::http::{CallOptions, Tls};
use crate::provision::{Listed, Provision};

/// What holds a secret.
enum Holder<'a> {
    /// The setting itself.
    Setting(&'a str),
    /// A file.
    File(&'a Path),
    /// A variable of the environment.
    Variable(&'a str),
}

impl Settings {
    /// The configuration of a run, with the random seed `seed` unless the settings have one. Reads the files of secrets.
    pub fn config(&self, seed: u64) -> Result<Config, ConfigError> {
        let Some(target) = &self.target else {
            return Err(ConfigError(
                "no target: give --target http://host:port, SUPPLIER_CONTRACT_TARGET, or `target` in contract.toml"
                    .to_owned(),
            ));
        };
        let usual = Config::new(values::target(target).map_err(|why| self.wrong("target", why))?);
        let hook = self.whole_hook()?;
        let admin_token = self.secret("admin_token")?;
        let (first, second) = (self.secret("key")?, self.secret("second_key")?);
        if first.is_some() && first == second {
            let why = "it is the first supplier's key; give one of another supplier, or none";
            return Err(self.wrong("second_key", why));
        }
        self.check_provision()?;
        let writes = self.writes()?;
        let keys = [("first", first), ("second", second)];
        Ok(Config {
            keys: keys.into_iter().filter_map(|(name, key)| Some((name.to_owned(), key?))).collect(),
            admin_token,
            authorities: self.authorities()?,
            provision: self.provision.as_ref().map(|preparation| preparation.0),
            hook,
            hook_timeout: self.hook_timeout.as_ref().map_or(usual.hook_timeout, |time| time.0),
            listed: self.orders.clone().unwrap_or_default(),
            allow_writes: writes == Some(true),
            read_only: writes == Some(false),
            max_orders: self.max_orders.as_ref().map_or(usual.max_orders, |most| most.0),
            call_options: CallOptions {
                timeout: self.timeout.as_ref().map_or(usual.call_options.timeout, |time| time.0),
                rate: self.rate.as_ref().map(|rate| rate.0),
            },
            jobs: self.jobs.as_ref().map(|jobs| jobs.0),
            max_time: self.max_time.as_ref().map(|time| time.0),
            fail_fast: self.fail_fast.unwrap_or(usual.fail_fast),
            wait: self.wait.unwrap_or(usual.wait),
            strict: self.strict.unwrap_or(usual.strict),
            seed: self.seed.as_ref().map_or(seed, |seed| seed.0),
            cases: self.cases.as_ref().map(|cases| cases.0),
            profile: self.read_profile.clone().unwrap_or_default(),
            baseline: self.read_baseline.clone().unwrap_or_default(),
            only: self.only.iter().flatten().map(|only| only.0.clone()).collect(),
            ..usual
        })
    }

    /// The certificates of authorities, which are found to be some.
    fn authorities(&self) -> Result<Vec<u8>, ConfigError> {
        let Some(path) = &self.ca_file else { return Ok(Vec::new()) };
        let pem = text_of(path, 1 << 20).and_then(|text| {
            let wrong = "it is empty; it is to hold a certificate in PEM form".to_owned();
            if text.trim().is_empty() {
                Err(wrong)
            } else {
                Tls::new(text.as_bytes()).map(|_| text.into_bytes())
            }
        });
        pem.map_err(|why| ConfigError(format!("{} {}: {why}", self.name("ca_file"), path.display())))
    }

    /// An error that names a setting.
    fn wrong(&self, id: &str, why: impl Display) -> ConfigError {
        ConfigError(format!("{}: {why}", self.name(id)))
    }

    /// Checks that no two settings of one source contradict each other.
    pub(super) fn check_contradictions(&self) -> Result<(), ConfigError> {
        for id in ["key", "second_key", "admin_token"] {
            self.holder(id)?;
        }
        self.writes().map(drop)
    }

    /// Whether orders may be changed on any target (`true`) or on none (`false`). A setting that is off contradicts nothing.
    fn writes(&self) -> Result<Option<bool>, ConfigError> {
        let given = [("read_only", self.read_only, false), ("allow_writes", self.allow_writes, true)];
        let given = given.map(|(id, is_on, writes)| (id.to_owned(), is_on.filter(|on| *on).map(|_| writes)));
        Ok(self.strongest(given)?.map(|(_, writes)| writes))
    }

    /// What holds a secret, by the secret's id, and what the setting is called.
    fn holder(&self, id: &str) -> Result<Option<(String, Holder<'_>)>, ConfigError> {
        let (text, file, variable) = match id {
            "key" => (&self.key, &self.key_file, &self.key_env),
            "second_key" => (&self.second_key, &self.second_key_file, &self.second_key_env),
            _ => (&self.admin_token, &self.admin_token_file, &self.admin_token_env),
        };
        self.strongest([
            (id.to_owned(), text.as_deref().map(Holder::Setting)),
            (format!("{id}_file"), file.as_deref().map(Holder::File)),
            (format!("{id}_env"), variable.as_deref().map(Holder::Variable)),
        ])
    }

    fn secret(&self, id: &str) -> Result<Option<String>, ConfigError> {
        let Some((name, holder)) = self.holder(id)? else { return Ok(None) };
        let (place, text) = match holder {
            Holder::Setting(text) => (name, Ok(text.to_owned())),
            Holder::File(path) => {
                let text = text_of(path, 64 << 10).map(|text| {
                    let text = text.strip_suffix('\n').unwrap_or(&text);
                    text.strip_suffix('\r').unwrap_or(text).to_owned()
                });
                (format!("{name} {}", path.display()), text)
            }
            Holder::Variable(variable) => {
                let none = "no such variable is set to a text in the environment".to_owned();
                (format!("{name} {variable}"), env::var(variable).map_err(|_| none))
            }
        };
        let secret = text.and_then(|text| values::secret(&text));
        secret.map(Some).map_err(|why| ConfigError(format!("{place}: {why}")))
    }

    /// The hook: a URL, or a program and its arguments.
    fn whole_hook(&self) -> Result<Vec<String>, ConfigError> {
        let Some([hook, arguments @ ..]) = self.hook.as_deref() else {
            return match self.hook_arg.as_deref() {
                None | Some([]) => Ok(Vec::new()),
                Some(_) => Err(self.wrong("hook_arg", "there is no hook; name its program with --hook")),
            };
        };
        let arguments = self.hook_arg.as_deref().unwrap_or(arguments);
        if is_url(hook) {
            // A hook's URL may have a query, unlike the target's.
            let shown = hook.split(['?', '#']).next().unwrap_or_default();
            values::url(shown).map_err(|why| self.wrong("hook", why))?;
            if !arguments.is_empty() {
                let id = if self.hook_arg.is_some() { "hook_arg" } else { "hook" };
                let why = "a hook that is a URL has no arguments; leave them out, or name a program";
                return Err(self.wrong(id, why));
            }
        } else if hook.trim().is_empty() {
            return Err(self.wrong("hook", "it is empty; give a URL or a program"));
        }
        Ok([slice::from_ref(hook), arguments].concat())
    }

    /// Checks that the way to prepare the target has what it needs.
    fn check_provision(&self) -> Result<(), ConfigError> {
        let hook_is_url = self.hook.iter().flatten().next().map(|hook| is_url(hook));
        let needs = match self.provision.as_ref().map(|preparation| preparation.0) {
            Some(Provision::Http) if hook_is_url != Some(true) => {
                "http needs the hook's URL: --hook http://host:port/path"
            }
            Some(Provision::Command) if hook_is_url != Some(false) => {
                "command needs the hook's program: --hook ./program --hook-arg argument"
            }
            Some(Provision::Static)
                if self.orders.as_ref().is_none_or(|orders| *orders == Listed::default()) =>
            {
                "static needs orders that are there: own, foreign or unpaid in [orders] of contract.toml"
            }
            _ => return Ok(()),
        };
        Err(self.wrong("provision", needs))
    }
}

#[cfg(test)]
mod tests {
    use super::super::values::Preparation;
    use super::*;
    use std::fs;

    fn some() -> Settings {
        Settings { target: Some("http://127.0.0.1:1".to_owned()), ..Settings::default() }
    }

    fn problem(settings: &Settings) -> String {
        settings.config(1).err().unwrap().to_string()
    }

    fn words(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    #[test]
    fn keys_are_read_and_never_told() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        let with = |bytes: &[u8]| {
            fs::write(&file, bytes).unwrap();
            Settings { key_file: Some(file.clone()), ..some() }
        };
        assert_eq!(with(b"test_abc\r\n").config(1).unwrap().keys["first"], "test_abc");
        let utf16: Vec<u8> = "geheim".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, told) in [
            (&b""[..], "must not be empty"),
            (b"\n", "must not be empty"),
            (b"geheim\ngeheim\n", "one line"),
            (b"geheim\x1b[2J", "control characters"),
            (b"\xef\xbb\xbfgeheim", "byte order mark"),
            (&utf16, "UTF-16"),
            (&[b"\xff\xfe", &*utf16].concat(), "UTF-16"),
            (b"geh\xf6im", "not UTF-8"),
            (&b"x".repeat(70_000), "larger"),
        ] {
            let problem = problem(&with(bytes));
            assert!(problem.starts_with("`key-file` ") && problem.contains(told), "{problem}");
            assert!(!problem.contains("geheim"), "{problem}");
        }
        let gone = Settings { key_file: Some(directory.path().join("none")), ..some() };
        assert!(problem(&gone).contains("cannot be read"));
        let text = || Some("geheim".to_owned());
        let same = problem(&Settings { key: text(), second_key: text(), ..some() });
        assert!(same.contains("another supplier") && !same.contains("geheim"));
    }

    #[test]
    fn a_way_to_prepare_the_target_needs_its_means() {
        assert!(problem(&Settings::default()).contains("no target"));
        let with =
            |provision, hook| problem(&Settings { provision: Some(Preparation(provision)), hook, ..some() });
        assert!(with(Provision::Http, None).contains("--hook http"));
        assert!(with(Provision::Http, Some(words("./hook"))).contains("--hook http"));
        assert!(with(Provision::Command, None).contains("--hook ./program"));
        assert!(with(Provision::Command, Some(words("http://127.0.0.1:1"))).contains("--hook ./program"));
        assert!(with(Provision::Static, None).contains("[orders]"));
        let arguments = || Some(words("x"));
        assert!(problem(&Settings { hook_arg: arguments(), ..some() }).contains("--hook"));
        let url = Settings { hook: Some(words("http://127.0.0.1:1")), hook_arg: arguments(), ..some() };
        assert!(problem(&url).contains("no arguments"));
    }
}
