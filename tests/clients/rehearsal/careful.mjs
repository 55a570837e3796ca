// A supplier's worker that loses no order, delivers nothing twice and wastes no account, whatever happens to its calls, to
// the server or to the worker itself. Copy it. It needs Linux or macOS.
//
//   SANDBOX_URL=http://127.0.0.1:4010 SANDBOX_KEY=... node careful.mjs          one run, then exit: start it every 5 minutes
//   SANDBOX_URL=http://127.0.0.1:4010 SANDBOX_KEY=... node careful.mjs --loop   a daemon that polls until SIGTERM
//
// How the worker keeps its promises:
// - It writes a polled order to disk before it works on the order. The server shows the order only once in 30 minutes.
// - It writes accounts to the order's file before it sends them. A retry, and a restart, send the same accounts again.
// - It looks at an order before it delivers: the buyer can cancel the order meanwhile.
// - It never sends a list call again. The next run is the retry.
//
// Exit code of one run: 1 if the server did not answer or refused the key, otherwise 0. What failed is tried again by the
// next run. A daemon does not exit by itself: while its runs fail, even with 401, it polls less and less often.

import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';

const { SANDBOX_URL, SANDBOX_KEY, REHEARSAL_DIR = '.' } = process.env;
const TIMEOUT_MS = Number(process.env.TIMEOUT_MS ?? 10_000);
const POLL_MS = Number(process.env.POLL_MS ?? 60_000);
const FIRST_PAUSE_MS = Number(process.env.RETRY_MS ?? 1_000);
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_POLL_MS = 15 * 60_000;
const MOST_ATTEMPTS = 4;
const PAGE_SIZE = 100;

// SIGTERM ends the worker after the call under way: the calls and pauses after it throw or end at once.
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop.abort());
const pause = (ms) => sleep(ms, undefined, { signal: stop.signal }).catch(() => {});

// ---- Calls ----

// A final answer: the server did nothing, and the same call would fail again.
class Refused extends Error {
  constructor(status, code) {
    super(`refused with status ${status} ${code ?? ''}`);
    Object.assign(this, { status, code });
  }
}

// No answer, or none that says what the server did. The call may have been carried out.
class NoAnswer extends Error {}

const http = axios.create({
  baseURL: `${SANDBOX_URL}/api/admin/v2`,
  headers: { 'X-Api-Key': SANDBOX_KEY },
  validateStatus: () => true,
});

// `Retry-After` holds for all calls, not only for the one that it answers.
let notBefore = 0;

async function send(request) {
  const wait = notBefore - Date.now();
  if (wait > LONGEST_PAUSE_MS) throw new NoAnswer(`the server wants no calls for ${Math.ceil(wait / 1000)} seconds`);
  if (wait > 0) await pause(wait);
  stop.signal.throwIfAborted();
  let answer;
  try {
    answer = await http.request({ ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new NoAnswer(error.code ?? error.message);
  }
  const { status, data, headers } = answer;
  notBefore = Math.max(notBefore, timeAfter(headers['retry-after']));
  if (status >= 500 || status === 408 || status === 429) throw new NoAnswer(`status ${status}`);
  if (status >= 300) throw new Refused(status, data?.error);
  // axios returns a body that is not JSON as a string.
  if (data === null || typeof data !== 'object') throw new NoAnswer('the answer is not JSON');
  return data;
}

// `Retry-After` is a number of seconds, or a date.
const timeAfter = (text) => (/^\d+$/.test(text) ? Date.now() + text * 1000 : Date.parse(text) || 0);

async function poll() {
  const params = { status: 'pending,processing', productType: 'manual', limit: PAGE_SIZE, offset: 0 };
  const page = await send({ url: '/orders', params });
  if (!Array.isArray(page.orders)) throw new NoAnswer('the answer is not a page');
  return page.orders;
}

async function update(changes, attempts = MOST_ATTEMPTS) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send({ method: 'POST', url: '/orders-update', data: changes });
    } catch (error) {
      if (!(error instanceof NoAnswer) || attempt === attempts) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}

// ---- State on disk: one file for each order ----

// order: its number · owed: how many accounts it needs · accounts: those reserved for it, in this order for ever
// delivered: how many of them the order has for certain · outcome: why there is nothing left to do
const outbox = new Map();

function loadOutbox() {
  mkdirSync('outbox', { recursive: true });
  outbox.clear();
  for (const name of readdirSync('outbox').filter((it) => it.endsWith('.json'))) {
    const entry = JSON.parse(readFileSync(`outbox/${name}`, 'utf8'));
    outbox.set(entry.order, entry);
  }
}

// Replaces a file as a whole: a crash leaves the old content or the new one.
function replaceFile(file, content) {
  writeFileSync(`${file}.tmp`, content, { flush: true });
  renameSync(`${file}.tmp`, file);
}

function save(entry) {
  replaceFile(`outbox/${entry.order}.json`, JSON.stringify(entry));
  // After a power cut, the file has its new name only if the directory was flushed, too.
  const directory = openSync('outbox', 'r');
  fsyncSync(directory);
  closeSync(directory);
  outbox.set(entry.order, entry);
}

// The worker only reads the stock file. An account is taken once it stands in an order's file, so taking is one write.
function freeAccounts() {
  const taken = new Set([...outbox.values()].flatMap(({ accounts }) => accounts));
  const lines = readFileSync('stock.txt', 'utf8').split('\n').map((line) => line.trim());
  // The server drops what is not `login:password`.
  return [...new Set(lines)].filter((line) => /^[^:]*[^:\s]\s*:\s*\S/.test(line) && !taken.has(line));
}

// Takes accounts for an order. While the outcome of a delivery is unknown, its accounts stay as they are.
function reserve(entry) {
  if (unconfirmed(entry).length > 0) return;
  entry.accounts = [...entry.accounts, ...freeAccounts().slice(0, entry.owed - entry.accounts.length)];
  save(entry);
}

const unconfirmed = ({ accounts, delivered }) => accounts.slice(delivered);

function close(entry, outcome) {
  entry.outcome = outcome;
  save(entry);
  console.log(`order ${entry.order}: ${outcome}`);
}

// ---- Work ----

const STEPS = ['pending', 'processing', 'partial', 'completed'];
const ENDS = ['cancelled', 'error'];

// The status to set, if the order is not that far yet. A status never goes back.
function ahead(current, wanted) {
  return !ENDS.includes(current) && STEPS.indexOf(wanted) > STEPS.indexOf(current) ? wanted : undefined;
}

// Another supplier of a shared order can complete the order before all of our accounts are there.
function isWanted({ status, accountsDelivered }, owed) {
  return !ENDS.includes(status) && (status !== 'completed' || accountsDelivered < owed);
}

async function deliver(entry) {
  const { order, owed } = entry;
  if (owed > 0 && unconfirmed(entry).length === 0 && freeAccounts().length === 0) {
    console.error(`order ${order}: waits for stock`);
    return;
  }
  // This update changes no status. Its answer shows the order as it is now.
  const now = await update({ order, supplierOrderId: `SUP-${order}` });
  if (!isWanted(now, owed)) {
    // If accounts were reserved, they stay with this order: its buyer may have them.
    close(entry, now.status);
    return;
  }
  // Sent once. The server may carry out a call without an answer later, even after the delivery. The next run goes on.
  if (now.status === 'pending') await update({ order, status: 'processing' }, 1);
  reserve(entry);
  const accounts = unconfirmed(entry);
  const status = entry.accounts.length === owed ? 'completed' : 'partial';
  try {
    await update({ order, status: ahead(now.status, status), ...(accounts.length > 0 && { accounts }) });
  } catch (error) {
    if (error.code !== 'INVALID_ACCOUNTS') throw error;
    // The order has these accounts: an earlier call delivered them, and its answer was lost.
    const found = await update({ order });
    if (found.accountsDelivered < entry.accounts.length) throw error;
    const next = ahead(found.status, status);
    if (next) await update({ order, status: next });
  }
  entry.delivered = entry.accounts.length;
  if (status === 'completed') close(entry, 'completed');
  else save(entry);
}

// Delivers what it can. Throws if the other orders would fail as well.
async function deliverAll(entries) {
  let unanswered = 0;
  for (const entry of entries) {
    try {
      await deliver(entry);
      unanswered = 0;
    } catch (error) {
      const isRefusal = error instanceof Refused && error.status !== 401;
      unanswered = error instanceof NoAnswer ? unanswered + 1 : 0;
      // An order that gets no answer must not hold up the others. If two in a row get none, the server is down.
      if (!isRefusal && unanswered !== 1) throw error;
      console.error(`order ${entry.order}: ${error.message}`);
      // A refunded order counts as not found. An order with any other failure stays open for the next run.
      if (['ORDER_NOT_FOUND', 'ACCESS_DENIED'].includes(error.code)) close(entry, 'refused');
    }
  }
}

// Writes a polled order to disk, and returns its entry if it is new.
function note({ id, items }) {
  const known = outbox.get(id);
  if (known?.outcome === 'completed') {
    console.error(`order ${id} is open again after its delivery: look at it yourself`);
    return undefined;
  }
  if (known && !known.outcome) return undefined;
  const products = items.filter(({ product }) => product.type === 'product');
  const owed = products.reduce((sum, { quantity }) => sum + quantity, 0);
  // A cancelled or refused order that comes again is paid again. It gets the accounts that were reserved for it.
  const entry = { order: id, owed, accounts: [], delivered: 0, ...known, outcome: undefined };
  save(entry);
  return entry;
}

async function run() {
  loadOutbox();
  await deliverAll([...outbox.values()].filter(({ outcome }) => !outcome));
  const orders = await poll();
  await deliverAll(orders.map(note).filter(Boolean));
}

// ---- One worker at a time ----

// A socket in the directory is the lock: the system ends it with its process, even after SIGKILL. A worker listens on a
// socket of its own, then calls all others. If one answers, the worker steps back. Of two that start together, each may
// see the other, so both try again.
async function lock() {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const own = `lock-${randomUUID().slice(0, 8)}`;
    const server = createServer((socket) => socket.destroy()).unref();
    await new Promise((resolve, reject) => server.on('error', reject).listen(own, resolve));
    const names = readdirSync('.').filter((name) => name.startsWith('lock-'));
    const others = await Promise.all(names.filter((name) => name !== own).map(isAlive));
    // Another worker may have removed our socket just before it listened.
    if (names.includes(own) && !others.includes(true)) return server;
    server.close();
    await pause(Math.random() * 200);
  }
  return undefined;
}

function isAlive(name) {
  return new Promise((resolve) => {
    const call = connect(name, () => {
      call.destroy();
      resolve(true);
    });
    call.on('error', ({ code }) => {
      if (code === 'ECONNREFUSED') rmSync(name, { force: true });
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
    });
  });
}

// ---- One run, or a daemon ----

function makeStock() {
  if (existsSync('stock.txt')) return;
  const numbers = Array.from({ length: 200 }, (_, n) => String(n + 1).padStart(4, '0'));
  replaceFile('stock.txt', numbers.map((n) => `user${n}@example.com:secret-${n}\n`).join(''));
}

let held;

// Returns whether the run came to its end. A worker that finds another one at work leaves the work to it.
async function tryRun() {
  try {
    held ??= await lock();
    if (!held) {
      console.log('another worker is running in this directory');
      return true;
    }
    makeStock();
    await run();
    return true;
  } catch (error) {
    // An AxiosError as a whole would show the key.
    if (!stop.signal.aborted) console.error(`the run ended: ${error.message}`);
    return stop.signal.aborted;
  }
}

if (!SANDBOX_URL || !SANDBOX_KEY) {
  console.error('set SANDBOX_URL and SANDBOX_KEY in the environment');
  process.exit(2);
}
process.chdir(REHEARSAL_DIR);
if (process.argv.includes('--loop')) {
  for (let failures = 0; !stop.signal.aborted; ) {
    failures = (await tryRun()) ? 0 : failures + 1;
    await pause(Math.min(POLL_MS * 2 ** failures, Math.max(POLL_MS, LONGEST_POLL_MS)));
  }
} else if (!(await tryRun())) {
  process.exitCode = 1;
}
held?.close();
