/** The error lines of a log as patterns, and which of them are new or louder than before. Looks, and changes nothing. */
import { amount } from '../cloud/quantity.ts';
import type { LogPortion } from '../cloud/log-facts.ts';
import type { LogGroupRef } from '../cloud/stack.ts';
import type { Known } from '../diagnosis/known.ts';
import { lengthOf, patternsOf, type Pattern } from '../logs/patterns.ts';
import { NanoopsError } from '../errors.ts';
import type { LogPatternsDocument } from '../report/schemas.ts';
import type { Sheet } from '../report/sheet.ts';
import { exitCodes } from './exit-codes.ts';
import {
  alternating,
  counted,
  iso,
  logSpans,
  partsOf,
  percent,
  shareOf,
  spanDocument,
  templateId,
  within,
  type LookedAtSpans,
} from './log-window.ts';
import { lookAt, type Looked } from './look-at.ts';
import { sitesOf } from './run-settings.ts';
import type { Session } from './session.ts';

export interface LogErrorsWanted {
  readonly region?: string | undefined;
  /** A log group by its name; the application's when absent. */
  readonly group?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

interface LogErrors {
  readonly document: LogPatternsDocument;
  readonly sheet: Sheet;
}

/** Every operation by which it looks. */
export const logErrorsCalls: readonly string[] = ['logs:FilterLogEvents'];

/** Of each part, and calls in all: about 12 s at ten calls a second. */
const bounds = { linesEach: 10_000, calls: 120 };
/** Where nothing at all is logged for so much of the span, that there are no errors says nothing. */
const silentShare = 0.25;
/** With less of the span searched, finding nothing says nothing. */
const leastShare = 0.5;

/** @throws NanoopsError `NoLogGroup`, `UnknownRegion`, `InvalidWindow`, and as opening a session does. */
export async function logErrors(session: Session, wanted: LogErrorsWanted): Promise<LogErrors> {
  const group = groupOf(session, wanted);
  const spans = logSpans(session.clock.now(), wanted);
  const newest = { from: spans.now.to - (spans.now.to - spans.now.from) * silentShare, to: spans.now.to };
  const looked = await lookAt<{ errors: LogPortion; any: LogPortion }>(
    session,
    { id: 'logs-errors', region: group.region, timeoutMs: wanted.timeoutMs },
    {
      errors: {
        title: 'Error lines, now and before',
        calls: logErrorsCalls,
        run: (facts) =>
          facts.logPortion(group, 'errors', alternating(partsOf(spans.now), partsOf(spans.before)), bounds),
        detail: ({ lines }) => `${lines.length} lines`,
      },
      any: {
        title: 'Whether anything is logged at all',
        calls: logErrorsCalls,
        run: (facts) => facts.logPortion(group, 'all', [newest], { linesEach: 1, calls: 20 }),
        detail: ({ lines }) => (lines.length === 0 ? 'nothing' : 'it is'),
      },
    },
  );
  const document = documentOf(session, group, spans, looked);
  return { document, sheet: sheetOf(document) };
}

function groupOf({ stack }: Session, { region, group }: LogErrorsWanted): LogGroupRef {
  const { site } = sitesOf(stack, region);
  if (group !== undefined) return { region: site.region, logGroup: group };
  const configured = site.logs?.application;
  if (configured !== undefined) return configured;
  throw new NanoopsError(`no log group of the application is configured in ${site.region}`, {
    code: 'NoLogGroup',
    exitCode: 2,
    nextStep: 'name it in nanoops.yaml (logs: { application: /aws/ecs/… }), or give one with --group',
  });
}

function documentOf(
  { stack }: Session,
  { region, logGroup }: LogGroupRef,
  { now, before }: LookedAtSpans,
  { found, at, api }: Looked<{ errors: LogPortion; any: LogPortion }>,
): LogPatternsDocument {
  const portion = found.errors;
  const lines = portion.known ? portion.value.lines : [];
  const covered = portion.known ? portion.value.covered : [];
  const foundIn = (window: LookedAtSpans['now']): Found => ({
    lines: lines.filter((line) => line.at >= window.from && line.at < window.to),
    lookedMs: lengthOf(within(covered, window)),
    share: shareOf(covered, window),
  });
  const [here, earlier] = [foundIn(now), foundIn(before)];
  const { patterns, others } = patternsOf(here, earlier);
  const anomalies = patterns.filter(({ isAnomaly }) => isAnomaly);
  const problem = problemOf(portion, here, earlier) ?? silenceOf(found.any, here);
  const verdict = anomalies.length > 0 ? 'attention' : problem === undefined ? 'ok' : 'unknown';
  return {
    schema: 'nanoops/log-patterns@1',
    command: 'logs errors',
    environment: stack.environment,
    region,
    logGroup,
    generatedAt: at,
    verdict,
    exitCode: exitCodes[verdict],
    summary: summaryOf(anomalies, here, patterns.length, problem),
    window: spanDocument(now, here.lines.length, here.share),
    before: spanDocument(before, earlier.lines.length, earlier.share),
    patterns: patterns.map((pattern) => patternDocument(pattern, here.lines.length)),
    unclustered: others,
    notes: notesOf(here, earlier, others),
    nextSteps: !portion.known && portion.nextStep !== undefined ? [portion.nextStep] : [],
    api,
  };
}

interface Found {
  readonly lines: LogPortion['lines'];
  readonly lookedMs: number;
  readonly share: number;
}

/** Why the answer is open, where nothing calls for somebody. */
function problemOf(portion: Known<LogPortion>, here: Found, earlier: Found): string | undefined {
  if (!portion.known) return portion.reason.replace(/\.? What needed it is unknown\.$/, '');
  if (here.share < leastShare) return `only ${percent(here.share)} of the span could be searched`;
  if (here.lines.length > 0 && earlier.lookedMs === 0)
    return 'nothing of the time before could be searched, so that nothing can be compared';
  return undefined;
}

/** Logs that do not arrive look like a service without errors; where lines at ERROR are there, lines arrive. */
function silenceOf(any: Known<LogPortion>, { lines }: Found): string | undefined {
  if (any.known && any.value.lines.length > 0) return undefined;
  const [span] = any.known ? any.value.covered : [];
  if (span === undefined)
    return lines.length > 0 ? undefined : 'no error lines were found, and whether any line arrives could not be seen';
  return `nothing at all was logged after ${iso(span.from).slice(11, 16)} UTC: the service is idle, or its lines do not arrive`;
}

function summaryOf(
  anomalies: readonly Pattern[],
  { lines, share }: Found,
  patterns: number,
  problem: string | undefined,
): string {
  const all = `${counted(lines.length, 'error line')} in ${counted(patterns, 'pattern')}${share < 1 ? `, of the ${percent(share)} of the span that were searched` : ''}`;
  if (anomalies.length === 0) {
    if (problem !== undefined) return `Could not tell: ${problem}`;
    return lines.length === 0 ? 'No error lines' : `Nothing new, nothing louder: ${all}`;
  }
  const fresh = anomalies.filter(({ change }) => change === 'new').length;
  const louder = anomalies.length - fresh;
  const parts = [...(fresh > 0 ? [`${fresh} new`] : []), ...(louder > 0 ? [`${louder} louder`] : [])];
  return `${parts.join(' and ')}: ${all}`;
}

/** Of the streams of a pattern, so many by name. */
const mostStreams = 10;

function patternDocument(pattern: Pattern, all: number): LogPatternsDocument['patterns'][number] {
  const { template, level, count, before, firstAt, lastAt, example, streams, change, isAnomaly } = pattern;
  return {
    id: templateId(template),
    template,
    level,
    count,
    share: all === 0 ? 0 : Math.round((count / all) * 10_000) / 10_000,
    before,
    change: change ?? null,
    anomaly: isAnomaly,
    firstSeen: iso(firstAt),
    lastSeen: iso(lastAt),
    example,
    streams: streams.slice(0, mostStreams),
    streamCount: streams.length,
  };
}

function notesOf(here: Found, earlier: Found, others: number): readonly string[] {
  return [
    ...(here.share < 1
      ? [`${percent(here.share)} of the span was searched, the newest of it first: counts are of that part`]
      : []),
    ...(earlier.share < 1
      ? [
          `${percent(earlier.share)} of the time before was searched; more and less are told by how often a pattern came in what was`,
        ]
      : []),
    ...(others > 0
      ? [`${counted(others, 'line')} found no place among the patterns: there are too many different ones`]
      : []),
  ];
}

function sheetOf(document: LogPatternsDocument): Sheet {
  const { patterns, before } = document;
  const shown = patterns.slice(0, mostRows);
  const rest = patterns.length - shown.length;
  const isLong = document.window.from.slice(0, 10) !== document.window.to.slice(0, 10);
  return {
    command: document.command,
    environment: document.environment,
    verdict: document.verdict,
    exitCode: document.exitCode,
    generatedAt: document.generatedAt,
    headline: document.summary,
    tables: [
      {
        title: `Patterns in ${document.logGroup}`,
        columns: [
          { title: 'lines', right: true },
          { title: 'share', right: true },
          { title: 'before', right: true },
          { title: 'change' },
          { title: 'last seen' },
          { title: 'pattern' },
        ],
        rows: shown.map((pattern) => [
          amount(pattern.count, 'count'),
          percent(pattern.share),
          before.searched === 0 ? '' : amount(pattern.before, 'count'),
          changeText(pattern),
          `${isLong ? `${pattern.lastSeen.slice(0, 10)} ` : ''}${pattern.lastSeen.slice(11, 16)} UTC`,
          pattern.level === 'critical' ? `CRITICAL ${pattern.template}` : pattern.template,
        ]),
      },
    ],
    details: shown.map(({ change, count, anomaly, firstSeen, lastSeen, example, streams, streamCount, id }) => ({
      title: `${anomaly ? `${change ?? ''}: ` : ''}${counted(count, 'line')}, ${firstSeen.slice(0, 19)}Z to ${lastSeen.slice(0, 19)}Z`,
      lines: [
        example,
        `in ${counted(streamCount, 'stream')}: ${streams
          .slice(0, 3)
          .map(({ name }) => name)
          .join(', ')}${streamCount > 3 ? ', …' : ''} (pattern ${id})`,
      ],
      isMinor: !anomaly,
    })),
    remarks: [
      ...(rest > 0 ? [`${counted(rest, 'more pattern')}, each rarer: -o json has all of them`] : []),
      ...document.notes,
    ],
    nextSteps: document.nextSteps,
    calls: document.api.calls,
  };
}

const mostRows = 20;

function changeText({ change, anomaly }: LogPatternsDocument['patterns'][number]): string {
  if (change === null) return 'unknown';
  if (change === 'new' && !anomaly) return 'rare';
  return anomaly ? `! ${change}` : change;
}
