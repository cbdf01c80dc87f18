/** AWS behind the port that everything above asks. Nothing is contacted and nothing heavy loaded before it is asked. */
import type { Cloud } from '../cloud/cloud.ts';
import type { Inventory } from '../cloud/inventory.ts';
import type { NamedDeeds, NamedLooks } from '../cloud/named.ts';
import { createClients, type Clients } from './clients.ts';
import { incidentFacts } from './facts/alarm-history.ts';
import { apiLatency, apiOutcomes, apiTraffic, targetHealth, zoneTraffic } from './facts/api.ts';
import { backupFacts } from './facts/backup.ts';
import { businessMetrics } from './facts/business.ts';
import { cacheLoad } from './facts/cache.ts';
import { capacityFacts } from './facts/capacity.ts';
import { deployments, scalingLimits, serviceState, serviceUtilisation, stoppedTasks } from './facts/compute.ts';
import { databaseEvents } from './facts/database-events.ts';
import { connectionLimit, databaseLoad, databaseState, databaseStorage } from './facts/database.ts';
import { costFacts } from './facts/costs.ts';
import { caller } from './facts/identity.ts';
import { monitoringFacts } from './facts/watching.ts';
import { recoveryFacts } from './facts/recovery.ts';
import { logFacts } from './facts/log-groups.ts';
import { errorLines, slowQueries } from './facts/logs.ts';
import { securityFacts } from './facts/security.ts';
import { serviceGraphFacts } from './facts/service-graph.ts';
import { flowLogs, ingressRules } from './facts/network.ts';
import { bucketLoad } from './facts/storage.ts';
import type { FactTools } from './facts/tools.ts';
import { searchTraces, traceById, traces } from './facts/traces.ts';
import { tuningFacts } from './facts/tuning.ts';
import { createHeavyReads } from './heavy-reads.ts';
import { createMetricReader } from './metric-reader.ts';
import type { NamedClients } from './named/named-calls.ts';
import type { AwsOptions } from './options.ts';
import { createWiring } from './wiring.ts';

export interface AwsCloud extends Cloud {
  /**
   * Finds the credentials, so that their absence shows before a run begins; `region` is named in what it rejects with
   * and is where the chain asks for a role of a profile, where it has to. Nothing else is contacted.
   */
  preflight(region: string): Promise<void>;
  /** Calls that a team's own runbooks name; loaded when one is sent. */
  readonly named: { readonly look: NamedLooks['call']; readonly change: NamedDeeds['call'] };
  /** What the account holds; loaded when it is asked for. */
  inventory(): Promise<Inventory>;
}

export function openAws(options: AwsOptions): AwsCloud {
  const wiring = createWiring(options);
  const clients = createClients(wiring, options.roles);
  const metrics = createMetricReader(wiring, clients, options);
  const tools: FactTools = { wiring, clients, metrics, heavy: createHeavyReads(metrics, options) };
  // Most runs only look; loading takes real time, during which a run's clock may not move on.
  const compute = () => wiring.clock.busy(() => import('./changes/compute.ts'));
  const database = () => wiring.clock.busy(() => import('./changes/database.ts'));
  const global = () => wiring.clock.busy(() => import('./changes/global-database.ts'));
  const traffic = () => wiring.clock.busy(() => import('./changes/traffic.ts'));
  const monitoring = () => wiring.clock.busy(() => import('./changes/monitoring.ts'));
  let named: Promise<NamedClients> | undefined;
  const namedClients = () =>
    (named ??= wiring.clock.busy(async () =>
      (await import('./named/named-calls.ts')).namedCalls(wiring, clients.settingsFor),
    ));
  return {
    named: {
      look: async (call) => (await namedClients()).look(call),
      change: async (call) => (await namedClients()).change(call),
    },
    facts: {
      ...recoveryFacts(tools),
      ...securityFacts(tools),
      ...costFacts(tools),
      ...capacityFacts(tools),
      ...logFacts(tools),
      ...backupFacts(tools),
      ...tuningFacts(tools),
      ...serviceGraphFacts(tools),
      ...incidentFacts(tools),
      ...monitoringFacts(tools),
      caller: (region) => caller(tools, region),
      apiTraffic: (api, window) => apiTraffic(tools, api, window),
      apiOutcomes: (api, window) => apiOutcomes(tools, api, window),
      apiLatency: (api, window) => apiLatency(tools, api, window),
      zoneTraffic: (api, window) => zoneTraffic(tools, api, window),
      targetHealth: (api) => targetHealth(tools, api),
      serviceUtilisation: (service, window) => serviceUtilisation(tools, service, window),
      serviceState: (service) => serviceState(tools, service),
      deployments: (service, window) => deployments(tools, service, window),
      stoppedTasks: (service) => stoppedTasks(tools, service),
      scalingLimits: (service) => scalingLimits(tools, service),
      databaseState: (ref) => databaseState(tools, ref),
      connectionLimit: (ref) => connectionLimit(tools, ref),
      databaseLoad: (ref, window) => databaseLoad(tools, ref, window),
      databaseStorage: (ref, window) => databaseStorage(tools, ref, window),
      databaseEvents: (ref, window) => databaseEvents(tools, ref, window),
      businessMetrics: (business, window) => businessMetrics(tools, business, window),
      cacheLoad: (cache, window) => cacheLoad(tools, cache, window),
      bucketLoad: (bucket, window) => bucketLoad(tools, bucket, window),
      errorLines: (group, window, limit, enough) => errorLines(tools, group, window, limit, enough),
      slowQueries: (group, window, limit) => slowQueries(tools, group, window, limit),
      traces: (service, window, pace, limit) => traces(tools, service, window, pace, limit),
      searchTraces: (service, window, search) => searchTraces(tools, service, window, search),
      trace: (region, id) => traceById(tools, region, id),
      flowLogs: (region, subnets) => flowLogs(tools, region, subnets),
      ingressRules: (region, groups) => ingressRules(tools, region, groups),
    },
    changes: {
      setDesiredCount: async (service, count) => (await compute()).setDesiredCount(clients, service, count),
      setTaskDefinition: async (service, version) => (await compute()).setTaskDefinition(clients, service, version),
      rollBackDeployment: async (service, arn) => (await compute()).rollBackDeployment(clients, service, arn),
      restartTasks: async (service) => (await compute()).restartTasks(clients, service),
      setMinimumCapacity: async (service, minimum) => (await compute()).setMinimumCapacity(clients, service, minimum),
      setSuspendedScaling: async (service, suspended) =>
        (await compute()).setSuspendedScaling(clients, service, suspended),
      failOverCluster: async (ref, target) => (await database()).failOverCluster(clients, ref, target),
      restoreCluster: async (ref, restored) => (await database()).restoreCluster(clients, ref, restored),
      createInstance: async (ref, instance) => (await database()).createInstance(clients, ref, instance),
      switchOverGlobal: async (ref, target) => (await global()).switchOverGlobal(clients, ref, target),
      failOverGlobal: async (ref, target) => (await global()).failOverGlobal(clients, ref, target),
      removeFromGlobal: async (ref, cluster) => (await global()).removeFromGlobal(clients, ref, cluster),
      promoteReplica: async (ref) => (await global()).promoteReplica(clients, ref),
      replaceRecords: async (ref, before, after) => (await traffic()).replaceRecords(clients, ref, before, after),
      setRoutingControls: async (endpoints, states) => (await traffic()).setRoutingControls(clients, endpoints, states),
      putObject: async (object) => (await traffic()).putObject(clients, object),
      deleteObject: async (object) => (await traffic()).deleteObject(clients, object),
      changeMonitoring: async (action, resource, how) =>
        (await monitoring()).changeMonitoring({ clients, wiring }, action, resource, how),
    },
    inventory: async () => (await wiring.clock.busy(() => import('./inventory/inventory.ts'))).inventoryOf(tools),
    prepare: (region, operations) => prepare(clients, region, operations),
    usage: wiring.usage,
    close: wiring.close,
    async preflight(region) {
      const { credentials } = wiring;
      if (typeof credentials !== 'function') return;
      const call = {
        service: 'sts',
        operation: 'AssumeRole',
        region,
        read: true,
        profile: wiring.profile,
        lookingForCredentials: true,
      };
      // The chain asks the client that it looks for credentials for, where a role is to be assumed.
      const look = () => credentials({ callerClientConfig: { region: async () => region } });
      await wiring.attempt(call, look, { signal: wiring.signal });
    },
  };
}

/** Which client an operation's service has, by the prefix of its IAM actions. */
const clientOf: Readonly<Record<string, Exclude<keyof Clients, 'routingCluster' | 'settingsFor'>>> = {
  acm: 'acm',
  'application-autoscaling': 'applicationAutoScaling',
  ce: 'costExplorer',
  cloudtrail: 'cloudTrail',
  cloudfront: 'cloudFront',
  cloudwatch: 'cloudWatch',
  dynamodb: 'dynamoDb',
  ec2: 'ec2',
  ecr: 'ecr',
  ecs: 'ecs',
  events: 'eventBridge',
  elasticloadbalancing: 'elasticLoadBalancing',
  elasticache: 'elastiCache',
  guardduty: 'guardDuty',
  health: 'health',
  iam: 'iam',
  logs: 'logs',
  rds: 'rds',
  route53: 'route53',
  s3: 's3',
  secretsmanager: 'secretsManager',
  sns: 'sns',
  ssm: 'ssm',
  sts: 'sts',
  xray: 'xray',
};

/** Loads the clients that will be needed, one a turn, behind those that are needed already. */
function prepare(clients: Clients, region: string, operations: readonly string[]): void {
  const services = new Set(operations.map((operation) => operation.split(':', 1)[0] ?? ''));
  for (const service of services) {
    const client = clientOf[service];
    // A client that does not load is told of where it is used.
    if (client !== undefined) clients[client](region).catch(() => undefined);
  }
}
