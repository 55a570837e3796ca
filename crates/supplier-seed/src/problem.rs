//! What is wrong with a scenario file, and where.

/// One thing that is wrong with a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {}{problem}", if .field.is_empty() { String::new() } else { format!("{field}: ") })]
pub struct ScenarioError {
    /// The file's name, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The field as a path, such as `orders[3].statuses.done`; empty if it is the file as a whole.
    pub field: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

/// All that is wrong with a scenario file, in the order of the file; shown as one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ScenarioErrors(pub Vec<ScenarioError>);
