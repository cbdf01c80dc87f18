/** Times in texts: UTC where they are kept, the reader's own where they are read. */
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/engine/events.ts';
import { fleetView } from '../../src/terminal/fleet-view.ts';
import { forecastView } from '../../src/terminal/forecast-view.ts';
import { listTable } from '../../src/terminal/table.ts';
import { localEvent, localRun, localText } from '../../src/terminal/local-text.ts';
import { recoveries } from '../report/recovery.ts';
import { runs } from './fixtures.ts';

const berlin = (text: string) => localText(text, '2026-11-23T11:03:00.000Z', 'Europe/Berlin');

test.each([
  ['at most 406 ms (2026-11-23 08:20 UTC)', 'at most 406 ms (2026-11-23 09:20 CET)'],
  ['failed (2026-11-22 23:59:07 UTC)', 'failed (2026-11-23 00:59:07 CET)'],
  ['since 2026-07-01T10:00:00.123Z', 'since 2026-07-01 12:00:00 GMT+2'],
  ['10:03:12Z', '11:03:12 CET'],
  ['nothing after 10:58 UTC: the service is idle', 'nothing after 11:58 CET: the service is idle'],
])('%s', (text, told) => {
  expect(berlin(text).replace('CEST', 'GMT+2')).toBe(told);
});

test.each([
  'if the outage began then, say so (--since 2026-11-23T10:00Z)',
  'backups are made at 12:00-13:00 UTC',
  'run 20261123T110300Z-latency-000001',
  '10:03 UTC+1',
  'nothing of the kind',
])('%s stays as it is', (text) => {
  expect(berlin(text)).toBe(text);
});

test('a time without a day lies near the reference, and is left alone where there is none', () => {
  expect(localText('23:58 UTC', '2026-03-29T00:01:00Z', 'Europe/Berlin')).toBe('00:58 CET');
  expect(localText('01:02 UTC', '2026-03-28T23:59:00Z', 'Europe/Berlin')).toMatch(/^03:02 (?:CEST|GMT\+2)$/);
  expect(localText('23:58 UTC', undefined, 'Europe/Berlin')).toBe('23:58 UTC');
});

test('who reads in UTC reads what was written, with the zone', () => {
  expect(localText('seen at 2026-11-23 10:55 UTC', undefined, 'UTC')).toBe('seen at 2026-11-23 10:55 UTC');
});

test('a list tells when its items were', async () => {
  const since = '2026-11-23T10:55:12.000Z';
  const list = { schema: 'nanoops/list@1', items: [{ id: 'ecs', since }] } as const;
  const columns = [{ title: 'since', text: () => since }];
  const text = await listTable(list, columns, { columns: 80, color: false, timeZone: 'Europe/Berlin' });
  expect(text).toContain('2026-11-23 11:55:12 CET');
});

test('a step tells on the reader\u2019s clock what its journal has in UTC', () => {
  const event: RunEvent = {
    type: 'step.progressed',
    seq: 1,
    at: Date.UTC(2026, 10, 23, 11),
    stepId: 'down',
    detail: 'measured by 11:05 UTC',
  };
  expect(localEvent(event, 'Europe/Berlin')).toEqual({ ...event, detail: 'measured by 12:05 CET' });
});

test('a run tells what it saw and measured on the reader\u2019s clock, and lines of a log as they were written', () => {
  const basis = 'writes ended at 11:03:00 UTC at the latest';
  const { objectives, ...others } = recoveries.drill;
  const [cause] = runs.cause.document.causes;
  if (objectives === undefined || cause === undefined) throw new TypeError('the one has objectives, the other a cause');
  const evidence = (source: string) => [{ source, region: 'us-west-2', detail: basis }];
  const stores = [{ store: 'aurora', lossMs: 0, basis }];
  const told = localRun(
    {
      ...others,
      objectives: { ...objectives, rpo: { ...objectives.rpo, stores } },
      causes: [{ ...cause, for: evidence('cloudwatch:GetMetricData'), against: evidence('logs:FilterLogEvents') }],
    },
    'Europe/Berlin',
  );
  const local = 'writes ended at 12:03:00 CET at the latest';
  expect(told.objectives?.rpo.stores).toEqual([{ store: 'aurora', lossMs: 0, basis: local }]);
  expect(told.causes[0]).toMatchObject({ for: [{ detail: local }], against: [{ detail: basis }] });
});

test('a forecast tells when it was that what it rests on was seen', () => {
  const resource = { id: 'a', nextStep: undefined, level: null, trend: null, at: null, evidence: [] };
  const text = forecastView(
    {
      schema: 'nanoops/forecast@1',
      command: 'capacity forecast',
      environment: 'prod',
      generatedAt: '2026-11-23T11:03:00.000Z',
      asOf: '2026-11-23T11:00:00.000Z',
      verdict: 'unknown',
      exitCode: 3,
      summary: 'nothing since 10:01 UTC',
      horizonDays: 90,
      thresholdPercent: 70,
      users: {
        ...{ status: 'unknown', summary: 'none since 10:02 UTC', current: null, at: null, within: null, trend: null },
        ...{ history: [], projection: [], tiers: [], evidence: [] },
      },
      resources: [
        { ...resource, title: 'CPU', status: 'unknown', summary: 'none since 10:03 UTC' },
        { ...resource, title: 'Disk', status: 'not-configured', summary: 'gone since 10:04 UTC' },
      ].map((each) => ({ ...each, hoursAbove: null, earliest: null, latest: null })) as never,
      api: { calls: 1, mutations: 0, byOperation: {} },
    },
    { columns: 80, color: false, verbosity: 0, timeZone: 'Europe/Berlin' },
  );
  for (const minute of ['01', '02', '03', '04']) expect(text).toContain(`11:${minute} CET`);
  expect(text).not.toContain('UTC');
});

test('so does a report on many services', () => {
  const check = {
    id: 'a',
    title: 'Lag',
    area: 'database',
    severity: 'critical',
    status: 'breach',
    evidence: [],
  } as const;
  const api = { calls: 1, mutations: 0, byOperation: {} };
  const text = fleetView(
    {
      ...{ schema: 'nanoops/fleet@1', command: 'checks run', verdict: 'attention', exitCode: 1, api },
      services: [
        {
          ...{ id: 'a.yaml', service: 'a', environment: 'prod', verdict: 'attention', exitCode: 1 },
          checks: [{ ...check, summary: 'since 10:01 UTC' }],
        },
      ],
    },
    { columns: 80, color: false, verbosity: 0, timeZone: 'Europe/Berlin', at: '2026-11-23T11:03:00.000Z' },
  );
  expect(text).toContain('Lag: since 11:01 CET');
});
