/** Who used the simulated account, what AWS says of it, and what it costs: as the facts read it. */
import { expect, test } from 'vitest';
import { sandboxStack, sandboxStartMs } from '../../../src/sandbox/sandbox.ts';
import { struck } from './struck.ts';

const dayMs = 86_400_000;
const until = sandboxStartMs - 3 * 60_000;
const window = { from: until - 7 * dayMs, to: until };
const trailGroup = { region: 'us-west-2', logGroup: 'aws-cloudtrail-logs' };
const trailed = { ...sandboxStack, primary: { ...sandboxStack.primary, logs: { trail: trailGroup } } };
const account = { region: 'us-west-2', account: '123456789012' };
const intrusion = 'effect: intrusion, from: -12h, root: 2, denied: 10, failedLogins: 4';

test('in a healthy account people log in with MFA, and nobody is denied anything', async () => {
  const { facts } = struck();
  const [west, east] = [await facts.recentAccess('us-west-2', window), await facts.recentAccess('us-east-1', window)];
  expect(west.events).toEqual([]);
  expect(east.events.length).toBeGreaterThan(3);
  for (const event of east.events) expect(event).toMatchObject({ kind: 'login', mfa: true, region: 'us-east-1' });
  expect(west.coverage.map(({ truncated }) => truncated)).toEqual([false, false]);
  for (const region of ['us-west-2', 'us-east-1']) {
    expect(await facts.threats(region, window)).toMatchObject({ detectors: [expect.any(String)], findings: [] });
  }
  expect((await facts.serviceIssues('us-west-2', ['us-west-2']))?.issues).toEqual([]);
});

test('an intruder is seen in the region that each call is recorded in; the history knows changes only', async () => {
  const { facts } = struck([intrusion]);
  const counts = async (region: string) => {
    const { events } = await facts.recentAccess(region, window);
    const of = (kind: string) => events.filter((event) => event.kind === kind).length;
    return { root: of('root'), denied: of('denied'), failed: of('failed-login') };
  };
  // Of ten attempts in five ways, the two that only read are in no list of changes.
  expect(await counts('us-west-2')).toEqual({ root: 0, denied: 4, failed: 0 });
  expect(await counts('us-east-1')).toEqual({ root: 2, denied: 4, failed: 4 });
  const global = await facts.globalAccess('us-west-2', window);
  expect(global).toEqual(await facts.recentAccess('us-east-1', window));
});

test('the log group of a trail holds all regions, and what only reads', async () => {
  const { facts } = struck([intrusion], trailed);
  const log = await facts.trailLog(trailGroup, window);
  const of = (kind: string) => log.events.filter((event) => event.kind === kind).length;
  expect({ root: of('root'), denied: of('denied'), failed: of('failed-login') }).toEqual({
    root: 2,
    denied: 10,
    failed: 4,
  });
  expect(log.isWritten).toBe(true);
  expect(log.coverage).toMatchObject([{ from: window.from, truncated: false }]);
  await expect(struck([], sandboxStack).facts.trailLog(trailGroup, window)).rejects.toMatchObject({
    kind: 'not-found',
  });
});

test('a trail that is off writes nothing', async () => {
  const { facts } = struck(['effect: telemetry-gap, from: -200h'], trailed);
  expect(await facts.trailLog(trailGroup, window)).toMatchObject({ events: [], isWritten: false });
});

test('GuardDuty looks where it is set up and switched on', async () => {
  const { facts } = struck([
    'effect: unwatched, from: -1h, detector: absent, region: recovery',
    'effect: threat, from: -3h, finding: "Recon:IAMUser/UserPermissions", severity: 5.5, region: primary',
    'effect: threat, from: -3h, finding: "Stealth:IAMUser/CloudTrailLoggingDisabled", severity: 2, region: primary',
    'effect: threat, from: -3h, finding: "Impact:S3/AnomalousBehavior.Delete", severity: 8, region: primary',
  ]);
  const found = await facts.threats('us-west-2', window);
  expect(found.findings.map(({ type, severity, count }) => [type, severity, count])).toEqual([
    ['Impact:S3/AnomalousBehavior.Delete', 8, 4],
    ['Recon:IAMUser/UserPermissions', 5.5, 4],
  ]);
  expect(await facts.threats('us-east-1', window)).toMatchObject({ detectors: [], suspended: [] });
  const off = struck(['effect: unwatched, from: -1h, detector: suspended, region: primary']);
  expect(await off.facts.threats('us-west-2', window)).toMatchObject({
    detectors: [],
    suspended: [expect.any(String)],
  });
});

test('AWS Health tells what is open, where the account has it', async () => {
  const { facts } = struck([
    'effect: service-issue, from: -2h, service: RDS, region: primary',
    'effect: service-issue, from: -9h, to: -5h, service: ECS, region: primary',
    'effect: service-issue, from: -2h, service: S3, region: recovery',
  ]);
  expect((await facts.serviceIssues('us-west-2', ['us-west-2']))?.issues).toEqual([
    { service: 'RDS', type: 'AWS_RDS_OPERATIONAL_ISSUE', region: 'us-west-2', since: sandboxStartMs - 7_200_000 },
  ]);
  expect(await struck(['effect: basic-support, from: -1h']).facts.serviceIssues('us-west-2', [])).toBeUndefined();
});

test('costs are steady, of the account that is asked for, and rise where something rises', async () => {
  const toDay = Date.UTC(2026, 10, 22);
  const span = { fromDay: Date.UTC(2026, 9, 1), toDay };
  const totals = async (faults: readonly string[], of = account) => {
    const { days } = await struck(faults).facts.dailyCosts(of, span);
    return days.map(({ byService }) => Object.values(byService).reduce((sum, each) => sum + each, 0));
  };
  const usual = await totals([]);
  expect(usual).toHaveLength(52);
  for (const total of usual) expect(total).toBeGreaterThan(95);
  expect(Math.max(...usual) / Math.min(...usual)).toBeLessThan(1.1);
  const jumped = await totals(['effect: cost, from: -216h, service: EC2 - Other, factor: 3']);
  expect(jumped.slice(0, -8)).toEqual(usual.slice(0, -8));
  expect((jumped.at(-1) ?? 0) - (usual.at(-1) ?? 0)).toBeGreaterThan(12);
  expect(await totals([], { ...account, account: '210987654321' })).toEqual(Array(52).fill(0));
});
