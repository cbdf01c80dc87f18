/** The simulation as a command: how many seeds it has to play. What it plays is tested in test/simulation. */
import { join } from 'node:path';
import { execaNode } from 'execa';
import { expect, test } from 'vitest';

const script = join(import.meta.dirname, '../../bench/simulate.js');

function simulate(...args: string[]) {
  return execaNode(script, ['--workers', '1', ...args], { reject: false });
}

test('where fewer seeds are played in time than are wanted at least, it fails, and says how many they were', async () => {
  const wanted = ['--seeds', '100000', '--within', '1'];
  const few = await simulate(...wanted, '--at-least', '100000');
  expect(few.stdout).toMatch(/^seeds +\d+, 0 failed; 1 s were over before the other \d+$/m);
  expect(few.stdout).toMatch(/^too few: \d+ played in 1 s, and 100000 are wanted at least\. /m);
  expect(few.exitCode).toBe(1);
}, 600_000);

test('where as many are played as are wanted, it passes', async () => {
  const { exitCode, stdout } = await simulate('--seeds', '1', '--within', '100000', '--at-least', '1');
  expect(stdout).toMatch(/^seeds +1, 0 failed$/m);
  expect(stdout).not.toContain('too few');
  expect(exitCode).toBe(0);
}, 600_000);

test('more than there are cannot be wanted', async () => {
  const { exitCode, stderr } = await simulate('--seeds', '2', '--at-least', '3');
  expect(stderr).toContain('--at-least 3 cannot be met by --seeds 2.');
  expect(exitCode).toBe(1);
});
