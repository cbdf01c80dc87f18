/** Opens the stores of nanoops' own state: the folder on this machine, and a team's table where one is configured. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DynamoState } from '../aws/state/dynamodb-state.ts';
import type { StackFlags } from '../commands/flags.ts';
import type { Config } from '../config/schema.ts';
import type { Clock, Random } from '../engine/clock.ts';
import type { JournalStore } from '../engine/journal-store.ts';
import type { LeaseStore } from '../engine/lease-store.ts';
import { NanoopsError } from '../errors.ts';
import type { IncidentEvent } from '../incident/events.ts';
import type { FileWorlds } from '../state/file-worlds.ts';
import type { StateStore, Stores } from '../use-cases/stores.ts';
import { version } from '../version.ts';
import { tableEndpoint } from './endpoints.ts';
import { fleetingState } from './fleeting-state.ts';
import type { Io } from './io.ts';

export interface FileState extends StateStore {
  readonly worlds: FileWorlds;
  readonly incidents: JournalStore<IncidentEvent>;
  /** Those of the simulated AWS, apart from real ones. */
  readonly simulatedIncidents: JournalStore<IncidentEvent>;
  /** Leases of a run on a world of its own, which nobody else could want. */
  leasesOf(runId: string): LeaseStore;
}

export async function openFileState(io: Io): Promise<FileState> {
  const [
    { stateFolder, runFolder, simulatedFolder },
    { incidentJournals },
    { fileJournalStore },
    { fileLeaseStore },
    { fileWorlds },
  ] = await Promise.all([
    import('../state/state-folder.ts'),
    import('../state/journal-kind.ts'),
    import('../state/file-journal.ts'),
    import('../state/file-leases.ts'),
    import('../state/file-worlds.ts'),
  ]);
  const folder = stateFolder(io.env, homedir);
  return {
    name: folder,
    journals: fileJournalStore(folder),
    leases: fileLeaseStore(folder),
    worlds: fileWorlds(folder),
    incidents: fileJournalStore<IncidentEvent>(folder, incidentJournals),
    simulatedIncidents: fileJournalStore<IncidentEvent>(simulatedFolder(folder), incidentJournals, folder),
    leasesOf: (runId) => fileLeaseStore(join(runFolder(folder, runId), 'leases'), folder),
  };
}

/** Undefined where the configuration keeps state on this machine. */
export async function openTeamState(
  config: Pick<Config, 'state'>,
  flags: StackFlags,
  { env, ...tools }: { readonly clock: Clock; readonly random: Random; readonly env: Io['env'] },
): Promise<DynamoState | undefined> {
  if (config.state === 'file') return undefined;
  const endpointUrl = await tableEndpoint(flags, { env });
  const { openDynamoState } = await import('../aws/state/dynamodb-state.ts');
  return openDynamoState({
    ...config.state.dynamodb,
    ...tools,
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    // Typed was the one, which the variable may have taken the place of.
    goesAnywhere: endpointUrl !== undefined && endpointUrl === flags.endpointUrl,
    version,
  });
}

/** Every store that may hold a run: a team's table where a configuration is found that names one, and this machine's. */
export async function openStores(flags: StackFlags, io: Io): Promise<Stores & { close(): void }> {
  const [file, { team, fleeting }] = await Promise.all([openFileState(io), teamOf(flags, io)]);
  const own: StateStore = team ?? file;
  return {
    own,
    all: team === undefined ? [file] : [team, file],
    ...(fleeting === undefined ? {} : { fleeting }),
    close: () => team?.close(),
  };
}

async function teamOf(
  flags: StackFlags,
  io: Io,
): Promise<{ readonly team?: DynamoState | undefined; readonly fleeting: string | undefined }> {
  const config = await configIfAny(flags, io);
  const fleeting = fleetingState(io.env, config);
  if (config === undefined) return { fleeting };
  const { systemClock } = await import('./system-clock.ts');
  const team = await openTeamState(config, flags, { clock: systemClock, random: Math.random, env: io.env });
  return { team, fleeting };
}

/** Without a configuration there are only this machine's runs; one that cannot be read is an error all the same. */
async function configIfAny(flags: StackFlags, io: Io): Promise<Config | undefined> {
  if (flags.sandbox !== undefined || flags.replay !== undefined) return undefined;
  const { loadConfig } = await import('../config/load.ts');
  try {
    return (await loadConfig({ file: flags.config, environment: flags.environment, cwd: io.cwd })).config;
  } catch (error) {
    if (flags.config === undefined && error instanceof NanoopsError && error.code === 'ConfigNotFound')
      return undefined;
    throw error;
  }
}
