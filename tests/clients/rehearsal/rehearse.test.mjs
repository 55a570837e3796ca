// Tests of workers by rehearsals:
//
//   node --test rehearse.test.mjs

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rehearse } from './rehearse.mjs';

const short = ['--env', 'TIMEOUT_MS=1000', '--env', 'RETRY_MS=20'];

test('the worker loses and doubles nothing', async () => {
  const { findings } = await rehearse(['node', 'careful.mjs'], [...short, '--budget', '10']);
  assert.deepEqual(findings.map(({ label, what, advice }) => `${label}: ${what}. ${advice}`), []);
});

test('a delivery whose answer is lost is not made with other accounts', async () => {
  const options = [...short, '--replay', 'close-after@update:1:1/1'];
  const { findings: [finding] } = await rehearse(['node', 'naive.mjs'], options);
  assert.equal(finding.rule, 'rehearsal.nothing-doubled');
});

test('a worker that cannot be run fails the test', async () => {
  await assert.rejects(rehearse(['node', 'no-such-worker.mjs']), /exit code 3/);
});
