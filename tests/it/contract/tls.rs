//! A target whose certificate an authority signed that no machine knows.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::failure_modes::pass;
use super::{against, reported, with_verdict};
use crate::process::run;
use crate::program::Program;
use crate::tools;

/// Makes `ca.pem`, an authority, and `server.pem` with `server.key`, which it signed for this machine.
fn make_certificates(directory: &Path) {
    let openssl = |line: &str| {
        let made = run(Command::new("openssl").args(line.split(' ')).current_dir(directory));
        assert_eq!(made.code, Some(0), "{made:?}");
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=tests"));
    openssl(&format!("req {key} -keyout server.key -out server.csr -subj /CN=127.0.0.1"));
    fs::write(directory.join("names"), "subjectAltName=IP:127.0.0.1").unwrap();
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
    );
}

/// Serves the server under that address by TLS, until the test's process ends.
fn by_tls(directory: &Path, target: &str) -> String {
    // An error says that the process has a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain =
        CertificateDer::pem_file_iter(directory.join("server.pem")).unwrap().collect::<Result<_, _>>();
    let key = PrivateKeyDer::from_pem_file(directory.join("server.key")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain.unwrap(), key).unwrap();
    let (config, target) = (Arc::new(config), target.to_owned());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (config, target) = (Arc::clone(&config), target.clone());
            // A client may be gone at any time, and that is as well.
            thread::spawn(move || {
                let mut stream = StreamOwned::new(ServerConnection::new(config).ok()?, stream.ok()?);
                pass(&mut stream, &target, |_, answer| Some(answer))?;
                stream.conn.send_close_notify();
                stream.flush().ok()
            });
        }
    });
    url
}

#[test]
fn a_private_authority_is_trusted_if_its_certificate_is_given() {
    if !tools::has_openssl() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    make_certificates(directory.path());
    let program = Program::start();
    let url = by_tls(directory.path(), program.url().strip_prefix("http://").unwrap());
    let unknown = run(&mut against(&url));
    assert_eq!(unknown.code, Some(3), "{unknown:?}");
    assert!(unknown.stderr.contains("--ca-file FILE"), "{unknown:?}");
    let mut command = against(&url);
    command
        .arg("--ca-file")
        .arg(directory.path().join("ca.pem"))
        .args(["--only", "auth.invalid-key,list.window"]);
    let (trusted, report) = reported(&mut command);
    assert_eq!(trusted.code, Some(0), "{trusted:?}");
    let passed = with_verdict(&report, "PASS");
    for rule in ["auth.invalid-key", "list.window"] {
        assert!(passed.iter().any(|passed| passed == rule), "{rule}: {passed:?}");
    }
}
