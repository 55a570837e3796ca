//! What the program says when it serves.

use supplier_sandbox::SandboxServer;

/// The text: where, for whom, and a first call to paste. A password that was given is not repeated.
pub(super) fn text(server: &SandboxServer, data: Option<&str>, is_password_given: bool) -> String {
    let url = server.url();
    let seed = server.seed();
    let window = match server.window_minutes() {
        0 => "off: an order is handed out on every call".to_owned(),
        minutes => format!("{minutes} minutes: for so long an order that was handed out is withheld"),
    };
    let widest = server.suppliers().iter().map(|supplier| supplier.id().len()).max().unwrap_or(0);
    let supplier = |supplier: &supplier_sandbox::SupplierAccess| {
        format!("  {:widest$}  {}  {}\n", supplier.id(), supplier.key(), supplier.name())
    };
    let suppliers: String = server.suppliers().iter().map(supplier).collect();
    let suppliers = if suppliers.is_empty() { "  as they were given\n".to_owned() } else { suppliers };
    let key = server.suppliers().first().map_or("<your key>", |first| first.key());
    let data = match data {
        None => "in memory: gone when the server stops (--data FILE or --database-url keeps it)".to_owned(),
        Some(place) if server.is_resumed() => format!("{place}: goes on where it stopped"),
        Some(place) => place.to_owned(),
    };
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
  Data     {data}

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
        password = if is_password_given { "as it was given" } else { server.dashboard_password() },
    )
}
