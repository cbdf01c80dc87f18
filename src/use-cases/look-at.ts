/**
 * Some look-ups at once, each of which may fail without the others: for commands that are no runbook and no check. Looks,
 * and changes nothing.
 */
import type { ApiUsage } from '../cloud/cloud.ts';
import type { Facts } from '../cloud/facts.ts';
import type { Known } from '../diagnosis/known.ts';
import { run } from '../engine/run.ts';
import { runbook, type Conclusion } from '../engine/runbook.ts';
import { settled, type Step } from '../engine/step.ts';
import { stepsFor } from '../engine/steps-for.ts';
import { newRunId } from './run-id.ts';
import type { Session } from './session.ts';

export interface Look<T> {
  readonly title: string;
  readonly calls: readonly string[];
  readonly run: (facts: Facts) => Promise<T>;
  readonly detail: (found: T) => string;
}

export type Looks<T> = { readonly [Key in keyof T]: Look<T[Key]> };

export interface Looked<T> {
  readonly found: { readonly [Key in keyof T]: Known<T[Key]> };
  /** ISO 8601. */
  readonly at: string;
  readonly api: ApiUsage;
}

interface Ports {
  readonly facts: Facts;
}

interface LookedConclusion extends Conclusion {
  readonly ended: Readonly<Record<string, Known<unknown>>>;
}

const { observe, decide } = stepsFor<Ports, object>();

/** @throws what opening the session throws, and the signal's reason where it was interrupted. */
export async function lookAt<T extends object>(
  session: Session,
  { id, region, timeoutMs }: { readonly id: string; readonly region: string; readonly timeoutMs?: number | undefined },
  looks: Looks<T>,
): Promise<Looked<T>> {
  const { clock, random, signal, cloud, stack } = session;
  const named: readonly (readonly [string, Look<never>])[] = Object.entries(looks);
  const steps: readonly (readonly [string, Step<string, unknown, Ports, object>])[] = named.map(([key, look]) => [
    key,
    observe(key, {
      title: look.title,
      calls: look.calls,
      run: (_needs: object, { ports }: { ports: Ports }): Promise<never> => look.run(ports.facts),
      detail: look.detail,
    }),
  ]);
  const conclusion = decide('looked', {
    title: 'What was found',
    needs: Object.fromEntries(steps.map(([key, step]) => [key, settled(step)])),
    // Whatever it is: the caller judges.
    run: (ended): LookedConclusion => ({ verdict: 'ok', ended: ended as LookedConclusion['ended'] }),
    detail: () => `${steps.length} look-ups`,
  });
  await session.verify(region);
  const calls = named.flatMap(([, look]) => look.calls);
  cloud.prepare(region, calls);
  const { outcome, defect, endedAt } = await run({
    runbook: runbook({
      id,
      title: 'Looking',
      summary: 'Looks',
      steps: [...steps.map(([, step]) => step), conclusion],
      conclusion,
    }),
    runId: newRunId(id, clock.now(), random),
    mode: 'observe',
    environment: stack.environment,
    ports: { facts: cloud.facts },
    settings: {},
    clock,
    random,
    signal,
    timeoutMs,
    emit: session.emit,
  });
  if (outcome === undefined) throw defect ?? signal.reason ?? new TypeError('the look-ups were not concluded');
  return {
    // Each step's value has the type of its look.
    found: outcome.ended as Looked<T>['found'],
    at: new Date(endedAt).toISOString(),
    api: cloud.usage(),
  };
}
