//! Every link and anchor of the pages, and of what the README says about them, leads somewhere.

use std::collections::BTreeSet;
use std::fs;

use reqwest::Client;

use super::html;
use crate::client::connections;
use crate::program::{Program, root};

/// Where the README says that the server is.
const README_URL: &str = "http://127.0.0.1:4010";

/// What is wrong with a link on the page at `base`, of which `page` is the text.
async fn problem(client: &Client, base: &str, page: &str, link: &str) -> Option<String> {
    let (address, anchor) =
        link.split_once('#').map_or((link, None), |(address, anchor)| (address, Some(anchor)));
    let target = if address.is_empty() {
        page.to_owned()
    } else if address == "data:," {
        return None;
    } else {
        let url = match address.strip_prefix('/') {
            Some(path) => format!("{base}/{path}"),
            None if address.starts_with(base) => address.to_owned(),
            None => return Some(format!("{link}: leads to another host")),
        };
        let response = client.get(url).send().await.unwrap();
        if response.status() != 200 {
            return Some(format!("{link}: answers {}", response.status()));
        }
        response.text().await.unwrap()
    };
    let anchor = anchor?;
    let is_there = html::attributes(&target, "id").iter().any(|id| id == anchor);
    (!is_there).then(|| format!("{link}: there is no {anchor}"))
}

/// What a page loads and leads to.
fn links(page: &str) -> BTreeSet<String> {
    let of = |name| html::attributes(page, name);
    ["href", "src", "data-script", "data-document"].into_iter().flat_map(of).collect()
}

#[tokio::test]
async fn every_link_and_anchor_of_the_documentation_page_leads_somewhere() {
    let (program, client) = (Program::start(), connections());
    let page = client.get(format!("{}/docs", program.url())).send().await.unwrap().text().await.unwrap();
    let links = links(&page);
    assert!(links.len() > 100 && links.contains("/openapi.json"), "{links:?}");
    for link in &links {
        assert_eq!(problem(&client, program.url(), &page, link).await, None);
    }
    let ids = html::attributes(&page, "id");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id is there twice: {ids:?}");
}

#[tokio::test]
async fn the_documents_lead_to_pages_that_the_server_has() {
    let (program, client) = (Program::start(), connections());
    let documents = ["README.md", "docs/tutorial.md", "docs/control-api.md"];
    let documents: String =
        documents.iter().map(|name| fs::read_to_string(root().join(name)).unwrap()).collect();
    let link = format!("<{README_URL}");
    let rest = documents.split(&link).skip(1);
    let paths: Vec<_> = rest.filter_map(|rest| rest.split_once('>')).map(|(path, _)| path).collect();
    assert!(paths.contains(&"/docs"), "{paths:?}");
    for path in paths {
        assert_eq!(problem(&client, program.url(), "", path).await, None);
    }
}

#[tokio::test]
async fn a_link_to_nowhere_is_a_problem() {
    let (program, client) = (Program::start(), connections());
    let page = "<p id=\"here\">";
    for (link, told) in [
        ("#here", None),
        ("#there", Some("#there: there is no there")),
        ("/docs#list.window", None),
        ("/docs#list.door", Some("/docs#list.door: there is no list.door")),
        ("/dogs", Some("/dogs: answers 404 Not Found")),
        ("https://example.com/", Some("https://example.com/: leads to another host")),
    ] {
        assert_eq!(problem(&client, program.url(), page, link).await.as_deref(), told);
    }
}
