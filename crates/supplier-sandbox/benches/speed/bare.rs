//! The bare server: axum, and answers from constants.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderName, header};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::Failure;
use crate::requests::{LIST, UPDATE};

/// The files from which it takes its answers.
pub(crate) const PAGE_FILE: &str = "page.json";
pub(crate) const UPDATED_FILE: &str = "updated.json";

const JSON: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

/// Serves the files of `directory` until it is killed; says on stdout where.
pub(crate) fn serve(directory: &Path) -> Result<(), Failure> {
    let page = Bytes::from(fs::read(directory.join(PAGE_FILE))?);
    let updated = Bytes::from(fs::read(directory.join(UPDATED_FILE))?);
    let router = Router::new()
        .route(LIST, get(move || async move { (JSON, page) }))
        .route(UPDATE, post(move |_body: Bytes| async move { (JSON, updated) }));
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            let _ = stream.set_nodelay(true);
        });
        writeln!(io::stdout(), "{address}")?;
        axum::serve(listener, router).await?;
        Ok(())
    })
}
