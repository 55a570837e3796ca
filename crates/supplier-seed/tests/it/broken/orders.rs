//! Mistakes in orders, drawn or written out.

use super::{SOUND, check, said};

#[test]
fn mistakes_in_fixed_orders() {
    check(&[
        (
            "number = 12345",
            "number = 0",
            &["31:10: fixed[0].number: must be an integer from 1 to 9007199254740991"],
        ),
        (
            "number = 12345",
            "number = 9007199254740992",
            &["31:10: fixed[0].number: must be an integer from 1 to 9007199254740991"],
        ),
        (
            "number = 12345",
            "number = 404",
            &["39:10: absent[0].number: overlaps with fixed[0], which has the number 404; choose \
                 other numbers"],
        ),
        (
            r#"status = "pending""#,
            r#"status = "done""#,
            &["33:10: fixed[0].status: must be one of pending, processing, completed, partial, \
                 cancelled, error"],
        ),
        (
            r#"created_at = "2024"#,
            r#"created_at = "2027"#,
            &["34:14: fixed[0].created_at: must not be after the epoch, 2026-01-05T00:00:00.000Z"],
        ),
        (
            r#""John Doe" }"#,
            r#""John Doe", age = 7 }"#,
            &["35:94: fixed[0].user.age: is not known here; the fields are id, email, name"],
        ),
        (
            r#"product = "mail", quantity = 10"#,
            r#"product = "male", quantity = 100001"#,
            &[
                "36:22: fixed[0].items[0].product: \"male\" is no product; there are forum, mail",
                "36:41: fixed[0].items[0].quantity: must be an integer from 1 to 100000",
            ],
        ),
        (r#"[{ product = "mail", quantity = 10 }]"#, "[]", &["36:9: fixed[0].items: must be 1 to 20 items"]),
    ]);
}

#[test]
fn mistakes_in_accounts_buyers_and_absent_numbers() {
    check(&[
        (
            r#""user2:pass2""#,
            r#""user2", " user1:pass1", 7"#,
            &[
                "37:28: fixed[0].accounts[1]: must be an account, \"username:password\" or \
                 \"email:password\"",
                "37:37: fixed[0].accounts[2]: stands earlier in the list; name it once",
                "37:53: fixed[0].accounts[3]: must be text in quotes, not a number",
            ],
        ),
        (
            "[[absent]]",
            "[[fixed]]\nnumber = 12346\nabout = \"Another.\"\nstatus = \"pending\"\n\
             created_at = \"2024-01-01T10:00:00.000Z\"\nitems = [{ product = \"mail\", quantity = 1 }]\n\
             user = { id = \"507f1f77bcf86cd799439011\", email = \"a@example.com\", name = \"A\" }\n[[absent]]",
            &[
                "44:8: fixed[1].user: has the id of John Doe <customer@example.com>; one id stands for one buyer",
            ],
        ),
        (
            "[[absent]]",
            "[[absent]]\nstatus = \"pending\"",
            &["39:1: absent[0].status: is not known here; the fields are number, about"],
        ),
    ]);
}

#[test]
fn mistakes_in_the_names_and_numbers_of_groups() {
    check(&[
        (
            r#"group = "closed""#,
            r#"group = "open""#,
            &["51:9: orders[1].group: is the name of another group; names must differ"],
        ),
        (
            "first_number = 2000",
            "first_number = 1009",
            &["52:16: orders[1].first_number: overlaps with orders[0], which has the numbers 1000 \
                 to 1009; choose other numbers"],
        ),
        (
            "first_number = 1000",
            "first_number = 12340",
            &["43:16: orders[0].first_number: overlaps with fixed[0], which has the number 12345; \
                 choose other numbers"],
        ),
        (
            "first_number = 1000",
            "first_number = 400",
            &["43:16: orders[0].first_number: overlaps with absent[0], which has the number 404; \
                 choose other numbers"],
        ),
        (
            "first_number = 1000",
            "first_number = 9007199254740990",
            &["43:16: orders[0].first_number: the group's last number would be 9007199254740999; at \
                 most 9007199254740991"],
        ),
        (
            "first_number = 1000\ncount = 10",
            "first_number = 1000\ncount = 1_000_001",
            &["44:9: orders[0].count: must be an integer from 1 to 1000000"],
        ),
    ]);
}

#[test]
fn mistakes_in_what_a_group_is_drawn_from() {
    check(&[
        (
            "pending = 3, processing = 1",
            "pending = 3, done = 1",
            &["45:27: orders[0].statuses.done: must be one of pending, processing, completed, \
                 partial, cancelled, error"],
        ),
        (
            "pending = 3, processing = 1",
            "pending = 3, processing = -1",
            &["45:40: orders[0].statuses.processing: must be an integer from 0 to 1000000"],
        ),
        (
            "{ completed = 1 }",
            "{ completed = 0 }",
            &["54:12: orders[1].statuses: must have a weight above 0"],
        ),
        (
            "{ completed = 1 }",
            "\"completed\"",
            &["54:12: orders[1].statuses: must be a table, such as { name = 1 }, not text"],
        ),
        (
            r#"["mail", "forum"]"#,
            r#"["mail", "mail"]"#,
            &["46:21: orders[0].products[1]: is named twice; name it once"],
        ),
        (r#"["mail", "forum"]"#, "[]", &["46:12: orders[0].products: must name a product"]),
        (
            "items = [1, 2]",
            "items = [2, 1]",
            &["47:9: orders[0].items: must be [least, most]: 2 is more than 1"],
        ),
        (
            "items = [1, 2]",
            "items = [3, 4]",
            &["47:9: orders[0].items: asks for 3 different products, of which 2 are named in \
                 products"],
        ),
        ("items = [1, 2]", "items = [1]", &["47:9: orders[0].items: must be two integers: [least, most]"]),
        (
            "items = [1, 2]",
            "items = [1, 2]\none_of_each = true",
            &["48:15: orders[0].one_of_each: says how many items there are, and so does items; \
                 leave one out"],
        ),
        (
            "quantity = [1, 1000]",
            "quantity = [0, 100001]",
            &[
                "48:13: orders[0].quantity[0]: must be an integer from 1 to 100000",
                "48:16: orders[0].quantity[1]: must be an integer from 1 to 100000",
            ],
        ),
        (
            "quantity = [1, 10]",
            "quantity = [1, 10]\ncuont = 5",
            &["57:1: orders[1].cuont: is not known here; the fields are group, first_number, count, \
                 statuses, payment_statuses, products, items, one_of_each, quantity, age_hours, \
                 accounts"],
        ),
        (
            "accounts = true",
            "accounts = \"all\"",
            &["58:12: orders[1].accounts: must be true or false, not text"],
        ),
    ]);
}

#[test]
fn totals_are_limited() {
    let group = |name: &str, first: u64, more: &str| {
        format!(
            "[[orders]]\ngroup = \"{name}\"\nfirst_number = {first}\ncount = 1_000_000\n\
             statuses = {{ pending = 1 }}\nproducts = [\"mail\"]\nage_hours = [1, 1]\n{more}\n"
        )
    };
    let many = [1, 2, 3].map(|n| group(&format!("g{n}"), n * 10_000_000, "quantity = [1, 1]")).concat();
    assert_eq!(
        said(&format!("{SOUND}{many}")),
        ["67:1: orders[3]: brings the orders to 2000020; at most 2000000 in all"]
    );
    let rich = group("g", 10_000_000, "quantity = [1, 11]\naccounts = true");
    assert_eq!(
        said(&format!("{SOUND}{rich}")),
        ["59:1: orders[2]: could bring the accounts to 11000100; at most 10000000 in all: take \
                 fewer orders or smaller quantities, or leave accounts out"]
    );
}

#[test]
fn lists_are_limited() {
    let supplier = |n| format!("[[suppliers]]\nid = \"s{n}\"\nname = \"S\"\nemail = \"s{n}@example.com\"\n");
    let suppliers: Vec<_> = (0..99).map(supplier).collect();
    assert_eq!(
        said(&format!("{SOUND}{}", suppliers.concat())),
        ["5:1: suppliers: must be 1 to 100 suppliers"]
    );
    let none = "suppliers = []\ntitle = \"T\"\ndescription = \"D\"\nepoch = \"2026-01-05T00:00:00.000Z\"";
    assert_eq!(said(none), ["1:13: suppliers: must be 1 to 100 suppliers"]);
    let product = |n| {
        format!(
            "[[products]]\nid = \"p{n}\"\nsupplier = \"aurora\"\nname = \"P\"\nproduct_type = \"auto\"\n\
             entity_type = \"product\"\nsub_category = \"C\"\nunit_price = \"1\"\n"
        )
    };
    let products: Vec<_> = (0..999).map(product).collect();
    let said_about_products = said(&format!("{SOUND}{}", products.concat()));
    assert_eq!(said_about_products, ["8043:1: products[1000]: is one too many: at most 1000 products"]);
    let names: Vec<_> = (0..21).map(|n| format!("\"p{n}\"")).collect();
    let each = format!("[{}]\none_of_each = true", names.join(", "));
    let text = SOUND.replace("items = [1, 2]\n", "").replace(r#"["mail", "forum"]"#, &each);
    let text = format!("{text}{}", products[..21].concat());
    assert_eq!(said(&text), ["47:15: orders[0].one_of_each: makes 21 items; at most 20"]);
}

#[test]
fn files_are_limited() {
    let long = format!("{SOUND}# {}", "x".repeat(1024 * 1024));
    assert_eq!(
        said(&long),
        ["1:1: the file is larger than 1 MiB; describe more orders with fewer, larger groups"]
    );
}
