/** A stage for runs: a virtual clock, a trace of events, and steps that take the time they are told. */
import { run, type RunOptions, type RunResult } from '../../src/engine/run.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { runbook, type Conclusion, type Runbook } from '../../src/engine/runbook.ts';
import type { Step } from '../../src/engine/step.ts';
import { stepsFor } from '../../src/engine/steps-for.ts';
import type { ErrorClass } from '../../src/engine/errors.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';

export interface Ports {
  readonly ask: (what: string) => Promise<number>;
}

export interface Settings {
  readonly limit: number;
}

export const { observe, decide } = stepsFor<Ports, Settings>();

export type AStep = Step<string, unknown, Ports, Settings>;
export type ARunbook = Runbook<Conclusion, Ports, Settings>;

export const startMs = Date.UTC(2026, 10, 23, 10);

/** What a cloud adapter throws: it says its class itself. */
export class Trouble extends Error {
  readonly errorClass: ErrorClass;

  constructor(errorClass: ErrorClass, message = `trouble: ${errorClass}`) {
    super(message);
    this.errorClass = errorClass;
  }
}

/** A runbook of these steps that concludes `ok` whatever they found. */
export function runbookOf(...steps: readonly AStep[]): ARunbook {
  const end = decide('end', { title: 'End', run: () => ({ verdict: 'ok' as const }), detail: () => 'concluded' });
  return runbook({ id: 'test', title: 'Test', summary: 'A test', steps: [...steps, end], conclusion: end });
}

/** A step that takes `ms` on the clock and yields its own id. */
export function takes<const Id extends string, const N extends Record<string, AStep> = Record<never, never>>(
  id: Id,
  ms: number,
  needs?: N,
) {
  return observe(id, {
    title: id,
    needs,
    run: async (_needs, { clock, signal }) => {
      await clock.sleep(ms, signal);
      return id;
    },
    detail: (output) => output,
  });
}

export interface Staged {
  readonly result: RunResult<Conclusion>;
  readonly events: readonly RunEvent[];
  /** Milliseconds since the start, on the run's clock. */
  readonly elapsedMs: number;
}

export async function play(
  book: ARunbook,
  options: Partial<RunOptions<Conclusion, Ports, Settings>> & { readonly clock?: VirtualClock } = {},
): Promise<Staged> {
  const events: RunEvent[] = [];
  const clock = options.clock ?? new VirtualClock(startMs);
  const result = await run({
    runbook: book,
    runId: 'run-1',
    mode: 'observe',
    environment: 'prod',
    ports: { ask: () => Promise.resolve(0) },
    settings: { limit: 7 },
    clock,
    random: () => 0.5,
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
    ...options,
  });
  return { result, events, elapsedMs: clock.now() - startMs };
}

/** How a step ended. */
export function recordOf({ result }: Staged, stepId: string) {
  const found = result.steps.find((step) => step.stepId === stepId);
  if (found === undefined) throw new Error(`no record of step "${stepId}"`);
  return found;
}

export function eventsOf<T extends RunEvent['type']>({ events }: Pick<Staged, 'events'>, type: T) {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
}
