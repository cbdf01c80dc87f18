/**
 * Reads X-Ray segment documents (AWS X-Ray Developer Guide, "AWS X-Ray segment documents"). They are written by whatever
 * instruments an application, so each is taken for what it may be: broken, deep, huge, or not a segment. Pure.
 */
import { z } from 'zod';
import type { TraceSpan } from '../cloud/facts.ts';

/** No trace that somebody can use has more. */
const mostSpans = 10_000;

/** Whoever can send a request may write into these: more of it tells nobody anything. */
const longest = { name: 300, url: 2_000, statement: 20_000, said: 500 };

const text = (most: number) => z.string().transform((value) => value.slice(0, most));

/** Epoch seconds; beyond these there is no date. */
const time = z.number().min(0).max(1e11);

const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const flag = z.boolean().catch(false);

/** One segment or subsegment; those below it are read one by one, so that one that is broken spoils no other. */
const nodeSchema = z.object({
  id: text(longest.name),
  name: text(longest.name),
  start_time: time,
  end_time: optional(time),
  parent_id: optional(text(longest.name)),
  origin: optional(text(longest.name)),
  namespace: optional(text(longest.name)),
  in_progress: flag,
  inferred: flag,
  fault: flag,
  error: flag,
  throttle: flag,
  sql: optional(z.object({ sanitized_query: optional(text(longest.statement)) })),
  aws: optional(z.object({ operation: optional(text(longest.name)) })),
  // A string in its place is the id of an exception that stands elsewhere.
  cause: optional(
    z.object({
      exceptions: optional(
        z.array(z.object({ type: optional(text(longest.name)), message: optional(text(longest.said)) })),
      ),
    }),
  ),
  http: optional(
    z.object({
      request: optional(
        z.object({ url: optional(text(longest.url)), method: optional(text(longest.name)), traced: flag }),
      ),
      response: optional(z.object({ status: optional(z.number()) })),
    }),
  ),
  subsegments: optional(z.array(z.unknown())),
});

export interface ReadDocument {
  readonly spans: readonly TraceSpan[];
  /** Segments and subsegments that could not be read. */
  readonly unreadable: number;
}

interface Waiting {
  readonly value: unknown;
  readonly parentId: string | undefined;
  readonly segment: boolean;
}

/** All spans of a document, parents before children. */
export function readTraceDocument(document: string): ReadDocument {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    // Counted: who asks is told how much could not be read.
    return { spans: [], unreadable: 1 };
  }
  const spans: TraceSpan[] = [];
  let unreadable = 0;
  const waiting: Waiting[] = [{ value: parsed, parentId: undefined, segment: true }];
  while (spans.length < mostSpans) {
    const next = waiting.shift();
    if (next === undefined) break;
    const read = nodeSchema.safeParse(next.value, { jitless: true }); // A few hundred spans do not earn the time to compile a parser.;
    if (!read.success) {
      unreadable += 1;
      continue;
    }
    const node = read.data;
    spans.push(spanFrom(node, next));
    for (const value of node.subsegments ?? []) waiting.push({ value, parentId: node.id, segment: false });
  }
  return { spans, unreadable: unreadable + waiting.length };
}

function spanFrom(node: z.infer<typeof nodeSchema>, { parentId, segment }: Waiting): TraceSpan {
  const start = node.start_time * 1_000;
  const exception = node.cause?.exceptions?.[0];
  const said = [exception?.type, exception?.message].filter((each) => each !== undefined && each !== '').join(': ');
  return {
    id: node.id,
    // A subsegment that is sent on its own names its parent itself.
    parentId: node.parent_id ?? parentId,
    name: node.name,
    origin: node.origin,
    namespace: node.namespace,
    start,
    end: Math.max(start, (node.end_time ?? node.start_time) * 1_000),
    inProgress: node.in_progress || node.end_time === undefined,
    fault: node.fault,
    error: node.error,
    throttle: node.throttle,
    sql: node.sql?.sanitized_query,
    awsOperation: node.aws?.operation,
    method: node.http?.request?.method,
    url: node.http?.request?.url,
    status: node.http?.response?.status,
    exception: said === '' ? undefined : said,
    segment,
    ...(node.inferred && { inferred: true }),
    expectsSegment: node.http?.request?.traced === true,
  };
}
