/** Writes a run's journal of as many events as are wanted, through the store and the chain of hashes that runs use. */
import type { EventBody, RunEvent } from '../../src/engine/events.ts';
import { Journal } from '../../src/engine/journal.ts';
import { fileJournalStore } from '../../src/state/file-journal.ts';
import { sha256 } from '../../src/use-cases/sha256.ts';

/** What a run writes at once: a sync costs the same for one record and for many. */
const batch = 64;
const steps = 40;
const beganAt = Date.UTC(2026, 10, 23, 11, 3, 0);

/** A run that waits for very long: most of its events say how far something has come. */
export async function writeJournal(folder: string, runId: string, events: number): Promise<void> {
  const clock = {
    now: () => beganAt,
    sleep: () => Promise.resolve(),
    busy: <T>(work: () => Promise<T>): Promise<T> => work(),
  };
  const journal = new Journal(fileJournalStore(folder), runId, { digest: sha256, clock });
  for (let seq = 1; seq <= events; seq += 1) {
    const event: RunEvent = { seq, at: beganAt + seq * 1_000, ...bodyOf(seq, events, runId) };
    journal.add(event);
    if (seq % batch === 0) await journal.synced();
  }
  await journal.synced();
}

function bodyOf(seq: number, events: number, runId: string): EventBody {
  if (seq === 1) {
    return {
      type: 'run.started',
      runId,
      runbook: 'latency',
      title: 'API latency spike',
      mode: 'execute',
      environment: 'prod',
      steps: Array.from({ length: steps }, (_, index) => ({
        id: `step-${index}`,
        title: `What is looked at in step ${index}`,
        kind: 'observe',
        needs: index === 0 ? [] : [`step-${index - 1}`],
      })),
    };
  }
  if (seq === events) return { type: 'run.finished', verdict: 'attention', durationMs: events * 1_000 };
  const share = Math.floor((seq / events) * steps);
  const stepId = `step-${share}`;
  switch (seq % 100) {
    case 2:
      return { type: 'step.started', stepId };
    case 40:
      return {
        type: 'step.retried',
        stepId,
        attempt: 1,
        delayMs: 1_200,
        errorClass: 'throttled',
        reason: 'Rate exceeded: ecs DescribeServices in us-west-2',
      };
    case 60:
      return { type: 'lease.acquired', resource: 'ecs:us-west-2/nano/nano-api', token: seq };
    case 99:
      return {
        type: 'step.finished',
        stepId,
        status: 'succeeded',
        detail: `${seq} of ${events} looked at: “nano-api” runs 12 of 12 tasks, p95 of 410 ms`,
        startedAt: beganAt + (seq - 97) * 1_000,
        durationMs: 97_000,
        attempts: 1,
      };
    default:
      return {
        type: 'step.progressed',
        stepId,
        detail: `${seq % 12} of 12 new tasks run, rollout in-progress (service nano-api in us-west-2)`,
      };
  }
}
