/**
 * Facts about what another region needs to take over: replication, images, certificates, records, switches. As with all
 * facts, a method rejects with a `CloudError` where it could not find out, and a member that AWS did not tell is absent.
 */
import type { Series, Source, Window } from './series.ts';
import type {
  BucketRef,
  CacheRef,
  DatabaseRef,
  GlobalDatabaseRef,
  LoadBalancerRef,
  ObjectRef,
  RecordRef,
  RoutingEndpoint,
  TableRef,
} from './stack.ts';

/** A cluster of an Aurora global database (RDS API Reference, GlobalClusterMember). */
export interface GlobalMember {
  /** The cluster's ARN, and what is in it. */
  readonly arn: string;
  readonly region: string;
  readonly cluster: string;
  readonly isWriter: boolean;
  /** `connected`, `pending-resync`, or a word that AWS adds later; absent where AWS does not tell. */
  readonly synchronization?: string;
}

/** An Aurora global database, as any of its regions tells it. */
export interface GlobalDatabase {
  readonly globalCluster: string;
  readonly status: string;
  readonly engineVersion?: string;
  readonly members: readonly GlobalMember[];
  /** A switchover or failover that is under way (`FailoverState`). */
  readonly moving?: {
    /** `pending`, `failing-over`, `switching-over`, `cancelling`, or a word that AWS adds later. */
    readonly status: string;
    /** ARNs. */
    readonly from?: string;
    readonly to?: string;
    readonly allowsDataLoss?: boolean;
  };
  /** The endpoint that follows the writer. */
  readonly endpoint?: string;
  readonly source: Source;
}

/** How far a cluster is behind the one that it copies, in milliseconds, by the region that it is in. */
export interface ReplicationLag {
  readonly lag: Series;
  /** `AuroraGlobalDBRPOLag`, `AuroraGlobalDBReplicationLag` or `AuroraBinlogReplicaLag`: whichever holds points. */
  readonly metric: string;
}

export interface ClusterSnapshot {
  readonly id: string;
  readonly cluster: string;
  /** Epoch milliseconds; absent while it is being made. */
  readonly at?: number;
  readonly status: string;
  /** `automated`, `manual`, `awsbackup`, … */
  readonly type: string;
  /** As RDS tells it. Aurora's volumes have no fixed size, and zero is told of snapshots that hold something. */
  readonly sizeGib?: number;
  /** How much of the data is in it, per cent. */
  readonly percent?: number;
  readonly encrypted?: boolean;
  /** Of a copy: the snapshot that it was made of. */
  readonly copiedFrom?: { readonly region: string; readonly id: string };
}

export interface TaskDefinitionState {
  readonly arn: string;
  /** `ACTIVE`, `INACTIVE`, … */
  readonly status: string;
  readonly images: readonly string[];
  /** ARNs or names of secrets and parameters that its containers are started with (`valueFrom`). */
  readonly secrets: readonly string[];
  readonly source: Source;
}

export interface LoadBalancerState {
  readonly arn: string;
  readonly dnsName: string;
  /** The hosted zone that an alias record needs. */
  readonly hostedZoneId: string;
  /** `active`, `provisioning`, `active_impaired`, `failed`. */
  readonly state: string;
  readonly listeners: readonly {
    readonly port: number;
    readonly protocol: string;
    /** ARNs. */
    readonly certificates: readonly string[];
  }[];
  readonly source: Source;
}

export interface CertificateState {
  readonly arn: string;
  /** `ISSUED`, `EXPIRED`, … */
  readonly status: string;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
  readonly names: readonly string[];
}

export interface BucketReplication {
  /** `Enabled`, `Suspended`; absent where it was never on. */
  readonly versioning?: string;
  readonly rules: readonly {
    readonly id: string;
    readonly enabled: boolean;
    /** The destination's name. */
    readonly destination: string;
    readonly prefix: string;
    /** True where only objects with some tag are copied. */
    readonly isSelective?: boolean;
    /** Whether the rule publishes metrics. */
    readonly metrics: boolean;
  }[];
  readonly source: Source;
}

/** S3's replication metrics, published in the destination's region (S3 User Guide, "Replication metrics"). */
export interface ReplicationBacklog {
  readonly pendingOperations: Series;
  readonly pendingBytes: Series;
  /** Seconds. */
  readonly latency: Series;
}

export interface CacheState {
  readonly status: string;
  readonly nodes: number;
  readonly nodeType?: string;
  readonly automaticFailover?: string;
  readonly source: Source;
}

export interface TableState {
  readonly status: string;
  /** Regions that hold a replica (a global table), this one included where AWS names it, with each one's status. */
  readonly replicas: readonly { readonly region: string; readonly status: string }[];
  readonly source: Source;
}

/** One resource record set (Route 53 API Reference, ResourceRecordSet). Plain data: it is part of plans. */
export type DnsRecord = {
  /** Without the final dot, in lower case. */
  readonly name: string;
  readonly type: string;
  /** Seconds; absent for an alias. */
  readonly ttl?: number;
  /** Empty for an alias. */
  readonly values: readonly string[];
  readonly alias?: { readonly dnsName: string; readonly hostedZoneId: string; readonly evaluateTargetHealth: boolean };
  readonly setIdentifier?: string;
  readonly weight?: number;
  /** `PRIMARY` or `SECONDARY`. */
  readonly failover?: string;
  /** Of a latency record. */
  readonly region?: string;
  readonly healthCheckId?: string;
};

export interface HealthCheckState {
  readonly id: string;
  readonly type: string;
  /** Route 53 counts a disabled check as healthy, whatever it watches. */
  readonly disabled: boolean;
  readonly inverted: boolean;
  /** What each checker saw last. */
  readonly observations: readonly { readonly region: string; readonly healthy: boolean; readonly detail: string }[];
}

export interface AlarmState {
  readonly name: string;
  readonly region: string;
  readonly state: 'ok' | 'alarm' | 'insufficient-data';
  /** Since when, epoch milliseconds. */
  readonly since?: number;
  readonly reason: string;
}

export interface RecoveryFacts {
  /** Asked in `ref.region`; every region of a global database knows all of it. */
  globalDatabase(ref: GlobalDatabaseRef): Promise<GlobalDatabase>;
  /** Of a secondary of a global database, or of a cross-region replica; no points where neither publishes any. */
  replicationLag(database: DatabaseRef, window: Window): Promise<ReplicationLag>;
  /** Newest first. */
  clusterSnapshots(database: DatabaseRef): Promise<readonly ClusterSnapshot[]>;
  /** What somebody set in the cluster's parameter group, by name; empty for AWS's own groups. */
  clusterParameters(database: DatabaseRef): Promise<Readonly<Record<string, string>>>;
  taskDefinition(region: string, arn: string): Promise<TaskDefinitionState>;
  /** Whether an image is in its registry; undefined for one that is not in Amazon ECR, which cannot be asked. */
  imageExists(region: string, image: string): Promise<boolean | undefined>;
  /** Whether a secret or parameter is there, by its ARN or name. Its value is never read. */
  secretExists(region: string, secret: string): Promise<boolean>;
  loadBalancer(api: LoadBalancerRef): Promise<LoadBalancerState>;
  certificate(region: string, arn: string): Promise<CertificateState>;
  bucketReplication(bucket: BucketRef): Promise<BucketReplication>;
  replicationBacklog(
    source: BucketRef,
    destination: BucketRef,
    /** Undefined where the source's region cannot be asked for it: whichever rule publishes them is then found by its metrics. */
    ruleId: string | undefined,
    window: Window,
  ): Promise<ReplicationBacklog>;
  cacheState(cache: CacheRef): Promise<CacheState>;
  tableState(table: TableRef): Promise<TableState>;
  /** Every set of the record's own name, of types A, AAAA and CNAME. */
  records(record: RecordRef): Promise<readonly DnsRecord[]>;
  /** Whether Route 53's servers all answer with a change; `changeId` is what the change's receipt holds. */
  recordChangeState(changeId: string): Promise<'pending' | 'insync'>;
  healthCheck(id: string): Promise<HealthCheckState>;
  /** From whichever of the cluster's endpoints answers, by the control's ARN. */
  routingControls(
    endpoints: readonly RoutingEndpoint[],
    controls: readonly string[],
  ): Promise<Readonly<Record<string, 'on' | 'off'>>>;
  objectExists(object: ObjectRef): Promise<boolean>;
  /** Those of the named alarms that exist in the region, metric and composite ones. */
  alarms(region: string, names: readonly string[]): Promise<readonly AlarmState[]>;
  /**
   * What IAM's simulator says of the caller: by action, whether its policies allow it. Rejects where the caller may not
   * ask; resource policies, boundaries of organisations and conditions are not all in it.
   */
  permissions(region: string, actions: readonly string[]): Promise<Readonly<Record<string, boolean>>>;
}
