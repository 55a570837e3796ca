import express from 'express';

import { ENTITY_TYPES, PAYMENT_STATUSES, PRODUCT_TYPES, STATUSES, SUPPLIERS } from './words.mjs';

/** What the hook refuses to do, in words for people. */
class HookError extends Error {}

const PRICE_UNITS = 10_000;

const oneOf = (choices) => (value) => choices.includes(value);
const integer = (low, high) => (value) => Number.isInteger(value) && low <= value && value <= high;
const price = (value) =>
  typeof value === 'number' && value >= 0 && Number.isSafeInteger(Math.round(value * PRICE_UNITS)) &&
  Math.round(value * PRICE_UNITS) / PRICE_UNITS === value;
const text = (value) => typeof value === 'string';
const number = integer(1, Number.MAX_SAFE_INTEGER);

/** The parameters of each action: whether a value fits, and what stands for one that is left out. */
const PARAMETERS = {
  capabilities: {},
  create_orders: {
    supplier: [oneOf(SUPPLIERS)],
    count: [integer(1, 1000)],
    id: [number, null],
    status: [oneOf(STATUSES), 'pending'],
    paymentStatus: [oneOf(PAYMENT_STATUSES), 'completed'],
    quantity: [integer(1, 1_000_000_000), 1],
    unitPrice: [price, 5],
    productType: [oneOf(PRODUCT_TYPES), 'manual'],
    entityType: [oneOf(ENTITY_TYPES), 'product'],
    subCategory: [text, 'General'],
    sharedWith: [oneOf(SUPPLIERS), null],
  },
  advance_clock: { seconds: [integer(0, 10_000_000_000)] },
  new_key: { supplier: [oneOf(SUPPLIERS)] },
  revoke_key: { key: [text] },
  order_state: { order: [integer(0, Number.MAX_SAFE_INTEGER)] },
  reset: {},
  batch: { requests: [Array.isArray] },
};

/** What the contract suite may ask for of a world; see the hook's protocol. */
const actions = (worlds, store) => ({
  capabilities: () => ({ actions: Object.keys(PARAMETERS), worlds: worlds.furtherKeys() }),
  create_orders({ supplier, sharedWith, unitPrice, id, ...order }) {
    if (sharedWith === supplier) throw new HookError('sharedWith: name the other supplier');
    const suppliers = sharedWith === null ? [supplier] : [supplier, sharedWith];
    const units = Math.round(unitPrice * PRICE_UNITS);
    if (!Number.isSafeInteger(units * order.quantity)) throw new HookError('unitPrice: the total is too large');
    if (!Number.isSafeInteger((id ?? 1) + order.count - 1)) throw new HookError('id: the last number is too large');
    const orders = store.create({ ...order, suppliers, unitPrice: units, id: id ?? undefined });
    if (!orders) throw new HookError('id: orders of these numbers exist');
    return { orders };
  },
  advance_clock({ seconds }) {
    if (!store.advance(seconds)) throw new HookError('seconds: the clock does not go that far');
    return {};
  },
  new_key: ({ supplier }) => ({ key: worlds.addKey(store, supplier) }),
  revoke_key({ key }) {
    if (!store.removeKey(key)) throw new HookError('key: no such key');
    return {};
  },
  order_state({ order }) {
    const state = store.state(order);
    if (!state) throw new HookError(`order: no order ${order}`);
    return state;
  },
  reset() {
    store.reset();
    return {};
  },
  batch: ({ requests }) => ({ answers: requests.map((request) => answer(worlds, request) ?? UNSUPPORTED) }),
});

const UNSUPPORTED = { error: 'unsupported' };

/** Does what a request asks for; nothing if that is not supported. */
function answer(worlds, { action, params, world }) {
  const store = worlds.at(world ?? 0);
  if (!store || !Object.hasOwn(PARAMETERS, action)) return undefined;
  const values = read(PARAMETERS[action], params ?? {});
  return values && actions(worlds, store)[action](values);
}

/** The values of an action's parameters; nothing if one of them is unknown. */
function read(known, given) {
  if (Object.keys(given).some((name) => !Object.hasOwn(known, name))) return undefined;
  const values = Object.entries(known).map(([name, [fits, usual]]) => {
    const value = given[name] ?? usual;
    if (value === undefined) throw new HookError(`${name}: missing`);
    if (value !== usual && !fits(value)) throw new HookError(`${name}: ${JSON.stringify(value)} is not possible`);
    return [name, value];
  });
  return Object.fromEntries(values);
}

/** The hook: `POST {"action": NAME, "params": {…}, "world": NUMBER}`. */
export function hook(worlds) {
  return [
    express.json(),
    (request, response) => {
      const told = answer(worlds, request.body ?? {});
      response.status(told ? 200 : 501).json(told ?? UNSUPPORTED);
    },
    (error, _request, response, next) => {
      if (!(error instanceof HookError)) return next(error);
      response.status(400).json({ error: error.message });
    },
  ];
}
