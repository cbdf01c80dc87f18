/**
 * What is wanted against what is there: what is to be made, altered and deleted, what is as it should be, and what is
 * somebody else's. Only what bears our tags is ever altered. Pure.
 */
import {
  isOwnedBy,
  type FoundMonitoring,
  type Json,
  type MonitoringAction,
  type MonitoringKind,
  type MonitoringRef,
  type MonitoringResource,
  type Tags,
} from '../cloud/monitoring.ts';
import { topicNames } from './kit.ts';

export interface AttributeChange {
  /** `metrics.requests.dimensions.LoadBalancer` */
  readonly name: string;
  readonly before: Json;
  readonly after: Json;
}

export interface PlannedChange {
  readonly action: MonitoringAction;
  /** As it is to be; of what is deleted, as it is. */
  readonly resource: MonitoringResource;
  /** As it is; null where there is none. */
  readonly before: MonitoringResource | null;
  readonly attributes: readonly AttributeChange[];
  /** Of a topic, whose attributes are set one by one. */
  readonly attribute?: 'displayName' | 'policy';
}

export interface MonitoringDifference {
  /** In the order in which they can be made. */
  readonly changes: readonly PlannedChange[];
  readonly unchanged: readonly MonitoringRef[];
  /** Of a name that is wanted, and not ours. */
  readonly conflicts: readonly MonitoringRef[];
  /** Not ours, and in nobody's way. */
  readonly foreign: readonly MonitoringRef[];
  /** Not wanted any more, and not to be ended while nobody has agreed to it: it lapses. */
  readonly pending: readonly MonitoringRef[];
}

/** Deleted in this order: what others are made of goes last. */
const deletionOrder: readonly MonitoringKind[] = [
  'composite-alarm',
  'alarm',
  'event-target',
  'event-rule',
  'subscription',
  'topic',
  'dashboard',
];

/** Of one region. */
export function differenceOf(
  wanted: readonly MonitoringResource[],
  found: readonly FoundMonitoring[],
  own: Tags,
): MonitoringDifference {
  const there = new Map(found.map((each) => [slotOf(each), each]));
  const wantedSlots = new Set(wanted.map(slotOf));
  const isOurs = (each: FoundMonitoring): boolean => isOwnedBy(each.tags, own);

  const inTheWay = wanted.flatMap((each) => {
    const present = there.get(slotOf(each));
    return present !== undefined && (!isOurs(present) || present.kind !== each.kind) ? [refOf(present)] : [];
  });
  const blocked = new Set(inTheWay.map(slotOf));
  const kept = wanted.filter((each) => !blocked.has(slotOf(each)) && !blocked.has(parentOf(each) ?? ''));
  const made = kept.flatMap((each) => changesTo(each, there.get(slotOf(each))));
  const changed = new Set(made.map(({ resource }) => slotOf(resource)));

  const unwanted = found.filter((each) => !wantedSlots.has(slotOf(each)));
  const goneRules = new Set(
    unwanted.flatMap((each) => (each.kind === 'event-rule' && isOurs(each) ? [each.name] : [])),
  );
  // A rule that has targets cannot be deleted: whoever else hung one on ours loses it with the rule, and not before.
  const isManaged = (each: FoundMonitoring): boolean =>
    isOfConfiguration(each) || (each.kind === 'event-target' && goneRules.has(each.spec.rule));
  const ours = unwanted.filter((each) => isOurs(each) && isManaged(each));
  const goesWith = topicsAmong(ours);
  const deleted = ours
    .filter((each) => each.isPending !== true)
    // A topic takes its subscriptions with it.
    .filter((each) => each.kind !== 'subscription' || !goesWith.has(each.spec.topic))
    .toSorted((a, b) => deletionOrder.indexOf(a.kind) - deletionOrder.indexOf(b.kind));
  return {
    changes: [
      ...made,
      ...deleted.map((each) => {
        const before = withoutTags(each);
        return { action: 'delete' as const, resource: before, before, attributes: [] };
      }),
    ],
    unchanged: kept.filter((each) => !changed.has(slotOf(each))).map(refOf),
    conflicts: inTheWay,
    foreign: unwanted.filter((each) => !isOurs(each) || !isManaged(each)).map(refOf),
    pending: ours
      .filter((each) => each.isPending === true && each.kind === 'subscription' && !goesWith.has(each.spec.topic))
      .map(refOf),
  };
}

/** Alarms of both kinds share their names. */
function slotOf({ kind, region, name }: MonitoringRef): string {
  return `${kind === 'composite-alarm' ? 'alarm' : kind} ${region} ${name}`;
}

/** What it is a part of, where it is one: nothing is added to what is somebody else's. */
function parentOf(each: MonitoringResource): string | undefined {
  const { region } = each;
  if (each.kind === 'event-target') return slotOf({ kind: 'event-rule', region, name: each.spec.rule });
  if (each.kind !== 'subscription') return undefined;
  return slotOf({ kind: 'topic', region, name: topicIn(each.spec.topic) });
}

function topicIn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function refOf({ kind, region, name }: MonitoringRef): MonitoringRef {
  return { kind, region, name };
}

/**
 * Of our topics, mail and SMS are the configuration's, and of our rules the targets that are named after a topic of ours;
 * whoever else subscribed or is told, a pager or a function for example, did so by himself.
 */
function isOfConfiguration(each: FoundMonitoring): boolean {
  if (each.kind === 'subscription') return each.spec.protocol === 'email' || each.spec.protocol === 'sms';
  if (each.kind === 'event-target') return topicNames.some((topic) => each.name === `${each.spec.rule} ${topic}`);
  return true;
}

/** ARNs of the topics that go. */
function topicsAmong(gone: readonly FoundMonitoring[]): ReadonlySet<string> {
  const names = new Set(gone.flatMap(({ kind, name }) => (kind === 'topic' ? [name] : [])));
  return new Set(
    gone.flatMap((each) =>
      each.kind === 'subscription' && names.has(topicIn(each.spec.topic)) ? [each.spec.topic] : [],
    ),
  );
}

/** As it was found, without whose it is. */
function withoutTags({ tags: _tags, isPending: _pending, ...resource }: FoundMonitoring): MonitoringResource {
  return resource;
}

function changesTo(wanted: MonitoringResource, present: FoundMonitoring | undefined): readonly PlannedChange[] {
  if (present === undefined) {
    return [{ action: 'create', resource: wanted, before: null, attributes: attributesOf({}, wanted.spec) }];
  }
  const attributes = attributesOf(present.spec, wanted.spec);
  if (attributes.length === 0) return [];
  const before = withoutTags(present);
  if (wanted.kind !== 'topic') return [{ action: 'update', resource: wanted, before, attributes }];
  return (['displayName', 'policy'] as const).flatMap((attribute) => {
    const own = attributes.filter(({ name }) => name === attribute || name.startsWith(`${attribute}.`));
    return own.length === 0
      ? []
      : [{ action: 'update' as const, resource: wanted, before, attributes: own, attribute }];
  });
}

/** What differs, leaf by leaf. */
export function attributesOf(before: object, after: object): readonly AttributeChange[] {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((name) => ({ name, before: was.get(name) ?? null, after: is.get(name) ?? null }))
    .filter((each) => JSON.stringify(each.before) !== JSON.stringify(each.after));
}

/** Lists of plain values are one value; everything else is taken apart. What is empty is not there. */
function leavesOf(value: unknown, path = ''): Map<string, Json> {
  if (isLeaf(value)) return isEmpty(value) ? new Map() : new Map([[path, value]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, member]) => [...leavesOf(member, path === '' ? key : `${path}.${key}`)]),
  );
}

function isLeaf(value: unknown): value is Json {
  if (Array.isArray(value)) return value.every((each) => typeof each !== 'object' || each === null);
  return value === null || typeof value !== 'object';
}

function isEmpty(value: Json): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
