import { expect, test } from 'vitest';
import { checkIds } from '../../src/config/check-ids.ts';
import { thresholdCheckIds } from '../../src/config/thresholds.ts';

test('the ids that scripts rely on are all there, once', () => {
  const inArea = (area: string) => checkIds.filter((id) => id.startsWith(area)).length;
  expect(new Set(checkIds).size).toBe(79);
  expect(checkIds).toHaveLength(79);
  expect({
    alert: inArea('alert-'),
    weekly: inArea('weekly-'),
    backup: inArea('backup-'),
    tune: inArea('tune-'),
    slo: inArea('slo-'),
    logs: inArea('logs-'),
  }).toEqual({
    alert: 10,
    weekly: 7,
    backup: 8,
    tune: 24,
    slo: 2,
    logs: 10,
  });
});

test('every metric and every alert rule has a threshold that a file can set', () => {
  const without = checkIds.filter((id) => !thresholdCheckIds.some((each) => each === id));
  expect(without.filter((id) => !/^(?:weekly|backup|tune|logs)-/.test(id))).toEqual([]);
});
