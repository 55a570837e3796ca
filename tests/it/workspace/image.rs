//! The image is built of what the workspace is built of.

use std::fs;

use crate::program::root;

/// The toolchain's file is not copied into the image's build, so that rustup fetches nothing there.
#[test]
fn the_image_is_built_with_the_toolchain_of_the_workspace() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    let toolchain = read("rust-toolchain.toml");
    let channel = |line: &str| Some(line.strip_prefix("channel = \"")?.strip_suffix('"')?.to_owned());
    let channel = toolchain.lines().find_map(channel).unwrap();
    let image = format!("FROM rust:{channel}-slim-bookworm AS build");
    assert!(read("Dockerfile").lines().any(|line| line == image), "the Dockerfile says no {image}");
}
