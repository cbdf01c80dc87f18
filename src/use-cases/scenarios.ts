/** The scenarios of the simulated AWS, and the configuration of its stack. */
import type { ListDocument } from '../report/schemas.ts';
import { sandboxConfigYaml } from '../sandbox/config-file.ts';
import { listScenarios } from '../sandbox/scenarios/index.ts';
import { sandboxConfig } from '../sandbox/world/names.ts';

export function scenarioList(): ListDocument {
  return { schema: 'nanoops/list@1', items: listScenarios().map((scenario) => ({ ...scenario })) };
}

/** The configuration of the simulated stack, as data and as a file. */
export function simulatedConfig(): { readonly document: object; readonly yaml: string } {
  return { document: sandboxConfig, yaml: sandboxConfigYaml() };
}
