/** One trace: its parts on one clock, whose time it was, what the whole waited for, and what is missing. Looks, and changes nothing. */
import type { FoundTrace } from '../cloud/facts.ts';
import { quantity } from '../cloud/quantity.ts';
import { spanComponents, type Component } from '../diagnosis/self-time.ts';
import { sum } from '../diagnosis/statistics.ts';
import { waterfallOf, type Placed, type Waterfall } from '../diagnosis/waterfall.ts';
import { NanoopsError } from '../errors.ts';
import type { TraceDocument } from '../report/schemas.ts';
import type { Sheet } from '../report/sheet.ts';
import { exitCodes } from './exit-codes.ts';
import { percent } from './log-window.ts';
import { lookAt } from './look-at.ts';
import { retyped } from './own-command.ts';
import { sitesOf } from './run-settings.ts';
import type { Session } from './session.ts';
import {
  componentDocument,
  counted,
  iso,
  mainSpan,
  namesIn,
  outcomeOf,
  reasonOf,
  requestDocument,
  retentionMs,
  rounded,
} from './trace-kit.ts';
import { nameOfTraced, tracedName, tracedOperation, tracedPath } from './traced-text.ts';
import { waterfallFigure } from './waterfall-rows.ts';

interface TraceWanted {
  readonly region?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Every operation by which it looks. */
export const traceShowCalls: readonly string[] = ['xray:BatchGetTraces', 'xray:GetTraceSegmentDestination'];

const mostSpans = 2_000;
const mostNotes = 12;

/**
 * @throws NanoopsError `NoTraceId` for what is no trace's id, `UnknownTrace` where X-Ray has none with it, `UnknownRegion`, and
 * as opening a session does.
 */
export async function traceShow(
  session: Session,
  given: string,
  { region, timeoutMs }: TraceWanted,
): Promise<{ readonly document: TraceDocument; readonly sheet: Sheet }> {
  const id = traceId(given);
  const { site } = sitesOf(session.stack, region);
  const { found, at, api } = await lookAt<{ readonly trace: FoundTrace | undefined }>(
    session,
    { id: 'trace-show', region: site.region, timeoutMs },
    {
      trace: {
        title: 'The trace',
        calls: traceShowCalls,
        run: (facts) => facts.trace(site.region, id),
        detail: (trace) => (trace === undefined ? 'not found' : counted(trace.spans.length, 'span')),
      },
    },
  );
  const { trace } = found;
  if (trace.known && trace.value === undefined) throw unknownTrace(session, id, site.region);
  const read = trace.known ? trace.value : undefined;
  const waterfall = waterfallOf(read ?? { id, start: startOfId(id), durationMs: 0, spans: [] });
  const spans = waterfall.placed.map(({ span }) => span);
  const components = spanComponents(
    { id, start: waterfall.start, durationMs: 0, spans },
    namesIn(session.stack.service, site),
  );
  const main = mainSpan(spans, site.tracing?.service);
  const problem = trace.known ? problemOf(read) : reasonOf(trace);
  const verdict = problem === undefined ? 'ok' : 'unknown';
  const shares = sharesOf(waterfall, components);
  const durationMs = rounded(Math.max(read?.durationMs ?? 0, waterfall.end - waterfall.start));
  const document: TraceDocument = {
    schema: 'nanoops/trace@1',
    command: 'trace show',
    environment: session.stack.environment,
    region: site.region,
    generatedAt: at,
    verdict,
    exitCode: exitCodes[verdict],
    summary: '',
    notes: read === undefined ? [] : notesOf(read, waterfall),
    nextSteps: (problem?.nextSteps ?? []).map((step) => retyped(step, session.ownOptions)),
    api,
    id,
    startedAt: iso(waterfall.start),
    durationMs,
    outcome: main === undefined ? 'open' : outcomeOf(main),
    ...(main === undefined ? { method: null, url: null, status: null } : requestDocument(main)),
    components: shares,
    spans: waterfall.placed.slice(0, mostSpans).map((placed) => spanDocument(placed, waterfall.start, components)),
    omitted: Math.max(0, spans.length - mostSpans),
  };
  const told = { ...document, summary: summaryOf(document, problem?.text) };
  return { document: told, sheet: sheetOf(told, waterfall, components) };
}

/** X-Ray's form, or that of W3C's trace context, which X-Ray takes for the same (AWS X-Ray Developer Guide, "Trace ID format"). */
function traceId(given: string): string {
  const wanted = given
    .trim()
    .toLowerCase()
    .replace(/^root=/, '');
  const found = /^(?:1-([0-9a-f]{8})-([0-9a-f]{24})|([0-9a-f]{8})([0-9a-f]{24}))$/.exec(wanted);
  if (found !== null) return `1-${found[1] ?? found[3]}-${found[2] ?? found[4]}`;
  throw new NanoopsError(
    `${JSON.stringify(given.slice(0, 80))} is no trace id: 1-, eight, -, and 24 hexadecimal digits`,
    {
      code: 'NoTraceId',
      exitCode: 2,
      nextStep: 'nanoops trace list',
    },
  );
}

/** The second in which the trace began stands in its id. */
function startOfId(id: string): number {
  return parseInt(id.slice(2, 10), 16) * 1_000;
}

function unknownTrace(session: Session, id: string, region: string): NanoopsError {
  const ageMs = session.clock.now() - startOfId(id);
  const why =
    ageMs > retentionMs
      ? 'it began more than 30 days ago, which is as long as X-Ray keeps one'
      : ageMs < 60_000
        ? 'it began within the last minute: it may be on its way'
        : 'it was not sampled, is of another region or account, or never arrived';
  return new NanoopsError(`X-Ray has no trace ${id} in ${region}: ${why}`, {
    code: 'UnknownTrace',
    exitCode: 3,
    nextStep: retyped('nanoops trace list', session.ownOptions),
  });
}

function problemOf(trace: FoundTrace | undefined) {
  if (trace !== undefined && trace.spans.length > 0) return undefined;
  return { text: 'the trace is there, but none of its parts could be read', nextSteps: ['nanoops trace list'] };
}

function sharesOf(
  { placed }: Waterfall,
  components: ReadonlyMap<Placed['span'], Component>,
): TraceDocument['components'] {
  const totals = new Map<string, { readonly component: Component; readonly selfMs: number }>();
  for (const { span, selfMs = 0 } of placed) {
    const component = components.get(span);
    if (component === undefined || selfMs === 0) continue;
    const key = `${component.kind} ${component.name}`;
    totals.set(key, { component, selfMs: (totals.get(key)?.selfMs ?? 0) + selfMs });
  }
  const total = sum([...totals.values()].map(({ selfMs }) => selfMs));
  return [...totals.values()]
    .toSorted((a, b) => b.selfMs - a.selfMs)
    .map(({ component, selfMs }) => ({
      ...componentDocument(component),
      selfMs: rounded(selfMs),
      share: Math.min(1, selfMs / total),
    }));
}

function spanDocument(
  { span, depth, selfMs, critical = [], shiftMs }: Placed,
  start: number,
  components: ReadonlyMap<Placed['span'], Component>,
): TraceDocument['spans'][number] {
  return {
    id: tracedName(span.id),
    parentId: span.parentId === undefined ? null : tracedName(span.parentId),
    depth,
    segment: span.segment,
    inferred: span.inferred === true,
    name: nameOfTraced(span),
    component: componentDocument(components.get(span) ?? { kind: 'service', name: span.name }),
    operation: tracedOperation(span) ?? null,
    ...requestDocument(span),
    startMs: rounded(span.start - start),
    durationMs: span.inProgress ? null : rounded(span.end - span.start),
    selfMs: selfMs === undefined ? null : rounded(selfMs),
    criticalMs: rounded(sum(critical.map((part) => part.end - part.start))),
    outcome: outcomeOf(span),
    exception: span.exception === undefined ? null : tracedName(span.exception),
    shiftedMs: rounded(shiftMs),
  };
}

function summaryOf(
  { durationMs, outcome, method, url, status, components, startedAt }: TraceDocument,
  problem: string | undefined,
): string {
  if (problem !== undefined) return `Could not tell: ${problem}`;
  const request = `${method ?? ''} ${url === null ? '' : tracedPath(url)}`.trim();
  const ended =
    outcome === 'open'
      ? 'has not ended'
      : String(status ?? { fault: 'fault', throttle: 'throttled', error: 'error', ok: 'ok' }[outcome]);
  const [most] = components;
  const share = most === undefined ? '' : `; ${percent(most.share)} of it in ${most.name}`;
  const when = `${startedAt.slice(0, 10)} ${startedAt.slice(11, 19)} UTC`;
  return `${request === '' ? 'The request' : request}: ${ended}, ${quantity(durationMs, 'ms')}${share} (${when})`;
}

/** What is missing, and what had to be put right. */
function notesOf(
  { unreadable, isCut, spans }: FoundTrace,
  { placed, duplicates, end, start }: Waterfall,
): readonly string[] {
  const named = (some: readonly Placed[]): string => {
    const names = [...new Set(some.map(({ span }) => nameOfTraced(span)))];
    return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
  };
  const about = (some: readonly Placed[], text: (names: string, count: number) => string): readonly string[] =>
    some.length === 0 ? [] : [text(named(some), some.length)];
  const open = placed.filter(({ span }) => span.inProgress);
  const shifted = placed.filter(({ span, shiftMs }) => span.segment && span.inferred !== true && Math.abs(shiftMs) > 1);
  const most = Math.max(0, ...shifted.map(({ shiftMs }) => Math.abs(shiftMs)));
  const failed = placed.filter(({ span }) => span.exception !== undefined);
  const entries = placed.filter(({ depth }) => depth === 0);
  return [
    ...failed.slice(0, 3).map(({ span }) => `${nameOfTraced(span)} failed with ${tracedName(span.exception ?? '')}`),
    ...about(open, (names, count) => `Not ended, so that its time is not known: ${names} (${counted(count, 'part')})`),
    ...about(
      placed.filter(({ lacksSegment }) => lacksSegment),
      (names) => `Missing: ${names} traces itself, but no segment of it is here; its time counts as that of the call`,
    ),
    ...about(
      placed.filter(({ missingCaller }) => missingCaller !== undefined),
      (names) => `Missing: what called ${names} is not in the trace`,
    ),
    ...(entries.length > 1
      ? [`There are ${entries.length} beginnings; the critical path is that of the earliest`]
      : []),
    ...about(
      shifted,
      (names) => `Clocks differ: ${names} was moved, by ${quantity(most, 'ms')} at most, to where its call allows`,
    ),
    ...about(
      placed.filter(({ outlivesCaller, span }) => outlivesCaller && span.segment),
      (names) => `${names} went on after what called it had ended: the caller gave up, did not wait, or clocks differ`,
    ),
    ...(duplicates > 0 ? [`${counted(duplicates, 'part')} came more than once; the complete one is shown`] : []),
    ...(unreadable > 0
      ? [`${counted(unreadable, 'part')} could not be read, and ${unreadable === 1 ? 'is' : 'are'} missing`]
      : []),
    ...(isCut ? ['X-Ray cut the trace off, as it has too many segments'] : []),
    ...(spans.length > 0 && end === start ? ['All of it is of one moment: there are no times to compare'] : []),
  ].slice(0, mostNotes);
}

function sheetOf(
  document: TraceDocument,
  waterfall: Waterfall,
  components: ReadonlyMap<Placed['span'], Component>,
): Sheet {
  const { command, environment, verdict, exitCode, generatedAt, summary, notes, nextSteps, api, spans } = document;
  const operations = spans.filter(({ operation, inferred }) => operation !== null && !inferred);
  return {
    command,
    environment,
    verdict,
    exitCode,
    generatedAt,
    headline: summary,
    isShown: true,
    ...(spans.length === 0 ? {} : { waterfall: waterfallFigure(waterfall, components) }),
    tables: [
      {
        title: 'Whose time it was',
        columns: [{ title: 'in itself', right: true }, { title: 'share', right: true }, { title: 'component' }],
        rows: document.components.map(({ selfMs, share, name, kind }) => [
          quantity(selfMs, 'ms'),
          percent(share),
          `${name} (${kind})`,
        ]),
      },
    ],
    details: operations.map(({ component, operation, durationMs, name, id }) => ({
      title: `${component.name}: ${durationMs === null ? 'not ended' : quantity(durationMs, 'ms')}`,
      lines: [operation ?? '', `${name} (${id})`],
      isMinor: true,
    })),
    remarks: notes,
    nextSteps,
    calls: api.calls,
  };
}
