//! What a server says when it serves.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Supplier, connections, numbers};
use crate::process::{Running, run};
use crate::program::{Launch, Program};
use crate::tools;

#[tokio::test]
async fn the_banner_names_the_api_its_documentation_and_every_supplier_with_its_key() {
    let program = Program::start();
    let banner = &program.banner;
    assert!(banner.contains(&format!("{}/api/admin/v2", program.url())), "{banner}");
    for path in ["docs", "openapi.json"] {
        let page = format!("{}/{path}", program.url());
        assert!(banner.contains(&page), "{banner}");
        assert_eq!(connections().get(page).send().await.unwrap().status(), 200);
    }
    let suppliers = program.ready["suppliers"].as_array().unwrap();
    assert_eq!(suppliers.len(), 3);
    for supplier in suppliers {
        let line = banner.lines().find(|line| line.contains(supplier["key"].as_str().unwrap()));
        let line = line.expect("a line with the key");
        assert!(
            ["id", "name"].iter().all(|field| line.contains(supplier[field].as_str().unwrap())),
            "{line}"
        );
        let caller = Supplier::of(&program, supplier["id"].as_str().unwrap());
        assert_eq!(caller.poll(1).await["count"], 1);
    }
    assert!(banner.lines().all(|line| line.len() <= 130), "{banner}");
}

/// Whoever follows a link of the banner finds something there, however the server was started.
#[tokio::test]
async fn every_address_in_the_banner_leads_somewhere() {
    let directory = tempfile::tempdir().unwrap();
    let [token, data] =
        ["token", "data"].map(|name| directory.path().join(name).to_str().unwrap().to_owned());
    fs::write(&token, "0123456789abcdef\n").unwrap();
    let public = |launch: Launch| launch.set("listen", "0.0.0.0:0").set("admin-token-file", token.clone());
    for launch in [
        Launch::new(),
        Launch::new().set("scenario", "empty").set("journal", "off").set("window-minutes", "0"),
        Launch::new().set("data", data.clone()),
        Launch::new().set("data", data.clone()),
        public(Launch::new()),
    ] {
        let program = launch.start();
        let banner = &program.banner;
        let urls: Vec<_> = banner
            .split(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')'))
            .filter(|word| word.starts_with("http"))
            .collect();
        assert!(urls.len() >= 6, "{banner}");
        for url in urls {
            let request = || connections().get(url);
            let with_key = request().header("X-Api-Key", program.key("aurora")).send().await.unwrap();
            assert_eq!(with_key.status(), 200, "{url}");
            // Whoever has no key is told so.
            let status = request().header("Accept", "text/html").send().await.unwrap().status().as_u16();
            assert_eq!(status, if url.contains("/api/") { 401 } else { 200 }, "{url}");
        }
        assert_eq!(program.stop().code, Some(0));
    }
}

#[test]
fn the_call_in_the_banner_works_as_it_is_pasted() {
    if !tools::has_curl() {
        return;
    }
    let program = Program::start();
    let (_, call) = program.banner.split_once("\n  curl ").unwrap();
    let (call, _) = call.split_once("\n\n").unwrap();
    let answer = run(Command::new("sh").args(["-c", &format!("curl --silent --show-error {call}")]));
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    let page: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(numbers(&page), [12345, 12346]);
}

#[test]
fn the_ready_file_says_where_and_for_whom_to_its_owner_only() {
    let program = Program::start();
    let (url, ready) = (program.url(), &program.ready);
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with('/') && !url.ends_with(":0"), "{url}");
    let supplier = |id: &str, name: &str| json!({ "id": id, "name": name, "key": program.key(id) });
    let suppliers = [
        supplier("aurora", "Aurora Digital Goods"),
        supplier("birch", "Birch Lane Media"),
        supplier("cedar", "Cedar Point Services"),
    ];
    assert_eq!(*ready, json!({ "url": url, "docs": format!("{url}/docs"), "suppliers": suppliers }));
    // The guide's examples, and those of this repository, use this key.
    assert_eq!(program.key("aurora"), "test_ece64a1c6711397c2b4dddb1cc71998f");

    assert_eq!(mode(&program.ready_file), 0o600);
    let beside = fs::read_dir(program.ready_file.parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1, "what was only on the way to the file is gone");
    // That the file goes when the server stops is looked at by whatever stops one here.
    assert_eq!(program.stop().code, Some(0));
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_an_earlier_server_left_is_replaced_and_its_permissions_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let left = directory.path().join("ready.json");
    fs::write(&left, r#"{"url":"http://127.0.0.1:1","docs":"","suppliers":[]}"#).unwrap();
    fs::set_permissions(&left, Permissions::from_mode(0o644)).unwrap();
    let program = Launch::new().set("ready-file", left.to_str().unwrap()).start();
    assert_eq!(mode(&program.ready_file), 0o600);
    assert_eq!(program.stop().code, Some(0));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_ready_file_goes_where_its_link_leads_and_the_link_stays() {
    let directory = tempfile::tempdir().unwrap();
    let [link, target] = ["link", "target"].map(|name| directory.path().join(name));
    symlink("target", &link).unwrap();
    let running = Launch::new().set("ready-file", link.to_str().unwrap()).start();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && target.is_file());
    assert_eq!(running.stop().code, Some(0));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && !target.exists());
}

#[test]
fn a_pipe_is_told_when_the_server_serves_and_stays_a_pipe() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert_eq!(run(Command::new("mkfifo").arg(&pipe)).code, Some(0));
    let args = ["--listen", "127.0.0.1:0", "--log", "warn", "--ready-file"];
    let mut running = Running::start(crate::program::command().args(args).arg(&pipe));
    let ready: Value = serde_json::from_str(&fs::read_to_string(&pipe).unwrap()).unwrap();
    assert!(ready["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(running.stdout.wait_for(|line| line == "Stop the server with Ctrl-C."));
    running.signal("TERM");
    assert_eq!(running.outcome().code, Some(0));
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

#[test]
fn standard_output_can_be_the_ready_file() {
    let args = ["--listen", "127.0.0.1:0", "--log", "warn", "--ready-file", "/dev/stdout"];
    let mut running = Running::start(crate::program::command().args(args));
    assert!(running.stdout.wait_for(|line| line.starts_with('{')));
    assert!(running.stdout.wait_for(|line| line == "Stop the server with Ctrl-C."));
    running.signal("TERM");
    assert_eq!(running.outcome().code, Some(0));
    assert!(Path::new("/dev/stdout").exists());
}

#[test]
fn beyond_loopback_the_keys_cannot_be_known_beforehand() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    fs::write(&token, "0123456789abcdef\n").unwrap();
    let launch = || Launch::new().set("listen", "0.0.0.0:0").set("admin-token-file", token.to_str().unwrap());
    let key = || launch().start().key("aurora").to_owned();
    let keys = [key(), key(), Program::start().key("aurora").to_owned()];
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2], "{keys:?}");
}

#[tokio::test]
async fn variables_do_what_options_do() {
    let launch = || {
        let launch = Launch::new().set("scenario", "minimal").set("seed", "7").set("window-minutes", "0");
        launch.set("log", "warn").set("log-format", "pretty")
    };
    let mut seen = Vec::new();
    for launch in [launch(), launch().through_environment()] {
        let program = launch.start();
        let supplier = Supplier::of(&program, "aurora");
        let page = supplier.poll(500).await;
        assert_eq!(supplier.poll(500).await, page, "the window is off");
        let banner = program.banner.replace(program.url(), "");
        assert!(banner.contains("A dozen orders") && banner.contains("(seed 7)"), "{banner}");
        let key = program.key("aurora").to_owned();
        let ended = program.stop();
        assert_eq!(ended.stderr, "", "nothing here is a warning");
        seen.push((page, banner, key));
    }
    assert_eq!(seen[0], seen[1]);
    let default = Program::start();
    assert_ne!(seen[0].2, default.key("aurora"), "another seed, another key");
}

#[tokio::test]
async fn an_option_goes_before_its_variable() {
    let program = Program::start();
    let mut command = crate::program::command();
    command.env("SUPPLIER_SANDBOX_LISTEN", program.address()).args(["--listen", "nowhere"]);
    let refused = run(&mut command);
    assert!(refused.stderr.contains("nowhere") && !refused.stderr.contains("in use"), "{}", refused.stderr);
}

#[tokio::test]
async fn each_call_leaves_a_line_in_the_log() {
    let program = Program::start();
    Supplier::of(&program, "aurora").poll(1).await;
    let refused = connections().get(format!("{}/api/admin/v2/orders", program.url())).send().await.unwrap();
    let id = refused.headers()["sandbox-request-id"].to_str().unwrap().to_owned();
    let log = program.stop().stderr;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["request_id"] == id.as_str()).unwrap();
    assert_eq!((&line["status"], &line["error"]), (&json!(401), &json!("INVALID_API_KEY")));
    assert_eq!(lines.iter().filter(|line| line["status"] == 200).count(), 1, "{log}");
}
