/** `nanoops incident …`: leading an incident, and learning from it. */
import type { DeclareCommand } from './command.ts';
import { declareIncidentChanges } from './incident/change.ts';
import { declareIncidentOpen } from './incident/open.ts';
import { declareIncidentPostmortem } from './incident/postmortem.ts';
import { declareIncidentShow } from './incident/show.ts';
import { examples } from './examples.ts';

export const declareIncident: DeclareCommand = (incident, host) => {
  incident
    .description(
      'Leads an incident by the clock: who has taken it, what is due, what happened; then writes it up, for the team and for customers.',
    )
    .addHelpText(
      'after',
      examples([
        ['nanoops incident open', 'asks'],
        ['nanoops incident show', 'what is due'],
        ['nanoops incident resolve', ''],
      ]),
    );
  declareIncidentOpen(incident, host);
  declareIncidentShow(incident, host);
  declareIncidentChanges(incident, host);
  declareIncidentPostmortem(incident, host);
};
