//! The example programs of the crates do what they show.

use std::process::Command;

use crate::program::{Launch, binary};

fn printed(command: &mut Command) -> String {
    let done = command.output().unwrap();
    let [out, err] = [done.stdout, done.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(done.status.success(), "{out}{err}");
    out
}

#[test]
fn the_example_of_an_embedded_server_delivers_an_order_once() {
    let out = printed(&mut Command::new(binary("examples/embedded_server")));
    assert!(out.ends_with("1 order delivered, and handled once\n"), "{out}");
}

#[tokio::test]
async fn the_example_of_a_contract_test_finds_a_sandbox_right() {
    let program = Launch::new().set("log", "off").start();
    let out = printed(Command::new(binary("examples/contract_test")).arg(program.url()));
    assert!(out.lines().count() > 3 && out.lines().all(|line| line.starts_with("PASS")), "{out}");
}
