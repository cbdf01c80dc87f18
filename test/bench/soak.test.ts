/** The soak finds what is left behind, and by the kind that it is of. */
import { join } from 'node:path';
import { execaNode } from 'execa';
import { expect, test } from 'vitest';
import { isPatient } from '../support/tier.ts';

const script = join(import.meta.dirname, '../../bench/soak.js');

function soak(...args: string[]) {
  return execaNode(script, args, { reject: false });
}

// Ten samples after the warming up, each after a run that opens files and sockets.
const wired = ['--runs', '13', '--wired', '1'];

test('a file and a connection that each run leaves open are found', async () => {
  const { exitCode, stdout } = await soak(...wired, '--leak-handles');
  expect(stdout).toMatch(/^13 runs of seeds 1 to 13 in one process, 13 of them wired/m);
  expect(stdout).toMatch(/^open files .* GROWS$/m);
  expect(exitCode).toBe(1);
}, 600_000);

test.runIf(isPatient)(
  'where nothing is left open nothing is found, and runs act',
  async () => {
    const { stdout } = await soak(...wired);
    expect(stdout).toMatch(/^13 runs of .*, 13 of them wired with [1-9]\d* changes, 0 failed/m);
    for (const what of ['handles', 'open files']) expect(stdout).toMatch(new RegExp(`^${what} .* steady$`, 'm'));
  },
  600_000,
);

test.runIf(isPatient)(
  'texts that each run leaves behind are found',
  async () => {
    const { exitCode, stdout } = await soak('--runs', '200', '--wired', '1000', '--leak');
    expect(stdout).toMatch(/^heap, MB .* GROWS$/m);
    expect(stdout).toMatch(/^open files .* steady$/m);
    expect(exitCode).toBe(1);
  },
  1_200_000,
);
