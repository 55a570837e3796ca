// A sandbox for one test, with keys, orders and a clock that no other test sees. The clock is frozen until the test
// moves it.

import axios from 'axios';

const server = process.env.SANDBOX_URL ?? 'http://127.0.0.1:4010';

export async function privateSandbox(test, settings = { scenario: 'empty' }) {
  const { data: made } = await axios.post(`${server}/_sandbox/sandboxes`, settings);
  const control = axios.create({ baseURL: `${server}/_sandbox/sandboxes/${made.id}` });
  test.after(() => control.delete(''));
  await control.put('/clock', { mode: 'frozen' });
  return {
    url: server,
    keys: Object.fromEntries(made.suppliers.map(({ id, key }) => [id, key])),
    get: async (path) => (await control.get(path)).data,
    post: async (path, body) => (await control.post(path, body)).data,
    call: (method, path) => control.request({ method, url: path }),
    advance: (seconds) => control.post('/clock/advance', { seconds }),
  };
}
