/** From a configuration to the references that facts and changes take, region by region. */
import type { RegionalStack, Stack, TrafficSwitch } from '../cloud/stack.ts';
import type { Config } from './schema.ts';

/**
 * The stack that a configuration names. The recovery half holds what the configuration names there; only the ECS
 * service is taken to have the same names when it is given none. Parts without a name for that region are absent.
 */
export function stackOf(config: Config): Stack {
  const { service, environment, account, regions } = config;
  return {
    service,
    environment,
    ...(account === undefined ? {} : { account }),
    primary: primaryHalf(config),
    ...(regions.recovery === undefined ? {} : { recovery: recoveryHalf(config, regions.recovery) }),
    ...(config.database?.globalCluster === undefined ? {} : { globalCluster: config.database.globalCluster }),
    ...(config.dns === undefined ? {} : { traffic: trafficOf(config.dns, regions) }),
    ...(config.sessions === undefined ? {} : { sessionsTable: config.sessions.table }),
  };
}

function trafficOf(dns: NonNullable<Config['dns']>, { primary, recovery }: Config['regions']): TrafficSwitch {
  const name = { hostedZoneId: dns.hostedZoneId, record: dns.record.replace(/\.$/, '').toLowerCase() };
  switch (dns.mechanism) {
    case 'records':
      return { ...name, mechanism: 'records' };
    case 'routing-control':
      return {
        ...name,
        mechanism: 'routing-control',
        controls: {
          [primary]: dns.routingControls.primary,
          ...(recovery === undefined ? {} : { [recovery]: dns.routingControls.recovery }),
        },
        endpoints: dns.endpoints,
      };
    case 'health-check':
      return {
        ...name,
        mechanism: 'health-check',
        healthCheckId: dns.healthCheckId,
        switchObject: { region: recovery ?? primary, ...dns.switchObject },
      };
  }
}

function primaryHalf(config: Config): RegionalStack {
  const { api, business, compute, database, cache, storage, tracing, logs } = config;
  const region = config.regions.primary;
  return present({
    region,
    api: api && present({ region, loadBalancer: api.loadBalancer, targetGroup: api.targetGroup }),
    compute:
      compute && present({ region, cluster: compute.cluster, service: compute.service, maxTasks: compute.maxTasks }),
    database: database && { region, cluster: database.cluster },
    cache: cache && { region, replicationGroup: cache.replicationGroup },
    storage: storage && { region, bucket: storage.bucket },
    logs:
      logs &&
      present({
        application: group(region, logs.application),
        database: group(region, logs.database),
        cache: group(region, logs.cache),
        trail: group(region, logs.trail),
      }),
    tracing: tracing && { region, service: tracing.service },
    business: business && { region, namespace: business.namespace },
  });
}

function recoveryHalf(config: Config, region: string): RegionalStack {
  const { api, cache, compute, database, storage } = config;
  const names = compute?.recovery ?? compute;
  return present({
    region,
    api:
      api?.recovery &&
      present({ region, loadBalancer: api.recovery.loadBalancer, targetGroup: api.recovery.targetGroup }),
    compute: names && present({ region, cluster: names.cluster, service: names.service, maxTasks: compute?.maxTasks }),
    database: database?.recoveryCluster === undefined ? undefined : { region, cluster: database.recoveryCluster },
    cache: cache?.recovery === undefined ? undefined : { region, replicationGroup: cache.recovery.replicationGroup },
    storage: storage?.replicaBucket === undefined ? undefined : { region, bucket: storage.replicaBucket },
  });
}

function group(region: string, logGroup: string | undefined) {
  return logGroup === undefined ? undefined : { region, logGroup };
}

/** Leaves out what is undefined, so that an absent part is an absent key. */
function present<T extends object>(parts: T): T {
  for (const [key, value] of Object.entries(parts)) {
    if (value === undefined) Reflect.deleteProperty(parts, key);
  }
  return parts;
}
