//! Bounded reading of answers.

use std::io;

use reqwest::Response;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The most that is read of an answer, of the target's or a hook's, in bytes: a page of 500 orders is far below.
pub(crate) const MOST_BYTES: usize = 4 << 20;

/// Why an answer was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    /// The connection failed.
    #[error(transparent)]
    Failed(#[from] reqwest::Error),
    /// There is more of it than is read.
    #[error("the answer is larger than {} MiB", MOST_BYTES >> 20)]
    TooLarge,
}

/// The body of an answer.
pub(crate) async fn body_of(mut response: Response) -> Result<Vec<u8>, Unread> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(Unread::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What a program writes until it ends.
pub(crate) async fn output_of(pipe: impl AsyncRead + Unpin) -> io::Result<Vec<u8>> {
    let mut output = Vec::new();
    pipe.take(MOST_BYTES as u64 + 1).read_to_end(&mut output).await?;
    if output.len() > MOST_BYTES {
        return Err(io::Error::other(format!("it printed more than {} MiB", MOST_BYTES >> 20)));
    }
    Ok(output)
}
