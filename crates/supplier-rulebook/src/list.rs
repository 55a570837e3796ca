//! `GET /api/admin/v2/orders`.

crate::declare! {
    LIST_RULES;
    LIST_SHAPE = "list.shape", Stated, ExampleResponse,
        "The shape of a page and of an order",
        "A page is `{orders, count, total}`. An order has `id`, `order` (the same number), `status`, `paymentStatus`, \
         `quantity`, `user` with `id`, `email` and `name`, `items` (each a `product` with `id`, `name` and `type`, and \
         `quantity`, `unitPrice`, `totalPrice`) and `createdAt`. A page without orders has `[]`.";
    LIST_TYPES = "list.types", Implied, ExampleResponse,
        "The types of a page's values",
        "`id`, `order`, `quantity`, `count` and `total` are JSON integers, order numbers up to 2^53−1 and exact. Prices \
         are JSON numbers of at most 4 decimals without floating-point noise. `product.type` is the item's entity type. \
         `user.id` and `product.id` are 24 lower-case hexadecimal digits. `createdAt` is `YYYY-MM-DDTHH:MM:SS.mmmZ`: the \
         moment at which the order was placed, in UTC.";
    LIST_PRICE_DECIMALS = "list.price-decimals", Chosen, ExampleResponse,
        "Prices keep four decimals",
        "A price of four decimals, such as 0.0875, is shown as it is, and so is the total that follows from it. The guide \
         shows prices of two decimals only.";
    LIST_AMOUNTS = "list.amounts", Implied, ExampleResponse,
        "Amounts add up",
        "`totalPrice` is `quantity` times `unitPrice`, and an order's `quantity` is the sum over the items shown.";
    LIST_PAID_ONLY = "list.paid-only", Stated, ImportantNotes,
        "Only paid orders",
        "Only orders whose `paymentStatus` is `completed` are returned.";
    LIST_OWN_ONLY = "list.own-only", Stated, ImportantNotes,
        "Only the supplier's own orders",
        "Only orders that contain a product or service of the calling supplier are returned. An order with items of \
         several suppliers reaches each of them.";
    LIST_OWN_ITEMS = "list.own-items", Chosen, ImportantNotes,
        "Of a shared order, each supplier sees its own items",
        "Each supplier of a shared order is shown its own items, and their quantity, only. Filters look at those items \
         alone, and keep the order if one of them fits every filter. All else of an order (status, accounts, \
         `supplierOrderId`) is one for all of its suppliers.";
    LIST_STATUS = "list.status", Stated, RequestParameters,
        "`status` filters by status",
        "`status` takes one value, or several separated by commas; an order is returned if its status is one of them.";
    LIST_STATUS_DEFAULT = "list.status-default", Implied, RequestParameters,
        "Without `status`: every status",
        "A call without `status` returns orders of every status.";
    LIST_PRODUCT_TYPE = "list.product-type", Stated, RequestParameters,
        "Manual orders come only when asked for",
        "`productType=manual` returns manual orders and no others, and no call without it returns any.";
    LIST_PRODUCT_TYPE_VALUES = "list.product-type-values", Chosen, RequestParameters,
        "`productType` is `auto`, `manual` or `inventory`",
        "`productType` takes `auto`, `manual` and `inventory`, one or several separated by commas. Left out, it is \
         `auto`.";
    LIST_ENTITY_TYPE = "list.entity-type", Stated, RequestParameters,
        "`entityType` filters by what was sold",
        "`entityType` is `product` or `smm_service`, one value only, and keeps the orders of that type.";
    LIST_SUB_CATEGORY = "list.sub-category", Stated, RequestParameters,
        "`subCategory` filters by the subcategory's name",
        "`subCategory` keeps the orders of the subcategory of that name, which is percent-encoded in the URL.";
    LIST_SUB_CATEGORY_MATCH = "list.sub-category-match", Chosen, RequestParameters,
        "A subcategory's name matches exactly",
        "The whole name must match, upper and lower case included; a `+` in the URL is a space. A name that no \
         subcategory has gives an empty page and no error.";
    LIST_LIMIT = "list.limit", Implied, RequestParameters,
        "A page is as full as it can be",
        "A page holds as many orders as match, up to `limit`, and no fewer.";
    LIST_LIMIT_DEFAULT = "list.limit-default", Stated, RequestParameters,
        "Without `limit`: 50",
        "A page holds at most 50 orders if `limit` is left out.";
    LIST_LIMIT_MAX = "list.limit-max", Stated, RequestParameters,
        "Never more than 500",
        "No page holds more than 500 orders, whatever `limit` says.";
    LIST_LIMIT_RANGE = "list.limit-range", Chosen, RequestParameters,
        "`limit` is 1 to 500, or refused",
        "A `limit` that is no integer from 1 to 500 is refused with `INVALID_REQUEST`. An implementation that moves it \
         to the nearest of these numbers, or takes the default for what is no integer, is accepted too.";
    LIST_OFFSET = "list.offset", Stated, RequestParameters,
        "`offset` skips orders",
        "`offset` skips so many of the orders that may be handed out now. Left out, it is 0. Past the end the page is \
         empty.";
    LIST_OFFSET_RANGE = "list.offset-range", Chosen, RequestParameters,
        "`offset` is an integer of 0 or more, or refused",
        "An `offset` that is no integer of at least 0 is refused with `INVALID_REQUEST`; one that is, however large, \
         only gives an empty page.";
    LIST_COUNT = "list.count", Implied, ExampleResponse,
        "`count` is the length of the page",
        "`count` is how many orders stand in `orders`.";
    LIST_TOTAL = "list.total", Implied, ExampleResponse,
        "`total` is the number of matches",
        "`total` is how many orders match the filters, before `limit` and `offset`.";
    LIST_TOTAL_WITHHELD = "list.total-withheld", Chosen, ExampleResponse,
        "`total` leaves out what is withheld",
        "Orders that are withheld when the call is made are not counted in `total`.";
    LIST_NO_DUPLICATES = "list.no-duplicates", Implied, ImportantNotes,
        "No order stands twice in a page",
        "However many of an order's items match, it stands in a page once.";
    LIST_ORDER = "list.order", Chosen, ExampleResponse,
        "Oldest first",
        "Orders are sorted by `createdAt`, and by `id` where that is equal, oldest and smallest first.";
    LIST_WINDOW = "list.window", Stated, ImportantNotes,
        "What was handed out is withheld for 30 minutes",
        "An order that was handed out in a page is not handed out again to that supplier for 30 minutes.";
    LIST_WINDOW_SCOPE = "list.window-scope", Implied, ImportantNotes,
        "The window holds for every call",
        "An order is withheld whatever filters, page or key the supplier's next call has, and whatever kind of order it \
         is. An update in between neither ends the window nor extends it.";
    LIST_WINDOW_END = "list.window-end", Implied, ImportantNotes,
        "After 30 minutes the order comes back",
        "From 30:00 minutes after it was handed out, that moment included, an order that still matches is handed out \
         again, and so it goes every time.";
    LIST_WINDOW_PAGE = "list.window-page", Implied, ImportantNotes,
        "Only the page is withheld, from its supplier",
        "Withheld are the orders in the page: not those that `offset` skipped or `limit` cut off, and none when the call \
         failed. A shared order that one supplier was handed still reaches the other.";
    LIST_HEAD = "list.head", Implied, ImportantNotes,
        "HEAD hands nothing out",
        "The caller of HEAD sees no page, so no order is withheld because of it. Which status HEAD is answered with is \
         another rule's (`error.transport`).";
    LIST_WINDOW_RACE = "list.window-race", Implied, ImportantNotes,
        "Concurrent calls share the orders out",
        "However many calls are made at once, on however many servers, an order is handed out at most once per window.";
    LIST_VALUES = "list.values", Chosen, RequestParameters,
        "Wrong values are refused, unknown parameters ignored",
        "`INVALID_REQUEST` answers an unknown value of `status`, `productType` or `entityType`, an empty or blank value \
         of any parameter, spaces around a value of those three, and a parameter that is given twice. Naming one value \
         twice (`pending,pending`) does no harm. Parameters that do not exist are ignored.";
}
