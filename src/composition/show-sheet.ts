/** Shows a sheet, or the document behind it, in the format that the flags ask for, and writes it to where `--report` says. */
import type { ShownSheet } from '../commands/command.ts';
import { outputOf, type StackFlags } from '../commands/flags.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';
import { jsonText } from '../report/json-text.ts';

/** As ndjson, an item a line. */
export async function sheetText(
  io: Io,
  flags: StackFlags,
  { document, items, sheet, drawing = 'text' }: ShownSheet,
): Promise<string> {
  switch (outputOf(flags)) {
    case 'json':
      return jsonText(document, 2);
    case 'ndjson':
      return items.map((item) => jsonText(item)).join('\n');
    case 'junit': {
      const { sheetJunit } = await import('../report/sheet-junit.ts');
      return sheetJunit(sheet);
    }
    case 'markdown': {
      const { sheetMarkdown } = await import('../report/sheet-markdown.ts');
      return sheetMarkdown(sheet);
    }
    case 'human': {
      if (drawing === 'mermaid' && sheet.dependencies !== undefined) {
        const { dependencyMermaid } = await import('../report/dependency-mermaid.ts');
        return dependencyMermaid(sheet.dependencies);
      }
      const { sheetView } = await import('../terminal/sheet-view.ts');
      return sheetView(sheet, {
        columns: columnsOf(io),
        color: colorLevel(flags, io, io.stdout) > 0,
        verbosity: flags.quiet === true ? -1 : flags.verbose === true ? 1 : 0,
      });
    }
  }
}

export async function writeSheet({ report }: StackFlags, { document, sheet }: ShownSheet): Promise<void> {
  if (report === undefined) return;
  const { writeReport } = await import('../report/report-file.ts');
  await writeReport(report, document, {
    markdown: async () => (await import('../report/sheet-markdown.ts')).sheetMarkdown(sheet),
    html: async () => (await import('../report/html/sheet-html.ts')).sheetHtml(sheet),
    junit: async () => (await import('../report/sheet-junit.ts')).sheetJunit(sheet),
  });
}
