//! Report files.

use std::path::PathBuf;
use std::str::FromStr;

use supplier_sandbox::rehearsal::{Report, junit};

use super::super::Failure;
use super::super::output::OutputTarget;

/// A report to be written: `json=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReportFile {
    format: Format,
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Junit,
    Markdown,
    Html,
}

impl Format {
    const ALL: [Self; 4] = [Self::Json, Self::Junit, Self::Markdown, Self::Html];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    fn render(self, report: &Report, again: &dyn Fn(usize) -> String) -> Result<String, String> {
        match self {
            Self::Json => report.json().map_err(|error| error.to_string()),
            Self::Junit => Ok(junit(report, again)),
            Self::Markdown => Ok(report.markdown(again)),
            Self::Html => report.html(again).map_err(|error| error.to_string()),
        }
    }
}

impl FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Format::ALL.map(Format::as_str).join(", ");
        let wrong = || format!("must be one of {names}, then `=` and a file, such as json=rehearsal.json");
        let (name, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or_else(wrong)?;
        let format = Format::ALL.into_iter().find(|format| format.as_str() == name).ok_or_else(wrong)?;
        Ok(Self { format, file: file.into() })
    }
}

/// Files that can be written, as was found out before the run.
pub(super) struct Reports(Vec<(ReportFile, OutputTarget)>);

impl Reports {
    pub(super) fn open(files: &[ReportFile]) -> Result<Self, Failure> {
        let open = |file: &ReportFile| {
            let target = OutputTarget::of(&file.file).and_then(|target| target.check().map(|()| target));
            target.map(|target| (file.clone(), target)).map_err(|error| cannot_write(file, &error))
        };
        files.iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn write(&self, report: &Report, again: &dyn Fn(usize) -> String) -> Result<(), Failure> {
        for (file, target) in &self.0 {
            let text = file.format.render(report, again).map_err(|error| cannot_write(file, &error))?;
            target.write(text.as_bytes(), 0o644).map_err(|error| cannot_write(file, &error))?;
        }
        Ok(())
    }
}

fn cannot_write(file: &ReportFile, error: &dyn std::fmt::Display) -> Failure {
    Failure::Unusable(format!(
        "error: --report {}={}: {error}; name a file in a directory that can be written to",
        file.format.as_str(),
        file.file.display()
    ))
}
