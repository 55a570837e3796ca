//! How long a text, and how large a number, of a snapshot may be.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use supplier_domain::{MAX_LOGIN_CHARS, MAX_SUPPLIER_ORDER_ID_CHARS, Problem};

use super::MAX_PROBLEMS;

/// The greatest number that every JSON reader holds exactly. Counts that begin there still do not reach the end of what a
/// database holds.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The most characters of the text of that name.
fn most_chars(name: &str) -> usize {
    match name {
        "scenario" | "name" | "email" | "subCategory" => 320,
        // The last character says that there was more.
        "login" => MAX_LOGIN_CHARS + 1,
        "supplierOrderId" => MAX_SUPPLIER_ORDER_ID_CHARS,
        // Excerpts of what was sent are the longest.
        _ => 10_000,
    }
}

/// Finds texts that are too long and numbers that are too large in a JSON document, without keeping it.
///
/// # Errors
/// All that are found, up to [`MAX_PROBLEMS`], by their place; or that it is no JSON.
pub(super) fn check(json: &str) -> Result<(), Vec<Problem>> {
    let mut found = Found { path: "snapshot".to_owned(), problems: Vec::new() };
    let mut reader = serde_json::Deserializer::from_str(json);
    let walked = Walk { name: "", found: &mut found }.deserialize(&mut reader);
    if let Err(error) = walked {
        found.problems.push(Problem::new("snapshot", format!("is no JSON: {error} of it")));
    }
    if found.problems.is_empty() { Ok(()) } else { Err(found.problems) }
}

struct Found {
    /// Where in the document it is looked at.
    path: String,
    problems: Vec<Problem>,
}

impl Found {
    fn refuse(&mut self, problem: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem::new(self.path.clone(), problem));
        }
    }
}

/// Looks at one value, which has that name.
struct Walk<'a, 'n> {
    name: &'n str,
    found: &'a mut Found,
}

impl Walk<'_, '_> {
    /// Looks at what `read` reads, which stands at `step` of this value.
    fn inside<T>(&mut self, step: &str, read: impl FnOnce(&mut Found) -> T) -> T {
        let length = self.found.path.len();
        self.found.path.push_str(step);
        let read = read(self.found);
        self.found.path.truncate(length);
        read
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
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
            self.found.refuse(format!("must be at least -{MAX_NUMBER}"));
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        // What is drawn from a seed is drawn from all of its bits.
        if number > MAX_NUMBER && self.name != "seed" {
            self.found.refuse(format!("must be at most {MAX_NUMBER}"));
        }
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.found.refuse(format!("must be a whole number of at most {MAX_NUMBER}"));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let most = most_chars(self.name);
        // So many bytes are so many characters at the most: those of a short text need not be counted.
        if text.len() > most && text.chars().nth(most).is_some() {
            self.found.refuse(format!("must be at most {most} characters"));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        for index in 0.. {
            let name = self.name;
            let item =
                self.inside(&format!("[{index}]"), |found| items.next_element_seed(Walk { name, found }))?;
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
            self.inside(&format!(".{name}"), |found| fields.next_value_seed(Walk { name: &name, found }))?;
        }
        Ok(())
    }
}
