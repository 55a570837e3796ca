//! Scenario files: describe suppliers, products and orders, and create them from a random seed. All data is made up.
//!
//! A scenario is a TOML file. [`Scenario::parse`] reads one and reports all of its problems. [`Scenario::seed`] creates its world,
//! the same one for the same random seed. Every record draws from a random stream of its own, named after the record. So a new
//! group, order, product or supplier leaves every other record unchanged.
//!
//! This scenario has every field:
//!
//! ```
//! # use supplier_seed::{Scenario, derived_fingerprint_key};
//! let text = r#"
//! title = "A small shop"
//! description = "One supplier, a fixed order, and a few random ones."
//! epoch = "2026-01-05T00:00:00.000Z" # dates count back from here: no order is younger
//! buyers = 5                         # number of buyers of the random orders [default: 400]
//!
//! [[suppliers]]
//! id = "aurora"
//! name = "Aurora Digital Goods"
//! email = "aurora@example.com"
//!
//! [[products]]
//! id = "aged-mail"                   # its name in this file only
//! object_id = "507f1f77bcf86cd799439012" # [default: derived from the id]
//! supplier = "aurora"
//! name = "Aged mail account"
//! product_type = "manual"            # auto, manual or inventory
//! entity_type = "product"            # product or smm_service
//! sub_category = "Mail accounts"
//! unit_price = "1.25"                # text, exact, at most 4 decimals
//!
//! [[fixed]]                          # one order in full
//! number = 12345
//! about = "Completed, with both of its accounts."
//! status = "completed"
//! payment_status = "completed"       # [default: completed]
//! created_at = "2024-01-01T10:00:00.000Z"
//! user = { id = "507f1f77bcf86cd799439011", email = "customer@example.com", name = "John Doe" }
//! items = [{ product = "aged-mail", quantity = 2, unit_price = "1.50" }] # [default: the product's price]
//! accounts = ["user1:pass1", "user2:pass2"] # [default: none]
//! supplier_order_id = "SUP-12345"    # [default: none]
//!
//! [[absent]]                         # a number that no order has
//! number = 40401
//! about = "No such order."
//!
//! [[orders]]                         # a group of random orders
//! group = "open"                     # its name, from which its random draws follow
//! first_number = 100001              # number of the first order; the others follow it
//! count = 3
//! statuses = { pending = 3, processing = 1 } # weights
//! payment_statuses = { completed = 1 } # weights [default: completed]
//! products = ["aged-mail"]           # products of the items
//! items = [1, 2]                     # number of items, minimum and maximum, all different [default: 1]
//! ## one_of_each = true               # in place of `items`: one item of each product
//! quantity = [1, 1000]               # of each item, minimum and maximum; small ones are more common
//! age_hours = [1, 720]               # hours before the epoch, minimum and maximum
//! accounts = true                    # completed orders have all accounts, partial ones some [default: false]
//!
//! [arrivals]                         # orders that come in as a sandbox's clock runs [default: none]
//! per_minute = 2.5                   # at an even rate, 0.001 to 6000, at most 3 decimals
//! burst_every_minutes = 60           # and every hour
//! burst_size = 20                    # this many at once [default: no bursts]
//!
//! [[arrivals.mix]]                   # arriving orders: paid, pending, random
//! weight = 3                         # relative to the other entries, 1 to 1000 [default: 1]
//! products = ["aged-mail"]           # as in a group of orders, like the next two
//! items = [1, 2]
//! quantity = [1, 100]
//! "#;
//! let scenario = Scenario::parse("shop.toml", text)?;
//! let world = scenario.seed(1, &derived_fingerprint_key(1));
//! assert_eq!(world.orders.len(), 4);
//! assert!(world.arrivals.is_some());
//! # Ok::<(), supplier_seed::ScenarioErrors>(())
//! ```

mod builtin;
mod format;
mod keys;
mod problem;
mod reading;
mod scenario;
mod seeding;
mod summary;

pub use builtin::BUILTIN;
pub use keys::{derived_fingerprint_key, derived_key};
pub use problem::{ScenarioError, ScenarioErrors};
pub use scenario::{FixedOrder, Scenario};
pub use summary::Summary;
