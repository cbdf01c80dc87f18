/** A sheet as Markdown: the answer, its tables, what is to be said of single rows. */
import * as markdown from './markdown.ts';
import { quantity } from '../cloud/quantity.ts';
import { dependencyMermaid } from './dependency-mermaid.ts';
import type { WaterfallFigure, WaterfallRow } from './figures.ts';
import type { Sheet, SheetTable } from './sheet.ts';
import { counted, utcText } from './wording.ts';

/** With an end of line. */
export function sheetMarkdown(sheet: Sheet): string {
  return `${[
    `# nanoops ${markdown.text(sheet.command)}: ${markdown.text(sheet.environment)}`,
    `**${markdown.text(sheet.headline)}**`,
    `Verdict ${markdown.code(sheet.verdict)}, exit code ${sheet.exitCode}, ${markdown.text(utcText(sheet.generatedAt))}.`,
    ...(sheet.waterfall === undefined ? [] : ['## Waterfall', waterfallOf(sheet.waterfall)]),
    ...(sheet.dependencies === undefined
      ? []
      : ['## Map', `\`\`\`mermaid\n${dependencyMermaid(sheet.dependencies)}\n\`\`\``]),
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

/** Depth shows as the label's distance: a table has no tree. */
function waterfallOf({ rows, omitted }: WaterfallFigure): string {
  const time = (ms: number | undefined): string => (ms === undefined ? 'not known' : quantity(ms, 'ms'));
  const table = markdown.table(rows, [
    { title: 'waited for', value: ({ isCritical }: WaterfallRow) => (isCritical ? '●' : '') },
    { title: 'begins', right: true, value: ({ startMs }: WaterfallRow) => quantity(startMs, 'ms') },
    { title: 'took', right: true, value: ({ tookMs }: WaterfallRow) => time(tookMs) },
    { title: 'in itself', right: true, value: ({ selfMs }: WaterfallRow) => time(selfMs) },
    {
      title: 'part',
      code: true,
      value: ({ depth, label, isFault }: WaterfallRow) =>
        `${'› '.repeat(Math.min(depth, 8))}${isFault ? '! ' : ''}${label}`,
    },
  ]);
  return omitted > 0 ? `${table}\n\n${counted(omitted, 'more part')}.` : table;
}
