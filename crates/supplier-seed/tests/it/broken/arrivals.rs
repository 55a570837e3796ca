//! Mistakes in what comes in.

use super::{SOUND, check, said};

const SECTION: &str = r#"[arrivals]
per_minute = 2
burst_every_minutes = 60
burst_size = 20
mix = [{ products = ["mail"], quantity = [1, 9] }]
"#;

/// What is said of the section with one replacement; its first line is line 59 of the file.
fn said_with(from: &str, to: &str) -> Vec<String> {
    assert_eq!(SECTION.matches(from).count(), 1, "{from}");
    said(&format!("{SOUND}{}", SECTION.replace(from, to)))
}

#[test]
fn a_section_may_be_left_out_and_leave_out_bursts() {
    check(&[]);
    assert_eq!(said_with("per_minute = 2", "per_minute = 0.125"), [""; 0]);
    assert_eq!(said_with("burst_every_minutes = 60\nburst_size = 20\n", ""), [""; 0]);
}

#[test]
fn mistakes_in_how_often_orders_come() {
    let number = "must be a number from 0.001 to 6000, of at most three decimals";
    for wrong in ["0", "-1", "6000.001", "0.0001", "1e3", "nan", "0x10"] {
        let told = said_with("per_minute = 2", &format!("per_minute = {wrong}"));
        assert_eq!(told, [format!("60:14: arrivals.per_minute: {number}")], "{wrong}");
    }
    let text = said_with("per_minute = 2", "per_minute = \"2\"");
    assert_eq!(text, ["60:14: arrivals.per_minute: must be a number, not text"]);
    assert_eq!(
        said_with("burst_every_minutes = 60\nburst_size = 20", "burst_every_minutes = 0\nburst_size = 10001"),
        [
            "61:23: arrivals.burst_every_minutes: must be an integer from 1 to 527040",
            "62:14: arrivals.burst_size: must be an integer from 1 to 10000",
        ]
    );
    assert_eq!(
        said_with("burst_size = 20\n", ""),
        [
            "61:23: arrivals.burst_every_minutes: says how often bursts come, but not how large; add burst_size"
        ]
    );
    assert_eq!(
        said_with("burst_every_minutes = 60\n", ""),
        ["61:14: arrivals.burst_size: says how large bursts are, but not how often; add burst_every_minutes"]
    );
}

#[test]
fn mistakes_in_what_comes() {
    let mix = r#"[{ products = ["mail"], quantity = [1, 9] }]"#;
    assert_eq!(said_with(&format!("mix = {mix}\n"), ""), ["59:1: arrivals.mix: is missing; add it"]);
    assert_eq!(
        said_with(mix, "[]"),
        ["63:7: arrivals.mix: must say what orders come in; add [[arrivals.mix]]"]
    );
    assert_eq!(
        said_with(mix, r#"[{ products = ["male"], quantity = [1, 9], weight = 0, count = 3 }]"#),
        [
            "63:22: arrivals.mix[0].products[0]: \"male\" is no product; there are forum, mail",
            "63:59: arrivals.mix[0].weight: must be an integer from 1 to 1000",
            "63:62: arrivals.mix[0].count: is not known here; the fields are weight, products, items, \
             one_of_each, quantity",
        ]
    );
    let many = format!("[{}]", r#"{ products = ["mail"], quantity = [1, 9] },"#.repeat(51));
    let told = said_with(mix, &many);
    assert!(
        told.len() == 1 && told[0].ends_with("arrivals.mix[50]: is one too many: at most 50"),
        "{told:?}"
    );
}
