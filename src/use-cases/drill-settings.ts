/** What is known of the stack and its drills without contacting anything: by the configuration, or by the specification. */
import { loadConfig, parseConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { drill as drillSchema } from '../config/schema/drill.ts';
import { objectives as objectivesSchema } from '../config/schema/objectives.ts';
import type { DrillPlan } from '../drills/schedule.ts';
import { NanoopsError } from '../errors.ts';
import { sandboxConfig } from '../sandbox/world/names.ts';

export interface StackName {
  readonly service: string;
  readonly environment: string;
}

export interface ConfigChoice {
  /** As given with `--config`; absent: `nanoops.yaml`, searched from `cwd` upwards. */
  readonly file?: string;
  readonly environment?: string;
  readonly cwd: string;
  /** With `--sandbox`: the sandbox's own configuration, unless a file is named. */
  readonly isSandbox: boolean;
}

export interface DrillSettings {
  readonly plan: DrillPlan;
  /** How long a drill takes at most: there and back within the objective, and what the recovery region holds between. */
  readonly lengthMs: number;
  /** Absent without a configuration. */
  readonly stack?: StackName;
  /** The file, as messages show it. */
  readonly origin?: string;
}

/**
 * Without a file, what the specification says: the second Tuesday, 15:00, in UTC.
 *
 * @throws NanoopsError as `loadConfig` does; `ConfigNotFound` only where a file or an environment was asked for.
 */
export async function drillSettings(choice: ConfigChoice): Promise<DrillSettings> {
  const found = await configIfAny(choice);
  const drill = found?.config.drill ?? drillSchema.parse({});
  const objectives = found?.config.objectives ?? objectivesSchema.parse({});
  return {
    plan: drill,
    lengthMs: 2 * objectives.rto + drill.holdAfterFailover,
    ...(found === undefined
      ? {}
      : { stack: { service: found.config.service, environment: found.config.environment }, origin: found.origin }),
  };
}

async function configIfAny(choice: ConfigChoice): Promise<{ config: Config; origin: string } | undefined> {
  const { file, environment, cwd, isSandbox } = choice;
  if (isSandbox && file === undefined) {
    const origin = 'the sandbox\u2019s own configuration';
    return { config: parseConfig(sandboxConfig, origin, environment), origin };
  }
  try {
    return await loadConfig({ file, environment, cwd });
  } catch (error) {
    const isAskedFor = file !== undefined || environment !== undefined;
    if (!isAskedFor && error instanceof NanoopsError && error.code === 'ConfigNotFound') return undefined;
    throw error;
  }
}
