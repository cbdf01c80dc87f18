/** Readiness over the wire: what is missing in the recovery region, what may not be asked, what is not configured. */
import { describe, expect, test } from 'vitest';
import { reportDocument } from '../../src/report/schemas.ts';
import type { RegionNeed } from '../../src/sandbox/world/faults.ts';
import { readinessOn } from './readiness.ts';

const statuses = ({ checks }: Awaited<ReturnType<typeof readinessOn>>): Record<string, string> =>
  Object.fromEntries(checks.map(({ id, status }) => [id, status]));

describe('what the recovery region lacks', () => {
  const needs: readonly (readonly [RegionNeed, string, string])[] = [
    ['image', 'readiness-image', 'breach'],
    ['secret', 'readiness-secrets', 'breach'],
    ['certificate', 'readiness-certificate', 'breach'],
    ['target-health', 'readiness-targets', 'breach'],
    ['cache', 'readiness-cache', 'breach'],
    ['table-replica', 'readiness-sessions', 'breach'],
    ['snapshots', 'readiness-snapshots', 'warning'],
  ];
  test.each(needs)('%s: %s is a %s', async (what, id, status) => {
    const report = await readinessOn({ faults: [{ effect: 'missing', what, region: 'recovery' }] });
    expect(statuses(report)[id]).toBe(status);
    expect(report).toMatchObject({ verdict: 'attention', exitCode: 1 });
    expect(report.readiness.possible).toBe(status !== 'breach');
    expect(report.api.mutations).toBe(0);
  });

  test('the rule that copies the bucket is the primary region’s', async () => {
    const report = await readinessOn({
      faults: [{ effect: 'missing', what: 'bucket-replication', region: 'primary' }],
    });
    const other = await readinessOn({
      faults: [{ effect: 'missing', what: 'bucket-replication', region: 'recovery' }],
    });
    expect([statuses(report)['readiness-replication'], statuses(other)['readiness-replication']]).toContain('breach');
  });

  test.each([
    [31, 'ok'],
    [20, 'warning'],
    [0.5, 'breach'],
  ])('a certificate that ends in %d days, a day on: %s', async (days, status) => {
    const report = await readinessOn({
      faults: [{ effect: 'certificate-expiring', days: days + (status === 'ok' ? 1 : 0), region: 'recovery' }],
    });
    expect(statuses(report)['readiness-certificate']).toBe(status);
  });

  test('objects that wait for longer than the objective', async () => {
    const report = await readinessOn({ faults: [{ effect: 'replication-backlog', operations: 50_000, bytes: 1e12 }] });
    expect(statuses(report)).toMatchObject({ 'readiness-backlog': 'breach', 'readiness-rpo': 'breach' });
  });
});

describe('what may not be asked', () => {
  test('is unknown, with the action that lets it be asked', async () => {
    const report = await readinessOn({
      faults: [{ effect: 'permission-denied', actions: ['dynamodb:DescribeTable', 'iam:SimulatePrincipalPolicy'] }],
    });
    expect(report).toMatchObject({ verdict: 'unknown', exitCode: 3, readiness: { possible: null } });
    const of = (id: string) => report.checks.find((check) => check.id === id);
    expect(of('readiness-sessions')).toMatchObject({
      status: 'unknown',
      nextStep: expect.stringContaining('dynamodb:DescribeTable'),
    });
    expect(of('readiness-permissions')).toMatchObject({
      status: 'unknown',
      nextStep: expect.stringContaining('iam:SimulatePrincipalPolicy'),
    });
  });

  test('a change that is denied blocks a failover, one of another mechanism does not', async () => {
    const denied = await readinessOn({
      faults: [{ effect: 'permission-denied', actions: ['rds:FailoverGlobalCluster'] }],
    });
    expect(denied.checks.find(({ id }) => id === 'readiness-permissions')).toMatchObject({
      status: 'breach',
      summary: expect.stringContaining('rds:FailoverGlobalCluster'),
    });
    const unneeded = await readinessOn({
      faults: [
        {
          effect: 'permission-denied',
          actions: ['s3:PutObject', 'rds:PromoteReadReplicaDBCluster', 'route53-recovery-cluster:*'],
        },
      ],
    });
    expect(unneeded.verdict).toBe('ok');
  });
});

describe('what the configuration leaves out', () => {
  test('is not configured and never counts', async () => {
    const report = await readinessOn({ config: { cache: undefined, storage: undefined, sessions: undefined } });
    expect(statuses(report)).toMatchObject({
      'readiness-cache': 'not-configured',
      'readiness-replication': 'not-configured',
      'readiness-backlog': 'not-configured',
      'readiness-sessions': 'not-configured',
    });
    expect(report.verdict).toBe('ok');
  });

  test('a table of runs in the primary region dies with it', async () => {
    const report = await readinessOn({ config: { state: { dynamodb: { table: 'nanoops', region: 'us-west-2' } } } });
    expect(statuses(report)['readiness-state']).toBe('breach');
  });

  test('without a recovery region there is nothing to be ready for', async () => {
    await expect(
      readinessOn({
        config: {
          regions: { primary: 'us-west-2' },
          database: { cluster: 'nano-db' },
          storage: { bucket: 'zips' },
          api: undefined,
          cache: undefined,
          compute: undefined,
        },
      }),
    ).rejects.toMatchObject({ code: 'NoRecoveryRegion', exitCode: 2 });
  });
});

test('it keeps to the schema of reports', async () => {
  const report = await readinessOn({ faults: [{ effect: 'missing', what: 'snapshots', region: 'recovery' }] });
  expect(reportDocument.parse(report).checks).toHaveLength(report.checks.length);
  expect(report.readiness).toMatchObject({ possible: true, slows: ['readiness-snapshots'] });
});

test('with --fail-on breach a warning is shown and does not count', async () => {
  const report = await readinessOn({
    faults: [{ effect: 'missing', what: 'snapshots', region: 'recovery' }],
    failOn: 'breach',
  });
  expect(report).toMatchObject({ verdict: 'ok', exitCode: 0 });
});

test('with --max-age a real drill is wanted', async () => {
  const report = await readinessOn({ maxAge: '90d' });
  expect(statuses(report)['readiness-drill']).toBe('breach');
  await expect(readinessOn({ maxAge: 'soon' })).rejects.toMatchObject({ code: 'InvalidDuration' });
});
