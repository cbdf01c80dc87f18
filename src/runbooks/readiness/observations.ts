/**
 * What is looked at for readiness beside what a move looks at: what the recovery region needs before anything can run
 * there, and the little that only the primary region tells, which is asked once and shortly.
 */
import { settled } from '../../engine/step.ts';
import type { EndpointState } from '../../checks/readiness/seen.ts';
import { part, unlessConfigured } from '../configured.ts';
import { presence } from '../move/fitness.ts';
import { oldService, records, shortMs } from '../move/observations.ts';
import { observe } from './kit.ts';

/** Whoever asks a region that may be gone asks once. */
const once = { attempts: {}, baseDelayMs: 0, maxDelayMs: 0 };
/** What is of no region may be gone with the one that its API is in. */
const globalMs = 20_000;

const recoveryDatabase = 'database.recoveryCluster';

export const snapshots = observe('snapshots', {
  title: 'Recovery: snapshots',
  where: 'to',
  calls: ['rds:DescribeDBClusterSnapshots'],
  skip: (_needs, { move }) => unlessConfigured(move.to.database, recoveryDatabase),
  run: (_needs, { ports, settings }) => ports.facts.clusterSnapshots(part(settings.move.to.database)),
  detail: (found) => `${found.length} found`,
});

export const newParameters = observe('new-parameters', {
  title: 'Recovery: parameters of the database',
  where: 'to',
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBClusterParameters'],
  skip: (_needs, { move }) => unlessConfigured(move.to.database, recoveryDatabase),
  run: (_needs, { ports, settings }) => ports.facts.clusterParameters(part(settings.move.to.database)),
  detail: (found) => `${Object.keys(found).length} are set`,
});

export const oldParameters = observe('old-parameters', {
  title: 'Primary: parameters of the database',
  where: 'from',
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBClusterParameters'],
  timeoutMs: shortMs,
  retry: once,
  skip: (_needs, { move }) => unlessConfigured(move.from.database, 'database'),
  run: (_needs, { ports, settings }) => ports.facts.clusterParameters(part(settings.move.from.database)),
  detail: (found) => `${Object.keys(found).length} are set`,
});

export const oldTask = observe('old-task', {
  title: 'Primary: what its tasks are made of',
  where: 'from',
  needs: { service: oldService },
  calls: ['ecs:DescribeTaskDefinition'],
  timeoutMs: shortMs,
  retry: once,
  run: ({ service }, { ports, settings }) =>
    ports.facts.taskDefinition(settings.move.from.region, service.taskDefinition),
  detail: ({ arn, images }) => `${arn.split('/').at(-1) ?? arn}: ${images.join(', ')}`,
});

export const oldBalancer = observe('old-balancer', {
  title: 'Primary: the load balancer',
  where: 'from',
  calls: [
    'elasticloadbalancing:DescribeLoadBalancers',
    'elasticloadbalancing:DescribeListeners',
    'elasticloadbalancing:DescribeListenerCertificates',
  ],
  timeoutMs: shortMs,
  retry: once,
  skip: (_needs, { move }) => unlessConfigured(move.from.api, 'api'),
  run: (_needs, { ports, settings }) => ports.facts.loadBalancer(part(settings.move.from.api)),
  detail: ({ dnsName, state }) => `${dnsName} is ${state}`,
});

export const targets = observe('targets', {
  title: 'Recovery: targets',
  where: 'to',
  calls: ['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'],
  skip: (_needs, { move }) => unlessConfigured(move.to.api?.targetGroup, 'api.recovery.targetGroup'),
  run: (_needs, { ports, settings }) => ports.facts.targetHealth(part(settings.move.to.api)),
  detail: (found) => `${found.filter(({ state }) => state === 'healthy').length} of ${found.length} are healthy`,
});

export const replication = observe('bucket-replication', {
  title: 'Primary: how the bucket is copied',
  where: 'from',
  calls: ['s3:GetBucketVersioning', 's3:GetBucketReplication'],
  timeoutMs: shortMs,
  retry: once,
  skip: (_needs, { move }) => unlessConfigured(move.from.storage && move.to.storage, 'storage.replicaBucket'),
  run: (_needs, { ports, settings }) => ports.facts.bucketReplication(part(settings.move.from.storage)),
  detail: ({ rules }) => `${rules.length} rules`,
});

export const sessions = observe('sessions', {
  title: 'Recovery: sessions',
  where: 'to',
  calls: ['dynamodb:DescribeTable'],
  skip: (_needs, { move }) => unlessConfigured(move.sessionsTable, 'sessions'),
  run: (_needs, { ports, settings }) =>
    ports.facts.tableState({ region: settings.move.to.region, table: part(settings.move.sessionsTable) }),
  detail: ({ status, replicas }) => `${status}, in ${replicas.length} regions`,
});

export const healthChecks = observe('health-checks', {
  title: 'Health checks of the record',
  where: 'dns',
  needs: { found: settled(records) },
  calls: ['route53:GetHealthCheck', 'route53:GetHealthCheckStatus'],
  timeoutMs: globalMs,
  skip: ({ found }, { move }) => {
    const ids = idsOf(found.known ? found.value : [], move.traffic);
    if (move.traffic === undefined) return 'dns is not configured';
    return ids.length === 0 && found.known ? 'the record follows no health check' : undefined;
  },
  run: ({ found }, { ports, settings }) => {
    const ids = idsOf(found.known ? found.value : [], settings.move.traffic);
    return Promise.all(ids.map((id) => ports.facts.healthCheck(id)));
  },
  detail: (found) => `${found.filter(({ disabled }) => !disabled).length} of ${found.length} are on`,
});

function idsOf(
  found: readonly { readonly healthCheckId?: string }[],
  traffic: { readonly mechanism: string; readonly healthCheckId?: string } | undefined,
): readonly string[] {
  return [...new Set([...found, traffic ?? {}].flatMap(({ healthCheckId }) => healthCheckId ?? []))];
}

export const endpoints = observe('endpoints', {
  title: 'Endpoints of the routing controls',
  where: 'switches',
  calls: ['route53-recovery-cluster:GetRoutingControlState'],
  timeoutMs: globalMs,
  skip: (_needs, { move }) =>
    move.traffic?.mechanism === 'routing-control' ? undefined : 'traffic is not moved by routing controls',
  run: (_needs, { ports, settings }): Promise<readonly EndpointState[]> => {
    const { traffic } = settings.move;
    if (traffic?.mechanism !== 'routing-control') return Promise.resolve([]);
    const [control = ''] = Object.values(traffic.controls);
    return Promise.all(
      traffic.endpoints.map(async (endpoint) => {
        const { region } = endpoint;
        const { state, detail } = await presence(endpoint.url, async () => {
          await ports.facts.routingControls([endpoint], [control]);
          return 'there';
        });
        return { region, answers: state === 'there', detail: detail ?? 'answers' };
      }),
    );
  },
  detail: (found) => `${found.filter(({ answers }) => answers).length} of ${found.length} answer`,
});

export const permissions = observe('permissions', {
  title: 'What the caller may do',
  where: 'to',
  calls: ['sts:GetCallerIdentity', 'iam:SimulatePrincipalPolicy', 'iam:GetRole'],
  timeoutMs: globalMs,
  run: (_needs, { ports, settings }) => {
    const { changing, looking } = settings.told.actions;
    return ports.facts.permissions(settings.move.to.region, [...new Set([...changing, ...looking])]);
  },
  detail: (found) => {
    const all = Object.values(found);
    return `${all.filter((allowed) => allowed).length} of ${all.length} actions are allowed`;
  },
});
