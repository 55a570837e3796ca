//! Mistakes in the head of a file, in suppliers and in products.

use super::check;

#[test]
fn mistakes_in_the_head_and_the_suppliers() {
    check(&[
        (
            r#"title = "A test""#,
            r#"name = "x""#,
            &[
                "1:1: name: is not known here; the fields are title, description, epoch, buyers, \
                 suppliers, products, orders, fixed, absent, arrivals",
                "1:1: title: is missing; add it",
            ],
        ),
        (
            r#""Small and whole.""#,
            r#"" ""#,
            &["2:15: description: must not be empty, nor begin or end with white space"],
        ),
        (r#"epoch = "2026"#, r#"epoch = "1999"#, &["3:9: epoch: must be from 2000 to 2099"]),
        (
            r#""2026-01-05T00:00:00.000Z""#,
            "2026-01-05T00:00:00.000",
            &[
                "3:9: epoch: must be an RFC 3339 date-time such as 2026-01-05T00:00:00Z: the offset is missing; add Z \
               for UTC, or one such as +05:30",
            ],
        ),
        (
            r#""2026-01-05T00:00:00.000Z""#,
            "\"2026-01-05\"",
            &[
                "3:9: epoch: must be an RFC 3339 date-time such as 2026-01-05T00:00:00Z: the time is missing; write it \
               behind the date, such as T00:00:00Z",
            ],
        ),
        ("buyers = 5", "buyers = 0", &["4:10: buyers: must be an integer from 1 to 1000000"]),
        ("buyers = 5", "buyers = 5.5", &["4:10: buyers: must be an integer from 1 to 1000000"]),
        (
            r#"id = "birch""#,
            r#"id = "aurora""#,
            &["10:6: suppliers[1].id: is the name of another supplier; names must differ"],
        ),
        (
            r#"id = "birch""#,
            r#"id = "Birch Lane""#,
            &["10:6: suppliers[1].id: must be 1 to 40 of the characters a-z, 0-9 and -"],
        ),
        (r#"id = "birch""#, "", &["9:1: suppliers[1].id: is missing; add it"]),
        (
            "birch@example.com",
            "birch@example.org",
            &["12:9: suppliers[1].email: must be an address such as \"some.name@example.com\": 1 to \
                 64 of the characters a-z, 0-9 and ._+- before @example.com"],
        ),
        (
            "birch@example.com",
            "aurora@example.com",
            &["12:9: suppliers[1].email: is another supplier's address"],
        ),
        (
            r#"name = "Birch Lane Media""#,
            "name = \"Birch\\nLane\"\nphone = 1",
            &[
                "11:8: suppliers[1].name: must be one line, without control characters",
                "12:1: suppliers[1].phone: is not known here; the fields are id, name, email",
            ],
        ),
    ]);
}

#[test]
fn mistakes_in_products() {
    check(&[
        (
            r#"supplier = "birch""#,
            r#"supplier = "birhc""#,
            &["24:12: products[1].supplier: \"birhc\" is no supplier; there are aurora, birch"],
        ),
        (
            r#"id = "forum""#,
            r#"id = "mail""#,
            &["23:6: products[1].id: is the name of another product; names must differ"],
        ),
        (
            r#"id = "forum""#,
            "id = \"forum\"\nobject_id = \"507f1f77bcf86cd799439012\"",
            &["24:13: products[1].object_id: is the object id of products[0]; they must differ"],
        ),
        (
            r#""507f1f77bcf86cd799439012""#,
            r#""507F""#,
            &["15:13: products[0].object_id: must be 24 lower-case hexadecimal digits"],
        ),
        (
            r#"product_type = "auto""#,
            r#"product_type = "automatic""#,
            &["26:16: products[1].product_type: must be one of auto, manual, inventory"],
        ),
        (
            r#"sub_category = "Forums""#,
            r#"sub_category = "Forums ""#,
            &["28:16: products[1].sub_category: must not be empty, nor begin or end with white space"],
        ),
        (r#""1.25""#, "1.25", &["21:14: products[0].unit_price: must be text in quotes, not a number"]),
        (
            r#""1.25""#,
            r#""1.00001""#,
            &["21:14: products[0].unit_price: must be an amount of at most 4 decimals, such as \
                 \"5.00\", up to 100000"],
        ),
    ]);
}
