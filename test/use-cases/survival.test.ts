/**
 * Every built-in runbook survives whatever happens at whatever moment, on the simulated AWS; and the trial that says so
 * catches runbooks that do not.
 */
import { describe, expect, test } from 'vitest';
import { openAws } from '../../src/aws/open-aws.ts';
import { sha256 } from '../../src/composition/identity.ts';
import { createTheatre } from '../../src/composition/theatre.ts';
import { changesOf, runbook as runbookOf } from '../../src/engine/runbook.ts';
import type { Change, Look } from '../../src/engine/change.ts';
import { survivalDocument, type SurvivalDocument } from '../../src/report/schemas.ts';
import { part } from '../../src/runbooks/configured.ts';
import {
  act,
  approve,
  decide,
  observe,
  serviceResource,
  verify,
  type DiagnosisConclusion,
  type AnyRunbook,
} from '../../src/runbooks/kit.ts';
import {
  applyCount,
  lookAtCount,
  planScaleOut,
  pollTasks,
  type CountInput,
} from '../../src/runbooks/service-changes.ts';
import { moveOfRunbook } from '../../src/use-cases/moves.ts';
import { findRunbook, listRunbooks, scenariosOf } from '../../src/use-cases/runbooks.ts';
import { survive } from '../../src/use-cases/survival.ts';
import { inTier } from '../support/tier.ts';

async function trial(runbook: AnyRunbook, scenario: string, signal?: AbortSignal): Promise<SurvivalDocument> {
  const theatre = createTheatre({
    openAws,
    changes: changesOf(runbook.steps),
    seed: 1,
    signal: signal ?? new AbortController().signal,
  });
  return survive(theatre, {
    runbook,
    scenarios: [scenario],
    digest: sha256,
    signal: signal ?? new AbortController().signal,
    // Every moment around a change is tried in any case.
    everyRecord: inTier({ all: 1, some: 96 }),
  });
}

function failuresOf({ rows }: SurvivalDocument): readonly string[] {
  return rows.flatMap(({ fault, failures }) => failures.map(({ moment, reason }) => `${fault}, ${moment}: ${reason}`));
}

/** A rollback that helps, a change that does not help and is put back, a rollback, a failover. */
const slice = [
  { runbook: 'latency', scenario: 'bad-deploy', changes: 1 },
  { runbook: 'latency', scenario: 'scale-out-does-not-help', changes: 2 },
  { runbook: 'crash-loop', scenario: 'crash-loop', changes: 1 },
  { runbook: 'errors', scenario: 'deploy-failing', changes: 1 },
  { runbook: 'database-unavailable', scenario: 'writer-unreachable', changes: 1 },
] as const;

// Those that move between regions are in a file of their own.
test('every built-in runbook is put through it', () => {
  const ids = listRunbooks().items.flatMap(({ id }) => (moveOfRunbook(id) === undefined ? [id] : []));
  expect([...new Set(slice.map(({ runbook }) => runbook))]).toEqual(expect.arrayContaining(ids));
  for (const { runbook, scenario } of slice) expect(scenariosOf({ id: runbook })).toContain(scenario);
});

test.each(slice)(
  '$runbook survives everything in $scenario',
  async ({ runbook, scenario, changes }) => {
    const document = await trial(findRunbook(runbook), scenario);
    process.stdout.write(`${runbook} in ${scenario}: ${document.moments} moments in ${document.rows.length} cases\n`);
    expect(failuresOf(document)).toEqual([]);
    expect(survivalDocument.parse(document)).toMatchObject({ verdict: 'ok', survived: document.moments });
    const momentsOf = new Map(document.rows.map(({ fault, moments }) => [fault, moments]));
    expect(momentsOf.get('killed before a change reached AWS')).toBe(changes);
    expect(momentsOf.get('killed after a change, before its answer')).toBe(changes);
    expect(momentsOf.get('an answer was lost')).toBe(changes);
    expect([...momentsOf.values()].every((moments) => moments > 0)).toBe(true);
  },
  1_800_000,
);

test('where a runbook changes nothing there is little to survive, and it survives that', async () => {
  const document = await trial(findRunbook('latency'), 'healthy');
  expect(failuresOf(document)).toEqual([]);
  expect(document.rows.find(({ fault }) => fault === 'an answer was lost')?.moments).toBe(0);
}, 180_000);

test('a trial that is interrupted ends', async () => {
  const stop = new AbortController();
  const running = trial(oneMore(), 'healthy', stop.signal);
  stop.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
});

/** How a runbook goes wrong. */
interface Flaw {
  readonly apply?: typeof applyCount;
  readonly look?: typeof lookAtCount;
  readonly resources?: AnyRunbook['resources'];
}

/** One task more: the least that a runbook which acts can be. */
function oneMore({ apply = applyCount, look = lookAtCount, resources }: Flaw = {}): AnyRunbook {
  const state = observe('service-state', {
    title: 'Tasks',
    calls: ['ecs:DescribeServices'],
    run: (_needs, { ports, settings }) => ports.facts.serviceState(part(settings.site.compute)),
    detail: ({ desired }) => `${desired} tasks`,
  });
  const limits = observe('limits', {
    title: 'Limits',
    calls: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
    run: (_needs, { ports, settings }) => ports.facts.scalingLimits(part(settings.site.compute)),
    detail: (found) => `at least ${found?.min ?? 0}`,
  });
  const plan = decide('plan', {
    title: 'Plan',
    needs: { state, limits },
    run: (needs, { settings }): { readonly change: Change<CountInput> } => {
      const planned = planScaleOut(part(settings.site.compute), needs.state, needs.limits);
      if ('reason' in planned) throw new TypeError(planned.reason);
      return planned;
    },
    detail: ({ change }) => change.summary,
  });
  const consent = approve('approve-more', {
    title: 'Agree',
    needs: { plan },
    ask: (needs) => ({ question: 'One more?', facts: [], changes: [needs.plan.change] }),
  });
  const more = act('more', {
    title: 'One task more',
    needs: { plan },
    approval: consent,
    calls: ['ecs:DescribeServices', 'application-autoscaling:DescribeScalableTargets'],
    changes: ['application-autoscaling:RegisterScalableTarget'],
    change: (needs) => needs.plan.change,
    look,
    apply,
  });
  const running = verify('running', {
    title: 'It runs',
    needs: { plan, more },
    calls: ['ecs:DescribeServices', 'elasticloadbalancing:DescribeTargetHealth'],
    withinMs: 600_000,
    everyMs: 10_000,
    poll: (needs, context) => pollTasks(part(context.settings.site.compute), needs.plan.change.input.to, context),
  });
  const conclusion = decide('conclusion', {
    title: 'In short',
    needs: { running },
    run: (): DiagnosisConclusion => ({
      verdict: 'ok',
      symptom: { state: 'none', summary: 'one task more' },
      causes: [],
      notes: [],
      nextSteps: [],
    }),
    detail: ({ symptom }) => symptom.summary,
  });
  return runbookOf({
    id: 'one-more',
    title: 'One task more',
    summary: 'One task more',
    steps: [state, limits, plan, consent, more, running, conclusion],
    conclusion,
    resources: resources ?? (({ site }) => [serviceResource(part(site.compute))]),
  });
}

describe('the trial', () => {
  test('finds nothing wrong with a runbook that is right', async () => {
    const document = await trial(oneMore(), 'healthy');
    expect(failuresOf(document)).toEqual([]);
    expect(document.verdict).toBe('ok');
  }, 180_000);

  test('catches a step that repeats its change blindly', async () => {
    const apply: typeof applyCount = (change, context) =>
      applyCount(change, context).catch(() => applyCount(change, context));
    const document = await trial(oneMore({ apply }), 'healthy');
    expect(document.verdict).toBe('failed');
    expect(failuresOf(document).join('\n')).toMatch(/an answer was lost, change 1: .*changes made: /);
  }, 180_000);

  test('catches a look that never sees what was done', async () => {
    const look = (): Promise<Look> => Promise.resolve({ state: 'not-started', detail: 'nothing to be seen' });
    const document = await trial(oneMore({ look }), 'healthy');
    expect(document.verdict).toBe('failed');
    const found = failuresOf(document).join('\n');
    expect(found).toMatch(/killed after a change, before its answer, .*changes made: /);
    expect(found).toMatch(/an answer was lost, .*changes made: /);
  }, 180_000);

  test('catches a look that sees what was not done', async () => {
    let asked = 0;
    const look: typeof lookAtCount = async (change, context) => {
      asked += 1;
      return asked === 1 ? lookAtCount(change, context) : { state: 'done', detail: 'so it seems' };
    };
    const document = await trial(oneMore({ look }), 'healthy');
    expect(document.verdict).toBe('failed');
    expect(failuresOf(document).join('\n')).toMatch(/killed before a change reached AWS, .*changes made: none/);
  }, 180_000);

  test('catches a runbook that forgets its lease', async () => {
    const document = await trial(oneMore({ resources: () => [] }), 'healthy');
    expect(document.verdict).toBe('failed');
    expect(failuresOf(document).join('\n')).toMatch(/lease/);
  }, 180_000);
});
