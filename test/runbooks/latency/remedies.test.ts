/** What helps against each cause, and the command that would do it: complete, safe to paste, never beyond a limit. */
import { shellLine } from '../../../src/cloud/shell-line.ts';
import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Deployment, DeploymentRecord, FlowLog, ScalingLimits, ServiceState } from '../../../src/cloud/facts.ts';
import type { Known } from '../../../src/diagnosis/known.ts';
import { slowStatements } from '../../../src/diagnosis/slow-log.ts';
import {
  advise,
  reviewConnectionPool,
  reviewFlowLogs,
  rollBack,
  scaleOut,
  suggestIndex,
  tailSince,
  type Reach,
} from '../../../src/runbooks/latency/remedies.ts';
import { planRollBack } from '../../../src/runbooks/service-changes.ts';
import { denied, known, logs, notConfigured, slowLogEntry } from '../../diagnosis/latency/pictures.ts';

const reach: Reach = { awsOptions: [], since: '30m' };

const service = { region: 'us-west-2', cluster: 'nano', service: 'nano-api', maxTasks: 20 };

const state = (more: Partial<ServiceState> = {}): ServiceState => ({
  status: 'ACTIVE',
  desired: 3,
  running: 3,
  pending: 0,
  taskDefinition: 'arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:42',
  deployments: [],
  events: [],
  subnets: [],
  securityGroups: [],
  source: { operation: 'ecs:DescribeServices', region: 'us-west-2', detail: '' },
  ...more,
});

/** The words that a POSIX shell makes of a command line. */
async function wordsOf(command: string): Promise<readonly string[]> {
  const { stdout } = await execa('sh', ['-c', String.raw`printf '%s\0' ${command}`], { stripFinalNewline: false });
  return stdout.split('\0').slice(0, -1);
}

describe('a command line', () => {
  const hostile = [
    'plain',
    '',
    ' ',
    "it's",
    "'",
    "'; rm -rf / #",
    '$(id)',
    '`id`',
    '${HOME}',
    '"quoted"',
    String.raw`back\slash`,
    'a;b|c&d>e<f',
    '*',
    '~',
    '!history',
    'new\nline\n',
    'tab\tbed',
    '-rf',
    '#comment',
    '[abc]?{1,2}',
    'ümläut 東京',
    'a=b',
    '%s%n',
  ];

  test('is read back by the shell as the words that went in, whatever they are', async () => {
    expect(await wordsOf(shellLine(...hostile))).toEqual(hostile);
  });

  test('of random words too', async () => {
    const word = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));
    const lists = fc.sample(fc.array(word, { minLength: 1, maxLength: 8 }), { numRuns: 200, seed: 7 });
    const words = lists.flat();
    expect(await wordsOf(shellLine(...words))).toEqual(words);
  });

  test('leaves what needs no quotes as it is', () => {
    expect(shellLine('aws', '--resource-id', 'service/nano/nano-api', 'arn:aws:ecs:x:1:y')).toBe(
      'aws --resource-id service/nano/nano-api arn:aws:ecs:x:1:y',
    );
  });

  test('of a remedy is safe where a name is not', async () => {
    const evil = { ...service, cluster: "nano'; touch /tmp/pwned; '", service: '$(reboot)' };
    const { command = '' } = scaleOut(evil, state(), known(undefined), reach);
    expect(await wordsOf(command)).toEqual([
      ...['aws', 'ecs', 'update-service', '--region', 'us-west-2', '--cluster', evil.cluster],
      ...['--service', evil.service, '--desired-count', '4'],
    ]);
  });
});

describe('a suggested command reaches what the run looked at', () => {
  const elsewhere: Reach = { awsOptions: ['--profile', "on call's"], since: '42m' };

  test('by the profile, quoted', async () => {
    const remedies = [
      scaleOut(service, state(), known(undefined), elsewhere),
      scaleOut(service, state(), known({ min: 1, max: 9, policies: [], suspended: [] }), elsewhere),
      suggestIndex('us-west-2', '/aws/rds/cluster/nano-db', undefined, elsewhere),
    ];
    for (const { command = '' } of remedies) {
      expect((await wordsOf(command)).slice(-2)).toEqual(['--profile', "on call's"]);
    }
  });

  test('from the incident on', () => {
    const { command } = suggestIndex('us-west-2', '/aws/rds/cluster/nano-db', undefined, elsewhere);
    expect(command).toContain('--since 42m');
  });

  const now = Date.parse('2026-11-23T12:02:30Z');
  const minutesBefore = (minutes: number) => now - minutes * 60_000;

  test.each([
    [40, 3, '45m'],
    [39.5, 3, '45m'],
    [2, 2, '15m'],
    [13 * 60, 3, '785m'],
    [180, 120, '2026-11-23T08:57:30Z'],
  ])('that began %d min ago, looked at until %d min ago: --since %s', (began, until, since) => {
    expect(tailSince(minutesBefore(began), minutesBefore(until), now)).toBe(since);
  });
});

describe('scaling out', () => {
  const limits = (min: number, max: number): Known<ScalingLimits | undefined> =>
    known({ min, max, policies: ['cpu'], suspended: [] });

  test('sets the desired count where nobody scales the service', () => {
    expect(scaleOut(service, state(), known(undefined), reach)).toEqual({
      stepId: 'scale-out',
      summary: 'one task more on nano/nano-api: 3 \u2192 4',
      command: 'aws ecs update-service --region us-west-2 --cluster nano --service nano-api --desired-count 4',
    });
  });

  test('raises the minimum where Auto Scaling does, and says to put it back', () => {
    const remedy = scaleOut(service, state(), limits(2, 10), reach);
    expect(remedy.command).toBe(
      'aws application-autoscaling register-scalable-target --region us-west-2 --service-namespace ecs ' +
        '--scalable-dimension ecs:service:DesiredCount --resource-id service/nano/nano-api --min-capacity 4',
    );
    expect(remedy.summary).toContain('minimum (2 now; put it back afterwards)');
  });

  test('never lowers a minimum', () => {
    expect(scaleOut(service, state({ desired: 3 }), limits(6, 10), reach).command).toContain('--min-capacity 7');
  });

  test.each([
    ['Auto Scaling\u2019s maximum', state({ desired: 10 }), limits(2, 10), 10],
    ['compute.maxTasks', state({ desired: 20 }), limits(2, 40), 20],
    ['compute.maxTasks', state({ desired: 20 }), known(undefined), 20],
    ['Auto Scaling\u2019s maximum', state({ desired: 3 }), limits(10, 10), 10],
  ])('stops at the limit: %s', (whose, current, owner, most) => {
    const remedy = scaleOut(service, current, owner, reach);
    expect(remedy.command).toBeUndefined();
    expect(remedy.summary).toContain(`the limit set by ${whose} (${most}): raise it first`);
  });

  test('may reach the limit', () => {
    expect(scaleOut(service, state({ desired: 19 }), known(undefined), reach).command).toContain('--desired-count 20');
  });

  test('knows no limit where none is configured', () => {
    expect(
      scaleOut({ ...service, maxTasks: undefined }, state({ desired: 500 }), known(undefined), reach).command,
    ).toContain('501');
  });

  test('gives no command where it is unknown whether it would be undone', () => {
    const remedy = scaleOut(service, state(), denied('not allowed'), reach);
    expect(remedy.command).toBeUndefined();
    expect(remedy.summary).toContain('unknown whether Auto Scaling would undo it: not allowed');
  });
});

describe('rolling back', () => {
  const id = 'arn:aws:ecs:us-west-2:123456789012:service-deployment/nano/nano-api/7';
  const [old, current] = [41, 42].map((n) => `arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:${n}`);
  const record = (more: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
    id,
    status: 'IN_PROGRESS',
    startedAt: 0,
    taskDefinition: current,
    previousTaskDefinitions: old === undefined ? [] : [old],
    ...more,
  });
  const rollout = (more: Partial<Deployment> = {}): Deployment => ({
    id: 'ecs-svc/1',
    status: 'primary',
    rollout: 'in-progress',
    taskDefinition: current ?? '',
    createdAt: 0,
    desired: 3,
    running: 1,
    pending: 2,
    failedTasks: 0,
    ...more,
  });
  const back = `aws ecs update-service --region us-west-2 --cluster nano --service nano-api --task-definition ${old}`;

  test('stops a rollout that is under way', () => {
    expect(rollBack(service, state({ deployments: [rollout()] }), record(), reach).command).toBe(
      `aws ecs stop-service-deployment --region us-west-2 --service-deployment-arn ${id} --stop-type ROLLBACK`,
    );
  });

  test('goes back to the version before where it is finished', () => {
    const remedy = rollBack(
      service,
      state({ deployments: [rollout({ rollout: 'completed' })] }),
      record({ finishedAt: 5 }),
      reach,
    );
    expect(remedy).toEqual({ stepId: 'roll-back', summary: 'back to nano-api:41', command: back });
  });

  test('does not stop a deployment that has ended because another one is under way', () => {
    const remedy = rollBack(service, state({ deployments: [rollout()] }), record({ finishedAt: 5 }), reach);
    expect(remedy.command).toBe(back);
  });

  test('goes by what ran before where the deployment has no ARN', () => {
    expect(rollBack(service, state({ deployments: [rollout()] }), record({ id: 'ecs-svc/1' }), reach).command).toBe(
      back,
    );
  });

  test('does not go back where somebody has gone back from there already', () => {
    const suspect = { ...record({ finishedAt: 5 }), isWayBack: true };
    const at = state({ taskDefinition: current ?? '' });
    expect(rollBack(service, at, suspect, reach).command).toBeUndefined();
    expect(planRollBack(service, at, suspect)).toHaveProperty('reason');
    expect(planRollBack(service, at, record({ finishedAt: 5 }))).toHaveProperty('change');
  });

  test('never goes back to the version that is to blame', () => {
    const previousTaskDefinitions = [current, old].flatMap((arn) => arn ?? []);
    expect(rollBack(service, state(), record({ finishedAt: 5, previousTaskDefinitions }), reach).command).toBe(back);
  });

  test.each([[[]], [[current ?? '']]])(
    'gives no command where what ran before is unknown: %j',
    (previousTaskDefinitions) => {
      const remedy = rollBack(service, state(), record({ finishedAt: 5, previousTaskDefinitions }), reach);
      expect(remedy).toEqual({
        stepId: 'roll-back',
        summary: 'roll back; which task definition ran before is unknown',
      });
    },
  );
});

describe('the slow query log', () => {
  const worst = (sql: string) => slowStatements(logs([10, 3, slowLogEntry(sql, 2)]).lines)[0];
  const read = 'aws logs tail /aws/rds/cluster/nano-db/slowquery --region us-west-2 --since 30m';

  test('suggests an index to judge, and a command that only reads', () => {
    const remedy = suggestIndex(
      'us-west-2',
      '/aws/rds/cluster/nano-db',
      worst('SELECT a FROM nanos WHERE status = 1'),
      reach,
    );
    expect(remedy.command).toBe(read);
    expect(remedy.summary).toContain('judge this index with EXPLAIN');
    expect(remedy.summary).toContain('reads 420000 rows to send 20');
    expect(remedy.summary).toContain('CREATE INDEX idx_nanos_status ON nanos (status);');
  });

  test('shows the statement where no index can be named', () => {
    const remedy = suggestIndex(
      'us-west-2',
      '/aws/rds/cluster/nano-db',
      worst('SELECT a FROM b JOIN c ON b.x = c.x'),
      reach,
    );
    expect(remedy.summary).toContain('SELECT a FROM b JOIN c ON b.x = c.x');
    expect(remedy.summary).not.toContain('CREATE');
  });

  test('says so where it holds nothing', () => {
    expect(suggestIndex('us-west-2', '/g', undefined, reach).summary).toContain(
      'no statement in it was slow enough to name',
    );
  });

  test('that is not configured gives no command', () => {
    expect(suggestIndex('us-west-2', undefined, undefined, reach).command).toBeUndefined();
  });

  test('never creates an index: no command of any remedy does', () => {
    const { command } = suggestIndex('us-west-2', '/g', worst('SELECT a FROM nanos WHERE status = 1'), reach);
    expect(command).not.toMatch(/CREATE|mysql/i);
  });
});

describe('flow logs', () => {
  const log = (more: Partial<FlowLog>): FlowLog => ({
    id: 'fl-1',
    resourceId: 'subnet-1',
    trafficType: 'ALL',
    destination: 'cloud-watch-logs',
    ...more,
  });

  test('in CloudWatch are read for what was rejected lately', () => {
    const remedy = reviewFlowLogs(
      'us-west-2',
      'usw2-az2',
      known([log({ destination: 's3' }), log({ logGroup: '/vpc/flow' })]),
      reach,
    );
    expect(remedy.command).toBe('aws logs tail /vpc/flow --region us-west-2 --since 30m --filter-pattern REJECT');
    expect(remedy.summary).toContain('take usw2-az2 out of service if it stays slow');
  });

  test('kept elsewhere are named with their place', () => {
    const remedy = reviewFlowLogs('us-west-2', 'usw2-az2', known([log({ destination: 's3' })]), reach);
    expect(remedy.summary).toContain('flow log fl-1 (kept in s3)');
    expect(remedy.command).toBeUndefined();
  });

  test('that do not exist are said not to', () => {
    expect(reviewFlowLogs('us-west-2', 'usw2-az2', known([]), reach).summary).toContain(
      'no VPC flow log covers its subnets',
    );
  });

  test.each([denied('not allowed'), notConfigured])('that are unknown are not said to be missing', (unknown) => {
    const { summary } = reviewFlowLogs('us-west-2', 'usw2-az2', unknown, reach);
    expect(summary).toContain('whether VPC flow logs exist is unknown');
  });
});

test('what nanoops cannot turn gets advice that names the component; unknown causes get none', () => {
  for (const cause of ['s3-slow', 'cache-cold', 'downstream-dependency']) {
    expect(advise(cause, 'the-part')?.summary).toContain('the-part');
  }
  expect(advise('cpu-saturated', 'nano-api')).toBeUndefined();
  expect(advise('gremlins', 'nano-api')).toBeUndefined();
});

describe('the size of the connection pool', () => {
  const unknown = { known: false as const, because: 'unknown' as const, reason: 'denied' };
  const load = (open: number) => {
    const none = { label: '', unit: 'count' as const, periodMs: 60_000, points: [], source };
    const connections = { ...none, points: [{ at: 0, value: open }] };
    return known({
      ...{ cpu: none, connections, selectLatency: none, dmlLatency: none, commitLatency: none },
      ...{ freeableMemory: none, queries: none, deadlocks: none, replicaLag: none },
    });
  };
  const source = { operation: 'cloudwatch:GetMetricData', region: 'us-west-2', detail: '' };

  test('may grow while the database has room', () => {
    expect(reviewConnectionPool(known(1_000), load(183), unknown)).toMatchObject({
      stepId: 'review-pool',
      summary: expect.stringContaining('the database takes 1000 connections'),
    });
  });

  test('must not grow where the database is at its own limit', () => {
    const { summary } = reviewConnectionPool(known(200), load(183), unknown);
    expect(summary).toContain('near its own limit of 200');
    expect(summary).toContain('would not help');
  });

  test('is not promised room that nobody could see', () => {
    for (const limit of [unknown, known(undefined)]) {
      expect(reviewConnectionPool(limit, unknown, unknown).summary).toContain('which cannot be told');
    }
  });
});
