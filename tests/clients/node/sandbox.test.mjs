// Tests of a supplier's client, each in a sandbox of its own:
//
//   SANDBOX_URL=http://127.0.0.1:4010 node --test sandbox.test.mjs

import assert from 'node:assert/strict';
import { test } from 'node:test';
import axios from 'axios';
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
  // The second update is the delivery: it is done, and the connection closes before the client hears of it.
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
  await assertScore(sandbox, 90);
});

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
const clientIn = (sandbox) => new Client(sandbox.url, sandbox.keys.aurora, sandbox.advance);

const stock = (order, count) => Array.from({ length: count }, (_, n) => `user-${order}-${n}@example.com:pass-${n}`);

class Client {
  constructor(url, key, pause) {
    this.http = axios.create({ baseURL: `${url}/api/admin/v2`, headers: { 'X-Api-Key': key } });
    this.pause = pause;
  }

  async work() {
    for (const order of await this.poll()) await this.deliver(order);
  }

  async poll() {
    const params = { status: 'pending,processing', productType: 'manual', limit: 100 };
    return (await this.call({ url: '/orders', params })).orders;
  }

  async deliver({ id, quantity }) {
    const order = { order: id, supplierOrderId: `SUP-${id}` };
    await this.update({ ...order, status: 'processing' });
    try {
      await this.update({ ...order, status: 'completed', accounts: stock(id, quantity) });
    } catch (error) {
      // All of them were delivered before: by a call whose answer was lost.
      if (error.response?.data.error !== 'INVALID_ACCOUNTS') throw error;
    }
  }

  update(data) {
    return this.call({ method: 'POST', url: '/orders-update', data });
  }

  // What may succeed next time is tried again, a little later each time; a refusal (4xx) is final.
  async call(request) {
    for (let seconds = 1; ; seconds *= 2) {
      try {
        return (await this.http.request(request)).data;
      } catch (error) {
        const mayPass = !error.response || error.response.status >= 500;
        if (!mayPass || seconds > 60) throw error;
        await this.pause(seconds);
      }
    }
  }
}
