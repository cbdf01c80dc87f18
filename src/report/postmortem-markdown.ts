/** A post-mortem as Markdown, in the order of the specification's template: filled as far as anything is known. */
import type { PostmortemDocument, PublicPostmortemDocument } from './incident-schemas.ts';
import { offsetText } from './incident-text.ts';
import * as markdown from './markdown.ts';
import { actionText, impactRows, lengthText, rootCauseText, timeRows, timeSpan } from './postmortem-text.ts';
import { utcText } from './wording.ts';

/** With an end of line. */
export function postmortemMarkdown(document: PostmortemDocument): string {
  const { detectedAt, durationMs, severity, id, title, service, environment, simulated, basis } = document;
  const { timeline, changes, actions, lessons, questions, gaps, logs, cause, resolution } = document;
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
  const rows = (pairs: readonly (readonly [string, string])[]): string =>
    list(pairs.map(([name, value]) => `${name}: ${markdown.text(value)}`));
  return `${[
    '# Incident Post-Mortem',
    [
      `**Date:** ${detectedAt.slice(0, 10)}`,
      `**Time:** ${timeSpan(document)}`,
      `**Duration:** ${lengthText(durationMs)}`,
      `**Severity:** ${severity}`,
      `**${basis === 'run' ? 'Run' : 'Incident'}:** ${markdown.code(id)}, ${markdown.text(`${service} (${environment})${simulated ? ', simulated' : ''}`)}`,
    ].join('  \n'),
    `**${markdown.text(title)}**`,
    '## Summary',
    markdown.text(document.summary),
    rows(timeRows(document)),
    '## Timeline',
    list(
      timeline.map(
        ({ offsetMs, text, source }) => `${offsetText(offsetMs)}: ${markdown.text(text)} (${markdown.code(source)})`,
      ),
    ),
    '## Root Cause',
    markdown.text(rootCauseText(document)),
    ...(cause === null ? [] : [`Named by ${markdown.text(cause.basis)}.`]),
    '## Impact',
    rows(impactRows(document)),
    '## Resolution',
    markdown.text(resolution ?? 'Nobody has written down how it was fixed.'),
    ...(changes.length === 0
      ? ['No run changed anything.']
      : [
          markdown.table(changes, [
            { title: 'T', right: true, value: ({ at }) => offsetText(Date.parse(at) - Date.parse(detectedAt)) },
            { title: 'change', value: ({ summary }) => summary },
            { title: 'status', value: ({ status }) => status },
            {
              title: 'call',
              code: true,
              value: ({ operation, resource, region }) => `${operation} ${resource} (${region})`,
            },
          ]),
        ]),
    '## Action Items (Assigned, Due Date)',
    actions.length === 0
      ? '- [ ] ____ (owner: ____, due: ____)'
      : actions.map((action) => `- [ ] ${markdown.text(actionText(action))}`).join('\n'),
    '## Lessons Learned',
    list([...lessons, ...questions].map(markdown.text)),
    ...(gaps.length === 0 ? [] : ['## Not Seen', list(gaps.map(markdown.text))]),
    ...logs
      .filter(({ lines }) => lines.length > 0)
      .flatMap(({ group, region, lines }) => [
        `## Log Lines: ${markdown.text(`${group} (${region})`)}`,
        markdown.codeBlock(lines.map(({ at, message }) => `${at} ${message.replaceAll('\n', ' ')}`).join('\n')),
      ]),
    `Written by nanoops, ${utcText(document.generatedAt)}.`,
  ].join('\n\n')}\n`;
}

/** With an end of line. */
export function publicPostmortemMarkdown(document: PublicPostmortemDocument): string {
  const { title, detectedAt, durationMs, summary, timeline, cause, causeConfirmed, impact, resolution, improvements } =
    document;
  return `${[
    `# ${markdown.text(title)}`,
    [
      `**Date:** ${detectedAt.slice(0, 10)}`,
      `**Time:** ${timeSpan(document)}`,
      `**Duration:** ${lengthText(durationMs)}`,
    ].join('  \n'),
    '## Summary',
    markdown.text(summary),
    '## Timeline',
    timeline.map(({ at, text }) => `- ${at.slice(11, 16)} UTC: ${markdown.text(text)}`).join('\n'),
    '## Cause',
    markdown.text(`${cause}${causeConfirmed ? '' : ' This is our present view; we go on looking into it.'}`),
    '## Impact',
    impact.map((line) => `- ${markdown.text(line)}`).join('\n'),
    '## Resolution',
    markdown.text(resolution),
    '## What we do about it',
    markdown.text(improvements),
  ].join('\n\n')}\n`;
}
