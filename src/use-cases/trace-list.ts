/** Traces of the service in a window, the slowest or the failed ones first, and where each spent its time. Looks, and changes nothing. */
import type { Trace, TraceSample } from '../cloud/facts.ts';
import { parseDuration } from '../config/durations.ts';
import { quantity } from '../cloud/quantity.ts';
import type { Known } from '../diagnosis/known.ts';
import { componentTimes, type ComponentNames } from '../diagnosis/self-time.ts';
import { sum } from '../diagnosis/statistics.ts';
import { waterfallOf } from '../diagnosis/waterfall.ts';
import type { TracesDocument } from '../report/schemas.ts';
import type { Sheet } from '../report/sheet.ts';
import { exitCodes } from './exit-codes.ts';
import { percent } from './log-window.ts';
import { lookAt } from './look-at.ts';
import { retyped } from './own-command.ts';
import { sitesOf } from './run-settings.ts';
import type { Session } from './session.ts';
import {
  clockTime,
  componentDocument,
  counted,
  iso,
  mainSpan,
  namesIn,
  outcomeOf,
  reasonOf,
  requestDocument,
  rounded,
  traceWindow,
  tracedService,
  type TracesWanted,
} from './trace-kit.ts';
import { tracedName, tracedOperation, tracedPath } from './traced-text.ts';

interface TraceListWanted extends TracesWanted {
  /** A duration as it was typed. */
  readonly slowerThan?: string | undefined;
  /** Only those that failed. */
  readonly failed: boolean;
  readonly limit: number;
}

/** Every operation by which it looks. */
export const traceListCalls: readonly string[] = [
  'xray:GetTraceSummaries',
  'xray:BatchGetTraces',
  'xray:GetTraceSegmentDestination',
];

const defaultWindowMs = 15 * 60_000;
/** Of so many the slowest are chosen: some dozens of pages. */
const among = 3_000;

/** @throws NanoopsError `NoTracedService`, `UnknownRegion`, `InvalidWindow`, `InvalidDuration`, and as opening a session does. */
export async function traceList(
  session: Session,
  wanted: TraceListWanted,
): Promise<{ readonly document: TracesDocument; readonly sheet: Sheet }> {
  const { site } = sitesOf(session.stack, wanted.region);
  const service = tracedService(site);
  const window = traceWindow(session.clock.now(), wanted, defaultWindowMs);
  const { slowerThan, failed, limit } = wanted;
  const slowerThanMs = slowerThan === undefined ? undefined : parseDuration(slowerThan, '--slower-than');
  const isNarrowed = failed || slowerThanMs !== undefined;
  const looked = await lookAt<{ readonly sample: TraceSample; readonly any: TraceSample | undefined }>(
    session,
    { id: 'trace-list', region: site.region, timeoutMs: wanted.timeoutMs },
    {
      sample: {
        title: 'Traces of the service',
        calls: traceListCalls,
        run: (facts) => facts.searchTraces(service, window, { slowerThanMs, failed, limit, among }),
        detail: ({ traces, matched }) => `${traces.length} of ${matched}`,
      },
      // That none is slow or failed says something only where there are others.
      any: {
        title: 'Whether there are traces at all',
        calls: traceListCalls,
        run: async (facts) => (isNarrowed ? facts.traces(service, window, {}, 1) : undefined),
        detail: (found) => (found === undefined ? 'not asked' : `${found.traces.length} found`),
      },
    },
  );
  const { sample, any } = looked.found;
  const traces = sample.known ? sample.value.traces : [];
  const problem = problemOf(sample, any, isNarrowed);
  const verdict = problem === undefined ? 'ok' : 'unknown';
  const items = traces.map((trace) => itemOf(trace, service.service, namesIn(session.stack.service, site)));
  const document: TracesDocument = {
    schema: 'nanoops/traces@1',
    command: 'trace list',
    environment: session.stack.environment,
    region: site.region,
    generatedAt: looked.at,
    verdict,
    exitCode: exitCodes[verdict],
    summary: summaryOf(items, { slowerThanMs, failed }, sample, problem?.text),
    notes: sample.known ? notesOf(sample.value) : [],
    nextSteps: [
      ...(problem?.nextSteps ?? []),
      ...(items[0] === undefined ? [] : [`nanoops trace show ${items[0].id}`]),
    ].map((step) => retyped(step, session.ownOptions)),
    api: looked.api,
    service: service.service,
    window: { from: iso(window.from), to: iso(window.to) },
    found: sample.known ? sample.value.matched : 0,
    complete: sample.known && sample.value.isPartial !== true,
    traces: items,
  };
  return { document, sheet: sheetOf(document) };
}

function problemOf(
  sample: Known<TraceSample>,
  any: Known<TraceSample | undefined>,
  isNarrowed: boolean,
): { readonly text: string; readonly nextSteps: readonly string[] } | undefined {
  if (!sample.known) return reasonOf(sample);
  if (sample.value.traces.length > 0) return undefined;
  if (sample.value.matched > 0) {
    return { text: 'the traces that were found could not be read', nextSteps: ['nanoops logs conformance'] };
  }
  if (!any.known) return reasonOf(any);
  if (isNarrowed && (any.value?.matched ?? 0) > 0) return undefined;
  return {
    text: 'no trace of the service was found in this window: it had no requests, or sends no traces',
    nextSteps: ['nanoops logs conformance', 'nanoops trace list --since 6h'],
  };
}

function itemOf(trace: Trace, service: string, names: ComponentNames): TracesDocument['traces'][number] {
  const { placed } = waterfallOf(trace);
  const spans = placed.map(({ span }) => span);
  const main = mainSpan(spans, service);
  const times = componentTimes([{ ...trace, spans }], names);
  const [most] = times;
  const total = sum(times.map(({ meanMs }) => meanMs));
  return {
    id: tracedName(trace.id),
    startedAt: iso(trace.start),
    durationMs: rounded(trace.durationMs),
    outcome: main === undefined ? 'open' : outcomeOf(main),
    ...(main === undefined ? { method: null, url: null, status: null } : requestDocument(main)),
    most:
      most === undefined
        ? null
        : {
            component: componentDocument(most.component),
            selfMs: rounded(most.meanMs),
            share: total > 0 ? Math.min(1, most.meanMs / total) : 0,
            operation: operationIn(spans, most.operations[0]?.name),
          },
  };
}

/** Operations are named by what they are written as; here they are shown without their values. */
function operationIn(spans: Trace['spans'], name: string | undefined): string | null {
  const span = spans.find(
    ({ sql, awsOperation, url }) => name !== undefined && [sql, awsOperation, url].includes(name),
  );
  return span === undefined ? null : (tracedOperation(span) ?? requestDocument(span).url);
}

function summaryOf(
  items: TracesDocument['traces'],
  { slowerThanMs, failed }: { readonly slowerThanMs: number | undefined; readonly failed: boolean },
  sample: Known<TraceSample>,
  problem: string | undefined,
): string {
  if (problem !== undefined || !sample.known) return `Could not tell: ${problem ?? 'traces could not be read'}`;
  const slower = slowerThanMs === undefined ? '' : ` slower than ${quantity(slowerThanMs, 'ms')}`;
  const kind = failed ? 'failed trace' : 'trace';
  const [first] = items;
  if (first === undefined) return `No ${kind}${slower} among those of this window`;
  const slowest = Math.max(...items.map(({ durationMs }) => durationMs));
  const of = items.length < sample.value.matched ? ` of ${counted(sample.value.matched, kind)}` : '';
  const what = of === '' ? counted(items.length, kind) : String(items.length);
  return `${what}${of}${slower}, ${failed ? 'faults first' : 'the slowest first'}: ${quantity(slowest, 'ms')} at most`;
}

function notesOf({ isPartial, matched, unreadable = 0 }: TraceSample): readonly string[] {
  return [
    'Traces are a sample of the requests: how many there are says nothing of how many requests there were',
    ...(isPartial === true
      ? [`Not all traces of the window were looked at: chosen of ${counted(matched, 'trace')}, evenly over it`]
      : []),
    ...(unreadable > 0 ? [`${counted(unreadable, 'part')} of these traces could not be read`] : []),
  ];
}

const outcomeWords = { ok: 'ok', error: 'error', throttle: 'throttled', fault: 'fault', open: 'open' } as const;

function sheetOf(document: TracesDocument): Sheet {
  const { command, environment, verdict, exitCode, generatedAt, summary, notes, nextSteps, traces, api } = document;
  return {
    command,
    environment,
    verdict,
    exitCode,
    generatedAt,
    headline: summary,
    isShown: true,
    tables: [
      {
        title: `Traces of ${document.service}`,
        columns: [
          { title: 'trace' },
          { title: 'took', right: true },
          { title: 'ended' },
          { title: 'request, slowest part, when' },
        ],
        rows: traces.map((trace) => [
          trace.id,
          quantity(trace.durationMs, 'ms'),
          `${trace.outcome === 'fault' ? '! ' : ''}${trace.status ?? outcomeWords[trace.outcome]}`,
          [
            `${trace.method ?? ''} ${trace.url === null ? '' : tracedPath(trace.url)}`.trim(),
            trace.most === null ? 'not told' : `${trace.most.component.name} ${percent(trace.most.share)}`,
            clockTime(trace.startedAt, generatedAt),
          ]
            .filter((part) => part !== '')
            .join(' · '),
        ]),
      },
    ],
    details: traces
      .filter(({ most }) => most?.operation !== null && most !== null)
      .map(({ id, most }) => ({
        title: id,
        lines: [`${most?.component.name ?? ''}: ${most?.operation ?? ''}`],
        isMinor: true,
      })),
    remarks: notes,
    nextSteps,
    calls: api.calls,
  };
}
