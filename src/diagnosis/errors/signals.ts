/** The picture, condensed: where faults begin, what the log says, what changed around the onset; once for all the causes that weigh it. */
import type { StoppedTask, ZoneTraffic } from '../../cloud/facts.ts';
import type { Series, Source } from '../../cloud/series.ts';
import { isOutOfMemory, suspectDeployment, type SuspectDeployment } from '../happenings.ts';
import { measuredOnset } from '../incident.ts';
import { valueOf } from '../known.ts';
import { shiftOf, type Shift } from '../shift.ts';
import type { ComponentKind } from '../self-time.ts';
import { sum } from '../statistics.ts';
import { messagesIn, type Blamed, type MessageGroup, type Messages } from './messages.ts';
import { faultOrigins, type FaultOrigin, type FaultOrigins } from './origins.ts';
import type { ErrorsPicture } from './picture.ts';
import type { ErrorSymptom } from './symptom.ts';

const minuteMs = 60_000;

export interface Signals {
  readonly picture: ErrorsPicture;
  readonly symptom: ErrorSymptom;
  /** Where the faults of failed requests begin; undefined where no failed request was read. */
  readonly origins?: FaultOrigins;
  readonly traceSource?: Source;
  /** Undefined where the log was not read. */
  readonly messages?: Messages;
  readonly logSource?: Source;
  readonly requests?: Shift;
  readonly cpu?: Shift;
  readonly memory?: Shift;
  readonly storageErrors?: Shift;
  readonly connectionErrors?: Shift;
  /** The newest deployment that began shortly before the onset. */
  readonly suspectDeployment?: SuspectDeployment;
  /** Tasks that ran out of memory in the incident, and all that ended by themselves. */
  readonly outOfMemory: readonly StoppedTask[];
  readonly crashed: readonly StoppedTask[];
  /** The only zone whose targets are not reached, if there is just one such. */
  readonly oddZone?: { readonly zone: string; readonly errors: number };
}

export function signalsOf(picture: ErrorsPicture): Signals {
  const { symptom, names } = picture;
  const shift = (series: Series | undefined): Shift | undefined =>
    series === undefined ? undefined : shiftOf(series, symptom.before, symptom.during);
  const traffic = valueOf(picture.traffic);
  const use = valueOf(picture.utilisation);
  const bucket = valueOf(picture.bucketLoad);
  const failed = valueOf(picture.failedTraces);
  const read = failed === undefined ? undefined : faultOrigins(failed.traces, names);
  const origins = read === undefined || read.failed === 0 ? undefined : read;
  const log = valueOf(picture.errorLines);
  const stopped = (valueOf(picture.stoppedTasks) ?? []).filter((task) => isOfIncident(task, symptom));
  return {
    picture,
    symptom,
    origins,
    traceSource: failed?.source,
    messages: log && messagesIn(log, symptom.during, { ...names, hosts: hostsOf(picture, origins) }),
    logSource: log?.source,
    requests: shift(traffic?.requests),
    cpu: shift(use?.cpuAverage),
    memory: shift(use?.memoryMaximum),
    storageErrors: shift(bucket && filled(bucket.serverErrors, bucket.requests)),
    connectionErrors: shift(traffic && filled(traffic.targetConnectionErrors, traffic.requests)),
    suspectDeployment: suspectDeployment(valueOf(picture.deployments) ?? [], symptom),
    outOfMemory: stopped.filter((task) => isOutOfMemory(task, symptom)),
    crashed: stopped.filter(
      ({ stopCode }) => stopCode === 'EssentialContainerExited' || stopCode === 'TaskFailedToStart',
    ),
    oddZone: oddZone(valueOf(picture.zones) ?? [], symptom),
  };
}

/** Where nothing was counted beside requests, there was none: only counts above zero are published. */
function filled(counts: Series, requests: Series): Series {
  const known = new Map(counts.points.map(({ at, value }) => [at, value]));
  return { ...counts, points: requests.points.map(({ at }) => ({ at, value: known.get(at) ?? 0 })) };
}

function isOfIncident({ stoppedAt }: StoppedTask, { during }: ErrorSymptom): boolean {
  return stoppedAt !== undefined && stoppedAt >= during.from - 5 * minuteMs && stoppedAt <= during.to + 5 * minuteMs;
}

/** Hosts outside the stack, as traces and the call graph know them. */
function hostsOf({ callGraph }: ErrorsPicture, origins: FaultOrigins | undefined): readonly string[] {
  const located = valueOf(callGraph);
  const suspects = located?.status === 'found' ? located.suspects.map(({ component }) => component) : [];
  const all = [...(origins?.origins ?? []).map(({ component }) => component), ...suspects];
  return [...new Set(all.filter(({ kind }) => kind === 'dependency').map(({ name }) => name))];
}

function oddZone(zones: readonly ZoneTraffic[], { during }: ErrorSymptom): Signals['oddZone'] {
  if (zones.length < 2) return undefined;
  const counted = zones
    .map(({ zone, targetConnectionErrors }) => ({
      zone,
      errors: sum(
        targetConnectionErrors.points.filter(({ at }) => at >= during.from && at < during.to).map(({ value }) => value),
      ),
    }))
    .toSorted((a, b) => b.errors - a.errors);
  const [first, second] = counted;
  const isAlone = first !== undefined && first.errors >= 10 && first.errors >= 5 * (second?.errors ?? 0);
  return isAlone ? first : undefined;
}

/** The share of failed requests whose fault began in components of a kind; undefined where no failed request was read. */
export function originShare({ origins }: Signals, kind: ComponentKind): number | undefined {
  if (origins === undefined) return undefined;
  return sum(origins.origins.filter(({ component }) => component.kind === kind).map(({ share }) => share));
}

/** The component of a kind in which most faults begin. */
export function topOrigin({ origins }: Signals, kind: ComponentKind): FaultOrigin | undefined {
  return origins?.origins.find(({ component }) => component.kind === kind);
}

/** Messages that the incident brought and that blame one of these, together: the most frequent one's words. */
export function risenMessages(
  { messages }: Signals,
  ...blamed: readonly Blamed[]
): (Pick<MessageGroup, 'during' | 'example'> & { readonly share: number }) | undefined {
  if (messages === undefined) return undefined;
  const groups = messages.risen.filter(({ blames }) => blamed.includes(blames));
  const [first] = groups;
  if (first === undefined) return undefined;
  const during = sum(groups.map((group) => group.during));
  return { during, example: first.example, share: during / Math.max(1, messages.lines) };
}

/** How long before the onset something was, in minutes; negative after it. */
export function minutesBefore({ symptom }: Signals, at: number): number | undefined {
  const onset = measuredOnset(symptom);
  return onset === undefined ? undefined : Math.round((onset - at) / minuteMs);
}
