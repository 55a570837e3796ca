// The guide's workflow, as its reader would put it into a file: three functions, the same calls, parameters and
// headers, and the same two accounts for every order, whatever its quantity. Then it polls once more: what it completed
// must not come again.
//
//   BASE_URL=http://127.0.0.1:4010 API_KEY=... node guide.mjs

import axios from 'axios';

const apiRoot = `${process.env.BASE_URL}/api/admin/v2`;
const apiKey = process.env.API_KEY;

async function getOrders() {
  const answer = await axios.get(`${apiRoot}/orders`, {
    headers: { 'X-Api-Key': apiKey },
    params: { status: 'pending,processing', productType: 'manual', limit: 50, offset: 0 },
  });
  return answer.data.orders;
}

async function updateOrder(number, accounts, ownNumber) {
  const changes = { order: number, status: 'completed', accounts, supplierOrderId: ownNumber };
  const answer = await axios.post(`${apiRoot}/orders-update`, changes, {
    headers: { 'X-Api-Key': apiKey, 'Content-Type': 'application/json' },
  });
  return answer.data;
}

async function processOrders() {
  const open = await getOrders();
  console.log(`${open.length} orders to work on`);
  const completed = [];
  for (const { id } of open) {
    const updated = await updateOrder(id, ['user1:pass1', 'user2:pass2'], `SUP-${id}`);
    if (updated.status !== 'completed') throw new Error(`order ${id} is ${updated.status} after its completion`);
    completed.push(id);
  }
  return completed;
}

try {
  const completed = await processOrders();
  const again = (await getOrders()).map(({ id }) => id).filter((id) => completed.includes(id));
  if (again.length > 0) throw new Error(`completed, and handed out again: ${again.join(', ')}`);
  console.log(JSON.stringify({ polled: completed.length, completed: completed.length, errors: [] }));
} catch (error) {
  // An AxiosError as a whole would show the key.
  console.error(`guide failed: ${error.message} ${JSON.stringify(error.response?.data ?? '')}`);
  process.exitCode = 1;
}
