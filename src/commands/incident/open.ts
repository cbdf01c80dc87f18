/** `nanoops incident open`. */
import { Option, type Command } from 'commander';
import { NanoopsError } from '../../errors.ts';
import type { Host } from '../command.ts';
import type { StackFlags } from '../flags.ts';
import { optionsOf, refuseUnused, withIncidentFlags } from './flags.ts';

interface OpenFlags extends StackFlags {
  readonly title?: string;
  readonly severity?: string;
  readonly detected?: string;
  readonly fromAlert?: string;
  readonly public?: string;
  readonly commander?: string;
  readonly look: boolean;
}

export function declareIncidentOpen(incident: Command, host: Host): void {
  withIncidentFlags(incident.command('open'), ['--since', '--timeout', '--seed'])
    .addOption(new Option('--severity <severity>', 'SEV-1 (down) to SEV-4 (for the backlog)'))
    .option('--title <text>', 'what is wrong, in one line')
    .option('--detected <when>', 'when it was noticed, which is T+0: a time or how long ago (default: now)')
    .option('--from-alert <check-id>', 'what alerts check tells of: alert-error-rate; gives title and severity, too')
    .option('--commander <who>', 'who leads it')
    .option('--public <text>', 'what customers read on the status page')
    .option('--no-look', 'keep nothing of what the stack shows now (alarms, deployments, log lines, metrics)')
    .summary('open an incident')
    .description(
      'Opens an incident and tells who is to know; then keeps what the stack shows, before it expires. Asks for what is not given, at a terminal. --since says when the trouble began.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops incident open                                                asks
  nanoops incident open --severity SEV-1 --title "API answers 503"
  nanoops incident open --severity SEV-2 --title "API is slow" --since 12m --detected 4m
  nanoops incident open --from-alert alert-error-rate                  as nanoops alerts check tells it
  nanoops incident open --severity SEV-2 --title "API is slow" --sandbox slow-query

Exit codes: 0 it is open; 2 wrong usage or configuration; 5 it could not be written: nothing is open.`,
    )
    .action(async (flags: OpenFlags) => {
      refuseUnused(flags, ['since']);
      const [{ openIncident }, { severityChoices, severityNamed }, { knownOf }, { incidentDocumentOf }] =
        await Promise.all([
          import('../../use-cases/incidents/open.ts'),
          import('../../use-cases/incidents/severity.ts'),
          import('../../use-cases/incidents/desk.ts'),
          import('../../use-cases/incidents/document.ts'),
        ]);
      const typed = flags.severity === undefined ? undefined : severityNamed(flags.severity);
      const tells = flags.fromAlert !== undefined;
      const asked =
        tells || (typed !== undefined && flags.title !== undefined)
          ? undefined
          : await host.askForIncident(flags, {
              ...(typed === undefined ? { severities: severityChoices() } : {}),
              title: flags.title === undefined,
            });
      const severity = typed ?? asked?.severity;
      const title = flags.title ?? asked?.title;
      if (!tells && (severity === undefined || title === undefined)) throw notSaid(severity, severityChoices());
      const shown = await host.withIncidents(flags, { needsStack: true }, async (desk) => {
        const { found } = await openIncident(desk, {
          title,
          severity,
          since: flags.since,
          detected: flags.detected,
          fromAlert: flags.fromAlert,
          publicText: flags.public,
          commander: flags.commander,
          looks: flags.look,
        });
        const document = incidentDocumentOf(await knownOf(desk, found), {
          done: `opened as ${found.incident.severity}`,
          options: optionsOf(flags),
        });
        return { document, events: found.incident.events, isBrief: true };
      });
      await host.showIncident(flags, shown);
    });
}

function notSaid(
  severity: string | undefined,
  choices: readonly { readonly value: string; readonly title: string }[],
): NanoopsError {
  return new NanoopsError(severity === undefined ? 'how bad is it?' : 'what is wrong?', {
    code: severity === undefined ? 'SeverityMissing' : 'TitleMissing',
    exitCode: 2,
    details: severity === undefined ? choices.map(({ value, title }) => `${value}  ${title}`) : [],
    nextStep: `nanoops incident open --severity ${severity ?? 'SEV-2'} --title "…"`,
  });
}
