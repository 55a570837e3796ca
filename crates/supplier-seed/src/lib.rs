//! Scenario files, and the suppliers and orders that they describe: made up, and the same for the same seed.
//!
//! A scenario is a TOML file. [`Scenario::parse`] reads one and names all that is wrong with it; [`Scenario::seed`]
//! makes its world. Every record is drawn from a random stream of its own, named after the record, so that a
//! group, an order, a product or a supplier that is added leaves every other record as it was.
//!
//! ```
//! # use supplier_seed::{Scenario, derived_fingerprint_key};
//! let text = r#"
//! title = "A small shop"
//! description = "One supplier, an order to rely on, and a few more."
//! epoch = "2026-01-05T00:00:00.000Z" # dates count from here: no order is younger
//! buyers = 5                         # how many different buyers the drawn orders have; 400 if left out
//!
//! [[suppliers]]
//! id = "aurora"
//! name = "Aurora Digital Goods"
//! email = "aurora@example.com"
//!
//! [[products]]
//! id = "aged-mail"                   # its name in this file
//! object_id = "507f1f77bcf86cd799439012" # follows from the id if left out
//! supplier = "aurora"
//! name = "Aged mail account"
//! product_type = "manual"            # auto, manual or inventory
//! entity_type = "product"            # product or smm_service
//! sub_category = "Mail accounts"
//! unit_price = "1.25"                # in quotes, exact, at most 4 decimals
//!
//! [[fixed]]                          # an order to rely on
//! number = 12345
//! about = "Done, with both its accounts."
//! status = "completed"
//! payment_status = "completed"       # so too if left out
//! created_at = "2024-01-01T10:00:00.000Z"
//! user = { id = "507f1f77bcf86cd799439011", email = "customer@example.com", name = "John Doe" }
//! items = [{ product = "aged-mail", quantity = 2, unit_price = "1.50" }] # the product's price if left out
//! accounts = ["user1:pass1", "user2:pass2"] # none if left out
//! supplier_order_id = "SUP-12345"    # none if left out
//!
//! [[absent]]                         # a number that no order has
//! number = 40401
//! about = "Never there."
//!
//! [[orders]]                         # a group of orders, drawn at random
//! group = "open"                     # its name; the draws hang on it
//! first_number = 100001              # the others follow
//! count = 3
//! statuses = { pending = 3, processing = 1 } # weights
//! payment_statuses = { completed = 1 } # weights; so too if left out
//! products = ["aged-mail"]           # what an order's items are drawn from
//! items = [1, 2]                     # how many, least and most, all different; 1 if left out
//! ## one_of_each = true               # instead: one item of each product
//! quantity = [1, 1000]               # of each item, least and most; small ones are more common
//! age_hours = [1, 720]               # made so long before the epoch, least and most
//! accounts = true                    # completed orders have theirs, partial ones a part; false if left out
//!
//! [arrivals]                         # orders that come in as a sandbox's clock goes on; none if left out
//! per_minute = 2.5                   # evenly, 0.001 to 6000, of at most three decimals
//! burst_every_minutes = 60           # and every hour on top,
//! burst_size = 20                    # so many at once; no bursts if both are left out
//!
//! [[arrivals.mix]]                   # what they are like: paid, pending, drawn at random
//! weight = 3                         # compared with the other entries, 1 to 1000; 1 if left out
//! products = ["aged-mail"]           # these four as in a group of orders
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
