/**
 * The words and the figures of a forecast, the same on a terminal and on a page. Text that comes out of here may hold text
 * from data: whoever shows it makes it safe for the place.
 */
import { lookOf, type ReportCheck } from './report-text.ts';
import type { ForecastDocument } from './schemas.ts';
import type { Headline } from './wording.ts';

export type ForecastResource = ForecastDocument['resources'][number];
type Trend = ForecastDocument['users']['trend'];

export function forecastHeadline({ verdict, summary }: ForecastDocument): Headline {
  return { tone: ({ ok: 'good', attention: 'bad', unknown: 'doubt' } as const)[verdict], text: summary };
}

/** The mark and the word of a status; nothing here is merely for information. */
export function lookOfStatus(status: ReportCheck['status']): ReturnType<typeof lookOf> {
  return lookOf({ status, severity: 'warning' });
}

/** `12,400` */
export function countText(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `2027-01-14`; a dash where there is no date. */
export function dateText(iso: string | null): string {
  return iso === null ? '–' : iso.slice(0, 10);
}

/** `52.3 %`, or that it is not known. */
export function levelText({ level }: Pick<ForecastResource, 'level'>): string {
  return level === null ? 'not known' : `${Number(level.toFixed(level < 1 ? 2 : 1))} %`;
}

/** `+1.4 a week (+0.9 to +1.8)` */
export function trendText(trend: Trend): string {
  if (trend === null) return 'cannot be told';
  const { central, low, high } = trend.perWeek;
  return `${signed(central)} a week (${signed(low)} to ${signed(high)})`;
}

function signed(value: number): string {
  const size = Math.abs(value);
  const text = size >= 100 ? countText(size) : String(Number(size.toFixed(size < 1 ? 2 : 1)));
  return `${value < 0 && text !== '0' ? '−' : '+'}${text}`;
}

/** What a chart of the users shows; days since the Unix epoch. */
export interface ChartFigures {
  readonly history: readonly { readonly day: number; readonly value: number }[];
  readonly projection: readonly {
    readonly day: number;
    readonly central: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** The tier that the users are within. */
  readonly limit?: number;
  readonly from: number;
  readonly to: number;
  readonly today: number;
  /** What the axis reaches from and to: the band of the forecast may reach beyond it, and is cut off there. */
  readonly least: number;
  readonly most: number;
}

/** Undefined where there are too few days to draw. */
export function chartOf({ users, asOf }: ForecastDocument): ChartFigures | undefined {
  const history = users.history.map(({ day, value }) => ({ day: dayOf(day), value }));
  const projection = users.projection.map(({ day, ...values }) => ({ day: dayOf(day), ...values }));
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined || history.length < 2) return undefined;
  const lines = [...history.map(({ value }) => value), ...projection.map(({ central }) => central)];
  const [low, high] = [Math.min(...lines), Math.max(...lines)];
  const limit = users.within ?? undefined;
  // A tier that is far away would press everything else into a corner.
  const isNear = limit !== undefined && limit <= high * 1.5;
  const top = isNear ? Math.max(high, limit) : high;
  const margin = Math.max((top - low) * 0.12, top * 0.01, 1);
  return {
    history,
    projection,
    ...(isNear ? { limit } : {}),
    from: first.day,
    to: projection.at(-1)?.day ?? last.day + 1,
    today: dayOf(asOf.slice(0, 10)),
    least: Math.max(0, low - margin),
    most: top + margin,
  };
}

function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 86_400_000;
}

/** A day of a chart as a date. */
export function dayDate(day: number): string {
  return new Date(Math.round(day) * 86_400_000).toISOString().slice(0, 10);
}

/** The forecast on a day between those that it was made for. */
export function projectedOn(
  projection: ChartFigures['projection'],
  day: number,
): { readonly central: number; readonly low: number; readonly high: number } | undefined {
  const after = projection.findIndex((each) => each.day >= day);
  const [before, next] = [projection[after - 1], projection[after]];
  if (next === undefined || (before === undefined && next.day !== day)) return undefined;
  if (before === undefined) return next;
  const share = (day - before.day) / (next.day - before.day);
  const between = (from: number, to: number): number => from + (to - from) * share;
  return {
    central: between(before.central, next.central),
    low: between(before.low, next.low),
    high: between(before.high, next.high),
  };
}
