// A supplier's order bot, as a Node developer would write it on axios: poll, deliver, poll on.
// It expects what the API documents of every answer, and fails on the first that differs.
//
//   BASE_URL=http://127.0.0.1:4010 API_KEY=... node workflow.mjs
//
// It wants a server whose orders nobody has polled yet: every order can be handed out to it only once.

import { isDeepStrictEqual } from 'node:util';
import axios from 'axios';

const PAGE_SIZE = 50;
const MOST_POLLS = 100;
const OPEN_STATUSES = ['pending', 'processing'];
const ENTITY_TYPES = ['product', 'smm_service'];

const REFUSALS = {
  INVALID_API_KEY: [401, 'Invalid API key'],
  ORDER_NOT_FOUND: [404, 'Order not found'],
  ACCESS_DENIED: [403, 'You do not have access to this order'],
  INVALID_ACCOUNTS: [400, 'No valid accounts provided after deduplication'],
};
const ORDER_OF_NOBODY = 40401;
const ORDER_OF_ANOTHER_SUPPLIER = 40301;
const OWN_ORDER = 12345;

class Unexpected extends Error {}

function expect(holds, problem) {
  if (!holds) throw new Unexpected(problem);
}

function expectEqual(actual, expected, what) {
  expect(
    isDeepStrictEqual(actual, expected),
    `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`,
  );
}

function fromEnvironment(name) {
  const value = process.env[name];
  expect(value, `set ${name} in the environment`);
  return value;
}

class SupplierApi {
  #http;

  constructor(baseUrl, key) {
    this.#http = axios.create({
      baseURL: `${baseUrl.replace(/\/+$/, '')}/api/admin/v2`,
      headers: { 'X-Api-Key': key },
      timeout: 30_000,
    });
  }

  async poll() {
    const params = { status: OPEN_STATUSES.join(','), productType: 'manual', limit: PAGE_SIZE, offset: 0 };
    const { data } = await this.#http.get('/orders', { params });
    checkPage(data);
    return data;
  }

  async update(order, changes) {
    const { data } = await this.#http.post('/orders-update', { order, ...changes });
    return data;
  }
}

function checkPage(page) {
  expect(Array.isArray(page?.orders), `a page without orders: ${JSON.stringify(page)}`);
  expectEqual(page.count, page.orders.length, 'count');
  expect(
    Number.isInteger(page.total) && page.total >= page.count,
    `total is ${JSON.stringify(page.total)} on a page of ${page.count}`,
  );
  expect(page.count <= PAGE_SIZE, `${page.count} orders on a page of at most ${PAGE_SIZE}`);
  for (const order of page.orders) {
    checkOrder(order);
    expect(OPEN_STATUSES.includes(order.status), `order ${order.id}: polled with status ${order.status}`);
  }
}

function checkOrder(order) {
  expect(Number.isSafeInteger(order?.id), `an order without a number: ${JSON.stringify(order)}`);
  const of = `order ${order.id}`;
  expectEqual(order.order, order.id, `${of}: order`);
  expectEqual(order.paymentStatus, 'completed', `${of}: paymentStatus`);
  expect(isObjectId(order.user?.id), `${of}: user.id is ${JSON.stringify(order.user?.id)}`);
  expect(isText(order.user.email) && order.user.email.includes('@'), `${of}: user.email is ${order.user.email}`);
  expect(isText(order.user.name), `${of}: user.name is ${JSON.stringify(order.user.name)}`);
  expect(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(order.createdAt),
    `${of}: createdAt is ${JSON.stringify(order.createdAt)}`,
  );
  expect(Array.isArray(order.items) && order.items.length > 0, `${of}: no items`);
  for (const item of order.items) checkItem(item, of);
  const pieces = order.items.reduce((sum, item) => sum + item.quantity, 0);
  expectEqual(order.quantity, pieces, `${of}: quantity`);
}

function checkItem({ product, quantity, unitPrice, totalPrice }, of) {
  expect(isObjectId(product?.id), `${of}: product.id is ${JSON.stringify(product?.id)}`);
  expect(isText(product.name), `${of}: product.name is ${JSON.stringify(product.name)}`);
  expect(ENTITY_TYPES.includes(product.type), `${of}: product.type is ${JSON.stringify(product.type)}`);
  expect(Number.isSafeInteger(quantity) && quantity > 0, `${of}: an item's quantity is ${quantity}`);
  // Prices are binary fractions here, with at most four decimals on the wire.
  expect(
    Math.abs(totalPrice - quantity * unitPrice) < 0.00005,
    `${of}: ${quantity} times ${unitPrice} is not ${totalPrice}`,
  );
}

const isText = (value) => typeof value === 'string' && value.length > 0;
const isObjectId = (value) => typeof value === 'string' && /^[0-9a-f]{24}$/.test(value);

function accountsFor(order) {
  if (order.items.every((item) => item.product.type === 'smm_service')) return [];
  return Array.from({ length: order.quantity }, (_, index) => {
    const account = `${order.id}-${index + 1}`;
    return `user-${account}@example.com:pass-${account}`;
  });
}

async function deliver(api, order) {
  const supplierOrderId = `SUP-${order.id}`;
  const started = await api.update(order.id, { status: 'processing', supplierOrderId });
  checkUpdated(started, order, 'processing', supplierOrderId);
  expect(
    Number.isInteger(started.accountsDelivered),
    `order ${order.id}: accountsDelivered is ${JSON.stringify(started.accountsDelivered)}`,
  );

  // The second call leaves out the supplierOrderId: what is left out stays as it was.
  const accounts = accountsFor(order);
  const done = await api.update(order.id, { status: 'completed', ...(accounts.length > 0 && { accounts }) });
  checkUpdated(done, order, 'completed', supplierOrderId);
  expectEqual(
    done.accountsDelivered,
    started.accountsDelivered + accounts.length,
    `order ${order.id}: accountsDelivered after ${accounts.length} were sent to ${started.accountsDelivered}`,
  );
}

function checkUpdated(answer, order, status, supplierOrderId) {
  checkOrder(answer);
  expectEqual(answer.id, order.id, "the order in an update's answer");
  expectEqual(answer.status, status, `order ${order.id}: status`);
  expectEqual(answer.supplierOrderId, supplierOrderId, `order ${order.id}: supplierOrderId`);
  for (const field of ['quantity', 'user', 'items', 'createdAt']) {
    expectEqual(answer[field], order[field], `order ${order.id}: ${field} after an update`);
  }
}

async function expectRefusal(code, call) {
  const [status, message] = REFUSALS[code];
  let answer;
  try {
    answer = await call();
  } catch (error) {
    if (!error.response) throw error;
    expectEqual(error.response.status, status, `the status of ${code}`);
    expectEqual(error.response.data, { error: code, message }, `the body of ${code}`);
    return code;
  }
  throw new Unexpected(`expected ${code}, got a success: ${JSON.stringify(answer)}`);
}

async function workflow() {
  const baseUrl = fromEnvironment('BASE_URL');
  const key = fromEnvironment('API_KEY');
  const api = new SupplierApi(baseUrl, key);

  const first = await api.poll();
  expect(first.count > 0, 'the first poll brought no orders: the workflow needs a server that nobody has polled');
  console.log(`${first.count} of ${first.total} open orders in the first page`);
  for (const order of first.orders) await deliver(api, order);
  const completed = first.count;

  const seen = new Set();
  let page = first;
  let polls = 1;
  while (page.count > 0) {
    for (const { id } of page.orders) {
      expect(!seen.has(id), `order ${id} was handed out twice`);
      seen.add(id);
    }
    expect(polls < MOST_POLLS, `still orders after ${polls} polls`);
    page = await api.poll();
    polls += 1;
  }
  expectEqual(seen.size, first.total, `the orders handed out in ${polls} polls, of those that the first page counted`);
  console.log(`${seen.size} orders in ${polls} polls, ${completed} of them completed`);

  const stranger = new SupplierApi(baseUrl, 'not-a-key-of-anybody');
  const errors = [
    await expectRefusal('INVALID_API_KEY', () => stranger.poll()),
    await expectRefusal('ORDER_NOT_FOUND', () => api.update(ORDER_OF_NOBODY, { status: 'processing' })),
    await expectRefusal('ACCESS_DENIED', () => api.update(ORDER_OF_ANOTHER_SUPPLIER, { status: 'processing' })),
    await expectRefusal('INVALID_ACCOUNTS', () => api.update(OWN_ORDER, { accounts: [] })),
  ];
  return { polled: seen.size, completed, errors };
}

try {
  console.log(JSON.stringify(await workflow()));
} catch (error) {
  // An AxiosError carries the request with its key: only the parts without it are shown.
  const { config, response } = error;
  const call = config ? `${config.method.toUpperCase()} ${config.url}: ` : '';
  const answer = response ? ` ${JSON.stringify(response.data)}` : '';
  console.error(`workflow failed: ${call}${error instanceof Unexpected || config ? error.message : error.stack}${answer}`);
  process.exitCode = 1;
}
