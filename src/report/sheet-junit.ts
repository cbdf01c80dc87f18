/** A sheet as JUnit: what it found is one answer, so that it has one test case, with all that it says in its text. */
import { junitXml, type TestOutcome } from './junit.ts';
import type { Sheet } from './sheet.ts';

/** With an end of line. */
export function sheetJunit(sheet: Sheet): string {
  const { command, environment, verdict, exitCode, generatedAt, headline, details, nextSteps, remarks, calls } = sheet;
  return junitXml({
    name: `nanoops ${command} (${environment})`,
    packages: ['nanoops', environment],
    at: generatedAt,
    durationMs: 0,
    properties: { command, environment, verdict, exitCode, 'aws-calls': calls },
    cases: [
      {
        name: command,
        group: command.split(' ')[0] ?? command,
        durationMs: 0,
        outcome: outcomeOf(verdict, headline),
        lines: [
          headline,
          ...tablesText(sheet),
          ...details
            .filter(({ isMinor }) => !isMinor)
            .flatMap(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)]),
          ...nextSteps.map((step) => `next  ${step}`),
          ...remarks,
        ],
      },
    ],
    lines: [],
  });
}

function outcomeOf(verdict: Sheet['verdict'], message: string): TestOutcome {
  switch (verdict) {
    case 'ok':
      return { kind: 'passed' };
    case 'attention':
      return { kind: 'failure', type: verdict, message };
    case 'unknown':
      return { kind: 'error', type: verdict, message };
  }
}

/** Each row as `column value` pairs on one line. */
function tablesText({ tables }: Sheet): readonly string[] {
  return tables.flatMap(({ title, columns, rows }) =>
    rows.length === 0
      ? []
      : [
          title,
          ...rows.map((row) => {
            const cells = columns.map((column, index) => `${column.title} ${row[index] ?? ''}`.trim());
            return `  ${cells.join(' | ')}`;
          }),
        ],
  );
}
