//! One address for several servers, as a proxy gives it: each request goes to the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::client::connections;
use crate::program::Program;

/// It passes requests on until it is dropped.
pub(crate) struct Balancer {
    pub(crate) url: String,
    _runtime: Runtime,
}

impl Balancer {
    pub(crate) fn before(programs: &[Program]) -> Self {
        let runtime = Runtime::new().unwrap();
        let servers: Arc<[String]> = programs.iter().map(|program| program.url().to_owned()).collect();
        let (client, turn) = (connections(), Arc::new(AtomicUsize::new(0)));
        let pass_on = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let server = servers[turn.fetch_add(1, Ordering::Relaxed) % servers.len()].clone();
            pass_on(client.clone(), server, (method, uri, headers, body))
        };
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().fallback(pass_on).layer(axum::extract::DefaultBodyLimit::disable());
        runtime.spawn(async move { axum::serve(listener, routes).await });
        Self { url, _runtime: runtime }
    }
}

async fn pass_on(
    client: Client,
    server: String,
    (method, uri, mut headers, body): (Method, Uri, HeaderMap, Bytes),
) -> Response {
    // Of a connection, not of a request.
    for name in [header::HOST, header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
    let target = format!("{server}{}", uri.path_and_query().map_or("/", |target| target.as_str()));
    let Ok(answer) = client.request(method, target).headers(headers).body(body).send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    let Ok(body) = answer.bytes().await else { return StatusCode::BAD_GATEWAY.into_response() };
    (status, headers, body).into_response()
}
