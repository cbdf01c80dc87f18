/**
 * Incidents made by moving faults around the graph over real calm windows. A fault changes the component that it is put into; what
 * that costs its callers is passed up the graph in proportion to who asks how much, with chance in every request. Nothing here is
 * shared with the engine: it is the other side's view of how trouble spreads.
 */
import { mapColumns, nameAndType, sliceOf } from './petshop.js';

/** @typedef {import('./petshop.js').Readings} Readings */
/** @typedef {import('./petshop.js').Metrics} Metrics */
/** @typedef {import('./petshop.js').Scenario} Scenario */
/** @typedef {import('./petshop.js').HurtComponent} HurtComponent */
/** @typedef {import('./petshop.js').Call} Call */
/** @typedef {{ kind: string, position: string, symptom: HurtComponent, calls: readonly Call[], normal: Metrics, incident: Metrics }} Made */
/** @typedef {{ requests: number[], faults: number[], mean: number[], percentiles: Record<string, number[]> }} Columns of one component in the incident, to be changed */
/** @typedef {() => number} Chance between 0 and 1 */

const points = 5;
/** How much of the fault each point of the incident has: it begins in the second and ends in the fourth. */
const shapes = [
  [0, 0.6, 1, 1, 0],
  [0, 0.3, 1, 0.6, 0],
  [0, 1, 1, 0.5, 0.1],
  [0, 0, 1, 1, 0.3],
];
const growing = [0, 0.35, 0.7, 1, 0.3];
/** Seconds. No fault of this kind is longer: callers give up. */
const longestDelay = 15;
/** Fewest requests in a window that a fault is put among. */
const fewestRequests = 8;

export const kinds = /** @type {const} */ ([
  'latency of all requests',
  'latency of a share',
  'growth of its own time',
  'slow database table',
  'surge of load',
  'errors',
  'vanished',
  'function misconfigured',
]);

/** Those that make answers slow; the others make them fail. @type {readonly string[]} */
const latencyKinds = kinds.slice(0, 5);

/** @param {number} seed @returns {Chance} mulberry32 */
export function chanceOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param {Chance} chance */
function normalChance(chance) {
  return Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
}

/** @param {Chance} chance @param {number} mean */
function poissonChance(chance, mean) {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normalChance(chance)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = chance(); product > limit; product *= chance()) count += 1;
  return count;
}

/** @param {Chance} chance @param {number} from @param {number} to */
function logUniform(chance, from, to) {
  return from * (to / from) ** chance();
}

/**
 * Everything that can be asked of a scenario, prepared once.
 *
 * @param {Scenario} scenario
 * @param {string} symptom the component that hurts
 */
export function stageOf(scenario, symptom) {
  const callees = new Map(scenario.nodes.map((node) => [node, /** @type {string[]} */ ([])]));
  const callers = new Map(scenario.nodes.map((node) => [node, /** @type {string[]} */ ([])]));
  for (const { from, to } of scenario.calls) {
    callees.get(from)?.push(to);
    callers.get(to)?.push(from);
  }
  const reachable = new Set([symptom]);
  for (const node of reachable) for (const callee of callees.get(node) ?? []) reachable.add(callee);
  const readings = scenario.normal.get(symptom);
  const windows = calmWindows(readings);
  // Latency that 98 of 100 calm windows stay below: a fault that does not get the symptom there is not visible.
  const means = windows.map((from) => middleMean(readings, from)).toSorted((a, b) => a - b);
  const usualMean = means[Math.floor(means.length * 0.98)] ?? Number.NaN;
  return { scenario, symptom, callees, callers, reachable, windows, usualMean };
}

/** @typedef {ReturnType<typeof stageOf>} Stage */

/** Where the symptom is as on most days: its mean and its faults within what 96 of 100 windows show. @param {Readings | undefined} readings */
function calmWindows(readings) {
  const { at = [], requests = [], faults = [], meanSeconds = [] } = readings ?? {};
  const starts = Array.from({ length: Math.max(0, at.length - points + 1) }, (_, from) => from);
  const mean = (/** @type {number} */ from) => {
    const counts = requests.slice(from, from + points);
    const seconds = meanSeconds.slice(from, from + points);
    return total(seconds.map((value, index) => value * (counts[index] ?? 0))) / total(counts);
  };
  const failed = (/** @type {number} */ from) => total(faults.slice(from, from + points));
  const means = starts
    .map(mean)
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  const fails = starts.map(failed).toSorted((a, b) => a - b);
  const at100 = (/** @type {readonly number[]} */ sorted, /** @type {number} */ share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return starts.filter(
    (from) =>
      mean(from) >= at100(means, 0.02) && mean(from) <= at100(means, 0.98) && failed(from) <= at100(fails, 0.96),
  );
}

/** The mean latency of the three middle points of a window. @param {Readings | undefined} readings @param {number} from */
function middleMean(readings, from) {
  const middle = [1, 2, 3].map((point) => from + point);
  const asked = (/** @type {number} */ at) => readings?.requests?.[at] ?? 0;
  return total(middle.map((at) => asked(at) * (readings?.meanSeconds?.[at] ?? 0))) / total(middle.map(asked));
}

/** @param {readonly number[]} values */
function total(values) {
  return values.reduce((sum, value) => sum + (Number.isFinite(value) ? value : 0), 0);
}

/** The innermost of a function's three views, or the component itself: that is where a fault sits. */
export function positionsOf(/** @type {Stage} */ { reachable, scenario, symptom }) {
  return [...reachable].filter((node) => node !== symptom && scenario.normal.has(node));
}

/** Which component names all that are one thing: the one of the most specific type. */
export function namedBy(/** @type {Scenario} */ { nodes }, /** @type {string} */ position) {
  const depth = (/** @type {string} */ id) => {
    const { type } = nameAndType(id);
    if (type === undefined) return 0;
    return type.includes('::') ? type.split('::').length : -1;
  };
  const { name } = nameAndType(position);
  const twins = nodes.filter((node) => nameAndType(node).name === name);
  return twins.toSorted((a, b) => depth(b) - depth(a))[0] ?? position;
}

/**
 * One incident, or nothing where the fault would not show at the symptom.
 *
 * @param {Stage} stage
 * @param {typeof kinds[number]} kind
 * @param {string} position
 * @param {number} seed
 * @param {boolean} isOld the normal period is months older, and everything has drifted since
 * @returns {Made | undefined}
 */
export function makeIncident(stage, kind, position, seed, isOld) {
  const { scenario, symptom } = stage;
  const chance = chanceOf(seed);
  const from = stage.windows[Math.floor(chance() * stage.windows.length)];
  if (from === undefined) return undefined;
  const window = sliceOf(scenario.normal, from, from + points);
  const work = new Work(stage, window, chance);
  if (work.requestsOf(position) < fewestRequests) return undefined;
  const shape = shapes[Math.floor(chance() * shapes.length)] ?? growing;
  const type = nameAndType(position).type ?? '';
  /** @type {Call[]} */
  const calls = [...scenario.calls];
  switch (kind) {
    case 'latency of all requests':
      if (!work.slow(position, shape, 1)) return undefined;
      break;
    case 'latency of a share':
      if (!work.slow(position, shape, logUniform(chance, 0.01, 0.2))) return undefined;
      break;
    case 'growth of its own time':
      if (!work.slow(position, growing, 1, 1)) return undefined;
      break;
    case 'slow database table':
      if (!/Table|SQL|PGSQL/u.test(position) || !work.slow(position, shape, 0.7, 0.8)) return undefined;
      break;
    case 'surge of load':
      if (!work.surge(position, shape)) return undefined;
      break;
    case 'errors':
      if (!work.fail(position, shape, logUniform(chance, 0.01, 0.5))) return undefined;
      break;
    case 'vanished':
      if (!work.vanish(position, shape)) return undefined;
      break;
    case 'function misconfigured': {
      if (!type.startsWith('AWS::Lambda') || !work.misconfigure(position, shape, calls)) return undefined;
      break;
    }
  }
  const incident = work.result();
  const isLatency = latencyKinds.includes(kind);
  if (isLatency && !(middleMean(incident.get(symptom), 0) > stage.usualMean)) return undefined;
  const normal = isOld ? drifted(scenario.normal, chance) : scenario.normal;
  return {
    kind,
    position,
    symptom: { component: symptom, kind: isLatency ? 'latency' : 'availability' },
    calls,
    normal,
    incident,
  };
}

/** Six months, in milliseconds. */
const age = 182 * 86_400_000;

/** What the same components may have shown months away: other levels, other load. @param {Metrics} metrics @param {Chance} chance */
function drifted(metrics, chance) {
  const load = Math.exp(0.4 * normalChance(chance));
  /** @type {Map<string, { pace: number, load: number }>} */
  const factors = new Map();
  for (const component of metrics.keys()) {
    factors.set(component, {
      pace: Math.exp(0.3 * normalChance(chance)),
      load: load * Math.exp(0.1 * normalChance(chance)),
    });
  }
  return mapColumns(metrics, (column, name, component) => {
    const { pace, load: own } = factors.get(component) ?? { pace: 1, load: 1 };
    if (name === 'at') return column.map((time) => time - age);
    if (name === 'requests' || name === 'faults') return column.map((count) => Math.round(count * own));
    return column.map((seconds) => seconds * pace);
  });
}

/** The least and greatest share by which the symptom's mean rises at the height of a fault. */
const visibleRise = { from: 0.15, to: 0.7 };
/** Fewest faults beyond the usual ones at the symptom. */
const visibleFaults = 15;

/** An incident in the making. */
class Work {
  /** @param {Stage} stage @param {Metrics} window @param {Chance} chance */
  constructor(stage, window, chance) {
    this.stage = stage;
    this.chance = chance;
    this.window = window;
    /** @type {Map<string, Columns>} */
    this.columns = new Map(
      [...window].map(([component, { requests, faults, meanSeconds, percentiles }]) => [
        component,
        {
          requests: [...(requests ?? [])],
          faults: [...(faults ?? [])],
          mean: [...(meanSeconds ?? [])],
          percentiles: Object.fromEntries(
            Object.entries(percentiles ?? {}).map(([name, values]) => [name, [...values]]),
          ),
        },
      ]),
    );
  }

  /** @param {string} node */
  requestsOf(node) {
    return total(this.columns.get(node)?.requests ?? []);
  }

  /** @param {string} node @param {number} point */
  at(node, point) {
    const count = this.columns.get(node)?.requests[point] ?? 0;
    return Number.isFinite(count) ? count : 0;
  }

  /** The calls of `callee` that `caller` makes in a point: shared among callers by how much each is asked. @param {string} caller @param {string} callee @param {number} point */
  callsBetween(caller, callee, point) {
    const asked = total((this.stage.callers.get(callee) ?? []).map((each) => this.at(each, point)));
    return asked > 0 ? (this.at(callee, point) * this.at(caller, point)) / asked : 0;
  }

  /**
   * Calls `visit` for the position, then for every caller up to the symptom with what reached it, callees before callers.
   *
   * @param {string} position
   * @param {number} point
   * @param {number} amount
   * @param {(caller: string, amount: number) => number} visit how much of it the component passes on
   */
  passUp(position, point, amount, visit) {
    const above = new Set([position]);
    for (const node of above) for (const caller of this.stage.callers.get(node) ?? []) above.add(caller);
    /** @type {string[]} */
    const order = [];
    /** @type {Set<string>} */
    const done = new Set();
    const place = (/** @type {string} */ node) => {
      if (done.has(node)) return;
      done.add(node);
      for (const callee of this.stage.callees.get(node) ?? []) if (above.has(callee)) place(callee);
      order.push(node);
    };
    for (const node of above) place(node);
    const amounts = new Map([[position, amount]]);
    for (const node of order) {
      const passed = visit(node, amounts.get(node) ?? 0);
      const own = this.at(node, point);
      if (own === 0 || passed === 0) continue;
      for (const caller of this.stage.callers.get(node) ?? []) {
        const share = this.callsBetween(caller, node, point) / own;
        amounts.set(caller, (amounts.get(caller) ?? 0) + passed * share);
      }
    }
    return amounts.get(this.stage.symptom) ?? 0;
  }

  /** Adds seconds to a share of the component's requests in a point, in the mean and the percentiles. @param {string} node @param {number} point @param {number} seconds in all @param {number} share */
  delay(node, point, seconds, share) {
    const columns = this.columns.get(node);
    const count = Math.min(2000, this.at(node, point));
    if (columns === undefined || count === 0 || seconds === 0) return;
    const mean = columns.mean[point] ?? 0;
    const names = Object.keys(columns.percentiles).toSorted();
    const known = names.map(
      (name) => /** @type {const} */ ([Number(name.slice(1)) / 100, columns.percentiles[name]?.[point] ?? mean]),
    );
    const before = Array.from({ length: Math.round(count) }, (_, index) =>
      quantileBetween(known, (index + 0.5) / count),
    );
    const hit = before.map(() => this.chance() < share);
    if (!hit.includes(true)) hit[Math.floor(this.chance() * hit.length)] = true;
    const parts = hit.map((isHit) => (isHit ? Math.exp(0.3 * normalChance(this.chance)) : 0));
    const scale = (seconds * before.length) / this.at(node, point) / total(parts);
    const after = before.map((value, index) => value + scale * (parts[index] ?? 0)).toSorted((a, b) => a - b);
    columns.mean[point] = mean + seconds / this.at(node, point);
    for (const [share100, value] of known) {
      const at = Math.min(before.length - 1, Math.floor(before.length * share100));
      const values = columns.percentiles[`p${Math.round(share100 * 100)}`];
      if (values !== undefined) values[point] = Math.max(0, value + (after[at] ?? 0) - (before[at] ?? 0));
    }
  }

  /** How many seconds at the position make the symptom's mean rise by this share, at a point. @param {string} position @param {number} point @param {number} rise */
  secondsFor(position, point, rise) {
    const reaching = this.passUp(position, point, 1, (_, amount) => amount);
    const { symptom } = this.stage;
    const now = this.at(symptom, point) * (this.columns.get(symptom)?.mean[point] ?? 0);
    return reaching > 0 ? (rise * now) / reaching : Number.POSITIVE_INFINITY;
  }

  /**
   * Slows a share of the requests by as much as shows at the symptom.
   *
   * @param {string} position
   * @param {readonly number[]} shape
   * @param {number} share
   * @param {number} [roughness] how much the seconds scatter from point to point, in logarithms
   * @returns {boolean} whether that is possible
   */
  slow(position, shape, share, roughness = 0.2) {
    const rise = logUniform(this.chance, visibleRise.from, visibleRise.to);
    for (const [point, part] of shape.entries()) {
      if (part === 0 || this.at(position, point) === 0) continue;
      const seconds =
        this.secondsFor(position, point, rise) * part * Math.exp(roughness * 0.5 * normalChance(this.chance));
      if (seconds / (this.at(position, point) * share) > longestDelay) return false;
      this.passUp(position, point, seconds, (node, amount) => {
        const own = this.at(node, point);
        const touched = node === position ? share : Math.min(1, (share * this.at(position, point)) / Math.max(1, own));
        this.delay(node, point, amount, touched);
        return amount;
      });
    }
    return true;
  }

  /** Load from outside: more requests here and below, everything here queues, and a little below. @param {string} position @param {readonly number[]} shape */
  surge(position, shape) {
    const factor = logUniform(this.chance, 1.6, 4);
    const below = new Set([position]);
    for (const node of below) for (const callee of this.stage.callees.get(node) ?? []) below.add(callee);
    if (!this.slow(position, shape, 1, 0.6)) return false;
    for (const [point, part] of shape.entries()) {
      const before = new Map([...below].map((node) => [node, this.at(node, point)]));
      for (const node of below) {
        const columns = this.columns.get(node);
        if (columns === undefined) continue;
        // Of what a callee gets, only the part that comes from here grows.
        const above = (this.stage.callers.get(node) ?? []).filter((caller) => below.has(caller));
        const asked = total(
          (this.stage.callers.get(node) ?? []).map((each) => before.get(each) ?? this.at(each, point)),
        );
        const ours = node === position || asked === 0 ? 1 : total(above.map((each) => before.get(each) ?? 0)) / asked;
        columns.requests[point] = poissonChance(
          this.chance,
          (before.get(node) ?? 0) * (1 + (factor - 1) * part * ours),
        );
        const slower = 1 + 0.06 * part * this.chance() * (node === position ? 0 : 1);
        columns.mean[point] = (columns.mean[point] ?? Number.NaN) * slower;
      }
    }
    return true;
  }

  /** Fails requests, and those of callers that ask for them, unless they catch it. @param {string} node @param {number} point @param {number} count @param {number} caught */
  failUp(node, point, count, caught) {
    return this.passUp(node, point, count, (each, amount) => {
      const columns = this.columns.get(each);
      if (columns === undefined || amount === 0) return amount;
      const own = this.at(each, point);
      const failed = Math.min(
        own,
        each === node ? Math.round(amount) : poissonChance(this.chance, Math.min(amount, own)),
      );
      columns.faults[point] = Math.min(own, (columns.faults[point] ?? 0) + failed);
      return failed * (1 - caught);
    });
  }

  /** @param {string} position @param {readonly number[]} shape @param {number} share */
  fail(position, shape, share) {
    const caught = this.chance() < 0.5 ? 0 : 0.3 * this.chance();
    let reached = 0;
    for (const [point, part] of shape.entries()) {
      const count = poissonChance(this.chance, this.at(position, point) * share * part);
      if (count > 0) reached += this.failUp(position, point, Math.min(count, this.at(position, point)), caught);
    }
    return reached >= visibleFaults;
  }

  /** It answers no more: who calls it fails, and what it would have called is called less. @param {string} position @param {readonly number[]} shape */
  vanish(position, shape) {
    let reached = 0;
    for (const [point, part] of shape.entries()) {
      if (part < 0.5) continue;
      const lost = this.at(position, point);
      reached += this.passUp(position, point, lost, (node, amount) => {
        if (node === position) return amount;
        const columns = this.columns.get(node);
        const own = this.at(node, point);
        const failed = Math.min(own, amount);
        if (columns !== undefined)
          columns.faults[point] = Math.min(own, (columns.faults[point] ?? 0) + Math.round(failed));
        return failed;
      });
      this.drain(position, point, lost);
    }
    return reached >= visibleFaults;
  }

  /** Takes requests away from a component and, in proportion, from what it calls. @param {string} node @param {number} point @param {number} count */
  drain(node, point, count) {
    const columns = this.columns.get(node);
    const own = this.at(node, point);
    if (columns === undefined || own === 0 || count <= 0) return;
    for (const callee of this.stage.callees.get(node) ?? []) {
      this.drain(callee, point, (this.callsBetween(node, callee, point) * count) / own);
    }
    columns.requests[point] = Math.max(0, Math.round(own - count));
    if (columns.requests[point] > 0) return;
    columns.faults[point] = 0;
    columns.mean[point] = Number.NaN;
    for (const values of Object.values(columns.percentiles)) values[point] = Number.NaN;
  }

  /** It asks something that does not exist instead of what it used to, and fails by that. @param {string} position @param {readonly number[]} shape @param {Call[]} calls */
  misconfigure(position, shape, calls) {
    const wrong = 'no-such-table_AWS::DynamoDB::Table';
    calls.push({ from: position, to: wrong });
    const asked = shape.map((part, point) => Math.round(this.at(position, point) * part));
    const nothing = shape.map(() => Number.NaN);
    this.columns.set(wrong, {
      requests: asked,
      faults: shape.map(() => 0),
      mean: asked.map((count) => (count > 0 ? 0.01 : Number.NaN)),
      percentiles: { p50: nothing, p99: nothing },
    });
    let reached = 0;
    for (const [point, count] of asked.entries()) {
      if (count === 0) continue;
      reached += this.failUp(position, point, count, 0);
      for (const callee of this.stage.callees.get(position) ?? []) {
        this.drain(callee, point, (this.callsBetween(position, callee, point) * count) / this.at(position, point));
      }
    }
    return reached >= visibleFaults;
  }

  /** @returns {Map<string, Readings>} */
  result() {
    const at = this.window.get(this.stage.symptom)?.at ?? [];
    return new Map(
      [...this.columns].map(([component, { requests, faults, mean, percentiles }]) => [
        component,
        requests.length === 0 ? { at: [] } : { at, requests, faults, meanSeconds: mean, percentiles },
      ]),
    );
  }
}

/** A value between known quantiles; below the first it falls to half of that, above the last it stays. @param {readonly (readonly [number, number])[]} known @param {number} share */
function quantileBetween(known, share) {
  const [first = [0.5, 0]] = known;
  let [lowAt, low] = [0, first[1] / 2];
  for (const [at, value] of known) {
    if (share <= at) return low + ((value - low) * (share - lowAt)) / (at - lowAt);
    [lowAt, low] = [at, value];
  }
  return low;
}
