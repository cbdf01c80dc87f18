/**
 * What goes wrong, as data, and its sum at a moment. A fault says what it does to the model's causes (processor time of
 * a request, cost of a statement, the network of a zone, …), never to a metric: symptoms follow from the model.
 */
import type { Side } from './region-outage.ts';
import type { StatementId } from './workload.ts';

/** Why an application ends by itself soon after it started: told in its last words. */
export const crashes = ['missing-secret', 'broken-import', 'failed-migration'] as const;
export type Crash = (typeof crashes)[number];

/** What a region needs of its own before it can serve; each can be missing. */
export const regionNeeds = [
  /** The image of the service's newest task definition, in the region's registry. */
  'image',
  'secret',
  /** With it the listener that it is for. */
  'certificate',
  /** Every target fails its checks. */
  'target-health',
  'cache',
  'table-replica',
  /** From the other region's bucket into this one's. */
  'bucket-replication',
  'snapshots',
] as const;
export type RegionNeed = (typeof regionNeeds)[number];

/** Whose log group it is. */
export const loggingParts = ['application', 'error', 'slowquery', 'cache'] as const;
export type LoggingPart = (typeof loggingParts)[number];

/** What can leave no traces, though it should. */
export const untracedParts = ['service', 'statement', 's3', 'cache'] as const;
type Untraced = (typeof untracedParts)[number];

export type LoggingFault = Extract<FaultEffect, { readonly effect: 'logging' }>;

/** What the product counts of itself. */
export const productMetrics = [
  'DailyActiveUsers',
  'NewNanos',
  'ChatResponseHours',
  'ModerationQueueAgeHours',
  'ModerationQueueLength',
] as const;
export type ProductMetric = (typeof productMetrics)[number];

export type FaultEffect =
  /** Nothing is wrong: users have become `factor` times as many by now, and with them what they ask for. */
  | { readonly effect: 'growth'; readonly factor: number }
  /** Requests come `factor` times as often. */
  | { readonly effect: 'arrivals'; readonly factor: number }
  /** A request needs `factor` times the processor time. */
  | { readonly effect: 'api-cpu'; readonly factor: number }
  /** Somebody else takes this share of each task's processor. */
  | { readonly effect: 'processor-steal'; readonly share: number }
  /** Memory climbs to this share of the reservation, at which `kills` tasks are killed for it. */
  | { readonly effect: 'memory'; readonly level: number; readonly pauseMs: number; readonly kills: number }
  /** A statement costs `factor` times as much, having to read `rowsExamined` rows. */
  | {
      readonly effect: 'statement';
      readonly statement: StatementId;
      readonly factor: number;
      readonly rowsExamined: number;
    }
  /** A share of the requests keeps its connection for so long after its answer. */
  | { readonly effect: 'connection-hold'; readonly share: number; readonly heldMs: number }
  | { readonly effect: 'object-store'; readonly factor: number; readonly errorShare: number }
  /** The hit ratio falls to `hitRatio`; who misses waits for others that fill the same key. */
  | { readonly effect: 'cache'; readonly hitRatio: number; readonly refillMs: number; readonly restart: boolean }
  /** `errorShare`: of the answers, those that are a 503. */
  | { readonly effect: 'dependency'; readonly factor: number; readonly errorShare?: number }
  /** A share of the executions of a statement waits for a lock that nobody gives up, and fails. */
  | { readonly effect: 'table-locked'; readonly statement: StatementId; readonly share: number }
  /** The tasks' security group does not admit the load balancer any more: a share of its packets is lost. */
  | { readonly effect: 'targets-closed'; readonly share: number }
  /** Packets to and from one zone (0, 1 or 2) get lost. */
  | { readonly effect: 'zone'; readonly zone: number; readonly loss: number; readonly connectionErrorShare: number }
  /** A new revision is rolled out, which waits and fails more often than the one before; `gradual`: for a quarter of an hour and longer. */
  | {
      readonly effect: 'deployment';
      readonly waitMs: number;
      readonly errorShare: number;
      readonly cpuFactor: number;
      readonly gradual?: boolean;
    }
  /**
   * Tasks end soon after they started, again and again: those of the newest revision or of any. Tasks that run when it
   * begins end within its ramp. `starts` false: they never get as far as running.
   */
  | {
      readonly effect: 'crash-loop';
      readonly of: 'newest' | 'any';
      readonly crash: Crash;
      readonly exitCode: number;
      readonly starts: boolean;
    }
  /** People stop tasks, one after another, each of which is replaced. */
  | { readonly effect: 'tasks-stopped'; readonly count: number }
  /** AWS turns away a share of the calls to its own API; of all services where none are named, by their IAM prefix. */
  | { readonly effect: 'api-throttling'; readonly share: number; readonly services?: readonly string[] }
  /**
   * The host of whoever writes at the fault's beginning is gone, until a failover gives it another one. `status`: what
   * RDS says of the instance; a host that merely hangs is `available` to it.
   */
  | { readonly effect: 'writer-down'; readonly status: 'available' | 'failed' }
  /** The cluster failed over by itself; `moveAfterMs`: how long until clients reached a writer again. */
  | { readonly effect: 'failover'; readonly moveAfterMs?: number }
  /** The next failovers that are asked for end where they began. */
  | { readonly effect: 'failover-fails'; readonly times: number }
  /** Somebody deleted the cluster's readers. */
  | { readonly effect: 'readers-deleted' }
  /** Others than the application hold so many connections to the writer. */
  | { readonly effect: 'connections-exhausted'; readonly held: number }
  /** The application's tasks stay with the instance that wrote when they started. */
  | { readonly effect: 'stale-writer' }
  /** The application's password is not the database's any more; connections that are open stay. */
  | { readonly effect: 'bad-credentials' }
  /** The database's security group does not admit the service any more. */
  | { readonly effect: 'security-group-closed' }
  /** Somebody changed a parameter of the cluster. */
  | {
      readonly effect: 'parameters-changed';
      readonly parameter: string;
      readonly value: string;
      readonly apply: 'immediate' | 'pending-reboot';
    }
  /** A region lacks something that it needs to serve. */
  | { readonly effect: 'missing'; readonly what: RegionNeed; readonly region: Side }
  /** A region's certificate is not renewed and ends so many days after the fault's beginning. */
  | { readonly effect: 'certificate-expiring'; readonly days: number; readonly region: Side }
  /** So many objects, so many bytes of them, wait to be copied into the recovery region's bucket. */
  | { readonly effect: 'replication-backlog'; readonly operations: number; readonly bytes: number }
  /** How RDS backs a region's cluster up, where it is not as it should be; `window` is UTC, `02:00-03:00`. */
  | {
      readonly effect: 'backup-settings';
      readonly region: Side;
      readonly retentionDays?: number;
      readonly window?: string;
    }
  /** A region's cluster is not backed up any more: no snapshots, and the newest restorable moment stands still. */
  | { readonly effect: 'backups-stopped'; readonly region: Side }
  /** The nightly copies into the recovery region are not made, or hold nothing. */
  | { readonly effect: 'copies-stopped'; readonly leaves: 'none' | 'empty' }
  /** How a region's bucket is set up, where it is not as it should be; `archiveAfterDays` 0: never. */
  | {
      readonly effect: 'bucket-settings';
      readonly region: Side;
      readonly versioning?: 'Suspended' | 'never';
      readonly archiveAfterDays?: number;
      readonly deletesAfterDays?: number;
      /** Whether the rule that copies from it publishes metrics. */
      readonly metrics?: boolean;
    }
  /** A region's table can be restored to any moment of fewer days; of none: 0. */
  | { readonly effect: 'table-backup'; readonly region: Side; readonly days: number }
  /** The caller may not do these: IAM actions, in which * stands for anything. */
  | { readonly effect: 'permission-denied'; readonly actions: readonly string[] }
  /** So many more of the requests are for what is not there: the application answers 404. */
  | { readonly effect: 'client-errors'; readonly share: number }
  /** The database's volume is full to this share of what it may hold. */
  | { readonly effect: 'volume'; readonly share: number }
  /** The copy in the other region follows, `factor` times as far behind as it usually is. */
  | { readonly effect: 'replication-slow'; readonly factor: number }
  /** One of the product's own numbers is `factor` times what it usually is. */
  | { readonly effect: 'product'; readonly metric: ProductMetric; readonly factor: number }
  /** Metrics, traces and logs stop arriving. */
  | { readonly effect: 'telemetry-gap' }
  /** Nothing in the region answers any more: what is sent to it hangs. */
  | { readonly effect: 'region-down'; readonly region: Side }
  /** A share of what is sent to the region fails. */
  | { readonly effect: 'region-impaired'; readonly region: Side; readonly share: number }
  /** Calls to these services' own API hang, by their IAM prefix, in every region. */
  | { readonly effect: 'control-plane-down'; readonly services: readonly string[] }
  /**
   * The primary region is cut off: nobody outside reaches anything in it, and nothing leaves it. Inside, all of it lives
   * on, and its database goes on taking writes.
   */
  | { readonly effect: 'writer-cut-off' }
  /** The copy in the other region does not follow any more, though both regions live. */
  | { readonly effect: 'replication-stalled' }
  /** The recovery region's cluster has no instances. */
  | { readonly effect: 'secondary-headless' }
  /** One side's cluster runs another version of the engine than the other. */
  | { readonly effect: 'engine-version'; readonly side: Side; readonly version: string }
  /** A failover of the global database that is asked for begins, and never gets anywhere. */
  | { readonly effect: 'global-failover-stuck' }
  /** Auto Scaling's maximum in the recovery region. */
  | { readonly effect: 'recovery-capacity'; readonly maxTasks: number }
  /** How the primary region logs and traces, where it is not as it should be. */
  | {
      readonly effect: 'logging';
      /** Of every group; absent: as it should be. */
      readonly retentionDays?: number | 'never';
      /** Groups that are not there. */
      readonly missing: readonly LoggingPart[];
      /** The database's exports to CloudWatch; absent: as they should be. */
      readonly exports?: readonly string[];
      /** The share of the application's lines that lack fields. */
      readonly lacking: number;
      /** What leaves no traces; of a service that leaves none, those that call it do. */
      readonly untraced: readonly Untraced[];
    }
  /** One of CloudWatch's alarms is in ALARM, whatever its metric says; the primary region's where none is named. */
  | { readonly effect: 'alarm'; readonly name: string; readonly region?: Side }
  /** Somebody is root, some calls are denied and some logins fail, all from an address that nobody knows. */
  | { readonly effect: 'intrusion'; readonly root: number; readonly denied: number; readonly failedLogins: number }
  /** GuardDuty finds something: a type of finding, from 1 (low) to 10 (critical). */
  | { readonly effect: 'threat'; readonly finding: string; readonly severity: number; readonly region: Side }
  /** GuardDuty does not look: it was never set up in the region, or is switched off. */
  | { readonly effect: 'unwatched'; readonly detector: 'absent' | 'suspended'; readonly region: Side }
  /** AWS itself has trouble with a service, by its name in AWS Health. */
  | { readonly effect: 'service-issue'; readonly service: string; readonly region: Side }
  /** The account's support plan has no AWS Health API. */
  | { readonly effect: 'basic-support' }
  /** A service costs `factor` times as much a day, by its name on the bill. */
  | { readonly effect: 'cost'; readonly service: string; readonly factor: number }
  /** Nothing is wrong, and it could be set up better. */
  | { readonly effect: 'untuned'; readonly what: readonly Untuned[] };

/** Parts that can be set up worse than they should be. */
export const untunedParts = ['statements', 'indexes', 'cache-policy', 'cache-ttls', 'site', 'distribution'] as const;

export type Untuned = (typeof untunedParts)[number];

export interface FaultSpan {
  /** Epoch milliseconds. */
  readonly from: number;
  /** Absent: it lasts. */
  readonly to?: number;
  /** How long it takes to be fully there, and to be gone again. */
  readonly rampMs: number;
}

export type Fault = FaultSpan & FaultEffect;

/** The sum of all faults at a moment: factors are 1 and shares 0 where nothing is wrong. */
export interface Effects {
  readonly arrivals: number;
  readonly apiCpu: number;
  readonly steal: number;
  /** Share of the reservation that memory tends to, undefined where nothing presses on it; `progress` from 0 to 1. */
  readonly memory?: {
    readonly level: number;
    readonly progress: number;
    readonly rampMs: number;
    readonly pauseMs: number;
  };
  readonly statements: ReadonlyMap<StatementId, { readonly factor: number; readonly rowsExamined: number }>;
  readonly hold?: { readonly share: number; readonly heldMs: number };
  readonly objectStore: number;
  readonly objectStoreErrors: number;
  readonly cache?: { readonly hitRatio: number; readonly refillMs: number; readonly progress: number };
  readonly dependency: number;
  /** The share of its answers that are a 503. */
  readonly dependencyErrors: number;
  /** The share of a statement's executions that fail for want of a lock. */
  readonly locked: ReadonlyMap<StatementId, number>;
  /** The share of the balancer's connections to tasks that nobody answers. */
  readonly closedTargets: number;
  /** The share of requests that are for what is not there, beside the usual ones. */
  readonly clientErrors: number;
  readonly zone?: { readonly zone: number; readonly loss: number; readonly connectionErrorShare: number };
  /** Connections to the writer that others hold. */
  readonly heldConnections: number;
  /** The share of new connections that is turned away for a wrong password, and that no packet gets through for. */
  readonly denied: number;
  readonly blocked: number;
  readonly staleWriter: boolean;
  readonly telemetryGap: boolean;
  /** True while anything is wrong that other requests may feel. */
  readonly any: boolean;
}

/** How far a fault is there at `at`: 0 before and after, 1 in full. */
export function intensity(span: FaultSpan, at: number): number {
  if (at < span.from) return 0;
  const rise = span.rampMs <= 0 ? 1 : Math.min(1, (at - span.from) / span.rampMs);
  if (span.to === undefined || at <= span.to) return rise;
  return span.rampMs <= 0 ? 0 : Math.max(0, rise - (at - span.to) / span.rampMs);
}

/** Between 1 and `factor`, geometrically: half-way to a hundredfold is tenfold. */
function graded(factor: number, share: number): number {
  return factor ** share;
}

/** How many users there are at a time, of those that there are in the end: it grows geometrically. */
export function grownBy(faults: readonly Fault[], at: number): number {
  let factor = 1;
  for (const fault of faults) if (fault.effect === 'growth') factor *= graded(fault.factor, intensity(fault, at) - 1);
  return factor;
}

/** What strikes AWS's own API, a whole region, or what is between the regions: no cause of what a request meets in one. */
const elsewhere: ReadonlySet<FaultEffect['effect']> = new Set([
  'api-throttling',
  'region-down',
  'region-impaired',
  'control-plane-down',
  'writer-cut-off',
  'replication-stalled',
  'replication-slow',
  'volume',
  'secondary-headless',
  'engine-version',
  'global-failover-stuck',
  'recovery-capacity',
  'missing',
  'certificate-expiring',
  'replication-backlog',
  'backup-settings',
  'backups-stopped',
  'copies-stopped',
  'bucket-settings',
  'table-backup',
  'permission-denied',
  'logging',
  'alarm',
  'intrusion',
  'threat',
  'unwatched',
  'service-issue',
  'basic-support',
  'cost',
  'untuned',
  'growth',
  'product',
]);

/** True from a fault's beginning to its end, however far it has ramped up. */
export function lasts(fault: FaultSpan, at: number): boolean {
  return fault.from <= at && (fault.to === undefined || at < fault.to);
}

/** What all faults together do at `at`. A deployment's effect goes with its tasks instead, so it is not part of this. */
export function effectsAt(faults: readonly Fault[], at: number): Effects {
  return faults.some((fault) => fault.effect === 'growth' || touches(fault, at)) ? sumOfEffects(faults, at) : calm;
}

function touches(fault: Fault, at: number): boolean {
  return !elsewhere.has(fault.effect) && intensity(fault, at) > 0;
}

/** Fewer requests than usual, and those for what is not there, harm nobody else. */
function isFelt(fault: FaultEffect): boolean {
  return fault.effect === 'arrivals' ? fault.factor > 1 : fault.effect !== 'client-errors';
}

/** Most minutes of most worlds: made once. */
const calm: Effects = sumOfEffects([], 0);

function sumOfEffects(faults: readonly Fault[], at: number): Effects {
  let arrivals = grownBy(faults, at);
  let apiCpu = 1;
  let steal = 0;
  let objectStore = 1;
  let objectStoreErrors = 0;
  let dependency = 1;
  let dependencyErrors = 0;
  let closedTargets = 0;
  let clientErrors = 0;
  let heldConnections = 0;
  let denied = 0;
  let blocked = 0;
  let staleWriter = false;
  let telemetryGap = false;
  let any = false;
  let memory: Effects['memory'];
  let hold: Effects['hold'];
  let cache: Effects['cache'];
  let zone: Effects['zone'];
  const statements = new Map<StatementId, { factor: number; rowsExamined: number }>();
  const locked = new Map<StatementId, number>();
  for (const fault of faults) {
    if (!touches(fault, at)) continue;
    const share = intensity(fault, at);
    any ||= isFelt(fault);
    switch (fault.effect) {
      case 'arrivals':
        arrivals *= graded(fault.factor, share);
        break;
      case 'api-cpu':
        apiCpu *= graded(fault.factor, share);
        break;
      case 'processor-steal':
        steal += fault.share * share;
        break;
      case 'memory':
        memory = { level: fault.level, progress: share, rampMs: fault.rampMs, pauseMs: fault.pauseMs };
        break;
      case 'statement':
        statements.set(fault.statement, {
          factor: graded(fault.factor, share),
          rowsExamined: fault.rowsExamined,
        });
        break;
      case 'connection-hold':
        hold = { share: fault.share * share, heldMs: fault.heldMs };
        break;
      case 'object-store':
        objectStore *= graded(fault.factor, share);
        objectStoreErrors += fault.errorShare * share;
        break;
      case 'cache':
        cache = { hitRatio: fault.hitRatio, refillMs: fault.refillMs, progress: share };
        break;
      case 'dependency':
        dependency *= graded(fault.factor, share);
        dependencyErrors += (fault.errorShare ?? 0) * share;
        break;
      case 'table-locked':
        locked.set(fault.statement, fault.share * share);
        break;
      case 'targets-closed':
        closedTargets = Math.max(closedTargets, fault.share * share);
        break;
      case 'client-errors':
        clientErrors += fault.share * share;
        break;
      case 'zone':
        zone = {
          zone: fault.zone,
          loss: fault.loss * share,
          connectionErrorShare: fault.connectionErrorShare * share,
        };
        break;
      case 'telemetry-gap':
        telemetryGap = true;
        break;
      case 'connections-exhausted':
        heldConnections += Math.round(fault.held * share);
        break;
      case 'bad-credentials':
        denied = Math.max(denied, share);
        break;
      case 'security-group-closed':
        blocked = Math.max(blocked, share);
        break;
      case 'stale-writer':
        staleWriter = true;
        break;
      // What these do is in the tasks, in the database's history, and in what becomes of calls.
      case 'deployment':
      case 'crash-loop':
      case 'tasks-stopped':
      case 'api-throttling':
      case 'writer-down':
      case 'failover':
      case 'failover-fails':
      case 'readers-deleted':
      case 'parameters-changed':
      case 'region-down':
      case 'region-impaired':
      case 'control-plane-down':
      case 'writer-cut-off':
      case 'replication-stalled':
      case 'replication-slow':
      case 'volume':
      case 'secondary-headless':
      case 'engine-version':
      case 'global-failover-stuck':
      case 'recovery-capacity':
      case 'alarm':
      case 'missing':
      case 'growth':
      case 'certificate-expiring':
      case 'replication-backlog':
      case 'backup-settings':
      case 'backups-stopped':
      case 'copies-stopped':
      case 'bucket-settings':
      case 'table-backup':
      case 'permission-denied':
      case 'logging':
      case 'intrusion':
      case 'threat':
      case 'unwatched':
      case 'service-issue':
      case 'basic-support':
      case 'cost':
      case 'untuned':
      case 'product':
        break;
    }
  }
  return {
    arrivals,
    apiCpu,
    steal,
    objectStore,
    objectStoreErrors,
    dependency,
    dependencyErrors,
    locked,
    closedTargets,
    clientErrors,
    heldConnections,
    denied,
    blocked,
    staleWriter,
    telemetryGap,
    any,
    statements,
    ...(memory && { memory }),
    ...(hold && { hold }),
    ...(cache && { cache }),
    ...(zone && { zone }),
  };
}
