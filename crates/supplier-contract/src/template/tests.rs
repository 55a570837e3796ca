//! Tests of templates.

use super::*;

fn bindings() -> Bindings {
    Bindings {
        keys: BTreeMap::from([("first".to_owned(), "test_abc".to_owned())]),
        orders: vec![7001, 7002],
        password: "s3cret".to_owned(),
        case: "c7".to_owned(),
    }
}

#[test]
fn holes_are_filled_and_text_is_no_hole() {
    let text = template![
        r#"{"order": "#,
        Hole::Order(1),
        r#", "accounts": ["a:"#,
        Hole::Password,
        r#""], "x": "{{first}} {{"} "#,
        Hole::from("first"),
    ];
    let filled = r#"{"order": 7002, "accounts": ["a:s3cret"], "x": "{{first}} {{"} test_abc"#;
    assert_eq!(bindings().fill(&text).unwrap(), filled);
}

#[test]
fn a_hole_that_nothing_fills_is_named() {
    let unbound = |hole: Hole| bindings().fill(&hole.clone().into()) == Err(Unbound(hole));
    assert!(unbound(Hole::from("third")));
    assert!(unbound(Hole::Order(2)));
    assert_eq!(Unbound(Hole::Order(2)).to_string(), "nothing here fills order:2");
}

#[test]
fn a_file_has_text_as_text_and_holes_as_holes() {
    let json = |template: &Template| serde_json::to_string(template).unwrap();
    assert_eq!(json(&"{{first}}".into()), r#""{{first}}""#);
    assert_eq!(json(&"".into()), r#""""#);
    let text = template!["{{", Hole::from("first"), Hole::Password, "}}"];
    assert_eq!(json(&text), r#"["{{",{"hole":{"key":"first"}},{"hole":"password"},"}}"]"#);
    for template in [text, "{{first}}".into(), "".into(), Hole::Order(3).into()] {
        assert_eq!(serde_json::from_str::<Template>(&json(&template)).unwrap(), template);
    }
}

#[test]
fn secrets_are_taken_out() {
    assert_eq!(bindings().redact("bad key test_abc, a:s3cret"), "bad key [key first], a:[password]");
}
