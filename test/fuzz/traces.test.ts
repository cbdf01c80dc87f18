/** Whatever stands in a trace document: what is shown of it, in a terminal and in a page. */
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { readTraceDocument } from '../../src/aws/trace-document.ts';
import { componentTimes, selfTimes, spanComponents } from '../../src/diagnosis/self-time.ts';
import { waterfallOf } from '../../src/diagnosis/waterfall.ts';
import { waterfallView } from '../../src/terminal/waterfall-view.ts';
import { waterfallFigure } from '../../src/use-cases/waterfall-rows.ts';
import { deepJson, expectCleanPrototypes, garbled, mutated, pollution, runs } from './hostile.ts';

afterEach(expectCleanPrototypes);

const at = 1_795_000_000;
const document = {
  id: 'seg1',
  name: 'nano-api',
  origin: 'AWS::ECS::Container',
  start_time: at,
  end_time: at + 4.25,
  fault: true,
  http: { request: { url: 'https://api.nano.example/nanos', method: 'GET' }, response: { status: 500 } },
  cause: { exceptions: [{ type: 'PoolTimeout', message: 'QueuePool limit' }] },
  subsegments: [
    {
      id: 'sub1',
      name: 'nano-db',
      namespace: 'remote',
      start_time: at + 0.5,
      end_time: at + 4,
      sql: { sanitized_query: 'SELECT ?' },
    },
    {
      id: 'sub2',
      name: 'S3',
      namespace: 'aws',
      start_time: at + 4,
      end_time: at + 4.1,
      aws: { operation: 'GetObject' },
      subsegments: [{ id: 'sub3', name: 'attempt', start_time: at + 4, in_progress: true, parent_id: 'sub1' }],
    },
  ],
};

/** What a terminal is sent of it. */
function screenOf(text: string): string {
  const { spans, unreadable } = readTraceDocument(text);
  if (spans.length + unreadable === 0) throw new Error('it was neither read nor counted');
  const times = spans.flatMap(({ start, end }) => [start, end]);
  if (times.some((time) => Number.isNaN(new Date(time).getTime()))) throw new Error('it has a time that is none');
  const trace = { id: '1-a', start: at * 1_000, durationMs: 4_250, spans };
  const names = { service: 'nano-api', database: 'nano-db', cache: 'nano-cache', bucket: 'nano-zips' };
  selfTimes(trace);
  componentTimes([trace], names);
  const figure = waterfallFigure(waterfallOf(trace), spanComponents(trace, names));
  return waterfallView(figure, { columns: 80, color: false });
}

/** But the ends of lines. */
const steering = /(?!\n)\p{Cc}/u;

test('whatever a document holds can be shown, and steers no terminal', () => {
  fc.assert(
    fc.property(fc.gen(), (draw) => {
      expect(screenOf(JSON.stringify(draw(mutated, document)) ?? '')).not.toMatch(steering);
      expect(
        screenOf(draw(garbled, JSON.stringify(document), ['"subsegments":[', '1e999', '"parent_id":"seg1",'])),
      ).not.toMatch(steering);
    }),
    runs(80, 20_000),
  );
});

test.each([
  ['nested without end', deepJson()],
  [
    'subsegments without end',
    `${'{"id":"a","name":"b","start_time":1,"subsegments":['.repeat(2_000)}${']}'.repeat(2_000)}`,
  ],
  ['keys of the language', pollution],
  [
    'spans that are each other’s parents',
    JSON.stringify({
      ...document,
      parent_id: 'sub2',
      subsegments: [{ ...document, id: 'sub2', parent_id: 'seg1', subsegments: [] }],
    }),
  ],
  [
    'thousands of spans at once',
    JSON.stringify({
      ...document,
      subsegments: Array.from({ length: 2_000 }, (_, index) => ({
        id: `s${index}`,
        name: `n${index % 7}`,
        start_time: at,
        end_time: at + 1,
      })),
    }),
  ],
])('that is %s can be shown', (_, text) => {
  expect(screenOf(text)).not.toMatch(steering);
});
