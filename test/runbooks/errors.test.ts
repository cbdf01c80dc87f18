/** The runbook for failing requests as a whole: its graph, what each gap does, the remedy of each cause, and what it mends. */
import { describe, expect, test } from 'vitest';
import type { Answer, AskedQuestion } from '../../src/engine/approval.ts';
import { isLooking } from '../../src/engine/runbook.ts';
import { errors } from '../../src/runbooks/errors.ts';
import {
  bucketLoad,
  logs,
  picture,
  steady,
  traces,
  traffic,
  utilisation,
  zone,
} from '../diagnosis/latency/pictures.ts';
import { valueOf } from '../../src/diagnosis/known.ts';
import { minutesAgo, seriesOf, times } from '../diagnosis/series.ts';
import { refusal, type Told } from '../fakes/cloud.ts';
import { stackConfig } from '../use-cases/stage.ts';
import { simulated } from './database-unavailable/simulated.ts';
import { lookWith, type LookOptions } from './database-unavailable/stage.ts';

const look = (told: Told, options: LookOptions = {}) => lookWith(errors, told, options);

function outcomes(failed: number, balancer = 0) {
  const rise = (during: number) => seriesOf([...times(100, 0), ...times(20, during)]);
  return {
    requests: seriesOf(times(120, 1_000)),
    targetServerErrors: rise(failed),
    balancerServerErrors: rise(balancer),
    balancerUnavailable: seriesOf([]),
    targetClientErrors: seriesOf(times(120, 10)),
    balancerClientErrors: seriesOf([]),
  };
}

const seen = picture();
const state = valueOf(seen.service);
const database = valueOf(seen.database);
if (state === undefined || database === undefined) throw new TypeError('the picture holds no service or no database');
const calm = steady(0.4, 's');

/** Looked at on any day. */
const healthy = {
  apiOutcomes: outcomes(0),
  apiTraffic: traffic({ latencyP50: calm, latencyP95: calm, latencyP99: calm }),
  zoneTraffic: [zone('usw2-az1', calm), zone('usw2-az2', calm)],
  targetHealth: [{ id: '10.0.0.1', state: 'healthy' }],
  serviceUtilisation: utilisation({}),
  serviceState: state,
  deployments: [],
  stoppedTasks: [],
  databaseState: database,
  databaseEvents: [],
  bucketLoad: () => bucketLoad(steady(40, 'ms')),
} satisfies Told;

const revision = (number: number) => `arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:${number}`;

const failedTrace = () => {
  const sample = traces({ own: 60 }, { own: 60 }, { own: 60 });
  const failed = sample.traces.map((trace) => ({
    ...trace,
    spans: trace.spans.map((span) => (span.segment ? { ...span, fault: true } : span)),
  }));
  return { ...sample, traces: failed };
};

/** Looked at beside it in an incident. */
const struck = {
  ...healthy,
  apiOutcomes: outcomes(60),
  serviceState: { ...state, taskDefinition: revision(42) },
  deployments: [
    {
      id: 'arn:aws:ecs:us-west-2:123456789012:service-deployment/nano/nano-api/7',
      status: 'SUCCESSFUL',
      startedAt: minutesAgo(23),
      finishedAt: minutesAgo(19),
      taskDefinition: revision(42),
      previousTaskDefinitions: [revision(41)],
    },
  ],
  errorLines: logs([18, 200, 'KeyError: licence']),
  searchTraces: failedTrace(),
  serviceGraphs: () => [],
  recentChanges: {
    changes: [{ at: minutesAgo(23), call: 'ec2:RevokeSecurityGroupIngress', who: 'jonas', about: 'sg-1' }],
    truncated: false,
    source: { operation: 'cloudtrail:LookupEvents', region: 'us-west-2', detail: 'changes' },
  },
} satisfies Told;

describe('the graph', () => {
  test('looks twice in a row at most: at the counts, and at what they date', () => {
    const depths = new Map<string, number>();
    for (const step of errors.steps) {
      const below = step.needs.map((need) => depths.get(need.step.id) ?? Number.NaN);
      depths.set(step.id, Math.max(0, ...below) + (step.kind === 'observe' ? 1 : 0));
    }
    expect(Math.max(...depths.values())).toBe(2);
    expect(errors.steps.at(-1)).toBe(errors.conclusion);
  });

  test('changes nothing while it looks', () => {
    expect(errors.steps.filter(isLooking).flatMap((step) => step.changes)).toEqual([]);
  });
});

describe('a healthy API', () => {
  test('is told to be well, and nothing is asked that an incident alone needs', async () => {
    const { document, cloud } = await look(healthy);
    expect(document).toMatchObject({ verdict: 'ok', exitCode: 0, causes: [], notes: [], symptom: { state: 'none' } });
    expect(cloud.unused()).toEqual([]);
  });

  // `Object.keys` gives an object's own keys as mere strings.
  test.each(Object.keys(healthy) as (keyof typeof healthy)[])('is not called well without %s', async (fact) => {
    const { document } = await look({ ...healthy, [fact]: refusal(fact) });
    expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(JSON.stringify([document.notes, document.symptom])).toContain('in us-west-2: permission');
  });

  test('is not called well without a balancer, and the key that is missing is named', async () => {
    const { api: _api, ...config } = stackConfig;
    const {
      apiOutcomes: _outcomes,
      apiTraffic: _traffic,
      zoneTraffic: _zones,
      targetHealth: _targets,
      ...told
    } = healthy;
    const { document } = await look(told, { config });
    expect(document.verdict).toBe('unknown');
    expect(document.nextSteps?.join('\n')).toContain('add api.loadBalancer to nanoops.yaml');
  });
});

describe('an incident', () => {
  test('is laid at the deployment, with the way back and what changed', async () => {
    const { document, cloud } = await look(struck);
    expect(document).toMatchObject({ verdict: 'attention', exitCode: 1, escalation: { due: true } });
    expect(document.causes[0]).toMatchObject({
      cause: 'bad-deploy',
      component: 'nano-api',
      remediation: { stepId: 'roll-back', summary: 'back to nano-api:41' },
    });
    expect(document.notes?.slice(0, 2)).toEqual([
      '3 min before the onset: a deployment of nano-api:42, after nano-api:41 began',
      '3 min before the onset: ec2:RevokeSecurityGroupIngress sg-1 by jonas',
    ]);
    expect(cloud.unused()).toEqual([]);
  });

  test.each(['searchTraces', 'serviceGraphs', 'recentChanges', 'errorLines'] as const)(
    'is diagnosed without %s, which is told as missing',
    async (fact) => {
      const { document } = await look({ ...struck, [fact]: refusal(fact) });
      expect(document).toMatchObject({ verdict: 'attention', exitCode: 1 });
      expect(document.causes[0]?.cause).toBe('bad-deploy');
      expect(document.notes?.join('\n')).toContain('in us-west-2: permission');
    },
  );

  test('is diagnosed where nothing is traced, and no call is made for traces', async () => {
    const { tracing: _tracing, ...config } = stackConfig;
    const { searchTraces: _traces, serviceGraphs: _graphs, ...told } = struck;
    const { document } = await look(told, { config });
    expect(document.causes[0]?.cause).toBe('bad-deploy');
    expect(document.steps.find(({ id }) => id === 'call-graph')).toMatchObject({
      status: 'skipped',
      detail: 'tracing.service is not configured',
    });
  });

  test('that is over needs no attention, and its cause is told all the same', async () => {
    const past = (failed: number) => seriesOf([...times(80, 0), ...times(20, failed), ...times(20, 0)]);
    const { document } = await look({
      ...struck,
      apiOutcomes: { ...outcomes(0), targetServerErrors: past(60) },
      deployments: struck.deployments.map((each) => ({
        ...each,
        startedAt: minutesAgo(43),
        finishedAt: minutesAgo(39),
      })),
      errorLines: logs([38, 200, 'KeyError: licence']),
    });
    expect(document).toMatchObject({ verdict: 'ok', exitCode: 0, symptom: { state: 'over' } });
    expect(document.causes[0]).toMatchObject({ cause: 'bad-deploy', remediation: { stepId: 'advise' } });
  });
});

const yes: Answer = { kind: 'given', by: 'ana', how: 'prompt' };
const no: Answer = { kind: 'declined', by: 'ana' };

describe('acted upon', () => {
  const act = (scenario: string, answer: (question: AskedQuestion) => Answer = () => yes) =>
    simulated(errors, { scenario, mode: 'execute', answer });

  test('a deployment that fails is gone back from, and requests succeed', async () => {
    const { document, told, asked, step } = await act('deploy-failing');
    expect(document).toMatchObject({ verdict: 'ok', exitCode: 0 });
    expect(document.mutations).toMatchObject([
      { stepId: 'roll-back', operation: 'ecs:UpdateService', status: 'applied' },
    ]);
    expect(step('errors-down')?.detail).toMatch(/^5xx 0(?:\.\d+)? % of .* target 0\.5 %$/);
    expect(asked.map(({ stepId }) => stepId)).toEqual(['approve-roll-back']);
    expect(told.map(({ severity }) => severity)).toEqual(['critical', 'info']);
  });

  test('a deployment that only coincides is left alone, and a person is called', async () => {
    const { document, told, asked } = await act('deploy-coincides');
    expect(document).toMatchObject({ verdict: 'attention', mutations: [] });
    expect(document.causes[0]?.cause).toBe('dependency-failing');
    expect(asked).toEqual([]);
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain('moderation.example.com');
  });

  test('nothing is done where nobody agrees', async () => {
    const { document } = await act('deploy-failing', () => no);
    expect(document).toMatchObject({ verdict: 'awaiting-approval', exitCode: 4, mutations: [] });
  });

  test('nobody is called where nothing is wrong', async () => {
    const { document, told, asked } = await act('client-errors');
    expect(document).toMatchObject({ verdict: 'ok', mutations: [] });
    expect([told, asked]).toEqual([[], []]);
  });
});

test('what somebody went back from is not gone back to: which version is well is for a person to say', async () => {
  const [suspect] = struck.deployments;
  if (suspect === undefined) throw new Error('there is a deployment');
  const before = {
    ...suspect,
    id: 'arn:aws:ecs:us-west-2:123456789012:service-deployment/nano/nano-api/6',
    startedAt: minutesAgo(50),
    finishedAt: minutesAgo(45),
    taskDefinition: revision(41),
    previousTaskDefinitions: [revision(42)],
  };
  const { document } = await look({ ...struck, deployments: [before, suspect] });
  expect(document.causes[0]).toMatchObject({ cause: 'bad-deploy' });
  expect(document.causes[0]?.remediation?.command).toBeUndefined();
  expect(document.causes[0]?.remediation?.summary).toContain('gone back to nano-api:42 already');
  const alone = await look(struck);
  expect(alone.document.causes[0]?.remediation?.summary).toBe('back to nano-api:41');
});
