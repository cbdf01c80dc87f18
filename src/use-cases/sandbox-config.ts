/** The configuration of the simulated stack, as a file that one can start from. */
import { stringify } from 'yaml';
import { sandboxConfig } from '../sandbox/world/names.ts';

export { sandboxConfig };

export function sandboxConfigYaml(): string {
  return stringify(sandboxConfig, { lineWidth: 0 });
}
