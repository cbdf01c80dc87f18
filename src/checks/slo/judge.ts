/** What objectives come to, as checks: each objective over its month, and each pair of burn windows over all objectives. */
import type { Budget } from '../../slo/budget.ts';
import { burnPairs, type Burn, type BurnPair } from '../../slo/burn.ts';
import { evidence, quantity } from '../../diagnosis/evidence.ts';
import { listed, span, type CheckResult, type Judged } from '../judged.ts';
import { minuteMs, type CheckSettings } from '../kit.ts';
import { amount, limitTexts } from '../limits.ts';
import { doubted, judged, unseenOf } from '../measures.ts';
import { metricsIn } from '../metrics/api.ts';
import { objectiveMs } from './observations.ts';
import { unseenOfObjective, type Objective, type ObjectiveState, type SloRules, type SloSeen } from './objectives.ts';

/** Of less of the month than this it is not said that an objective is met. */
const leastCoverage = 0.9;

/** `states`: those that could be seen, by their id. */
export function sloResults(
  objectives: readonly Objective[],
  states: ReadonlyMap<string, ObjectiveState>,
  seen: SloSeen,
  told: CheckSettings,
  rules: SloRules,
): readonly CheckResult[] {
  const ofObjectives = objectives.map((objective): CheckResult => {
    const { id, title, severity } = objective;
    const state = states.get(id);
    const judgement = state === undefined ? judgeUnseen(objective, seen, told) : judgeObjective(state, told);
    return { id, title, area: 'api', severity, ...judgement };
  });
  const ofBurns = burnPairs.map((pair): CheckResult => {
    const severity = pair.action === 'page' ? 'critical' : 'warning';
    const title = `Burn, ${pair.id} and ${shortText(pair)}`;
    const unseen = objectives.filter(({ id }) => !states.has(id));
    const judgement = judgeBurn(pair, [...states.values()], unseen, seen, told, rules);
    return { id: `slo-burn-${pair.id}`, title, area: 'api', severity, ...judgement };
  });
  return [...ofObjectives, ...ofBurns];
}

function judgeUnseen(objective: Objective, seen: SloSeen, told: CheckSettings): Judged {
  const why = unseenOfObjective(objective, seen);
  if (why === undefined) throw new TypeError(`${objective.id} was seen and has no state`);
  return unseenOf({ ...objective.limit }, why, metricsIn(told));
}

function judgeObjective(state: ObjectiveState, told: CheckSettings): Judged {
  const { month, budget, limit, counts, boundMs, nextStep, source } = state;
  const target = limitTexts(targetOnly(limit));
  if (budget === undefined) {
    const text = 'nothing was reported over 30d: no traffic, or an outage';
    return {
      status: 'unknown',
      summary: text,
      evidence: [evidence(source, `${source.detail}: no data points`)],
      ...target,
    };
  }
  const value = attainedOf(state) ?? 0;
  const what =
    counts === 'requests'
      ? limit.better === 'higher'
        ? `${amount(value, 'percent')} of ${countText(month.all)} requests were served over 30d`
        : `${amount(value, 'percent')} of ${countText(month.all)} requests ended with 5xx over 30d`
      : `below ${amount(boundMs ?? 0, 'ms')} in ${amount(value, 'percent')} of ${countText(month.all)} periods of 5 min over 30d`;
  const gap =
    month.coverage < 0.995 ? `; only ${amount(month.coverage * 100, 'percent')} of the month was reported` : '';
  const text = `${what}; ${budgetText(budget)}; ${forecastText(state, told.until)}${gap}`;
  const recent = state.days.map((share) => (limit.better === 'higher' ? (1 - share) * 100 : share * 100));
  const judgement = judged(
    targetOnly(limit),
    { value, window: { from: told.until - objectiveMs, to: told.until }, recent },
    text,
    [
      evidence(
        source,
        `${source.detail}: ${countText(month.all)} ${counts}, ${countText(month.bad)} of them bad, over 30d`,
      ),
      ...state.burns.map(({ pair, long, short }) =>
        evidence(
          source,
          `burn ${rateText(long.rate)} over ${pair.id}, ${rateText(short.rate)} over ${shortText(pair)}`,
        ),
      ),
    ],
    nextStep,
  );
  // Over a month, missing the target is having spent the budget: nothing worse can be said.
  const status = judgement.status === 'warning' ? 'breach' : judgement.status;
  const result: Judged = { ...judgement, status, ...(status === 'ok' ? {} : { nextStep }) };
  return month.coverage < leastCoverage ? doubted(result) : result;
}

/** A month knows no alert threshold but its target. */
function targetOnly(limit: Objective['limit']): Objective['limit'] {
  return { ...limit, alert: undefined };
}

/** In per cent, as the objective is written: of good events, or of bad ones. */
export function attainedOf({ month, limit }: Pick<ObjectiveState, 'month' | 'limit'>): number | undefined {
  if (month.all === 0) return undefined;
  // One rounding, so that what is at the target is at it.
  return ((limit.better === 'higher' ? month.all - month.bad : month.bad) * 100) / month.all;
}

function budgetText({ totalMs, leftMs, left }: Budget): string {
  const total = `${minutesText(totalMs)} min`;
  if (left < 0) return `the budget of ${total} is spent, and ${minutesText(-leftMs)} min more`;
  return `${minutesText(leftMs)} of ${total} of budget left (${amount(left * 100, 'percent')})`;
}

function minutesText(ms: number): string {
  return quantity(ms / minuteMs, 'count');
}

function forecastText({ forecast }: ObjectiveState, until: number): string {
  if (forecast === undefined) return 'how it burns now is not known';
  const { basis, isSpent, endsAt, returnsAt } = forecast;
  const burning = `burning ${rateText(basis.burn.rate)} (last ${basis.id})`;
  if (isSpent) {
    return returnsAt === undefined
      ? `${burning}, it does not come back within 30 days`
      : `${burning}, it is back in ${span(returnsAt - until)}`;
  }
  return endsAt === undefined ? `${burning}, it lasts` : `${burning}, it ends in ${span(endsAt - until)}`;
}

/** Beyond a million its last digits tell nobody anything. */
function countText(count: number): string {
  return count >= 1e6 ? `${Number((count / 1e6).toPrecision(4))} million` : quantity(count, 'count');
}

/** The answer in one line: what is missed and what burns, else what is left of the budget that matters most. */
export function sloSummary(results: readonly CheckResult[], states: readonly ObjectiveState[]): string {
  const of = (status: CheckResult['status'][], isBurn: boolean): readonly CheckResult[] =>
    results.filter((each) => status.includes(each.status) && each.id.startsWith('slo-burn-') === isBurn);
  const [missed, burning] = [of(['breach', 'warning'], false), of(['breach', 'warning'], true)];
  const unknown = results.filter(({ status }) => status === 'unknown');
  const pages = burning.some(({ status }) => status === 'breach');
  const parts = [
    ...(missed.length === 0 ? [] : [`Missed over 30 days: ${listed(missed.map(({ title }) => title))}`]),
    ...(burning.length === 0
      ? []
      : [
          `The budget burns too fast over ${listed(burning.map(({ id }) => id.slice('slo-burn-'.length)))}${pages ? ': time to page somebody' : ''}`,
        ]),
    ...(unknown.length === 0 ? [] : [`${unknown.length} cannot be told`]),
  ];
  const first = states[0]?.budget;
  const left = first === undefined ? [] : [budgetText(first)];
  if (parts.length > 0) return [...parts, ...(missed.length === 0 ? left : [])].join('; ');
  return states.length === 0
    ? 'No objective is configured'
    : [`All ${states.length} objectives are met`, ...left].join('; ');
}

function rateText(rate: number | undefined): string {
  if (rate === undefined) return 'unknown';
  return `${rate === Infinity ? '∞' : quantity(rate, 'count')}×`;
}

export function shortText({ shortMs }: BurnPair): string {
  return shortMs % (60 * minuteMs) === 0 ? `${shortMs / (60 * minuteMs)}h` : `${shortMs / minuteMs}m`;
}

interface NamedBurn {
  readonly state: ObjectiveState;
  readonly burn: Burn;
}

/** What both windows reach. */
function reached({ burn: { long, short } }: NamedBurn): number {
  return Math.min(long.rate ?? 0, short.rate ?? 0);
}

function judgeBurn(
  pair: BurnPair,
  states: readonly ObjectiveState[],
  unseen: readonly Objective[],
  seen: SloSeen,
  told: CheckSettings,
  { fewestEvents }: SloRules,
): Judged {
  const named = states.flatMap((state) =>
    state.burns.filter((burn) => burn.pair.id === pair.id).map((burn): NamedBurn => ({ state, burn })),
  );
  const [blind] = unseen;
  const [worst] = named.toSorted((a, b) => reached(b) - reached(a));
  if (worst === undefined) {
    if (blind === undefined) throw new TypeError('there are no objectives');
    return judgeUnseen(blind, seen, told);
  }
  const of = (state: Burn['state']) => named.filter(({ burn }) => burn.state === state);
  const [burning, few, unknown] = [of('breach'), of('few'), of('unknown')];
  const names = (which: readonly NamedBurn[]): string => listed(which.map(({ state }) => state.name));
  const { action, threshold } = pair;
  const alert = `>${threshold}× over ${pair.id} and ${shortText(pair)}`;
  const rates = ({ burn, state }: NamedBurn): string =>
    `${state.name} burns ${rateText(burn.long.rate)} over ${pair.id} and ${rateText(burn.short.rate)} over ${shortText(pair)}`;
  const doubts = [
    ...(few.length === 0 ? [] : [`${names(few)} of fewer than ${fewestEvents} events in ${pair.id}, too few to count`]),
    ...(unknown.length === 0 ? [] : [`${names(unknown)} cannot be told: too little was reported`]),
    ...(blind === undefined ? [] : [`${listed(unseen.map(({ name }) => name))} could not be seen`]),
  ];
  const found = burning.length === 0 ? rates(worst) : burning.map(rates).join('; ');
  const isOpen = burning.length === 0 && (unknown.length > 0 || blind !== undefined);
  const status = burning.length > 0 ? (action === 'page' ? 'breach' : 'warning') : isOpen ? 'unknown' : 'ok';
  const rate = reached(burning.toSorted((a, b) => reached(b) - reached(a))[0] ?? worst);
  return {
    status,
    summary: [found, ...doubts].join('; '),
    alert,
    ...(Number.isFinite(rate) ? { observed: { value: rate, unit: '×', window: pair.id } } : {}),
    evidence: named.map(({ state, burn: { long, short } }) =>
      evidence(
        state.source,
        `${state.name}: ${countText(long.bad)} bad of ${countText(long.all)} over ${pair.id}, ${countText(short.bad)} of ${countText(short.all)} over ${shortText(pair)}`,
      ),
    ),
    ...(burning[0] === undefined ? {} : { nextStep: burning[0].state.nextStep }),
  };
}
