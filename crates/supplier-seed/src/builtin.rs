//! Built-in scenarios.

use crate::Scenario;

macro_rules! builtin {
    ($($name:literal),+) => {
        /// Names of the built-in scenarios.
        pub const BUILTIN: &[&str] = &[$($name),+];

        const TEXTS: &[(&str, &str, &str)] = &[$((
            $name,
            concat!($name, ".toml"),
            include_str!(concat!("../scenarios/", $name, ".toml")),
        )),+];
    };
}

builtin!("default", "minimal", "empty");

impl Scenario {
    /// The built-in scenario of this name, one of [`BUILTIN`].
    pub fn builtin(name: &str) -> Option<Self> {
        let (_, file_name, text) = TEXTS.iter().find(|(known, ..)| *known == name)?;
        // A test parses each of them.
        Self::parse(file_name, text).ok()
    }
}
