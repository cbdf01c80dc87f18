/**
 * The verdict of a run that moves a stack to another region, in one line: whether it met its objectives, what was missed
 * or stood in the way, and what nobody knows. Knows runs that ended with a verdict of their own; every other end is told
 * as that of any run.
 */
import { measuredText, objectiveText, objectiveViews, spanText, type ObjectiveView } from './objective-text.ts';
import type { RunDocument } from './schemas.ts';

interface RecoveryHeadline {
  readonly tone: 'good' | 'bad' | 'doubt';
  readonly text: string;
}

type Way = Pick<NonNullable<RunDocument['failback']>, 'recovery'> & Pick<RunDocument, 'objectives'>;

/** Undefined where the run has no objectives and moves nothing, or where it did not get to its end. */
export function recoveryHeadline(run: RunDocument): RecoveryHeadline | undefined {
  const { objectives, recovery, mode, verdict } = run;
  if (objectives === undefined && recovery === undefined) return undefined;
  const views = objectives === undefined ? [] : objectiveViews(objectives, mode);
  switch (verdict) {
    case 'ok':
      return views.length === 0 ? undefined : { tone: 'good', text: wellText(run, views) };
    case 'attention':
      return { tone: 'bad', text: attentionText(run, views) };
    case 'unknown':
      return { tone: 'doubt', text: `Could not tell: ${doubtText(run, views)}` };
    case 'awaiting-approval':
    case 'failed':
    case 'locked':
    case 'interrupted':
      return undefined;
  }
}

function wellText(run: RunDocument, views: readonly ObjectiveView[]): string {
  if (views.every(({ state }) => state === 'met')) return `${subject(run)} met its objectives: ${listed(views)}`;
  if (views.every(({ state }) => state === 'would-meet')) {
    return `${subject(run)} would meet its objectives: ${listed(views)}`;
  }
  return `${subject(run)} ended well: ${judged(views)}`;
}

function attentionText(run: RunDocument, views: readonly ObjectiveView[]): string {
  const { recovery, failback, objectives } = run;
  const blockers = recovery?.blockers ?? [];
  if (blockers.length > 0) return `${subject(run)} is not possible: ${firstOf(blockers)}`;
  const missed = views.filter(({ state }) => state === 'missed' || state === 'would-miss');
  if (missed.length > 0) return missedText(run, views, missed);
  const concerns = [
    ...(recovery === undefined ? [] : concernsOf({ recovery, objectives })),
    ...(failback === undefined ? [] : concernsOf(failback).map((concern) => `on the way back, ${concern}`)),
  ];
  const rest = views.length === 0 ? '' : `; ${judged(views)}`;
  if (concerns.length > 0) return `${subject(run)} needs attention: ${firstOf(concerns)}${rest}`;
  const failed = run.steps.find(({ status }) => status === 'failed');
  const why = failed === undefined ? run.notes?.[0] : `${failed.title}: ${failed.detail}`;
  return `${subject(run)} needs attention${why === undefined ? '' : `: ${why}`}${rest}`;
}

function missedText(run: RunDocument, views: readonly ObjectiveView[], missed: readonly ObjectiveView[]): string {
  const verb = missed.some(({ state }) => state === 'missed') ? 'missed' : 'would miss';
  if (missed.length === views.length) return `${subject(run)} ${verb} its objectives: ${listed(views)}`;
  const [first] = missed;
  const others = views.filter((view) => view !== first);
  return first === undefined
    ? judged(views)
    : `${subject(run)} ${verb} its ${first.name}: ${amountText(first)}; ${judged(others)}`;
}

function doubtText(run: RunDocument, views: readonly ObjectiveView[]): string {
  const open = views.filter(({ state }) => state === 'open');
  if (open.length > 0) return judged([...open, ...views.filter((view) => !open.includes(view))]);
  const unseen = run.recovery?.consistency.find(({ ok }) => ok === null);
  const why =
    unseen === undefined
      ? (run.recovery?.blockers[0] ?? run.notes?.[0] ?? 'not everything could be looked at')
      : `whether the data is consistent is not known by ${unseen.program}: ${unseen.detail}`;
  return views.length === 0 ? why : `${why}; ${judged(views)}`;
}

/** What a reader must know of a way before anything else, worst first; none where all went as it should. */
function concernsOf({ objectives, recovery }: Way): readonly string[] {
  const failing = recovery.consistency.filter(({ ok }) => ok === false);
  const missed = (name: string, { met, measuredMs, targetMs }: Omit<ObjectivesOf['rto'], 'phases'>): string[] =>
    met === false ? [`${name} was missed: ${measuredText(measuredMs)} of ${spanText(targetMs)}`] : [];
  return [
    ...recovery.blockers,
    ...(recovery.splitBrain === 'possible' ? ['split brain is possible: the old writer could not be fenced'] : []),
    ...failing.map(
      ({ program, detail }) => `the data is not consistent by ${program}${detail === '' ? '' : `: ${detail}`}`,
    ),
    ...(objectives === undefined ? [] : [...missed('RTO', objectives.rto), ...missed('RPO', objectives.rpo)]),
  ];
}

type ObjectivesOf = NonNullable<RunDocument['objectives']>;

function subject({ recovery }: RunDocument): string {
  return recovery === undefined ? 'The run' : `The ${recovery.kind}`;
}

function firstOf(all: readonly string[]): string {
  const [first = '', ...others] = all;
  return others.length === 0 ? first : `${first} (and ${others.length} more)`;
}

function listed(views: readonly ObjectiveView[]): string {
  return views.map(shortText).join(', ');
}

/** `RTO 14 min 32 s of 1 h` */
function shortText(view: ObjectiveView): string {
  return `${view.name} ${amountText(view)}`;
}

/** `14 min 32 s of 1 h`: the sentence around it says whether that was measured. */
function amountText(view: ObjectiveView): string {
  return view.valueMs === null ? objectiveText(view) : `${spanText(view.valueMs)} of ${spanText(view.targetMs)}`;
}

/** `RPO was not measured; RTO 14 min 32 s of 1 h was met` */
function judged(views: readonly ObjectiveView[]): string {
  return views
    .map((view) => {
      switch (view.state) {
        case 'met':
          return `${shortText(view)} was met`;
        case 'missed':
          return `${shortText(view)} was missed`;
        case 'would-meet':
          return `${shortText(view)} would be met`;
        case 'would-miss':
          return `${shortText(view)} would be missed`;
        case 'open':
          return view.valueMs === null
            ? `${view.name} was not ${view.source}`
            : `whether ${shortText(view)} meets the objective is not known`;
      }
    })
    .join('; ');
}
