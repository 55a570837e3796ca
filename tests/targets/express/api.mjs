import express from 'express';

import { ApiError, invalidAccounts, invalidKey, notFound, validation } from './errors.mjs';
import { hook } from './hook.mjs';
import { ENTITY_TYPES, PRODUCT_TYPES, STATUSES } from './words.mjs';

/** The Express application. */
export function app(worlds, options) {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  if (options.hook) app.use('/hook', hook(worlds));

  const authenticate = (request, _, next) => {
    Object.assign(request, worlds.find(request.get('X-Api-Key') ?? ''));
    next(request.supplier ? undefined : invalidKey());
  };
  const onlyMethod = (method) => (request, response, next) => {
    if (request.method === method) return next();
    response.set('Allow', method);
    next(new ApiError(405, 'METHOD_NOT_ALLOWED', `Use ${method}`));
  };
  const json = express.json({ limit: '2mb' });

  app.all('/api/admin/v2/orders', onlyMethod('GET'), authenticate, (request, response) => {
    response.json(request.store.page(request.supplier, filters(request.query)));
  });
  app.all('/api/admin/v2/orders-update', onlyMethod('POST'), authenticate, json, (request, response) => {
    const { order, ...fields } = changes(request.body);
    response.json(request.store.update(request.supplier, order, fields));
  });
  app.use((request, _, next) => next(new ApiError(404, 'NOT_FOUND', `No route ${request.path}`)));
  // Express knows an error handler by its four parameters.
  app.use((error, _request, response, _next) => {
    const told = error instanceof ApiError ? error : unreadable(error);
    response.status(told.status).json(told.body());
  });
  return app;
}

/** What Express and its body parser refuse has a status; anything else is a bug. */
function unreadable(error) {
  if (error.status >= 400 && error.status < 500) return new ApiError(error.status, 'BAD_REQUEST', error.message);
  console.error(error);
  return new ApiError(500, 'INTERNAL_ERROR', 'Something went wrong');
}

/** Reads the parameters of a list. */
function filters(query) {
  for (const [name, value] of Object.entries(query)) {
    if (typeof value !== 'string') throw validation(`${name} is given twice`);
  }
  return {
    statuses: query.status?.split(',').map((status) => choice('status', status, STATUSES)),
    productType: choice('productType', query.productType, PRODUCT_TYPES),
    entityType: choice('entityType', query.entityType, ENTITY_TYPES),
    subCategory: query.subCategory,
    limit: Math.min(Math.max(whole(query.limit, 50), 1), 500),
    offset: Math.max(whole(query.offset, 0), 0),
  };
}

function choice(name, value, choices) {
  if (value === undefined || choices.includes(value)) return value;
  throw validation(`${name} must be one of ${choices.join(', ')}`);
}

/** A number of a query, or `usual` if it is none. */
function whole(text, usual) {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? usual : Math.min(number, Number.MAX_SAFE_INTEGER);
}

/** Reads the body of an update. */
function changes(body) {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw validation('Send a JSON object as application/json');
  }
  const { order, status, accounts, supplierOrderId } = body;
  if (typeof order !== 'number') throw validation('order must be a number');
  if (!Number.isSafeInteger(order)) throw notFound();
  return {
    order,
    status: choice('status', status ?? undefined, STATUSES),
    accounts: valid(accounts ?? undefined),
    supplierOrderId: reference(supplierOrderId ?? undefined),
  };
}

/** The accounts of a submission that are some, each once. */
function valid(accounts) {
  if (accounts === undefined) return undefined;
  if (!Array.isArray(accounts)) throw validation('accounts must be an array');
  const texts = accounts.filter((account) => typeof account === 'string').map((account) => account.trim());
  const found = new Set(texts.filter(isAccount));
  if (found.size === 0) throw invalidAccounts();
  return [...found];
}

/** Whether the text has something on both sides of its first colon. */
function isAccount(text) {
  const colon = text.indexOf(':');
  return text.isWellFormed() && text.slice(0, Math.max(colon, 0)).trim() !== '' && text.slice(colon + 1).trim() !== '';
}

function reference(text) {
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || text.length > 255 || /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw validation('supplierOrderId must be printable text of at most 255 characters');
  }
  return text;
}
