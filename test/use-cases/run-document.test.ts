/** The document of a run, made of its events: what became of each change, why it waits, and what is said of its end. */
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/engine/change.ts';
import type { EventBody, RunEvent, RunMode } from '../../src/engine/events.ts';
import { historyOf } from '../../src/engine/history.ts';
import { StateError } from '../../src/engine/journal-store.ts';
import type { DiagnosedCause, RunbookConclusion } from '../../src/runbooks/kit.ts';
import { runHtml } from '../../src/report/html/run-html.ts';
import { runJunit } from '../../src/report/run-junit.ts';
import { runMarkdown } from '../../src/report/run-markdown.ts';
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

describe('how long the incident has gone on', () => {
  const finished = (stepId: string, startedAt: number, durationMs: number): EventBody => ({
    type: 'step.finished',
    stepId,
    status: 'succeeded',
    detail: '',
    startedAt,
    durationMs,
    attempts: 1,
  });
  const begun = (kind: 'observe' | 'verify'): EventBody => ({
    type: 'run.started',
    runId: 'r',
    runbook: 'latency',
    title: 'API latency spike',
    mode: 'execute',
    environment: 'prod',
    steps: [{ id: 'down', title: 'It came down', kind, needs: [] }],
  });
  const ongoing: RunbookConclusion = {
    verdict: 'attention',
    symptom: { state: 'ongoing', onset: -14 * 60_000, summary: 'p99 4 s' },
    causes: [],
    notes: [],
    nextSteps: [],
  };
  const helped: RunbookConclusion = { ...ongoing, verdict: 'ok', outcome: { helped: true, summary: 'p99 1 s' } };
  const still = { onset: -14 * 60_000, basis: 'as measured', besides: ', and consider a failover' };
  const young = { due: false, summary: '14 min old (as measured); escalate after 15 min' };

  test('whether to escalate is told as of its end, not as of when it looked', () => {
    const outcome = { ...ongoing, escalation: { ...young, still } };
    expect(documentOf([], 'execute', { outcome }).escalation).toEqual(young);
    const long = Array.from({ length: 120 }, () => finished('down', 0, 1_000));
    expect(documentOf(long, 'execute', { outcome }).escalation).toEqual({
      due: true,
      summary: '16 min old (as measured): page the on-call architect, and consider a failover',
    });
  });

  test('whether to escalate is told as it was, of what was looked at in the past', () => {
    const long = Array.from({ length: 120 }, () => finished('down', 0, 1_000));
    const outcome = { ...ongoing, escalation: young };
    expect(documentOf(long, 'execute', { outcome }).escalation).toEqual(young);
  });

  test('what was seen to be mended is over since then', () => {
    const bodies = [begun('verify'), finished('down', 2_000, 1_500)];
    expect(documentOf(bodies, 'execute', { outcome: helped }).symptom).toEqual({
      state: 'over',
      onset: new Date(-14 * 60_000).toISOString(),
      endedAt: new Date(3_500).toISOString(),
      summary: 'p99 4 s',
    });
  });

  test.each<[string, EventBody, RunMode, RunbookConclusion]>([
    ['was not seen to be mended', begun('verify'), 'execute', ongoing],
    ['was seen mended on a model', begun('verify'), 'dry-run', helped],
    ['no step verified', begun('observe'), 'execute', helped],
  ])('what %s goes on', (_name, start, mode, outcome) => {
    const { symptom } = documentOf([start, finished('down', 2_000, 1_500)], mode, { outcome });
    expect(symptom).toMatchObject({ state: 'ongoing', endedAt: null });
  });
});

describe('what to type next', () => {
  const outcome: RunbookConclusion = {
    verdict: 'attention',
    causes: [
      {
        ...{ cause: 'slow-query', component: 'nano-db', summary: 'a query is slow', confidence: 0.8, rank: 1 },
        ...{ for: [], against: [], missing: [] },
        remediation: { stepId: 'look', summary: 'look', command: 'nanoops diagnose database' },
      },
    ],
    notes: [],
    nextSteps: ['nanoops dr failback --dry-run', 'nanoops runs resume r'],
  };
  const looked: EventBody = {
    ...{ type: 'step.finished', stepId: 'a', status: 'unknown', detail: '', startedAt: 0, durationMs: 0, attempts: 1 },
    nextStep: 'nanoops config show dns',
  };
  const ownOptions = [
    ['-c', 'a.yaml'],
    ['--sandbox', 'region-down'],
  ] as const;

  test('says where to look; a run is found by its id', () => {
    const document = documentOf([looked], 'observe', { outcome, ownOptions });
    expect(document.nextSteps).toEqual([
      'nanoops config show dns -c a.yaml',
      'nanoops dr failback --dry-run -c a.yaml --sandbox region-down',
      'nanoops runs resume r',
    ]);
    expect(document.steps[0]?.nextStep).toBe('nanoops config show dns -c a.yaml');
    expect(document.causes[0]?.remediation?.command).toBe('nanoops diagnose database -c a.yaml --sandbox region-down');
  });

  test('is the same in the run as its journal tells it', () => {
    const started: EventBody = {
      ...{ type: 'run.started', runId: 'r', runbook: 'region-failover', title: '', mode: 'execute' },
      ...{ environment: 'prod', steps: [] },
      context: { settings: { ownOptions: ownOptions.map((each) => [...each]) } },
    };
    const events = [started, looked].map((body, index): RunEvent => ({ ...body, seq: index + 1, at: 0 }));
    expect(runDocumentOf({ history: historyOf(events), outcome }).nextSteps).toContain(
      'nanoops dr failback --dry-run -c a.yaml --sandbox region-down',
    );
  });
});

describe('what was asked of AWS', () => {
  const usage = { calls: 7, mutations: 1, byOperation: { 'ecs:UpdateService': 1 } };

  test('is told by the process that asked, and not known to a journal', () => {
    const told = documentOf([], 'execute', { usage });
    expect(told.api).toEqual(usage);
    const fromJournal = documentOf([]);
    expect(fromJournal.api).toEqual({ calls: null, mutations: null, byOperation: {} });
    expect(runMarkdown(told)).toContain('7 calls, 1 change.');
    expect(runMarkdown(fromJournal)).toContain('Not known: a journal does not hold it.');
    expect(runHtml(fromJournal)).toContain('Not known: a journal does not hold it.');
    expect(runJunit(told)).toContain('aws-calls');
    expect(runJunit(fromJournal)).not.toContain('aws-c');
  });

  test('of a run that was taken up again is said to be of that process alone', () => {
    const resumed: EventBody = { type: 'run.resumed', by: 'ana', purpose: 'continue', differences: [] };
    expect(runMarkdown(documentOf([resumed], 'execute', { usage }))).toContain(
      '7 calls, 1 change, since it was taken up again.',
    );
  });
});
