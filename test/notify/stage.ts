/** What the tests of this folder share: a notification, and a virtual clock that bears real sockets. */
import type { NotifiedIncident, Notification } from '../../src/cloud/notifier.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';

export const startMs = Date.UTC(2026, 10, 23, 11, 4, 10);

export const notification: Notification = {
  key: '20261123T110300Z-latency-7k2m9x/high',
  severity: 'critical',
  title: 'nano-api prod: p99 is 4.2 s',
  text: 'The database waits for locks.\nEnd the blocking session \u2013 see below.',
  service: 'nano-api',
  environment: 'prod',
  runId: '20261123T110300Z-latency-7k2m9x',
  runbook: 'latency',
  at: startMs,
};

/** The same of an incident, which no run tells. */
export function ofIncident(
  change: NotifiedIncident['change'],
  { severity = 'SEV-1', id = 'INC-7', publicText = 'We are looking into it.' }: Partial<NotifiedIncident> = {},
): Notification {
  const { runId: _run, runbook: _runbook, ...rest } = notification;
  return { ...rest, key: `${id}/${change}/${publicText}`, incident: { id, severity, change, publicText } };
}

/** A signal that never aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

export interface SocketClock extends Clock {
  /** Says that what is under way will not be answered, so that time may pass over it. */
  stall(): void;
}

/** Stands still while a request is under way, like any virtual clock, until somebody says that it hangs. */
export function socketClock(): SocketClock {
  const virtual = new VirtualClock(startMs);
  const gates = new Set<() => void>();
  return {
    now: () => virtual.now(),
    sleep: (durationMs, signal) => virtual.sleep(durationMs, signal),
    stall: () => gates.forEach((open) => open()),
    async busy(work) {
      let open = (): void => {};
      const opened = new Promise<void>((resolve) => (open = resolve));
      gates.add(open);
      const begun: ReturnType<typeof work>[] = [];
      await virtual.busy(() => {
        const result = work();
        begun.push(result);
        return Promise.race([result, opened]);
      });
      gates.delete(open);
      const [result] = begun;
      if (result === undefined) throw new Error('the work was not begun');
      return result;
    },
  };
}

export function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
