/** What a move to another region came to, as blocks of Markdown: objectives, the plan of minutes, the data, lessons. */
import * as markdown from './markdown.ts';
import {
  budgetTotals,
  objectiveText,
  objectiveViews,
  phasesOf,
  recoveryModeText,
  spanText,
  splitBrainText,
  stateMark,
  stateText,
  type Objectives,
  type Recovery,
} from './objective-text.ts';
import type { RunDocument } from './schemas.ts';
import { utcText } from './wording.ts';

interface Way {
  readonly objectives: Objectives | undefined;
  readonly recovery: Recovery | undefined;
}

/** Empty where a run has no objectives and moves nothing. */
export function recoveryBlocks(run: RunDocument): string[] {
  const { objectives, recovery, failback } = run;
  return [
    ...wayBlocks(failback === undefined ? 'Objectives' : 'Objectives, way there', { objectives, recovery }, run),
    ...(failback === undefined ? [] : wayBlocks('Objectives, way back', failback, run)),
    ...lessons(run),
  ];
}

function wayBlocks(title: string, { objectives, recovery }: Way, { mode }: RunDocument): string[] {
  if (objectives === undefined && recovery === undefined) return [];
  return [
    `## ${title}`,
    ...(recovery === undefined ? [] : [facts(recovery)]),
    ...(recovery === undefined ? [] : warnings(recovery)),
    ...(objectives === undefined ? [] : objectiveTables(objectives, mode)),
    ...(recovery === undefined ? [] : [...budget(recovery, objectives), ...consistency(recovery)]),
  ];
}

function facts({ from, to, mode, isSimulated, outageAt, outageBasis, ...recovery }: Recovery): string {
  const lines: readonly (readonly [string, string])[] = [
    ['Regions', `${from} → ${to}${isSimulated ? ', on the simulated AWS' : ''}`],
    ['Database', recoveryModeText({ mode })],
    ...(outageAt === null ? [] : [['Outage', `${utcText(outageAt)} (${outageBasis})`] as const]),
    ...(recovery.decideBy === null ? [] : [['Latest yes for RTO', utcText(recovery.decideBy)] as const]),
  ];
  return lines.map(([label, value]) => `- **${label}:** ${markdown.text(value)}`).join('\n');
}

function warnings({ splitBrain, blockers }: Recovery): string[] {
  return [
    ...(splitBrain === 'possible' ? [`**Two regions may write.** ${markdown.text(splitBrainText)}`] : []),
    ...(blockers.length === 0
      ? []
      : ['What stands in the way:', blockers.map((blocker) => `- ${markdown.text(blocker)}`).join('\n')]),
  ];
}

function objectiveTables(objectives: Objectives, mode: RunDocument['mode']): string[] {
  const views = objectiveViews(objectives, mode);
  const [rto, rpo] = views;
  const { stores } = objectives.rpo;
  const phases = phasesOf(objectives);
  const known = (ms: number | null, source: string): string => (ms === null ? `not ${source}` : spanText(ms));
  return [
    markdown.table(views, [
      { title: 'Objective', value: ({ name }) => name },
      { title: 'Came to', value: objectiveText },
      { title: 'Result', value: ({ state }) => `${stateMark(state)} ${stateText(state)}` },
      { title: 'Predicted', value: ({ predictedMs }) => known(predictedMs, 'predicted'), right: true },
    ]),
    ...(rto.rests === undefined || rto.predictedMs === null ? [] : [`RTO is predicted ${markdown.text(rto.rests)}.`]),
    ...(phases.every(({ ms }) => ms === null)
      ? []
      : [
          markdown.table(phases, [
            { title: 'Phase', value: ({ name }) => name },
            { title: 'Time', value: ({ ms }) => known(ms, rto.source), right: true },
          ]),
        ]),
    ...(stores.length === 0
      ? []
      : [
          markdown.table(stores, [
            { title: 'Store', value: ({ store }) => store },
            { title: 'Lost', value: ({ lossMs }) => known(lossMs, rpo.source), right: true },
            { title: 'Basis', value: ({ basis }) => basis },
          ]),
        ]),
  ];
}

function budget(recovery: Recovery, objectives: Objectives | undefined): string[] {
  if (recovery.budget.length === 0) return [];
  const total = { title: 'From end to end', ...budgetTotals(recovery.budget, objectives) };
  return [
    '### Against the plan of minutes',
    markdown.table(
      [...recovery.budget, total],
      [
        { title: 'Part', value: ({ title }) => title },
        { title: 'Planned', value: ({ plannedMs }) => spanText(plannedMs), right: true },
        {
          title: 'Predicted',
          value: ({ predictedMs }) => (predictedMs === null ? 'not predicted' : spanText(predictedMs)),
          right: true,
        },
        {
          title: 'Measured',
          value: ({ measuredMs }) => (measuredMs === null ? 'not measured' : spanText(measuredMs)),
          right: true,
        },
      ],
    ),
  ];
}

function consistency({ consistency: checks }: Recovery): string[] {
  if (checks.length === 0) return [];
  return [
    '### Is the data consistent?',
    markdown.table(checks, [
      { title: 'Program', value: ({ program }) => program, code: true },
      {
        title: 'Result',
        value: ({ ok }) => (ok === null ? '? not known' : ok ? '✓ consistent' : '✗ not consistent'),
      },
      { title: 'Found', value: ({ detail }) => detail },
    ]),
  ];
}

function lessons({ recovery, failback }: RunDocument): string[] {
  const all = [...(recovery?.lessons ?? []), ...(failback?.recovery.lessons ?? [])];
  return all.length === 0 ? [] : ['## Lessons', all.map((lesson) => `- ${markdown.text(lesson)}`).join('\n')];
}
