/** An error document as Markdown: what a report says when there is nothing else to say. */
import * as markdown from './markdown.ts';
import type { ErrorDocument } from './schemas.ts';

/** With an end of line. */
export function errorMarkdown({ error, exitCode }: ErrorDocument): string {
  const details = error.details.map((detail) => `- ${markdown.text(detail)}`);
  const blocks = [
    `**Error:** ${markdown.text(error.message)} (${markdown.code(error.code)}, exit code ${exitCode})`,
    ...(details.length === 0 ? [] : [details.join('\n')]),
    `Next: ${markdown.text(error.nextStep)}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}
