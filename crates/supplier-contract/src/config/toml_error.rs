//! What is wrong with a TOML text.

/// What a key in clear would be called.
const IN_CLEAR: [&str; 3] = ["key", "second-key", "admin-token"];

/// What is wrong with a TOML text: line, field and problem. Without the line itself, which may hold a key.
pub(crate) fn explain(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let place = line.map_or(String::new(), |line| format!("line {line}: "));
    let message = error.message().lines().next().unwrap_or_default();
    for name in IN_CLEAR {
        if message.starts_with(&format!("unknown field `{name}`")) {
            return format!(
                "{place}`{name}`: no key stands in clear in this file; name a file that holds it with `{name}-file`, \
                 or a variable of the environment with `{name}-env`"
            );
        }
    }
    let field = field(error).map_or(String::new(), |field| format!("{field}: "));
    format!("{place}{field}{message}")
}

/// The field with the wrong value, in backticks.
fn field(error: &toml::de::Error) -> Option<String> {
    // The error shows the field only when it cannot show the line.
    let mut error = error.clone();
    error.set_input(None);
    error.to_string().lines().last()?.strip_prefix("in ").map(str::to_owned)
}
