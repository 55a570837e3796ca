//! Assets: documents and pages, compressed once and cached by `ETag`.

use std::io::{Read as _, Write as _};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use tokio::sync::OnceCell;

use super::SharedBody;
use super::negotiation::takes_gzip;

/// Content security policy of a page: content of this server only. Inline styles are allowed, because the API reference has
/// some; inline scripts are not.
pub(crate) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: \
                      blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Size of the checksum and length at the end of every gzip file (RFC 1952, 2.3.1).
const TRAILER: usize = 8;

/// Asset: a document that does not change while the server runs.
#[derive(Debug)]
pub(crate) struct Asset {
    content_type: &'static str,
    gzip: Bytes,
    /// The uncompressed content, unpacked for the first client that takes no gzip, and shared with later ones.
    plain: OnceCell<Bytes>,
    etag: ETag,
}

impl Asset {
    /// Compresses `content`.
    pub(crate) fn new(content_type: &'static str, content: &[u8]) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory cannot fail.
        let _ = encoder.write_all(content);
        let asset = Self::from_gzip(content_type, encoder.finish().unwrap_or_default().into());
        let _ = asset.plain.set(Bytes::copy_from_slice(content));
        asset
    }

    /// Asset of already compressed content.
    pub(crate) fn from_gzip(content_type: &'static str, gzip: Bytes) -> Self {
        let trailer = &gzip[gzip.len().saturating_sub(TRAILER)..];
        // Weak, because it names the content in both encodings.
        let etag = format!("W/\"{}\"", hex::encode(trailer));
        let etag = etag.parse().unwrap_or_else(|_| unreachable!("hexadecimal digits are a tag"));
        Self { content_type, gzip, plain: OnceCell::new(), etag }
    }

    /// The answer to a request with these headers.
    pub(crate) async fn answer(&self, request: &HeaderMap) -> Response {
        let mut response =
            if request.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(&self.etag))
            {
                StatusCode::NOT_MODIFIED.into_response()
            } else if takes_gzip(request) {
                ([(header::CONTENT_ENCODING, "gzip")], self.gzip.clone()).into_response()
            } else {
                self.content().await.clone().into_response()
            };
        response.extensions_mut().insert(SharedBody);
        let headers = response.headers_mut();
        headers.typed_insert(self.etag.clone());
        for (name, value) in [
            (header::CONTENT_TYPE, self.content_type),
            (header::VARY, "accept-encoding"),
            // Cached, but revalidated each time: another version of the program may serve the same URL.
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }

    async fn content(&self) -> &Bytes {
        let unpack = async || {
            let gzip = self.gzip.clone();
            // Unpacking takes too long for the thread of other requests.
            let unpacked = tokio::task::spawn_blocking(move || {
                let mut content = Vec::new();
                // The build compressed the content, so unpacking cannot fail.
                let _ = GzDecoder::new(&*gzip).read_to_end(&mut content);
                Bytes::from(content)
            });
            unpacked.await.unwrap_or_default()
        };
        self.plain.get_or_init(unpack).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[tokio::test]
    async fn a_copy_that_is_current_is_not_sent_again() {
        let asset = Asset::new("text/plain", b"text");
        let other = Asset::new("text/plain", b"other");
        let tag = asset.answer(&HeaderMap::new()).await.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert_ne!(other.etag, asset.etag);
        for (known, status) in [(tag.clone(), 304), (format!("\"x\", {tag}"), 304), ("\"x\"".to_owned(), 200)]
        {
            let answer = asset.answer(&headers(header::IF_NONE_MATCH, &known)).await;
            assert_eq!(answer.status(), status, "{known}");
            assert_eq!(answer.headers()[header::ETAG], *tag, "{known}");
        }
    }

    #[tokio::test]
    async fn what_was_compressed_comes_out_again_once_for_all_who_take_no_gzip() {
        let made = Asset::new("text/plain", "größer".as_bytes());
        let asset = Asset::from_gzip("text/plain", made.gzip.clone());
        let first = asset.content().await.clone();
        assert_eq!(first, "größer".as_bytes());
        assert_eq!(first.as_ptr(), asset.content().await.as_ptr(), "the bytes are shared");
    }
}
