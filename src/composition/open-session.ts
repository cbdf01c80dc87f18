/**
 * From flags to a session: which configuration, which cloud, which clock. The sandbox and the real AWS differ here and
 * nowhere above.
 */
import { setMaxListeners } from 'node:events';
import { dirname, relative, resolve } from 'node:path';
import type { AwsCloud } from '../aws/open-aws.ts';
import type { AwsOptions } from '../aws/options.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Inspection } from '../cloud/inspection.ts';
import type { Hooks, Outside } from '../cloud/outside.ts';
import { CloudError } from '../cloud/errors.ts';
import type { Stack } from '../cloud/stack.ts';
import type { Opening } from '../commands/command.ts';
import { outputOf, type StackFlags } from '../commands/flags.ts';
import type { Config } from '../config/schema.ts';
import type { SecretRef } from '../config/secrets.ts';
import { NanoopsError } from '../errors.ts';
import type { openNamed } from '../outside/open-named.ts';
import type { Clock, Random } from '../engine/clock.ts';
import { DeadlineError } from '../engine/errors.ts';
import { isOnThisMachine } from '../cloud/endpoints.ts';
import type { OwnOption } from '../use-cases/own-command.ts';
import type { Session } from '../use-cases/session.ts';
import { keptOfSimulation, keptOnDisk } from './kept.ts';
import { version } from '../version.ts';
import type { ActingParts } from './acting-session.ts';
import { aside } from './aside.ts';
import { endpointsOf } from './endpoints.ts';
import { extraNamesOf } from './extra-names.ts';
import { fleetingState } from './fleeting-state.ts';
import type { Io } from './io.ts';
import { programEnv } from './program-env.ts';
import { refuseStrangersConfig } from './own/found-config.ts';
import { openFileState } from './stores.ts';
import type { ObserverParts, Observers } from './observers.ts';
import { longestTimerMs } from './system-clock.ts';

export interface OpenedSession extends Omit<Session, 'emit'> {
  /** Whoever else watches a run that acts; absent in the sandbox and in a dry run. */
  readonly observers?: Observers;
  /** Closes what was opened beside the cloud. */
  readonly close: () => void;
}

/**
 * @throws NanoopsError for a configuration, scenario or flag that cannot be used (2), for missing credentials (3), and
 *   for an account other than the configured one (2).
 */
export async function openSession(
  flags: StackFlags,
  io: Io,
  opening: Opening,
  hold: () => () => void,
  openCloud?: OpenCloud,
): Promise<OpenedSession> {
  if (flags.replay !== undefined) {
    const { openReplaySession } = await import('./replay-session.ts');
    return openReplaySession(flags.replay, flags, io, opening);
  }
  return flags.sandbox === undefined
    ? openAwsSession(flags, io, opening, hold, openCloud)
    : openSandboxSession(flags, io, opening, hold);
}

/** What acting needs is loaded where a run acts, and not before. */
async function actingSession(parts: ActingParts) {
  return (await import('./acting-session.ts')).actingSession(parts);
}

/** Calls end when the process is told to end, and when their session does, so that none of them outlives it. */
export function endingWith(cloud: (signal: AbortSignal) => AwsCloud, ...signals: readonly AbortSignal[]): AwsCloud {
  const closed = new AbortController();
  const ending = AbortSignal.any([...signals, closed.signal]);
  setMaxListeners(0, ending); // Every call under way listens, and there is no limit to these.
  const opened = cloud(ending);
  return {
    ...opened,
    close() {
      closed.abort(new Error('the session is closed'));
      opened.close();
    },
  };
}

interface Configured {
  readonly config: Config;
  /** As it was written. */
  readonly written: unknown;
  readonly stack: Stack;
  /** The absolute path of the file; absent for the sandbox's own configuration. */
  readonly file?: string;
}

async function configured(flags: StackFlags, io: Io): Promise<Configured> {
  const [{ loadConfig }, { stackOf }] = await Promise.all([import('../config/load.ts'), import('../config/stack.ts')]);
  const loaded = await loadConfig({ file: flags.config, environment: flags.environment, cwd: io.cwd });
  const { config, written, file } = loaded;
  return { config, written, stack: stackOf(config), file };
}

/** Opens the cloud that some options describe; by default one of its own for each session. */
export type OpenCloud = (options: AwsOptions) => AwsCloud;

async function openAwsSession(
  flags: StackFlags,
  io: Io,
  { acts, resumes, namedReads = [], fewestCalls = false }: Opening,
  hold: () => () => void,
  openCloud?: OpenCloud,
): Promise<OpenedSession> {
  if (flags.seed !== undefined) {
    throw new NanoopsError('--seed is for the simulation', {
      code: 'SeedWithoutSandbox',
      exitCode: 2,
      nextStep: 'add --sandbox, or leave --seed out',
    });
  }
  // Asked while the rest is read and loaded.
  const endpointsAsked = endpointsOf(flags, io);
  const clockAsked = endpointsAsked.then(({ counting }) => clockAt(counting, io.signal));
  clockAsked.catch(() => undefined);
  const { config, written, stack, file } = await configured(flags, io);
  await refuseStrangersConfig({ config, file }, flags, io);
  const endpoints = await endpointsAsked;
  const elsewhere = await endpoints.elsewhere({
    changes: acts?.mode === 'execute',
    hasTable: config.state !== 'file',
  });
  for (const { name, origin } of elsewhere) note(`requests go to ${origin} and not to AWS (${name})`, flags, io);
  const fleeting = acts?.mode === 'execute' ? fleetingState(io.env, config) : undefined;
  if (fleeting !== undefined) note(fleeting, flags, io);
  const [{ openAws }, clock] = await Promise.all([import('../aws/open-aws.ts'), clockAsked]);
  const options = {
    clock,
    random: Math.random,
    namedReads,
    profile: flags.profile,
    endpointUrl: flags.endpointUrl,
    servicesWithEndpoint: endpoints.services,
    roles: rolesByRegion(config, stack),
    version,
    ...(io.log === undefined ? {} : { onCall: io.log.call }),
  };
  const opened =
    openCloud?.({ ...options, mode: 'read-only', fewestCalls }) ??
    endingWith(
      (signal) => openAws({ ...options, mode: 'read-only', signal, fewestCalls }),
      io.signal,
      ...(await deadlineOf(flags)),
    );
  const isSimulated = isOnThisMachine(endpoints.counting);
  // A simulated account's costs are nobody's, and cost nothing.
  const cloud = isSimulated ? opened : withKeptCosts(opened, { config, clock, io });
  const started = { config, file, clock, io: { ...io, env: programEnv(flags, io.env) } };
  const { outside, hooks } = lazyOutside(started);
  const programs = lazyNamed(started);
  let account = stack.account;
  const verify = async (region: string): Promise<void> => {
    await cloud.preflight(region);
    // Who acts must know where: leases are named by the account.
    if (stack.account !== undefined || acts !== undefined) {
      account = await accountOf(cloud, stack, options.roles, region);
    }
  };
  const acting =
    acts &&
    (await actingSession({
      flags,
      io,
      acts,
      hold,
      config,
      stack,
      clock,
      random: Math.random,
      aws: options,
      openAws,
      outside,
      hooks,
      namedProgram: programs.run,
      account: () => account,
      endpoint: endpoints.counting,
      ...(file === undefined ? {} : { file }),
    }));
  const observers = acts?.mode === 'execute' ? await observing({ config, clock, aws: options }, resumes) : undefined;
  return {
    config,
    written,
    stack,
    cloud,
    outside,
    named: { call: cloud.named.look, program: programs.program, address: programs.address },
    inspection: lazyInspection({ config, clock, io, aws: options, region: stack.primary.region }),
    isSimulated,
    kept: keptOnDisk(io, stack, endpoints.counting),
    verify,
    awsOptions: awsOptionsOf(flags),
    ownOptions: ownOptionsOf(flags, io),
    clock,
    random: Math.random,
    signal: io.signal,
    ...(acting === undefined ? {} : { acting: acting.session }),
    ...(observers === undefined ? {} : { observers }),
    close: () => acting?.close(),
  };
}

/** Loaded where the configuration asks for it. */
async function observing(parts: ObserverParts, resumes: Opening['resumes']): Promise<Observers | undefined> {
  const { notify, observability } = parts.config;
  if (notify?.eventbridge === undefined && observability?.metrics === undefined) return undefined;
  return (await import('./observers.ts')).observersOf(parts, resumes);
}

/** Cost Explorer charges for every answer: those are kept, and read again. */
function withKeptCosts(
  cloud: AwsCloud,
  { config, clock, io }: { readonly config: Config; readonly clock: Clock; readonly io: Io },
): AwsCloud {
  const { facts } = cloud;
  const dailyCosts: typeof facts.dailyCosts = async (account, span) => {
    const { keepingCosts } = await clock.busy(() => import('./kept-costs.ts'));
    const kept = keepingCosts(facts, { env: io.env, clock, refreshAfterMs: config.cost.refreshAfter });
    return kept.dailyCosts(account, span);
  };
  return { ...cloud, facts: { ...facts, dailyCosts } };
}

/** What an operator asks of the outside is loaded when it is asked for: most runs ask nothing of it. */
function lazyOutside(parts: {
  readonly config: Config;
  readonly file: string | undefined;
  readonly clock: Clock;
  readonly io: Io;
}): { readonly outside: Outside; readonly hooks: Hooks } {
  const { config, file, clock, io } = parts;
  let opened: Promise<{ readonly outside: Outside; readonly hooks: Hooks }> | undefined;
  const open = () =>
    (opened ??= clock.busy(async () => {
      const { openOutside } = await import('../outside/open-outside.ts');
      const cwd = file === undefined ? io.cwd : dirname(file);
      return openOutside({ config, signal: io.signal, clock, env: io.env, cwd, version });
    }));
  return {
    outside: {
      probe: async (signal) => (await open()).outside.probe(signal),
      resolve: async (record, signal) => (await open()).outside.resolve(record, signal),
      newestHeartbeat: async (target, signal) => (await open()).outside.newestHeartbeat(target, signal),
      writeAndRead: async (signal) => (await open()).outside.writeAndRead(signal),
      consistency: async (index, target, before, signal) =>
        (await open()).outside.consistency(index, target, before, signal),
    },
    hooks: { run: async (hook, target) => (await open()).hooks.run(hook, target) },
  };
}

/** Loaded when it is asked for: only a team's own runbooks and checks name programs and addresses. */
function lazyNamed({
  config,
  file,
  clock,
  io,
}: {
  readonly config: Config;
  readonly file: string | undefined;
  readonly clock: Clock;
  readonly io: Io;
}): ReturnType<typeof openNamed> {
  let opened: Promise<ReturnType<typeof openNamed>> | undefined;
  const open = () =>
    (opened ??= clock.busy(async () => {
      const cwd = file === undefined ? io.cwd : dirname(file);
      return (await import('../outside/open-named.ts')).openNamed({
        ...{ config, clock, cwd, version },
        signal: io.signal,
        env: io.env,
      });
    }));
  return {
    program: async (program, signal) => (await open()).program(program, signal),
    address: async (address, signal) => (await open()).address(address, signal),
    run: async (program) => (await open()).run(program),
  };
}

/** Loaded when it is asked for: only `tune` connects to anything. */
function lazyInspection(parts: {
  readonly config: Config;
  readonly clock: Clock;
  readonly io: Io;
  /** How AWS is reached, for secrets that it keeps. */
  readonly aws: Omit<AwsOptions, 'mode' | 'signal' | 'timeouts'>;
  /** Where secrets are asked for that do not say it themselves. */
  readonly region: string;
}): Inspection {
  const { config, clock, io, aws, region } = parts;
  let opened: Promise<Inspection> | undefined;
  const open = () =>
    (opened ??= clock.busy(async () => {
      const [{ openInspection }, { resolveSecretRef }, { resolveSecret }] = await Promise.all([
        import('../outside/open-inspection.ts'),
        import('../notify/secrets.ts'),
        import('../aws/secrets.ts'),
      ]);
      const fromStore = (ref: Parameters<typeof resolveSecret>[0]) =>
        resolveSecret(ref, { ...aws, signal: io.signal, region });
      const secret = (ref: SecretRef) => resolveSecretRef(ref, { env: io.env, fromStore });
      return openInspection({ config, signal: io.signal, clock, version, secret });
    }));
  return {
    database: {
      server: async (signal) => (await open()).database.server(signal),
      statements: async (signal) => (await open()).database.statements(signal),
      indexes: async (signal) => (await open()).database.indexes(signal),
    },
    cache: {
      server: async (signal) => (await open()).cache.server(signal),
      keys: async (patterns, signal) => (await open()).cache.keys(patterns, signal),
    },
    web: { get: async (url, headers, signal) => (await open()).web.get(url, headers, signal) },
  };
}

/** The wall's clock; or, of a simulated AWS that is served on this machine, the simulation's, whose time may run faster. */
export async function clockAt(endpoint: string | undefined, signal: AbortSignal): Promise<Clock> {
  const { systemClock } = await import('./system-clock.ts');
  if (endpoint === undefined || !isOnThisMachine(endpoint)) return systemClock;
  const { servedClock } = await import('./served-clock.ts');
  return (await servedClock(endpoint, signal)) ?? systemClock;
}

function awsOptionsOf({ profile, endpointUrl }: StackFlags): readonly string[] {
  return [
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(endpointUrl === undefined ? [] : ['--endpoint-url', endpointUrl]),
  ];
}

/** A file as somebody would name it here; of many services, that of the one. */
function ownOptionsOf(
  { config, environment, profile, endpointUrl, sandbox, seed, region }: StackFlags,
  { cwd }: Io,
): readonly OwnOption[] {
  const file = config === undefined ? undefined : relative(cwd, resolve(cwd, config));
  const options: readonly (readonly [OwnOption[0], string | true | undefined])[] = [
    ['-c', file?.startsWith('..') === true ? config : file],
    ['-e', environment],
    ['--profile', profile],
    ['--endpoint-url', endpointUrl],
    ['--sandbox', sandbox],
    ['--seed', seed],
    ['--region', region],
  ];
  return options.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
}

function note(text: string, flags: StackFlags, io: Io): void {
  if (io.log !== undefined) io.log.warn(text);
  else if (outputOf(flags) === 'human' && flags.quiet !== true) aside('note', text, io);
}

/** The run's limit holds from the start, for what comes before the run too. */
export async function deadlineOf(flags: StackFlags): Promise<AbortSignal[]> {
  if (flags.timeout === undefined) return [];
  const { parseDuration } = await import('../config/durations.ts');
  const timeoutMs = parseDuration(flags.timeout, '--timeout');
  if (timeoutMs > longestTimerMs) return []; // No timer counts so far; the run's own limit does.
  const expired = new AbortController();
  const reason = new DeadlineError(`no answer within the limit of ${flags.timeout}`);
  setTimeout(() => expired.abort(reason), timeoutMs).unref();
  return [expired.signal];
}

/** The roles to assume, by the region that they are for. */
export function rolesByRegion(config: Config, stack: Stack): Record<string, string> {
  const { primary, recovery } = config.roles ?? {};
  return {
    ...(primary === undefined ? {} : { [stack.primary.region]: primary }),
    ...(recovery === undefined || stack.recovery === undefined ? {} : { [stack.recovery.region]: recovery }),
  };
}

/** The account in a role's ARN. */
function accountIn(role: string | undefined): string | undefined {
  return /^arn:[^:]*:iam::(\d{12}):/.exec(role ?? '')?.[1];
}

/**
 * A run in another account stops before it does anything. Where the region does not answer, the other one is asked: a
 * dead region must not keep anybody from looking at what is left. A region with a role is in the account of its role, and
 * tells nothing of another that has none: whose credentials serve there is asked, too.
 */
async function accountOf(
  cloud: Cloud,
  stack: Stack,
  roles: Readonly<Record<string, string>>,
  region: string,
): Promise<string> {
  const other = [stack.primary.region, stack.recovery?.region].find((each) => each !== undefined && each !== region);
  let asked = region;
  const caller = await cloud.facts.caller(region).catch((error: unknown) => {
    if (!isSilence(error) || other === undefined) throw error;
    asked = other;
    return cloud.facts.caller(other);
  });
  checkAccount(caller, accountIn(roles[asked]) ?? stack.account);
  if (other !== undefined && asked !== other && roles[asked] !== undefined && roles[other] === undefined) {
    const there = await cloud.facts.caller(other).catch((error: unknown) => {
      if (!isSilence(error)) throw error;
      return undefined;
    });
    if (there !== undefined) checkAccount(there, stack.account);
  }
  // Leases are named by the stack's account, whichever of its regions was asked.
  return stack.account ?? caller.account;
}

const isSilence = (error: unknown): boolean =>
  error instanceof CloudError && ['timeout', 'unreachable'].includes(error.kind);

/** @throws NanoopsError `WrongAccount` */
function checkAccount(caller: { readonly account: string; readonly arn: string }, expected: string | undefined): void {
  if (expected === undefined || caller.account === expected) return;
  throw new NanoopsError(`these credentials are of account ${caller.account}, the configuration is for ${expected}`, {
    code: 'WrongAccount',
    exitCode: 2,
    details: [`the caller is ${caller.arn}`],
    nextStep: 'choose the right --profile, or correct "account" in the configuration',
  });
}

async function openSandboxSession(
  flags: StackFlags,
  io: Io,
  { scenario: defaultScenario, acts, resumes, leftByRun, namedReads = [], fewestCalls = false }: Opening,
  hold: () => () => void,
): Promise<OpenedSession> {
  const misplaced = (['profile', 'endpointUrl'] as const).find((flag) => flags[flag] !== undefined);
  if (misplaced !== undefined) {
    throw new NanoopsError(
      `${misplaced === 'profile' ? '--profile' : '--endpoint-url'} has no meaning with --sandbox`,
      {
        code: 'FlagWithSandbox',
        exitCode: 2,
        details: ['the simulated AWS runs inside this process, without credentials'],
        nextStep: 'leave one of the two out',
      },
    );
  }
  const [
    { parseSeed },
    { openSandbox, parseSnapshot, sandboxConfigFor, sandboxStartMs },
    { VirtualClock },
    { createWire },
    { wireRequestHandler },
    { seededRequestIds },
    { seeded },
    { openAws },
    { simulatedHooks, simulatedOutside },
    { simulatedInspection },
    { simulatedNamed, simulatedProgram },
    { sendingBy },
  ] = await Promise.all([
    import('../use-cases/seed.ts'),
    import('../sandbox/sandbox.ts'),
    import('../sandbox/virtual-clock.ts'),
    import('../sandbox/wire/wire.ts'),
    import('../sandbox/wire/request-handler.ts'),
    import('../sandbox/wire/request-id.ts'),
    import('../sandbox/random.ts'),
    import('../aws/open-aws.ts'),
    import('../sandbox/outside.ts'),
    import('../sandbox/inspection.ts'),
    import('../sandbox/named.ts'),
    import('./simulated-deeds.ts'),
  ]);
  const seed = parseSeed(flags.seed);
  const scenario = typeof flags.sandbox === 'string' ? flags.sandbox : defaultScenario;
  const { config, written, stack, file } =
    flags.config === undefined ? await ownConfig(sandboxConfigFor(scenario), flags) : await configured(flags, io);
  const kept = acts && (await import('./kept-world.ts').then(({ keptWorld }) => keptWorld(io, acts.mode)));
  const text =
    leftByRun !== undefined
      ? await (await openFileState(io)).worlds.loadWorld(leftByRun)
      : resumes === undefined
        ? undefined
        : await kept?.load(resumes.runId);
  const wanted = leftByRun ?? resumes?.runId;
  if (wanted !== undefined && text === undefined) throw worldMissing(wanted);
  const snapshot = text === undefined ? undefined : parseSnapshot(jsonIn(text), `the world of run ${wanted ?? ''}`);
  // A process that was killed may have waited on after the world was kept.
  const clock: Clock = new VirtualClock(Math.max(snapshot?.nowMs ?? sandboxStartMs, resumes?.lastAt ?? 0));
  const onChange = kept?.changed;
  const sandbox = openSandbox(
    snapshot === undefined
      ? { scenario, seed, stack, clock, extraNames: extraNamesOf(config), ...(onChange && { onChange }) }
      : { snapshot, stack, clock, ...(onChange && { onChange }) },
  );
  const { services, gate } = sandbox;
  const random: Random = seeded(snapshot === undefined ? seed : snapshot.nowMs);
  const wire = createWire({ services, gate, clock, requestIds: seededRequestIds(seed) });
  const options = {
    clock,
    random,
    namedReads,
    requestHandler: wireRequestHandler(wire, { clock, requestTimeoutMs: 10_000 }),
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    version,
    ...(io.log === undefined ? {} : { onCall: io.log.call }),
  };
  const cloud = endingWith((signal) => openAws({ ...options, mode: 'read-only', signal, fewestCalls }), io.signal);
  const outside = simulatedOutside(sandbox.world, clock);
  const verify = (): Promise<void> => Promise.resolve(); // Nobody's account, and no credentials to find.
  const acting =
    acts &&
    (await actingSession({
      flags: { ...flags, sandbox: scenario, seed: String(seed) },
      io,
      acts,
      hold,
      config,
      stack,
      clock,
      random,
      aws: options,
      openAws,
      outside,
      hooks: simulatedHooks(sandbox.world, clock),
      namedProgram: simulatedProgram(sendingBy(openAws, options)),
      account: () => stack.account,
      ...(file === undefined ? {} : { file }),
      simulated: { begun: (runId) => kept?.begun(runId, () => sandbox.snapshot()) },
    }));
  return {
    config,
    written,
    stack,
    cloud,
    outside,
    named: simulatedNamed(cloud.named.look),
    inspection: simulatedInspection(sandbox.world, clock),
    isSimulated: true,
    kept: keptOfSimulation({ stack, seed, extraNames: extraNamesOf(config), clock }),
    verify,
    awsOptions: [],
    ownOptions: ownOptionsOf({ ...flags, sandbox: scenario }, io),
    clock,
    random,
    signal: io.signal,
    ...(acting === undefined ? {} : { acting: acting.session }),
    close: () => {
      acting?.close();
      kept?.ended(sandbox.snapshot());
    },
  };
}

/** Undefined for what is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function worldMissing(runId: string): NanoopsError {
  return new NanoopsError(`the simulated world of run ${runId} is not there any more: there is nothing to go on with`, {
    code: 'WorldMissing',
    exitCode: 3,
    nextStep: 'begin a new run; nanoops runs list shows the others',
  });
}

/** The sandbox's own stack, for those who have no file. */
async function ownConfig(value: unknown, flags: StackFlags): Promise<Configured> {
  const [{ parseConfig }, { stackOf }] = await Promise.all([import('../config/load.ts'), import('../config/stack.ts')]);
  const config = parseConfig(value, 'the sandbox\u2019s own configuration', flags.environment);
  return { config, written: value, stack: stackOf(config) };
}
