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

/// The scenario of that name.
pub(crate) fn scenario(name: &str) -> Option<Scenario> {
    let (_, file_name, text) = TEXTS.iter().find(|(known, ..)| *known == name)?;
    // A test holds that each of them can be read.
    Scenario::parse(file_name, text).ok()
}
