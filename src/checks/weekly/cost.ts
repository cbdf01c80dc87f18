/**
 * What the account costs: the last complete week against the one before, and where the month is going. The last two days
 * are left out, as they are not final. Cost Explorer charges for being asked, so that it is asked once, for two months.
 */
import type { DailyCost, DailyCosts, DaySpan } from '../../cloud/cost-facts.ts';
import { evidence, type Evidence } from '../../diagnosis/evidence.ts';
import { settled } from '../../engine/step.ts';
import { check, type CheckTold } from '../check.ts';
import { awsLine, ok, span, unknown, warning, type Judged } from '../judged.ts';
import { dayMs, observe, type CheckSettings } from '../kit.ts';
import { against, amount, limitTexts, type Limit } from '../limits.ts';
import { judged, whenKnown } from '../measures.ts';

const weekDays = 7;
/** Today and yesterday (AWS Cost Management User Guide: data is refreshed at least once a day, and late charges come in). */
const unfinishedDays = 1;
/** So many services are named. */
const mostNamed = 3;

/** The end of the last day that is taken for final, in UTC as the bill. */
function lastDay({ until }: Pick<CheckSettings, 'until'>): number {
  return Math.floor(until / dayMs) * dayMs - unfinishedDays * dayMs;
}

/** The beginning of the month that is so many months after that of `at`, in UTC. */
function monthOf(at: number, after = 0): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + after, 1);
}

/** From the beginning of the month before on: four weeks at least. */
function spanOf(settings: Pick<CheckSettings, 'until'>): DaySpan {
  const toDay = lastDay(settings);
  return { fromDay: monthOf(toDay - 1, -1), toDay };
}

const dailyCosts = observe('daily-costs', {
  title: 'Costs by day and service, this month and the last',
  calls: ['sts:GetCallerIdentity', 'ce:GetCostAndUsage'],
  skip: (_needs, { cost }) => (cost.review ? undefined : 'cost.review is off: Cost Explorer is not asked'),
  run: async (_needs, { ports, settings }) => {
    const { region } = settings.site;
    const { account } = await ports.facts.caller(region);
    return ports.facts.dailyCosts({ region, account }, spanOf(settings));
  },
  detail: ({ days, currency }) => `${days.length} days, in ${currency}`,
});

export const cost = check('weekly-cost', {
  title: 'Cost against the week before',
  area: 'cost',
  severity: 'warning',
  window: '7d',
  needs: { costs: settled(dailyCosts) },
  judge: ({ costs }, told, limit) =>
    whenKnown(costs, limit, { operation: 'ce:GetCostAndUsage', region: 'us-east-1' }, (found) =>
      judgedCosts(found, told, limit),
    ),
});

function judgedCosts(costs: DailyCosts, told: CheckTold, limit: Limit): Judged {
  const end = lastDay(told);
  const [now, before] = [
    sumOf(costs, end - weekDays * dayMs, end),
    sumOf(costs, end - 2 * weekDays * dayMs, end - weekDays * dayMs),
  ];
  const lines: Evidence[] = [];
  const tell = (text: string): void => void lines.push(evidence(costs.source, text));
  const money = (value: number): string => moneyText(value, costs.currency);
  const missing = 2 * weekDays - now.days - before.days;
  tell(readText(costs, told));
  if (missing > 0 || (now.services.size === 0 && before.services.size === 0)) {
    const what =
      missing > 0 ? `${missing} of the last ${2 * weekDays} days` : `any service in the last ${2 * weekDays} days`;
    return unknown(`Cost Explorer has no costs of ${what}`, lines, {
      ...limitTexts(limit),
      nextStep:
        'see that Cost Explorer is switched on, which takes a day: https://console.aws.amazon.com/costmanagement/',
    });
  }
  const change = now.total - before.total;
  const dates = `${dateText(end - weekDays * dayMs)} to ${dateText(end - dayMs)}`;
  tell(
    `${money(now.total)} from ${dates}, ${money(before.total)} in the 7 days before; today and yesterday are not final and not counted`,
  );
  const movers = moversOf(now.services, before.services);
  const [first] = movers;
  if (movers.length > 0) {
    tell(`moved most: ${movers.map(({ service, by }) => `${service} ${signed(by, money)}`).join(', ')}`);
  }
  const month = monthTrend(costs, end, now.total / weekDays);
  tell(
    month === undefined ? 'the month cannot be compared: days of the last one are missing' : monthText(month, money),
  );

  const week = `${money(now.total)} over 7 days`;
  const isNoise = change < told.cost.leastRise;
  const nextStep =
    first === undefined || first.by <= 0
      ? 'look at both weeks in Cost Explorer: https://console.aws.amazon.com/costmanagement/'
      : `find out what ${first.service} did: ${usageLine(told, end, first.service)}`;
  const verdict = weekVerdict();
  if (verdict.status === 'ok' && month !== undefined && isRising(month, told, limit)) {
    const { status: _, summary, evidence: found, ...rest } = verdict;
    const text = `the month is going to cost ${money(month.forecast)}, a day ${amount(month.rise, 'percent')} more than last month`;
    return warning(`${text}; ${summary}`, found, { ...rest, nextStep });
  }
  return verdict;

  function weekVerdict(): Judged {
    if (before.total <= 0) {
      const text = `${week}, after ${money(before.total)} in the week before`;
      return isNoise ? ok(text, lines, limitTexts(limit)) : warning(text, lines, { ...limitTexts(limit), nextStep });
    }
    const rise = (change / before.total) * 100;
    const how = change < 0 ? `${amount(-rise, 'percent')} less` : `${amount(rise, 'percent')} more`;
    const text = `${week}, ${how} than in the week before (${signed(change, money)})`;
    const measured = judged(limit, { value: rise, atMs: end }, text, lines, nextStep);
    const observed = measured.observed === undefined ? {} : { observed: { ...measured.observed, window: '7d' } };
    if (!isNoise || measured.status === 'ok') return { ...measured, ...observed };
    return ok(`${text}: noise, below ${money(told.cost.leastRise)}`, lines, { ...limitTexts(limit), ...observed });
  }
}

interface Sum {
  readonly total: number;
  /** How many days there is an answer of. */
  readonly days: number;
  readonly services: ReadonlyMap<string, number>;
}

function sumOf({ days }: DailyCosts, from: number, to: number): Sum {
  const within = days.filter(({ day }) => day >= from && day < to);
  const services = new Map<string, number>();
  for (const { byService } of within) {
    for (const [service, value] of Object.entries(byService))
      services.set(service, (services.get(service) ?? 0) + value);
  }
  return { total: within.reduce((sum, day) => sum + totalOf(day), 0), days: within.length, services };
}

function totalOf({ byService }: DailyCost): number {
  return Object.values(byService).reduce((sum, value) => sum + value, 0);
}

interface Mover {
  readonly service: string;
  readonly by: number;
}

/** The services that changed most, whichever way; rises first. */
function moversOf(now: Sum['services'], before: Sum['services']): readonly Mover[] {
  return [...new Set([...now.keys(), ...before.keys()])]
    .map((service) => ({ service, by: (now.get(service) ?? 0) - (before.get(service) ?? 0) }))
    .filter(({ by }) => Math.abs(by) >= 0.005)
    .toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by))
    .slice(0, mostNamed)
    .toSorted((a, b) => b.by - a.by);
}

interface MonthTrend {
  readonly spent: number;
  readonly forecast: number;
  readonly last: number;
  /** How much a day costs more than last month, in per cent: months are not of one length. */
  readonly rise: number;
  readonly weeks: number;
}

/** What was spent so far, and the rest of the month at the rate of the last week; undefined where last month is not whole. */
function monthTrend(costs: DailyCosts, end: number, aDay: number): MonthTrend | undefined {
  const begin = monthOf(end - 1);
  const next = monthOf(begin, 1);
  const last = monthOf(begin, -1);
  const [spent, whole] = [sumOf(costs, begin, end), sumOf(costs, last, begin)];
  const [length, lastLength] = [(next - begin) / dayMs, (begin - last) / dayMs];
  if (whole.days < lastLength || whole.total <= 0) return undefined;
  const forecast = spent.total + (aDay * (next - end)) / dayMs;
  const rise = (forecast / length / (whole.total / lastLength) - 1) * 100;
  return { spent: spent.total, forecast, last: whole.total, rise, weeks: length / weekDays };
}

/** Beyond the target of a week, and by more than noise. */
function isRising({ rise, forecast, weeks }: MonthTrend, { cost: { leastRise } }: CheckTold, limit: Limit): boolean {
  const more = forecast - forecast / (1 + rise / 100);
  return against(rise, limit) !== 'ok' && more >= leastRise * weeks;
}

function monthText({ spent, forecast, last, rise }: MonthTrend, money: (value: number) => string): string {
  const how = rise < 0 ? `${amount(-rise, 'percent')} less` : `${amount(rise, 'percent')} more`;
  return `this month ${money(spent)} so far, ${money(forecast)} at the rate of the last 7 days; last month ${money(last)}, so that a day costs ${how}`;
}

function readText({ readAt, pages, notKept }: DailyCosts, { nowMs }: CheckTold): string {
  const age = nowMs - readAt;
  const asked =
    age < 60_000
      ? `read now, in ${pages} page${pages === 1 ? '' : 's'} at a cent each`
      : `read ${span(age)} ago and kept since`;
  return notKept === undefined ? asked : `${asked}; not kept for the next time: ${notKept}`;
}

function usageLine(told: CheckTold, end: number, service: string): string {
  return awsLine(
    told,
    'us-east-1',
    ...['ce', 'get-cost-and-usage', '--granularity', 'DAILY', '--metrics', 'UnblendedCost'],
    ...['--time-period', `Start=${dateText(end - 2 * weekDays * dayMs)},End=${dateText(end)}`],
    ...['--group-by', 'Type=DIMENSION,Key=USAGE_TYPE'],
    ...['--filter', JSON.stringify({ Dimensions: { Key: 'SERVICE', Values: [service] } })],
  );
}

function signed(value: number, money: (value: number) => string): string {
  return `${value < 0 ? '\u2212' : '+'}${money(Math.abs(value))}`;
}

function moneyText(value: number, currency: string): string {
  const digits = value.toFixed(2);
  return currency === 'USD' ? `$${digits}` : `${digits} ${currency}`;
}

function dateText(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}
