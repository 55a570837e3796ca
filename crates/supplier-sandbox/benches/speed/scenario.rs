//! The worlds that are measured: the supplier `aurora` of `default`, with as many orders as are asked for.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Failure;

/// The number of the first order; the others follow one by one.
pub(crate) const FIRST_ORDER: u64 = 1_000_001;

/// Products: id, name, product type, entity type, subcategory, price.
const PRODUCTS: [[&str; 6]; 8] = [
    ["followers", "Channel followers", "manual", "product", "Channel growth", "5.00"],
    ["mail", "Aged mail account", "manual", "product", "Mail accounts", "1.25"],
    ["profile", "Social profile with history", "manual", "product", "Social accounts", "3.40"],
    ["channel", "Video channel, verified", "manual", "product", "Video", "24.90"],
    ["reviews", "Short reviews", "manual", "smm_service", "Reviews & ratings", "0.0875"],
    ["views", "Video views", "manual", "smm_service", "Video", "0.0012"],
    ["instant-mail", "Instant mail account", "auto", "product", "Mail accounts", "0.95"],
    ["mail-stock", "Mail account from stock", "inventory", "product", "Mail accounts", "0.80"],
];

/// Groups of orders: name, share of all in hundredths, statuses, products, items. The shares are about those of
/// `default`, and so is the mix: most orders have one item, some several, which makes many classes of few orders.
const GROUPS: [(&str, u64, &str, &[&str], &str); 4] = [
    ("open", 66, "pending = 3, processing = 1", &["followers", "mail", "profile", "channel"], "[1, 1]"),
    (
        "services",
        12,
        "pending = 3, processing = 2, completed = 4, error = 1",
        &["reviews", "views"],
        "[1, 1]",
    ),
    ("closed", 14, "completed = 6, partial = 3, cancelled = 2", &["followers", "mail", "profile"], "[1, 1]"),
    (
        "several-items",
        8,
        "pending = 3, processing = 1",
        &["mail", "profile", "reviews", "followers", "instant-mail", "mail-stock"],
        "[2, 4]",
    ),
];

/// Writes the scenario file of `orders` orders into `directory`, and returns its path.
pub(crate) fn write(directory: &Path, orders: u64) -> Result<String, Failure> {
    let path = directory.join(format!("{orders}-orders.toml"));
    fs::write(&path, text(orders)?)?;
    Ok(path.display().to_string())
}

fn text(orders: u64) -> Result<String, Failure> {
    let mut text = String::from(
        "title = \"A measured day\"\ndescription = \"As many orders as are measured.\"\nbuyers = 10_000\n\
         epoch = \"2026-01-05T00:00:00.000Z\"\n\
         [[suppliers]]\nid = \"aurora\"\nname = \"Aurora Digital Goods\"\nemail = \"aurora@example.com\"\n",
    );
    for [id, name, product_type, entity_type, sub_category, price] in PRODUCTS {
        writeln!(
            text,
            "[[products]]\nsupplier = \"aurora\"\nid = {id:?}\nname = {name:?}\nproduct_type = {product_type:?}\n\
             entity_type = {entity_type:?}\nsub_category = {sub_category:?}\nunit_price = {price:?}"
        )?;
    }
    let mut first = FIRST_ORDER;
    for (group, share, statuses, products, items) in GROUPS {
        let count = orders * share / 100;
        writeln!(
            text,
            "[[orders]]\ngroup = {group:?}\nfirst_number = {first}\ncount = {count}\nstatuses = {{ {statuses} }}\n\
             products = {products:?}\nitems = {items}\nquantity = [1, 500]\nage_hours = [1, 2160]"
        )?;
        first += count;
    }
    Ok(text)
}
