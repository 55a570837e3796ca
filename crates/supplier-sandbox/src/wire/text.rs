//! Bytes that are no text, and what they are instead.

/// How bytes begin that are something else than UTF-8 text, what they are, and what to do. The longer beginnings come first.
const BEGINNINGS: [(&[u8], &str); 9] = [
    (b"\xef\xbb\xbf", "begins with a byte order mark (EF BB BF); send the UTF-8 text without it"),
    (b"\xff\xfe\0\0", UTF_32),
    (b"\0\0\xfe\xff", UTF_32),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"\x1f\x8b", "is compressed by gzip; send it as it is"),
    (b"\x28\xb5\x2f\xfd", "is compressed by zstd; send it as it is"),
    (b"\x78\x9c", "is compressed by deflate; send it as it is"),
    (b"\x78\xda", "is compressed by deflate; send it as it is"),
];

const UTF_16: &str = "is UTF-16; send it as UTF-8";
const UTF_32: &str = "is UTF-32; send it as UTF-8";

/// What bytes are that are not UTF-8 text without a byte order mark, and what to do about it.
pub(crate) fn not_utf8(bytes: &[u8]) -> Option<String> {
    if let Some((_, what)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
        return Some((*what).to_owned());
    }
    // JSON begins with an ASCII character, so the zero bytes beside it tell (RFC 4627, section 3).
    match *bytes {
        [0, 0, 0, _, ..] | [_, 0, 0, 0, ..] => return Some(UTF_32.to_owned()),
        [0, first, ..] | [first, 0, ..] if first != 0 => return Some(UTF_16.to_owned()),
        _ => {}
    }
    let place = std::str::from_utf8(bytes).err()?.valid_up_to();
    let byte = bytes.get(place).copied().unwrap_or_default();
    let number = place + 1;
    Some(format!(
        "is not UTF-8: byte {number} is {byte:02X}; send it as UTF-8, not as Latin-1 or Windows-1252"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn what_is_no_utf8_text_is_named() {
        let json = "{\"order\":12345}";
        let utf32: Vec<u8> = json.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        for (bytes, cause) in [
            ([b"\xef\xbb\xbf", json.as_bytes()].concat(), "byte order mark"),
            (utf16(json, u16::to_le_bytes), "UTF-16"),
            (utf16(json, u16::to_be_bytes), "UTF-16"),
            (utf16(&format!("\u{feff}{json}"), u16::to_le_bytes), "UTF-16"),
            (utf16(&format!("\u{feff}{json}"), u16::to_be_bytes), "UTF-16"),
            (utf32, "UTF-32"),
            (b"\x1f\x8b\x08\0".to_vec(), "gzip"),
            (b"{\"a\":\"gr\xf6\xdfer\"}".to_vec(), "byte 9 is F6"),
        ] {
            let told = not_utf8(&bytes).unwrap_or_default();
            assert!(told.contains(cause), "{told:?} of {}", bytes.escape_ascii());
        }
        for text in ["", "{", json, "größer", "\0", "x\u{fffd}"] {
            assert_eq!(not_utf8(text.as_bytes()), None, "{text:?}");
        }
    }
}
