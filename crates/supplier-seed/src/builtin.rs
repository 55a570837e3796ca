//! The scenarios that come with the program.

use crate::Scenario;

macro_rules! builtin {
    ($($name:literal),+) => {
        /// The names of the scenarios that come with the program.
        pub const BUILTIN: &[&str] = &[$($name),+];

        const TEXTS: &[(&str, &str, &str)] = &[$((
            $name,
            concat!($name, ".toml"),
            include_str!(concat!("../../../fixtures/scenarios/", $name, ".toml")),
        )),+];
    };
}

builtin!("default", "minimal", "empty");

impl Scenario {
    /// The scenario of that name among [`BUILTIN`].
    pub fn builtin(name: &str) -> Option<Self> {
        let (_, file_name, text) = TEXTS.iter().find(|(known, ..)| *known == name)?;
        // A test holds that each of them can be read.
        Self::parse(file_name, text).ok()
    }
}
