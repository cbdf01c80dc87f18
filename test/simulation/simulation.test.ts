/**
 * Emergencies by the seed: nothing happens in them that must not. A few seeds here, more of them in `npm run test:all`, and
 * as many as one likes with `npm run simulate`, which CI runs as well.
 */
import { expect, test } from 'vitest';
import { inTier } from '../support/tier.ts';
import { play } from './play.ts';
import { mishapKinds, scriptOf } from './script.ts';
import { simulateSeed } from './simulate.ts';

/** About a second of processor time each. */
const seeds = inTier({ all: 400, some: 8 });
const perTest = 4;

test.each(Array.from({ length: seeds / perTest }, (_each, index) => index * perTest + 1))(
  'from seed %i on',
  async (first) => {
    for (let seed = first; seed < first + perTest; seed += 1) {
      const { failure } = await simulateSeed(seed);
      expect(failure, `npm run simulate -- --seed ${seed}`).toBeUndefined();
    }
  },
  600_000,
);

test('a failover that is aborted after its process died says that the writer that was left may go on', async () => {
  // The shortest script of what a seed found: the run ended with attention, and its report said nothing of two writers.
  const outcome = await play({
    ...scriptOf(1),
    scenario: 'split-brain-risk',
    runbooks: ['region-failover'],
    mode: 'execute',
    answers: 'yes',
    afterwards: 'abort',
    mishaps: [
      { kind: 'killed', moment: { at: 'after-record', count: 132 }, afterMs: 30_000, build: 'same', host: 'other' },
    ],
  });
  expect(outcome.violations).toEqual([]);
  expect(outcome.verdicts).toEqual(['attention']);
}, 120_000);

test('a failover that AWS took back while nobody ran is told so by whoever goes on, who then offers the restore', async () => {
  // The shortest script of what a seed found: it was told as never made, and the run ended there.
  const outcome = await play({
    ...scriptOf(1),
    scenario: 'failover-fails',
    runbooks: ['database-unavailable'],
    mode: 'execute',
    answers: 'yes',
    afterwards: 'continue',
    mishaps: [
      { kind: 'killed', moment: { at: 'after-call', count: 1 }, afterMs: 300_000, build: 'other', host: 'same' },
    ],
  });
  expect(outcome.violations).toEqual([]);
  // The failover, a new cluster from the backups, and its instance.
  expect(outcome.changes).toBe(3);
}, 120_000);

test('a failover that parts the clusters says before and after that the old one is a writer still', async () => {
  // The shortest script of what a seed found: an impaired region, whose tasks were stopped, kept a cluster of its own unsaid.
  const outcome = await play({
    ...scriptOf(1),
    scenario: 'version-mismatch',
    runbooks: ['region-failover'],
    mode: 'execute',
    answers: 'yes',
    afterwards: 'continue',
    mishaps: [{ kind: 'region-hangs', fromMs: 0, forMs: 5_000, region: 'primary' }],
  });
  expect(outcome.violations).toEqual([]);
  expect(outcome.changes).toBeGreaterThan(3);
}, 120_000);

test('every kind of mishap is drawn, and a script is the same each time', () => {
  const scripts = Array.from({ length: 500 }, (_each, index) => scriptOf(index + 1));
  const drawn = new Set(scripts.flatMap(({ mishaps }) => mishaps.map(({ kind }) => kind)));
  expect([...drawn].toSorted()).toEqual([...mishapKinds].toSorted());
  expect(scriptOf(17)).toEqual(scripts[16]);
});

test('a process that dies is taken up again, by another build on another host too', async () => {
  const outcome = await play({
    ...scriptOf(1),
    scenario: 'cpu-saturated',
    runbooks: ['latency'],
    mode: 'execute',
    answers: 'yes',
    afterwards: 'continue',
    mishaps: [
      { kind: 'killed', moment: { at: 'after-call', count: 1 }, afterMs: 1_000, build: 'other', host: 'other' },
    ],
  });
  expect(outcome.violations).toEqual([]);
  expect(outcome.faults).toEqual({ killed: 1 });
  expect(outcome.resumptions).toBeGreaterThan(0);
  expect(outcome.verdicts).not.toContain('waits');
  expect(outcome.changes).toBeGreaterThan(0);
}, 120_000);

test('a dry run that dies is rehearsed anew, and never taken up on the stack itself', async () => {
  const outcome = await play({
    ...scriptOf(1),
    scenario: 'crash-loop-deployment-in-progress',
    runbooks: ['crash-loop'],
    mode: 'dry-run',
    answers: 'yes',
    afterwards: 'continue',
    mishaps: [
      { kind: 'killed', moment: { at: 'before-record', count: 11 }, afterMs: 1_000, build: 'other', host: 'same' },
    ],
  });
  expect(outcome.violations).toEqual([]);
  expect(outcome).toMatchObject({ faults: { killed: 1 }, changes: 0, resumptions: 0 });
}, 120_000);
