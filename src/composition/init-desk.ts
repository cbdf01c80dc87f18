/** Opens an account to look through, for whoever has no configuration yet: AWS, or the simulated one. */
import type { AwsCloud } from '../aws/open-aws.ts';
import type { InitFlags } from '../commands/init-flags.ts';
import { outputOf } from '../commands/flags.ts';
import { loadConfigText } from '../config/load.ts';
import { region as regionSchema } from '../config/schema/fields.ts';
import { NanoopsError } from '../errors.ts';
import type { Clock } from '../engine/clock.ts';
import { isOnThisMachine } from '../cloud/endpoints.ts';
import type { InitDesk } from '../use-cases/init/desk.ts';
import { version } from '../version.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import { configPlace } from './config-place.ts';
import { credentialSources } from './credential-sources.ts';
import type { Io } from './io.ts';
import { endpointsOf } from './endpoints.ts';
import { clockAt, deadlineOf, endingWith, openSession } from './open-session.ts';
import { canAsk } from './person.ts';
import { openStores } from './stores.ts';

export interface OpenedInitDesk extends InitDesk {
  readonly close: () => void;
}

interface OpenedAccount {
  readonly cloud: AwsCloud;
  readonly clock: Clock;
  readonly region: string;
  readonly isSimulated: boolean;
}

/** @throws NanoopsError for flags that cannot be used (2), and for missing credentials (3) */
export async function openInitDesk(flags: InitFlags, io: Io): Promise<OpenedInitDesk> {
  const place = configPlace(io.cwd, flags.to ?? 'nanoops.yaml', flags.force === true);
  // What is there already is found before any account is opened.
  if (flags.dryRun !== true) await place.check();
  const { cloud, clock, region, isSimulated } = await (flags.sandbox === undefined
    ? openAccount(flags, io)
    : openSimulatedAccount(flags, io));
  const isTold = outputOf(flags) === 'human' && flags.quiet !== true && io.stderr.isTTY === true;
  return {
    inventory: await cloud.inventory(),
    region,
    nowMs: clock.now(),
    isSimulated,
    accountWords: accountWordsOf(flags),
    ...(flags.yes !== true && canAsk(flags, io) ? { ask: askerAt(flags, io) } : {}),
    tell: (text) => {
      if (isTold) io.stderr.write(`${text}\n`);
    },
    usage: () => cloud.usage(),
    checkPlace: () => place.check(),
    place: place.name,
    write: (text) => place.write(text),
    check: (text) => void loadConfigText(text, place.name),
    readiness: () => readinessOn(flags, io, place.path),
    close: () => cloud.close(),
  };
}

/** The place of the file is told apart: it is named where it is used. */
function accountWordsOf({ sandbox, seed, profile, endpointUrl }: InitFlags): readonly string[] {
  return [
    ...(sandbox === undefined ? [] : sandbox === true ? ['--sandbox'] : ['--sandbox', sandbox]),
    ...(seed === undefined ? [] : ['--seed', seed]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(endpointUrl === undefined ? [] : ['--endpoint-url', endpointUrl]),
  ];
}

function askerAt(flags: InitFlags, io: Io): InitDesk['ask'] {
  return async (question) => {
    const stdin = io.stdin?.stream?.();
    const output = io.stderr.stream?.();
    if (stdin === undefined || output === undefined) throw new TypeError('there is no terminal to ask at');
    const { askToChoose } = await import('../terminal/init-questions.ts');
    return askToChoose(question, {
      stdin,
      output,
      columns: columnsOf(io),
      color: colorLevel(flags, io, io.stderr) > 0,
      signal: io.signal,
      interrupt: () => io.interrupt?.(),
    });
  };
}

async function openAccount(flags: InitFlags, io: Io): Promise<OpenedAccount> {
  if (flags.seed !== undefined) {
    throw new NanoopsError('--seed is for the simulation', {
      code: 'SeedWithoutSandbox',
      exitCode: 2,
      nextStep: 'add --sandbox, or leave --seed out',
    });
  }
  const { counting, services } = await endpointsOf(flags, io);
  const region = await regionOf(flags, io);
  const [{ openAws }, clock] = await Promise.all([import('../aws/open-aws.ts'), clockAt(counting, io.signal)]);
  const options = {
    clock,
    random: Math.random,
    profile: flags.profile,
    endpointUrl: flags.endpointUrl,
    servicesWithEndpoint: services,
    mode: 'read-only',
    version,
    ...(io.log === undefined ? {} : { onCall: io.log.call }),
  } as const;
  const cloud = endingWith((signal) => openAws({ ...options, signal }), io.signal, ...(await deadlineOf(flags)));
  await cloud.preflight(region);
  return { cloud, clock, region, isSimulated: isOnThisMachine(counting) };
}

/** As the aws command line has it: the flag, the variables, the profile. */
async function regionOf(flags: InitFlags, io: Io): Promise<string> {
  const { env } = io;
  const { profiles } = await credentialSources(flags, io);
  const region =
    flags.region ??
    (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || profiles.find((each) => each.region !== undefined)?.region);
  if (region === undefined || region === '') {
    throw new NanoopsError('no region is known to look in', {
      code: 'NoRegion',
      exitCode: 2,
      details: ['it is told by --region, AWS_REGION, or the profile'],
      nextStep: 'nanoops init --region us-west-2',
    });
  }
  return checkedRegion(region);
}

function checkedRegion(region: string): string {
  const { error } = regionSchema().safeParse(region);
  if (error === undefined) return region;
  throw new NanoopsError(`the region ${JSON.stringify(region)} ${error.issues[0]?.message ?? 'is none'}`, {
    code: 'InvalidRegion',
    exitCode: 2,
    nextStep: 'choose another with --region',
  });
}

async function openSimulatedAccount(flags: InitFlags, io: Io): Promise<OpenedAccount> {
  const [
    { parseSeed },
    { openSandbox, sandboxConfigFor, sandboxStartMs },
    { VirtualClock },
    { createWire },
    { wireRequestHandler },
    { seededRequestIds },
    { seeded },
    { openAws },
    { parseConfig },
    { stackOf },
  ] = await Promise.all([
    import('../use-cases/seed.ts'),
    import('../sandbox/sandbox.ts'),
    import('../sandbox/virtual-clock.ts'),
    import('../sandbox/wire/wire.ts'),
    import('../sandbox/wire/request-handler.ts'),
    import('../sandbox/wire/request-id.ts'),
    import('../sandbox/random.ts'),
    import('../aws/open-aws.ts'),
    import('../config/load.ts'),
    import('../config/stack.ts'),
  ]);
  refuseAccountFlags(flags);
  const seed = parseSeed(flags.seed);
  const scenario = typeof flags.sandbox === 'string' ? flags.sandbox : 'healthy';
  const stack = stackOf(parseConfig(sandboxConfigFor(scenario), 'the sandbox\u2019s own configuration'));
  const clock: Clock = new VirtualClock(sandboxStartMs);
  const { services, gate } = openSandbox({ scenario, seed, stack, clock });
  const wire = createWire({ services, gate, clock, requestIds: seededRequestIds(seed) });
  const options = {
    clock,
    random: seeded(seed),
    requestHandler: wireRequestHandler(wire, { clock, requestTimeoutMs: 10_000 }),
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    mode: 'read-only',
    version,
    ...(io.log === undefined ? {} : { onCall: io.log.call }),
  } as const;
  const cloud = endingWith((signal) => openAws({ ...options, signal }), io.signal);
  const region = flags.region === undefined ? stack.primary.region : checkedRegion(flags.region);
  return { cloud, clock, region, isSimulated: true };
}

function refuseAccountFlags(flags: InitFlags): void {
  const misplaced = (['profile', 'endpointUrl'] as const).find((flag) => flags[flag] !== undefined);
  if (misplaced === undefined) return;
  throw new NanoopsError(`${misplaced === 'profile' ? '--profile' : '--endpoint-url'} has no meaning with --sandbox`, {
    code: 'FlagWithSandbox',
    exitCode: 2,
    details: ['the simulated AWS runs inside this process, without credentials'],
    nextStep: 'leave one of the two out',
  });
}

/** The file as `nanoops dr readiness` would read it, in the same account. */
async function readinessOn(given: InitFlags, io: Io, file: string) {
  const { region: _region, ...rest } = given;
  const flags = { ...rest, config: file };
  const { readiness } = await import('../use-cases/readiness.ts');
  const opened = await openSession(flags, io, { scenario: 'healthy' }, () => () => undefined);
  const stores = await openStores(flags, io);
  try {
    return await readiness(
      { ...opened, emit: () => undefined },
      { stores, failOn: 'warning', wallMs: Date.now(), isSandbox: flags.sandbox !== undefined },
    );
  } finally {
    stores.close();
    opened.cloud.close();
    opened.close();
  }
}
