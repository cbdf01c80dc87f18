/** Back to the version before where a deployment is to blame, once somebody agrees; and whether tasks stay up then. */
import { confidenceText } from '../../cloud/quantity.ts';
import type { DeploymentRecord, ServiceState } from '../../cloud/facts.ts';
import { crashesIn, loopWindowMs } from '../../diagnosis/crash-loop/restarts.ts';
import type { CrashLoopHelp } from '../../diagnosis/crash-loop/help.ts';
import { valueOf } from '../../diagnosis/known.ts';
import { settled, type Polled } from '../../engine/step.ts';
import { part } from '../configured.ts';
import { groundsOf } from '../grounds.ts';
import { decide, notify, verify, type Message } from '../kit.ts';
import { rollBackSteps, rollBackText, type RollBackPlan } from '../roll-back.ts';
import { planRollBack } from '../service-changes.ts';
import { advice } from './advice.ts';
import { diagnosis, type Diagnosis } from './diagnosis.ts';
import { deployments, serviceState } from './observations.ts';

const minuteMs = 60_000;

/** Why going back is not what is to be done; undefined where it is. */
function unlessRollBack({ symptom, causes: [first] }: Diagnosis): string | undefined {
  if (symptom.state !== 'ongoing') return 'tasks do not crash now';
  if (first?.cause !== 'crash-loop') return 'no deployment is to blame';
  return first.help.kind === 'roll-back' || first.help.kind === 'stop-rollout' ? undefined : first.help.summary;
}

/** The deployment to blame, with what the diagnosis takes to have run before it. */
function suspectOf(
  help: CrashLoopHelp | undefined,
  records: readonly DeploymentRecord[],
  state: ServiceState,
): DeploymentRecord {
  const id = help?.kind === 'stop-rollout' ? help.deployment : undefined;
  const before = help?.kind === 'stop-rollout' || help?.kind === 'roll-back' ? help.to : undefined;
  const found =
    records.find((each) => each.id === id) ??
    records
      .toSorted((a, b) => b.startedAt - a.startedAt)
      .find(({ taskDefinition }) => taskDefinition === state.taskDefinition);
  const record = found ?? {
    id: '',
    status: 'UNKNOWN',
    startedAt: 0,
    taskDefinition: state.taskDefinition,
    previousTaskDefinitions: [],
  };
  return {
    ...record,
    previousTaskDefinitions: [...(before === undefined ? [] : [before]), ...record.previousTaskDefinitions],
  };
}

export const rollBackPlan = decide('plan-roll-back', {
  title: 'Plan: back to the version before',
  needs: { diagnosis, state: serviceState, records: settled(deployments) },
  skip: ({ diagnosis: found }) => unlessRollBack(found),
  run: ({ diagnosis: found, state, records }, { settings }): RollBackPlan => {
    const suspect = suspectOf(found.causes[0]?.help, valueOf(records) ?? [], state);
    const plan = planRollBack(part(settings.site.compute), state, suspect);
    return 'reason' in plan ? plan : { ...plan, grounds: groundsOf(found.symptom.summary, found.causes) };
  },
  detail: rollBackText,
});

export const { rollBackConsent, rollBackStep, rolledBack } = rollBackSteps(rollBackPlan, diagnosis, {
  hope: 'see whether its tasks stay up',
  fact: 'it stays so, whatever comes of it: the version that crashes would help nobody',
  stays: true,
});

export const noCrashes = verify('no-crashes', {
  title: 'No task crashes for 5 minutes',
  needs: { rolledBack },
  calls: ['ecs:ListTasks', 'ecs:DescribeTasks', 'ecs:DescribeServices'],
  withinMs: 20 * minuteMs,
  everyMs: 15_000,
  poll: async ({ rolledBack: { at } }, { ports, settings, clock }): Promise<Polled<{ readonly calmMs: number }>> => {
    const service = part(settings.site.compute);
    const [stopped, state] = await Promise.all([ports.facts.stoppedTasks(service), ports.facts.serviceState(service)]);
    const now = clock.now();
    const crashes = crashesIn(stopped, { from: at, to: now + 1 });
    const calmMs = now - (crashes.at(-1)?.at ?? at);
    const count = crashes.length === 0 ? 'no' : `${crashes.length}`;
    const detail = `${count} ${crashes.length === 1 ? 'crash' : 'crashes'} since; ${state.running} of ${state.desired} tasks run`;
    const isWell = calmMs >= loopWindowMs && state.running >= state.desired;
    return isWell ? { state: 'reached', output: { calmMs }, detail } : { state: 'waiting', detail };
  },
});

export const page = notify('page', {
  title: 'Page the team',
  needs: { diagnosis, advice: settled(advice), plan: settled(rollBackPlan) },
  skip: ({ diagnosis: { symptom } }) => (symptom.state === 'ongoing' ? undefined : 'tasks do not crash now'),
  message: ({ diagnosis: found, advice: remedies, plan }, { site, service }): Message => {
    const [first] = found.causes;
    const isPlanned = plan.known && 'change' in plan.value;
    const remedy = first === undefined || !remedies.known ? undefined : remedies.value[first.cause];
    return {
      severity: 'critical',
      title: `tasks of ${site.compute?.service ?? service} crash again and again`,
      lines: [
        found.symptom.summary,
        ...(first === undefined
          ? ['nothing was found that explains it']
          : [
              `${first.summary} (${confidenceText(first.confidence)})`,
              ...first.for.slice(-4).map(({ detail }) => detail),
            ]),
        ...found.notes,
        ...(isPlanned ? [`planned, and done once somebody agrees: ${plan.value.change.summary}`] : []),
        ...(isPlanned || remedy === undefined ? [] : [`what helps: ${remedy.summary}`]),
        ...found.gaps.slice(0, 5).map((each) => `not known: ${each}`),
      ],
    };
  },
});
