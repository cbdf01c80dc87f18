/**
 * The commands on traces, on a cloud that says what a test tells it to: documents that anybody may write, what is missing,
 * what was denied, and where traces went elsewhere.
 */
import { describe, expect, test } from 'vitest';
import { readTraceDocument } from '../../src/aws/trace-document.ts';
import type { FoundTrace, TraceSample } from '../../src/cloud/facts.ts';
import type { ServiceGraph } from '../../src/cloud/service-graph-facts.ts';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import { sheetHtml } from '../../src/report/html/sheet-html.ts';
import { traceDocument, traceMapDocument, tracesDocument } from '../../src/report/schemas.ts';
import { sheetMarkdown } from '../../src/report/sheet-markdown.ts';
import type { Sheet } from '../../src/report/sheet.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { sheetView } from '../../src/terminal/sheet-view.ts';
import { traceList } from '../../src/use-cases/trace-list.ts';
import { traceMap } from '../../src/use-cases/trace-map.ts';
import { traceShow } from '../../src/use-cases/trace-show.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { FakeCloud, refusal, type Told } from '../fakes/cloud.ts';
import { fakeInspection } from '../fakes/inspection.ts';
import { RecordingOutside } from '../support/recording-outside.ts';
import { nowMs, stackConfig } from './stage.ts';
import { nothingNamed } from '../support/nothing-named.ts';

function sessionOn(told: Told, config: Record<string, unknown> = stackConfig): Session {
  const parsed = parseConfig(config, 'a test');
  const clock = new VirtualClock(nowMs);
  return {
    config: parsed,
    stack: stackOf(parsed),
    cloud: new FakeCloud(told, { region: 'us-west-2', clock }),
    outside: new RecordingOutside({}).outside,
    named: nothingNamed,
    inspection: fakeInspection(),
    isSimulated: false,
    verify: () => Promise.resolve(),
    awsOptions: [],
    clock,
    random: () => 0.5,
    signal: new AbortController().signal,
    emit: () => undefined,
  };
}

const at = Math.floor(nowMs / 1_000) - 600;
const id = `1-${at.toString(16)}-0123456789abcdef01234567`;
const source = { operation: 'xray:BatchGetTraces', region: 'us-west-2', detail: id };

function found(...documents: readonly object[]): FoundTrace {
  const read = documents.map((document) => readTraceDocument(JSON.stringify(document)));
  return {
    id,
    start: at * 1_000,
    durationMs: 1_000,
    spans: read.flatMap(({ spans }) => spans),
    unreadable: read.reduce((sum, { unreadable }) => sum + unreadable, 0),
    isCut: false,
    source,
  };
}

const wanted = { failed: false, limit: 20 };
const sample = (more: Partial<TraceSample> = {}): TraceSample => ({
  traces: [],
  matched: 0,
  truncated: false,
  source,
  ...more,
});
const span = (from: number, to: number) => ({ start_time: at + from, end_time: at + to });

async function shownAs(sheet: Sheet): Promise<readonly string[]> {
  return [await sheetView(sheet, { columns: 80, color: false, verbosity: 1 }), sheetMarkdown(sheet), sheetHtml(sheet)];
}

describe('documents that anybody may write', () => {
  const evil = `\u001b[2J\u001b]8;;https://evil.example\u0007<script>alert(1)</script>\u202e`;
  const secrets = ['hunter2', 'AKIAIOSFODNN7EXAMPLE', 'ana@example.com', 'shown-to-nobody', 's3cr3t-value'];
  const hostile = found({
    id: 'root',
    name: `nano-api${evil}`,
    ...span(0, 1),
    fault: true,
    cause: { exceptions: [{ type: `Bad${evil}`, message: 'password=s3cr3t-value for ana@example.com' }] },
    http: {
      request: { method: `GET${evil}`, url: `https://ana:hunter2@api.example/x${evil}?q=shown-to-nobody` },
      response: { status: 500 },
    },
    subsegments: [
      {
        id: 'sql',
        name: `db${evil}`,
        namespace: 'remote',
        ...span(0.1, 0.9),
        sql: { sanitized_query: `SELECT 'shown-to-nobody', 'ana@example.com' -- AKIAIOSFODNN7EXAMPLE ${evil}` },
      },
      { id: 'long', name: 'n'.repeat(60_000), ...span(0.9, 0.95), aws: { operation: 'o'.repeat(60_000) } },
      { id: 'never', name: 'never', start_time: 1e300, end_time: -1 },
      { id: 'times', name: 'times', start_time: at, end_time: 1e308 },
      ...Array.from({ length: 5_000 }, (_, index) => ({ id: `n${index}`, name: `n${index}`, ...span(0.95, 0.96) })),
    ],
  });

  test('are shown bounded, masked, and as text', async () => {
    const { document, sheet } = await traceShow(sessionOn({ trace: hostile }), id, {});
    traceDocument.parse(document);
    expect(document.spans.length).toBe(2_000);
    expect(document.omitted).toBeGreaterThan(3_000);
    expect(document.notes.join('\n')).toMatch(/1 part could not be read/);
    const shown = await shownAs(sheet);
    for (const text of [...shown, JSON.stringify(document)]) {
      for (const secret of secrets) expect(text).not.toContain(secret);
      expect(text.length).toBeLessThan(3_000_000);
    }
    for (const text of shown) {
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
    }
    expect(shown[2]).not.toContain('<script');
    // What stands in backquotes is text.
    expect(shown[1]?.replaceAll(/`[^`]*`/g, '')).not.toMatch(/(?<!\\)<script/);
    expect(shown[0]?.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  test('in a list, too', async () => {
    const told = sample({ traces: [hostile], matched: 1 });
    const { document, sheet } = await traceList(sessionOn({ searchTraces: told }), wanted);
    tracesDocument.parse(document);
    const shown = await shownAs(sheet);
    for (const text of [...shown, JSON.stringify(document)])
      for (const secret of secrets) expect(text).not.toContain(secret);
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    for (const text of shown) expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
    expect(shown[2]).not.toContain('<script');
  });

  test('and names on a map', async () => {
    const statistics = {
      requests: 4,
      ok: 4,
      errors: 0,
      throttles: 0,
      faults: 0,
      totalMs: 8,
      latencies: [{ ms: 2, count: 4 }],
    };
    const graph: ServiceGraph = {
      components: [
        { id: 'a', name: `a${evil}`, type: evil, isRoot: true, statistics },
        { id: 'b', name: `token=s3cr3t-value`, isRoot: false, statistics },
      ],
      calls: [
        { from: 'a', to: 'b', statistics },
        { from: 'b', to: 'b', statistics },
      ],
      truncated: true,
      dangling: 2,
      source,
    };
    const { document, sheet } = await traceMap(sessionOn({ serviceGraph: graph }), {});
    traceMapDocument.parse(document);
    expect(document.notes.join('\n')).toMatch(/parts of it are missing[^]*2 calls lead to components/);
    const shown = await shownAs(sheet);
    for (const text of shown) {
      expect(text).not.toContain('s3cr3t-value');
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
    }
    expect(shown[2]).not.toContain('<script');
  });
});

describe('what is missing is said', () => {
  test('parts in progress, callers and segments that are not there, clocks that differ, parts that come twice', async () => {
    const trace = found(
      {
        id: 'root',
        name: 'nano-api',
        parent_id: 'gone',
        ...span(0, 1),
        subsegments: [
          {
            id: 'call',
            name: 'payments',
            namespace: 'remote',
            ...span(0.2, 0.6),
            http: { request: { url: 'https://payments/v1', traced: true } },
          },
          {
            id: 'early',
            name: 'stock',
            namespace: 'remote',
            ...span(0.6, 0.8),
            http: { request: { url: 'https://stock/v1', traced: true } },
          },
          { id: 'open', name: 'audit', start_time: at + 0.8, in_progress: true },
        ],
      },
      { id: 'other', name: 'stock', parent_id: 'early', ...span(0.1, 0.2) },
      { id: 'other', name: 'stock', parent_id: 'early', start_time: at + 0.1, in_progress: true },
    );
    const { document, sheet } = await traceShow(sessionOn({ trace }), id, {});
    const said = document.notes.join('\n');
    expect(said).toMatch(/Not ended[^\n]*: audit/);
    expect(said).toMatch(/Missing: payments traces itself/);
    expect(said).toMatch(/Missing: what called nano-api/);
    expect(said).toMatch(/Clocks differ: stock was moved, by 550 ms/);
    expect(said).toMatch(/1 part came more than once/);
    expect(document).toMatchObject({ verdict: 'ok', exitCode: 0 });
    expect((await shownAs(sheet))[0]).toMatch(/audit\s+┄+\s+open/);
  });

  test('calls that are made again and again are one row, and still all in the document', async () => {
    const subsegments = Array.from({ length: 37 }, (_, index) => ({
      id: `q${index}`,
      name: 'nano@nano-db',
      namespace: 'remote',
      ...span(index * 0.02, index * 0.02 + 0.01),
      sql: { sanitized_query: `SELECT * FROM nanos WHERE id = ${index}` },
    }));
    const { document, sheet } = await traceShow(
      sessionOn({ trace: found({ id: 'root', name: 'nano-api', ...span(0, 1), subsegments }) }),
      id,
      {},
    );
    expect(document.spans).toHaveLength(38);
    expect(sheet.waterfall?.rows.map(({ label, tookMs }) => [label, Math.round(tookMs ?? 0)])).toEqual([
      ['nano-api', 1_000],
      ['37 × nano-db SELECT * FROM nanos WHERE id = ?', 370],
    ]);
    expect(document.components.map(({ name, selfMs }) => [name, Math.round(selfMs)])).toEqual([
      ['nano-api', 630],
      ['nano-db', 370],
    ]);
  });

  test('a trace of which nothing could be read is not told as well', async () => {
    const trace = { ...found(), unreadable: 3 };
    const { document } = await traceShow(sessionOn({ trace }), id, {});
    expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3, spans: [] });
  });
});

describe('what could not be read is exit code 3, with what to do', () => {
  test('a permission that is missing', async () => {
    const shown = await traceShow(sessionOn({ trace: refusal('trace') }), id, {});
    const listed = await traceList(sessionOn({ searchTraces: refusal('searchTraces') }), wanted);
    const mapped = await traceMap(sessionOn({ serviceGraph: refusal('serviceGraph') }), {});
    for (const { document, sheet } of [shown, listed, mapped]) {
      expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3 });
      expect(document.summary).toMatch(/^Could not tell: /);
      expect(document.nextSteps.join()).toMatch(/^allow xray:/);
      expect((await shownAs(sheet))[0]).toMatch(/^\? Could not tell/);
    }
  });

  test('traces that went to Transaction Search', async () => {
    const { document } = await traceList(sessionOn({ searchTraces: refusal('searchTraces', 'not-found') }), wanted);
    expect(document).toMatchObject({ exitCode: 3, traces: [] });
    expect(document.summary).toContain('not-found');
  });

  test('a service that is not named', async () => {
    const { tracing: _tracing, ...config } = stackConfig;
    const session = sessionOn({}, config);
    await expect(traceList(session, wanted)).rejects.toMatchObject({ code: 'NoTracedService', exitCode: 2 });
    await expect(traceMap(session, {})).rejects.toMatchObject({ code: 'NoTracedService', exitCode: 2 });
  });
});
