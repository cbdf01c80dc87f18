/** `--incident` of commands that run a runbook: what the run finds and does is kept with an incident. */
import { Option, type Command } from 'commander';
import { NanoopsError } from '../errors.ts';
import type { RunDocument } from '../report/schemas.ts';
import type { Host } from './command.ts';
import type { StackFlags } from './flags.ts';

export interface IncidentFlag {
  readonly incident?: string;
}

export function withIncidentOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--incident <id>',
      'keep what it finds and does with this incident; new: open one, where it finds a cause or acts',
    ),
  );
}

type AfterRun = (document: RunDocument) => Promise<RunDocument>;

/**
 * Finds the incident before anything is run, and gives what is to be done with the run when it has ended. `opensFirst`:
 * the runbook that acts at once, where a new incident is opened beforehand.
 *
 * @throws NanoopsError where there is no such incident, and for runs that nobody needs there.
 */
export async function incidentFor(
  host: Host,
  flags: StackFlags & IncidentFlag,
  opensFirst?: string,
): Promise<AfterRun | undefined> {
  const { incident } = flags;
  if (incident === undefined) return undefined;
  if (flags.dryRun === true || flags.replay !== undefined) {
    throw new NanoopsError(
      `--incident cannot be given with ${flags.dryRun === true ? '--dry-run' : '--replay'}: nothing happens that an incident is to tell of`,
      { code: 'FlagWithoutMeaning', exitCode: 2, nextStep: 'leave one of the two out' },
    );
  }
  const { findFor, linkRun, newIncident, openBefore } = await import('../use-cases/incidents/link.ts');
  const isNew = incident === newIncident;
  const opening = { needsStack: isNew };
  const to =
    isNew && opensFirst === undefined
      ? newIncident
      : await host.withIncidents(flags, opening, (desk) =>
          isNew && opensFirst !== undefined ? openBefore(desk, opensFirst, flags.since) : findFor(desk, incident),
        );
  return async (document) => {
    const note = await host.withIncidents(flags, opening, (desk) => linkRun(desk, document, to));
    return { ...document, notes: [...(document.notes ?? []), note] };
  };
}
