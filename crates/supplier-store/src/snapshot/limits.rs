//! Limits of a snapshot: lengths of texts, and sizes of numbers.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use supplier_domain::{MAX_LOGIN_CHARS, MAX_SUPPLIER_ORDER_ID_CHARS, Problem};

use super::MAX_PROBLEMS;

/// The greatest number that every JSON reader represents exactly. A count that begins there does not overflow a database's
/// column.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The most characters of a text in the field `name`.
fn most_chars(name: &str) -> usize {
    match name {
        "scenario" | "name" | "email" | "subCategory" => 320,
        // The last character shows that the login was cut.
        "login" => MAX_LOGIN_CHARS + 1,
        "supplierOrderId" => MAX_SUPPLIER_ORDER_ID_CHARS,
        // Excerpts of requests are the longest.
        _ => 10_000,
    }
}

/// Finds texts that are too long and numbers that are too large in a JSON document, without keeping it.
///
/// # Errors
/// The first [`MAX_PROBLEMS`] of them, each with its path; or that the document is no JSON.
pub(super) fn check(json: &str) -> Result<(), Vec<Problem>> {
    let mut report = Report { path: "snapshot".to_owned(), problems: Vec::new() };
    let mut reader = serde_json::Deserializer::from_str(json);
    let walked = Check { name: "", report: &mut report }.deserialize(&mut reader);
    if let Err(error) = walked {
        report.problems.push(Problem::new("snapshot", format!("is no JSON: {error} of it")));
    }
    if report.problems.is_empty() { Ok(()) } else { Err(report.problems) }
}

struct Report {
    /// The path of the current value in the document.
    path: String,
    problems: Vec<Problem>,
}

impl Report {
    fn refuse(&mut self, problem: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem::new(self.path.clone(), problem));
        }
    }
}

/// Checks one value, which is in the field `name`.
struct Check<'a, 'n> {
    name: &'n str,
    report: &'a mut Report,
}

impl Check<'_, '_> {
    /// Checks the value that `read` reads, at `step` below this value.
    fn inside<T>(&mut self, step: &str, read: impl FnOnce(&mut Report) -> T) -> T {
        let length = self.report.path.len();
        self.report.path.push_str(step);
        let read = read(self.report);
        self.report.path.truncate(length);
        read
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        if number.unsigned_abs() > MAX_NUMBER {
            self.report.refuse(format!("must be at least -{MAX_NUMBER}"));
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        // All 64 bits of a seed count.
        if number > MAX_NUMBER && self.name != "seed" {
            self.report.refuse(format!("must be at most {MAX_NUMBER}"));
        }
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.report.refuse(format!("must be a whole number of at most {MAX_NUMBER}"));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let most = most_chars(self.name);
        // A text has at most as many characters as bytes: a short one need not be counted.
        if text.len() > most && text.chars().nth(most).is_some() {
            self.report.refuse(format!("must be at most {most} characters"));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        for index in 0.. {
            let name = self.name;
            let item =
                self.inside(&format!("[{index}]"), |report| items.next_element_seed(Check { name, report }))?;
            if item.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            if name.len() > 100 {
                return Err(Error::custom("a field's name is longer than 100 bytes"));
            }
            self.inside(&format!(".{name}"), |report| fields.next_value_seed(Check { name: &name, report }))?;
        }
        Ok(())
    }
}
