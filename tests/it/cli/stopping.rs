//! How a server ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::client::CALL_TIMEOUT;
use crate::program::Program;

const UPDATE: &str = r#"{"order":12345,"status":"processing"}"#;

#[test]
fn the_signals_of_a_terminal_and_of_a_service_manager_end_it_well() {
    for signal in ["INT", "TERM"] {
        let program = Program::start();
        program.running.signal(signal);
        let ended = program.outcome();
        assert_eq!((ended.code, ended.stdout.trim()), (Some(0), ""), "{signal}: {}", ended.stderr);
        assert!(ended.stderr.contains("stopping"), "{}", ended.stderr);
    }
}

/// Sends an update but for its body, once the server has asked for that.
fn request_under_way(program: &Program) -> TcpStream {
    let mut stream = TcpStream::connect(program.address()).unwrap();
    stream.set_read_timeout(Some(CALL_TIMEOUT)).unwrap();
    let (address, key, length) = (program.address(), program.key("aurora"), UPDATE.len());
    let head = format!(
        "POST /api/admin/v2/orders-update HTTP/1.1\r\nHost: {address}\r\nX-Api-Key: {key}\r\nContent-Type: \
         application/json\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut asked = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut asked).unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100"), "{}", asked.escape_ascii());
    stream
}

fn is_stopping(line: &str) -> bool {
    line.contains("stopping when the requests under way are answered")
}

#[test]
fn a_request_under_way_is_answered_before_the_end() {
    let mut program = Program::start();
    let mut stream = request_under_way(&program);
    let mut idle = TcpStream::connect(program.address()).unwrap();
    program.running.signal("TERM");
    assert!(program.running.stderr.wait_for(is_stopping));
    // Only a stop that waits for nobody would miss what comes now.
    stream.write_all(UPDATE.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains(r#""status":"processing""#), "{answer}");

    idle.set_read_timeout(Some(CALL_TIMEOUT)).unwrap();
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0, "a connection without a request is closed");
    let address = program.address().parse().unwrap();
    let ended = program.outcome();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("cut off"), "{}", ended.stderr);
    assert!(TcpStream::connect_timeout(&address, Duration::from_secs(5)).is_err());
}

#[test]
fn a_second_signal_waits_for_nobody() {
    let mut program = Program::start();
    let mut stream = request_under_way(&program);
    program.running.signal("INT");
    assert!(program.running.stderr.wait_for(is_stopping));
    program.running.signal("INT");
    let ended = program.outcome();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("cut off"), "the grace was not waited for: {}", ended.stderr);
    let mut answer = Vec::new();
    // Closed or reset: that is the system's choice.
    let _ = stream.read_to_end(&mut answer);
    assert_eq!(answer, b"", "a request that was cut off has no answer");
}
