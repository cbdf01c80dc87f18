/** An incident as Markdown, as it stands: for a ticket, a chat, a handover. */
import type { IncidentDocument } from './incident-schemas.ts';
import { causeText, impactLine, itemText, offsetText, stateText } from './incident-text.ts';
import * as markdown from './markdown.ts';
import { utcText } from './wording.ts';

/** With an end of line. */
export function incidentMarkdown(document: IncidentDocument): string {
  const { id, severity, title, service, environment, detectedAt, asOf, checklist, timeline, actions } = document;
  return `${[
    `# ${markdown.text(`${severity} ${title}`)}`,
    `${markdown.code(id)}, ${markdown.text(`${service} (${environment})`)}${document.simulated ? ', simulated' : ''}: **${markdown.text(stateText(document))}**. Noticed ${utcText(detectedAt)}, as of ${utcText(asOf)}.`,
    [
      `- Commander: ${markdown.text(document.roles.commander ?? 'nobody')}`,
      `- Cause: ${markdown.text(causeText(document))}`,
      `- Impact: ${markdown.text(impactLine(document.impact))}`,
    ].join('\n'),
    '## Process',
    markdown.table(checklist, [
      { title: 'what', value: (item) => item.title },
      { title: 'status', value: (item) => item.status },
      { title: 'when', value: (item) => itemText(item, detectedAt, asOf) },
    ]),
    ...(actions.length === 0
      ? []
      : [
          '## Action items',
          actions
            .map(
              ({ text, owner, due }) =>
                `- [ ] ${markdown.text(`${text} (${owner ?? 'nobody'}${due === null ? '' : `, ${due}`})`)}`,
            )
            .join('\n'),
        ]),
    '## Timeline',
    markdown.table(timeline, [
      { title: 'T', right: true, value: ({ offsetMs }) => offsetText(offsetMs) },
      { title: 'what', value: ({ text }) => text },
      { title: 'source', code: true, value: ({ source }) => source },
    ]),
    ...(document.nextSteps.length === 0
      ? []
      : ['## Next', document.nextSteps.map((step) => `- ${markdown.code(step)}`).join('\n')]),
  ].join('\n\n')}\n`;
}
