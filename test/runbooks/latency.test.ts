/** The latency runbook as a whole: its graph, and which remedy goes with which cause. */
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/cloud/facts.ts';
import { callsOf } from '../../src/engine/runbook.ts';
import { latency } from '../../src/runbooks/latency.ts';
import {
  bucketLoad,
  cacheLoad,
  logs,
  moved,
  slowLogEntry,
  steady,
  traces,
  traffic,
  usual,
  utilisation,
  zone,
  type Spent,
} from '../diagnosis/latency/pictures.ts';
import { minutesAgo, seriesOf, times, wave } from '../diagnosis/series.ts';
import type { Told } from '../fakes/cloud.ts';
import { diagnoseOn, slowApi } from '../use-cases/stage.ts';

describe('the graph', () => {
  const depths = new Map<string, number>();
  for (const step of latency.steps) {
    const below = step.needs.map((need) => depths.get(need.step.id) ?? Number.NaN);
    depths.set(step.id, Math.max(0, ...below) + (step.kind === 'observe' ? 1 : 0));
  }

  test('looks at the cloud at most three times one after the other', () => {
    expect(Math.max(...depths.values())).toBe(3);
  });

  test('has every step after what it needs, and ends with its conclusion', () => {
    expect([...depths.values()].every(Number.isFinite)).toBe(true);
    expect(latency.steps.at(-1)).toBe(latency.conclusion);
  });

  test('begins with what the operator would look at first', () => {
    expect(latency.steps.slice(0, 2).map((step) => step.id)).toEqual(['api-traffic', 'symptom']);
  });

  test('says what each step looks at, in words', () => {
    for (const step of latency.steps) {
      expect(step.title).not.toBe('');
      expect(step.id).toMatch(/^[a-z]+(?:-[a-z0-9]+)*$/);
    }
  });

  test('concludes from everything that looks: no gap can go unheard', () => {
    const findings = latency.steps.find((step) => step.id === 'findings');
    expect(latency.conclusion.needs.map((need) => need.step)).toContain(findings);
    const heard = new Set(findings?.needs.map((need) => need.step.id));
    // Flow logs are heard of through the step that reads them.
    const looking = latency.steps.filter((step) => step.kind === 'observe' && step.id !== 'flow-logs');
    expect(looking.map((step) => step.id).filter((id) => !heard.has(id))).toEqual([]);
  });

  test('can do without any one of its needs to conclude', () => {
    const needs = [latency.conclusion, ...latency.steps.filter((step) => step.id === 'findings')].flatMap(
      (step) => step.needs,
    );
    expect(needs.filter((need) => !need.optional).map((need) => need.step.id)).toEqual(['findings']);
  });
});

const spending = (spent: Partial<Spent>): NonNullable<Told['traces']> => {
  const slow = { ...usual, ...spent };
  return (_service, _window, { slowerThanMs }) => traces(slowerThanMs !== undefined ? slow : usual);
};

const deployment = {
  id: 'arn:aws:ecs:us-west-2:123456789012:service-deployment/nano/nano-api/7',
  status: 'SUCCESSFUL',
  startedAt: minutesAgo(25),
  finishedAt: minutesAgo(21),
  taskDefinition: 'arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:42',
  previousTaskDefinitions: ['arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:41'],
};

describe('the remedy', () => {
  test.each<[string, string, RegExp | undefined, Told]>([
    [
      'bad-deploy',
      'roll-back',
      /--task-definition \S+nano-api:41$/,
      { deployments: [deployment], traces: spending({ own: 3_000 }) },
    ],
    [
      'cache-cold',
      'advise',
      undefined,
      { cacheLoad: cacheLoad(moved(900, 100), moved(100, 900)), traces: spending({ database: 3_000 }) },
    ],
    [
      'connection-pool-exhausted',
      'review-pool',
      undefined,
      {
        connectionLimit: 1_000,
        errorLines: logs([19, 60, 'QueuePool limit of size 20 overflow 10 reached']),
        traces: spending({ own: 3_000 }),
      },
    ],
    [
      'cpu-saturated',
      'scale-out',
      /--desired-count 4$/,
      { serviceUtilisation: utilisation({ cpuAverage: moved(44, 97, '%') }), traces: spending({ own: 3_000 }) },
    ],
    ['downstream-dependency', 'advise', undefined, { traces: spending({ dependency: 3_000 }) }],
    [
      'memory-pressure',
      'scale-out',
      /--desired-count 4$/,
      { serviceUtilisation: utilisation({ memoryAverage: moved(55, 97, '%') }), traces: spending({ own: 3_000 }) },
    ],
    [
      'network-az',
      'review-flow-logs',
      /^aws logs tail \/vpc\/flow /,
      {
        zoneTraffic: [zone('usw2-az1', steady(0.4, 's')), zone('usw2-az2'), zone('usw2-az3', steady(0.4, 's'))],
        flowLogs: [
          {
            id: 'fl-1',
            resourceId: 'subnet-1',
            trafficType: 'ALL',
            destination: 'cloud-watch-logs',
            logGroup: '/vpc/flow',
          },
        ],
      },
    ],
    [
      's3-slow',
      'advise',
      undefined,
      { bucketLoad: bucketLoad(moved(40, 900, 'ms')), traces: spending({ storage: 3_000 }) },
    ],
    [
      'slow-query',
      'suggest-index',
      /^aws logs tail \S+\/slowquery /,
      {
        slowQueries: logs([19, 40, slowLogEntry('SELECT a FROM nanos WHERE status = 1', 3)]),
        traces: spending({ database: 3_000 }),
      },
    ],
    [
      'traffic-surge',
      'scale-out',
      /--desired-count 4$/,
      {
        apiTraffic: traffic({ requests: moved(600, 1_900) }),
        serviceUtilisation: utilisation({ cpuAverage: moved(44, 97, '%') }),
        traces: spending({ own: 3_000 }),
      },
    ],
  ])('for %s is %s', async (cause, stepId, command, answers) => {
    const { document } = await diagnoseOn({ ...slowApi(), ...answers });
    const [first] = document.causes;
    expect(first).toMatchObject({ cause, remediation: { stepId } });
    expect(first?.remediation?.command ?? 'no command').toMatch(command ?? /^no command$/);
    // A remedy that is a step of the runbook is told in that step's line too.
    const lines = document.steps
      .filter((step) => step.status === 'succeeded')
      .map((step) => `${step.id}: ${step.detail}`);
    const told = { 'scale-out': 'scale-out-remedy', 'roll-back': 'roll-back-remedy' }[stepId] ?? stepId;
    const advice = stepId === 'advise' ? [] : [`${told}: ${first?.remediation?.summary}`];
    expect(lines).toEqual(expect.arrayContaining(advice));
  });

  test('names the index for the statement that is new, not for the one that always was slow', async () => {
    const always = slowLogEntry('SELECT b FROM archive WHERE year = 1', 60);
    const fresh = slowLogEntry('SELECT a FROM nanos WHERE status = 1', 3);
    const { document } = await diagnoseOn({
      ...slowApi(),
      slowQueries: logs([80, 60, always], [19, 20, always], [19, 40, fresh]),
      traces: spending({ database: 3_000 }),
    });
    expect(document.causes[0]?.remediation?.summary).toContain('ON nanos (status)');
  });

  test('that is not called for is skipped, with the reason', async () => {
    const { document } = await diagnoseOn({ ...slowApi(), traces: spending({ dependency: 3_000 }) });
    expect(document.steps.find((step) => step.id === 'scale-out-remedy')).toMatchObject({
      status: 'skipped',
      detail: 'would not help here',
    });
    expect(document.steps.find((step) => step.id === 'flow-logs')).toMatchObject({
      status: 'skipped',
      detail: 'the network is not to blame',
    });
  });
});

describe('latency that settled', () => {
  const past = seriesOf([...wave(140, 0.4), ...times(12, 4), ...wave(28, 0.4)], 's');

  test('is transient: nothing to do, and nothing to escalate', async () => {
    const { document } = await diagnoseOn({ ...slowApi(), apiTraffic: traffic({ latencyP99: past }) });
    expect(document).toMatchObject({
      verdict: 'ok',
      exitCode: 0,
      symptom: {
        state: 'over',
        onset: new Date(minutesAgo(40)).toISOString(),
        endedAt: new Date(minutesAgo(28)).toISOString(),
      },
      causes: [{ cause: 'transient', component: 'nano-api', remediation: { stepId: 'wait' } }],
    });
    expect(document).not.toHaveProperty('escalation');
  });
});

describe('escalation', () => {
  const since = (minutes: number) => diagnoseOn(slowSince(minutes));
  const slowSince = (minutes: number): Told => ({
    ...slowApi(),
    apiTraffic: traffic({ latencyP99: seriesOf([...wave(180 - minutes, 0.4), ...wave(minutes, 4)], 's') }),
  });

  test.each([
    [10, false],
    [12, false],
    [13, true],
    [90, true],
  ])('of an incident that metrics, 3 minutes late, show for %i minutes is due: %s', async (minutes, due) => {
    expect((await since(minutes)).document.escalation?.due).toBe(due);
  });

  test('goes by the onset that was given', async () => {
    const { document } = await diagnoseOn(slowSince(10), { since: minutesAgo(40) });
    expect(document.escalation).toEqual({ due: true, summary: '43 min old (as given): page the on-call architect' });
  });

  test('thinks of a failover where the database is to blame', async () => {
    const { document } = await diagnoseOn({
      ...slowApi(),
      slowQueries: logs([19, 40, slowLogEntry('SELECT a FROM nanos WHERE status = 1', 3)]),
      traces: spending({ database: 3_000 }),
    });
    expect(document.escalation?.summary).toContain('consider a failover of the database');
  });
});

test('a run announces what it will call, and calls nothing else', async () => {
  const { cloud } = await diagnoseOn({
    ...slowApi(),
    zoneTraffic: [zone('usw2-az1', steady(0.4, 's')), zone('usw2-az2'), zone('usw2-az3', steady(0.4, 's'))],
    flowLogs: [],
  });
  expect(Object.keys(cloud.usage().byOperation).filter((operation) => !cloud.prepared.has(operation))).toEqual([]);
  expect([...cloud.prepared]).toEqual(callsOf(latency.steps));
  expect(latency.steps.filter((step) => step.kind === 'observe' && step.calls.length === 0)).toEqual([]);
});

test('a run asks only facts, and each but traces once', async () => {
  const { cloud } = await diagnoseOn(slowApi());
  const counts = new Map<keyof Facts, number>();
  for (const { fact } of cloud.asked) counts.set(fact, (counts.get(fact) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > 1)).toEqual([['traces', 2]]);
  expect(cloud.usage().mutations).toBe(0);
});
