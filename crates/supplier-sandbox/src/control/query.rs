//! Query parameters of the control API, read one by one, so that one answer reports all problems.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::str::FromStr;

use supplier_domain::Problem;

/// The parameters of one call.
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl Params {
    /// Reads a query string of which these parameters are known. Unlike those of the Supplier API, others are refused:
    /// a filter that is misspelt would find too much.
    pub(crate) fn read(query: Option<&str>, known: &[&str]) -> Self {
        let mut params = Self { values: BTreeMap::new(), problems: Vec::new() };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.contains(&&*name) {
                let problem = format!("is no parameter here; there are {}", known.join(", "));
                let shown: String = name.chars().take(40).collect();
                params.problems.push(Problem::new(shown, problem));
            } else if params.values.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                params
                    .problems
                    .push(Problem::new(name.into_owned(), "is given more than once; give it once"));
            }
        }
        params
    }

    /// The value of a parameter, if it is given and `read` takes it.
    pub(crate) fn take<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match read(self.values.get(name)?) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push(Problem::new(name, problem));
                None
            }
        }
    }

    /// The same for what is read from its text.
    pub(crate) fn parsed<T: FromStr<Err: ToString>>(&mut self, name: &'static str) -> Option<T> {
        self.take(name, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// The same for words of a closed set, with commas between them.
    pub(crate) fn words<T: FromStr<Err: ToString>>(&mut self, name: &'static str) -> Option<Vec<T>> {
        self.take(name, |text| {
            text.split(',').map(|word| word.parse().map_err(|error: T::Err| error.to_string())).collect()
        })
    }

    /// The same for whole numbers in a range.
    pub(crate) fn whole(&mut self, name: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        self.take(name, |text| {
            let number = text.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end()))
        })
    }

    /// The same for a number of things; `default` if it is left out.
    pub(crate) fn size(&mut self, name: &'static str, range: RangeInclusive<u64>, default: usize) -> usize {
        let number = self.whole(name, range);
        number.map_or(default, |number| usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// The same for `true` or `false`; false if it is left out.
    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        self.take(name, |text| text.parse().map_err(|_| "must be true or false".to_owned())).unwrap_or(false)
    }

    /// Adds what is wrong beyond single values.
    pub(crate) fn refuse(&mut self, name: &'static str, problem: &str) {
        self.problems.push(Problem::new(name, problem));
    }

    /// # Errors
    /// All that was wrong.
    pub(crate) fn finish(self) -> Result<(), Vec<Problem>> {
        if self.problems.is_empty() { Ok(()) } else { Err(self.problems) }
    }
}
