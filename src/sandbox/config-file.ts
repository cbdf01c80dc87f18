/** The configuration of the sandbox's own stack, as a file that one can start from. */
import { stringify } from 'yaml';
import { sandboxConfig } from './world/names.ts';

export function sandboxConfigYaml(): string {
  return stringify(sandboxConfig, { lineWidth: 0 });
}
