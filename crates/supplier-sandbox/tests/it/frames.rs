//! HTTP/2 frame by frame, for what a client library would not do (RFC 9113).

/// What opens a connection: the preface, and settings by which each stream may be sent `window` bytes before it is asked for
/// more.
pub(crate) fn preface(window: u32) -> Vec<u8> {
    const INITIAL_WINDOW_SIZE: u16 = 4;
    let setting = [&INITIAL_WINDOW_SIZE.to_be_bytes()[..], &window.to_be_bytes()].concat();
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &setting)].concat()
}

/// A GET on a stream of its own; streams are numbered 1, 3, 5 and so on.
pub(crate) fn get(stream: u32, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    const END_STREAM_AND_HEADERS: u8 = 0x5;
    // `:method: GET` and `:scheme: http` are in the static table, and so are the names of the next two.
    let mut block = vec![0x82, 0x86];
    for (name, value) in [(0x4, path), (0x1, "localhost")] {
        block.push(name);
        block.extend(text(value));
    }
    for (name, value) in headers {
        block.push(0);
        block.extend(text(name));
        block.extend(text(value));
    }
    frame(1, END_STREAM_AND_HEADERS, stream, &block)
}

/// Lets the server send so many bytes more on a stream.
#[allow(dead_code, reason = "not all who use this file give room")]
pub(crate) fn window_update(stream: u32, bytes: u32) -> Vec<u8> {
    frame(8, 0, stream, &bytes.to_be_bytes())
}

/// A text of at most 126 bytes, as HPACK writes it without compression.
fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).ok().filter(|length| *length < 127);
    [&[length.expect("a short text")], text.as_bytes()].concat()
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}
