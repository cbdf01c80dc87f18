/** Two answers of the weekly checklist as an operator gets them, on the simulated AWS. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { sandboxConfig } from '../../src/sandbox/sandbox.ts';
import { runMain } from '../support/run-main.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nanoops-weekly-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every call that the two declare. */
const declared = new Set([
  ...['ce:GetCostAndUsage', 'cloudtrail:LookupEvents', 'guardduty:GetDetector', 'guardduty:GetFindings'],
  ...['guardduty:ListDetectors', 'guardduty:ListFindings', 'health:DescribeEvents', 'logs:FilterLogEvents'],
  'sts:GetCallerIdentity',
]);

async function weekly(scenario: string, ...more: readonly string[]) {
  const words = ['checks', 'run', 'weekly-security', 'weekly-cost', '--sandbox', scenario, '--json', ...more];
  // A home that cannot be written to: nothing is to be kept of a simulated account.
  const { exitCode, stdout, stderr } = await runMain(words, { env: { XDG_CACHE_HOME: '/proc/nowhere' } });
  expect(stderr).toBe('');
  const report = JSON.parse(stdout);
  const [security, cost] = report.checks;
  expect([security.id, cost.id]).toEqual(['weekly-security', 'weekly-cost']);
  expect(report.exitCode).toBe(exitCode);
  for (const call of Object.keys(report.api.byOperation)) expect(declared).toContain(call);
  return { exitCode, security, cost, byOperation: report.api.byOperation };
}

function file(name: string, more: object): readonly string[] {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, stringify({ ...sandboxConfig, ...more }));
  return ['-c', path];
}

describe('weekly-security and weekly-cost', () => {
  it('are well in a healthy account, for few calls and a single cent', async () => {
    const { exitCode, security, cost, byOperation } = await weekly('healthy');
    expect([exitCode, security.status, cost.status]).toEqual([0, 'ok', 'ok']);
    expect(byOperation).toEqual({
      'ce:GetCostAndUsage': 1,
      'cloudtrail:LookupEvents': 4,
      'guardduty:GetDetector': 2,
      'guardduty:ListDetectors': 2,
      'guardduty:ListFindings': 2,
      'health:DescribeEvents': 1,
      'sts:GetCallerIdentity': 1,
    });
    expect(cost.summary).toMatch(/^\$\d+\.\d\d over 7 days, /);
    expect(cost.evidence.map(({ detail }: { detail: string }) => detail).join('\n')).not.toContain('not kept');
  });

  it.each(['1', '2', '3'])('tell an intruder, whatever the seed: %s', async (seed) => {
    const { exitCode, security, cost } = await weekly('suspicious-access', '--seed', seed);
    expect([exitCode, security.status, cost.status]).toEqual([1, 'breach', 'ok']);
    expect(security.summary).toMatch(
      /^GuardDuty in us-west-2: UnauthorizedAccess:\S+, severity 8, on nano-api-task; root was used 2 times/,
    );
    expect(security.summary).toMatch(
      / \d+ denied calls, most by nano-api-task\/\w+ from 203\.0\.113\.77; \d failed console logins, most as anna/,
    );
    expect(security.nextStep).toContain('aws guardduty get-findings');
  });

  it.each(['1', '2', '3'])('tell a week that costs more, whatever the seed: %s', async (seed) => {
    const { exitCode, security, cost } = await weekly('cost-jump', '--seed', seed);
    expect([exitCode, security.status, cost.status]).toEqual([1, 'ok', 'warning']);
    expect(cost.observed.value).toBeGreaterThan(10);
    expect(cost.observed.value).toBeLessThan(25);
    expect(cost.nextStep).toContain('find out what EC2 - Other did');
  });

  it('tell that nobody looks for threats in one region, and what AWS has trouble with', async () => {
    const { exitCode, security } = await weekly('security-gaps');
    expect([exitCode, security.status]).toEqual([1, 'warning']);
    expect(security.summary).toBe(
      'GuardDuty is switched off in us-east-1; AWS has an open issue with RDS in us-east-1, for 3 h',
    );
    expect(security.nextStep).toContain('aws guardduty update-detector');
  });

  it('are unknown, each by itself, where nobody may look', async () => {
    const { exitCode, security, cost } = await weekly('security-unseen');
    expect([exitCode, security.status, cost.status]).toEqual([3, 'unknown', 'unknown']);
    expect(security.nextStep).toMatch(/^allow guardduty:ListDetectors to arn:aws:sts::/);
    expect(cost.nextStep).toMatch(/^allow ce:GetCostAndUsage to arn:aws:sts::/);
  });

  it('read the log group of a trail where one is named, and ask Cost Explorer nothing where it is not wanted', async () => {
    const logs = { ...sandboxConfig.logs, trail: 'aws-cloudtrail-logs' };
    const config = file('trail', { logs, cost: { review: false } });
    const { exitCode, security, cost, byOperation } = await weekly('suspicious-access', ...config);
    expect([exitCode, security.status, cost.status]).toEqual([1, 'breach', 'not-configured']);
    expect(cost.summary).toBe('cost.review is off: Cost Explorer is not asked');
    expect(byOperation['cloudtrail:LookupEvents']).toBeUndefined();
    expect(byOperation['ce:GetCostAndUsage']).toBeUndefined();
    expect(byOperation['logs:FilterLogEvents']).toBe(7);
    const details = security.evidence.map(({ detail }: { detail: string }) => detail);
    expect(details.some((detail: string) => detail.includes('secretsmanager:GetSecretValue'))).toBe(true);
  });

  it('leave out what nanoops itself was refused, and tell how much that was', async () => {
    const logs = { ...sandboxConfig.logs, trail: 'aws-cloudtrail-logs' };
    const { security } = await weekly('backups-unseen', ...file('own', { logs }));
    expect(security).toMatchObject({ status: 'ok', observed: { value: 0 } });
    expect(security.summary).toMatch(/; \d+ denied calls of nanoops itself left out$/);
  });

  it('look at one region, and at where global services are recorded, when told so', async () => {
    const { security, byOperation } = await weekly('healthy', '--region', 'us-west-2');
    expect(security.summary).toContain('nothing suspicious in us-west-2 over 7d');
    expect(byOperation['guardduty:ListDetectors']).toBe(1);
    expect(byOperation['cloudtrail:LookupEvents']).toBe(4);
    const regions = new Set(security.evidence.map(({ region }: { region: string }) => region));
    expect(regions).toEqual(new Set(['us-west-2', 'us-east-1']));
  });

  it('hold to the thresholds of the file', async () => {
    const checks = { 'weekly-cost': { target: '3%', alert: '5%' } };
    const { cost } = await weekly('cost-jump', ...file('strict', { objectives: { checks } }));
    expect([cost.status, cost.target, cost.alert]).toEqual(['breach', '\u22643 %', '>5 %']);
    const quiet = file('quiet', { cost: { leastRise: 1000 } });
    expect((await weekly('cost-jump', ...quiet)).cost).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining('noise'),
    });
  });
});
