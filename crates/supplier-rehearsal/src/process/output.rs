//! What a program writes: its last lines are kept, however much it writes.

use std::sync::{Arc, Mutex, PoisonError};

use supplier_domain::{MASKED_KEY, mask_keys};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;
use tokio::task::AbortHandle;

/// Number of bytes that are kept.
const KEPT: usize = 8 << 10;

/// Reads what a program writes, until it is dropped.
pub(super) struct Output {
    tail: Arc<Mutex<Vec<u8>>>,
    key: String,
    readers: Vec<AbortHandle>,
}

impl Output {
    /// Reads both streams of `child`.
    pub(super) fn of(child: &mut Child, key: &str) -> Self {
        let tail = Arc::default();
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            readers.push(read(stdout, &tail));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.push(read(stderr, &tail));
        }
        Self { tail, key: key.to_owned(), readers }
    }

    /// The last lines, without the key.
    pub(super) fn text(&self) -> String {
        let bytes = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let is_cut = bytes.len() > KEPT;
        let last = &bytes[bytes.len().saturating_sub(KEPT)..];
        let text = String::from_utf8_lossy(last);
        // The beginning of a cut text may be the end of a key.
        let text = match text.split_once('\n') {
            Some((_, rest)) if is_cut => rest,
            _ if is_cut => "",
            _ => &text,
        };
        let text = text.replace(&self.key, MASKED_KEY);
        mask_keys(&text).unwrap_or(text)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        for reader in &self.readers {
            reader.abort();
        }
    }
}

fn read(mut stream: impl AsyncRead + Unpin + Send + 'static, tail: &Arc<Mutex<Vec<u8>>>) -> AbortHandle {
    let tail = Arc::clone(tail);
    let reader = tokio::spawn(async move {
        let mut buffer = vec![0; 16 << 10];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
            tail.extend_from_slice(&buffer[..count]);
            if tail.len() > 4 * KEPT {
                let surplus = tail.len() - KEPT - 1;
                tail.drain(..surplus);
            }
        }
    });
    reader.abort_handle()
}
