// One call by a Node HTTP client, as its users write it; README.md says what the environment says.
//
//   node.mjs fetch|axios|axios-retry|got|superagent|needle

import http from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { BASE_URL, API_KEY, METHOD, CONNECTION, ORDER, RETRY } = process.env;
const warmUp = CONNECTION === 'reused';
const switchedOff = RETRY === 'off';
const health = `${BASE_URL}/_sandbox/health`;
const headers = { 'X-Api-Key': API_KEY };
const update = METHOD === 'POST' ? { order: Number(ORDER), status: 'processing' } : undefined;
const url = update
  ? `${BASE_URL}/api/admin/v2/orders-update`
  : `${BASE_URL}/api/admin/v2/orders?status=pending,processing&productType=manual&limit=1`;

// The packages of ../node.
const packages = createRequire(new URL('../node/package.json', import.meta.url));
const load = async (name) => (await import(pathToFileURL(packages.resolve(name)))).default;

const clients = {
  async fetch() {
    if (warmUp) {
      await (await fetch(health)).text();
      // The body's end is told before the connection is free again.
      await new Promise(setImmediate);
    }
    const body = update && JSON.stringify(update);
    const response = await fetch(url, { method: METHOD, headers: { ...headers, 'Content-Type': 'application/json' }, body });
    return [response.status, await response.text()];
  },

  async axios() {
    return byAxios((await load('axios')).create({ headers }));
  },

  async 'axios-retry'() {
    const axios = (await load('axios')).create({ headers });
    const axiosRetry = (await load('axios-retry')).default;
    const retryCondition = (error) => error.response?.status === 503;
    axiosRetry(axios, { retries: 3, ...(switchedOff && { retryCondition }) });
    return byAxios(axios);
  },

  async got() {
    const got = (await load('got')).extend({ headers, ...(switchedOff && { retry: { limit: 0 } }) });
    if (warmUp) await got(health);
    const response = await got(url, { method: METHOD, json: update });
    return [response.statusCode, response.body];
  },

  async superagent() {
    const superagent = await load('superagent');
    // Without an agent it opens a connection for each call.
    if (warmUp) await superagent.get(health).agent(http.globalAgent);
    const request = superagent(METHOD, url).set(headers).send(update).agent(warmUp && http.globalAgent);
    const response = await (switchedOff ? request : request.retry(2));
    return [response.status, response.text];
  },

  async needle() {
    const needle = await load('needle');
    if (warmUp) await needle('get', health, {}, { agent: http.globalAgent });
    const options = { headers, json: true, agent: http.globalAgent };
    const response = await needle(METHOD.toLowerCase(), url, update ?? null, options);
    return [response.statusCode, response.raw];
  },
};

async function byAxios(axios) {
  if (warmUp) await axios.get(health);
  const response = await axios({ method: METHOD, url, data: update, responseType: 'text' });
  return [response.status, response.data];
}

function told(error) {
  const causes = [];
  for (let at = error; at; at = at.cause) causes.push(`${at.name} ${at.code ?? ''}: ${at.message}`);
  return causes.join('; ');
}

const [client] = process.argv.slice(2);
const version = client === 'fetch' ? process.versions.undici : packages(`./node_modules/${client}/package.json`).version;
// Unless the client comes to an end.
let result = { outcome: 'none', message: 'neither an answer nor an error' };
process.once('exit', () => console.log(JSON.stringify({ version, ...result })));
clients[client]().then(
  ([outcome, body]) => { result = { outcome, message: `${Buffer.byteLength(body)} bytes` }; },
  (error) => { result = { outcome: 'error', message: told(error) }; },
);
