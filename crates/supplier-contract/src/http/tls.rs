//! Certificates: which authorities the suite trusts beside the machine's, and what a refusal of TLS means.

use reqwest::{Certificate, Client, ClientBuilder};

/// What the suite's connections trust. The usual is what the machine trusts.
#[derive(Clone, Default)]
pub(crate) struct Tls {
    authorities: Vec<Certificate>,
}

impl Tls {
    /// Trusts the certificates of a text in PEM form, too; an empty text adds none.
    pub(crate) fn new(pem: &[u8]) -> Result<Self, String> {
        if pem.is_empty() {
            return Ok(Self::default());
        }
        let wrong =
            || "it holds no certificate in PEM form: it begins with `-----BEGIN CERTIFICATE-----`".to_owned();
        let authorities = Certificate::from_pem_bundle(pem).map_err(|_| wrong())?;
        install();
        // What a certificate holds is read when a client trusts it.
        let is_sound = Client::builder().tls_certs_only(authorities.clone()).build().is_ok();
        if authorities.is_empty() || !is_sound { Err(wrong()) } else { Ok(Self { authorities }) }
    }

    /// A client that trusts them.
    pub(crate) fn of(&self, client: ClientBuilder) -> ClientBuilder {
        if self.authorities.is_empty() { client } else { client.tls_certs_merge(self.authorities.clone()) }
    }
}

/// Installs the provider of TLS, without which no client can be built.
pub(super) fn install() {
    // An error says that the process has one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What went wrong, with what to do where the error's own words do not say so.
pub(crate) fn in_words(error: &str) -> String {
    let remedies = [
        (
            "UnknownIssuer",
            "this machine does not know the authority that signed the target's certificate; give the authority's certificate: --ca-file FILE",
        ),
        (
            "CaUsedAsEndEntity",
            "the target serves the certificate of an authority as its own; let it serve a certificate that the authority signed (without `CA:TRUE`), and give the authority's by --ca-file FILE",
        ),
        (
            "NotValidForName",
            "the target's certificate is for another host name; call the target by a name in it",
        ),
        ("Expired", "the target's certificate has expired; renew it, or set this machine's clock"),
        ("NotValidYet", "the target's certificate is not valid yet; set this machine's clock"),
        ("InvalidContentType", "the target does not answer with TLS; write http:// if it is served without"),
    ];
    match remedies.iter().find(|(name, _)| error.contains(name)) {
        Some((_, remedy)) => format!("{error}: {remedy}"),
        None => error.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused_and_none_is_needed() {
        assert!(Tls::new(b"").is_ok());
        for wrong in ["no certificate", "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----"] {
            assert!(Tls::new(wrong.as_bytes()).err().unwrap().contains("BEGIN CERTIFICATE"), "{wrong}");
        }
    }

    #[test]
    fn a_refusal_of_tls_says_what_to_do() {
        assert!(in_words("invalid peer certificate: UnknownIssuer").contains("--ca-file"));
        assert!(
            in_words("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))").contains("CA:TRUE")
        );
        assert_eq!(in_words("connection refused"), "connection refused");
    }
}
