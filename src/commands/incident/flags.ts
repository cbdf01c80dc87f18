/** What the commands of incidents have in common: their flags, and how they show what they did. */
import { InvalidArgumentError, type Command } from 'commander';
import type { Changed } from '../../use-cases/incidents/changes.ts';
import type { IncidentDesk } from '../../use-cases/incidents/desk.ts';
import type { OwnOption } from '../../use-cases/own-command.ts';
import type { Host } from '../command.ts';
import { withStackFlags, withoutHelpFor, type StackFlags } from '../flags.ts';
import { refuseFlags } from '../refused-flags.ts';

/** Nothing of AWS is changed, so that there is nothing to rehearse or to agree to. */
const acting = ['--dry-run', '--approve', '--yes', '--accept-loss', '--region'];
const looking = ['--timeout', '--seed', '--since', '--until', '--report'];

/** `used`: of the flags that only some of them have. */
export function withIncidentFlags(command: Command, used: readonly string[] = []): Command {
  const unused = [...acting, ...looking].filter((flag) => !used.includes(flag));
  return withoutHelpFor(withStackFlags(command, false), unused);
}

/** @throws NanoopsError `FlagWithoutMeaning` for a flag that was given and is none for this command. */
export function refuseUnused(flags: StackFlags, used: readonly (keyof StackFlags)[] = []): void {
  const changesNothing = { because: 'it changes nothing of the stack, and asks nothing', nextStep: 'leave it out' };
  const ofTime = {
    because: 'an incident has its own times',
    nextStep: 'leave it out; --at says when something happened',
  };
  const refused = {
    dryRun: changesNothing,
    approve: changesNothing,
    yes: changesNothing,
    acceptLoss: changesNothing,
    region: { because: 'an incident is of the whole stack', nextStep: 'leave it out' },
    since: ofTime,
    until: ofTime,
  };
  refuseFlags(
    flags,
    Object.fromEntries(Object.entries(refused).filter(([name]) => !used.some((each) => each === name))),
  );
}

/** How the same incidents are reached again. */
export function optionsOf({ config, environment, profile, endpointUrl }: StackFlags): readonly OwnOption[] {
  const given: readonly (readonly [OwnOption[0], string | undefined])[] = [
    ['-c', config],
    ['-e', environment],
    ['--profile', profile],
    ['--endpoint-url', endpointUrl],
  ];
  return given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** Does something with an incident and shows what came of it, and what is due now. */
export async function doAndShow(
  host: Host,
  flags: StackFlags,
  work: (desk: IncidentDesk) => Promise<Changed>,
): Promise<void> {
  const [{ knownOf }, { incidentDocumentOf }] = await Promise.all([
    import('../../use-cases/incidents/desk.ts'),
    import('../../use-cases/incidents/document.ts'),
  ]);
  const shown = await host.withIncidents(flags, { needsStack: false }, async (desk) => {
    const { found, done } = await work(desk);
    const known = await knownOf(desk, found);
    return {
      document: incidentDocumentOf(known, { done, options: optionsOf(flags) }),
      events: found.incident.events,
      isBrief: true,
    };
  });
  await host.showIncident(flags, shown);
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (/^\d{1,12}$/.test(text)) return value;
  throw new InvalidArgumentError('It has to be a whole number, for example 500.');
}

export function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** With one word it is the text, of the only incident that is open; with two, the first is the id. */
export function idAndText(words: readonly (string | undefined)[]): { readonly id?: string; readonly text?: string } {
  const [first, second] = words;
  return second === undefined ? { text: first } : { id: first, text: second };
}

export const exits =
  'Exit codes: 0 done; 2 wrong usage, or no such incident; 3 what is kept could not be read; 5 it could not be written.';
