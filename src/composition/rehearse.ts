/**
 * A dry run's model: the live stack, read once, as a simulated world of its own with a clock of its own. The real
 * clients act on that world and can reach nothing else.
 */
import type { AwsCloud } from '../aws/open-aws.ts';
import type { AwsOptions } from '../aws/options.ts';
import type { Facts } from '../cloud/facts.ts';
import type { Outside } from '../cloud/outside.ts';
import type { RegionalStack, Stack } from '../cloud/stack.ts';
import type { Clock } from '../engine/clock.ts';
import { classOf, DeadlineError } from '../engine/errors.ts';
import { simulatedOutside } from '../sandbox/outside.ts';
import { seeded } from '../sandbox/random.ts';
import { openSandbox } from '../sandbox/sandbox.ts';
import { VirtualClock } from '../sandbox/virtual-clock.ts';
import { wireRequestHandler } from '../sandbox/wire/request-handler.ts';
import { seededRequestIds } from '../sandbox/wire/request-id.ts';
import { createWire } from '../sandbox/wire/wire.ts';
import { seedWorld, type CapturedRegion, type CapturedStack } from '../sandbox/world/seed-world.ts';
import type { ExtraNames } from '../sandbox/world/names.ts';
import type { World } from '../sandbox/world/world.ts';
import { rehearsalOf } from '../use-cases/rehearsal.ts';
import type { Rehearsal } from '../use-cases/session.ts';

export interface RehearsalParts {
  /** Of the live stack. */
  readonly facts: Facts;
  readonly outside: Outside;
  readonly stack: Stack;
  /** Names that the stack does not hold. */
  readonly extraNames?: ExtraNames;
  readonly clock: Clock;
  readonly changes: readonly string[];
  readonly openAws: (options: AwsOptions) => AwsCloud;
}

export interface OpenedRehearsal {
  readonly rehearsal: Rehearsal;
  /** What the dry run has made of it. */
  readonly world: World;
  close(): void;
}

/** Durations on the model are drawn from it: the same dry run of the same stack says the same. */
const seed = 1;
/** Longer than reading takes, retries included, and shorter than any wait. */
const aMomentMs = 2_500;
/** Rollouts may take long; older ones do not matter to what is done now. */
const historyMs = 24 * 3_600_000;
/** Of real time: a region that hangs is not waited for until the attempts of every question have run out. */
const longestAnswerMs = 8_000;

export async function openRehearsal(parts: RehearsalParts): Promise<OpenedRehearsal> {
  const { facts, stack, changes, openAws } = parts;
  const startMs = parts.clock.now();
  const moves = changes.includes('route53:ChangeResourceRecordSets');
  const brief = inTime(facts, parts.clock);
  const [primary, recovery, between] = await Promise.all([
    capture(brief, stack.primary, startMs),
    stack.recovery === undefined ? undefined : capture(brief, stack.recovery, startMs),
    moves ? captureBetween(brief, stack, startMs) : {},
  ]);
  const captured = {
    primary: primary.region,
    ...(recovery === undefined ? {} : { recovery: recovery.region }),
    ...between,
  };
  const clock = new VirtualClock(startMs);
  const inventory = seedWorld(stack, captured, {
    seed,
    startMs,
    typical: true,
    ...(parts.extraNames === undefined ? {} : { extraNames: parts.extraNames }),
  });
  const { services, gate, world } = openSandbox({ inventory, stack, clock });
  const wire = createWire({ services, gate, clock, requestIds: seededRequestIds(seed) });
  const model = openAws({
    clock,
    random: seeded(seed),
    requestHandler: wireRequestHandler(wire, { clock, requestTimeoutMs: 10_000 }),
    credentials: { accessKeyId: 'model', secretAccessKey: 'model' },
    mode: { changes },
  });
  // What was read holds for the moment of reading: whoever waits, or changes something, sees the model move on.
  const hasMovedOn = () => world.inventory.calls.length > 0 || clock.now() > startMs + aMomentMs;
  const unread = new Map([...primary.unread, ...(recovery?.unread ?? [])]);
  const silent = [primary, ...(recovery === undefined ? [] : [recovery])].filter(({ region }) => region.unreachable);
  const seen = { facts: impatient(facts, { brief, unread, silent }), outside: parts.outside };
  const modelled = { facts: withGaps(model.facts, unread), outside: simulatedOutside(world, clock) };
  const known = rehearsalOf(seen, modelled, { hasMovedOn, clock, moves });
  return {
    rehearsal: { clock, ...known, changes: model.changes },
    world,
    close: () => {
      model.close();
      clock.close();
    },
  };
}

type Part = 'serviceState' | 'deployments' | 'scalingLimits' | 'databaseState';

interface Captured {
  readonly name: string;
  readonly region: CapturedRegion;
  /** What could not be read, by `part region`: the model must not make it up. */
  readonly unread: ReadonlyMap<string, unknown>;
}

async function capture(facts: Facts, { region, compute, database }: RegionalStack, nowMs: number): Promise<Captured> {
  const unread = new Map<string, unknown>();
  const read = async <T>(part: Part, wanted: unknown, ask: () => Promise<T>): Promise<T | undefined> => {
    if (wanted === undefined) return undefined;
    try {
      return await ask();
    } catch (error) {
      unread.set(`${part} ${region}`, error);
      return undefined;
    }
  };
  const window = { from: nowMs - historyMs, to: nowMs };
  const [state, deployments, scaling, databaseState] = await Promise.all([
    read('serviceState', compute, () => facts.serviceState(present(compute))),
    read('deployments', compute, () => facts.deployments(present(compute), window)),
    read('scalingLimits', compute, () => facts.scalingLimits(present(compute))),
    read('databaseState', database, () => facts.databaseState(present(database))),
  ]);
  return {
    name: region,
    region: {
      ...(state === undefined ? {} : { service: { state, deployments: deployments ?? [] } }),
      ...(scaling === undefined ? {} : { scaling }),
      ...(databaseState === undefined ? {} : { database: databaseState }),
      ...(isSilent(unread, [compute, database]) ? { unreachable: true } : {}),
    },
    unread,
  };
}

/** Nothing that was asked of it was answered: the model takes the region to be down. */
function isSilent(unread: ReadonlyMap<string, unknown>, asked: readonly unknown[]): boolean {
  const errors = [...unread.values()];
  const least = asked.filter((each) => each !== undefined).length;
  return (
    least > 0 &&
    errors.length >= least &&
    errors.every((error) => ['unreachable', 'deadline', 'service-fault'].includes(classOf(error)))
  );
}

/** What is between the regions: who copies from whom, and where traffic goes. What cannot be read is as in a healthy stack. */
async function captureBetween(facts: Facts, stack: Stack, nowMs: number): Promise<Partial<CapturedStack>> {
  const { primary, recovery, globalCluster, traffic } = stack;
  const tried = async <T>(wanted: unknown, ask: () => Promise<T>): Promise<T | undefined> =>
    wanted === undefined ? undefined : ask().catch(() => undefined);
  const window = { from: Math.floor(nowMs / 60_000 - 15) * 60_000, to: Math.floor(nowMs / 60_000) * 60_000 };
  const ask = { region: recovery?.region ?? primary.region, globalCluster: globalCluster ?? '' };
  const [global, lag, records, own, other, controls, switchObject] = await Promise.all([
    tried(globalCluster, () => facts.globalDatabase(ask)),
    tried(recovery?.database, () => facts.replicationLag(present(recovery?.database), window)),
    tried(traffic, () => facts.records(present(traffic))),
    tried(primary.api, () => facts.loadBalancer(present(primary.api))),
    tried(recovery?.api, () => facts.loadBalancer(present(recovery?.api))),
    traffic?.mechanism === 'routing-control'
      ? tried(traffic, () => facts.routingControls(traffic.endpoints, Object.values(traffic.controls)))
      : undefined,
    traffic?.mechanism === 'health-check' ? tried(traffic, () => facts.objectExists(traffic.switchObject)) : undefined,
  ]);
  return {
    ...(global === undefined ? {} : { global }),
    ...(lag === undefined ? {} : { lag }),
    traffic: {
      ...(records === undefined ? {} : { records }),
      balancers: {
        ...(own === undefined ? {} : { primary: own }),
        ...(other === undefined ? {} : { recovery: other }),
      },
      ...(controls === undefined ? {} : { routingControls: controls }),
      ...(switchObject === undefined ? {} : { switchObject }),
    },
  };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a part of the stack that is not configured was read');
  return value;
}

/**
 * The facts, no region of which is waited for longer than `longestAnswerMs`: the question then rejects with a
 * `DeadlineError`. What is of no region is asked at several places one after the other, each with a limit of its own.
 */
function inTime(facts: Facts, clock: Clock): Facts {
  return asking(facts, async (name, question, ask) => {
    const region = regionOf(question);
    if (region === undefined) return ask();
    const answered = new AbortController();
    const late = clock.sleep(longestAnswerMs * (clock.pace ?? 1), answered.signal).then(() => {
      throw new DeadlineError(`${name} in ${region}: no answer within ${longestAnswerMs / 1_000} s`);
    });
    try {
      return await Promise.race([ask(), late]);
    } finally {
      answered.abort();
    }
  });
}

/** The live facts. A region that was silent is not asked the same again, and nothing else for long. */
function impatient(
  facts: Facts,
  known: {
    readonly brief: Facts;
    readonly unread: ReadonlyMap<string, unknown>;
    readonly silent: readonly Captured[];
  },
): Facts {
  const silent = new Set(known.silent.map(({ name }) => name));
  if (silent.size === 0) return facts;
  return asking(facts, async (name, question, ask) => {
    const region = regionOf(question);
    if (region === undefined || !silent.has(region)) return ask();
    const key = `${name} ${region}`;
    if (known.unread.has(key)) throw known.unread.get(key);
    const briefly: unknown = Reflect.get(known.brief, name);
    return typeof briefly === 'function' ? Reflect.apply(briefly, known.brief, question) : ask();
  });
}

/** The facts, each question of which goes through `between`. */
function asking(
  facts: Facts,
  between: (name: string, question: readonly unknown[], ask: () => Promise<unknown>) => Promise<unknown>,
): Facts {
  return new Proxy(facts, {
    get(target, name) {
      const ask: unknown = Reflect.get(target, name);
      if (typeof name !== 'string' || typeof ask !== 'function') return ask;
      return (...question: readonly unknown[]) =>
        between(name, question, async () => Reflect.apply(ask, target, question));
    },
  });
}

/** Which region is asked: the first thing that every question says, by itself or as a part of what it is about. */
function regionOf([first]: readonly unknown[]): string | undefined {
  if (typeof first === 'string') return first;
  const region: unknown = typeof first === 'object' && first !== null && 'region' in first ? first.region : undefined;
  return typeof region === 'string' ? region : undefined;
}

/** The model's facts, which fail where the live ones did. */
function withGaps(facts: Facts, unread: ReadonlyMap<string, unknown>): Facts {
  const gap = (part: Part, { region }: { readonly region: string }): void => {
    if (unread.has(`${part} ${region}`)) throw unread.get(`${part} ${region}`);
  };
  return {
    ...facts,
    serviceState: async (service) => {
      gap('serviceState', service);
      return facts.serviceState(service);
    },
    deployments: async (service, window) => {
      gap('deployments', service);
      return facts.deployments(service, window);
    },
    scalingLimits: async (service) => {
      gap('scalingLimits', service);
      return facts.scalingLimits(service);
    },
    databaseState: async (database) => {
      gap('databaseState', database);
      return facts.databaseState(database);
    },
  };
}
