//! The dashboard in a real browser, as a new user walks through it.

use serde_json::{Value, json};

use crate::process::run;
use crate::program::Program;
use crate::tools;

/// Walks through the dashboard of a server of its own.
fn walk(width: u32, scheme: &str) -> Option<Value> {
    let mut walker = tools::browser("dashboard.mjs")?;
    let program = Program::start();
    walker.env("BASE_URL", program.url()).env("WIDTH", width.to_string()).env("SCHEME", scheme);
    let told = run(&mut walker);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{}", told.stdout);
    Some(serde_json::from_str(told.stdout.lines().last().unwrap_or_default()).unwrap())
}

#[test]
fn a_new_user_gets_from_the_login_to_a_revoked_key_at_every_width_and_in_both_schemes() {
    for &(width, scheme) in super::windows() {
        let Some(seen) = walk(width, scheme) else { return };
        let place = format!("at {width} px, {scheme}");
        for nothing in ["complaints", "elsewhere", "axe", "wide", "heavy"] {
            assert_eq!(seen[nothing], json!([]), "{place}: {nothing}");
        }
        let says = |at: &str, words: &str| {
            let text = seen.pointer(at).and_then(Value::as_str).unwrap_or_default();
            assert!(text.contains(words), "{place}: {at} is {text:?}");
        };
        assert_eq!(seen["sentToLogin"], "/login", "{place}");
        says("/wrongPassword", "No supplier has this");
        assert_eq!(
            (&seen["afterLogin"], &seen["keyLooks"], &seen["keyShownAgain"]),
            (&json!("/api-settings"), &json!(true), &json!(false)),
            "{place}"
        );
        assert_eq!(seen["live"]["status"], 200, "{place}");
        says("/live/row", "1 of");
        says("/withheld/standing", "withheld until");
        says("/withheld/why", "hides list.window");
        says("/advanced", "30 minutes have passed");
        assert_eq!(seen["back"], "available", "{place}");
        assert_eq!(seen["steps"].as_array().map(Vec::len), Some(2), "{place}: {}", seen["steps"]);
        assert_eq!(seen["update"], 200, "{place}");
        says("/delivered", "1 of 10");
        says("/delivered", "a@example.com");
        assert!(
            !seen["delivered"].as_str().unwrap().contains("first-secret"),
            "{place}: a password is shown"
        );
        says("/revoked", "is revoked");
        assert_eq!(seen["refused"], 401, "{place}");
        says("/refusedRow", "INVALID_API_KEY");
        assert_eq!(seen["filtered"], true, "{place}: a filter holds for what comes live, too");
        says("/foreign", "no such order");
        assert_eq!(seen["stolen"], "/login", "{place}: a cookie from before logging out");
        assert_eq!(seen["plain"]["call"], 200, "{place}: without scripts");
        assert!(seen["plain"]["requests"].as_u64() > Some(0), "{place}: without scripts");
    }
}
