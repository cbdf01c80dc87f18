/** The runbook for an unavailable database as a whole: its graph, the remedy of each cause, and what each gap does. */
import { describe, expect, test } from 'vitest';
import { isLooking } from '../../src/engine/runbook.ts';
import { plainOf } from '../../src/engine/plain.ts';
import { databaseUnavailable } from '../../src/runbooks/database-unavailable.ts';
import { database, event, picture, reader, stories, streams, writer } from '../diagnosis/database/pictures.ts';
import { endMs } from '../diagnosis/series.ts';
import { refusal, type Told } from '../fakes/cloud.ts';
import { stackConfig } from '../use-cases/stage.ts';
import { factsOf, lookWith, type LookOptions } from './database-unavailable/stage.ts';

const look = (told: Told, options: LookOptions = {}) => lookWith(databaseUnavailable, told, options);
const story = (id: string, more: Told = {}): Told => ({ ...factsOf(stories[id]?.seen), ...more });

describe('the graph', () => {
  const depths = new Map<string, number>();
  for (const step of databaseUnavailable.steps.filter(isLooking)) {
    const below = step.needs.map((need) => depths.get(need.step.id) ?? 0);
    depths.set(step.id, Math.max(0, ...below) + (step.kind === 'observe' ? 1 : 0));
  }

  test('looks at everything at once, but for the rules of groups that it has to know first', () => {
    expect(depths.get('diagnosis')).toBe(2);
  });

  test('ends with its conclusion, which can do without any one of its needs', () => {
    expect(databaseUnavailable.steps.at(-1)).toBe(databaseUnavailable.conclusion);
    expect(databaseUnavailable.conclusion.needs.filter((need) => !need.optional)).toEqual([]);
  });

  test('has no way back from a failover, and none from what was restored', () => {
    const reversible = databaseUnavailable.steps.filter(
      ({ body }) => body.form === 'change' && body.reverse !== undefined,
    );
    expect(reversible).toEqual([]);
  });

  test('may change nothing but what it says', () => {
    const changes = databaseUnavailable.steps.flatMap((step) => step.changes);
    expect(new Set(changes)).toEqual(
      new Set([
        'rds:FailoverDBCluster',
        'ecs:UpdateService',
        'rds:RestoreDBClusterToPointInTime',
        'rds:CreateDBInstance',
      ]),
    );
  });
});

describe('the remedy', () => {
  test.each<[string, string, RegExp]>([
    [
      'writer-unreachable',
      'fail-over',
      /^aws rds failover-db-cluster .*--target-db-instance-identifier nano-db-2 --profile ops$/,
    ],
    ['failover-under-way', 'failover-awaited', /^nothing to type$/],
    ['too-many-connections', 'advise', /^nothing to type$/],
    ['read-only-writer', 'restart-tasks', /^aws ecs update-service .*--force-new-deployment --profile ops$/],
    ['database-credentials', 'advise', /^aws ecs describe-task-definition .*nano-api:41 .*secrets/],
    [
      'security-group-changed',
      'advise',
      /^aws ec2 authorize-security-group-ingress --region us-west-2 --group-id sg-db --protocol tcp --port 3306 --source-group sg-api /,
    ],
    ['connection-pool-exhausted', 'review-pool', /--force-new-deployment/],
    ['cluster-not-available', 'advise', /^aws rds start-db-cluster /],
  ])('against %s', async (cause, stepId, command) => {
    const { document } = await look(story(cause));
    const [first] = document.causes;
    expect(first).toMatchObject({ cause, remediation: { stepId } });
    expect(first?.remediation?.command ?? 'nothing to type').toMatch(command);
    expect(document).toMatchObject({ verdict: 'attention', exitCode: 1, symptom: { state: 'ongoing' }, notes: [] });
    expect(document.api.mutations).toBe(0);
  });

  test('is known for every cause of the diagnosis', async () => {
    const { databaseCauses } = await import('../../src/diagnosis/database/diagnose.ts');
    expect(Object.keys(stories).toSorted()).toEqual(databaseCauses.map(({ id }) => id).toSorted());
  });

  test('shows who holds the connections, where they are too many', async () => {
    const { document } = await look(
      story('too-many-connections', { databaseState: database({ parameterGroup: 'nano-params' }) }),
    );
    expect(document.causes[0]?.remediation?.summary).toContain('information_schema.processlist');
    expect(document.causes[0]?.remediation?.command).toContain('--db-cluster-parameter-group-name nano-params');
  });

  test('is a restore where there is no reader', async () => {
    const state = database({ instances: [writer], subnetGroup: 'nano-subnets' });
    const { document } = await look(story('writer-unreachable', { databaseState: state }));
    expect(document.causes[0]?.remediation).toMatchObject({ stepId: 'restore-cluster' });
    expect(document.causes[0]?.remediation?.command).toMatch(
      /restore-db-cluster-to-point-in-time .*--use-latest-restorable-time --db-subnet-group-name nano-subnets --vpc-security-group-ids sg-db/,
    );
  });

  test('warns of a reader that is smaller', async () => {
    const state = database({ instances: [writer, { ...reader, instanceClass: 'db.t4g.medium' }] });
    const { document } = await look(story('writer-unreachable', { databaseState: state }));
    expect(document.causes[0]?.remediation?.summary).toContain('it may not carry the load');
  });

  test.each([
    ['databaseEvents', 'what RDS did to it is not known'],
    ['ingressRules', 'who is let in to it is not known'],
    ['serviceState', 'groups is not known'],
  ] as const)('is no failover while %s could not be read', async (fact, text) => {
    const { document } = await look(story('writer-unreachable', { [fact]: refusal(fact) }));
    const cause = document.causes.find((each) => each.cause === 'writer-unreachable');
    expect(cause?.remediation?.command).toBeUndefined();
    expect(cause?.remediation?.summary).toContain(text);
  });
});

describe('what is not known', () => {
  test.each([
    'errorLines',
    'databaseState',
    'databaseEvents',
    'databaseLoad',
    'connectionLimit',
    'apiTraffic',
    'serviceState',
    'stoppedTasks',
    'ingressRules',
  ] as const)('%s: a healthy database is not called so', async (fact) => {
    const { document } = await look({ ...factsOf(), [fact]: refusal(fact) });
    expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(document.notes?.join('\n')).toContain(`in us-west-2: permission`);
    expect(document.nextSteps?.join('\n')).toContain('allow ');
  });

  test('one reason that hides much is told once', async () => {
    const all = ['databaseState', 'databaseEvents', 'connectionLimit', 'databaseLoad'] as const;
    const gone = Object.fromEntries(all.map((fact) => [fact, refusal('databaseState', 'credentials-expired')]));
    const { document } = await look({ ...factsOf(), ...gone });
    expect(document.notes).toHaveLength(1);
    expect(document.notes?.[0]).toMatch(/Not read because of it: /);
  });

  test('without a log it is unknown whether connections fail, and the key that is missing is named', async () => {
    const { logs: _logs, ...config } = stackConfig;
    const { errorLines: _lines, ...told } = factsOf();
    const { document } = await look(told, { config });
    expect(document.verdict).toBe('unknown');
    expect(document.nextSteps?.join('\n')).toContain('logs.application');
    expect(document.steps.find(({ id }) => id === 'error-lines')).toMatchObject({
      status: 'skipped',
      detail: 'logs.application is not configured',
    });
  });

  test('without anything configured it is unknown, and never well', async () => {
    const { service, environment, regions } = stackConfig;
    const { document } = await look({}, { config: { service, environment, regions } });
    expect(document).toMatchObject({ verdict: 'unknown', causes: [] });
    expect(document.nextSteps).toHaveLength(2);
  });
});

describe('how it stands', () => {
  test('a healthy database', async () => {
    const { document, cloud } = await look(factsOf());
    expect(document).toMatchObject({ verdict: 'ok', exitCode: 0, causes: [], notes: [] });
    expect(cloud.unused()).toEqual([]);
  });

  test('connections that failed and are made again need no attention', async () => {
    const { errorLines } = factsOf(stories['writer-unreachable']?.seen);
    const { document } = await look({ ...factsOf(), errorLines }, { at: endMs + 15 * 60_000 });
    expect(document).toMatchObject({ verdict: 'ok', symptom: { state: 'over' }, causes: [{ cause: 'transient' }] });
    expect(document.causes[0]?.remediation?.summary).toContain('nothing to do');
  });

  test('what is old is escalated, what is young is not', async () => {
    const young = await look(story('writer-unreachable'));
    expect(young.document.escalation).toMatchObject({ due: false });
    const old = await look(story('security-group-changed'));
    expect(old.document.escalation).toMatchObject({ due: true });
    expect(old.document.escalation?.summary).toContain('on-call architect');
  });

  test('tasks that crash, too, are told of', async () => {
    const stoppedTasks = [1, 2, 3, 4].map((number) => ({
      taskArn: `task/${number}`,
      stoppedAt: endMs - number * 1_000,
      stopCode: 'EssentialContainerExited',
      containers: [],
    }));
    const { document } = await look(story('writer-unreachable', { stoppedTasks }));
    expect(document.notes?.join('\n')).toContain('nanoops diagnose crash-loop');
  });

  test('a failover of last week explains nothing', async () => {
    const old = { ...event(0, 'failover-completed'), at: endMs - 7 * 24 * 3_600_000 };
    const { document } = await look(story('read-only-writer', { databaseEvents: [old] }));
    expect(document.causes[0]?.for.map(({ detail }) => detail).join('\n')).not.toContain('failover was completed');
  });

  test('--until: what came later is not looked at', async () => {
    const { document, cloud } = await look(story('writer-unreachable'), { at: endMs + 3_600_000, until: endMs });
    expect(document.symptom?.state).toBe('ongoing');
    expect(cloud.questions('errorLines')[0]?.[1].to).toBe(endMs);
  });
});

test('what the diagnosis hands on is plain and short, however much the log says', async () => {
  const line = picture(stories['writer-unreachable']?.seen).errorLines;
  if (!line.known) throw new TypeError('the story has no log');
  const lines = Array.from({ length: 4_000 }, (_, index) => ({
    at: endMs - 4 * 60_000 + index * 60,
    stream: streams[index % 3] ?? '',
    message: line.value.lines.at(-1)?.message ?? '',
  }));
  const { document } = await look(story('writer-unreachable', { errorLines: { ...line.value, lines } }));
  expect(document.causes[0]?.cause).toBe('writer-unreachable');
  expect(JSON.stringify(plainOf(document.causes)).length).toBeLessThan(10_000);
});
