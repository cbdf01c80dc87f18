/**
 * What an account holds, listed for whoever does not know its names yet: each thing with what ties it to others (target
 * groups, security groups, aliases, members, copies). Values of variables and secrets are never among it.
 */
import type { Window } from './series.ts';
import type { ServiceRef } from './stack.ts';

export interface Tags {
  readonly [key: string]: string;
}

export interface FoundService {
  readonly cluster: string;
  readonly service: string;
  /** The ARN of the version that it runs. */
  readonly taskDefinition?: string;
  /** Tails of ARNs, `targetgroup/<name>/<id>`. */
  readonly targetGroups: readonly string[];
  readonly securityGroups: readonly string[];
  readonly tags: Tags;
}

/** A list of which a bound may have cut off the rest. */
export interface FoundServices {
  readonly services: readonly FoundService[];
  /** How many services there are that were not looked at. */
  readonly left: number;
}

/** What a service's version says of where it writes and which secrets it is given, never their values. */
export interface VersionHints {
  readonly logGroups: readonly string[];
  /** ARNs or names of the secrets and parameters that it is started with. */
  readonly secrets: readonly string[];
}

export interface FoundLoadBalancer {
  /** The tail of the ARN, `app/<name>/<id>`, or `net/…`. */
  readonly loadBalancer: string;
  /** In lower case. */
  readonly dnsName: string;
  readonly isPublic: boolean;
}

export interface FoundTargetGroup {
  readonly targetGroup: string;
  /** Tails of the ARNs of the balancers that send to it. */
  readonly loadBalancers: readonly string[];
  /** Where its health is asked for; absent where that is no HTTP. */
  readonly healthPath?: string;
}

export interface FoundDatabase {
  readonly cluster: string;
  readonly arn: string;
  /** `aurora-mysql`, `aurora-postgresql`. */
  readonly engine: string;
  /** The writer's host name. */
  readonly endpoint?: string;
  readonly securityGroups: readonly string[];
  /** The ARN of the secret that RDS keeps its password in. */
  readonly secret?: string;
  /** ARNs of the clusters that copy it, and of the one that it copies, by the binary log. */
  readonly replicas: readonly string[];
  readonly replicates?: string;
  readonly tags: Tags;
}

export interface FoundGlobalDatabase {
  readonly globalCluster: string;
  readonly members: readonly {
    readonly region: string;
    readonly cluster: string;
    readonly isWriter: boolean;
  }[];
}

export interface FoundCache {
  readonly replicationGroup: string;
  readonly endpoint?: string;
  readonly securityGroups: readonly string[];
  /** Log groups that its logs are delivered to. */
  readonly logGroups: readonly string[];
  /** The global datastore that it is a member of. */
  readonly globalDatastore?: string;
}

export interface FoundBucket {
  readonly bucket: string;
  readonly region: string;
}

export interface FoundZone {
  readonly hostedZoneId: string;
  /** Without the final dot. */
  readonly name: string;
  readonly isPrivate: boolean;
}

/** A record that leads to other names: an alias, or a CNAME. */
export interface FoundRecord {
  readonly hostedZoneId: string;
  readonly isPrivate: boolean;
  /** Without the final dot. */
  readonly record: string;
  /** Names that it leads to, in lower case, without the final dot and without `dualstack.`. */
  readonly targets: readonly string[];
  /** A health check that it depends on. */
  readonly healthCheckId?: string;
}

export interface FoundRecords {
  readonly records: readonly FoundRecord[];
  /** Zones whose records were not all looked at. */
  readonly cutOff: readonly string[];
}

export interface FoundDistribution {
  readonly distribution: string;
  readonly aliases: readonly string[];
  readonly domain: string;
  readonly origins: readonly string[];
}

export interface FoundTable {
  readonly table: string;
}

export interface FoundTracedService {
  readonly service: string;
  /** `AWS::ECS::Container`, `AWS::ElasticLoadBalancing::LoadBalancer`, … */
  readonly type?: string;
}

/** Each rejects with a `CloudError`; one that was denied says which action it needs. */
export interface Inventory {
  account(region: string): Promise<string>;
  /** Of all clusters, or of one. */
  services(region: string, cluster?: string): Promise<FoundServices>;
  version(region: string, taskDefinition: string): Promise<VersionHints>;
  /** The most tasks that Auto Scaling may ask for; undefined where it does not scale the service. */
  mostTasks(service: ServiceRef): Promise<number | undefined>;
  loadBalancers(region: string): Promise<readonly FoundLoadBalancer[]>;
  targetGroups(region: string): Promise<readonly FoundTargetGroup[]>;
  /** Whether a balancer is spoken to over HTTPS. */
  isEncrypted(region: string, loadBalancer: string): Promise<boolean>;
  databases(region: string): Promise<readonly FoundDatabase[]>;
  globalDatabases(region: string): Promise<readonly FoundGlobalDatabase[]>;
  caches(region: string): Promise<readonly FoundCache[]>;
  /** For each group, those that it lets in. */
  admittedBy(region: string, groups: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Of all regions. */
  buckets(region: string): Promise<readonly FoundBucket[]>;
  /** Buckets that a bucket is copied to. */
  copiesOf(bucket: FoundBucket): Promise<readonly string[]>;
  /** The records of all zones that lead somewhere. */
  records(): Promise<FoundRecords>;
  distributions(): Promise<readonly FoundDistribution[]>;
  tables(region: string): Promise<readonly FoundTable[]>;
  /** Names of log groups that begin so; the first few dozen. */
  logGroups(region: string, prefix: string): Promise<readonly string[]>;
  tracedServices(region: string, window: Window): Promise<readonly FoundTracedService[]>;
  /** Namespaces, other than AWS's own, that hold a metric of this name. */
  namespacesOf(region: string, metric: string): Promise<readonly string[]>;
}
