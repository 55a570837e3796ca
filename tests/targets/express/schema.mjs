export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS api_keys (
    hash TEXT PRIMARY KEY,
    supplier TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS products (
    id TEXT PRIMARY KEY,
    supplier TEXT NOT NULL,
    name TEXT NOT NULL,
    product_type TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    sub_category TEXT NOT NULL,
    UNIQUE (supplier, product_type, entity_type, sub_category)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY,
    status TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    customer TEXT NOT NULL,
    supplier_order_id TEXT,
    created_at INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS items (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders ON DELETE CASCADE,
    product_id TEXT NOT NULL REFERENCES products,
    quantity INTEGER NOT NULL,
    unit_price INTEGER NOT NULL -- in ten-thousandths
  );
  CREATE INDEX IF NOT EXISTS items_of_order ON items (order_id);
  CREATE TABLE IF NOT EXISTS accounts (
    order_id INTEGER NOT NULL REFERENCES orders ON DELETE CASCADE,
    account TEXT NOT NULL,
    PRIMARY KEY (order_id, account)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS handouts (
    order_id INTEGER NOT NULL REFERENCES orders ON DELETE CASCADE,
    supplier TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (order_id, supplier)
  ) WITHOUT ROWID;
`;
