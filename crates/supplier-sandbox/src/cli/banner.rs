//! Banner that the program prints when it serves.

use supplier_domain::counted;
use supplier_sandbox::SandboxServer;

/// Text of the banner: URLs, suppliers with keys, and a first call to paste. It does not repeat a given password.
pub(super) fn text(server: &SandboxServer, data: Option<&str>, is_password_given: bool) -> String {
    let url = server.url();
    let seed = server.seed();
    let window = match server.window_minutes() {
        0 => "off: every poll returns the same orders".to_owned(),
        minutes => {
            format!("{}: an order that you polled is withheld for this long", counted(minutes, "minute"))
        }
    };
    let widest = server.suppliers().iter().map(|supplier| supplier.id().len()).max().unwrap_or(0);
    let supplier = |supplier: &supplier_sandbox::SupplierAccess| {
        format!("  {:widest$}  {}  {}\n", supplier.id(), supplier.key(), supplier.name())
    };
    let suppliers: String = server.suppliers().iter().map(supplier).collect();
    let suppliers = if suppliers.is_empty() {
        "  unchanged since this database was created\n".to_owned()
    } else {
        suppliers
    };
    let key = server.suppliers().first().map_or("<your key>", |first| first.key());
    let data = match data {
        None => "in memory: lost when the server stops (keep it with --data FILE or --database-url URL)"
            .to_owned(),
        Some(place) if server.is_resumed() => format!("{place}: resumed"),
        Some(place) => place.to_owned(),
    };
    format!(
        "\
Supplier Sandbox {version} (rulebook {rulebook}): {title}
{summary} (seed {seed})

  API      {url}/api/admin/v2/orders (with a key)
  Pages    {url} (password: {password})
  Docs     {docs}
  OpenAPI  {url}/openapi.json
  Control  {url}/_sandbox
  Window   {window}
  Data     {data}

Suppliers and their keys:

{suppliers}
Poll the first orders:

  curl \"{url}/api/admin/v2/orders?status=pending,processing&productType=manual&limit=2\" \\
    -H \"X-Api-Key: {key}\"

Stop the server with Ctrl-C.

",
        title = server.scenario_title(),
        summary = server.summary(),
        version = env!("CARGO_PKG_VERSION"),
        rulebook = supplier_rulebook::VERSION,
        docs = server.docs_url(),
        password = if is_password_given { "the one you set" } else { server.dashboard_password() },
    )
}
