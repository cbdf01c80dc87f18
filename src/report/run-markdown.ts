/**
 * A run as Markdown, for an incident channel or a post-mortem: the verdict first, then what it rests on, then every step
 * and what the run did to the account. Times are UTC, since readers sit in several zones.
 */
import { confidenceText } from '../cloud/quantity.ts';
import { changeGroups, howToLook, whatDiffers } from './change-text.ts';
import * as markdown from './markdown.ts';
import { plain } from './plain-text.ts';
import { recoveryBlocks } from './recovery-markdown.ts';
import { runStepText } from './run-step-text.ts';
import type { RunDocument, RunStepDocument } from './schemas.ts';
import {
  commandsOf,
  confidenceInWords,
  otherStepsOf,
  apiUseText,
  durationText,
  headlineNamesCause,
  headlineOf,
  utcText,
} from './wording.ts';

type Cause = RunDocument['causes'][number];
type Evidence = Cause['for'][number];

/** The report, with an end of line. */
export function runMarkdown(run: RunDocument | RunStepDocument): string {
  if (run.schema === 'nanoops/run-step@1')
    return `${[markdown.text(runStepText(run)), ...goesOnWith(run.nextSteps)].join('\n\n')}\n`;
  const blocks = [
    `# ${markdown.text(`${run.runbook} on ${run.environment}`)}`,
    `**${markdown.text(headlineOf(run).text)}**`,
    facts(run),
    ...goesOn(run),
    ...recoveryBlocks(run),
    ...changed(run),
    ...causes(run),
    ...notes(run),
    '## Steps',
    steps(run),
    ...(run.mutations.length === 0 ? ['## Changes', 'None.'] : []),
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
    if (symptom.onset !== null) lines.push(['Began', utcText(symptom.onset)]);
    if (symptom.onset !== null) lines.push(['Ended', symptom.endedAt === null ? 'not yet' : utcText(symptom.endedAt)]);
  }
  if (escalation !== undefined) lines.push([escalation.due ? 'Escalate now' : 'Escalation', escalation.summary]);
  lines.push(['Looked at', `${utcText(run.startedAt)}, for ${durationText(run.durationMs)} (${run.mode})`]);
  if (run.resumptions !== undefined && run.resumptions > 0) {
    lines.push(['Taken up again', run.resumptions === 1 ? 'once' : `${run.resumptions} times`]);
  }
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
  const likelihood = `${confidenceInWords(cause.confidence)}, ${confidenceText(cause.confidence)}`;
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

function notes(run: RunDocument): string[] {
  const { notes: all = [] } = run;
  const nextSteps = otherStepsOf(run);
  const known = all.map((note) => `- ${markdown.text(note)}`).join('\n');
  const next = nextSteps.map((step) => `- **Next:** ${markdown.text(step)}`).join('\n');
  const blocks = [known, next].filter((block) => block !== '');
  return blocks.length === 0 ? [] : ['## Notes', ...blocks];
}

function steps(run: RunDocument): string {
  return markdown.table(run.steps, [
    { title: 'Step', value: (step) => step.id, code: true },
    { title: 'Status', value: (step) => step.status },
    ...(run.steps.some((step) => step.basis !== undefined)
      ? [{ title: 'Basis', value: (step: RunDocument['steps'][number]) => step.basis ?? '' }]
      : []),
    { title: 'Found', value: (step) => step.detail },
    { title: 'Time', value: (step) => (step.durationMs === 0 ? '' : durationText(step.durationMs)), right: true },
    { title: 'Attempts', value: (step) => String(step.attempts), right: true },
  ]);
}

/** What is different now stands first; what nobody knows says how to find out. */
function changed({ mutations, mode }: RunDocument): string[] {
  if (mutations.length === 0) return [];
  const groups = changeGroups(mutations).flatMap(({ status, title, changes }) => [
    `### ${markdown.text(title)}`,
    markdown.table(changes, [
      { title: 'Change', value: ({ operation }) => operation, code: true },
      { title: 'Resource', value: ({ resource }) => resource, code: true },
      { title: 'Region', value: ({ region }) => region },
      { title: 'What', value: whatDiffers },
      { title: 'Step', value: ({ stepId }) => stepId, code: true },
    ]),
    ...(status === 'unknown'
      ? [changes.map((each) => `- **Next:** ${markdown.text(howToLook(each))}`).join('\n')]
      : []),
  ]);
  return [mode === 'dry-run' ? '## Planned changes' : '## Changed', ...groups];
}

function goesOn(run: RunDocument): string[] {
  if (run.suspended === undefined) return [];
  const commands = commandsOf(run);
  const why = `**Suspended:** ${markdown.text(run.suspended.reason)}`;
  return [why, ...goesOnWith(commands)];
}

function goesOnWith(commands: readonly string[]): string[] {
  return commands.length === 0 ? [] : ['It goes on with:', markdown.codeBlock(commands.map(plain).join('\n'), 'sh')];
}

function apiUse(run: RunDocument): string {
  const { api } = run;
  const total = `${apiUseText(run)}.`;
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
