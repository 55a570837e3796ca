// A supplier's client that loses no order and delivers nothing twice, whatever happens to its calls. Copy it.
//
// How the client handles a failed call:
// - It never sends a list call again. The next poll is the retry: orders of a lost page come back after 30 minutes.
// - It sends an update again, unchanged, after growing pauses, and not before `Retry-After` allows it.
// - It treats an answer that breaks off, or that is no JSON, as no answer.
// - After `INVALID_ACCOUNTS` it looks at the order: an earlier call may have delivered the accounts.

import axios from 'axios';

const MOST_ATTEMPTS = 8;

export class Client {
  // `pause(seconds)` waits. `stock(order, count)` returns accounts for an order, the same ones for each call.
  constructor(url, key, { pause, stock, timeout = 30_000 }) {
    this.http = axios.create({ baseURL: `${url}/api/admin/v2`, headers: { 'X-Api-Key': key }, timeout });
    this.pause = pause;
    this.stock = stock;
  }

  async work() {
    for (const order of await this.poll()) {
      try {
        await this.deliver(order);
      } catch (error) {
        // The order comes back when its window ends; the others need not wait for that.
        console.error(`order ${order.id} was not delivered: ${error.message}`);
      }
    }
  }

  async poll() {
    const params = { status: 'pending,processing', productType: 'manual', limit: 100, offset: 0 };
    const answer = await this.send({ url: '/orders', params });
    return answer.data?.orders ?? [];
  }

  async deliver({ id, items }) {
    const order = { order: id, supplierOrderId: `SUP-${id}` };
    await this.update({ ...order, status: 'processing' });
    // Only products need accounts. The order's `quantity` counts services too.
    const owed = items.filter(({ product }) => product.type === 'product').reduce((sum, item) => sum + item.quantity, 0);
    const accounts = this.stock(id, owed);
    try {
      await this.update({ ...order, status: 'completed', ...(owed > 0 && { accounts }) });
    } catch (error) {
      if (error.code !== 'INVALID_ACCOUNTS') throw error;
      const { status, accountsDelivered } = await this.update({ order: id });
      const missing = accounts.slice(accountsDelivered);
      if (missing.length > 0) await this.update({ ...order, status: 'completed', accounts: missing });
      else if (status !== 'completed') await this.update({ ...order, status: 'completed' });
    }
  }

  async update(data) {
    let seconds = 1;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.send({ method: 'POST', url: '/orders-update', data });
      if (answer.data) return answer.data;
      if (answer.refusal || attempt === MOST_ATTEMPTS) throw answer.refusal ?? new Error('no answer');
      seconds = Math.max(seconds, answer.retryAfter);
      await this.pause(seconds);
      seconds *= 2;
    }
  }

  // Result of one call: data, a final refusal, or neither if the call may succeed next time.
  async send(request) {
    try {
      const { data } = await this.http.request(request);
      // axios returns a body that is no JSON as a string.
      return { data: typeof data === 'object' ? data : undefined, retryAfter: 0 };
    } catch (error) {
      const { status, data, headers } = error.response ?? {};
      const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
      const refusal = isFinal ? Object.assign(new Error(data?.message ?? `status ${status}`), { code: data?.error }) : undefined;
      return { refusal, retryAfter: Number(headers?.['retry-after'] ?? 0) || 0 };
    }
  }
}
