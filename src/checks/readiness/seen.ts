/**
 * What readiness is judged by: everything that was looked at in both regions, each thing known or not, and what the
 * operator's configuration says. `from` is the region that would be left, `to` the one that would take over.
 */
import type { DatabaseState, ScalingLimits, ServiceState, TargetHealth } from '../../cloud/facts.ts';
import type {
  AlarmState,
  BucketReplication,
  CacheState,
  CertificateState,
  ClusterSnapshot,
  DnsRecord,
  GlobalDatabase,
  HealthCheckState,
  LoadBalancerState,
  ReplicationBacklog,
  ReplicationLag,
  TableState,
  TaskDefinitionState,
} from '../../cloud/recovery-facts.ts';
import type { ProbeAnswer } from '../../cloud/outside.ts';
import type { RegionalStack, TrafficSwitch } from '../../cloud/stack.ts';
import type { Known } from '../../diagnosis/known.ts';

/** How the region that would be left stands. */
export interface RegionState {
  readonly state: 'well' | 'down' | 'cut-off' | 'impaired' | 'unknown';
  /** A line each. */
  readonly evidence: readonly string[];
}

/** Whether something that a task is started with is there. */
export interface Presence {
  readonly name: string;
  /** `elsewhere`: it is kept where nobody can be asked for it. */
  readonly state: 'there' | 'missing' | 'elsewhere' | 'unknown';
  /** The region that it is fetched from, where its name says one. */
  readonly region?: string;
  /** Why it is not known, and what to do about it. */
  readonly detail?: string;
  readonly nextStep?: string;
}

export interface EndpointState {
  readonly region: string;
  readonly answers: boolean;
  readonly detail: string;
}

/** What planning a move came to. */
export interface PlanSeen {
  /** `drill`: as things are; `outage`: if the region that would be left were gone. */
  readonly occasion: 'drill' | 'outage';
  readonly mode: string;
  readonly changes: number;
  readonly blockers: readonly string[];
}

export interface ReadinessSeen {
  readonly region: Known<RegionState>;
  readonly outside: Known<readonly ProbeAnswer[]>;
  readonly oldService: Known<ServiceState>;
  readonly oldDatabase: Known<DatabaseState>;
  readonly oldBalancer: Known<LoadBalancerState>;
  readonly oldTask: Known<TaskDefinitionState>;
  readonly oldParameters: Known<Readonly<Record<string, string>>>;
  readonly replication: Known<BucketReplication>;
  readonly global: Known<GlobalDatabase>;
  readonly newDatabase: Known<DatabaseState>;
  readonly lag: Known<ReplicationLag>;
  readonly snapshots: Known<readonly ClusterSnapshot[]>;
  readonly newParameters: Known<Readonly<Record<string, string>>>;
  readonly newService: Known<ServiceState>;
  readonly newLimits: Known<ScalingLimits | null>;
  readonly newTask: Known<TaskDefinitionState>;
  readonly images: Known<readonly Presence[]>;
  readonly secrets: Known<readonly Presence[]>;
  readonly targets: Known<readonly TargetHealth[]>;
  readonly newBalancer: Known<LoadBalancerState>;
  readonly certificates: Known<readonly CertificateState[]>;
  readonly newCache: Known<CacheState>;
  readonly backlog: Known<ReplicationBacklog>;
  readonly sessions: Known<TableState>;
  readonly records: Known<readonly DnsRecord[]>;
  readonly switches: Known<Readonly<Record<string, 'on' | 'off'>>>;
  readonly endpoints: Known<readonly EndpointState[]>;
  readonly healthChecks: Known<readonly HealthCheckState[]>;
  readonly alarms: Known<readonly AlarmState[]>;
  /** By IAM action. */
  readonly permissions: Known<Readonly<Record<string, boolean>>>;
  readonly plans: Known<readonly PlanSeen[]>;
}

const notLookedAt: Known<never> = { known: false, because: 'skipped', reason: 'it was not looked at' };

/** Where nothing was looked at. */
export const nothingSeen: ReadinessSeen = {
  region: notLookedAt,
  outside: notLookedAt,
  oldService: notLookedAt,
  oldDatabase: notLookedAt,
  oldBalancer: notLookedAt,
  oldTask: notLookedAt,
  oldParameters: notLookedAt,
  replication: notLookedAt,
  global: notLookedAt,
  newDatabase: notLookedAt,
  lag: notLookedAt,
  snapshots: notLookedAt,
  newParameters: notLookedAt,
  newService: notLookedAt,
  newLimits: notLookedAt,
  newTask: notLookedAt,
  images: notLookedAt,
  secrets: notLookedAt,
  targets: notLookedAt,
  newBalancer: notLookedAt,
  certificates: notLookedAt,
  newCache: notLookedAt,
  backlog: notLookedAt,
  sessions: notLookedAt,
  records: notLookedAt,
  switches: notLookedAt,
  endpoints: notLookedAt,
  healthChecks: notLookedAt,
  alarms: notLookedAt,
  permissions: notLookedAt,
  plans: notLookedAt,
};

/** Both halves of the stack, and what is aimed for. Durations in milliseconds. */
export interface SiteTold {
  readonly from: RegionalStack;
  readonly to: RegionalStack;
  readonly globalCluster?: string;
  readonly traffic?: TrafficSwitch;
  readonly sessionsTable?: string;
  readonly rpoMs: number;
  /** As of when it is judged, epoch milliseconds. */
  readonly nowMs: number;
  /** What a suggested `aws` command needs to reach the same account. */
  readonly awsOptions: readonly string[];
}

export const phases = ['detect', 'decide', 'execute', 'verify', 'clients'] as const;
type Phase = (typeof phases)[number];

/** How long a phase of a failover takes. Milliseconds. */
export interface PhasePrediction {
  readonly medianMs: number;
  readonly p95Ms?: number;
  readonly runs: number;
  readonly simulated: boolean;
}

export interface ReadinessTold extends SiteTold {
  readonly rtoMs: number;
  readonly isSimulated: boolean;
  /** Which of the outside's programs are configured. */
  readonly outside: { readonly probe: boolean; readonly heartbeat: boolean; readonly write: boolean };
  /** The alarms of `drill.healthyAlarms`. */
  readonly healthyAlarms: readonly string[];
  /** Where runs and leases are kept, and why that cannot be read. */
  readonly state:
    | { readonly kind: 'file'; readonly trouble?: StateTrouble }
    | { readonly kind: 'table'; readonly table: string; readonly region: string; readonly trouble?: StateTrouble };
  /** Receivers of news by the region that they are in; absent where nobody is to be told. */
  readonly receivers?: readonly { readonly name: string; readonly region?: string }[];
  /** The actions that a failover of this stack needs, by what they are for. */
  readonly actions: { readonly changing: readonly string[]; readonly looking: readonly string[] };
  readonly planned: Readonly<Record<Phase, number>>;
  readonly predicted: Readonly<Partial<Record<Phase, PhasePrediction>>>;
  readonly drill: DrillTold;
}

export interface StateTrouble {
  readonly kind: 'missing' | 'unreadable';
  readonly reason: string;
  readonly nextStep: string;
}

/** How old the newest proof is. Milliseconds. */
export interface DrillTold {
  /** As asked for with `--max-age`; absent where nobody asked. */
  readonly limitMs?: number;
  readonly runId?: string;
  readonly ageMs?: number;
  /** A later one that did not succeed. */
  readonly failedSince?: string;
  /** Why a younger one may not have been seen. */
  readonly gaps: readonly string[];
}
