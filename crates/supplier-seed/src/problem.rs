//! Problems in a scenario file, with their positions.

/// Problem of a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {}{problem}", if .field.is_empty() { String::new() } else { format!("{field}: ") })]
pub struct ScenarioError {
    /// Name of the file, as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Path of the field, such as `orders[3].statuses.done`; empty for the file as a whole.
    pub field: String,
    /// What is wrong, and what to write.
    pub problem: String,
}

/// All problems of a scenario file, in the order of the file. Shown as one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ScenarioErrors(pub Vec<ScenarioError>);
