/** Whether what nanoops keeps on this machine outlives it: the disk of a container goes away with its task. */
import type { StackFlags } from '../commands/flags.ts';
import type { Config } from '../config/schema.ts';
import { NanoopsError } from '../errors.ts';
import type { Io } from './io.ts';

type Kept = Pick<Config, 'state' | 'regions'>;

/** ECS tells every container of a task where it can ask about that (Amazon ECS Developer Guide, "Task metadata endpoint version 4"). */
const toldByEcs = 'ECS_CONTAINER_METADATA_URI_V4';

/** What becomes of runs that are kept in files here; undefined where they are kept elsewhere, or last. */
export function fleetingState(env: Io['env'], config: Kept | undefined): string | undefined {
  if ((env[toldByEcs] ?? '') === '' || (config !== undefined && config.state !== 'file')) return undefined;
  return `runs are kept in files of this container (state: file), which are gone with its task, and nobody can go on with them then; ${tableText(config)}`;
}

/**
 * What becomes of a state machine's runs, whose every step is a task; undefined where they are kept in a table, and where nothing is
 * known of that: an export needs no configuration, and none that is whole.
 */
export async function fleetingMachine(flags: StackFlags, io: Io): Promise<string | undefined> {
  const { loadConfig } = await import('../config/load.ts');
  try {
    const { config, origin } = await loadConfig({ file: flags.config, environment: flags.environment, cwd: io.cwd });
    if (config.state !== 'file') return undefined;
    return `${origin} keeps runs in files of one machine (state: file), but each state is a task with a disk of its own, so that no step would find the run; ${tableText(config)}`;
  } catch (error) {
    if (error instanceof NanoopsError) return undefined;
    throw error;
  }
}

/** Best where an incident of the primary region leaves it alone. */
function tableText(config: Kept | undefined): string {
  const region = config?.regions.recovery ?? config?.regions.primary ?? 'us-east-1';
  return `name a table in nanoops.yaml: state: { dynamodb: { table: nanoops, region: ${region} } }, and make it once with: nanoops state init`;
}
