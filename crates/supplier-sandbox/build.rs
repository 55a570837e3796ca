//! Compresses the script of the API reference, so that the program carries it small and never compresses it again.

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let script = scalar_api_reference::get_asset("scalar.js").ok_or("the crate holds no scalar.js")?;
    let target = Path::new(&env::var("OUT_DIR")?).join("reference.js.gz");
    let mut encoder = GzEncoder::new(File::create(target)?, Compression::best());
    encoder.write_all(&script)?;
    encoder.finish()?;
    Ok(())
}
