/** What an event bus is told of a run, in the documented form. */
import { describe, expect, test } from 'vitest';
import { eventOf } from '../../src/cloud/event.ts';
import type { EventBody } from '../../src/engine/events.ts';
import { runEventOf } from '../../src/notify/run-event.ts';
import { eventDocument } from '../../src/report/schemas.ts';
import { notification, ofIncident, startMs } from './stage.ts';

const about = { service: 'nano-api', environment: 'prod', runId: 'run-1', runbook: 'latency', isDrill: false };
const started: EventBody = {
  type: 'run.started',
  runId: 'run-1',
  runbook: 'latency',
  title: 'API latency spike',
  mode: 'execute',
  environment: 'prod',
  steps: [],
};
const finished = (outcome?: unknown): EventBody => ({
  type: 'run.finished',
  verdict: 'ok',
  durationMs: 9_000,
  outcome,
});
const asked: EventBody = {
  type: 'approval.requested',
  stepId: 'scale-up',
  kind: 'approve',
  question: 'One task more?',
  facts: ['3 run'],
  changes: [],
  hash: 'abc',
  deadlineAt: startMs + 60_000,
};

/** The event, which must be as documented. */
function told(body: EventBody, more: Partial<typeof about> = {}) {
  const event = runEventOf({ ...body, seq: 4, at: startMs }, { ...about, ...more });
  return event === undefined ? undefined : eventDocument.strict().parse(event);
}

test.each([
  [started, { type: 'run', change: 'started' }],
  [finished(), { type: 'run', change: 'finished', run: { verdict: 'ok', durationMs: 9_000 } }],
  [
    { type: 'run.suspended', verdict: 'awaiting-approval', reason: 'scale-up waits', nextSteps: [], durationMs: 1 },
    { type: 'run', change: 'suspended', text: 'scale-up waits', run: { verdict: 'awaiting-approval' } },
  ],
  [
    { type: 'run.resumed', by: 'ana', purpose: 'continue', differences: [] },
    { type: 'run', change: 'resumed' },
  ],
  [
    asked,
    {
      type: 'approval',
      change: 'requested',
      approval: { step: 'scale-up', question: 'One task more?', hash: 'abc', deadlineAt: '2026-11-23T11:05:10.000Z' },
    },
  ],
  [
    { type: 'approval.given', stepId: 'scale-up', hash: 'abc', by: 'ana', how: 'prompt' },
    { type: 'approval', change: 'given', approval: { by: 'ana' } },
  ],
  [
    { type: 'approval.declined', stepId: 'scale-up', hash: 'abc', by: 'ana' },
    { type: 'approval', change: 'declined', approval: { by: 'ana' } },
  ],
  [
    { type: 'approval.lapsed', stepId: 'scale-up', hash: 'abc', reason: 'the plan changed' },
    { type: 'approval', change: 'lapsed' },
  ],
] as const satisfies readonly (readonly [EventBody, object])[])('$type is told', (body, expected) => {
  expect(told(body)).toMatchObject({ id: 'run-1#4', service: 'nano-api', at: '2026-11-23T11:04:10.000Z', ...expected });
});

test.each([
  { type: 'step.started', stepId: 'a' },
  { type: 'step.progressed', stepId: 'a', detail: 'waits' },
  { type: 'lease.acquired', resource: 'r', token: 1 },
] as const)('$type is for the journal alone', (body) => {
  expect(told(body)).toBeUndefined();
});

describe('a drill', () => {
  const drill = { runbook: 'region-drill', isDrill: true };

  test('is told as that', () => {
    expect(told(started, drill)).toMatchObject({ type: 'drill', change: 'started' });
  });

  test('tells what was reached of its objectives; what was not measured is null, never zero', () => {
    const outcome = { objectives: { rto: { measuredMs: 812_000 }, rpo: { measuredMs: null } } };
    expect(told(finished(outcome), drill)?.run).toMatchObject({ rtoMs: 812_000, rpoMs: null });
    expect(told(finished({ causes: [] }), drill)?.run).not.toHaveProperty('rtoMs');
  });
});

test.each([
  ['a message', eventOf(notification), { type: 'message', change: 'told' }],
  ['an incident', eventOf(ofIncident('acknowledged')), { type: 'incident', change: 'acknowledged' }],
  ['a test', eventOf(notification, true), { type: 'test' }],
])('%s is as documented', (_what, event, expected) => {
  expect(eventDocument.strict().parse(event)).toMatchObject(expected);
});
