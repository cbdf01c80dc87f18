/** Suggested `nanoops` commands, as they have to be typed to look where this run looked. Pure. */
import { shellLine } from '../cloud/shell-line.ts';
import { parseDuration } from '../config/durations.ts';

/** An option that was typed, and says which stack is looked at; or until when, as a time of ISO 8601. */
export type OwnOption = readonly [
  name: '-c' | '-e' | '--profile' | '--endpoint-url' | '--sandbox' | '--seed' | '--region' | '--until',
  value: string,
];

/** A command at the end of a text: its words, then its own options. */
const suggested = /(?:^|: )nanoops (?<group>[a-z]+)(?: [a-z0-9][a-z0-9-]*)*(?<own>(?: --?[a-z-]+(?: [\w-]+)?)*)$/;

/** Groups of commands that can look at what is over. What changes something acts on what is there now. */
const looksBack = new Set(['status', 'slo', 'diagnose', 'logs', 'trace', 'capacity', 'checks', 'checklist', 'tune']);

/** They look at no stack. What leads to a run that a team keeps is told where its command is made: `reaching`. */
const placeless = new Set(['runs', 'help', 'sandbox', 'completion']);

/** How else these are typed. */
const longNames: Partial<Record<OwnOption[0], string>> = { '-c': '--config', '-e': '--environment' };

/** The text with these options behind the command that it ends with; any other text as it is. */
export function retyped(text: string, options: readonly OwnOption[] = []): string {
  const { group, own = '' } = suggested.exec(text)?.groups ?? {};
  if (group === undefined || placeless.has(group)) return text;
  const typed = new Set(own.split(' '));
  const holds = ([name]: OwnOption): boolean => {
    if (typed.has(name) || typed.has(longNames[name] ?? name)) return false;
    // What the file says is the same whoever asks.
    if (group === 'config') return name === '-c' || name === '-e';
    if (name === '--until') return looksBack.has(group) && !typed.has('--fix');
    // A failover has two regions, and says itself which is which.
    return name !== '--region' || group !== 'dr';
  };
  const held = options.filter(holds);
  const until = held.find(([name]) => name === '--until')?.[1];
  const ended = until === undefined ? text : text.replace(/(?<= --since )\d+[a-z]+/, (span) => before(until, span));
  return [ended, ...held.map((option) => shellLine(...option))].join(' ');
}

/** What says where a team keeps its runs and locks, which a configuration names. */
const toTable: ReadonlySet<OwnOption[0]> = new Set(['-c', '-e', '--profile', '--endpoint-url']);

/** A command about a run or a lock, as it has to be typed to find those that are kept in the team's table. */
export function reaching(command: string, options: readonly OwnOption[] = []): string {
  return [command, ...options.filter(([name]) => toTable.has(name)).map((option) => shellLine(...option))].join(' ');
}

/** With `--until`, for a look at what is over. */
export function lookingUntil(options: readonly OwnOption[] = [], until: number | undefined): readonly OwnOption[] {
  return until === undefined ? options : [...options, ['--until', timeText(until)]];
}

/** A span counts back from now, and is to end with what is looked at. */
function before(until: string, span: string): string {
  return timeText(Date.parse(until) - parseDuration(span, '--since'));
}

/** To the second, as a person may type it. */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
