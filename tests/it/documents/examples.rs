//! The calls in the README and the documents, as a reader pastes them.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

use super::markdown::{Block, Document};
use crate::process::run;
use crate::program::{Launch, Program, root};
use crate::tools;

/// Where the examples expect the server.
const ADDRESS: &str = "127.0.0.1:4010";

/// A server at [`ADDRESS`], or elsewhere if another program listens there.
fn start() -> Program {
    let is_free = TcpListener::bind(ADDRESS).is_ok();
    Launch::new().set("listen", if is_free { ADDRESS } else { "127.0.0.1:0" }).start()
}

/// The calls of a document, each with the answer that is shown below it.
fn calls(document: &Document) -> Vec<(&Block, Option<&Block>)> {
    let following = document.blocks.iter().skip(1).map(Some).chain([None]);
    let pairs = document.blocks.iter().zip(following);
    let is_call = |block: &Block| {
        // What builds or tests the workspace is not run inside of its tests.
        block.language == "sh" && !["cargo ", "git "].iter().any(|tool| block.text.starts_with(tool))
    };
    let is_answer = |block: &&Block| block.language == "json" && block.adjoins;
    pairs.filter(|(call, _)| is_call(call)).map(|(call, next)| (call, next.filter(is_answer))).collect()
}

fn document(name: &str) -> Document {
    Document::read(&fs::read_to_string(root().join(name)).expect(name))
}

#[test]
fn the_calls_of_the_documents_work_as_they_stand_and_answer_what_is_shown() {
    if !tools::has_curl() {
        return;
    }
    let documents =
        [("README.md", 2), ("docs/tutorial.md", 10), ("docs/control-api.md", 9), ("docs/clients.md", 2)];
    for (name, least) in documents {
        let document = document(name);
        let calls = calls(&document);
        assert!(calls.len() >= least, "{name} has {} calls", calls.len());
        // Each is read from its beginning, on a server that was just started.
        answers_what_is_shown(&start(), name, &calls);
    }
}

fn answers_what_is_shown(program: &Program, name: &str, calls: &[(&Block, Option<&Block>)]) {
    let here = |text: &str| text.replace(ADDRESS, program.address());
    for (call, answer) in calls {
        let told = run(Command::new("sh").args(["-e", "-c", &here(&call.text)]).current_dir(root()));
        assert_eq!(told.code, Some(0), "{}\n{}", call.text, told.stderr);
        if let Some(answer) = answer {
            let shown: Value = serde_json::from_str(&here(&answer.text)).unwrap();
            let given: Value = serde_json::from_str(&told.stdout).unwrap();
            assert_eq!(given, shown, "left: what came, right: what {name} shows, for\n{}", call.text);
        }
    }
}

#[test]
fn a_call_is_paired_with_the_answer_right_below_it() {
    let text = "```sh\ncargo run\n```\n```sh\nfirst\n```\n\n```json\n1\n```\n```sh\nsecond\n```\nprose\n```json\n2\n```\n";
    let document = Document::read(text);
    let calls = calls(&document);
    let calls: Vec<_> =
        calls.iter().map(|(call, answer)| (&*call.text, answer.map(|it| &*it.text))).collect();
    assert_eq!(calls, [("first\n", Some("1\n")), ("second\n", None)]);
}

/// What stands in the page about testing is what runs.
#[test]
fn the_fixtures_in_the_documents_are_files_that_run() {
    let testing = document("docs/testing.md");
    for (language, files) in [
        ("js", &["node/sandbox.mjs", "node/sandbox.test.mjs"][..]),
        ("python", &["python/conftest.py", "python/test_sandbox.py"]),
        ("bash", &["ci/sandbox.sh"]),
    ] {
        let read = |file: &&str| fs::read_to_string(root().join("tests/clients").join(file)).unwrap();
        let sources: Vec<_> = files.iter().map(read).collect();
        let blocks: Vec<_> = testing.blocks.iter().filter(|block| block.language == language).collect();
        assert_eq!(blocks.len(), files.len(), "blocks of {language}");
        for block in blocks {
            // A block may leave out what lies between two functions.
            for part in block.text.split("\n\n") {
                let part = part.trim_end();
                assert!(
                    sources.iter().any(|source| source.contains(part)),
                    "in no file of {files:?}:\n{part}"
                );
            }
        }
    }
}
