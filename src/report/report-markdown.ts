/** A report of checks as Markdown: the answer, tables with what was measured against what is aimed for, then the evidence. */
import * as markdown from './markdown.ts';
import { observedText } from './observed-text.ts';
import {
  isChecklist,
  isOpen,
  reportHeadline,
  lookOf,
  sectionsOf,
  stepsToTake,
  toldApart,
  tallyOf,
  type ReportCheck,
} from './report-text.ts';
import type { ReportDocument } from './schemas.ts';
import { counted, utcText } from './wording.ts';

/** With an end of line. */
export function reportMarkdown(report: ReportDocument): string {
  const { text } = reportHeadline(report);
  const sections = sectionsOf(report);
  const open = sections.flatMap(({ checks }) => checks.filter(isOpen));
  const absent = report.checks.filter(({ status }) => status === 'not-configured');
  return `${[
    `# nanoops ${markdown.text(report.command)}: ${markdown.text(report.environment)}`,
    `**${markdown.text(text)}**`,
    `${report.summary === undefined ? '' : `${markdown.text(tallyOf(report.checks))}. `}Verdict ${markdown.code(report.verdict)}, exit code ${report.exitCode}, ${markdown.text(utcText(report.generatedAt))}.`,
    ...(isChecklist(report)
      ? [checkboxes(report.checks)]
      : open.some(({ nextStep }) => typeof nextStep === 'string')
        ? ['## What to do', nextSteps(open)]
        : []),
    ...sections.flatMap(({ title, checks }) => [`## ${markdown.text(title)}`, tableOf(checks)]),
    ...(absent.length === 0
      ? []
      : [
          '## Not configured',
          absent.map(({ title, summary }) => `- ${markdown.text(`${title}: ${summary}`)}`).join('\n'),
        ]),
    '## Evidence',
    evidenceOf(report.checks),
    `${counted(report.api.calls, 'call')}, ${counted(report.api.mutations, 'change')}.`,
  ].join('\n\n')}\n`;
}

/** What is gone through point by point is shown so, in its own order: ticked is what is well, and the rest has its next step. */
function checkboxes(checks: readonly ReportCheck[]): string {
  return checks
    .map((check) => {
      const { status, title, summary, nextStep } = check;
      const isTicked = status === 'ok' || status === 'not-configured';
      const next = isOpen(check) && typeof nextStep === 'string' ? ` Next: ${markdown.code(nextStep)}` : '';
      const said = `${markdown.text(lookOf(check).word)}, ${markdown.text(summary)}`;
      return `- [${isTicked ? 'x' : ' '}] **${markdown.text(title)}**: ${said}${next}`;
    })
    .join('\n');
}

function nextSteps(checks: readonly ReportCheck[]): string {
  return stepsToTake(toldApart(checks))
    .map(({ titles, nextStep }) => `- ${markdown.text(titles.join(', '))}: ${markdown.code(nextStep)}`)
    .join('\n');
}

function tableOf(checks: readonly ReportCheck[]): string {
  const any = (value: (check: ReportCheck) => string): boolean => checks.some((check) => value(check) !== '');
  const figures = [
    { title: 'measured', value: observedText, right: true },
    { title: 'target', value: ({ target }: ReportCheck) => target ?? '', right: true },
    { title: 'alert', value: ({ alert }: ReportCheck) => alert ?? '', right: true },
  ];
  return markdown.table(checks, [
    { title: '', value: (check) => `${lookOf(check).mark} ${lookOf(check).word}` },
    { title: 'check', value: ({ title }) => title },
    ...figures.filter(({ value }) => any(value)),
    { title: 'found', value: ({ summary }) => summary },
    { title: 'id', value: ({ id }) => id, code: true },
  ]);
}

function evidenceOf(checks: readonly ReportCheck[]): string {
  const rows = checks.flatMap(({ id, evidence }) => evidence.map((each) => ({ id, ...each })));
  return markdown.table(rows, [
    { title: 'check', value: ({ id }) => id, code: true },
    { title: 'seen', value: ({ detail }) => detail },
    { title: 'by', value: ({ source }) => source, code: true },
    { title: 'in', value: ({ region }) => region },
  ]);
}
