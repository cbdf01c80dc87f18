/** Which reader is promoted, and what is said where none can be. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DatabaseInstance, DatabaseState } from '../../../src/cloud/facts.ts';
import { failoverTarget } from '../../../src/diagnosis/database/failover-target.ts';
import { database, reader, writer } from './pictures.ts';

const cluster = (readers: readonly Partial<DatabaseInstance>[], more: Partial<DatabaseState> = {}): DatabaseState =>
  database({
    instances: [writer, ...readers.map((each, index) => ({ ...reader, id: `r${index}`, ...each }))],
    ...more,
  });
const chosen = (...readers: readonly Partial<DatabaseInstance>[]) => failoverTarget(cluster(readers)).target?.id;

describe('the reader to promote', () => {
  test.each<[string, readonly Partial<DatabaseInstance>[], string]>([
    ['has the lowest tier', [{ promotionTier: 2 }, { promotionTier: 0 }, { promotionTier: 1 }], 'r1'],
    ['has the usual tier where none was told', [{ promotionTier: 2 }, { promotionTier: undefined }], 'r1'],
    ['is available', [{ status: 'rebooting', promotionTier: 0 }, {}], 'r1'],
    ['is no smaller than the writer', [{ instanceClass: 'db.t4g.large' }, { instanceClass: 'db.r6g.xlarge' }], 'r1'],
    ['is rather of a size that is known', [{ instanceClass: 'db.serverless' }, {}], 'r1'],
    [
      'is rather of an unknown size than too small',
      [{ instanceClass: 'db.t4g.medium' }, { instanceClass: 'db.serverless' }],
      'r1',
    ],
    ['is in another zone', [{ zone: 'us-west-2a' }, { zone: 'us-west-2c' }], 'r1'],
    [
      'is large rather than elsewhere',
      [{ instanceClass: 'db.t4g.medium', zone: 'us-west-2c' }, { zone: 'us-west-2a' }],
      'r1',
    ],
    ['is the first of equals', [{ id: 'b' }, { id: 'a' }], 'a'],
  ])('%s', (_what, readers, expected) => {
    expect(chosen(...readers)).toBe(expected);
  });

  test('the tier decides over the size, as Aurora decides, and the smaller class is a concern', () => {
    const found = failoverTarget(cluster([{ promotionTier: 0, instanceClass: 'db.r6g.medium' }, { promotionTier: 1 }]));
    expect(found).toMatchObject({
      target: { id: 'r0' },
      concerns: ['r0 (db.r6g.medium) is smaller than the writer (db.r6g.large): it may not carry the load'],
    });
  });

  test('concerns name the writer\u2019s own zone and sizes that cannot be compared', () => {
    const found = failoverTarget(cluster([{ instanceClass: 'db.serverless', zone: 'us-west-2a' }]));
    expect(found).toMatchObject({
      concerns: [
        'the sizes of r0 (db.serverless) and the writer (db.r6g.large) cannot be compared',
        'r0 is in the writer\u2019s own zone, us-west-2a',
      ],
    });
  });

  test('without a known writer there is a target, and a concern', () => {
    const found = failoverTarget(database({ instances: [reader] }));
    expect(found).toMatchObject({ target: { id: reader.id }, concerns: [expect.stringContaining('is not known')] });
  });
});

test.each<[string, DatabaseState, string]>([
  ['no reader', cluster([]), 'the cluster has no reader to promote'],
  ['no reader that is available', cluster([{ status: 'creating' }]), 'no reader is available: r0 is creating'],
  ['a failover under way', cluster([{}], { status: 'failing-over' }), 'a failover is under way already'],
  [
    'a stopped cluster',
    cluster([{}], { status: 'stopped' }),
    'the cluster is stopped: RDS fails over only an available cluster',
  ],
])('with %s there is none', (_what, state, reason) => {
  expect(failoverTarget(state)).toEqual({ target: undefined, reason });
});

test('the order of instances makes no difference, and the writer is never chosen', () => {
  const anyReader = fc.record({
    status: fc.constantFrom('available', 'rebooting'),
    instanceClass: fc.constantFrom('db.r6g.large', 'db.r6g.xlarge', 'db.t4g.medium', 'db.serverless'),
    zone: fc.constantFrom('us-west-2a', 'us-west-2b', undefined),
    promotionTier: fc.constantFrom(0, 1, 2, undefined),
  });
  fc.assert(
    fc.property(fc.array(anyReader, { maxLength: 6 }), (readers) => {
      const state = cluster(readers);
      const found = failoverTarget(state);
      expect(failoverTarget({ ...state, instances: state.instances.toReversed() }).target).toEqual(found.target);
      expect(found.target?.id).not.toBe(writer.id);
      expect(found.target === undefined).toBe(!readers.some(({ status }) => status === 'available'));
    }),
    { numRuns: 100 },
  );
});
