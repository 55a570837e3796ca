//! The report as a page: all of it in one file, which loads nothing.

use askama::Template;

use super::Report;
use crate::story::Line;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    repeat: &'a dyn Fn(usize) -> String,
}

impl Page<'_> {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the template passes a reference")]
    fn again(&self, index: &usize) -> String {
        (self.repeat)(*index)
    }
}

impl Report {
    /// The report as a page. `again` is the command that repeats a finding, by its index.
    ///
    /// # Errors
    /// Never: everything in a report can be written.
    pub fn html(&self, again: &dyn Fn(usize) -> String) -> askama::Result<String> {
        Page { report: self, repeat: again }.render()
    }
}
