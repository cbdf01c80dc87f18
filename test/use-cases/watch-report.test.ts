/** Watching: what one look leaves to the next, what it looks past and what ends it, and which exit code it ends with. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { CloudErrorKind } from '../../src/cloud/errors.ts';
import type { ServiceUtilisation } from '../../src/cloud/facts.ts';
import type { Window } from '../../src/cloud/series.ts';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { checksNamed } from '../../src/use-cases/check-catalogue.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { paceOf, watchReport, type Pace, type WatchEvent } from '../../src/use-cases/watch-report.ts';
import { FakeCloud, refusal } from '../fakes/cloud.ts';
import { fakeInspection } from '../fakes/inspection.ts';
import { RecordingOutside } from '../support/recording-outside.ts';
import { nowMs } from './stage.ts';
import { nothingNamed } from '../support/nothing-named.ts';

const config = parseConfig(
  { service: 'nano-api', regions: { primary: 'us-west-2' }, compute: { cluster: 'nano', service: 'nano-api' } },
  'a test',
);

/** Per cent of CPU at a look, or how the look fails. */
type Seen = number | CloudErrorKind;

function utilisation(window: Window, cpu: number): ServiceUtilisation {
  const minutes = Math.round((window.to - window.from) / 60_000);
  const series = (value: number) => ({
    label: 'test',
    unit: '%' as const,
    periodMs: 60_000,
    points: Array.from({ length: minutes }, (_, index) => ({ at: window.from + index * 60_000, value })),
    source: { operation: 'cloudwatch:GetMetricData', region: 'us-west-2', detail: 'CPU' },
  });
  return {
    cpuAverage: series(cpu),
    cpuMaximum: series(cpu),
    memoryAverage: series(50),
    memoryMaximum: series(50),
    networkReceived: series(0),
    networkTransmitted: series(0),
  };
}

interface Acts {
  /** Told of every event. */
  readonly on?: (event: WatchEvent, act: { readonly quit: () => void; readonly interrupt: () => void }) => void;
  readonly timeoutMs?: number;
}

/** Watches a service; `seen(look)` says what a look finds, from 1. */
async function watch(seen: (look: number) => Seen, pace: Pace, { on, timeoutMs }: Acts = {}) {
  const clock = new VirtualClock(nowMs);
  const events: WatchEvent[] = [];
  let look = 0;
  const windows: Window[] = [];
  const cloud = new FakeCloud(
    {
      serviceUtilisation: (_service, window) => {
        windows.push(window);
        const found = seen(look);
        if (typeof found !== 'number') throw refusal('serviceUtilisation', found);
        return Promise.resolve(utilisation(window, found));
      },
    },
    { region: 'us-west-2', clock },
  );
  const [process, quit] = [new AbortController(), new AbortController()];
  const verified: string[] = [];
  const session: Session = {
    config,
    stack: stackOf(config),
    cloud,
    outside: new RecordingOutside({}).outside,
    named: nothingNamed,
    inspection: fakeInspection(),
    isSimulated: false,
    verify: (region) => {
      verified.push(region);
      return Promise.resolve();
    },
    awsOptions: [],
    clock,
    random: () => 0.5,
    signal: process.signal,
    emit: () => undefined,
  };
  const wanted = {
    command: 'status',
    checks: checksNamed(['ecs-cpu', 'ecs-memory']),
    failOn: 'warning',
    timeoutMs,
  } as const;
  const end = watchReport(session, wanted, pace, {
    tell: (event) => {
      ({ look } = event);
      events.push(event);
      on?.(event, {
        quit: () => quit.abort(new Error('seen enough')),
        interrupt: () => process.abort(new Error('received SIGINT')),
      });
    },
    pause: (durationMs, signal) => clock.sleep(durationMs, signal),
    quit: quit.signal,
  });
  const ended = await end.catch((error: unknown) => ({ error }));
  const told = events
    .filter(({ type }) => type !== 'looking')
    .map((event) => (event.type === 'looked' ? event.document.verdict : event.type));
  return { ended, events, told, verified, windows };
}

const every30s = (looks: number): Pace => ({ intervalMs: 30_000, looks });

describe('a watch', () => {
  it('verifies once, looks as often as asked, at even distances, each time at the newest complete minute', async () => {
    const { ended, events, told, verified, windows } = await watch((look) => (look === 3 ? 90 : 40), every30s(4));
    expect(told).toEqual(['ok', 'ok', 'attention', 'ok']);
    expect(verified).toEqual(['us-west-2']);
    expect(events.filter(({ type }) => type === 'looking').map(({ at }) => at - nowMs)).toEqual([
      0, 30_000, 60_000, 90_000,
    ]);
    // 12:02:30 is the first look: a minute is whole two minutes later.
    expect(windows.map(({ to }) => new Date(to).toISOString().slice(11, 16))).toEqual([
      '12:00',
      '12:01',
      '12:01',
      '12:02',
    ]);
    expect(events.at(-1)).not.toHaveProperty('nextAt');
    expect(ended).toMatchObject({ exitCode: 0, document: { verdict: 'ok' } });
  });

  it('ends with the verdict of its last look', async () => {
    expect((await watch((look) => (look === 2 ? 90 : 40), every30s(2))).ended).toMatchObject({ exitCode: 1 });
  });

  it.each(['credentials-expired', 'throttled', 'unreachable', 'permission'] as const)(
    'looks past a later look that ends with %s, says why, and keeps what was seen',
    async (kind) => {
      const { ended, events, told } = await watch((look) => (look === 2 ? kind : 40), every30s(3));
      expect(told).toEqual(['ok', 'missed', 'ok']);
      expect(events.find(({ type }) => type === 'missed')).toMatchObject({
        failure: { reason: expect.stringContaining(kind), nextStep: 'allow cloudwatch:GetMetricData' },
      });
      expect(ended).toMatchObject({ exitCode: 0 });
    },
  );

  it('cannot tell how things are where its last look saw nothing', async () => {
    const { ended } = await watch((look) => (look === 2 ? 'unreachable' : 40), every30s(2));
    expect(ended).toMatchObject({ exitCode: 3, document: { verdict: 'ok' } });
  });

  it.each(['permission', 'credentials-expired', 'not-found'] as const)(
    'ends at its first look with %s, which stays',
    async (kind) => {
      const { ended, told } = await watch(() => kind, every30s(5));
      expect(told).toEqual([]);
      expect(ended).toMatchObject({
        error: { code: 'LookFailed', exitCode: 3, nextStep: 'allow cloudwatch:GetMetricData' },
      });
    },
  );

  it('looks again after a first look that was throttled', async () => {
    const { ended, told } = await watch((look) => (look === 1 ? 'throttled' : 40), every30s(2));
    expect(told).toEqual(['missed', 'ok']);
    expect(ended).toMatchObject({ exitCode: 0 });
  });

  it('ends in an error where no look saw anything', async () => {
    expect((await watch(() => 'throttled', every30s(2))).ended).toMatchObject({ error: { code: 'LookFailed' } });
  });

  it('left with q between two looks, ends with the verdict', async () => {
    const { ended } = await watch(
      () => 90,
      { intervalMs: 30_000 },
      { on: ({ type }, { quit }) => type === 'looked' && quit() },
    );
    expect(ended).toMatchObject({ exitCode: 1, document: { verdict: 'attention' } });
  });

  it('left during a look, ends with the verdict of the one before, or without any', async () => {
    const during = (look: number) =>
      watch(
        () => 90,
        { intervalMs: 30_000 },
        {
          on: (event, { quit }) => event.type === 'looking' && event.look === look && quit(),
        },
      );
    expect((await during(2)).ended).toMatchObject({ exitCode: 1 });
    expect((await during(1)).ended).toEqual({ exitCode: 130 });
  });

  it('told to end, ends as interrupted; with what was seen, where anything was', async () => {
    const during = (look: number) =>
      watch(
        () => 90,
        { intervalMs: 30_000 },
        {
          on: (event, { interrupt }) => event.type === 'looking' && event.look === look && interrupt(),
        },
      );
    expect((await during(2)).ended).toMatchObject({ exitCode: 130, document: { verdict: 'attention' } });
    expect((await during(1)).ended).toMatchObject({ error: { message: 'received SIGINT' } });
  });

  it('ends within its time limit, with the last verdict', async () => {
    const { ended, told } = await watch(() => 90, { intervalMs: 30_000 }, { timeoutMs: 100_000 });
    expect(told).toHaveLength(4);
    expect(ended).toMatchObject({ exitCode: 1 });
  });

  it('tells of each look the calls of that look', async () => {
    const { events } = await watch(() => 40, every30s(3));
    const calls = events.flatMap((event) => (event.type === 'looked' ? [event.document.api.calls] : []));
    expect(new Set(calls).size).toBe(1);
    expect(calls[0]).toBeGreaterThan(0);
  });

  it('holds no more after 200 looks than after 20', { timeout: 180_000 }, async () => {
    setFlagsFromString('--expose-gc');
    // The only way to a collection without starting the process otherwise.
    const collect = runInNewContext('gc') as () => void;
    const held: number[] = [];
    await watch(() => 40, every30s(201), {
      on: ({ type, look }) => {
        if (type !== 'looking' || (look !== 21 && look !== 201)) return;
        collect();
        held.push(process.memoryUsage().heapUsed);
      },
    });
    const [early = 0, late = Infinity] = held;
    // What this test itself keeps are 180 documents of some kilobytes each.
    expect((late - early) / 180).toBeLessThan(25_000);
  });
});

describe('the pace', () => {
  it('is every 30 seconds without an end, unless somebody says otherwise', () => {
    expect(paceOf({})).toEqual({ intervalMs: 30_000 });
    expect(paceOf({ interval: '10s', looks: '7' })).toEqual({ intervalMs: 10_000, looks: 7 });
  });

  it.each([
    [{ interval: '9s' }, 'InvalidInterval'],
    [{ interval: 'soon' }, 'InvalidDuration'],
    [{ looks: '0' }, 'InvalidLooks'],
    [{ looks: '1.5' }, 'InvalidLooks'],
    [{ looks: '-1' }, 'InvalidLooks'],
  ])('%j is refused', (given, code) => {
    expect(() => paceOf(given)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });
});
