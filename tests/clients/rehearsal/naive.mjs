// A worker as a decent developer writes it straight from the guide. It works while nothing fails.
//
//   SANDBOX_URL=http://127.0.0.1:4010 SANDBOX_KEY=... node naive.mjs [--loop]
//
// Its mistakes: `deliver` takes new accounts each time it is tried, a failed delivery keeps none of them, and a list call
// is sent again at once.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';

const api = axios.create({
  baseURL: `${process.env.SANDBOX_URL}/api/admin/v2`,
  headers: { 'X-Api-Key': process.env.SANDBOX_KEY },
  timeout: Number(process.env.TIMEOUT_MS ?? 10_000),
});
const stockFile = join(process.env.REHEARSAL_DIR ?? '.', 'stock.txt');

if (!existsSync(stockFile)) {
  const lines = Array.from({ length: 200 }, (_, n) => {
    const number = String(n + 1).padStart(4, '0');
    return `user${number}@example.com:secret-${number}\n`;
  });
  writeFileSync(stockFile, lines.join(''));
}

function takeAccounts(count) {
  const lines = readFileSync(stockFile, 'utf8').split('\n').filter(Boolean);
  if (lines.length < count) throw new Error(`not enough stock: ${count} needed, ${lines.length} left`);
  const taken = lines.splice(0, count);
  writeFileSync(stockFile, lines.map((line) => `${line}\n`).join(''));
  return taken;
}

async function retry(action, attempts = 3) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (attempt === attempts) throw error;
      console.error(`attempt ${attempt} failed: ${error.message}`);
      await sleep(1000);
    }
  }
}

async function getOrders() {
  const params = { status: 'pending,processing', productType: 'manual', limit: 50, offset: 0 };
  const response = await api.get('/orders', { params });
  return response.data.orders;
}

async function deliver(order) {
  const products = order.items.filter((item) => item.product.type === 'product');
  const count = products.reduce((sum, item) => sum + item.quantity, 0);
  const update = { order: order.id, status: 'completed', supplierOrderId: `SUP-${order.id}` };
  if (count > 0) update.accounts = takeAccounts(count);
  await api.post('/orders-update', update);
}

async function processOrders() {
  const orders = await retry(getOrders);
  console.log(`${orders.length} orders`);
  for (const order of orders) {
    try {
      await retry(() => deliver(order));
      console.log(`order ${order.id} completed`);
    } catch (error) {
      console.error(`order ${order.id} failed: ${error.response?.data?.message ?? error.message}`);
    }
  }
}

const isLoop = process.argv.includes('--loop');
do {
  try {
    await processOrders();
  } catch (error) {
    console.error(`no orders: ${error.response?.data?.message ?? error.message}`);
    if (!isLoop) process.exitCode = 1;
  }
  if (isLoop) await sleep(Number(process.env.POLL_MS ?? 60_000));
} while (isLoop);
