// Rehearses a worker in a test, and returns the JSON report.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = process.env.SUPPLIER_SANDBOX_PROGRAM ?? 'supplier-sandbox';

export async function rehearse(command, options = []) {
  const directory = await mkdtemp(join(tmpdir(), 'rehearse-'));
  try {
    const file = join(directory, 'report.json');
    const words = ['rehearse', ...options, '--report', `json=${file}`, '--', ...command];
    const [code] = await once(spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] }), 'close');
    // 0: nothing found, 1: something found. All else is told on stderr.
    if (code !== 0 && code !== 1) throw new Error(`supplier-sandbox rehearse ended with exit code ${code}`);
    return JSON.parse(await readFile(file, 'utf8'));
  } finally {
    await rm(directory, { recursive: true });
  }
}
