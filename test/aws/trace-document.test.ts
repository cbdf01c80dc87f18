import { assert, json, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTraceDocument } from '../../src/aws/trace-document.ts';

const at = 1_795_000_000;

const document = {
  id: 'seg1',
  trace_id: '1-6afe0000-000000000000000000000000',
  name: 'nano-api',
  origin: 'AWS::ECS::Container',
  start_time: at,
  end_time: at + 4.25,
  fault: true,
  http: { request: { url: 'https://api.nano.example/nanos', method: 'GET' }, response: { status: 500 } },
  subsegments: [
    {
      id: 'sub1',
      name: 'nano-db',
      namespace: 'remote',
      start_time: at + 0.5,
      end_time: at + 4,
      sql: { sanitized_query: 'SELECT * FROM nanos WHERE title LIKE ?', user: 'nano' },
    },
    {
      id: 'sub2',
      name: 'S3',
      namespace: 'aws',
      start_time: at + 4,
      end_time: at + 4.1,
      aws: { operation: 'GetObject' },
      subsegments: [{ id: 'sub3', name: 'attempt', start_time: at + 4, in_progress: true }],
    },
  ],
};

describe('a segment document', () => {
  it('becomes spans with absolute times, parents before children', () => {
    const { spans, unreadable } = readTraceDocument(JSON.stringify(document));
    expect(unreadable).toBe(0);
    expect(spans.map(({ id, parentId, segment }) => [id, parentId, segment])).toEqual([
      ['seg1', undefined, true],
      ['sub1', 'seg1', false],
      ['sub2', 'seg1', false],
      ['sub3', 'sub2', false],
    ]);
    expect(spans[0]).toMatchObject({
      start: at * 1_000,
      end: at * 1_000 + 4_250,
      fault: true,
      error: false,
      status: 500,
      url: 'https://api.nano.example/nanos',
      origin: 'AWS::ECS::Container',
    });
    expect(spans[1]).toMatchObject({ sql: 'SELECT * FROM nanos WHERE title LIKE ?', namespace: 'remote' });
    expect(spans[2]).toMatchObject({ awsOperation: 'GetObject' });
    expect(spans[3]).toMatchObject({ inProgress: true });
  });

  it('loses only the part that is broken', () => {
    const broken = { ...document, subsegments: [{ id: 7 }, null, 'x', ...document.subsegments.slice(0, 1)] };
    const { spans, unreadable } = readTraceDocument(JSON.stringify(broken));
    expect(spans.map(({ id }) => id)).toEqual(['seg1', 'sub1']);
    expect(unreadable).toBe(3);
  });

  it('loses only the field that is broken', () => {
    const broken = { ...document, sql: 5, http: 'no', fault: 'yes', subsegments: {} };
    expect(readTraceDocument(JSON.stringify(broken)).spans[0]).toMatchObject({ id: 'seg1', fault: false });
  });

  it.each([
    ['nothing', ''],
    ['half a document', '{"id":"a"'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a prototype', '{"__proto__":{"id":"a","name":"b","start_time":1}}'],
    ['no times', '{"id":"a","name":"b"}'],
  ])('that is %s is counted and skipped', (_, text) => {
    expect(readTraceDocument(text)).toEqual({ spans: [], unreadable: 1 });
  });

  it('never runs backwards', () => {
    const { spans } = readTraceDocument(JSON.stringify({ ...document, end_time: at - 10 }));
    expect(spans[0]?.end).toBe(spans[0]?.start);
  });

  it('may be as deep as it likes', () => {
    const depth = 5_000;
    const node = '{"id":"a","name":"b","start_time":1,"end_time":2';
    const deep = `${`${node},"subsegments":[`.repeat(depth)}${node}}${']}'.repeat(depth)}`;
    expect(readTraceDocument(deep).spans).toHaveLength(depth + 1);
  });

  it('may be as wide as it likes, up to a limit, beyond which parts are counted', () => {
    const wide = { ...document, subsegments: Array.from({ length: 12_000 }, () => document.subsegments[0]) };
    const { spans, unreadable } = readTraceDocument(JSON.stringify(wide));
    expect(spans).toHaveLength(10_000);
    expect(unreadable).toBe(2_001);
  });

  it('crashes for nobody', () => {
    assert(
      property(json(), (text) => {
        const { spans, unreadable } = readTraceDocument(text);
        expect(spans.length + unreadable).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
