/**
 * The words for a report of checks, the same on a terminal and on a page: its groups, its marks, its headline. Text that
 * comes out of here may hold text from data: whoever shows it makes it safe for the place.
 */
import type { ReportDocument } from './schemas.ts';
import { counted, type Headline } from './wording.ts';

export type ReportCheck = ReportDocument['checks'][number];
type Status = ReportCheck['status'];

/** The worst first; what is not configured last. */
const statusOrder: readonly Status[] = ['breach', 'warning', 'unknown', 'ok', 'not-configured'];

const statusLooks = {
  breach: { mark: '✗', tone: 'bad', word: 'breach' },
  warning: { mark: '!', tone: 'doubt', word: 'warning' },
  unknown: { mark: '?', tone: 'doubt', word: 'unknown' },
  ok: { mark: '✓', tone: 'good', word: 'ok' },
  'not-configured': { mark: '–', tone: 'faint', word: 'not configured' },
} as const satisfies Record<Status, { readonly mark: string; readonly tone: string; readonly word: string }>;

/** What is well and merely for information has no tick: nothing was judged. */
export function lookOf({
  status,
  severity,
}: Pick<ReportCheck, 'status' | 'severity'>): (typeof statusLooks)[Status] | typeof infoLook {
  return status === 'ok' && severity === 'info' ? infoLook : statusLooks[status];
}

const infoLook = { mark: '·', tone: 'faint', word: 'info' } as const;

/** The answer, or how the checks came out where the report answers no question. */
export function reportHeadline(report: ReportDocument): Headline {
  const tone = { ok: isBlank(report.checks) ? 'doubt' : 'good', attention: 'bad', unknown: 'doubt' } as const;
  return { tone: tone[report.verdict], text: report.summary ?? tallyOf(report.checks) };
}

/** True where nothing at all was measured: that is nothing to worry about, and nothing to be glad of. */
export function isBlank(checks: readonly ReportCheck[]): boolean {
  return checks.every(({ status }) => status === 'not-configured');
}

/** `1 breach, 2 warnings, 20 ok` */
export function tallyOf(checks: readonly ReportCheck[]): string {
  const parts = statusOrder.flatMap((status) => {
    const count = checks.filter((check) => check.status === status).length;
    if (count === 0) return [];
    const { word } = statusLooks[status];
    if (status === 'breach') return [`${count} ${count === 1 ? 'breach' : 'breaches'}`];
    return [status === 'warning' ? counted(count, word) : `${count} ${word}`];
  });
  return parts.join(', ') || 'no checks';
}

export interface CheckGroup {
  readonly area: string;
  /** The worst first. */
  readonly checks: readonly ReportCheck[];
}

/** A part of a report under a heading of its own. */
export interface ReportSection {
  /** One word, for an anchor. */
  readonly id: string;
  readonly title: string;
  readonly checks: readonly ReportCheck[];
}

/** As the report is read: the metrics of `status` in the specification's tables and order, all else by area, the worst first. */
export function sectionsOf({ command, checks }: Pick<ReportDocument, 'command' | 'checks'>): readonly ReportSection[] {
  if (command !== 'status') {
    return groupsOf(checks).map((group) => ({ id: group.area, title: areaName(group.area), checks: group.checks }));
  }
  const shown = checks.filter(({ status }) => status !== 'not-configured');
  return metricTables
    .map((table) => ({ ...table, checks: shown.filter((check) => metricTableOf(check) === table.id) }))
    .filter((table) => table.checks.length > 0);
}

export const metricTables = [
  { id: 'application', title: 'Application' },
  { id: 'database', title: 'Database' },
  { id: 'infrastructure', title: 'Infrastructure' },
  { id: 'business', title: 'Business' },
] as const;

/** The table of metrics that a check belongs to: the balancer's own latency is the infrastructure's. */
export function metricTableOf({ id, area }: Pick<ReportCheck, 'id' | 'area'>): (typeof metricTables)[number]['id'] {
  if (area === 'database' || area === 'business') return area;
  return area === 'api' && id !== 'alb-latency' ? 'application' : 'infrastructure';
}

const areaNames: Readonly<Record<string, string>> = { api: 'API', dns: 'DNS', nanoops: 'The program itself' };

/** `API`, `Database`, … */
export function areaName(area: string): string {
  return areaNames[area] ?? `${area.charAt(0).toUpperCase()}${area.slice(1)}`;
}

const rank = ({ status }: ReportCheck): number => statusOrder.indexOf(status);

/** Among equals in the order given. */
export function worstFirst(checks: readonly ReportCheck[]): readonly ReportCheck[] {
  return checks.toSorted((a, b) => rank(a) - rank(b));
}

/** By area, that with the worst check first; among equals in the order of the report. What is not configured is left out. */
export function groupsOf(checks: readonly ReportCheck[]): readonly CheckGroup[] {
  const shown = checks.filter(({ status }) => status !== 'not-configured');
  const areas = [...new Set(shown.map(({ area }) => area))];
  return areas
    .map((area) => ({
      area,
      checks: worstFirst(shown.filter((check) => check.area === area)),
    }))
    .toSorted((a, b) => Math.min(...a.checks.map(rank)) - Math.min(...b.checks.map(rank)));
}

/** With its id in the title of each that others of its area are called by, too. */
export function toldApart(checks: readonly ReportCheck[]): readonly ReportCheck[] {
  const nameOf = ({ area, title }: ReportCheck): string => `${area}\n${title}`;
  const counts = new Map<string, number>();
  for (const check of checks) counts.set(nameOf(check), (counts.get(nameOf(check)) ?? 0) + 1);
  return checks.map((check) =>
    counts.get(nameOf(check)) === 1 ? check : { ...check, title: `${check.title} (${check.id})` },
  );
}

/** True for what a reader has to do something about. */
export function isOpen({ status }: ReportCheck): boolean {
  return status === 'breach' || status === 'warning' || status === 'unknown';
}

/** What to do about what is open: each step once, with all that it is for, in the order of the checks. */
export function stepsToTake(
  checks: readonly ReportCheck[],
): readonly { readonly nextStep: string; readonly titles: readonly string[] }[] {
  const steps = new Map<string, string[]>();
  for (const { nextStep, title } of checks) {
    if (typeof nextStep !== 'string') continue;
    const titles = steps.get(nextStep);
    if (titles === undefined) steps.set(nextStep, [title]);
    else titles.push(title);
  }
  return [...steps].map(([nextStep, titles]) => ({ nextStep, titles }));
}

/** True for a report whose points are gone through one by one. */
export function isChecklist({ command }: ReportDocument): boolean {
  return command.startsWith('checklist ');
}
