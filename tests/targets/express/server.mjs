// A small supplier API written from the public guide alone; see ../README.md.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';

import { app } from './api.mjs';
import { Worlds } from './worlds.mjs';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    data: { type: 'string', default: ':memory:' },
    'first-key': { type: 'string', default: randomBytes(16).toString('hex') },
    'second-key': { type: 'string', default: randomBytes(16).toString('hex') },
    hook: { type: 'boolean', default: false },
  },
});
const keys = { first: options['first-key'], second: options['second-key'] };
if (keys.first === keys.second) {
  console.error('--second-key equals --first-key: give the two suppliers different keys');
  process.exit(2);
}

const worlds = new Worlds(options.data, keys, options.hook);
const server = app(worlds, { hook: options.hook }).listen(Number(options.port), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
  for (const [supplier, key] of Object.entries(keys)) console.log(`${supplier} key ${key}`);
});
