/**
 * What each part of the configuration may be, with what speaks for it: from lists of what there is to candidates. Wiring
 * comes first: a target group ties a service to a balancer, a security group lets a service into a database, an alias
 * leads to a balancer. Names and tags are hints.
 */
import type {
  FoundBucket,
  FoundCache,
  FoundDatabase,
  FoundDistribution,
  FoundGlobalDatabase,
  FoundLoadBalancer,
  FoundRecord,
  FoundService,
  FoundTable,
  FoundTargetGroup,
  FoundTracedService,
  VersionHints,
} from '../cloud/inventory.ts';
import type { Candidate } from './choose.ts';
import { nameHints, sharedTags, sharedWords, standsBy } from './names.ts';

/** What is known of the service when the rest is looked for. */
export interface Known {
  readonly service?: FoundService;
  readonly version?: VersionHints;
}

export interface ApiRef {
  readonly loadBalancer: FoundLoadBalancer;
  readonly targetGroup?: FoundTargetGroup;
}

/** Names that things of the same stack may share. */
function anchorsOf({ service }: Known): readonly string[] {
  return service === undefined ? [] : [service.service, service.cluster];
}

function nameWhy(name: string, anchors: readonly string[]): readonly string[] {
  const shared = sharedWords(name, anchors);
  return shared.length === 0 ? [] : [`its name shares "${shared.join('-')}" with ${anchors[0] ?? ''}`];
}

const isApplication = ({ loadBalancer }: FoundLoadBalancer): boolean => loadBalancer.startsWith('app/');
const isLedTo = (balancer: FoundLoadBalancer, { targets }: FoundRecord): boolean => targets.includes(balancer.dnsName);

/** The balancers that send to a service, with the target group by which they do. */
function routesOf(
  service: FoundService,
  balancers: readonly FoundLoadBalancer[],
  groups: readonly FoundTargetGroup[],
): readonly ApiRef[] {
  return groups
    .filter(({ targetGroup }) => service.targetGroups.includes(targetGroup))
    .flatMap((targetGroup) =>
      balancers
        .filter((each) => isApplication(each) && targetGroup.loadBalancers.includes(each.loadBalancer))
        .map((loadBalancer) => ({ loadBalancer, targetGroup })),
    );
}

/** A service that answers the public comes before one that answers others, and that before one that nobody asks. */
export function serviceCandidates(
  services: readonly FoundService[],
  balancers: readonly FoundLoadBalancer[],
  groups: readonly FoundTargetGroup[],
  records: readonly FoundRecord[],
): readonly Candidate<FoundService>[] {
  return services.map((service) => {
    const routes = routesOf(service, balancers, groups);
    const open = routes.find(({ loadBalancer }) => loadBalancer.isPublic);
    const named = routes
      .filter(({ loadBalancer }) => loadBalancer.isPublic)
      .flatMap(({ loadBalancer }) => records.filter((record) => !record.isPrivate && isLedTo(loadBalancer, record)))[0];
    const [any] = routes;
    return {
      value: service,
      name: `${service.cluster}/${service.service}`,
      wired: named === undefined ? (open === undefined ? (any === undefined ? 0 : 1) : 2) : 3,
      hints: [],
      why:
        named !== undefined
          ? [`${named.record} leads to the public load balancer in front of it`]
          : open !== undefined
            ? [`it is behind the public load balancer ${open.loadBalancer.loadBalancer}`]
            : any === undefined
              ? []
              : [`it is behind the load balancer ${any.loadBalancer.loadBalancer}`],
    };
  });
}

/** The balancer in front of a service; of all there are, where no target group tells. */
export function apiCandidates(
  known: Known,
  balancers: readonly FoundLoadBalancer[],
  groups: readonly FoundTargetGroup[],
  records: readonly FoundRecord[],
): readonly Candidate<ApiRef>[] {
  const { service } = known;
  const routes = service === undefined ? [] : routesOf(service, balancers, groups);
  if (service !== undefined && routes.length > 0) {
    return routes.map((route) => {
      const { loadBalancer, targetGroup } = route;
      const leading = records.find((record) => !record.isPrivate && isLedTo(loadBalancer, record));
      return {
        value: route,
        name:
          routes.filter((each) => each.loadBalancer === loadBalancer).length === 1
            ? loadBalancer.loadBalancer
            : `${loadBalancer.loadBalancer} ${targetGroup?.targetGroup ?? ''}`,
        wired: 1 + Number(loadBalancer.isPublic) + Number(leading !== undefined),
        hints: nameHints(targetGroup?.targetGroup.split('/')[1] ?? '', [service.service]),
        why: [
          `its target group is that of the ECS service ${service.service}`,
          ...(leading === undefined ? [] : [`${leading.record} leads to it`]),
        ],
      };
    });
  }
  const anchors = anchorsOf(known);
  return balancers.filter(isApplication).map((loadBalancer) => {
    const name = loadBalancer.loadBalancer.split('/')[1] ?? '';
    const own = groups.filter(({ loadBalancers }) => loadBalancers.includes(loadBalancer.loadBalancer));
    const [targetGroup] = own;
    return {
      value: { loadBalancer, ...(own.length === 1 && targetGroup !== undefined ? { targetGroup } : {}) },
      name: loadBalancer.loadBalancer,
      wired: 0,
      hints: [...nameHints(name, anchors), Number(loadBalancer.isPublic)],
      why: nameWhy(name, anchors),
    };
  });
}

/** Groups of `own` that let one of the service in. */
function admits(
  own: readonly string[],
  { service }: Known,
  admitted: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  return own.find((group) => admitted.get(group)?.some((from) => service?.securityGroups.includes(from)) === true);
}

/** A secret's reference in a version may end with a key within it: `<arn>:password::`. */
const isSecretOf = (secret: string, references: readonly string[]): boolean =>
  references.some((each) => each === secret || each.startsWith(`${secret}:`));

export function databaseCandidates(
  known: Known,
  databases: readonly FoundDatabase[],
  admitted: ReadonlyMap<string, readonly string[]>,
): readonly Candidate<FoundDatabase>[] {
  const anchors = anchorsOf(known);
  return databases.map((database) => {
    const { cluster, secret } = database;
    const bySecret = secret !== undefined && isSecretOf(secret, known.version?.secrets ?? []);
    const byGroup = admits(database.securityGroups, known, admitted) !== undefined;
    const tags = sharedTags(database.tags, known.service?.tags ?? {});
    return {
      value: database,
      name: cluster,
      wired: bySecret ? 2 : byGroup ? 1 : 0,
      hints: [tags.length, ...nameHints(cluster, anchors)],
      why: [
        ...(bySecret ? [`the service is started with the secret that its password is in`] : []),
        ...(byGroup ? [`its security group lets in that of ${known.service?.service ?? ''}`] : []),
        ...(tags.length > 0 ? [`it has the service\u2019s tag ${tags.join(', ')}`] : []),
        ...nameWhy(cluster, anchors),
      ],
    };
  });
}

export function cacheCandidates(
  known: Known,
  caches: readonly FoundCache[],
  admitted: ReadonlyMap<string, readonly string[]>,
): readonly Candidate<FoundCache>[] {
  const anchors = anchorsOf(known);
  return caches.map((cache) => {
    const byGroup = admits(cache.securityGroups, known, admitted) !== undefined;
    return {
      value: cache,
      name: cache.replicationGroup,
      wired: byGroup ? 1 : 0,
      hints: nameHints(cache.replicationGroup, anchors),
      why: [
        ...(byGroup ? [`its security group lets in that of ${known.service?.service ?? ''}`] : []),
        ...nameWhy(cache.replicationGroup, anchors),
      ],
    };
  });
}

export interface CopiedBucket extends FoundBucket {
  readonly copies: readonly string[];
}

/** Buckets that AWS's own services and tools fill are nobody's uploads. */
const machinery =
  /(?:^|[-.])(?:logs?|cloudtrail|terraform|tfstate|cdk|cloudformation|cf-templates|artifacts?|config)(?:[-.]|$)/;

export function bucketCandidates(known: Known, buckets: readonly CopiedBucket[]): readonly Candidate<CopiedBucket>[] {
  const anchors = anchorsOf(known);
  return buckets.map((bucket) => {
    const [copy] = bucket.copies;
    return {
      value: bucket,
      name: bucket.bucket,
      wired: 0,
      hints: [Number(copy !== undefined), ...nameHints(bucket.bucket, anchors), machinery.test(bucket.bucket) ? -1 : 0],
      why: [...(copy === undefined ? [] : [`it is copied to ${copy}`]), ...nameWhy(bucket.bucket, anchors)],
    };
  });
}

/** Where a copy of the stack's data is: `home` is left out. */
export function recoveryCandidates(
  home: string,
  parts: {
    readonly database?: FoundDatabase;
    readonly global?: FoundGlobalDatabase;
    /** Where the bucket is copied to. */
    readonly copies: readonly FoundBucket[];
  },
): readonly Candidate<string>[] {
  const found = new Map<string, { wired: number; why: string[] }>();
  const add = (region: string, wired: number, why: string): void => {
    if (region === home) return;
    const known = found.get(region) ?? { wired: 0, why: [] };
    found.set(region, { wired: Math.max(known.wired, wired), why: [...known.why, why] });
  };
  for (const { region, cluster } of parts.global?.members ?? []) {
    add(region, 2, `${parts.global?.globalCluster ?? ''} has a member there, ${cluster}`);
  }
  for (const arn of parts.database?.replicas ?? []) {
    const [, , , region, , , cluster] = arn.split(':');
    if (region !== undefined && cluster !== undefined) {
      add(region, 2, `${parts.database?.cluster ?? ''} has a replica there, ${cluster}`);
    }
  }
  for (const { bucket, region } of parts.copies) add(region, 1, `the bucket is copied there, to ${bucket}`);
  return [...found].map(([region, { wired, why }]) => ({ value: region, name: region, wired, hints: [], why }));
}

/** The service that stands by: as a rule, it has the same names. */
export function standbyServiceCandidates(
  { cluster, service }: FoundService,
  services: readonly FoundService[],
): readonly Candidate<FoundService>[] {
  return services
    .map((each) => {
      const isSame = each.service === service;
      return {
        value: each,
        name: `${each.cluster}/${each.service}`,
        wired: isSame && each.cluster === cluster ? 2 : isSame ? 1 : 0,
        hints: nameHints(each.service, [service]).slice(0, 2),
        why: isSame ? ['it bears the same name'] : nameWhy(each.service, [service]),
      };
    })
    .filter(({ wired, hints }) => wired > 0 || (hints[0] ?? 0) > 0);
}

export function standbyCacheCandidates(
  known: Known,
  cache: FoundCache,
  caches: readonly FoundCache[],
): readonly Candidate<FoundCache>[] {
  const anchors = [cache.replicationGroup, ...anchorsOf(known)];
  return caches.map((each) => {
    const isMember = each.globalDatastore !== undefined && each.globalDatastore === cache.globalDatastore;
    return {
      value: each,
      name: each.replicationGroup,
      wired: isMember ? 1 : 0,
      hints: [...nameHints(each.replicationGroup, anchors).slice(0, 2), Number(standsBy(each.replicationGroup))],
      why: isMember
        ? [`it is a member of the same global datastore, ${each.globalDatastore}`]
        : nameWhy(each.replicationGroup, [cache.replicationGroup]),
    };
  });
}

/** Names that lead to the API; where one leads to both regions it is the one that moves traffic. */
export function recordCandidates(
  known: Known,
  api: ApiRef,
  recovery: ApiRef | undefined,
  records: readonly FoundRecord[],
): readonly Candidate<FoundRecord>[] {
  const leading = records.filter((record) => isLedTo(api.loadBalancer, record));
  const outside = leading.filter(({ isPrivate }) => !isPrivate);
  return (outside.length > 0 ? outside : leading).map((record) => {
    const both = recovery !== undefined && isLedTo(recovery.loadBalancer, record);
    return {
      value: record,
      name: record.record,
      wired: both ? 2 : 1,
      hints: nameHints(record.record.split('.')[0] ?? '', [known.service?.service ?? '']).slice(0, 2),
      why: [`it leads to ${api.loadBalancer.loadBalancer}${both ? ' and to the recovery region\u2019s' : ''}`],
    };
  });
}

export function distributionCandidates(
  parts: { readonly record?: string; readonly api?: ApiRef; readonly bucket?: string },
  distributions: readonly FoundDistribution[],
): readonly Candidate<FoundDistribution>[] {
  const { record, api, bucket } = parts;
  return distributions.flatMap((distribution) => {
    const { origins } = distribution;
    const origin = origins.find(
      (each) =>
        each === record ||
        each === api?.loadBalancer.dnsName ||
        (bucket !== undefined && each.startsWith(`${bucket}.s3`)),
    );
    if (origin === undefined) return [];
    return [
      {
        value: distribution,
        name: distribution.distribution,
        wired: 1,
        hints: [Number(distribution.aliases.length > 0)],
        why: [`its origin is ${origin}`],
      },
    ];
  });
}

/** Only what is called so is one of sessions. */
export function sessionTableCandidates(known: Known, tables: readonly FoundTable[]): readonly Candidate<FoundTable>[] {
  const anchors = anchorsOf(known);
  return tables
    .filter(({ table }) => /session/i.test(table))
    .map((table) => ({
      value: table,
      name: table.table,
      wired: 0,
      hints: nameHints(table.table, anchors),
      why: ['its name says that it holds sessions', ...nameWhy(table.table, anchors)],
    }));
}

/** What answers others, rather than who asks or what is asked at the end of a chain. */
const tracedNode = /^(?:AWS::(?:ECS|EC2|EKS|ElasticBeanstalk|AppRunner|Lambda::Function)|.*::Container$)/;

export function tracedServiceCandidates(
  known: Known,
  traced: readonly FoundTracedService[],
): readonly Candidate<string>[] {
  const anchors = anchorsOf(known);
  const names = new Set(
    traced.filter(({ type }) => type === undefined || tracedNode.test(type)).map(({ service }) => service),
  );
  return [...names].map((name) => {
    const isSame = name === known.service?.service;
    return {
      value: name,
      name,
      wired: Number(isSame),
      hints: nameHints(name, anchors),
      why: isSame ? ['X-Ray knows a service of the ECS service\u2019s name'] : nameWhy(name, anchors),
    };
  });
}

export function namespaceCandidates(
  known: Known,
  namespaces: readonly string[],
  metric: string,
): readonly Candidate<string>[] {
  const anchors = anchorsOf(known);
  return namespaces.map((name) => ({
    value: name,
    name,
    wired: 0,
    hints: nameHints(name, anchors),
    why: [`it holds ${metric}`, ...nameWhy(name, anchors)],
  }));
}
