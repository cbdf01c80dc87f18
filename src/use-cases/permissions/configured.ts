/** The configuration that a policy is scoped to; none where there is none. */
import { loadConfig, parseConfig, type LoadOptions } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { NanoopsError } from '../../errors.ts';
import { sandboxConfigFor } from '../../sandbox/sandbox.ts';

/** @throws NanoopsError for a file that was named and is not there, and for one that cannot be read. */
export async function configuredStack({
  sandbox,
  ...options
}: {
  readonly file: string | undefined;
  readonly environment: string | undefined;
  readonly cwd: string;
  /** True, or the scenario, where the simulated stack is meant. */
  readonly sandbox: string | true | undefined;
}): Promise<Config | undefined> {
  if (sandbox !== undefined && options.file === undefined) {
    return parseConfig(
      sandboxConfigFor(sandbox === true ? 'healthy' : sandbox),
      'the sandbox\u2019s own configuration',
      options.environment,
    );
  }
  const { file, environment, cwd } = options;
  const wanted: LoadOptions = {
    cwd,
    ...(file === undefined ? {} : { file }),
    ...(environment === undefined ? {} : { environment }),
  };
  try {
    return (await loadConfig(wanted)).config;
  } catch (error) {
    const isMissing = error instanceof NanoopsError && error.code === 'ConfigNotFound';
    if (isMissing && file === undefined && environment === undefined) return undefined;
    throw error;
  }
}
