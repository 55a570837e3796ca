//! A report that is a file, written when the run is over.

use std::io;
use std::path::Path;

use super::Reporter;
use crate::outcome::{Event, Report};
use crate::output::Place;

/// A file to be.
pub(super) struct File {
    place: Place,
    render: fn(&Report) -> Result<String, String>,
}

impl File {
    /// One at that path, which is found out to be writable.
    pub(super) fn create(path: &Path, render: fn(&Report) -> Result<String, String>) -> Result<Self, String> {
        let place = Place::of(path)
            .map_err(|error| format!("{}: the report cannot be written: {error}", path.display()))?;
        Ok(Self { place, render })
    }
}

impl Reporter for File {
    fn tell(&mut self, event: &Event) -> io::Result<()> {
        let Event::Finished(report) = event else { return Ok(()) };
        self.place.write(&(self.render)(report).map_err(io::Error::other)?)
    }
}
