/** What would help against each cause: in words, and as a command line that a person can type. */
import type { LatencyPicture } from '../../diagnosis/latency/picture.ts';
import { signalsOf } from '../../diagnosis/latency/signals.ts';
import { settled } from '../../engine/step.ts';
import { part, unlessConfigured } from '../configured.ts';
import { decide, observe, type Remediation, type RunbookSettings } from '../kit.ts';
import { diagnosis, isCause } from './diagnosis.ts';
import { symptom, serviceState, scalingLimits, databaseLoad } from './observations.ts';
import {
  reviewConnectionPool,
  reviewFlowLogs,
  rollBack,
  scaleOut,
  suggestIndex,
  tailSince,
  type Reach,
} from './remedies.ts';

/** How suggested commands reach what the run looked at. */
function reachOf(
  { awsOptions, window }: RunbookSettings,
  { symptom: { onset, firstBadAt = onset } }: LatencyPicture,
  now: number,
): Reach {
  const began = Math.min(onset ?? window.to, firstBadAt ?? window.to);
  return { awsOptions, since: tailSince(began, window.to, now) };
}

export const scaleOutRemedy = decide('scale-out-remedy', {
  title: 'One task more, within the limits',
  needs: { diagnosis, state: serviceState, limits: settled(scalingLimits) },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('cpu-saturated', 'traffic-surge', 'memory-pressure')) ? undefined : 'would not help here',
  run: ({ diagnosis: { picture }, state, limits }, { settings, now }) =>
    scaleOut(part(settings.site.compute), state, limits, reachOf(settings, picture, now)),
  detail: (remedy) => remedy.summary,
});

export const rollBackRemedy = decide('roll-back-remedy', {
  title: 'Back to the version before',
  needs: { diagnosis, state: serviceState },
  skip: ({ diagnosis: found }) => (found.causes.some(isCause('bad-deploy')) ? undefined : 'no deployment is to blame'),
  run: ({ diagnosis: found, state }, { settings, now }): Remediation => {
    const { suspectDeployment } = signalsOf(found.picture);
    if (suspectDeployment === undefined) return { stepId: 'roll-back', summary: 'roll back the newest deployment' };
    return rollBack(part(settings.site.compute), state, suspectDeployment, reachOf(settings, found.picture, now));
  },
  detail: (remedy) => remedy.summary,
});

export const suggestIndexStep = decide('suggest-index', {
  title: 'An index that may help',
  needs: { diagnosis },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('slow-query')) ? undefined : 'the database is not to blame',
  run: ({ diagnosis: found }, { settings, now }) => {
    const { newlySlow, slowStatements } = signalsOf(found.picture);
    const worst = newlySlow ?? slowStatements.during[0];
    const { region, logs } = settings.site;
    return suggestIndex(region, logs?.database?.logGroup, worst, reachOf(settings, found.picture, now));
  },
  detail: (remedy) => remedy.summary,
});

export const connectionLimit = observe('connection-limit', {
  title: 'How many connections the database takes',
  calls: [
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstances',
    'rds:DescribeDBClusterParameters',
    'rds:DescribeDBParameters',
  ],
  needs: { diagnosis },
  skip: ({ diagnosis: found }, { site }) =>
    unlessConfigured(site.database, 'database.cluster') ??
    (found.causes.some(isCause('connection-pool-exhausted')) ? undefined : 'connections are not to blame'),
  run: (_needs, { ports, settings }) => ports.facts.connectionLimit(part(settings.site.database)),
  detail: (limit) => (limit === undefined ? 'it cannot be told' : `${limit}`),
});

export const reviewPool = decide('review-pool', {
  title: 'The size of the connection pool',
  needs: { diagnosis, limit: settled(connectionLimit), load: settled(databaseLoad), state: settled(serviceState) },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('connection-pool-exhausted')) ? undefined : 'connections are not to blame',
  run: ({ limit, load, state }) => reviewConnectionPool(limit, load, state),
  detail: (remedy) => remedy.summary,
});

export const flowLogs = observe('flow-logs', {
  title: 'VPC flow logs of the subnets',
  calls: ['ec2:DescribeSubnets', 'ec2:DescribeFlowLogs'],
  needs: { diagnosis, state: serviceState },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('network-az')) ? undefined : 'the network is not to blame',
  run: ({ state }, { ports, settings }) => ports.facts.flowLogs(settings.site.region, state.subnets),
  detail: (found) => (found.length === 0 ? 'none cover them' : found.map((log) => log.id).join(', ')),
});

export const reviewFlowLogsStep = decide('review-flow-logs', {
  title: 'What the network saw',
  needs: { diagnosis, flowLogs: settled(flowLogs) },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('network-az')) ? undefined : 'the network is not to blame',
  run: ({ diagnosis: found, flowLogs: logs }, { settings, now }) => {
    const zone = found.causes.find(isCause('network-az'))?.component ?? settings.site.region;
    return reviewFlowLogs(settings.site.region, zone, logs, reachOf(settings, found.picture, now));
  },
  detail: (remedy) => remedy.summary,
});

export const waitStep = decide('wait', {
  title: 'Wait: it may settle by itself',
  needs: { symptom },
  skip: ({ symptom: found }) =>
    found.state === 'over' ? undefined : found.state === 'ongoing' ? 'it has not settled' : 'nothing to wait for',
  run: (): Remediation => ({
    stepId: 'wait',
    summary: 'nothing to do: it settled by itself; look again if it comes back',
  }),
  detail: (remedy) => remedy.summary,
});
