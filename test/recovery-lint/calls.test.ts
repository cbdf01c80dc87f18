/** What a lint says of steps: who asks the region that is gone, how long, and whether anything depends on the answer. */
import { describe, expect, test } from 'vitest';
import { settled } from '../../src/engine/step.ts';
import { act, consent, decide, doing, graph, lint, look, observe, polling, verify, wait } from './stage.ts';

const once = { attempts: {}, baseDelayMs: 0, maxDelayMs: 0 };

/** A look at the primary region's service, short and asked once unless it is said otherwise. */
const old = observe('old', {
  title: 'Old',
  where: 'primary',
  calls: ['ecs:DescribeServices'],
  timeoutMs: 8_000,
  retry: once,
  ...look,
});

describe('what must be answered', () => {
  test('a look that an acting step cannot do without is a breach, by way of others too', () => {
    const plan = decide('plan', { title: 'Plan', needs: { old }, ...look });
    const change = act('change', {
      title: 'Change',
      where: 'recovery',
      needs: { plan },
      calls: [],
      changes: ['ecs:UpdateService'],
      ...doing,
    });
    const { check } = lint({ runbook: graph(old, plan, consent, change) });
    expect(check('lint-required-calls')).toMatchObject({
      status: 'breach',
      severity: 'critical',
      summary: expect.stringContaining('old'),
      evidence: [
        { source: 'nanoops:old', region: 'us-west-2', detail: expect.stringContaining('ecs:DescribeServices') },
      ],
    });
    expect(check('lint-optional-calls').status).toBe('ok');
  });

  test('the same look is none where all go on without it', () => {
    const plan = decide('plan', { title: 'Plan', needs: { old: settled(old) }, ...look });
    const change = act('change', {
      title: 'Change',
      where: 'recovery',
      needs: { plan },
      calls: [],
      changes: ['ecs:UpdateService'],
      ...doing,
    });
    const { check } = lint({ runbook: graph(old, plan, consent, change) });
    expect(check('lint-required-calls').status).toBe('ok');
    expect(check('lint-optional-calls')).toMatchObject({
      status: 'ok',
      evidence: [{ detail: expect.stringContaining('for 8 s at most') }],
    });
    expect(
      lint({ runbook: graph(old, plan, consent, change), impaired: 'us-east-1' }).check('lint-required-calls').status,
    ).toBe('ok');
  });

  test.each([
    ['verifies', verify('check', { title: 'Check', where: 'primary', calls: ['ecs:DescribeServices'], ...polling })],
    ['waits for long', wait('check', { title: 'Wait', where: 'primary', calls: ['ecs:DescribeServices'], ...polling })],
  ])('a step that %s is required of itself', (_what, step) => {
    expect(lint({ runbook: graph(step) }).check('lint-required-calls')).toMatchObject({
      status: 'breach',
      evidence: [{ source: 'nanoops:check' }],
    });
    expect(lint({ runbook: graph(step), impaired: 'eu-west-1' }).check('lint-required-calls').status).toBe('ok');
  });
});

describe('what is asked for want of better', () => {
  const slowly = (timeoutMs: number, retry = once) => {
    const step = observe('slow', {
      title: 'Slow',
      where: 'primary',
      calls: ['rds:DescribeDBClusters'],
      timeoutMs,
      retry,
      ...look,
    });
    return lint({ runbook: graph(step, decide('plan', { title: 'Plan', needs: { step: settled(step) }, ...look })) });
  };

  test('15 s are short enough, and more is a warning', () => {
    expect(slowly(15_000).check('lint-optional-calls').status).toBe('ok');
    expect(slowly(15_001).check('lint-optional-calls')).toMatchObject({
      status: 'warning',
      nextStep: expect.stringContaining('15 s'),
      evidence: [{ source: 'nanoops:slow' }],
    });
  });

  test('attempts count, with the pauses between them', () => {
    const retry = { attempts: { unreachable: 2 }, baseDelayMs: 1_000, maxDelayMs: 1_000 };
    expect(slowly(7_000, retry).check('lint-optional-calls').status).toBe('ok');
    expect(slowly(7_500, retry).check('lint-optional-calls')).toMatchObject({
      status: 'warning',
      evidence: [{ detail: expect.stringContaining('16 s') }],
    });
  });

  test('what asks a region only after that has answered is told, and no finding', () => {
    const plan = decide('plan', { title: 'Plan', needs: { old: settled(old) }, ...look });
    const fence = act('fence', {
      title: 'Fence',
      where: 'primary',
      needs: { plan },
      calls: ['ecs:DescribeServices'],
      changes: ['ecs:UpdateService'],
      ...doing,
    });
    const promote = act('promote', {
      title: 'Promote',
      where: 'recovery',
      needs: { fence: settled(fence) },
      calls: [],
      changes: ['rds:FailoverGlobalCluster'],
      ...doing,
    });
    const { check } = lint({ runbook: graph(old, plan, consent, fence, promote) });
    expect(check('lint-changes').status).toBe('ok');
    expect(check('lint-required-calls').status).toBe('ok');
    expect(check('lint-optional-calls').evidence.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('for 8 s at most'),
      expect.stringMatching(
        /^ecs:UpdateService and ecs:DescribeServices.*only after the region was asked for a short time \(old\)/,
      ),
    ]);
  });

  test('it is one where somebody needs it, or nobody looked before', () => {
    const plan = decide('plan', { title: 'Plan', needs: { old: settled(old) }, ...look });
    const fence = act('fence', {
      title: 'Fence',
      where: 'primary',
      needs: { plan },
      calls: [],
      changes: ['ecs:UpdateService'],
      ...doing,
    });
    const after = act('after', {
      title: 'After',
      where: 'recovery',
      needs: { fence },
      calls: [],
      changes: ['ecs:UpdateService'],
      ...doing,
    });
    expect(lint({ runbook: graph(old, plan, consent, fence, after) }).check('lint-changes')).toMatchObject({
      status: 'breach',
      evidence: [{ source: 'nanoops:fence' }],
    });
    const blind = act('blind', {
      title: 'Blind',
      where: 'primary',
      calls: [],
      changes: ['ecs:UpdateService'],
      ...doing,
    });
    const other = decide('other', { title: 'Other', needs: { blind: settled(blind) }, ...look });
    expect(lint({ runbook: graph(consent, blind, other) }).check('lint-changes').status).toBe('breach');
  });
});

describe('what is changed', () => {
  const changing = (changes: readonly string[], where = 'recovery') =>
    graph(consent, act('change', { title: 'Change', where, calls: [], changes, ...doing }));

  test('a step with another way is told, not found', () => {
    const runbook = changing(['rds:SwitchoverGlobalCluster', 'rds:FailoverGlobalCluster']);
    // A switchover is asked of the region that writes.
    expect(lint({ runbook }).check('lint-changes')).toMatchObject({
      status: 'ok',
      evidence: [
        { detail: expect.stringMatching(/rds:SwitchoverGlobalCluster.*another way, rds:FailoverGlobalCluster/) },
      ],
    });
    expect(lint({ runbook: changing(['rds:SwitchoverGlobalCluster']) }).check('lint-changes').status).toBe('breach');
  });

  test('a way back has no other way: it may lose nothing', () => {
    const changes = ['rds:SwitchoverGlobalCluster', 'rds:FailoverGlobalCluster'];
    const back = act('failback-change', { title: 'Back', where: 'recovery', calls: [], changes, ...doing });
    expect(lint({ runbook: graph(consent, back) }).check('lint-changes').status).toBe('breach');
  });

  test('without a global database a replica is promoted, and with one it is not', () => {
    const runbook = changing(['rds:SwitchoverGlobalCluster', 'rds:PromoteReadReplicaDBCluster']);
    const database = { cluster: 'nano-db', recoveryCluster: 'nano-db-dr' };
    expect(lint({ runbook, config: { database } }).check('lint-changes')).toMatchObject({ status: 'ok', evidence: [] });
    expect(lint({ runbook }).check('lint-changes').status).toBe('breach');
  });

  test.each([
    ['route53:ChangeResourceRecordSets', 'us-east-1', 'is asked in us-east-1 only (Route 53)'],
    ['iam:PutRolePolicy', 'us-east-1', 'is asked in us-east-1 only (IAM)'],
    ['cloudfront:UpdateDistribution', 'us-east-1', 'CloudFront'],
    ['s3:PutBucketPolicy', 'us-east-1', 'leans on us-east-1 in every region'],
    ['elasticloadbalancing:CreateLoadBalancer', 'us-east-1', 'leans on us-east-1 in every region'],
    ['globalaccelerator:UpdateEndpointGroup', 'us-west-2', 'Global Accelerator'],
    ['route53-recovery-control-config:UpdateSafetyRule', 'us-west-2', 'ARC'],
    ['s3:PutMultiRegionAccessPointPolicy', 'us-west-2', 'Multi-Region'],
  ])('%s goes with %s, wherever the step is', (operation, region, words) => {
    const runbook = changing([operation], 'eu-west-1');
    const found = lint({ runbook, impaired: region }).check('lint-changes');
    expect(found).toMatchObject({ status: 'breach', evidence: [{ detail: expect.stringContaining(words) }] });
    expect(lint({ runbook, impaired: 'ap-south-1' }).check('lint-changes').status).toBe('ok');
  });

  test('an object is put in its own region, whatever becomes of us-east-1', () => {
    expect(
      lint({ runbook: changing(['s3:PutObject'], 'eu-west-1'), impaired: 'us-east-1' }).check('lint-changes').status,
    ).toBe('ok');
  });
});

describe('what is made on the way', () => {
  const making = (operation: string) =>
    lint({
      runbook: graph(
        consent,
        act('make', { title: 'Make', where: 'recovery', calls: [], changes: [operation], ...doing }),
      ),
    }).check('lint-creations');

  test.each([
    ['elasticloadbalancing:CreateLoadBalancer', 'breach'],
    ['elasticache:CreateReplicationGroup', 'breach'],
    ['s3:CreateBucket', 'breach'],
    ['iam:CreateRole', 'breach'],
    ['rds:RestoreDBClusterToPointInTime', 'warning'],
    ['rds:CreateDBInstance', 'ok'],
    ['ecs:UpdateService', 'ok'],
  ])('%s: %s', (operation, status) => {
    expect(making(operation).status).toBe(status);
  });

  test('an instance is told as slow', () => {
    expect(making('rds:CreateDBInstance').evidence).toMatchObject([
      { detail: expect.stringContaining('takes minutes') },
    ]);
  });
});

test('where a step asks that does not say it cannot be told, and is not called well', () => {
  const lost = observe('lost', { title: 'Lost', calls: ['ecs:DescribeServices'], ...look });
  const { check } = lint({ runbook: graph(lost) });
  expect(check('lint-places')).toMatchObject({ status: 'unknown', evidence: [{ source: 'nanoops:lost' }] });
  expect(check('lint-required-calls').status).toBe('unknown');
  expect(check('lint-changes').status).toBe('ok');
  const acting = act('acting', { title: 'Acting', calls: [], changes: ['ecs:UpdateService'], ...doing });
  expect(lint({ runbook: graph(consent, acting) }).check('lint-changes').status).toBe('unknown');
  // Route 53 is in one place only, said or not.
  const named = observe('named', { title: 'Named', calls: ['route53:ListHostedZones'], ...look });
  expect(lint({ runbook: graph(named) }).check('lint-places').status).toBe('ok');
});
