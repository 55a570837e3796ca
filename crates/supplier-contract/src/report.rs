//! Events of a run. Every report is built from them alone.

mod file;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
#[cfg(test)]
mod sample;
mod words;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use crate::outcome::{Event, Report};

/// What is told of a run, event by event.
pub(crate) trait Reporter {
    /// Tells an event.
    fn tell(&mut self, event: &Event) -> io::Result<()>;
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people, on stdout.
    Human,
    /// For programs.
    Json,
    /// For build servers.
    Junit,
    /// For a comment on a change.
    Markdown,
    /// A page to put up.
    Html,
}

impl Format {
    const ALL: [Self; 5] = [Self::Human, Self::Json, Self::Junit, Self::Markdown, Self::Html];

    /// Its name on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// Reads `human`, or a form and the file that it goes to, such as `junit=contract.xml`.
    pub(crate) fn parse(text: &str) -> Result<(Self, Option<PathBuf>), String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let names = Self::ALL.map(Self::as_str).join(", ");
        let format = Self::ALL.into_iter().find(|format| format.as_str() == name);
        match (format, file) {
            (None, _) => Err(format!("{name:?} is no form of a report: choose one of {names}")),
            (Some(Self::Human), Some(_)) => Err("`human` goes to stdout and takes no file".to_owned()),
            (Some(Self::Human), None) => Ok((Self::Human, None)),
            (Some(format), None | Some("")) => {
                Err(format!("`{name}` needs a file: {name}=contract.{}", format.extension()))
            }
            (Some(format), Some(file)) => Ok((format, Some(PathBuf::from(file)))),
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Human => "txt",
            Self::Json => "json",
            Self::Junit => "xml",
            Self::Markdown => "md",
            Self::Html => "html",
        }
    }

    fn render(self) -> fn(&Report) -> Result<String, String> {
        match self {
            Self::Json => |report| Ok(json::render(report)),
            Self::Junit => junit::render,
            Self::Markdown => |report| Ok(markdown::render(report)),
            Self::Html | Self::Human => html::render,
        }
    }
}

/// Opens a report as `Format::parse` reads it. A file that cannot be written is found out now, and not after the run.
pub(crate) fn open(text: &str) -> Result<Box<dyn Reporter>, String> {
    let (format, path) = Format::parse(text)?;
    match path {
        None => Ok(Box::new(human::Human::new(io::stdout(), io::stdout().is_terminal()))),
        Some(path) => Ok(Box::new(file::File::create(Path::new(&path), format.render())?)),
    }
}

#[cfg(test)]
mod tests {
    use super::sample::{HOSTILE, report};
    use super::*;
    use proptest::prelude::*;

    /// A report of the sample's events.
    fn rendered(format: Format) -> String {
        let report = report();
        match format {
            Format::Human => {
                let mut out = Vec::new();
                let mut human = human::Human::new(&mut out, false);
                human.tell(&Event::Started(report.opening.clone())).unwrap();
                for check in &report.checks {
                    human.tell(&Event::CheckStarted(check.check)).unwrap();
                    human.tell(&Event::CheckFinished(check.clone())).unwrap();
                }
                human.tell(&Event::Finished(Box::new(report))).unwrap();
                drop(human);
                String::from_utf8(out).unwrap()
            }
            Format::Html => html::render_at(&report, "2026-10-01T12:00:00Z".parse().unwrap()).unwrap(),
            _ => format.render()(&report).unwrap(),
        }
    }

    #[test]
    fn each_format_of_a_report_is_the_one_in_its_snapshot() {
        for format in Format::ALL {
            insta::with_settings!(
                { snapshot_path => "../tests/snapshots", prepend_module_to_snapshot => false, omit_expression => true },
                { insta::assert_snapshot!(format!("report-{}", format.as_str()), rendered(format)) }
            );
        }
    }

    #[test]
    fn no_report_passes_on_what_a_terminal_or_a_browser_obeys() {
        for format in Format::ALL {
            let text = rendered(format);
            assert!(HOSTILE.contains('\u{1b}') && !text.contains('\u{1b}'), "{text}");
            let turns = matches!(format, Format::Human | Format::Markdown | Format::Html)
                && text.contains('\u{202e}');
            assert!(!turns, "{text}");
            let markup = match format {
                // In a fence that is longer than the one inside, a script is text.
                Format::Markdown => text.split("````").step_by(2).collect(),
                Format::Junit | Format::Html => text,
                Format::Human | Format::Json => String::new(),
            };
            assert!(!markup.contains("<script"), "{markup}");
        }
    }

    /// The report with a text wherever a target, a hook or a user may have put it.
    fn with(text: &str) -> Report {
        let mut report = report();
        let text = || text.to_owned();
        report.opening.target = text();
        report.opening.sandbox = Some(text());
        report.opening.notes = vec![text()];
        report.stale = vec![text()];
        report.stopped = Some(text());
        report.rules.iter_mut().for_each(|rule| rule.reason = Some(text()));
        for check in &mut report.checks {
            check.reason = check.reason.as_ref().map(|_| text());
            check.left_out = Some(text());
            for finding in &mut check.findings {
                (finding.expected, finding.got, finding.shell) = (text(), text(), text());
            }
        }
        report
    }

    /// What a page says, if it is well-formed: every element is closed where it should be.
    fn said(page: &str) -> String {
        let mut reader = quick_xml::Reader::from_str(page);
        let mut said = String::new();
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Text(text) => said += &text.decode().unwrap(),
                quick_xml::events::Event::GeneralRef(reference) => {
                    said.push(match reference.resolve_char_ref().unwrap() {
                        Some(c) => c,
                        None => match &*reference.decode().unwrap() {
                            "lt" => '<',
                            "gt" => '>',
                            "amp" => '&',
                            "quot" => '"',
                            "apos" => '\'',
                            other => panic!("no such reference: {other}"),
                        },
                    });
                }
                quick_xml::events::Event::Eof => return said,
                _ => {}
            }
        }
    }

    /// What stands within the fences of a document.
    fn fenced(document: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut open: Option<(String, Vec<&str>)> = None;
        for line in document.split('\n') {
            match &mut open {
                Some((fence, inside)) if line == fence => {
                    found.push(inside.join("\n"));
                    open = None;
                }
                Some((_, inside)) => inside.push(line),
                None if line.starts_with("```") => open = Some((line.replace("sh", ""), Vec::new())),
                None => {}
            }
        }
        assert!(open.is_none(), "a fence is left open: {document}");
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn each_format_is_read_back_whatever_a_target_answers(
            text in prop_oneof![any::<String>(), "[\u{0}-\u{a0}\u{fffd}-\u{ffff}<>&\"'`| a-z\n]{0,24}"],
        ) {
            let report = with(&text);
            let shown = words::plain(&text);
            let json: serde_json::Value = serde_json::from_str(&json::render(&report)).unwrap();
            let schema = include_str!("../schemas/report.schema.json");
            let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
            prop_assert!(validator.is_valid(&json));
            prop_assert_eq!(json["findings"][0]["got"].as_str(), Some(&*text));
            let html = html::render(&report).unwrap();
            let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert!(one_line(&said(&html)).contains(&one_line(&shown)), "{}", html);
            let junit = junit::render(&report).unwrap();
            let read = quick_junit::Report::deserialize_from_str(&junit).unwrap();
            prop_assert_eq!(read.test_suites.iter().map(|suite| suite.test_cases.len()).sum::<usize>(), 5);
            let markdown = markdown::render(&report);
            let scripts = fenced(&markdown);
            prop_assert_eq!(scripts.len(), 2);
            prop_assert_eq!(&*scripts[0], shown.trim_end());
            let rows = markdown.lines().filter(|line| line.starts_with("| `")).count();
            prop_assert_eq!(rows, 5, "{}", markdown);
        }
    }

    #[test]
    fn a_form_and_its_file_are_read() {
        assert_eq!(Format::parse("human"), Ok((Format::Human, None)));
        assert_eq!(Format::parse("json=a=b.json"), Ok((Format::Json, Some(PathBuf::from("a=b.json")))));
        let problem = |text| Format::parse(text).unwrap_err();
        assert!(problem("junit").contains("junit=contract.xml"));
        assert!(problem("html=").contains("needs a file"));
        assert!(problem("human=x").contains("stdout"));
        assert!(problem("pdf=x").contains("human, json, junit, markdown, html"));
    }
}
