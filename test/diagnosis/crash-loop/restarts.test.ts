/** What counts as a restart, and when restarts are a crash loop. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countRestarts, crashesIn } from '../../../src/diagnosis/crash-loop/restarts.ts';
import { endMs, minutesAgo, minuteMs, windowOf } from '../series.ts';
import { task, tasks } from './pictures.ts';

describe('more than 3 in 5 minutes are a crash loop', () => {
  test.each([
    ['three', [4, 3, 1], { latest: 3, state: 'none' }],
    ['four', [4, 3, 2, 1], { latest: 4, state: 'ongoing' }],
    ['four, one of them too early', [5.1, 3, 2, 1], { latest: 3, state: 'over' }],
    ['four within five minutes, before', [24, 23, 22, 21], { latest: 0, state: 'over' }],
    ['four, but far apart', [40, 30, 20, 10], { latest: 0, state: 'none' }],
    ['four within five minutes, two hours ago', [124, 123, 122, 121], { latest: 0, state: 'none' }],
    ['none', [], { latest: 0, state: 'none' }],
  ])('%s', (_what, minutes, expected) => {
    expect(countRestarts(tasks(minutes), endMs)).toMatchObject(expected);
  });

  test('a crash at this very moment counts', () => {
    expect(countRestarts(tasks([0]), endMs).latest).toBe(1);
  });

  test('the worst five minutes are told, and the loop from its first crash to its last', () => {
    const found = countRestarts(tasks([50, 29, 28, 27, 26, 25.5, 18]), endMs);
    expect(found.worst.count).toBe(5);
    expect(found.worst.window.to - found.worst.window.from).toBe(5 * minuteMs);
    expect(found.loop).toMatchObject({ from: minutesAgo(29), to: minutesAgo(18) });
    expect(found.loop?.crashes).toHaveLength(6);
  });
});

test.each([
  ['EssentialContainerExited', 1],
  ['TaskFailedToStart', 1],
  ['ServiceSchedulerInitiated', 0],
  ['UserInitiated', 0],
  ['SpotInterruption', 0],
  ['TerminationNotice', 0],
  [undefined, 0],
])('a task that stopped with %s counts %i times', (stopCode, expected) => {
  expect(crashesIn([task('a', 1, { stopCode })], windowOf(5))).toHaveLength(expected);
});

test('what was stopped from outside is kept apart, and what ECS told too little about is counted as such', () => {
  const found = countRestarts(
    [
      task('scaled', 2, { stopCode: 'ServiceSchedulerInitiated' }),
      task('old', 200, { stopCode: 'UserInitiated' }),
      task('undated', undefined),
      task('codeless', 1, { stopCode: undefined }),
    ],
    endMs,
  );
  expect(found).toMatchObject({ latest: 0, untold: 2 });
  expect(found.stoppedFromOutside.map(({ taskArn }) => taskArn.split('/').at(-1))).toEqual(['scaled']);
});

const anyTask = fc.record({
  id: fc.integer({ min: 0, max: 30 }),
  minutes: fc.integer({ min: 0, max: 70 }),
  stopCode: fc.constantFrom(
    'EssentialContainerExited',
    'TaskFailedToStart',
    'ServiceSchedulerInitiated',
    'UserInitiated',
  ),
});
const anyTasks = fc
  .uniqueArray(anyTask, { selector: ({ id }) => id, maxLength: 25 })
  .map((list) => list.map(({ id, minutes, stopCode }) => task(`t${id}`, minutes, { stopCode })));

test('neither the order of tasks nor a task that is listed twice makes a difference', () => {
  fc.assert(
    fc.property(anyTasks, (list) => {
      const { stoppedFromOutside: _, ...once } = countRestarts(list, endMs);
      expect(countRestarts([...list, ...list.toReversed()].toReversed(), endMs)).toMatchObject(once);
    }),
    { numRuns: 50 },
  );
});

test('no five minutes of the hour hold more than the worst, and the latest are no worse', () => {
  fc.assert(
    fc.property(anyTasks, fc.integer({ min: 0, max: 55 }), (list, minutes) => {
      const { worst, latest } = countRestarts(list, endMs);
      const window = { from: minutesAgo(minutes + 5) + 1, to: minutesAgo(minutes) + 1 };
      expect(worst.count).toBeGreaterThanOrEqual(crashesIn(list, window).length);
      expect(worst.count).toBeGreaterThanOrEqual(latest);
      expect(crashesIn(list, worst.window)).toHaveLength(worst.count);
    }),
    { numRuns: 100 },
  );
});
