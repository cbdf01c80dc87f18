/** What stays, and what is put back, where a task more helped in part, or where somebody else had started it. */
import { describe, expect, test } from 'vitest';
import type { AnyStep, Settled } from '../../../src/engine/step.ts';
import { pollLatency } from '../../../src/runbooks/latency-verified.ts';
import { latencyDown, restoreMinimum, scaleOutPlan, scaleOutStep } from '../../../src/runbooks/latency/acting.ts';
import { scaledOut } from '../../../src/runbooks/latency/acting.ts';
import { countChange, reverseCountOf } from './counts.ts';

const known = (value: unknown): Settled<unknown> => ({ known: true, value });
const change = countChange;

function skipReason(made: boolean, partly: boolean): string | undefined {
  const results = new Map<AnyStep, Settled<unknown>>([
    [scaleOutPlan, known({ change, restore: reverseCountOf(change), tasks: 7, grounds: [] })],
    [scaleOutStep, known({ change, made })],
    [scaledOut, known({ at: 0 })],
    [latencyDown, known({ p99: partly ? 2.4 : 1.2, partly, assumed: false })],
  ]);
  const { body } = restoreMinimum;
  if (body.form !== 'change') throw new TypeError('it changes nothing');
  return body.skip(results, undefined as never); // It asks for no setting.
}

describe('the minimum is put back', () => {
  test('where this run raised it and latency is within its target', () => {
    expect(skipReason(true, false)).toBeUndefined();
  });

  test.each([
    ['somebody else raised it', false, false, /has not touched/],
    ['latency is still above its target', true, true, /still above its target/],
  ] as const)('not where %s', (_when, made, partly, reason) => {
    expect(skipReason(made, partly)).toMatch(reason);
  });
});

const minuteMs = 60_000;
const changedAt = Date.UTC(2026, 10, 23, 12);

async function polled(p99: number, minutesLater: number) {
  const now = changedAt + minutesLater * minuteMs;
  const points = Array.from({ length: 30 }, (_item, index) => ({ at: changedAt + index * minuteMs, value: p99 }));
  const latencyP99 = {
    label: 'p99',
    unit: 's',
    periodMs: minuteMs,
    points,
    source: { operation: '', region: '', detail: '' },
  };
  const context = {
    ports: { facts: { apiTraffic: () => Promise.resolve({ latencyP99 }) } },
    settings: {
      site: { region: 'us-west-2', api: { region: 'us-west-2', loadBalancer: 'app/a/1' } },
      objectives: { apiLatencyP99: { target: 2, alert: 3 } },
    },
    clock: { now: () => now },
    signal: new AbortController().signal,
  };
  // Only what is asked of it: one fact, two settings and the time.
  return pollLatency(changedAt, context as never);
}

describe('latency after a change', () => {
  test.each([
    ['within its target', 1.5, 8, { state: 'reached', output: { partly: false } }],
    ['below its alert threshold, early', 2.5, 8, { state: 'waiting' }],
    ['below its alert threshold, after ten minutes', 2.5, 11, { state: 'reached', output: { partly: true } }],
    ['above its alert threshold, after ten minutes', 3.5, 11, { state: 'waiting' }],
    ['before three whole minutes are measured', 1.5, 5, { state: 'waiting' }],
  ] as const)('%s', async (_when, p99, minutesLater, expected) => {
    expect(await polled(p99, minutesLater)).toMatchObject(expected);
  });
});
