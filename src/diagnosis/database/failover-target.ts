/**
 * Which reader to make the writer, or why there is none. The order is Aurora's own, the promotion tier first; within a
 * tier, a reader that is no smaller than the writer, then one in another zone.
 * Source: Aurora User Guide, "Fault tolerance for an Aurora DB cluster".
 */
import type { DatabaseInstance, DatabaseState } from '../../cloud/facts.ts';
import { byCodeUnit } from '../statistics.ts';
import { servingOf, writerOf } from './statuses.ts';

export type FailoverTarget =
  | {
      readonly target: DatabaseInstance;
      /** What whoever approves the failover must know: a smaller class, the same zone. */
      readonly concerns: readonly string[];
    }
  | { readonly target: undefined; readonly reason: string };

/** What an instance has where nobody set it. */
const usualTier = 1;

export function failoverTarget(state: DatabaseState): FailoverTarget {
  const condition = servingOf(state.status);
  if (condition === 'failing-over') return none('a failover is under way already');
  if (condition !== 'serving') return none(`the cluster is ${state.status}: RDS fails over only an available cluster`);
  const readers = state.instances.filter(({ role }) => role === 'reader');
  if (readers.length === 0) return none('the cluster has no reader to promote');
  const writer = writerOf(state);
  const [target] = readers
    .filter(({ status }) => status === 'available')
    .toSorted(
      (a, b) =>
        (a.promotionTier ?? usualTier) - (b.promotionTier ?? usualTier) ||
        sizeRank(a, writer) - sizeRank(b, writer) ||
        Number(isInZoneOf(a, writer)) - Number(isInZoneOf(b, writer)) ||
        byCodeUnit(a.id, b.id),
    );
  if (target === undefined) {
    const told = readers.map(({ id, status }) => `${id} is ${status}`).join(', ');
    return none(`no reader is available: ${told}`);
  }
  return { target, concerns: concernsOf(target, writer) };
}

function none(reason: string): FailoverTarget {
  return { target: undefined, reason };
}

function concernsOf(target: DatabaseInstance, writer: DatabaseInstance | undefined): readonly string[] {
  if (writer === undefined) return ['which instance is the writer is not known: sizes and zones cannot be compared'];
  const classes = `${target.id} (${target.instanceClass}) and the writer (${writer.instanceClass})`;
  const size = sizeRank(target, writer);
  return [
    ...(size === 2
      ? [
          `${target.id} (${target.instanceClass}) is smaller than the writer (${writer.instanceClass}): it may not carry the load`,
        ]
      : []),
    ...(size === 1 ? [`the sizes of ${classes} cannot be compared`] : []),
    ...(isInZoneOf(target, writer) ? [`${target.id} is in the writer\u2019s own zone, ${writer.zone ?? ''}`] : []),
  ];
}

function isInZoneOf(reader: DatabaseInstance, writer: DatabaseInstance | undefined): boolean {
  return reader.zone !== undefined && reader.zone === writer?.zone;
}

/** 0 for the writer's class or a larger one, 2 for a smaller one, 1 where nobody can tell. */
function sizeRank(reader: DatabaseInstance, writer: DatabaseInstance | undefined): number {
  if (writer === undefined || reader.instanceClass === writer.instanceClass) return 0;
  const own = memoryGib(reader.instanceClass);
  const wanted = memoryGib(writer.instanceClass);
  if (own === undefined || wanted === undefined) return 1;
  return own >= wanted ? 0 : 2;
}

/** GiB of a `large`, by family (Aurora User Guide, "Hardware specifications for DB instance classes"). */
const gibOfLarge: ReadonlyMap<string, number> = new Map([
  ['t', 8],
  ['m', 8],
  ['r', 16],
  ['x', 32],
]);

/** Undefined for `db.serverless`, which has no size of its own, and for what is not known. */
function memoryGib(instanceClass: string): number | undefined {
  const match = /^db\.([a-z])\w*\.(small|medium|large|(\d*)xlarge)$/.exec(instanceClass);
  const large = gibOfLarge.get(match?.[1] ?? '');
  if (match === null || large === undefined) return undefined;
  if (match[2] === 'small') return large / 4;
  if (match[2] === 'medium') return large / 2;
  return match[2] === 'large' ? large : 2 * large * Number(match[3] === '' ? 1 : match[3]);
}
