/**
 * What a runbook survives, as words for a table: a row a scenario and fault, each with what went wrong at the moments
 * that it did not survive. And the same as Markdown.
 */
import { plain } from './plain-text.ts';
import * as markdown from './markdown.ts';
import type { SurvivalDocument } from './schemas.ts';

type Row = SurvivalDocument['rows'][number];

/** `41 of 41`, or `39 of 41`. */
export function survivedText({ survived, moments }: Pick<Row, 'survived' | 'moments'>): string {
  return `${survived} of ${moments}`;
}

/** True where every moment was survived, and there were any: what was never tried has survived nothing. */
export function isWhole({ survived, moments, failures }: Row): boolean {
  return moments > 0 && survived === moments && failures.length === 0;
}

/** How a row ended, in a word or two; never by a colour alone. */
export function resultText(row: Row): string {
  if (row.moments === 0) return 'not tried';
  return isWhole(row) ? 'survived' : 'did not survive';
}

/** The whole in one line. */
export function survivalHeadline(survival: SurvivalDocument): { readonly good: boolean; readonly text: string } {
  const { rows, moments, survived, runbook } = survival;
  const good = rows.length > 0 && rows.every(isWhole) && survived === moments && survival.verdict === 'ok';
  const text = `${runbook} survived ${survived} of ${moments} moments in ${rows.length} ${rows.length === 1 ? 'case' : 'cases'}`;
  if (survival.verdict === 'interrupted') return { good, text: `Interrupted: so far, ${text}` };
  const nothing = '; it changed nothing there, so that nothing is proved of changes';
  return { good, text: survival.verdict === 'unknown' ? `${text}${nothing}` : text };
}

/** The table and what went wrong, with an end of line. */
export function survivalMarkdown(survival: SurvivalDocument): string {
  const failing = survival.rows.filter(({ failures }) => failures.length > 0);
  const blocks = [
    `# ${markdown.text(`What ${survival.runbook} survives`)}`,
    `**${markdown.text(survivalHeadline(survival).text)}**`,
    ...(survival.rows.length === 0
      ? ['Nothing was tried.']
      : [
          markdown.table(survival.rows, [
            { title: 'Scenario', value: ({ scenario }) => scenario, code: true },
            { title: 'Fault', value: ({ fault }) => fault },
            { title: 'Survived', value: survivedText, right: true },
            { title: 'Result', value: resultText },
          ]),
        ]),
    ...(failing.length === 0 ? [] : ['## What went wrong', ...failing.flatMap(failureBlocks)]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function failureBlocks({ scenario, fault, failures }: Row): string[] {
  const lines = failures.map(({ moment, reason }) => `- ${markdown.code(plain(moment))}: ${markdown.text(reason)}`);
  return [`### ${markdown.text(`${scenario}: ${fault}`)}`, lines.join('\n')];
}
