import { createHash, randomBytes } from 'node:crypto';

import Database from 'libsql';

import { accessDenied, invalidAccounts, notFound } from './errors.mjs';
import { SCHEMA } from './schema.mjs';

const WINDOW_MS = 30 * 60 * 1000;
/** Numbers from here on are only given to orders that ask for them, so that they use up no others. */
const HIGH_NUMBERS = 2 ** 52;
const NAMES = { product: 'Aged mail account', smm_service: 'Newsletter sign-ups' };

const hash = (key) => createHash('sha256').update(key).digest('hex');
const hexId = () => randomBytes(12).toString('hex');

/** Orders, keys and what was handed out, in SQLite. Each public method is one transaction. */
export class Store {
  #db;
  #clock;
  #firstHashes;
  #statements = new Map();

  constructor(file, clock, keys) {
    this.#db = new Database(file);
    this.#db.exec('PRAGMA foreign_keys = ON');
    this.#db.exec(SCHEMA);
    this.#clock = clock;
    this.#run('DELETE FROM api_keys');
    for (const [supplier, key] of Object.entries(keys)) this.addKey(supplier, key);
    this.#firstHashes = JSON.stringify(Object.values(keys).map(hash));
  }

  #statement(sql) {
    if (!this.#statements.has(sql)) this.#statements.set(sql, this.#db.prepare(sql));
    return this.#statements.get(sql);
  }

  #run(sql, ...values) {
    return this.#statement(sql).run(...values).changes;
  }

  #one(sql, ...values) {
    return this.#statement(sql).get(...values);
  }

  #all(sql, ...values) {
    return this.#statement(sql).all(...values);
  }

  /** Runs all of `work`, or nothing of it. */
  #atomically(work) {
    return this.#db.transaction(work).immediate();
  }

  /** Whose key it is; nothing if it is nobody's. */
  supplierOf(key) {
    return this.#one('SELECT supplier FROM api_keys WHERE hash = ?', hash(key))?.supplier;
  }

  /** Hands out a page of what `supplier` has not seen for 30 minutes. */
  page(supplier, { statuses, productType, entityType, subCategory, limit, offset }) {
    return this.#atomically(() => {
      const now = this.#clock.now();
      const wanted = [['p.supplier = ?', supplier]];
      wanted.push(productType === undefined ? ['p.product_type <> ?', 'manual'] : ['p.product_type = ?', productType]);
      if (entityType !== undefined) wanted.push(['p.entity_type = ?', entityType]);
      if (subCategory !== undefined) wanted.push(['p.sub_category = ?', subCategory]);
      const conditions = [
        "o.payment_status = 'completed'",
        `EXISTS (SELECT 1 FROM items i JOIN products p ON p.id = i.product_id
          WHERE i.order_id = o.id AND ${wanted.map(([condition]) => condition).join(' AND ')})`,
        'NOT EXISTS (SELECT 1 FROM handouts h WHERE h.order_id = o.id AND h.supplier = ? AND h.at > ?)',
      ];
      const values = [...wanted.map(([, value]) => value), supplier, now - WINDOW_MS];
      if (statuses !== undefined) {
        conditions.push('o.status IN (SELECT value FROM json_each(?))');
        values.push(JSON.stringify(statuses));
      }
      const matching = `FROM orders o WHERE ${conditions.join(' AND ')}`;
      const { total } = this.#one(`SELECT count(*) AS total ${matching}`, ...values);
      const rows = this.#all(
        `SELECT o.* ${matching} ORDER BY o.created_at, o.id LIMIT ? OFFSET ?`, ...values, limit, offset);
      for (const { id } of rows) {
        this.#run('INSERT OR REPLACE INTO handouts (order_id, supplier, at) VALUES (?, ?, ?)', id, supplier, now);
      }
      return { orders: rows.map((row) => this.#view(row, supplier)), count: rows.length, total };
    });
  }

  /** An order as `supplier` sees it: with its own items. */
  #view(row, supplier) {
    const items = this.#all(
      `SELECT p.id, p.name, p.entity_type, i.quantity, i.unit_price FROM items i JOIN products p ON p.id = i.product_id
       WHERE i.order_id = ? AND p.supplier = ? ORDER BY i.id`, row.id, supplier);
    const order = {
      id: row.id,
      order: row.id,
      status: row.status,
      paymentStatus: row.payment_status,
      quantity: items.reduce((sum, item) => sum + item.quantity, 0),
      user: { id: row.customer, email: `${row.customer.slice(0, 8)}@example.com`, name: 'Sample Customer' },
      items: items.map((item) => ({
        product: { id: item.id, name: item.name, type: item.entity_type },
        quantity: item.quantity,
        unitPrice: item.unit_price / 10_000,
        totalPrice: (item.unit_price * item.quantity) / 10_000,
      })),
      createdAt: new Date(row.created_at).toISOString(),
    };
    if (row.supplier_order_id !== null) order.supplierOrderId = row.supplier_order_id;
    return order;
  }

  /** Updates an order with what is given, and returns it. */
  update(supplier, number, { status, accounts, supplierOrderId }) {
    return this.#atomically(() => {
      if (!this.#one('SELECT 1 FROM orders WHERE id = ?', number)) throw notFound();
      const own = `SELECT 1 FROM items i JOIN products p ON p.id = i.product_id
        WHERE i.order_id = ? AND p.supplier = ?`;
      if (!this.#one(own, number, supplier)) throw accessDenied();
      if (accounts !== undefined) {
        let added = 0;
        for (const account of accounts) {
          added += this.#run('INSERT OR IGNORE INTO accounts (order_id, account) VALUES (?, ?)', number, account);
        }
        if (added === 0) throw invalidAccounts();
      }
      if (status !== undefined) this.#run('UPDATE orders SET status = ? WHERE id = ?', status, number);
      if (supplierOrderId !== undefined) {
        this.#run('UPDATE orders SET supplier_order_id = ? WHERE id = ?', supplierOrderId, number);
      }
      return this.#view(this.#one('SELECT * FROM orders WHERE id = ?', number), supplier);
    });
  }

  // What follows serves the hook.

  addKey(supplier, key) {
    this.#run('INSERT INTO api_keys (hash, supplier) VALUES (?, ?)', hash(key), supplier);
  }

  /** Whether there was such a key. */
  removeKey(key) {
    return this.#run('DELETE FROM api_keys WHERE hash = ?', hash(key)) > 0;
  }

  /** Makes orders that are alike, and returns their numbers; nothing if one of the numbers is taken. */
  create({ suppliers, count, id, status, paymentStatus, quantity, unitPrice, ...product }) {
    return this.#atomically(() => {
      const { free } = this.#one('SELECT coalesce(max(id), 10000) + 1 AS free FROM orders WHERE id < ?', HIGH_NUMBERS);
      const numbers = Array.from({ length: count }, (_, place) => (id ?? free) + place);
      const taken = this.#one('SELECT 1 FROM orders WHERE id BETWEEN ? AND ?', numbers[0], numbers.at(-1));
      if (taken) return undefined;
      const { newest } = this.#one('SELECT coalesce(max(created_at), 0) AS newest FROM orders');
      const createdAt = Math.max(this.#clock.now(), newest);
      const products = suppliers.map((supplier) => this.#product({ supplier, ...product }));
      for (const number of numbers) {
        this.#run(
          `INSERT INTO orders (id, status, payment_status, customer, created_at) VALUES (?, ?, ?, ?, ?)`,
          number, status, paymentStatus, hexId(), createdAt);
        for (const id of products) {
          this.#run('INSERT INTO items (order_id, product_id, quantity, unit_price) VALUES (?, ?, ?, ?)',
            number, id, quantity, unitPrice);
        }
      }
      return numbers;
    });
  }

  #product({ supplier, productType, entityType, subCategory }) {
    this.#run(
      `INSERT OR IGNORE INTO products (id, supplier, name, product_type, entity_type, sub_category)
       VALUES (?, ?, ?, ?, ?, ?)`,
      hexId(), supplier, NAMES[entityType], productType, entityType, subCategory);
    return this.#one(
      `SELECT id FROM products WHERE supplier = ? AND product_type = ? AND entity_type = ? AND sub_category = ?`,
      supplier, productType, entityType, subCategory).id;
  }

  /** Whether the clock goes that far. */
  advance(seconds) {
    return this.#clock.advance(seconds);
  }

  /** How an order stands, whoever's it is; nothing if there is none. */
  state(number) {
    const row = this.#one('SELECT status, supplier_order_id FROM orders WHERE id = ?', number);
    if (!row) return undefined;
    const { accounts } = this.#one('SELECT count(*) AS accounts FROM accounts WHERE order_id = ?', number);
    return { status: row.status, accounts, supplierOrderId: row.supplier_order_id };
  }

  reset() {
    this.#atomically(() => {
      this.#run('DELETE FROM orders');
      this.#run('DELETE FROM api_keys WHERE hash NOT IN (SELECT value FROM json_each(?))', this.#firstHashes);
    });
  }
}
