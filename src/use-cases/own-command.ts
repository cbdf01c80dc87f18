/** Suggested `nanoops` commands, as they have to be typed to look where this run looked. Pure. */
import { shellLine } from '../cloud/shell-line.ts';

/** An option that was typed, and says which stack is looked at. */
export type OwnOption = readonly [
  name: '-c' | '-e' | '--profile' | '--endpoint-url' | '--sandbox' | '--seed' | '--region',
  value: string,
];

/** A command at the end of a text: its words, then its own options. */
const suggested = /(?:^|: )nanoops (?<group>[a-z]+)(?: [a-z0-9][a-z0-9-]*)*(?<own>(?: --?[a-z-]+(?: [\w-]+)?)*)$/;

/** The text with these options behind the command that it ends with; any other text as it is. */
export function retyped(text: string, options: readonly OwnOption[] = []): string {
  const { group, own = '' } = suggested.exec(text)?.groups ?? {};
  if (group === undefined) return text;
  const holds = ([name]: OwnOption): boolean => {
    // What the file says is the same whoever asks.
    if (group === 'config') return name === '-c' || name === '-e';
    // A failover has two regions, and says itself which is which.
    return name !== '--region' || (group !== 'dr' && !own.includes('--region'));
  };
  return [text, ...options.filter(holds).map((option) => shellLine(...option))].join(' ');
}
