/**
 * What Route 53's servers answer to whoever asks for the API's name: which sets, by policy and health, and which region's
 * load balancer they lead to (Route 53 Developer Guide, "How Amazon Route 53 chooses records when health checking is
 * configured"). It knows no client and no cache.
 */
import type { DnsRecord } from '../../cloud/recovery-facts.ts';
import { drawn } from '../random.ts';
import { servingTasks, type WorldInventory } from './inventory.ts';
import { isMissing } from './region-needs.ts';
import { isCutOff, type Side } from './region-outage.ts';
import { controlStateAt, servedRecordsAt, switchObjectAt, type HealthCheck } from './traffic-state.ts';

const SECOND_MS = 1_000;
/** A balancer's alias has no TTL of its own. */
const ALIAS_TTL_SECONDS = 60;
/** How long a routing control takes to be felt in answers, and a balancer's health in those of its alias. */
const CONTROL_MS: readonly [number, number] = [3 * SECOND_MS, 10 * SECOND_MS];
const TARGET_MS: readonly [number, number] = [10 * SECOND_MS, 20 * SECOND_MS];
/** So many of its intervals a check takes to be sure: the third failure, or success, in a row. */
const CHECK_INTERVALS: readonly [number, number] = [2.1, 3.1];
const MOST_HOPS = 5;

/** A load balancer, or something else, that a share of those who ask is led to. */
export interface Target {
  /** As the record names it: a host name or an address. */
  readonly name: string;
  /** Absent for what is no load balancer of this world. */
  readonly side?: Side;
  readonly share: number;
}

export interface Answer {
  /** None: the name does not resolve. */
  readonly targets: readonly Target[];
  readonly ttlMs: number;
}

/** An answer, from its beginning to the next one's. */
export interface AnswerSpan extends Answer {
  /** Epoch milliseconds; `-Infinity` for the first. */
  readonly from: number;
}

/** Whether what a check watches is well, as a checker would see it at `at`. Inversion and patience come on top. */
export function observedAt(world: WorldInventory, { watches }: HealthCheck, at: number): boolean {
  switch (watches.kind) {
    case 'balancer':
      return serves(world, watches.side, at);
    case 'object':
      return switchObjectAt(world.traffic, at) && !isCutOff(world, 'recovery', at);
    case 'control':
      return world.traffic.controls.some((each) => each.arn === watches.arn && controlStateAt(each, at) === 'on');
    case 'name': {
      // Whoever checks the name and steers it would turn in a circle: it is taken by what its sets say alone.
      const { targets } = answerBy(world, servedRecordsAt(world.traffic, at), world.names.record, () => true);
      return targets.some(({ side, share }) => share > 0 && side !== undefined && serves(world, side, at));
    }
  }
}

/** The status that Route 53 goes by. A check that is disabled counts as healthy, unless it is inverted. */
function isHealthy(world: WorldInventory, check: HealthCheck, at: number): boolean {
  const observed = check.disabled || observedAt(world, check, at - patienceMs(world, check));
  return observed !== check.inverted;
}

function patienceMs(world: WorldInventory, check: HealthCheck): number {
  return check.watches.kind === 'control'
    ? drawn(world, CONTROL_MS, 'control', check.id)
    : drawn(world, CHECK_INTERVALS, 'health-check', check.id) * check.intervalSeconds * SECOND_MS;
}

/** Whether the region's load balancer is reached, and has a target that is well. */
function serves(world: WorldInventory, side: Side, at: number): boolean {
  return (
    !isCutOff(world, side, at) &&
    servingTasks(world[side], at).length > 0 &&
    !isMissing(world, world[side], 'target-health', at)
  );
}

/** The load balancer that a name is of. An alias may ask for it as `dualstack.…`. */
export function sideOfHost(world: WorldInventory, host: string): Side | undefined {
  const bare = host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^dualstack\./, '');
  return (['primary', 'recovery'] as const).find((side) => world[side].balancerDnsName.toLowerCase() === bare);
}

/** What is answered to whoever asks for the API's name at `at`. */
function answerAt(world: WorldInventory, at: number): Answer {
  const targetMs = drawn(world, TARGET_MS, 'target-health');
  const healthy = (set: DnsRecord): boolean => {
    const check = world.traffic.healthChecks.find((each) => each.id === set.healthCheckId);
    if (check !== undefined && !isHealthy(world, check, at)) return false;
    const side = set.alias?.evaluateTargetHealth === true ? sideOfHost(world, set.alias.dnsName) : undefined;
    return side === undefined || serves(world, side, at - targetMs);
  };
  return answerBy(world, servedRecordsAt(world.traffic, at), world.names.record, healthy);
}

type Healthy = (set: DnsRecord) => boolean;

function answerBy(
  world: WorldInventory,
  records: readonly DnsRecord[],
  name: string,
  healthy: Healthy,
  hops = 0,
): Answer {
  const named = records.filter((each) => each.name === name);
  const sets = named.filter(({ type }) => type === 'A' || type === 'CNAME');
  const chosen = choose(sets.length > 0 ? sets : named.filter(({ type }) => type === 'AAAA'), healthy);
  let ttlMs = Infinity;
  const targets: Target[] = [];
  for (const { set, share } of chosen) {
    ttlMs = Math.min(ttlMs, (set.ttl ?? ALIAS_TTL_SECONDS) * SECOND_MS);
    const values = set.alias === undefined ? set.values : [set.alias.dnsName];
    for (const value of values) {
      const host = value.toLowerCase().replace(/\.$/, '');
      const side = sideOfHost(world, host);
      const part = share / values.length;
      if (side === undefined && hops < MOST_HOPS && records.some((each) => each.name === host)) {
        const further = answerBy(world, records, host, healthy, hops + 1);
        ttlMs = Math.min(ttlMs, further.ttlMs);
        targets.push(...further.targets.map((each) => ({ ...each, share: each.share * part })));
      } else {
        targets.push({ name: host, share: part, ...(side !== undefined && { side }) });
      }
    }
  }
  return { targets, ttlMs: ttlMs === Infinity ? ALIAS_TTL_SECONDS * SECOND_MS : ttlMs };
}

/** The sets that are answered with, and to which share of those who ask. */
function choose(
  sets: readonly DnsRecord[],
  healthy: Healthy,
): readonly { readonly set: DnsRecord; readonly share: number }[] {
  const [first, ...others] = sets;
  // One set alone is answered with, whatever its health.
  if (first === undefined) return [];
  if (others.length === 0) return [{ set: first, share: 1 }];
  const well = sets.filter((set) => healthy(set));
  if (sets.some((set) => set.failover !== undefined)) {
    const set =
      well.find((each) => each.failover === 'PRIMARY') ??
      well.find((each) => each.failover === 'SECONDARY') ??
      sets.find((each) => each.failover === 'PRIMARY') ??
      first;
    return [{ set, share: 1 }];
  }
  if (sets.some((set) => set.weight !== undefined)) {
    // Sets without weight are answered with only where none that has weight is healthy; where none is, all are.
    const weightOf = (set: DnsRecord) => set.weight ?? 0;
    const heavy = well.filter((set) => weightOf(set) > 0);
    const among = heavy.length > 0 ? heavy : well.length > 0 ? well : sets;
    const total = among.reduce((sum, set) => sum + weightOf(set), 0);
    return among.map((set) => ({ set, share: total === 0 ? 1 / among.length : weightOf(set) / total }));
  }
  // By latency, region or location: who asks from where is not simulated, so each set gets its equal share.
  const among = well.length > 0 ? well : sets;
  return among.map((set) => ({ set, share: 1 / among.length }));
}

/** Every answer that there was and, by what is known now, will be, oldest first. */
export function answerSpans(world: WorldInventory): readonly AnswerSpan[] {
  const spans: AnswerSpan[] = [];
  for (const from of [-Infinity, ...turningPoints(world)]) {
    const answer = answerAt(world, from);
    const before = spans.at(-1);
    if (before === undefined || !isSame(before, answer)) spans.push({ ...answer, from });
  }
  return spans;
}

function isSame(before: Answer, answer: Answer): boolean {
  return (
    before.ttlMs === answer.ttlMs &&
    before.targets.length === answer.targets.length &&
    before.targets.every(({ name, share }, index) => {
      const other = answer.targets[index];
      return other?.name === name && other.share === share;
    })
  );
}

/** The times at which the answer may have changed, in order. */
function turningPoints(world: WorldInventory): readonly number[] {
  const { traffic, faults } = world;
  const { records, recordChanges, healthChecks } = traffic;
  const points = new Set(recordChanges.map((each) => each.insyncAt));
  const sets = [...records, ...recordChanges.flatMap((each) => each.records)];
  const watchesTargets = sets.some((set) => set.alias?.evaluateTargetHealth === true);
  const checks = healthChecks.filter((check) => sets.some((set) => set.healthCheckId === check.id));
  if (checks.length === 0 && !watchesTargets) return [...points].toSorted((a, b) => a - b);
  const happened = [
    ...faults.flatMap(({ from, to }) => (to === undefined ? [from] : [from, to])),
    ...[world.primary, world.recovery].flatMap(({ tasks }) =>
      tasks.flatMap(({ startedAt, stoppedAt }) => (stoppedAt === undefined ? [startedAt] : [startedAt, stoppedAt])),
    ),
    ...traffic.controls.flatMap(({ states }) => states.map((each) => each.at)),
    ...(traffic.switchObject?.states.map((each) => each.at) ?? []),
    ...recordChanges.map((each) => each.insyncAt),
  ];
  const delays = [
    ...checks.map((check) => patienceMs(world, check)),
    ...(watchesTargets ? [drawn(world, TARGET_MS, 'target-health')] : []),
  ];
  for (const at of happened) for (const delay of delays) points.add(Math.ceil(at + delay));
  return [...points].toSorted((a, b) => a - b);
}
