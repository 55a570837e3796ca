//! Endpoint of a server: its address, its public URL, and who may control it there.

use std::io;
use std::net::SocketAddr;

use supplier_store::KeyHash;
use tokio::net::TcpListener;

use super::StartError;
use crate::control::{Admission, guard};
use crate::server_url::ServerUrl;

/// Endpoint: a listening socket and its public URL.
pub(super) struct Endpoint {
    pub(super) listener: TcpListener,
    /// Public URL, without a slash at the end.
    pub(super) url: String,
    /// Whether connections come from a proxy.
    pub(super) is_behind_proxy: bool,
    /// Whether only this machine can reach the server.
    pub(super) is_local: bool,
    pub(super) admission: Admission,
}

impl Endpoint {
    /// Listens on `address`, whose public URL is `public_url` if given. `admin_token` is the hash of the admin token.
    ///
    /// # Errors
    /// The server cannot listen on `address`, `public_url` is invalid, or other machines can reach the server and there is
    /// no token.
    pub(super) async fn open(
        address: &str,
        public_url: Option<String>,
        admin_token: Option<KeyHash>,
    ) -> Result<Self, StartError> {
        let (listener, bound) = listen(address).await?;
        let is_behind_proxy = public_url.is_some();
        let url = url(public_url, bound)?;
        // A public name implies a proxy, which other machines can reach.
        let is_local = bound.ip().is_loopback() && guard::is_loopback_url(&url);
        let admission =
            Admission::of(is_local, admin_token).ok_or_else(|| StartError::NoAdminToken(url.clone()))?;
        Ok(Self { listener, url, is_behind_proxy, is_local, admission })
    }
}

async fn listen(address: &str) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse(address.to_owned()),
        io::ErrorKind::InvalidInput => StartError::InvalidAddress(address.to_owned()),
        _ => StartError::Listen { address: address.to_owned(), source },
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn url(public: Option<String>, address: SocketAddr) -> Result<String, StartError> {
    let Some(url) = public else { return Ok(format!("http://{address}")) };
    url.parse::<ServerUrl>().map(|url| url.to_string()).map_err(|_| StartError::InvalidPublicUrl(url))
}
