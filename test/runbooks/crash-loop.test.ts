/** The runbook for a crash loop as a whole: its graph, the remedy of each cause, what each gap does, and what it mends. */
import { describe, expect, test } from 'vitest';
import type { Answer, AskedQuestion } from '../../src/engine/approval.ts';
import { callsOf, isLooking } from '../../src/engine/runbook.ts';
import { crashLoop } from '../../src/runbooks/crash-loop.ts';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { deployment, lastLines, record, revision, service, task, tasks } from '../diagnosis/crash-loop/pictures.ts';
import { utilisation } from '../diagnosis/latency/pictures.ts';
import { minutesAgo, seriesOf, times } from '../diagnosis/series.ts';
import { refusal, type Told } from '../fakes/cloud.ts';
import { stackConfig } from '../use-cases/stage.ts';
import { simulated } from './database-unavailable/simulated.ts';
import { lookWith, type LookOptions } from './database-unavailable/stage.ts';

const look = (told: Told, options: LookOptions = {}) => lookWith(crashLoop, told, options);

const healthy = {
  stoppedTasks: [],
  serviceState: service(),
  deployments: [record(600)],
  errorLines: lastLines([], () => ''),
  targetHealth: [{ id: '10.0.0.1', state: 'healthy' }],
  serviceUtilisation: utilisation({}),
} satisfies Told;

const crashed = tasks([0, 0.5, 1, 1.5, 2, 2.5]);
const arn = 'arn:aws:ecs:us-west-2:123456789012:service-deployment/nano/nano-api/7';

/** Revision 42 crashes since it was deployed. */
const looping = {
  ...healthy,
  stoppedTasks: crashed,
  serviceState: service({ deployments: [deployment({ createdAt: minutesAgo(10) })] }),
  deployments: [record(10, { id: arn })],
  errorLines: lastLines(crashed, () => 'ImportError: cannot import name quote'),
} satisfies Told;

describe('the graph', () => {
  test('looks at everything at once', () => {
    const waiting = crashLoop.steps.filter((step) => step.kind === 'observe' && step.needs.length > 0);
    expect(waiting).toEqual([]);
  });

  test('ends with its conclusion, and has no way forward again to what crashed', () => {
    expect(crashLoop.steps.at(-1)).toBe(crashLoop.conclusion);
    const reversible = crashLoop.steps.filter(({ body }) => body.form === 'change' && body.reverse !== undefined);
    expect(reversible).toEqual([]);
    expect(crashLoop.steps.filter(isLooking).flatMap((step) => step.changes)).toEqual([]);
  });
});

describe('the remedy', () => {
  test('is the version before, where a deployment is to blame', async () => {
    const { document } = await look(looping);
    expect(document).toMatchObject({ verdict: 'attention', exitCode: 1, notes: [] });
    expect(document.causes[0]).toMatchObject({
      cause: 'crash-loop',
      component: 'nano-api',
      remediation: {
        stepId: 'roll-back',
        command: `aws ecs update-service --region us-west-2 --cluster nano --service nano-api --task-definition ${revision(40)} --profile ops`,
      },
    });
    expect(document.causes[0]?.for.map(({ detail }) => detail).join('\n')).toContain('ImportError');
  });

  test('is to stop the rollout while it is under way', async () => {
    const rolling = deployment({ createdAt: minutesAgo(10), rollout: 'in-progress' });
    const { document } = await look({
      ...looping,
      serviceState: service({ deployments: [rolling] }),
      deployments: [record(10, { id: arn, status: 'IN_PROGRESS' })],
    });
    expect(document.causes[0]?.remediation?.command).toMatch(
      /^aws ecs stop-service-deployment .*service-deployment\/nano\/nano-api\/7 --stop-type ROLLBACK/,
    );
  });

  test('is a person where no deployment explains it', async () => {
    const { document } = await look({ ...looping, serviceState: service(), deployments: [record(3_000, { id: arn })] });
    expect(document.causes[0]).toMatchObject({ remediation: { stepId: 'page' } });
    expect(document.causes[0]?.remediation?.summary).toMatch(/going back would not help/);
  });

  test('is a person where somebody has gone back to what crashes already: to flip between two versions helps nobody', async () => {
    const way = [
      record(10, { id: arn }),
      record(30, { taskDefinition: revision(40), previousTaskDefinitions: [revision(42)] }),
    ];
    const { document } = await look({ ...looping, deployments: way });
    expect(document.causes[0]?.remediation).toMatchObject({
      stepId: 'page',
      summary: expect.stringContaining('somebody went back from nano-api:40 to nano-api:42 already'),
    });
    // Others that ran before do not count: only what it would go back to.
    const other = [
      way[0] ?? record(10),
      record(30, { taskDefinition: revision(39), previousTaskDefinitions: [revision(42)] }),
    ];
    expect((await look({ ...looping, deployments: other })).document.causes[0]?.remediation).toMatchObject({
      stepId: 'roll-back',
    });
  });

  test('is to wait where ECS goes back by itself', async () => {
    const { document } = await look({
      ...looping,
      deployments: [record(10, { id: arn, status: 'ROLLBACK_IN_PROGRESS' })],
    });
    expect(document.causes[0]?.remediation?.command).toBeUndefined();
    expect(document.causes[0]?.remediation?.summary).toContain('ECS is rolling the deployment back');
  });
});

describe('what is not known', () => {
  // `Object.keys` gives an object's own keys as mere strings.
  test.each(Object.keys(healthy) as (keyof typeof healthy)[])('%s: nothing is called well', async (fact) => {
    const { document } = await look({ ...healthy, [fact]: refusal(fact) });
    expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(document.notes?.join('\n')).toContain('in us-west-2: permission');
  });

  test('without a service to look at it is unknown, and the key that is missing is named', async () => {
    const { compute: _compute, ...config } = stackConfig;
    const { errorLines, targetHealth } = healthy;
    const { document } = await look({ errorLines, targetHealth }, { config });
    expect(document.verdict).toBe('unknown');
    expect(document.nextSteps?.join('\n')).toContain('add compute to nanoops.yaml');
  });
});

describe('how it stands', () => {
  test('nothing crashes', async () => {
    const { document, cloud } = await look(healthy);
    expect(document).toMatchObject({ verdict: 'ok', exitCode: 0, causes: [], notes: [] });
    expect(cloud.unused()).toEqual([]);
  });

  test('deployments of a whole day are looked at', async () => {
    const { cloud } = await look(healthy);
    const window = cloud.questions('deployments')[0]?.[1];
    expect((window?.to ?? 0) - (window?.from ?? 0)).toBe(24 * 3_600_000);
  });

  test('tasks that others stopped are no crashes', async () => {
    const stopped = crashed.map((each) => ({ ...each, stopCode: 'ServiceSchedulerInitiated' }));
    const { document } = await look({ ...looping, stoppedTasks: stopped });
    expect(document).toMatchObject({ verdict: 'ok', causes: [] });
  });

  test('few targets and tight memory are told of', async () => {
    const { document } = await look({
      ...looping,
      targetHealth: [
        { id: 'a', state: 'unhealthy' },
        { id: 'b', state: 'healthy' },
      ],
      serviceUtilisation: utilisation({ memoryMaximum: seriesOf(times(60, 97), '%') }),
    });
    expect(document.notes).toEqual(['1 of 2 targets are healthy', 'memory is at 97 % of what tasks reserve']);
  });

  test('a loop of more than a quarter of an hour is escalated', async () => {
    const old = [...crashed, ...[4, 6, 8, 10, 12, 14, 16, 18].map((minutes) => task(`old${minutes}`, minutes))];
    const { document } = await look({ ...looping, stoppedTasks: old });
    expect(document.escalation).toMatchObject({ due: true });
  });
});

const yes: Answer = { kind: 'given', by: 'ana', how: 'prompt' };
const no: Answer = { kind: 'declined', by: 'ana' };
const scenarios = listScenarios().filter(({ runbook }) => runbook === crashLoop.id);

describe.each(scenarios)('$id is diagnosed', ({ id, truth }) => {
  test.each([1, 2, 3])('seed %i', async (seed) => {
    const { document } = await simulated(crashLoop, { scenario: id, seed });
    const [first] = document.causes;
    // Whether a deployment is to blame is told by the cause, and left open by the truth.
    const cause = first?.cause.replace(/-without-deployment$/, '') ?? null;
    const found = { cause, component: first?.component ?? null, exitCode: document.exitCode };
    expect(found).toEqual({ ...truth, cause: truth.cause?.replace(/-without-deployment$/, '') ?? null });
    expect(first?.cause.endsWith('-without-deployment') ?? false).toBe(id === 'crash-loop-without-deployment');
    expect(document.api.mutations).toBe(0);
    expect(callsOf(crashLoop.steps)).toEqual(expect.arrayContaining(Object.keys(document.api.byOperation)));
  });
});

describe('acted upon', () => {
  const act = (scenario: string, answer: (question: AskedQuestion) => Answer = () => yes) =>
    simulated(crashLoop, { scenario, mode: 'execute', answer });

  test.each([
    ['crash-loop', 'ecs:UpdateService'],
    ['crash-loop-deployment-in-progress', 'ecs:StopServiceDeployment'],
  ])('%s goes back to the version before, and no task crashes for five minutes', async (scenario, operation) => {
    const { document, told, asked, step } = await act(scenario);
    expect(document.verdict).toBe('ok');
    expect(document.mutations).toMatchObject([{ stepId: 'roll-back', operation, status: 'applied' }]);
    expect(step('no-crashes')?.durationMs).toBeGreaterThanOrEqual(5 * 60_000);
    expect(asked.map(({ stepId }) => stepId)).toEqual(['approve-roll-back']);
    expect(told.map(({ severity }) => severity)).toEqual(['critical', 'info']);
    expect(told[0]?.text).toMatch(/last words of/);
  });

  test('without a deployment to blame somebody is paged, with the last words, and nothing is changed', async () => {
    const { document, told, asked } = await act('crash-loop-without-deployment');
    expect(document).toMatchObject({ verdict: 'attention', mutations: [] });
    expect(asked).toEqual([]);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ severity: 'critical' });
    expect(told[0]?.text).toMatch(/last words|secrets/);
  });

  test('a no changes nothing', async () => {
    const { document } = await act('crash-loop', () => no);
    expect(document).toMatchObject({ verdict: 'awaiting-approval', mutations: [] });
  });

  test('tasks that were replaced on purpose page nobody', async () => {
    const { document, told } = await act('tasks-replaced');
    expect(document).toMatchObject({ verdict: 'ok', mutations: [] });
    expect(told).toEqual([]);
  });
});
