/** Past recovery runs, as journals tell them. */
import { sha256 } from '../../src/composition/identity.ts';
import type { EventBody, RunEvent, StepStatus } from '../../src/engine/events.ts';
import { historyOf, type RunHistory } from '../../src/engine/history.ts';
import { recordOf } from '../../src/engine/journal.ts';
import type { JournalRecord } from '../../src/engine/journal-store.ts';
import type { Plain } from '../../src/engine/plain.ts';

export interface Past {
  /** `2026-11-10T15:00:00Z` */
  readonly at: string;
  readonly runbook?: string;
  readonly mode?: 'execute' | 'dry-run' | 'observe';
  /** Where its own clock began; the wall's when absent. */
  readonly startedAt?: string;
  readonly environment?: string;
  readonly service?: string;
  readonly reopen?: { readonly [name: string]: Plain };
  /** By step id: how long it took, and how it ended. */
  readonly steps?: Readonly<Record<string, number | readonly [number, StepStatus]>>;
  readonly rtoMs?: number | null;
  readonly rtoMet?: boolean | null;
  readonly rpoMs?: number | null;
  readonly rpoMet?: boolean | null;
  readonly phases?: Readonly<Record<string, number | null>>;
  readonly databaseMode?: string;
  readonly verdict?: 'ok' | 'attention' | 'unknown' | 'failed';
  /** What it concluded, in place of what the members above say. */
  readonly outcome?: unknown;
  /** Where it stopped; it ended when absent. */
  readonly stopped?: 'died' | 'suspended';
  readonly approvedBy?: string;
}

export const minuteMs = 60_000;

export function runIdOf({ at, runbook = 'region-drill' }: Past): string {
  return `${new Date(Date.parse(at)).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${runbook}-7k2m9x`;
}

function eventsOfPast(past: Past): readonly RunEvent[] {
  const { at, runbook = 'region-drill', mode = 'execute', environment = 'prod', service = 'shop', steps = {} } = past;
  const startedAt = Date.parse(past.startedAt ?? at);
  const bodies: EventBody[] = [
    {
      type: 'run.started',
      runId: runIdOf(past),
      runbook,
      title: 'A drill',
      mode,
      environment,
      steps: Object.keys(steps).map((id) => ({ id, title: `Do ${id}`, kind: 'act', needs: [] })),
      context: { reopen: past.reopen ?? { config: '/etc/nanoops.yaml' }, settings: { service } },
    },
    ...Object.entries(steps).map(([stepId, how]): EventBody => {
      const [durationMs, status] = typeof how === 'number' ? ([how, 'succeeded'] as const) : how;
      return { type: 'step.finished', stepId, status, detail: '', startedAt, durationMs, attempts: 1 };
    }),
    ...(past.approvedBy === undefined
      ? []
      : [{ type: 'approval.given', stepId: 'approve', hash: 'h', by: past.approvedBy, how: 'prompt' } as const]),
    ...endOf(past),
  ];
  return bodies.map((body, index) => ({ seq: index + 1, at: startedAt + index, ...body }));
}

function endOf(past: Past): EventBody[] {
  if (past.stopped === 'died') return [];
  if (past.stopped === 'suspended') {
    return [
      { type: 'run.suspended', verdict: 'awaiting-approval', reason: 'nobody to ask', nextSteps: [], durationMs: 1 },
    ];
  }
  const { rtoMs = null, rtoMet = null, rpoMs = null, rpoMet = null } = past;
  const outcome =
    'outcome' in past
      ? past.outcome
      : {
          verdict: past.verdict ?? 'ok',
          notes: [],
          objectives: {
            rto: {
              targetMs: 60 * minuteMs,
              measuredMs: rtoMs,
              met: rtoMet,
              predictedMs: null,
              wouldMeet: null,
              phases: past.phases ?? {},
            },
            rpo: {
              targetMs: 15 * minuteMs,
              measuredMs: rpoMs,
              met: rpoMet,
              predictedMs: null,
              wouldMeet: null,
              stores: [],
            },
          },
          recovery: {
            kind: 'drill',
            mode: past.databaseMode ?? 'switchover',
            from: 'us-west-2',
            to: 'us-east-1',
            isSimulated: false,
            outageAt: Date.parse(past.at),
          },
        };
  return [{ type: 'run.finished', verdict: past.verdict ?? 'ok', durationMs: 5, outcome }];
}

export function pastHistory(past: Past): RunHistory {
  return historyOf(eventsOfPast(past));
}

export function recordsOfPast(past: Past): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const event of eventsOfPast(past)) {
    records.push(recordOf(event, records.at(-1)?.hash ?? '0'.repeat(64), sha256));
  }
  return records;
}

/** On the simulated AWS, whose clock has a time of its own. */
export const simulated = { reopen: { sandbox: true }, startedAt: '2026-01-01T00:00:00Z', service: 'nano-api' } as const;
