/** What a runbook survives, on a terminal: a line a scenario and fault, what went wrong below, and the whole in one line. */
import { isWhole, resultText, survivalHeadline, survivedText } from '../report/crash-table.ts';
import type { SurvivalDocument } from '../report/schemas.ts';
import { paletteOf, widthFor } from './screen.ts';
import { listTable, type TableOptions } from './table.ts';
import { plain, wrap } from './text.ts';

/** Failures of each row that are shown; the rest is counted. */
const shownFailures = 5;

/** The matrix as text, without an end of line. */
export async function crashTable(
  survival: SurvivalDocument,
  options: TableOptions & { readonly verbose: boolean },
): Promise<string> {
  const { good, bad, strong, faint } = paletteOf(options.color);
  const width = widthFor(options);
  const { rows } = survival;
  const headline = survivalHeadline(survival);
  const paint = headline.good ? good : bad;
  const rowOf = new Map(rows.map((row, index) => [String(index), row]));
  const column = (title: string, text: (row: (typeof rows)[number]) => string) => ({
    title,
    text: ({ id }: { readonly id: string }) => {
      const row = rowOf.get(id);
      return row === undefined ? '' : text(row);
    },
  });
  const table = await listTable(
    { schema: 'nanoops/list@1', items: rows.map((_row, index) => ({ id: String(index) })) },
    [
      column('scenario', ({ scenario }) => scenario),
      column('survived', survivedText),
      column('result', (row) => `${isWhole(row) ? '✓' : row.moments === 0 ? '?' : '✗'} ${resultText(row)}`),
      column('fault', ({ fault }) => fault),
    ],
    options,
  );
  const failing = rows.filter(({ failures }) => failures.length > 0);
  return [
    table,
    '',
    ...failing.flatMap(({ scenario, fault, failures }) => {
      const shown = options.verbose ? failures : failures.slice(0, shownFailures);
      const rest = failures.length - shown.length;
      return [
        ...wrap(`${plain(scenario)}: ${plain(fault)}`, width).map((line) => strong(line)),
        ...shown.flatMap(({ moment, reason }) =>
          wrap(`${plain(moment)}: ${plain(reason)}`, width - 2).map(
            (line, index) => `${index === 0 ? bad('✗') : ' '} ${line}`,
          ),
        ),
        ...(rest > 0 ? [faint(`  and ${rest} more with -v`)] : []),
        '',
      ];
    }),
    ...wrap(plain(headline.text), width - 2).map((line, index) =>
      strong(paint(`${index === 0 ? (headline.good ? '✓' : '!') : ' '} ${line}`)),
    ),
  ].join('\n');
}
