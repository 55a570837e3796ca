//! As much of Markdown as the documents here use.

/// A code block between fences.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) language: String,
    pub(super) text: String,
    /// Whether only blank lines lie between it and the block before.
    pub(super) adjoins: bool,
}

/// A document in its two parts.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) blocks: Vec<Block>,
    /// The lines outside of blocks.
    prose: Vec<String>,
}

impl Document {
    pub(super) fn read(text: &str) -> Self {
        let mut document = Self::default();
        let mut open: Option<Block> = None;
        let mut adjoins = false;
        for line in text.lines() {
            match (&mut open, line.strip_prefix("```")) {
                (None, Some(language)) => {
                    let language = language.trim().to_owned();
                    open = Some(Block { language, text: String::new(), adjoins });
                }
                (Some(_), Some("")) => {
                    document.blocks.extend(open.take());
                    adjoins = true;
                }
                (Some(block), _) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {
                    adjoins &= line.trim().is_empty();
                    document.prose.push(line.to_owned());
                }
            }
        }
        assert_eq!(open, None, "a block without an end");
        document
    }

    /// Where its links lead.
    pub(super) fn links(&self) -> Vec<String> {
        let mut targets = Vec::new();
        let prose = without_code(&self.prose.join("\n"));
        for (_, rest) in prose.match_indices("](").map(|(at, _)| prose.split_at(at + 2)) {
            targets.extend(rest.split_once(')').map(|(target, _)| target.to_owned()));
        }
        let definitions = prose.lines().filter(|line| line.starts_with('['));
        targets.extend(definitions.filter_map(|line| Some(line.split_once("]: ")?.1.trim().to_owned())));
        targets
    }

    /// The anchors of its headings, as GitHub makes them.
    pub(super) fn anchors(&self) -> Vec<String> {
        let mut anchors: Vec<String> = Vec::new();
        for line in &self.prose {
            let heading = line.trim_start_matches('#');
            let (1..=6, Some(heading)) = (line.len() - heading.len(), heading.strip_prefix(' ')) else {
                continue;
            };
            let kept = heading.trim().to_lowercase();
            let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            let again = anchors.iter().filter(|earlier| **earlier == anchor).count();
            anchors.push(if again == 0 { anchor } else { format!("{anchor}-{again}") });
        }
        anchors
    }
}

/// `text` without what stands between back-ticks.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

#[test]
fn blocks_links_and_anchors_are_found() {
    let text = "# One `word`, two\n\nSee [a](b.md#c), `[no](link)`.\n\n```sh\ncurl x \\\n  [y](z)\n```\n\n```json\n{}\n\
                ```\n\n## One\n[ref]: d.md\n\n```text\n```\n## One\n";
    let document = Document::read(text);
    let blocks: Vec<_> = document.blocks.iter().map(|block| (&*block.language, &*block.text)).collect();
    assert_eq!(blocks, [("sh", "curl x \\\n  [y](z)\n"), ("json", "{}\n"), ("text", "")]);
    let follow: Vec<_> = document.blocks.iter().map(|block| block.adjoins).collect();
    assert_eq!(follow, [false, true, false]);
    assert_eq!(document.links(), ["b.md#c", "d.md"]);
    assert_eq!(document.anchors(), ["one-word-two", "one", "one-1"]);
}
