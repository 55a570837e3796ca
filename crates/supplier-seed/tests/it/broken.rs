//! Files with mistakes, and what is said about them.

mod arrivals;
mod catalogue;
mod orders;

use supplier_seed::Scenario;

use crate::texts::replaced;

/// Small and whole; its lines are counted in the expectations below.
const SOUND: &str = r#"title = "A test"
description = "Small and whole."
epoch = "2026-01-05T00:00:00.000Z"
buyers = 5
[[suppliers]]
id = "aurora"
name = "Aurora Digital Goods"
email = "aurora@example.com"
[[suppliers]]
id = "birch"
name = "Birch Lane Media"
email = "birch@example.com"
[[products]]
id = "mail"
object_id = "507f1f77bcf86cd799439012"
supplier = "aurora"
name = "Aged mail account"
product_type = "manual"
entity_type = "product"
sub_category = "Mail accounts"
unit_price = "1.25"
[[products]]
id = "forum"
supplier = "birch"
name = "Forum account"
product_type = "auto"
entity_type = "product"
sub_category = "Forums"
unit_price = "2.00"
[[fixed]]
number = 12345
about = "An example."
status = "pending"
created_at = "2024-01-01T10:00:00.000Z"
user = { id = "507f1f77bcf86cd799439011", email = "customer@example.com", name = "John Doe" }
items = [{ product = "mail", quantity = 10 }]
accounts = ["user1:pass1", "user2:pass2"]
[[absent]]
number = 404
about = "Never there."
[[orders]]
group = "open"
first_number = 1000
count = 10
statuses = { pending = 3, processing = 1 }
products = ["mail", "forum"]
items = [1, 2]
quantity = [1, 1000]
age_hours = [1, 720]
[[orders]]
group = "closed"
first_number = 2000
count = 10
statuses = { completed = 1 }
products = ["mail"]
quantity = [1, 10]
age_hours = [1, 720]
accounts = true
"#;

/// The lines that are said about `text`, without the file's name at their beginning.
fn said(text: &str) -> Vec<String> {
    let lines = Scenario::parse("f.toml", text).err().map(|errors| errors.to_string()).unwrap_or_default();
    lines.lines().map(|line| line.trim_start_matches("f.toml:").to_owned()).collect()
}

/// Holds that each replacement in the sound text brings exactly these lines.
fn check(cases: &[(&str, &str, &[&str])]) {
    assert_eq!(said(SOUND), [""; 0]);
    let wrong: Vec<_> = cases
        .iter()
        .map(|(from, to, expected)| (to, *expected, said(&replaced(SOUND, from, to))))
        .filter(|(_, expected, said)| expected != said)
        .map(|(to, expected, said)| format!("{to}\n  expected {expected:#?}\n  said {said:#?}\n"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

#[test]
fn what_is_no_toml_is_told_in_one_line_each() {
    check(&[
        (
            "buyers = 5",
            "buyers = ",
            &["4:10: is not valid TOML: string values must be quoted, expected literal string"],
        ),
        ("buyers = 5", "buyers = 5\nbuyers = 6", &["5:1: is not valid TOML: duplicate key"]),
        ("[[absent]]", "[[absent]", &["38:10: is not valid TOML: unclosed array table, expected `]`"]),
        (
            r#"title = "A test""#,
            r#"title = "A test"#,
            &["1:16: is not valid TOML: invalid basic string, expected `\"`"],
        ),
        ("accounts = true\n", "accounts = [", &["58:13: is not valid TOML: unclosed array, expected `]`"]),
    ]);
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let text = SOUND
        .replace("buyers = 5", "buyers = \"five\"")
        .replace("birch@example.com", "birch")
        .replace("\"2.00\"", "\"free\"")
        .replace("count = 10", "count = 0");
    assert_eq!(
        said(&text),
        [
            "4:10: buyers: must be an integer from 1 to 1000000",
            "12:9: suppliers[1].email: must be an address such as \"some.name@example.com\": 1 to \
                 64 of the characters a-z, 0-9 and ._+- before @example.com",
            "29:14: products[1].unit_price: must be an amount of at most 4 decimals, such as \
                 \"5.00\", up to 100000",
            "44:9: orders[0].count: must be an integer from 1 to 1000000",
            "53:9: orders[1].count: must be an integer from 1 to 1000000"
        ]
    );
}

#[test]
fn an_empty_file_lacks_what_has_no_default() {
    assert_eq!(
        said(""),
        [
            "1:1: title: is missing; add it",
            "1:1: description: is missing; add it",
            "1:1: epoch: is missing; add it",
            "1:1: suppliers: is missing; add it"
        ]
    );
}

/// Rules: `update.secret`.
#[test]
fn no_message_shows_an_account() {
    for (from, to) in [("\"user2:pass2\"", "\"user1:pass1\""), ("\"user2:pass2\"", "\"pass1\"")] {
        let said = said(&replaced(SOUND, from, to));
        assert!(said[0].contains("accounts[1]") && !said[0].contains("pass1"), "{said:?}");
    }
    assert!(!format!("{:?}", Scenario::parse("f.toml", SOUND)).contains("pass1"));
}

#[test]
fn names_with_line_breaks_stay_in_one_line() {
    let said = said(&format!("\"a\\nb\" = 1\n{SOUND}"));
    assert_eq!(said.len(), 1, "{said:?}");
}
