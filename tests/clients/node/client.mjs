// A supplier's client that loses nothing and delivers nothing twice, whatever becomes of its calls. Copy it.
//
// What it does about a call that fails:
// - A list call is never sent again. The next poll is the retry: orders of a page that was lost come back after 30 minutes.
// - An update is sent again, unchanged, after growing pauses and not before `Retry-After` allows it.
// - An answer that breaks off, or that is no JSON, is no answer.
// - `INVALID_ACCOUNTS` may mean that an earlier call delivered them: the order itself says how many it has.

import axios from 'axios';

const MOST_ATTEMPTS = 8;

export class Client {
  // `pause` waits so many seconds. `stock` gives that many accounts for an order, and the same ones if it is asked again.
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
    // Accounts are owed for products. `quantity` of the order counts services, too.
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

  // What came of one call: its data, a refusal that is final, or neither if it may succeed next time.
  async send(request) {
    try {
      const { data } = await this.http.request(request);
      // Of a body that is no JSON axios makes a string.
      return { data: typeof data === 'object' ? data : undefined, retryAfter: 0 };
    } catch (error) {
      const { status, data, headers } = error.response ?? {};
      const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
      const refusal = isFinal ? Object.assign(new Error(data?.message ?? `status ${status}`), { code: data?.error }) : undefined;
      return { refusal, retryAfter: Number(headers?.['retry-after'] ?? 0) || 0 };
    }
  }
}
