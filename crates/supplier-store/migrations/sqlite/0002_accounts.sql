-- The accounts of an order, in rows of their own: an update writes those that it adds. `first` is the place, from 0, of the
-- first account of the row; its `document` is an array of accounts. A layer's rows go on where the layer below ends.
CREATE TABLE accounts (
    layer INTEGER NOT NULL,
    number INTEGER NOT NULL,
    first INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (layer, number, first)
) STRICT, WITHOUT ROWID;

-- Until now they stood in the orders' documents, whatever layer was below; there they are no longer read.
INSERT INTO accounts SELECT layer, number, 0, json_extract(document, '$.order.accounts') FROM orders
    WHERE json_array_length(document, '$.order.accounts') > 0;
