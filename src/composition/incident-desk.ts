/**
 * Opens the incidents that some flags mean: those of the simulated AWS, on this machine and apart from all others, or the
 * team's. Nothing of AWS is contacted but a table that keeps them, until somebody looks at the stack.
 */
import type { Stack } from '../cloud/stack.ts';
import type { IncidentOpening } from '../commands/command.ts';
import type { StackFlags } from '../commands/flags.ts';
import type { Config } from '../config/schema.ts';
import { NanoopsError } from '../errors.ts';
import { createNobody } from '../notify/nobody.ts';
import { IncidentBook, type BookTools, type IncidentStores } from '../use-cases/incidents/book.ts';
import type { IncidentDesk } from '../use-cases/incidents/desk.ts';
import type { Session } from '../use-cases/session.ts';
import type { Stores } from '../use-cases/stores.ts';
import { version } from '../version.ts';
import { sha256, userName } from './identity.ts';
import type { Io } from './io.ts';
import { refuseStrangersConfig } from './own/found-config.ts';
import { openFileState, openTeamState, type FileState } from './stores.ts';
import { systemClock } from './system-clock.ts';

export interface OpenedDesk extends IncidentDesk {
  close(): void;
}

/** @throws NanoopsError for a configuration, scenario or flag that cannot be used. */
export async function openIncidentDesk(flags: StackFlags, io: Io, opening: IncidentOpening): Promise<OpenedDesk> {
  const file = await openFileState(io);
  return flags.sandbox === undefined ? realDesk(flags, io, opening, file) : simulatedDesk(flags, io, file);
}

async function realDesk(
  flags: StackFlags,
  io: Io,
  { needsStack }: IncidentOpening,
  file: FileState,
): Promise<OpenedDesk> {
  const known = await configured(flags, io, needsStack);
  if (known !== undefined) await refuseStrangersConfig(known, flags, io);
  const tools = { clock: systemClock, random: Math.random, env: io.env };
  const team = known && (await openTeamState(known.config, flags, tools));
  const own = team?.incidents ?? file.incidents;
  const runs: Stores = team === undefined ? { own: file, all: [file] } : { own: team, all: [team, file] };
  const stores: IncidentStores = { own, all: team === undefined ? [own] : [own, file.incidents] };
  return {
    book: bookOf(io, { stores, isSimulated: false, ...(known && { stack: known.stack }) }),
    runs,
    notifier: await notifierOf(flags, io, known),
    random: Math.random,
    ...(known && { stack: known.stack }),
    signal: io.signal,
    look: (_world, work) => looking(flags, io, { scenario: 'healthy' }, work),
    close: () => team?.close(),
  };
}

async function simulatedDesk(flags: StackFlags, io: Io, file: FileState): Promise<OpenedDesk> {
  const [{ sandboxConfigFor, sandboxStartMs }, { parseSeed }, { parseConfig }, { stackOf }] = await Promise.all([
    import('../sandbox/sandbox.ts'),
    import('../use-cases/seed.ts'),
    import('../config/load.ts'),
    import('../config/stack.ts'),
  ]);
  const named = typeof flags.sandbox === 'string' ? flags.sandbox : undefined;
  const scenario = named ?? 'slow-query';
  const own = sandboxConfigFor(scenario);
  const { config, stack } =
    flags.config === undefined
      ? { config: parseConfig(own, 'the sandbox\u2019s own configuration', flags.environment), stack: undefined }
      : await loaded(flags, io);
  const { receiverNames } = await import('./receivers.ts');
  const incidents = file.simulatedIncidents;
  return {
    book: bookOf(io, {
      stores: { own: incidents, all: [incidents] },
      isSimulated: true,
      ...(named === undefined ? {} : { scenario: named }),
    }),
    runs: { own: file, all: [file] },
    notifier: createNobody(receiverNames(config.notify)),
    random: Math.random,
    stack: stack ?? stackOf(config),
    simulated: { scenario, seed: String(parseSeed(flags.seed)), now: sandboxStartMs },
    signal: io.signal,
    look: ({ scenario: world = scenario, seed = flags.seed, leftByRun }, work) =>
      looking({ ...flags, sandbox: world, seed }, io, { scenario: world, ...(leftByRun && { leftByRun }) }, work),
    close: () => undefined,
  };
}

function bookOf(io: Io, tools: Pick<BookTools, 'stores' | 'isSimulated' | 'stack' | 'scenario'>): IncidentBook {
  return new IncidentBook({ ...tools, digest: sha256, random: Math.random, by: userName(io), wall: () => Date.now() });
}

interface Known {
  readonly config: Config;
  readonly stack: Stack;
  /** The absolute path of the file. */
  readonly file: string;
}

async function loaded(flags: StackFlags, io: Io): Promise<Known> {
  const [{ loadConfig }, { stackOf }] = await Promise.all([import('../config/load.ts'), import('../config/stack.ts')]);
  const { config, file } = await loadConfig({ file: flags.config, environment: flags.environment, cwd: io.cwd });
  return { config, stack: stackOf(config), file };
}

/** Without a configuration there are only this machine's incidents, and nobody is told; one that cannot be read is an error. */
async function configured(flags: StackFlags, io: Io, needsStack: boolean): Promise<Known | undefined> {
  try {
    return await loaded(flags, io);
  } catch (error) {
    const isMissing = error instanceof NanoopsError && error.code === 'ConfigNotFound';
    if (isMissing && !needsStack && flags.config === undefined && flags.environment === undefined) return undefined;
    throw error;
  }
}

async function notifierOf(flags: StackFlags, io: Io, known: Known | undefined): Promise<IncidentDesk['notifier']> {
  if (known === undefined) return createNobody([]);
  const [{ configuredNotifier }, { rolesByRegion }] = await Promise.all([
    import('./notifiers.ts'),
    import('./open-session.ts'),
  ]);
  const { config, stack } = known;
  const aws = {
    clock: systemClock,
    random: Math.random,
    profile: flags.profile,
    endpointUrl: flags.endpointUrl,
    roles: rolesByRegion(config, stack),
    version,
  };
  return configuredNotifier({
    notify: config.notify,
    service: config.service,
    environment: config.environment,
    io,
    clock: systemClock,
    random: Math.random,
    aws,
    region: stack.primary.region,
  });
}

/** Who is in an incident does not wait longer for what may be seen later, too. */
const longestLook = '45s';

async function looking<T>(
  flags: StackFlags,
  io: Io,
  opening: { readonly scenario: string; readonly leftByRun?: string },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { openSession } = await import('./open-session.ts');
  // What the command's own flags mean for an incident is not what they mean for a look.
  const { since: _since, until: _until, ...rest } = flags;
  const limited = { ...rest, timeout: flags.timeout ?? longestLook };
  const opened = await openSession(limited, io, opening, () => () => undefined);
  try {
    return await work({ ...opened, emit: () => undefined });
  } finally {
    opened.cloud.close();
    opened.close();
  }
}
