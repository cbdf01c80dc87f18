/**
 * The words for schedules of drills and for their history, the same on a terminal and on a page: columns of tables, and
 * what is remarked under them. Text that comes out of here may hold text from data: whoever shows it makes it safe for the
 * place.
 */
import type { CoverageItem, DrillHistory, PastRunItem } from '../use-cases/drill-history.ts';
import type { DrillDateItem, DrillSchedule } from '../use-cases/drills.ts';
import { spanText } from './objective-text.ts';
import { counted, durationText, percent } from './wording.ts';

/** A column of a table of drills: `text` takes it from a row. */
export interface DrillColumn<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export function scheduleColumns({ items, timeZone }: DrillSchedule): readonly DrillColumn<DrillDateItem>[] {
  const isUtc = timeZone === 'UTC';
  return [
    { title: 'date', text: ({ id }) => id },
    { title: `in ${timeZone}`, text: ({ local }) => localText(local, isUtc) },
    ...(isUtc ? [] : [{ title: 'in UTC', text: ({ at }: DrillDateItem) => `${at.slice(0, 10)} ${at.slice(11, 16)}` }]),
    { title: 'when', text: ({ inDays }) => daysText(inDays) },
    ...(items.some((item) => noteOf(item) !== '') ? [{ title: 'note', text: noteOf }] : []),
  ];
}

/** `Tue 15:00 (UTC+01:00)` */
function localText(local: string, isUtc: boolean): string {
  const day = new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay();
  return `${weekdays[day] ?? ''} ${local.slice(11, 16)}${isUtc ? '' : ` (UTC${local.slice(16)})`}`;
}

function daysText(days: number): string {
  if (days === 0) return 'today';
  if (Math.abs(days) === 1) return days > 0 ? 'tomorrow' : 'yesterday';
  return days > 0 ? `in ${days} days` : `${-days} days ago`;
}

function noteOf({ skipped, reason, clockChange }: DrillDateItem): string {
  if (skipped) return `skipped: ${reason ?? 'blackout'}`;
  if (clockChange === 'moved-forward') return 'later than scheduled: the clocks skip that hour on this day';
  if (clockChange === 'first-of-two') return 'the first of two: the clocks are put back on this day';
  return '';
}

export function scheduleRemarks(schedule: DrillSchedule): readonly string[] {
  const { items, origin, complete, timeZone } = schedule;
  const rule = schedule.schedule.replace(/ [a-z]/, (letter) => letter.toUpperCase());
  const held = items.filter(({ skipped }) => !skipped).length;
  return [
    origin === null
      ? `No nanoops.yaml: this is the default, ${rule} ${timeZone}. Set drill.schedule and drill.timeZone to change it.`
      : `${rule} ${timeZone}, by ${origin}.`,
    ...(complete ? [] : [`Only ${counted(held, 'drill')}: the blackouts leave no other in ten years.`]),
  ];
}

export function historyColumns(isVerbose: boolean): readonly DrillColumn<PastRunItem>[] {
  return [
    { title: 'run', text: ({ id }) => id },
    { title: 'what', text: ({ kind, simulated }) => (simulated === true ? `${kind} (simulated)` : kind) },
    { title: 'verdict', text: ({ verdict }) => verdict },
    { title: 'RTO', text: ({ rtoMs, rtoMet }) => measuredText(rtoMs, rtoMet) },
    { title: 'RPO', text: ({ rpoMs, rpoMet }) => measuredText(rpoMs, rpoMet) },
    ...(isVerbose
      ? [
          { title: 'mode', text: ({ mode }: PastRunItem) => mode ?? '–' },
          {
            title: 'regions',
            text: ({ from, to }: PastRunItem) => (from === null || to === null ? '–' : `${from} → ${to}`),
          },
          { title: 'agreed by', text: ({ who }: PastRunItem) => who.join(', ') || '–' },
        ]
      : []),
  ];
}

/** `18 min ✓`; a dash where it was not measured, which is not met. */
function measuredText(measuredMs: number | null, met: boolean | null): string {
  const figure = measuredMs === null ? '–' : spanText(measuredMs);
  return met === null ? figure : `${figure} ${met ? '✓' : '✗'}`;
}

export function historyRemarks(history: DrillHistory): readonly string[] {
  const { trend, coverage } = history;
  return [
    ...emptinessOf(history),
    ...history.items.flatMap(({ id, summary }) => (summary === undefined ? [] : [`${id}: ${summary}`])),
    ...trendText('Real drills', trend.real),
    ...trendText('Simulated drills', trend.simulated),
    ...coverageText(coverage),
    ...ageText(history),
    ...leftOut(history),
  ];
}

function emptinessOf({ items, dryRuns }: DrillHistory): string[] {
  if (items.length > 0) return [];
  if (dryRuns === 0) return ['Nothing yet. Begin with: nanoops dr drill --dry-run'];
  return [`There are only dry runs (${dryRuns}), and a dry run is no drill. Hold one: nanoops dr drill`];
}

function leftOut({ items, dryRuns, otherStacks, stack }: DrillHistory): string[] {
  return [
    ...(dryRuns > 0 && items.length > 0 ? [`${counted(dryRuns, 'dry run')} left out.`] : []),
    ...(otherStacks > 0
      ? [
          `${counted(otherStacks, 'run')} of other stacks left out${stack === null ? '' : `: this is ${stack.service} (${stack.environment})`}.`,
        ]
      : []),
  ];
}

function trendText(who: string, trend: DrillHistory['trend']['real']): string[] {
  const { drills, measured, medianMs, p95Ms, newestMs, medianBeforeMs, direction, rtoMet, rpoMet, rtosMs } = trend;
  if (drills === 0) return [];
  const met = [
    `RTO met in ${rtoMet} of ${drills} (${percent(rtoMet / drills)})`,
    `RPO in ${rpoMet} of ${drills} (${percent(rpoMet / drills)})`,
  ].join(', ');
  if (medianMs === null || newestMs === null) return [`${who}: RTO never measured; ${met}.`];
  const spread = `median ${durationText(medianMs)}${p95Ms === null ? '' : `, p95 ${durationText(p95Ms)}`}`;
  const moved =
    direction === null || medianBeforeMs === null
      ? ''
      : `, the newest ${durationText(newestMs)}: ${directionWords[direction]} ${durationText(medianBeforeMs)}`;
  const gaps = measured === drills ? '' : ` (measured in ${measured})`;
  return [`${who}: ${sparkline(rtosMs)} RTO ${spread}${moved}${gaps}; ${met}.`];
}

const directionWords = {
  better: 'better than the median before,',
  worse: 'worse than the median before,',
  steady: 'as the median before,',
} as const;

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const mostBars = 24;

/** The newest values as bars from zero, oldest first. */
function sparkline(values: readonly number[]): string {
  const shown = values.slice(-mostBars);
  const most = Math.max(...shown);
  return shown
    .map((value) => bars[most <= 0 ? 0 : Math.min(bars.length - 1, Math.floor((value / most) * bars.length))] ?? '')
    .join('');
}

/** More is no list that anybody reads; `--coverage` has them all. */
const mostSteps = 12;

function coverageText({ real, simulated, never, steps }: DrillHistory['coverage']): string[] {
  if (steps.length === 0) return [];
  // What only looks is carried out by every readiness check; what is missed is what does something.
  const missed = [
    ...new Set(
      steps
        .filter(({ coverage, kind }) => coverage !== 'real' && (kind === 'act' || kind === 'manual'))
        .map(({ stepId }) => stepId),
    ),
  ];
  const more = missed.length > mostSteps ? `, and ${missed.length - mostSteps} more (--coverage)` : '';
  return [
    `Of ${steps.length} steps, ${real} were carried out for real, ${simulated} on the simulated AWS only, ${never} never.`,
    ...(missed.length === 0
      ? []
      : [`Acting steps never carried out for real: ${missed.slice(0, mostSteps).join(', ')}${more}.`]),
  ];
}

function ageText({ maxAge }: DrillHistory): string[] {
  if (maxAge === undefined) return [];
  const { limitMs, ageMs, runId, met, failedSince } = maxAge;
  const limit = durationText(limitMs);
  const newest =
    ageMs === null || runId === null
      ? 'no real drill has succeeded'
      : `the newest real drill that succeeded, ${runId}, is ${durationText(ageMs)} old`;
  const since = failedSince === null ? '' : `; ${failedSince} since then did not`;
  if (met === null)
    return [`Could not tell: ${newest}, and what could not be read may be one within ${limit}${since}.`];
  return [`${met ? 'Recent enough' : 'Too old'}: ${newest}, and ${limit} are allowed${since}.`];
}

export const coverageColumns: readonly DrillColumn<CoverageItem>[] = [
  { title: 'step', text: ({ runbook, stepId }) => `${runbook} ${stepId}` },
  { title: 'carried out', text: ({ coverage }) => (coverage === 'real' ? 'for real' : coverage) },
  { title: 'last', text: ({ realAt, simulatedAt }) => (realAt ?? simulatedAt ?? '').slice(0, 10) },
  { title: 'what it does', text: ({ title }) => title },
];
