/** `nanoops incident list|show`. */
import type { Command } from 'commander';
import { cell, type Host } from '../command.ts';
import type { StackFlags } from '../flags.ts';
import { optionsOf, refuseUnused, withIncidentFlags } from './flags.ts';
import { examples } from '../examples.ts';

export function declareIncidentShow(incident: Command, host: Host): void {
  withIncidentFlags(incident.command('list'))
    .option('--open', 'only those that are not over')
    .summary('list the incidents, newest first')
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops incident list --open', 'those that are not over'],
          ['nanoops incident list --sandbox', 'those of the simulated AWS'],
        ],
        '0 listed, and none is overdue; 1 something is; 2 wrong usage; 3 one could not be read.',
      ),
    )
    .description(
      'Lists the incidents of this stack, newest first. Those of the simulated AWS are apart: add --sandbox.',
    )
    .action(async (flags: StackFlags & { readonly open?: boolean }) => {
      refuseUnused(flags);
      const { listIncidents } = await import('../../use-cases/incidents/list.ts');
      const listed = await host.withIncidents(flags, { needsStack: false }, (desk) =>
        listIncidents(desk, { onlyOpen: flags.open === true }),
      );
      await host.showList(flags, {
        ...listed,
        whenEmpty: `no incident is ${flags.open === true ? 'open' : 'kept'}: nanoops incident open opens one`,
        columns: [
          { title: 'incident', text: ({ id }) => id },
          { title: 'severity', text: ({ severity }) => cell(severity) },
          { title: 'state', text: ({ state, status }) => cell(state ?? status) },
          {
            title: 'noticed',
            text: ({ detectedAt }) =>
              cell(detectedAt)
                .replace(/:\d\d\.\d+Z$/, 'Z')
                .replace('T', ' '),
          },
          { title: 'due', text: ({ due }) => cell(due) },
          { title: 'what', text: ({ title, summary }) => cell(title ?? summary) },
        ],
      });
    });

  withIncidentFlags(incident.command('show'))
    .argument('[id]', 'the incident, its word or its beginning (default: the only one that is open)')
    .summary('how an incident stands, and what is due')
    .description('Shows an incident: what is due and overdue, who does what, what is known, and what happened.')
    .addHelpText(
      'after',
      `
Examples:
  nanoops incident show                the only one that is open
  nanoops incident show tango          1126-tango
  nanoops incident show 1126-tango -v  with all of the timeline, and the kept lines of logs

Exit codes: 0 nothing is overdue; 1 something is; 2 no such incident; 3 what is kept could not be read.`,
    )
    .action(async (id: string | undefined, flags: StackFlags) => {
      refuseUnused(flags);
      const [{ knownOf }, { incidentDocumentOf }] = await Promise.all([
        import('../../use-cases/incidents/desk.ts'),
        import('../../use-cases/incidents/document.ts'),
      ]);
      const shown = await host.withIncidents(flags, { needsStack: false }, async (desk) => {
        const known = await knownOf(desk, await desk.book.find(id));
        return {
          document: incidentDocumentOf(known, { options: optionsOf(flags) }),
          events: known.found.incident.events,
          isBrief: false,
        };
      });
      await host.showIncident(flags, shown);
    });
}
