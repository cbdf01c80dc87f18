/** What is told to the team, and whether what was done helped. */
import { confidenceText } from '../../cloud/quantity.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import { settled, type NeedValues, type Settled } from '../../engine/step.ts';
import { notify, verifyMeasured, type Message } from '../kit.ts';
import { advice } from './advice.ts';
import { diagnosis } from './diagnosis.ts';
import { failedOver, failoverAwaited, failOverPlan } from './failing-over.ts';
import { restartPlan, tasksRestarted } from './restarting.ts';
import { instanceReady, pointApplication } from './restoring.ts';
import { pollConnections, type ConnectionsVerified } from './verified.ts';

const ended = {
  moved: settled(failedOver),
  awaited: settled(failoverAwaited),
  restarted: settled(tasksRestarted),
  ready: settled(instanceReady),
  pointed: settled(pointApplication),
};

/** When what was to help was done, epoch milliseconds; undefined where nothing was, or it came to nothing. */
function doneAt({ moved, awaited, restarted, ready, pointed }: NeedValues<typeof ended>): number | undefined {
  const times = [
    ...[moved, awaited].flatMap((each) => (each.known && each.value.failedOver ? [each.value.at] : [])),
    ...(restarted.known ? [restarted.value.at] : []),
    ...(ready.known && pointed.known ? [ready.value.at] : []),
  ];
  return times.length === 0 ? undefined : Math.max(...times);
}

export const connectionsBack = verifyMeasured('connections-back', {
  title: 'Connections are made again',
  needs: ended,
  skip: (needs, { site }) => {
    if (doneAt(needs) === undefined) return 'nothing was done that could have helped';
    const { api, logs } = site;
    return api === undefined && logs?.application === undefined
      ? 'neither logs.application nor api.loadBalancer is configured: nothing tells'
      : undefined;
  },
  calls: ['logs:FilterLogEvents', 'cloudwatch:GetMetricData'],
  withinMs: 15 * 60_000,
  everyMs: 20_000,
  poll: (needs, context) => pollConnections(doneAt(needs) ?? context.clock.now(), context),
  assume: () => ({ output: { isAssumed: true }, detail: 'assumed: no connection errors, and hardly any 5xx' }),
});

/** What was seen. */
export function verifiedText({ errorLines, serverErrorShare }: ConnectionsVerified): string {
  const told = [
    ...(errorLines === undefined ? [] : [`${errorLines === 0 ? 'no' : errorLines} connection errors`]),
    ...(serverErrorShare === undefined ? [] : [`${quantity(serverErrorShare, 'ratio')} of requests answered with 5xx`]),
  ];
  return `connections are made again (${told.join(', ')})`;
}

export const tellTeam = notify('tell-team', {
  title: 'Tell the team what is wrong',
  needs: { diagnosis, advice: settled(advice), failOver: settled(failOverPlan), restart: settled(restartPlan) },
  skip: ({ diagnosis: found }) => (found.symptom.state === 'ongoing' ? undefined : 'connections do not fail now'),
  message: ({ diagnosis: found, advice: remedies, failOver, restart }, { site, service }): Message => {
    const [first] = found.causes;
    const remedy = first === undefined || !remedies.known ? undefined : remedies.value[first.cause];
    return {
      severity: 'critical',
      title: `${site.compute?.service ?? service} cannot reach its database${first === undefined ? '' : `: ${first.cause}`}`,
      lines: [
        found.symptom.summary,
        ...(first === undefined
          ? ['nothing was found that explains it']
          : [`${first.summary} (${confidenceText(first.confidence)})`]),
        ...planned(failOver, 'a failover'),
        ...planned(restart, 'new tasks'),
        ...(remedy === undefined ? [] : [`what helps: ${remedy.summary}`]),
        ...found.gaps.slice(0, 5).map((each) => `not known: ${each}`),
      ],
    };
  },
});

function planned(plan: Settled<object>, what: string): readonly string[] {
  return plan.known && 'change' in plan.value ? [`${what} is planned, and done once somebody agrees`] : [];
}
