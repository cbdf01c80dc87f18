/** The document of a run, made of its events: what became of each change, why it waits, and what is said of its end. */
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/engine/change.ts';
import type { EventBody, RunEvent, RunMode } from '../../src/engine/events.ts';
import { historyOf } from '../../src/engine/history.ts';
import { StateError } from '../../src/engine/journal-store.ts';
import type { DiagnosedCause, RunbookConclusion } from '../../src/runbooks/kit.ts';
import { runDocument } from '../../src/report/schemas.ts';
import { runDocumentOf } from '../../src/use-cases/run-document.ts';

function change(before: number, after: number): Change {
  return {
    operation: 'application-autoscaling:RegisterScalableTarget',
    region: 'us-west-2',
    resource: 'nano/nano-api',
    summary: `minCapacity ${before} \u2192 ${after}`,
    before: { minCapacity: before },
    after: { minCapacity: after },
    risk: 'reversible',
    blastRadius: 'nobody',
    input: {},
  };
}

const intended = (stepId: string, what: Change, direction: 'apply' | 'undo' = 'apply') =>
  ({ type: 'change.intended', stepId, direction, change: what, hash: 'h', tokens: {} }) as const;
const answered = (stepId: string, outcome: 'applied' | 'failed' | 'unknown', direction: 'apply' | 'undo' = 'apply') =>
  ({ type: 'change.answered', stepId, direction, outcome }) as const;
const gaveUp = (stepId: string, left: { readonly isAsBefore?: true }) =>
  ({ type: 'change.looked-up', stepId, direction: 'apply', state: 'failed', detail: 'no capacity', ...left }) as const;
const lookedUp = (stepId: string, state: 'done' | 'not-started', direction: 'apply' | 'undo' = 'apply') =>
  ({ type: 'change.looked-up', stepId, direction, state, detail: '' }) as const;

function documentOf(
  bodies: readonly EventBody[],
  mode: RunMode = 'execute',
  more: Partial<Parameters<typeof runDocumentOf>[0]> = {},
) {
  const started: EventBody = {
    type: 'run.started',
    runId: 'r',
    runbook: 'latency',
    title: 'API latency spike',
    mode,
    environment: 'prod',
    steps: [],
  };
  const events = [started, ...bodies].map((body, index): RunEvent => ({ ...body, seq: index + 1, at: index * 1_000 }));
  const document = runDocumentOf({ history: historyOf(events), ...more });
  runDocument.parse(document);
  return document;
}

describe('what became of a change', () => {
  const up = change(6, 7);
  test.each<[string, readonly EventBody[], string]>([
    ['about to be sent when the run died', [intended('a', up)], 'unknown'],
    ['sent, and not answered', [intended('a', up), answered('a', 'unknown')], 'unknown'],
    ['not answered, and seen done', [intended('a', up), answered('a', 'unknown'), lookedUp('a', 'done')], 'applied'],
    ['not answered, and seen not begun', [intended('a', up), lookedUp('a', 'not-started')], 'failed'],
    ['refused', [intended('a', up), answered('a', 'failed')], 'failed'],
    ['made', [intended('a', up), answered('a', 'applied')], 'applied'],
    [
      'being put back',
      [
        intended('a', up),
        answered('a', 'applied'),
        intended('a', change(7, 6), 'undo'),
        answered('a', 'applied', 'undo'),
      ],
      'applied',
    ],
    [
      'put back, as reality shows',
      [intended('a', up), answered('a', 'applied'), intended('a', change(7, 6), 'undo'), lookedUp('a', 'done', 'undo')],
      'reverted',
    ],
  ])('%s', (_name, bodies, status) => {
    expect(documentOf(bodies).mutations.map((mutation) => mutation.status)).toEqual([status]);
  });

  test.each([
    ['given up, with something left of it: it stays', {}, 'applied'],
    ['taken back by AWS', { isAsBefore: true }, 'reverted'],
  ] as const)('%s', (_name, left, status) => {
    const bodies = [intended('a', up), answered('a', 'applied'), gaveUp('a', left)];
    expect(documentOf(bodies).mutations.map((mutation) => mutation.status)).toEqual([status]);
  });

  test.each<[string, readonly EventBody[], string]>([
    ['made', [answered('a', 'applied')], 'done: one task more'],
    ['not answered', [answered('a', 'unknown')], 'begun, and not seen to its end: one task more'],
    ['refused', [answered('a', 'failed')], 'one task more'],
    ['given up', [gaveUp('a', {})], 'begun, and given up (no capacity): one task more'],
    ['taken back', [gaveUp('a', { isAsBefore: true })], 'tried, and put back: one task more'],
  ])('what was advised and is %s is told so', (_name, bodies, summary) => {
    const cause: DiagnosedCause = {
      cause: 'cpu-saturated',
      component: 'nano-api',
      summary: 'the CPU is busy',
      confidence: 0.8,
      rank: 1,
      for: [],
      against: [],
      missing: [],
      remediation: { stepId: 'a', summary: 'one task more' },
    };
    const outcome: RunbookConclusion = { verdict: 'attention', causes: [cause], notes: [], nextSteps: [] };
    const [first] = documentOf([intended('a', up), ...bodies], 'execute', { outcome }).causes;
    expect(first?.remediation).toEqual({ stepId: 'a', summary });
  });

  test('brought back by a later step: the first is reverted, the second made', () => {
    const bodies = [intended('a', up), answered('a', 'applied'), intended('b', change(7, 6)), answered('b', 'applied')];
    expect(documentOf(bodies).mutations.map(({ status }) => status)).toEqual(['reverted', 'applied']);
  });

  test('a later change to something else brings nothing back', () => {
    const bodies = [intended('a', up), answered('a', 'applied'), intended('b', change(7, 5)), answered('b', 'applied')];
    expect(documentOf(bodies).mutations.map(({ status }) => status)).toEqual(['applied', 'applied']);
  });

  test('in a dry run everything is planned', () => {
    const bodies = [intended('a', up), answered('a', 'applied')];
    expect(documentOf(bodies, 'dry-run').mutations).toMatchObject([
      { status: 'planned', before: { minCapacity: 6 }, after: { minCapacity: 7 } },
    ]);
  });
});

describe('how it ended', () => {
  test('a run that waits says why, and what goes on with it', () => {
    const nextSteps = ['nanoops runs resume r'];
    const document = documentOf([
      { type: 'run.suspended', verdict: 'awaiting-approval', reason: 'nobody to ask', nextSteps, durationMs: 5 },
    ]);
    expect(document).toMatchObject({ exitCode: 4, suspended: { reason: 'nobody to ask', nextSteps }, nextSteps });
  });

  test('one that was taken up again does not wait any more', () => {
    const document = documentOf([
      { type: 'run.suspended', verdict: 'awaiting-approval', reason: 'x', nextSteps: [], durationMs: 5 },
      { type: 'run.resumed', by: 'ana', purpose: 'continue', differences: [] },
      { type: 'run.finished', verdict: 'ok', durationMs: 5 },
    ]);
    expect(document).toMatchObject({ exitCode: 0, resumptions: 1 });
    expect(document.suspended).toBeUndefined();
  });

  test('one that died is unknown', () => {
    expect(documentOf([])).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  });

  test('a journal that broke is told as that, and not as a defect', () => {
    const defect = new StateError('unwritable', 'the disk is full', 'make room');
    const document = documentOf([{ type: 'run.finished', verdict: 'failed', durationMs: 5 }], 'execute', { defect });
    expect(document.notes).toEqual(['the run was stopped, since its journal could not be kept: the disk is full']);
    expect(document.nextSteps).toEqual(['make room']);
    const told = documentOf([], 'execute', { defect: new TypeError('oops') });
    expect(told.notes?.[0]).toContain('a defect of nanoops');
  });
});
