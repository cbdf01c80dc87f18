/** Did it help? Judged on whole minutes after the change, by the log and the balancer, and never too soon. */
import { RecordingOutside } from '../../support/recording-outside.ts';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/config/load.ts';
import { stackOf } from '../../../src/config/stack.ts';
import { pollConnections } from '../../../src/runbooks/database-unavailable/verified.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { runSettings } from '../../../src/use-cases/run-settings.ts';
import { failing, healthyLog, lines, traffic } from '../../diagnosis/database/pictures.ts';
import { endMs, seriesOf } from '../../diagnosis/series.ts';
import { FakeCloud, type Told } from '../../fakes/cloud.ts';
import { stackConfig } from '../../use-cases/stage.ts';

const minuteMs = 60_000;
/** Metrics end two minutes before now. */
const nowMs = endMs + 2 * minuteMs;
const well = { errorLines: healthyLog(), apiTraffic: traffic() } satisfies Told;

function poll(changedMinutesAgo: number, told: Told, without: readonly string[] = []) {
  return pollOn(cloudOf(told), changedMinutesAgo, without);
}

function cloudOf(told: Told): FakeCloud {
  return new FakeCloud(told, { region: 'us-west-2', clock: new VirtualClock(nowMs) });
}

function pollOn(cloud: FakeCloud, changedMinutesAgo: number, without: readonly string[] = []) {
  const clock = new VirtualClock(nowMs);
  const entries = Object.entries(stackConfig).filter(([key]) => !without.includes(key));
  const config = parseConfig(Object.fromEntries(entries), 'a test');
  const source = { config, stack: stackOf(config), awsOptions: [] };
  const settings = runSettings(source, nowMs, {}, { runId: 'run-1', runbook: 'database-unavailable' });
  const context = {
    ports: { facts: cloud.facts, outside: new RecordingOutside({}).outside },
    settings,
    clock,
    signal: new AbortController().signal,
  };
  return pollConnections(nowMs - changedMinutesAgo * minuteMs, context);
}

test('no errors and hardly any 5xx: it helped', async () => {
  expect(await poll(10, well)).toEqual({
    state: 'reached',
    output: { errorLines: 0, serverErrorShare: 0 },
    detail: 'no connection errors in the last 2 minutes; 0 % of requests answered with 5xx',
  });
});

test.each([
  ['right after the change', 1, well, /known by \d\d:\d\d UTC/],
  ['while the log tells of errors', 10, { ...well, errorLines: failing(lines.readOnly, 5, -2) }, /read-only/],
  ['while requests fail', 10, { ...well, apiTraffic: traffic(5, 60) }, /10 % of requests/],
  ['without requests', 10, { ...well, apiTraffic: { ...traffic(), requests: seriesOf([]) } }, /no requests/],
] as const)('%s nothing is said', async (_when, changedMinutesAgo, told, detail) => {
  expect(await poll(changedMinutesAgo, told)).toMatchObject({
    state: 'waiting',
    detail: expect.stringMatching(detail),
  });
});

test('the log alone is enough before metrics are there, to say that it did not help', async () => {
  const told = { ...well, errorLines: failing(lines.refused, 4, -2) };
  expect(await poll(4, told)).toMatchObject({ state: 'waiting', detail: expect.stringMatching(/unreachable/) });
});

describe('a log of thousands of lines', () => {
  test('that is loud is not read to its end', async () => {
    const cloud = cloudOf({ ...well, errorLines: { ...failing(lines.refused, 30, -2), truncated: true } });
    expect(await pollOn(cloud, 10)).toMatchObject({
      state: 'waiting',
      detail: expect.stringMatching(/^at least \d+ connection errors/),
    });
    expect(cloud.questions('errorLines')).toHaveLength(1);
  });

  test('whose oldest lines tell of something else is read to its end before anybody says that it helped', async () => {
    const cloud = cloudOf({ ...well, errorLines: { ...healthyLog(), truncated: true } });
    expect(await pollOn(cloud, 10)).toMatchObject({ state: 'reached' });
    const [first, all] = cloud.questions('errorLines');
    expect(first?.[3]).toBeLessThan(Number(first?.[2]));
    expect(all?.slice(2)).toEqual([first?.[2]]);
  });
});

describe('what is not configured is not asked for', () => {
  test('the balancer', async () => {
    const { errorLines } = well;
    expect(await poll(10, { errorLines }, ['api'])).toMatchObject({ state: 'reached', output: { errorLines: 0 } });
  });

  test('the log', async () => {
    const { apiTraffic } = well;
    expect(await poll(10, { apiTraffic }, ['logs'])).toMatchObject({
      state: 'reached',
      output: { serverErrorShare: 0 },
    });
  });
});
