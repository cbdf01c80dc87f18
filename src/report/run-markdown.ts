/**
 * A run as Markdown, for an incident channel or a post-mortem: the verdict first, then what it rests on, then every step
 * and what the run did to the account. Times are UTC, since readers sit in several zones.
 */
import * as markdown from './markdown.ts';
import { plain } from './plain-text.ts';
import type { RunDocument } from './schemas.ts';
import { confidenceInWords, counted, durationText, headlineNamesCause, headlineOf, percent } from './wording.ts';

type Cause = RunDocument['causes'][number];
type Evidence = Cause['for'][number];

/** The report, with an end of line. */
export function runMarkdown(run: RunDocument): string {
  const blocks = [
    `# ${markdown.text(`${run.runbook} on ${run.environment}`)}`,
    `**${markdown.text(headlineOf(run).text)}**`,
    facts(run),
    ...causes(run),
    ...notes(run),
    '## Steps',
    steps(run),
    '## Changes',
    changes(run),
    '## API use',
    apiUse(run),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function facts(run: RunDocument): string {
  const { symptom, escalation } = run;
  const lines: [string, string][] = [['Verdict', `${run.verdict} (exit code ${run.exitCode})`]];
  if (symptom !== undefined) {
    lines.push(['Symptom', symptom.summary]);
    if (symptom.onset !== null) lines.push(['Began', utc(symptom.onset)]);
    if (symptom.onset !== null) lines.push(['Ended', symptom.endedAt === null ? 'not yet' : utc(symptom.endedAt)]);
  }
  if (escalation !== undefined) lines.push([escalation.due ? 'Escalate now' : 'Escalation', escalation.summary]);
  lines.push(['Looked at', `${utc(run.startedAt)}, for ${durationText(run.durationMs)} (${run.mode})`]);
  return [
    ...lines.map(([label, value]) => `- **${label}:** ${markdown.text(value)}`),
    `- **Run:** ${markdown.code(run.runId)}`,
  ].join('\n');
}

function causes(run: RunDocument): string[] {
  if (run.causes.length === 0) return [];
  return ['## Causes', ...run.causes.flatMap((cause) => causeBlocks(cause, headlineNamesCause(run)))];
}

function causeBlocks(cause: Cause, named: boolean): string[] {
  const likelihood = `${confidenceInWords(cause.confidence)}, ${percent(cause.confidence)}`;
  return [
    `### ${cause.rank}. ${markdown.text(`${cause.cause} on ${cause.component}`)} (${likelihood})`,
    ...(cause.rank === 1 && named ? [] : [markdown.text(cause.summary)]),
    ...evidence('For', cause.for),
    ...evidence('Against', cause.against),
    ...evidence('Missing', cause.missing),
    ...remediation(cause),
  ];
}

function evidence(label: string, all: readonly Evidence[]): string[] {
  if (all.length === 0) return [];
  const lines = all.map(
    ({ detail, source, region }) => `- ${markdown.text(detail)} (${markdown.code(source)}, ${markdown.text(region)})`,
  );
  return [`${label}:`, lines.join('\n')];
}

function remediation({ remediation: remedy }: Cause): string[] {
  if (remedy === undefined) return [];
  const text = `**What helps:** ${markdown.text(remedy.summary)}`;
  return remedy.command === undefined ? [text] : [text, markdown.codeBlock(plain(remedy.command), 'sh')];
}

function notes({ notes: all = [], nextSteps = [] }: RunDocument): string[] {
  const known = all.map((note) => `- ${markdown.text(note)}`).join('\n');
  const next = nextSteps.map((step) => `- **Next:** ${markdown.text(step)}`).join('\n');
  const blocks = [known, next].filter((block) => block !== '');
  return blocks.length === 0 ? [] : ['## Not known', ...blocks];
}

function steps(run: RunDocument): string {
  return markdown.table(run.steps, [
    { title: 'Step', value: (step) => step.id, code: true },
    { title: 'Status', value: (step) => step.status },
    { title: 'Found', value: (step) => step.detail },
    { title: 'Time', value: (step) => (step.durationMs === 0 ? '' : durationText(step.durationMs)), right: true },
    { title: 'Attempts', value: (step) => String(step.attempts), right: true },
  ]);
}

function changes({ mutations }: RunDocument): string {
  if (mutations.length === 0) return 'None.';
  return markdown.table(mutations, [
    { title: 'Change', value: (change) => change.operation, code: true },
    { title: 'Resource', value: (change) => change.resource, code: true },
    { title: 'Region', value: (change) => change.region },
    { title: 'Status', value: (change) => change.status },
    { title: 'Step', value: (change) => change.stepId, code: true },
  ]);
}

function apiUse({ api }: RunDocument): string {
  const total = `${counted(api.calls, 'call')}, ${counted(api.mutations, 'change')}.`;
  const operations = Object.entries(api.byOperation).toSorted(([a], [b]) => a.localeCompare(b));
  if (operations.length === 0) return total;
  return [
    total,
    '',
    markdown.table(operations, [
      { title: 'Operation', value: ([operation]) => operation, code: true },
      { title: 'Calls', value: ([, calls]) => String(calls), right: true },
    ]),
  ].join('\n');
}

/** To the second, so that it can be put beside other timelines. */
function utc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
