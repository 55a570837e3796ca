-- The accounts of an order, in rows of their own: an update writes those that it adds. `first` is the place, from 0, of the
-- first account of the row; its `document` is an array of accounts. A layer's rows go on where the layer below ends.
CREATE TABLE accounts (
    layer bigint NOT NULL,
    number bigint NOT NULL,
    first bigint NOT NULL,
    version bigint NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (layer, number, first)
);
CREATE INDEX accounts_by_version ON accounts (layer, version);

-- Until now they stood in the orders' documents, whatever layer was below; there they are no longer read. JSON's escape
-- of NUL is no text to this database, and is written in another way.
INSERT INTO accounts SELECT layer, number, 0, version, replace(document, '\u0000', '\ufffd')::json #> '{order,accounts}' FROM orders
    WHERE json_array_length(replace(document, '\u0000', '\ufffd')::json #> '{order,accounts}') > 0;
