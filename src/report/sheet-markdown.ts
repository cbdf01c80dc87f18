/** A sheet as Markdown: the answer, its tables, what is to be said of single rows. */
import * as markdown from './markdown.ts';
import type { Sheet, SheetTable } from './sheet.ts';
import { counted, utcText } from './wording.ts';

/** With an end of line. */
export function sheetMarkdown(sheet: Sheet): string {
  return `${[
    `# nanoops ${markdown.text(sheet.command)}: ${markdown.text(sheet.environment)}`,
    `**${markdown.text(sheet.headline)}**`,
    `Verdict ${markdown.code(sheet.verdict)}, exit code ${sheet.exitCode}, ${markdown.text(utcText(sheet.generatedAt))}.`,
    ...sheet.tables
      .filter(({ rows }) => rows.length > 0)
      .flatMap((table) => [`## ${markdown.text(table.title)}`, tableOf(table)]),
    ...sheet.details.flatMap(({ title, lines }) => [
      `### ${markdown.text(title)}`,
      lines.map((line) => `- ${markdown.text(line)}`).join('\n'),
    ]),
    ...(sheet.nextSteps.length === 0
      ? []
      : ['## What to do', sheet.nextSteps.map((step) => `- ${markdown.code(step)}`).join('\n')]),
    ...sheet.remarks.map(markdown.text),
    `${counted(sheet.calls, 'call')}.`,
  ].join('\n\n')}\n`;
}

function tableOf({ columns, rows }: SheetTable): string {
  return markdown.table(
    rows,
    columns.map(({ title, right = false }, index) => ({
      title,
      right,
      value: (row: readonly string[]) => row[index] ?? '',
      code: index === columns.length - 1,
    })),
  );
}
