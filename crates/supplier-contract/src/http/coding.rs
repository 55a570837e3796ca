//! Content codings. The suite asks for none, and reads those that come all the same.

use std::io::Read;

use super::bounded::MOST_BYTES;

/// The most codings, one over the other, that are taken off.
const MOST_CODINGS: usize = 3;

/// Why a coded body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Decoded, there is more of it than the suite reads.
    TooLarge,
    /// The suite does not know the coding, though a client may.
    Unknown(String),
    /// The body is not of its coding.
    Broken(String),
}

/// A body without the codings that a `Content-Encoding` names; none if there are no codings. What comes out of each is
/// bounded as an answer is.
pub(crate) fn decoded(body: &[u8], codings: &str) -> Result<Option<Vec<u8>>, Unreadable> {
    let named = codings.split(',').map(|coding| coding.trim().to_ascii_lowercase());
    let named: Vec<_> = named.filter(|coding| !coding.is_empty() && coding != "identity").collect();
    if named.len() > MOST_CODINGS {
        return Err(Unreadable::Broken(format!("there are more than {MOST_CODINGS} codings")));
    }
    // An answer without a body may name a coding.
    if named.is_empty() || body.is_empty() {
        return Ok(None);
    }
    let mut body = body.to_vec();
    for coding in named.iter().rev() {
        body = match coding.as_str() {
            "gzip" | "x-gzip" => read(flate2::read::MultiGzDecoder::new(body.as_slice()), "gzip")?,
            // By the standard with a header of zlib; some servers leave it out.
            "deflate" => match read(flate2::read::ZlibDecoder::new(body.as_slice()), "deflate") {
                Err(Unreadable::Broken(_)) => {
                    read(flate2::read::DeflateDecoder::new(body.as_slice()), "deflate")?
                }
                other => other?,
            },
            "br" => read(brotli_decompressor::Decompressor::new(body.as_slice(), 4096), "br")?,
            other => {
                let other = super::printable(other, 40);
                return Err(Unreadable::Unknown(format!("the suite does not know the coding `{other}`")));
            }
        };
    }
    Ok(Some(body))
}

fn read(coded: impl Read, name: &str) -> Result<Vec<u8>, Unreadable> {
    let mut body = Vec::new();
    coded
        .take(MOST_BYTES as u64 + 1)
        .read_to_end(&mut body)
        .map_err(|_| Unreadable::Broken(format!("the body is not {name}")))?;
    if body.len() > MOST_BYTES { Err(Unreadable::TooLarge) } else { Ok(body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write as _;

    const TEXT: &[u8] = br#"{"orders": [], "count": 0, "total": 0}"#;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut coder = GzEncoder::new(Vec::new(), Compression::default());
        coder.write_all(text).unwrap();
        coder.finish().unwrap()
    }

    #[test]
    fn each_coding_is_taken_off() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(TEXT).unwrap();
        // An empty last metablock behind the text, which is not compressed.
        let mut br = vec![0x8b, 0x12, 0x80];
        br.extend(TEXT);
        br.push(0x03);
        for (body, coding) in [
            (gzip(TEXT), "gzip"),
            (gzip(TEXT), "X-GZIP"),
            (gzip(&gzip(TEXT)), "gzip, gzip"),
            (zlib.finish().unwrap(), "deflate"),
            (bare.finish().unwrap(), "deflate"),
            (br, "br"),
        ] {
            assert_eq!(decoded(&body, coding), Ok(Some(TEXT.to_vec())), "{coding}");
        }
        for (body, coding) in [(TEXT, "identity"), (TEXT, ""), (b"", "gzip")] {
            assert_eq!(decoded(body, coding), Ok(None), "{coding}");
        }
    }

    #[test]
    fn a_bomb_is_not_blown_up_and_what_is_not_coded_is_said() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(decoded(&bomb, "gzip"), Err(Unreadable::TooLarge));
        for (coding, why) in
            [("gzip", "not gzip"), ("br", "not br"), ("zstd", "`zstd`"), ("gzip,gzip,gzip,gzip", "more than")]
        {
            let told = decoded(b"no such thing", coding);
            assert!(
                matches!(&told, Err(Unreadable::Broken(text) | Unreadable::Unknown(text)) if text.contains(why)),
                "{told:?}"
            );
        }
    }
}
