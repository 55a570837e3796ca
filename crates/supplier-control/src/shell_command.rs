//! Shell command that repeats a recorded call exactly, or does not send it.
//!
//! The journal holds a call without its keys and passwords. A command that sent the masks would deliver junk. So it takes the
//! missing values from variables, and stops with a message before it sends anything if one of them is not set.

use serde::de::IgnoredAny;
use supplier_domain::{CallRecord, Excerpt, MASK, MASKED_KEY};

/// Maximum number of blanks in a body. With more, one variable holds the whole body.
const MOST_BLANKS: usize = 20;
/// Maximum length of a name in a message.
const LONGEST_NAME: usize = 60;
/// Shell function that escapes a text as the inside of a JSON string.
const ESCAPED: &str = r#"sed 's/[\\"]/\\&/g'"#;

/// A piece of a word of the command.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Text as it is.
    Text(String),
    /// The value of the variable of that name.
    Blank(String),
    /// The same, as the inside of a JSON string.
    InJson(String),
}

/// The variables that a command takes: their names, and what each is to be set to.
#[derive(Default)]
struct Blanks(Vec<(String, String)>);

impl Blanks {
    /// A further variable, numbered if several may have its name.
    fn add(&mut self, name: &str, what: impl Into<String>) -> String {
        let number = 1 + self.0.iter().filter(|(known, _)| known.starts_with(&format!("{name}_"))).count();
        let name = format!("{name}_{number}");
        self.0.push((name.clone(), what.into()));
        name
    }

    /// A variable that occurs once.
    fn whole(&mut self, name: &str, what: &str) -> Part {
        self.0.push((name.to_owned(), what.to_owned()));
        Part::Blank(name.to_owned())
    }
}

/// The call as one `curl` command for a POSIX shell, to the server at `url`. The command takes the key from `$API_KEY`, and
/// values that were masked or not kept from further variables.
pub fn shell_command(record: &CallRecord, url: &str) -> String {
    let mut blanks = Blanks(vec![("API_KEY".to_owned(), "the API key of the supplier".to_owned())]);
    let target = target(&record.target, url, &mut blanks);
    let body = body(&record.body, &mut blanks);
    let mut words = vec!["curl".to_owned()];
    // Brackets in a URL would be read as a pattern.
    if record.target.text.contains(['[', ']', '{', '}']) {
        words.push("--globoff".to_owned());
    }
    match &*record.method {
        "GET" if body.is_none() => {}
        "HEAD" => words.push("--head".to_owned()),
        method => words.push(format!("-X {}", quoted(method))),
    }
    words.push(word(&target));
    let guard = |(name, what): &(String, String)| format!("${{{name}:?set it to {what}}}");
    let (key, guards) = match &blanks.0[..] {
        [key] => (guard(key), String::new()),
        several => {
            let guards: Vec<_> = several.iter().map(|blank| format!("\"{}\"", guard(blank))).collect();
            // A command substitution that fails would not stop the command.
            ("$API_KEY".to_owned(), format!(": {} &&\n", guards.join(" ")))
        }
    };
    words.push(format!("-H \"X-Api-Key: {key}\""));
    if let Some(body) = body {
        words.push(format!("-H 'Content-Type: application/json' --data-raw {}", word(&body)));
    }
    guards + &words.join(" ")
}

fn is_masked(text: &str) -> bool {
    text.contains(MASK) || text.contains(MASKED_KEY)
}

/// The URL. A query without one of its parts would ask for something else.
fn target(target: &Excerpt, url: &str, blanks: &mut Blanks) -> Vec<Part> {
    let (path, query) =
        target.text.split_once('?').map_or((&*target.text, None), |(path, query)| (path, Some(query)));
    if target.is_cut || is_masked(path) {
        return vec![blanks.whole("URL", "the URL, of which a part is not kept")];
    }
    let mut parts = vec![Part::Text(format!("{url}{path}"))];
    for (index, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        parts.push(Part::Text(if index == 0 { "?" } else { "&" }.to_owned()));
        if !is_masked(pair) {
            parts.push(Part::Text(pair.to_owned()));
            continue;
        }
        let name = pair.split_once('=').map(|(name, _)| name).filter(|name| !is_masked(name));
        parts.extend(name.map(|name| Part::Text(format!("{name}="))));
        let what = format!("what stood in the URL{}, percent-encoded", of("as", name.unwrap_or_default()));
        parts.push(Part::Blank(blanks.add("VALUE", what)));
    }
    parts
}

/// The body, if the call had one.
fn body(body: &Excerpt, blanks: &mut Blanks) -> Option<Vec<Part>> {
    if body.text.is_empty() {
        return None;
    }
    let whole = |blanks: &mut Blanks, what| Some(vec![blanks.whole("BODY", what)]);
    let Some(text) = body.kept() else { return whole(blanks, "the body, which is not kept") };
    if body.is_cut {
        return whole(blanks, "the whole body, of which the beginning is kept");
    }
    if !is_masked(text) {
        return Some(vec![Part::Text(text.to_owned())]);
    }
    if serde_json::from_str::<IgnoredAny>(text).is_err() {
        return whole(blanks, "the body, of which a part is masked");
    }
    let before = blanks.0.len();
    let parts = with_blanks(text, blanks);
    if blanks.0.len() - before > MOST_BLANKS {
        blanks.0.truncate(before);
        return whole(blanks, "the body, of which much is masked");
    }
    Some(parts)
}

/// JSON with a blank in the place of each string that something is masked in.
fn with_blanks(json: &str, blanks: &mut Blanks) -> Vec<Part> {
    let (mut parts, mut field, mut done) = (Vec::new(), "", 0);
    let mut chars = json.char_indices();
    while let Some((start, _)) = chars.find(|(_, c)| *c == '"') {
        let mut is_escaped = false;
        let end = chars.find(|(_, c)| {
            let is_end = *c == '"' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            is_end
        });
        let Some((end, _)) = end else { break };
        let (Some(inside), Some(rest)) = (json.get(start + 1..end), json.get(end + 1..)) else { break };
        let is_name = rest.trim_start().starts_with(':');
        if is_masked(inside) {
            parts.push(Part::Text(json.get(done..=start).unwrap_or_default().to_owned()));
            parts.push(Part::InJson(if field == "accounts" && !is_name {
                let login = of("of", inside.split(':').next().unwrap_or_default());
                blanks.add("ACCOUNT", format!("the account{login}, as username:password"))
            } else {
                blanks.add(
                    "VALUE",
                    format!("the text that stood{}", of("in", if is_name { "" } else { field })),
                )
            }));
            done = end;
        }
        if is_name {
            field = inside;
        }
    }
    parts.push(Part::Text(json.get(done..).unwrap_or_default().to_owned()));
    parts
}

/// A name in a message, with a blank and a word before it; nothing if the name may mean something to a shell.
fn of(before: &str, name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '_' | '+' | '-');
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_plain) {
        return String::new();
    }
    format!(" {before} {name}")
}

/// The parts as one word of a shell.
fn word(parts: &[Part]) -> String {
    let (mut word, mut text) = (String::new(), String::new());
    for part in parts {
        let blank = match part {
            Part::Text(more) => {
                text.push_str(more);
                continue;
            }
            Part::Blank(name) => format!("\"${name}\""),
            Part::InJson(name) => format!("\"$(printf %s \"${name}\" | {ESCAPED})\""),
        };
        if !text.is_empty() {
            word.push_str(&quoted(&std::mem::take(&mut text)));
        }
        word.push_str(&blank);
    }
    if word.is_empty() || !text.is_empty() {
        word.push_str(&quoted(&text));
    }
    word
}

/// Text as a word of a shell, whatever is in it.
fn quoted(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;
    use supplier_domain::{CallEffect, RequestId, Timestamp};

    fn call(method: &str, target: &str, body: Excerpt) -> CallRecord {
        let moment = Timestamp::from_millis(0);
        CallRecord {
            id: RequestId { server: 1, count: 1 },
            at: moment,
            server_at: moment,
            micros: 0,
            operation: None,
            supplier: None,
            method: method.into(),
            target: Excerpt { text: target.into(), is_cut: false },
            body,
            status: None,
            is_lost: true,
            resend: None,
            key_problem: None,
            ignored: Vec::new(),
            error: None,
            answer: Excerpt::default(),
            problems: Vec::new(),
            rules: Vec::new(),
            faults: Vec::new(),
            effect: CallEffect::None,
        }
    }

    fn update(body: &str) -> CallRecord {
        call("POST", "/orders-update", Excerpt { text: body.into(), is_cut: false })
    }

    /// The words that the command gives `curl` in a shell with these variables, or what the shell says.
    fn words(record: &CallRecord, variables: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{}", shell_command(record, "http://x"));
        let mut shell = Command::new("sh");
        let output = shell.args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin");
        let output = output.envs(variables.iter().copied()).output().unwrap();
        if !output.status.success() {
            assert!(output.stdout.is_empty(), "nothing is called");
            return Err(String::from_utf8(output.stderr).unwrap());
        }
        let told = String::from_utf8(output.stdout).unwrap();
        Ok(told.trim_end_matches('\0').split('\0').map(str::to_owned).collect())
    }

    #[test]
    fn a_call_without_secrets_is_one_line_that_takes_the_key_alone() {
        let record = call("GET", "/orders?limit=1", Excerpt::default());
        assert_eq!(
            shell_command(&record, "http://x"),
            "curl 'http://x/orders?limit=1' -H \"X-Api-Key: ${API_KEY:?set it to the API key of the supplier}\""
        );
        assert!(words(&record, &[]).unwrap_err().contains("API_KEY: set it to"));
        let called = words(&record, &[("API_KEY", "k $HOME")]).unwrap();
        assert_eq!(called, ["http://x/orders?limit=1", "-H", "X-Api-Key: k $HOME"]);
        let hostile = r#"{"note": "it's $HOME `id` \"x\" \\ é"}"#.to_owned() + "\n";
        let record =
            CallRecord { target: Excerpt { text: "/a?b=[1]".into(), is_cut: false }, ..update(&hostile) };
        let called = words(&record, &[("API_KEY", "k")]).unwrap();
        let expected = ["--globoff", "-X", "POST", "http://x/a?b=[1]", "-H", "X-Api-Key: k", "-H"];
        assert_eq!(called[..7], expected);
        assert_eq!(called[7..], ["Content-Type: application/json", "--data-raw", &hostile]);
    }

    /// Rules: `update.accounts`.
    #[test]
    fn what_was_masked_is_asked_for_before_anything_is_called() {
        let record = update(
            r#"{"accounts": ["bob@example.com:***", "it's:***", "***"], "order": 1, "note": "a:***"}"#,
        );
        let mut given = vec![("API_KEY", "k")];
        for (name, value, message) in [
            (
                "ACCOUNT_1",
                "bob@example.com:a\"b\\c",
                "set it to the account of bob@example.com, as username:password",
            ),
            ("ACCOUNT_2", "it's:$HOME `id`", "set it to the account, as username:password"),
            ("ACCOUNT_3", "carl:&|/", "set it to the account, as username:password"),
            ("VALUE_1", "a:é", "set it to the text that stood in note"),
        ] {
            let stopped = words(&record, &given).unwrap_err();
            assert!(stopped.contains(&format!("{name}: {message}")), "{stopped}");
            let empty = words(&record, &[&given[..], &[(name, "")]].concat()).unwrap_err();
            assert!(empty.contains(name), "{empty}");
            given.push((name, value));
        }
        let called = words(&record, &given).unwrap();
        let sent: serde_json::Value = serde_json::from_str(called.last().unwrap()).unwrap();
        let accounts = given[1..4].iter().map(|(_, account)| *account).collect::<Vec<_>>();
        assert_eq!(sent, serde_json::json!({ "accounts": accounts, "order": 1, "note": "a:é" }));
    }

    #[test]
    fn what_is_not_kept_is_asked_for_as_a_whole() {
        let cut = Excerpt { text: r#"{"order": 1, "acc"#.into(), is_cut: true };
        let many = (0..30).map(|number| format!("\"user{number}:***\"")).collect::<Vec<_>>().join(",");
        let many = Excerpt { text: format!("{{\"accounts\":[{many}]}}").into(), is_cut: false };
        let broken = Excerpt { text: r#"{"accounts": [***]}"#.into(), is_cut: false };
        for (body, message) in [
            (cut, "the whole body, of which the beginning is kept"),
            (Excerpt::not_kept("9 bytes of text/xml"), "the body, which is not kept"),
            (many, "the body, of which much is masked"),
            (broken, "the body, of which a part is masked"),
        ] {
            let record = call("POST", "/orders-update", body);
            let stopped = words(&record, &[("API_KEY", "k")]).unwrap_err();
            assert!(stopped.contains(&format!("BODY: set it to {message}")), "{stopped}");
            let called = words(&record, &[("API_KEY", "k"), ("BODY", "{'\"$x}\n")]).unwrap();
            assert_eq!(called.last().unwrap(), "{'\"$x}\n");
        }
        let key = format!("/orders?status=pending&apiKey={MASKED_KEY}");
        let stopped = words(&call("GET", &key, Excerpt::default()), &[("API_KEY", "k")]).unwrap_err();
        assert!(stopped.contains("VALUE_1: set it to what stood in the URL as apiKey"), "{stopped}");
        let called =
            words(&call("GET", &key, Excerpt::default()), &[("API_KEY", "k"), ("VALUE_1", "v")]).unwrap();
        assert_eq!(called[0], "http://x/orders?status=pending&apiKey=v");
        let mut record = call("GET", "/orders?subCategory=aaa", Excerpt::default());
        record.target.is_cut = true;
        assert!(words(&record, &[("API_KEY", "k")]).unwrap_err().contains("URL: set it to the URL"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Rules: `update.accounts`.
        #[test]
        fn whatever_a_body_and_an_account_hold_the_command_sends_it(
            note in any::<String>().prop_filter("not masked", |note| !note.contains('\0') && !is_masked(note)),
            account in "[ -~äé😀]{1,30}", login in "[ -~ä]{0,10}",
        ) {
            let body = serde_json::json!({ "note": note, "accounts": [format!("{login}:{MASK}")], "order": 1 });
            let given = [("API_KEY", "k"), ("ACCOUNT_1", account.as_str())];
            let called = words(&update(&body.to_string()), &given);
            let sent: serde_json::Value = serde_json::from_str(called.unwrap().last().unwrap()).unwrap();
            prop_assert_eq!(sent, serde_json::json!({ "note": note, "accounts": [account], "order": 1 }));
            prop_assert!(words(&update(&body.to_string()), &given[..1]).unwrap_err().contains("ACCOUNT_1: set it to"));
        }
    }
}
