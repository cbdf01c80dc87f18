/**
 * Half as many tasks again before an announced launch: looks how many run and whether Application Auto Scaling may keep more,
 * asks, raises its minimum, and waits until the tasks run. What does not come up is put back.
 */
import {
  act,
  approve,
  conclude,
  decide,
  observe,
  part,
  runbook,
  serviceResource,
  settled,
  unlessConfigured,
  verify,
  type Change,
} from 'nanoops';

const minuteMs = 60_000;

/** What the change is made from: plain data, since a run that stopped is taken up from its journal. */
type Minimum = { readonly from: number; readonly to: number };

const state = observe('service-state', {
  title: 'How many tasks run',
  calls: ['ecs:DescribeServices'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.serviceState(part(settings.site.compute)),
  detail: ({ running, desired }) => `${running} of ${desired} tasks run`,
});

const limits = observe('scaling-limits', {
  title: 'How many Auto Scaling keeps',
  calls: ['application-autoscaling:DescribeScalableTargets'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.scalingLimits(part(settings.site.compute)),
  detail: (owner) =>
    owner === undefined ? 'nothing scales the service' : `between ${owner.min} and ${owner.max} tasks`,
});

const plan = decide('plan', {
  title: 'Half as many again',
  needs: { state, limits },
  run: ({ state: { desired }, limits: owner }, { settings }) => {
    if (owner === undefined) return { reason: 'nothing scales the service: set its count by hand' };
    const to = Math.min(Math.ceil(desired * 1.5), owner.max);
    if (to <= owner.min) return { reason: `at least ${owner.min} tasks are kept already` };
    const { region, cluster, service } = part(settings.site.compute);
    const change: Change<Minimum> = {
      operation: 'application-autoscaling:RegisterScalableTarget',
      region,
      resource: `${cluster}/${service}`,
      summary: `minCapacity ${owner.min} → ${to}`,
      before: { minCapacity: owner.min },
      after: { minCapacity: to },
      risk: 'reversible',
      blastRadius: `${to} tasks instead of ${desired}; those that run are not touched`,
      input: { from: owner.min, to },
    };
    return { change };
  },
  detail: (planned) => ('change' in planned ? (planned.change?.summary ?? '') : planned.reason),
});

const consent = approve('approve-more-tasks', {
  title: 'Agree to more tasks',
  needs: { plan },
  skip: ({ plan: planned }) => planned.reason,
  ask: ({ plan: { change } }) => ({
    question: 'Keep half as many tasks again for the launch?',
    facts: ['put back by: nanoops runs abort <run-id>'],
    changes: change === undefined ? [] : [change],
  }),
});

const moreTasks = act('more-tasks', {
  title: 'Keep more tasks',
  needs: { plan },
  approval: consent,
  calls: ['application-autoscaling:DescribeScalableTargets'],
  changes: ['application-autoscaling:RegisterScalableTarget'],
  change: ({ plan: { change } }) => part(change),
  look: async ({ input: { from, to } }, { ports, settings }) => {
    const owner = await ports.facts.scalingLimits(part(settings.site.compute));
    const detail = `the minimum is ${owner?.min ?? 'gone'}`;
    if (owner?.min === to) return { state: 'done', detail };
    return { state: owner?.min === from ? 'not-started' : 'drifted', detail };
  },
  apply: async ({ input: { to } }, { ports, settings }) => {
    await ports.changes.setMinimumCapacity(part(settings.site.compute), to);
  },
  reverse: (applied) => ({
    ...applied,
    summary: `minCapacity ${applied.input.to} → ${applied.input.from}`,
    before: applied.after,
    after: applied.before,
    input: { from: applied.input.to, to: applied.input.from },
  }),
});

const running = verify('tasks-run', {
  title: 'The tasks run',
  needs: { plan, done: moreTasks },
  calls: ['ecs:DescribeServices'],
  withinMs: 10 * minuteMs,
  everyMs: 15_000,
  poll: async ({ plan: { change } }, { ports, settings }) => {
    const wanted = part(change).input.to;
    const { running: count } = await ports.facts.serviceState(part(settings.site.compute));
    const detail = `${count} of ${wanted} tasks run`;
    return count >= wanted ? { state: 'reached', output: count, detail } : { state: 'waiting', detail };
  },
});

const conclusion = conclude('conclusion', {
  needs: { plan: settled(plan), running: settled(running) },
  run: ({ plan: planned, running: seen }) => {
    if (seen.known) return { verdict: 'ok', summary: `ready for the launch: ${seen.value} tasks run` };
    if (!planned.known) return { verdict: 'unknown', summary: `could not be planned: ${planned.reason}` };
    if (planned.value.change === undefined) return { verdict: 'ok', summary: `nothing to do: ${planned.value.reason}` };
    return {
      verdict: 'attention',
      summary: `to be done: ${planned.value.change.summary}`,
      nextSteps: ['nanoops runbook run prepare-launch'],
    };
  },
});

export default runbook({
  id: 'prepare-launch',
  title: 'Before a launch',
  summary: 'Half as many tasks again, before many users come at once',
  steps: [state, limits, plan, consent, moreTasks, running, conclusion],
  conclusion,
  resources: ({ site }) => (site.compute === undefined ? [] : [serviceResource(site.compute)]),
  scenarios: ['healthy'],
});
