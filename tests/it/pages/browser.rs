//! The documentation page in a real browser.

use serde_json::{Value, json};

use crate::process::run;
use crate::program::Program;
use crate::tools;

/// Opens the page of a server of its own in a window of that width and color scheme.
fn open(width: u32, scheme: &str) -> Option<(Value, String)> {
    let mut reader = tools::browser("docs.mjs")?;
    let program = Program::start();
    reader.env("BASE_URL", program.url()).env("WIDTH", width.to_string()).env("SCHEME", scheme);
    let told = run(&mut reader);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{}", told.stdout);
    let found = serde_json::from_str(told.stdout.lines().last().unwrap_or_default()).unwrap();
    Some((found, program.key("aurora").to_owned()))
}

#[test]
fn the_documentation_page_reads_and_its_calls_can_be_tried_at_every_width_and_in_both_schemes() {
    for &(width, scheme) in super::windows() {
        let Some((found, key)) = open(width, scheme) else { return };
        let place = format!("at {width} px, {scheme}");
        assert_eq!(found["elsewhere"], json!([]), "{place}: requests that left the server");
        assert_eq!(found["complaints"], json!([]), "{place}: errors and warnings of the console");
        assert_eq!(found["overflow"], json!(0), "{place}: the page scrolls sideways");
        assert_eq!(
            found["rule"],
            json!("list.window"),
            "{place}: a rule named in the reference leads to its text"
        );

        let plain = found["plain"].as_str().unwrap();
        for text in ["Ask for open orders", "supplierOrderId", "INVALID_ACCOUNTS", "list.window", &key] {
            assert!(plain.contains(text), "{place}: {text} is not there without the script");
        }
        let early = found["early"].as_array().unwrap();
        assert!(!early.contains(&json!("/docs/reference.js")), "{place}: nobody came near the reference yet");

        let answers = found["answers"].as_array().unwrap();
        let told: Vec<_> = answers.iter().map(|answer| (&answer["method"], &answer["status"])).collect();
        assert_eq!(
            told,
            [(&json!("GET"), &json!(200)), (&json!("POST"), &json!(200))],
            "{place}: {answers:?}"
        );
        assert_eq!(answers[1]["body"]["status"], "completed", "{place}");
        assert_eq!(found["control"], json!(201), "{place}: a sandbox made on the control API's tab");
    }
}
