//! A call as a command of a shell.

use std::fmt::Write as _;

/// A call as one `curl` command of a POSIX shell, which takes the key from `$API_KEY`. `target` and `body` are redacted:
/// a key that stood in them is not filled in.
pub(crate) fn curl(method: &str, url: &str, target: &str, body: Option<&str>) -> String {
    let mut command = "curl".to_owned();
    // Brackets in a URL would be read as a pattern.
    if target.contains(['[', ']', '{', '}']) {
        command.push_str(" --globoff");
    }
    match method {
        "GET" if body.is_none() => {}
        "HEAD" => command.push_str(" --head"),
        // Writing to a string cannot fail.
        _ => drop(write!(command, " -X {}", quoted(method))),
    }
    let _ = write!(command, " {} -H \"x-api-key: $API_KEY\"", quoted(&format!("{url}{target}")));
    if let Some(body) = body {
        let _ = write!(command, " -H 'Content-Type: application/json' --data-raw {}", quoted(body));
    }
    command
}

/// A word of a shell, whatever is in it.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
