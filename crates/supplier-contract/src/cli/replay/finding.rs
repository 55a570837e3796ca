//! A finding as a file tells it. The file is anybody's: what is wrong with it is named by its place, and nothing of it is
//! trusted.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::http::printable;
use crate::script::Script;
use serde::de::DeserializeOwned;
use serde_json::Value;
use supplier_rulebook::{self as rulebook, RuleId};

use super::super::exit::Failure;

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 16 << 20;
/// How much is shown of what is wrong.
const SHOWN: usize = 300;

/// A finding to be looked for again.
#[derive(Debug)]
pub(super) struct Told {
    /// Where in the file its script stands.
    pub(super) place: String,
    /// The rule.
    pub(super) rule: RuleId,
    /// What was expected, in words.
    pub(super) expected: String,
    /// What was done.
    pub(super) script: Script,
}

/// Reads one finding of a report, or of a file that is one.
pub(super) fn read(path: &Path, finding: Option<usize>) -> Result<Told, Failure> {
    parsed(path, |bytes| parse(bytes, finding))
}

/// Reads all findings of a report, or that of a file that is one.
pub(super) fn read_all(path: &Path) -> Result<Vec<Told>, Failure> {
    parsed(path, |bytes| {
        let whole: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let several = whole.get("findings").and_then(Value::as_array).map_or(1, Vec::len);
        // What is wrong with the file as a whole is wrong with its first finding.
        (1..=several.max(1)).map(|place| parse(bytes, Some(place))).collect()
    })
}

fn parsed<T>(path: &Path, parse: impl Fn(&[u8]) -> Result<T, String>) -> Result<T, Failure> {
    let told = |why: String| Failure::usage(format!("{}: {}", path.display(), printable(&why, SHOWN)));
    let cannot = |error: std::io::Error| told(format!("cannot be read: {error}"));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(cannot)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(told(format!("is larger than {} MiB, which no report is", MOST_BYTES >> 20)));
    }
    parse(&bytes).map_err(told)
}

fn parse(bytes: &[u8], finding: Option<usize>) -> Result<Told, String> {
    let whole: Value = serde_json::from_slice(bytes).map_err(|error| format!("is no JSON: {error}"))?;
    let Some(findings) = whole.get("findings") else {
        return match finding {
            None | Some(1) if whole.get("replay").is_some() => told(&whole, ""),
            Some(place) if whole.get("replay").is_some() => {
                Err(format!("--finding {place}: the file is one finding, and no report of several"))
            }
            _ => Err("is neither a JSON report, which has `findings`, nor a finding, which has `replay`"
                .to_owned()),
        };
    };
    let Some(findings) = findings.as_array() else {
        return Err("findings: must be a list".to_owned());
    };
    let place = finding.unwrap_or(1);
    match findings.get(place - 1) {
        Some(one) => told(one, &format!("findings[{}].", place - 1)),
        None if findings.is_empty() => Err("has no findings: there is nothing to do again".to_owned()),
        None => Err(format!("--finding {place}: the report has {}", findings.len())),
    }
}

fn told(finding: &Value, prefix: &str) -> Result<Told, String> {
    let place = format!("{prefix}replay");
    let name = finding.get("rule").and_then(Value::as_str);
    let name = name.ok_or_else(|| format!("{prefix}rule: must be the name of a rule"))?;
    let rule = rulebook::find(name).ok_or_else(|| {
        format!("{prefix}rule: {name:?} is no rule of this version; `supplier-contract list` has them all")
    })?;
    let replay = finding.get("replay").and_then(Value::as_object);
    let replay = replay.ok_or_else(|| format!("{place}: must be an object with steps, judged and expect"))?;
    let part = |name: &str| replay.get(name).ok_or_else(|| format!("{place}.{name}: is missing"));
    let steps = part("steps")?.as_array().ok_or_else(|| format!("{place}.steps: must be a list"))?;
    let steps = steps.iter().enumerate().map(|(at, step)| read_as(step, &format!("{place}.steps[{at}]")));
    let script = Script {
        steps: steps.collect::<Result<_, _>>()?,
        judged: read_as(part("judged")?, &format!("{place}.judged"))?,
        expect: read_as(part("expect")?, &format!("{place}.expect"))?,
    };
    let expected = finding.get("expected").and_then(Value::as_str).map(str::to_owned);
    // Their numbers are not known before they are made: they are told by their places.
    let places: Vec<u64> = (0..1000).collect();
    let expected = expected.unwrap_or_else(|| script.expect.words(&places));
    Ok(Told { place, rule: rule.id, expected, script })
}

fn read_as<T: DeserializeOwned>(value: &Value, place: &str) -> Result<T, String> {
    T::deserialize(value).map_err(|error| format!("{place}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::LIST;
    use serde_json::json;

    fn finding() -> Value {
        json!({
            "rule": "auth.invalid-key",
            "expected": "the code INVALID_API_KEY",
            "replay": {
                "steps": [{ "call": { "method": "GET", "path": LIST } }],
                "judged": 0,
                "expect": { "expect": "code", "code": "INVALID_API_KEY" },
            },
        })
    }

    fn problem(value: &Value, finding: Option<usize>) -> String {
        parse(value.to_string().as_bytes(), finding).unwrap_err()
    }

    #[test]
    fn a_report_or_one_finding_is_read() {
        let report = json!({ "findings": [finding(), finding()] });
        let read = |value: &Value, finding| parse(value.to_string().as_bytes(), finding).unwrap();
        assert_eq!(read(&finding(), None).place, "replay");
        assert_eq!(read(&report, Some(2)).place, "findings[1].replay");
        assert_eq!(read(&report, None).script.steps.len(), 1);
        assert!(problem(&report, Some(3)).contains("has 2"));
        assert!(problem(&json!({ "findings": [] }), None).contains("no findings"));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let changed = |pointer: &str, value: Value| {
            let mut report = json!({ "findings": [finding()] });
            *report.pointer_mut(pointer).unwrap() = value;
            problem(&report, None)
        };
        for (pointer, value, place) in [
            ("/findings", json!(7), "findings: must be a list"),
            ("/findings/0", json!(null), "findings[0].rule"),
            ("/findings/0/rule", json!("list.nothing"), "findings[0].rule: \"list.nothing\""),
            ("/findings/0/replay", json!([]), "findings[0].replay: must be"),
            ("/findings/0/replay/steps", json!({}), "findings[0].replay.steps: must be"),
            (
                "/findings/0/replay/steps/0",
                json!({ "shell": "id" }),
                "findings[0].replay.steps[0]: unknown variant",
            ),
            ("/findings/0/replay/judged", json!(-1), "findings[0].replay.judged: invalid value"),
            (
                "/findings/0/replay/expect",
                json!({ "expect": "x" }),
                "findings[0].replay.expect: unknown variant",
            ),
        ] {
            let told = changed(pointer, value);
            assert!(told.starts_with(place), "{told}");
        }
        for wrong in [json!(null), json!([]), json!({}), json!("text"), json!(1)] {
            assert!(problem(&wrong, None).contains("neither"), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_json_is_no_panic() {
        let deep = "[".repeat(1_000_000);
        for wrong in ["", "{", "\u{0}", &deep] {
            assert!(parse(wrong.as_bytes(), None).unwrap_err().starts_with("is no JSON"), "{}", wrong.len());
        }
        assert!(parse(b"\xff\xfe", Some(1)).is_err());
    }
}
