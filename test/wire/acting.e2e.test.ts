/**
 * A run that changes something, while the answer to its change goes wrong on the way back: the change is made once, the run
 * looks what became of it, and tells the truth.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { Served } from '../e2e/served.ts';
import { inTier } from '../support/tier.ts';
import { faultProxy, type Fault, type FaultProxy } from './fault-proxy.ts';

let served: Served | undefined;
let proxy: FaultProxy | undefined;
afterEach(async () => {
  await proxy?.close();
  await served?.close();
});

const change = 'UpdateService';
const answers = inTier<readonly Fault[]>({
  all: [
    'cut',
    'short',
    'reset',
    'reset-midway',
    'silent',
    'drip',
    'empty',
    'page',
    'page-as-answer',
    'gateway',
    'redirect',
    'wrong-type',
    'noise',
    'long-headers',
    'huge',
    'huge-member',
    'deep',
  ],
  some: ['cut'],
});

describe('where the answer to a change is lost', { timeout: 120_000 }, () => {
  test.each(answers)('%s: the change was made once, was found, and is told as applied', async (fault) => {
    served = await Served.start('crash-loop', 90, { outside: false });
    proxy = await faultProxy(served.url);
    proxy.fault = ({ operation }) => (operation === change ? fault : undefined);
    // Of the simulated time, of which a minute and a half passes in a second.
    const words = ['diagnose', 'crash-loop', '--fix', '--yes', '--json', '--timeout', '2h'];
    const { exitCode, stdout, stderr } = await served.start(...words, '-c', served.config, '--endpoint-url', proxy.url)
      .ended;
    expect(stderr).toBe('');
    const document = JSON.parse(stdout);
    expect(document.exitCode).toBe(exitCode);
    expect(proxy.asked.filter((operation) => operation === change)).toHaveLength(1);
    expect(document.mutations.map(({ status }: { readonly status: string }) => status)).toEqual(['applied']);
    const [runId = ''] = await served.runIds();
    const journal = await served.journal(runId);
    expect(journal.filter(({ type }) => type === 'change.intended')).toHaveLength(1);
    expect(journal.find(({ type }) => type === 'change.answered')).toMatchObject({ outcome: 'unknown' });
    expect(journal.some(({ type }) => type === 'change.looked-up')).toBe(true);
    expect((await served.run('runs', 'verify', runId)).exitCode).toBe(0);
  });
});
