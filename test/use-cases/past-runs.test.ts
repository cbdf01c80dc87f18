/** What the stores hold of past drills: damaged, newer, too many, too slow. */
import { describe, expect, test } from 'vitest';
import { StateError, type JournalStore, type StateErrorKind } from '../../src/engine/journal-store.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import { drillHistory, type HistoryWanted } from '../../src/use-cases/drill-history.ts';
import { loadPredictions, loadRecoveryHistories } from '../../src/use-cases/past-runs.ts';
import type { StateStore, Stores } from '../../src/use-cases/stores.ts';
import { listDocument } from '../../src/report/schemas.ts';
import { minuteMs, recordsOfPast, runIdOf, simulated, type Past } from '../drills/past.ts';

async function storeOf(name: string, ...pasts: readonly Past[]): Promise<StateStore> {
  const { journals, leases } = memoryState();
  for (const past of pasts) await journals.append(runIdOf(past), recordsOfPast(past));
  return { name, journals: { ...journals, name }, leases };
}

/** A store in which one run, or everything, cannot be read. */
function spoilt(store: StateStore, kind: StateErrorKind, only?: Past): StateStore {
  const refuse = (what: string) => Promise.reject(new StateError(kind, `${what} is ${kind}`, 'look at it'));
  const journals: JournalStore = {
    ...store.journals,
    list: () => (only === undefined ? refuse('the list') : store.journals.list()),
    read: (runId) =>
      only === undefined || runId === runIdOf(only) ? refuse(`the journal of ${runId}`) : store.journals.read(runId),
  };
  return { ...store, journals };
}

function storesOf(own: StateStore, ...others: readonly StateStore[]): Stores {
  return { own, all: [own, ...others] };
}

const wanted: HistoryWanted = {
  cwd: '/nonexistent',
  isSandbox: false,
  nowMs: Date.parse('2026-11-26T15:00:00Z'),
  maxAge: undefined,
};
const october: Past = { at: '2026-10-13T15:00:00Z', rtoMs: 20 * minuteMs, rtoMet: true, steps: { promote: 60_000 } };
const november: Past = { at: '2026-11-10T15:00:00Z', rtoMs: 18 * minuteMs, rtoMet: true, steps: { promote: 50_000 } };

describe('the history of drills', () => {
  test('is newest first, of all stores, and of recovery runs only', async () => {
    const { document, exitCode } = await drillHistory(
      storesOf(await storeOf('a', october), await storeOf('b', november, { ...november, runbook: 'latency' })),
      wanted,
    );
    expect(exitCode).toBe(0);
    expect(listDocument.parse(document).items).toMatchObject([
      { id: runIdOf(november), kind: 'drill', store: 'b', at: '2026-11-10T15:00:00.000Z', rtoMs: 18 * minuteMs },
      { id: runIdOf(october), store: 'a' },
    ]);
    expect(document.trend.real.drills).toBe(2);
    const { real, simulated: onlySimulated, never, steps } = document.coverage;
    expect(steps.length).toBeGreaterThan(0);
    expect(real + onlySimulated + never).toBe(steps.length);
  });

  test.each<StateErrorKind>(['corrupt', 'newer-version', 'unreadable'])(
    'a journal that is %s is listed as that, and hides no other',
    async (kind) => {
      const store = spoilt(await storeOf('a', october, november), kind, november);
      const { document, exitCode } = await drillHistory(storesOf(store), wanted);
      expect(exitCode).toBe(0);
      expect(document.items).toMatchObject([
        { id: runIdOf(november), kind: 'drill', verdict: 'unreadable', rtoMs: null, nextStep: 'look at it' },
        { id: runIdOf(october), verdict: 'ok' },
      ]);
    },
  );

  test('a journal whose beginning is lost is unreadable', async () => {
    const store = await storeOf('a', october);
    const journals: JournalStore = {
      ...store.journals,
      read: async (runId) => {
        const { records, torn } = await store.journals.read(runId);
        return { records: records.slice(1), torn };
      },
    };
    const { document } = await drillHistory(storesOf({ ...store, journals }), wanted);
    expect(document.items).toMatchObject([{ id: runIdOf(october), verdict: 'unreadable' }]);
  });

  test('a store that cannot be read is told, with 3; no store that can is an error', async () => {
    const broken = spoilt(await storeOf('the table', november), 'unreadable');
    const { document, exitCode } = await drillHistory(storesOf(broken, await storeOf('a', october)), wanted);
    expect(exitCode).toBe(3);
    expect(document.items).toMatchObject([{ id: 'the table', kind: 'store' }, { id: runIdOf(october) }]);
    await expect(drillHistory(storesOf(broken), wanted)).rejects.toThrow('the list is unreadable');
  });

  test('runs that died or wait are listed without times', async () => {
    const died: Past = { at: '2026-11-12T15:00:00Z', stopped: 'died' };
    const waits: Past = { at: '2026-11-11T15:00:00Z', stopped: 'suspended' };
    const { document } = await drillHistory(storesOf(await storeOf('a', died, waits)), wanted);
    expect(document.items).toMatchObject([
      { verdict: 'unfinished', rtoMs: null },
      { verdict: 'awaiting-approval', rtoMs: null },
    ]);
    expect(document.trend.real.drills).toBe(0);
  });

  test('without a configuration it is that of the stack that was moved last; simulated drills are of any', async () => {
    const other: Past = { ...october, service: 'billing' };
    const sandboxed: Past = { at: '2026-11-01T10:00:00Z', ...simulated };
    const { document } = await drillHistory(storesOf(await storeOf('a', other, november, sandboxed)), wanted);
    expect(document.items.map(({ id }) => id)).toEqual([runIdOf(november), runIdOf(sandboxed)]);
    expect(document).toMatchObject({ stack: { service: 'shop', environment: 'prod' }, otherStacks: 1 });
  });

  test('with --sandbox only simulated ones are listed', async () => {
    const sandboxed: Past = { at: '2026-11-01T10:00:00Z', ...simulated };
    const { document } = await drillHistory(storesOf(await storeOf('a', november, sandboxed)), {
      ...wanted,
      isSandbox: true,
    });
    expect(document.items.map(({ id }) => id)).toEqual([runIdOf(sandboxed)]);
  });
});

describe('the newest real drill within --max-age', () => {
  const within = async (store: StateStore, maxAge: string, ...others: readonly StateStore[]) => {
    const { document, exitCode } = await drillHistory(storesOf(store, ...others), { ...wanted, maxAge });
    return { exitCode, ...document.maxAge };
  };

  test('0 to the very millisecond, 1 after it', async () => {
    expect(await within(await storeOf('a', november), '16d')).toMatchObject({ exitCode: 0, met: true });
    expect(await within(await storeOf('a', november), '15d23h59m59s999ms')).toMatchObject({
      exitCode: 1,
      met: false,
      runId: runIdOf(november),
    });
  });

  test('simulated drills, dry runs and drills that failed are none', async () => {
    const store = await storeOf(
      'a',
      { ...november, ...simulated },
      { ...november, at: '2026-11-11T15:00:00Z', mode: 'dry-run' },
      { ...november, at: '2026-11-12T15:00:00Z', verdict: 'attention' },
    );
    expect(await within(store, '90d')).toMatchObject({ exitCode: 1, ageMs: null, met: false });
  });

  test('what cannot be read may be one: 3; and is no matter where another one is young enough, or it is too old itself', async () => {
    const damaged = spoilt(await storeOf('a', october, november), 'corrupt', november);
    expect(await within(damaged, '20d')).toMatchObject({ exitCode: 3, met: null });
    expect(await within(damaged, '90d')).toMatchObject({ exitCode: 0, met: true });
    expect(await within(damaged, '10d')).toMatchObject({ exitCode: 1, met: false });
    const table = spoilt(await storeOf('the table'), 'unreadable');
    expect(await within(await storeOf('a', october), '10d', table)).toMatchObject({ exitCode: 3, met: null });
    expect(await within(await storeOf('a', november), '20d', table)).toMatchObject({ exitCode: 0, met: true });
  });
});

describe('what past runs let expect', () => {
  const monthly = (count: number): readonly Past[] =>
    Array.from({ length: count }, (_, index) => ({
      at: new Date(Date.UTC(2020, index, 9, 15)).toISOString(),
      steps: { promote: (index + 1) * 1000 },
    }));

  test('is read from the newest fifty', async () => {
    const { journals } = await storeOf('a', ...monthly(60));
    let reads = 0;
    const counting: JournalStore = {
      ...journals,
      read: (runId) => {
        reads += 1;
        return journals.read(runId);
      },
    };
    const found = await loadPredictions(
      { journals: [counting], clock: new VirtualClock(0) },
      { runbook: 'region-drill' },
    );
    expect(reads).toBe(50);
    expect(found).toMatchObject({ gaps: [], steps: { promote: { runs: 50, medianMs: 35_500 } } });
  });

  test('takes no time on a simulation’s clock, which is not moved by it', async () => {
    const clock = new VirtualClock(1000);
    const { journals } = await storeOf('a', october, november);
    const { histories } = await loadRecoveryHistories({ journals: [journals], clock });
    expect(histories.map(({ runId }) => runId)).toEqual([runIdOf(november), runIdOf(october)]);
    expect(clock.now()).toBe(1000);
  });

  test('a store that never answers is given up at the limit, with what the others held', async () => {
    const never = new Promise<never>(() => undefined);
    const { journals } = await storeOf('a', october, november);
    const slow: JournalStore = {
      ...journals,
      read: (runId) => (runId === runIdOf(october) ? never : journals.read(runId)),
    };
    let woken = (): void => undefined;
    // Time passes while work is under way, as it does outside of simulations.
    const clock = {
      now: () => 0,
      sleep: () => new Promise<void>((resolve) => (woken = resolve)),
      busy: <T>(work: () => Promise<T>) => work(),
    };
    const loading = loadRecoveryHistories({ journals: [slow], clock });
    await new Promise((resolve) => setImmediate(resolve));
    woken();
    const { histories, gaps } = await loading;
    expect(histories.map(({ runId }) => runId)).toEqual([runIdOf(november)]);
    expect(gaps).toEqual(['not all past runs could be read in time']);
  });

  test('is not in the way of a recovery when a journal is damaged or a store is down', async () => {
    const damaged = spoilt(await storeOf('a', october, november), 'corrupt', november);
    const down = spoilt(await storeOf('the table'), 'unreadable');
    const { histories, gaps } = await loadRecoveryHistories({
      journals: [damaged.journals, down.journals],
      clock: new VirtualClock(0),
    });
    expect(histories.map(({ runId }) => runId)).toEqual([runIdOf(october)]);
    expect(gaps.toSorted()).toEqual([`the journal of ${runIdOf(november)} is corrupt`, 'the list is unreadable']);
  });
});
