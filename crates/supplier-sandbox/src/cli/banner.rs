//! What the program says when it serves.

use supplier_sandbox::SandboxServer;

/// The text: where, for whom, and a first call to paste.
pub(super) fn text(server: &SandboxServer, seed: u64, window_minutes: u32) -> String {
    let url = server.url();
    let window = match window_minutes {
        0 => "off: an order is handed out on every call".to_owned(),
        minutes => format!("{minutes} minutes: for so long an order that was handed out is withheld"),
    };
    let widest = server.suppliers().iter().map(|supplier| supplier.id().len()).max().unwrap_or(0);
    let supplier = |supplier: &supplier_sandbox::SupplierAccess| {
        format!("  {:widest$}  {}  {}\n", supplier.id(), supplier.key(), supplier.name())
    };
    let suppliers: String = server.suppliers().iter().map(supplier).collect();
    let key = server.suppliers().first().map_or("", |first| first.key());
    format!(
        "\
Supplier Sandbox {version} (rulebook {rulebook}): {title}
{summary} (seed {seed})

  API      {url}/api/admin/v2
  Pages    {url} (password: {password})
  Docs     {docs}
  OpenAPI  {url}/openapi.json
  Control  {url}/_sandbox
  Window   {window}

Suppliers and their keys:

{suppliers}
Ask for the first orders:

  curl \"{url}/api/admin/v2/orders?status=pending,processing&productType=manual&limit=2\" \\
    -H \"X-Api-Key: {key}\"

Ctrl-C stops it.

",
        title = server.scenario_title(),
        summary = server.summary(),
        version = env!("CARGO_PKG_VERSION"),
        rulebook = supplier_rulebook::VERSION,
        docs = server.docs_url(),
        password = server.dashboard_password(),
    )
}
