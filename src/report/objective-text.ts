/**
 * The words for how long a recovery took and what it lost, the same on a terminal and on a page: each objective with its
 * value, whether it was measured or predicted, and whether it is met. What was not measured is called that, and is never
 * called met. Text that comes out of here may hold text from data: whoever shows it makes it safe for the place.
 */
import { durationText } from './duration-text.ts';
import type { RunDocument } from './schemas.ts';

export type Objectives = NonNullable<RunDocument['objectives']>;
export type Recovery = NonNullable<RunDocument['recovery']>;
export type BudgetItem = Recovery['budget'][number];
type Objective = Omit<Objectives['rto'], 'phases'>;
type Store = Objectives['rpo']['stores'][number];

/** How a value stands to its objective. `open`: nobody can tell. */
export type ObjectiveState = 'met' | 'missed' | 'would-meet' | 'would-miss' | 'open';

export interface ObjectiveView {
  readonly name: 'RTO' | 'RPO';
  readonly targetMs: number;
  /** Null: it was not measured; of a run that changes nothing, it could not be predicted. */
  readonly valueMs: number | null;
  readonly source: 'measured' | 'predicted';
  /** What was predicted, beside what was measured. */
  readonly predictedMs: number | null;
  readonly state: ObjectiveState;
  /** What the prediction rests on, in words; absent where nothing says. */
  readonly rests?: string;
}

const stateWords = {
  met: 'met',
  missed: 'missed',
  'would-meet': 'would be met',
  'would-miss': 'would be missed',
  open: 'not known',
} as const satisfies Record<ObjectiveState, string>;

const marks = { met: '✓', missed: '✗', 'would-meet': '✓', 'would-miss': '✗', open: '?' } as const satisfies Record<
  ObjectiveState,
  string
>;

const tones = {
  met: 'good',
  missed: 'bad',
  'would-meet': 'good',
  'would-miss': 'bad',
  open: 'doubt',
} as const satisfies Record<ObjectiveState, string>;

/** `met`, `missed`, `would be met`, `would be missed`, `not known`. */
export function stateText(state: ObjectiveState): string {
  return stateWords[state];
}

/** The mark that says it beside a colour. */
export function stateMark(state: ObjectiveState): '✓' | '✗' | '?' {
  return marks[state];
}

export function stateTone(state: ObjectiveState): 'good' | 'bad' | 'doubt' {
  return tones[state];
}

/** RTO and RPO, in this order. Only a run that changes nothing is judged by what it predicts. */
export function objectiveViews({ rto, rpo }: Objectives, mode: RunDocument['mode']): [ObjectiveView, ObjectiveView] {
  const rests = restsText(rto);
  return [{ ...viewOf('RTO', rto, mode), ...(rests === undefined ? {} : { rests }) }, viewOf('RPO', rpo, mode)];
}

/** `by 7 past moves, 95 % of them took at most 24 min`. */
function restsText({ predictedFrom, predictedRuns, predictedP95Ms }: Objectives['rto']): string | undefined {
  if (predictedFrom === undefined) return undefined;
  const tail = typeof predictedP95Ms === 'number' ? `, 95 % of them took at most ${spanText(predictedP95Ms)}` : '';
  const count = predictedRuns === undefined ? '' : `${predictedRuns} `;
  switch (predictedFrom) {
    case 'runs':
      return `by ${count}past moves${tail}`;
    case 'simulated-runs':
      return `by ${count}past moves on the simulated AWS${tail}`;
    case 'model':
      return 'by the model of a dry run: too few past moves are known';
    case 'plan':
      return 'by the plan of minutes: too few past moves are known';
  }
}

function viewOf(
  name: 'RTO' | 'RPO',
  { targetMs, measuredMs, met, predictedMs, wouldMeet }: Objective,
  mode: RunDocument['mode'],
): ObjectiveView {
  const view = { name, targetMs, predictedMs };
  if (measuredMs !== null || mode === 'execute' || met === false) {
    // A miss can be sure before the end is measured; that something was met cannot.
    const state = met === false ? 'missed' : met === true && measuredMs !== null ? 'met' : 'open';
    return { ...view, valueMs: measuredMs, source: 'measured', state };
  }
  const state = predictedMs === null || wouldMeet === null ? 'open' : wouldMeet ? 'would-meet' : 'would-miss';
  return { ...view, valueMs: predictedMs, source: 'predicted', state };
}

/** `14 min 32 s of 1 h`, `predicted 14 min of 1 h`, `not measured (objective 1 h, predicted 14 min)`. */
export function objectiveText(view: ObjectiveView): string {
  const { valueMs, targetMs, source, predictedMs } = view;
  if (valueMs !== null) return `${valueText(view)} of ${spanText(targetMs)}`;
  const prediction = source === 'measured' && predictedMs !== null ? `, predicted ${spanText(predictedMs)}` : '';
  return `${valueText(view)} (objective ${spanText(targetMs)}${prediction})`;
}

/** `14 min 32 s`, `predicted 14 min`, `not measured`, `not predicted`. */
export function valueText({ valueMs, source }: Pick<ObjectiveView, 'valueMs' | 'source'>): string {
  if (valueMs === null) return `not ${source}`;
  return source === 'predicted' ? `predicted ${spanText(valueMs)}` : spanText(valueMs);
}

/** `0 s` rather than `0 ms`; else as `durationText`. */
export function spanText(ms: number): string {
  return ms === 0 ? '0 s' : durationText(ms);
}

/** As `spanText`, and `not measured` for null. */
export function measuredText(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? 'not measured' : spanText(ms);
}

/** `4:07`, `1:02:03`: to the second, for columns of times. */
export function clockText(ms: number): string {
  const total = Math.round(ms / 1000);
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours === 0 ? `${minutes}:${seconds}` : `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`;
}

export interface Phase {
  readonly name: 'detect' | 'decide' | 'execute' | 'verify' | 'clients';
  readonly ms: number | null;
}

/** RTO's phases in their order, those that were not measured included. */
export function phasesOf({ rto: { phases } }: Objectives): readonly Phase[] {
  const names = ['detect', 'decide', 'execute', 'verify', 'clients'] as const;
  return names.map((name) => ({ name, ms: phases[name] }));
}

/** `detect 0:04 · decide 0:00 · … · clients not measured`; undefined where no phase is known. */
export function phasesText(objectives: Objectives, source: ObjectiveView['source']): string | undefined {
  const phases = phasesOf(objectives);
  if (phases.every(({ ms }) => ms === null)) return undefined;
  return phases.map(({ name, ms }) => `${name} ${ms === null ? `not ${source}` : clockText(ms)}`).join(' · ');
}

/** `nano-db 0 s (the switchover waits for the last write)`. */
export function storeText({ store, lossMs, basis }: Store, source: ObjectiveView['source']): string {
  return `${store} ${lossMs === null ? `not ${source}` : spanText(lossMs)}${basis === '' ? '' : ` (${basis})`}`;
}

/** The share of the objective that was used, in cells of a bar that is as long as the objective. */
export function barCells({ valueMs, targetMs }: Pick<ObjectiveView, 'valueMs' | 'targetMs'>, cells: number): number {
  if (valueMs === null || valueMs === 0) return 0;
  if (valueMs >= targetMs) return cells;
  return Math.max(1, Math.min(cells - 1, Math.round((valueMs / targetMs) * cells)));
}

/** The plan's sum beside what the whole took: parts run side by side, so that it is less than their sum. */
export function budgetTotals(
  budget: readonly BudgetItem[],
  objectives: Objectives | undefined,
): Pick<BudgetItem, 'plannedMs' | 'predictedMs' | 'measuredMs'> {
  return {
    plannedMs: budget.reduce((sum, { plannedMs }) => sum + plannedMs, 0),
    predictedMs: objectives?.rto.predictedMs ?? null,
    measuredMs: objectives?.rto.measuredMs ?? null,
  };
}

const modeWords = {
  switchover: 'switchover (no loss)',
  failover: 'managed failover',
  promotion: 'promotion of a read replica',
  detach: 'detached from its global database',
  none: 'nothing was to be done to the database',
} as const satisfies Record<Recovery['mode'], string>;

/** What was to be done to the database, in words. */
export function recoveryModeText({ mode }: Pick<Recovery, 'mode'>): string {
  return modeWords[mode];
}

export const splitBrainText =
  'Split brain is possible: the old writer could not be fenced, so that both regions may take writes until it is. Fence it before it comes back.';
