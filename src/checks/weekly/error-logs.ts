/**
 * The week's error lines as patterns, against those of an earlier week. Lines live for a week, so that what an earlier run
 * counted is kept. A week of a busy log is more than can be read: a sample of it is, spread over all of it.
 */
import type { LogPortion } from '../../cloud/log-facts.ts';
import type { Window } from '../../cloud/series.ts';
import { evidence } from '../../diagnosis/evidence.ts';
import type { Known } from '../../diagnosis/known.ts';
import { settled } from '../../engine/step.ts';
import { lengthOf, patternsAgainst, type Pattern } from '../../logs/patterns.ts';
import { comparable, parseSummaries, summaryFrom, withSummary, type LogSummary } from '../../logs/summary.ts';
import { check, type CheckTold } from '../check.ts';
import { breach, ok, span, unknown, unseen, warning, type Judged, type Origin } from '../judged.ts';
import { amount } from '../limits.ts';
import { dayMs, minuteMs, observe, part, unlessConfigured, windowOf, type CheckSettings } from '../kit.ts';

const weekMs = 7 * dayMs;
/** As many as may be asked for in one second; 16 h 48 min apart they are of every time of the day. */
const samples = 10;
const sampledMs = 20 * minuteMs;

/** The newest first: what goes on now is seen, and what lasts from one to the next. */
function weekSpans({ until }: Pick<CheckSettings, 'until'>): readonly Window[] {
  return Array.from({ length: samples }, (_, index) => {
    const to = until - (index * weekMs) / samples;
    return { from: to - sampledMs, to };
  });
}

/** A coarser sample of a week, for one that is simulated to be compared with. */
export function earlierSpans(until: number): readonly Window[] {
  return weekSpans({ until }).filter((_, index) => index % 3 === 0);
}

const bounds = { linesEach: 2_000, calls: 150 };

interface WeekErrors extends LogPortion {
  /** Whether nothing at all was logged of late; only looked at where there are no errors. */
  readonly isSilent?: boolean;
}

const weekErrors = observe('week-errors', {
  title: 'Error lines of the last week, a sample',
  calls: ['logs:FilterLogEvents'],
  skip: (_needs, { site }) => unlessConfigured(site.logs?.application, 'logs.application'),
  run: async (_needs, { ports, settings }): Promise<WeekErrors> => {
    const group = part(settings.site.logs?.application);
    const portion = await ports.facts.logPortion(group, 'errors', weekSpans(settings), bounds);
    if (portion.lines.length > 0) return portion;
    const any = await ports.facts.logPortion(group, 'all', [windowOf(settings, dayMs)], { linesEach: 1, calls: 20 });
    return { ...portion, isSilent: any.lines.length === 0 };
  },
  detail: ({ lines }) => `${lines.length} lines`,
});

/** With less of the sample read, that nothing was found says nothing. */
const leastShare = 0.5;
const nextStep = 'nanoops logs errors --since 1d';

export const weeklyErrorLogs = check('weekly-error-logs', {
  title: 'Error logs',
  area: 'logs',
  severity: 'warning',
  window: '7d',
  keeps: true,
  needs: { errors: settled(weekErrors) },
  judge: ({ errors }, told) => {
    const group = told.site.logs?.application?.logGroup ?? '';
    const origin = { operation: 'logs:FilterLogEvents', region: told.site.region };
    return errors.known ? judgeWeek(errors.value, group, told) : unseen(errors, origin);
  },
});

/** The summary of a week that was sampled in the same way. */
export function summaryOfWeek(portion: LogPortion, logGroup: string, until: number): LogSummary {
  const now = { lines: portion.lines, lookedMs: lengthOf(portion.covered) };
  const spanned = { logGroup, from: until - weekMs, to: until, lookedMs: now.lookedMs, lines: now.lines.length };
  return summaryFrom(spanned, patternsAgainst(now, undefined).patterns);
}

function judgeWeek(portion: WeekErrors, logGroup: string, told: CheckTold): Judged {
  const { lines, covered, source } = portion;
  const { from, to } = windowOf(told, weekMs);
  const lookedMs = lengthOf(covered);
  const share = lookedMs / lengthOf(weekSpans(told));
  const kept = readKept(told.kept);
  if (!kept.known)
    return { ...unseen(kept, keptOrigin(told)), nextStep: kept.nextStep ?? 'nanoops checks run weekly-error-logs' };
  const earlier = comparable(kept.value, { logGroup, from, to });
  const { patterns } = patternsAgainst({ lines, lookedMs }, earlier);
  const summary = summaryFrom({ logGroup, from, to, lookedMs, lines: lines.length }, patterns);
  const sampled = `${amount(lines.length, 'count')} error lines in ${patterns.length} patterns, in the ${span(lookedMs)} that were sampled of 7 days`;
  const found = [
    evidence(source, sampled),
    ...(earlier === undefined
      ? []
      : [
          evidence(
            keptOrigin(told),
            `compared with ${amount(earlier.lines, 'count')} lines in ${earlier.patterns.length} patterns, in ${span(earlier.lookedMs)} sampled of the 7 days to ${day(earlier.to)}`,
          ),
        ]),
  ];
  const extras = { observed: { value: lines.length, unit: 'count', window: '7d' } };
  const keep = share < leastShare ? {} : { keep: withSummary(kept.value, summary) };
  if (share < leastShare) {
    return unknown(`only ${Math.round(share * 100)} % of the sample could be read: ${sampled}`, found, {
      ...extras,
      nextStep,
    });
  }
  // Logs that do not arrive look like a service without errors.
  if (portion.isSilent === true) {
    return unknown('nothing at all was logged within 24 h: the service is idle, or its lines do not arrive', found, {
      ...extras,
      nextStep,
    });
  }
  if (lines.length === 0)
    return { ...ok(`no error lines in the ${span(lookedMs)} that were sampled of 7 days`, found, extras), ...keep };
  if (earlier === undefined) {
    return { ...unknown(`${sampled}; ${nothingEarlier(kept.value, told)}`, found, { ...extras, nextStep }), ...keep };
  }
  const anomalies = patterns.filter(({ isAnomaly }) => isAnomaly);
  if (anomalies.length === 0) {
    return {
      ...ok(`nothing new and nothing louder than in the week to ${day(earlier.to)}: ${sampled}`, found, extras),
      ...keep,
    };
  }
  const isCritical = anomalies.some(({ level }) => level === 'critical');
  const judge = isCritical ? breach : warning;
  const [first] = anomalies;
  const text = `${talliesOf(anomalies)}, against the week to ${day(earlier.to)}${first === undefined ? '' : `: ${short(first.template)} (${first.count})`}; ${sampled}`;
  return {
    ...judge(text, [...found, ...anomalies.slice(0, mostShown).map((each) => evidence(source, lineOf(each)))], {
      ...extras,
      nextStep,
    }),
    ...keep,
  };
}

const mostShown = 5;

function readKept(kept: CheckTold['kept']): Known<readonly LogSummary[]> {
  if (kept === undefined) return { known: true, value: [] };
  if (!kept.known) return kept;
  const value = kept.value['weekly-error-logs'];
  if (value === undefined) return { known: true, value: [] };
  const summaries = parseSummaries(value);
  if (summaries !== undefined) return { known: true, value: summaries };
  return {
    known: false,
    because: 'unknown',
    reason: 'what earlier runs kept of this log cannot be read: it was altered, or another version wrote it',
    nextStep: 'remove the file of this stack in the folder "kept" of nanoops\u2019 state, and begin anew',
  };
}

/** Kept on this machine, which is in no region. */
function keptOrigin({ site }: CheckTold): Origin {
  return { operation: 'nanoops:kept', region: site.region };
}

function nothingEarlier(kept: readonly LogSummary[], { kept: store }: CheckTold): string {
  if (store === undefined) return 'nothing to compare with, since nothing is kept between these runs';
  const [oldest] = kept;
  return oldest === undefined
    ? 'nothing to compare with yet: kept for the next run'
    : `nothing to compare with yet: what was kept is of the same day (${day(oldest.to)})`;
}

function talliesOf(anomalies: readonly Pattern[]): string {
  const fresh = anomalies.filter(({ change }) => change === 'new').length;
  const louder = anomalies.length - fresh;
  const patterns = anomalies.length === 1 ? 'pattern' : 'patterns';
  return `${[...(fresh > 0 ? [`${fresh} new`] : []), ...(louder > 0 ? [`${louder} louder`] : [])].join(' and ')} ${patterns}`;
}

const longestShown = 120;

function short(template: string): string {
  return template.length > longestShown ? `${template.slice(0, longestShown - 1)}\u2026` : template;
}

function lineOf({ change, count, before, level, template }: Pattern): string {
  return `${change === 'louder' ? `louder (${before} before)` : 'new'}, ${count} lines, ${level}: ${template}`;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
