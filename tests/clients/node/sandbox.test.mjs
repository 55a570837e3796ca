// Tests of a supplier's client, each in a sandbox of its own:
//
//   SANDBOX_URL=http://127.0.0.1:4010 node --test sandbox.test.mjs

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { privateSandbox } from './sandbox.mjs';

test('an order that is not answered comes back after 30 minutes', async (t) => {
  const sandbox = await privateSandbox(t);
  const { orders: [{ id }] } = await sandbox.post('/orders', { supplier: 'aurora' });
  const client = clientIn(sandbox);
  const polled = async () => (await client.poll()).map((order) => order.id);
  assert.deepEqual(await polled(), [id]);
  await sandbox.advance(29 * 60 + 59.999);
  assert.deepEqual(await polled(), []);
  await sandbox.advance(0.001);
  assert.deepEqual(await polled(), [id]);
});

test('a delivery whose answer is lost is made once', async (t) => {
  const sandbox = await privateSandbox(t);
  const { orders: [{ id }] } = await sandbox.post('/orders', { supplier: 'aurora', quantity: 3 });
  // The second update is the delivery: the server commits it, and closes the connection without an answer.
  await sandbox.post('/faults', { operation: 'updateOrder', effect: { kind: 'drop-after' }, every: 2, times: 1 });
  await clientIn(sandbox).work();
  const { faults: [fault] } = await sandbox.get('/faults');
  assert.equal(fault.fired, 1);
  const { fingerprints } = await sandbox.post('/fingerprints', { accounts: stock(id, 3) });
  const order = await sandbox.get(`/orders/${id}`);
  assert.equal(order.status, 'completed');
  assert.deepEqual(order.accounts.map(({ fingerprint }) => fingerprint), fingerprints);
  await assertClean(sandbox);
});

test('a shift of eight hours leaves nothing undone, and a good scorecard', async (t) => {
  const sandbox = await privateSandbox(t);
  await sandbox.post('/faults', { effect: { kind: 'status', status: 503 }, every: 10 });
  const client = clientIn(sandbox);
  for (let round = 0; round < 32; round += 1) {
    await sandbox.post('/orders', { supplier: 'aurora', quantity: 5 });
    await client.work();
    await sandbox.advance(15 * 60);
  }
  await assertClean(sandbox);
  await assertScore(sandbox, 100);
});

for (const effect of [
  { kind: 'error', code: 'SERVICE_UNAVAILABLE' },
  { kind: 'error', code: 'REQUEST_TIMEOUT' },
  { kind: 'error', code: 'ORDER_NOT_FOUND' },
  { kind: 'error', code: 'INVALID_ACCOUNTS' },
  { kind: 'error', code: 'SERVICE_UNAVAILABLE', when: 'after' },
  { kind: 'status', status: 502, envelope: false },
  { kind: 'status', status: 504, when: 'after' },
  { kind: 'delay', fixedMillis: 400 },
  { kind: 'delay', fixedMillis: 400, when: 'after' },
  { kind: 'drop-before', how: 'fin' },
  { kind: 'drop-before', how: 'rst' },
  { kind: 'drop-after', how: 'fin' },
  { kind: 'drop-after', how: 'rst' },
  { kind: 'truncate', bytes: 20, framing: 'length' },
  { kind: 'truncate', bytes: 20, framing: 'chunked' },
  { kind: 'garbage' },
  { kind: 'rate-limit', calls: 7, periodSeconds: 60 },
]) {
  test(`nothing is lost or delivered twice under ${Object.values(effect).join(' ')}`, async (t) => {
    const sandbox = await privateSandbox(t);
    await sandbox.post('/faults', { effect, ...occasions(effect) });
    // It waits for no answer as long as the fault delays one.
    const client = clientIn(sandbox, { timeout: 200 });
    for (let round = 0; round < 8; round += 1) {
      await sandbox.post('/orders', { supplier: 'aurora', quantity: 3, count: 2 });
      await client.work();
      await sandbox.advance(31 * 60);
    }
    await sandbox.call('delete', '/faults');
    await client.work();
    const { orders } = await sandbox.get('/orders?limit=100');
    for (const { id, status, accounts } of orders) assert.deepEqual([id, status, accounts.length], [id, 'completed', 3]);
    await assertScore(sandbox, 100);
  });
}

async function assertClean(sandbox) {
  const { clean, findings } = await sandbox.get('/audit');
  assert.ok(clean, findings.map(({ sentence }) => sentence).join('\n'));
}

async function assertScore(sandbox, least) {
  const { score, suppliers: [{ practices }] } = await sandbox.get('/scorecard?supplier=aurora');
  const findings = practices.flatMap((practice) => practice.findings);
  assert.ok(score >= least, `${score} of 100\n${findings.map((it) => `${it.sentence} ${it.advice}`).join('\n')}`);
}

// What is tested: import your own client here. When it waits, the sandbox's clock moves, and nobody waits.
const clientIn = (sandbox, options = {}) =>
  new Client(sandbox.url, sandbox.keys.aurora, { pause: sandbox.advance, stock, ...options });

// A refusal is final, and one that meets the same call twice is no fault of the client's.
const occasions = ({ kind, code }) =>
  kind === 'rate-limit' ? {} : { every: 5, ...(code === 'ORDER_NOT_FOUND' && { times: 1 }) };

const stock = (order, count) => Array.from({ length: count }, (_, n) => `user-${order}-${n}@example.com:pass-${n}`);
