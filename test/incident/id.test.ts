import { expect, it } from 'vitest';
import { idsFor, isIncidentId, meantBy } from '../../src/incident/id.ts';
import { start } from './made-up.ts';

it('ids are the day and a word, each another', () => {
  const ids = [...idsFor(start, () => 0.5)];
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(80);
  expect(ids.every((id) => /^1126-[a-z]{4,8}$/.test(id) && isIncidentId(id))).toBe(true);
});

it.each([
  ['1126-tango', ['1126-tango']],
  ['tan', ['1126-tango']],
  ['TANGO', ['1126-tango']],
  ['1126', ['1126-tango', '1126-tiger']],
  ['t', ['1126-tango', '1126-tiger', '1125-tulip']],
  ['ango', []],
  ['', []],
])('%j means %j', (typed, meant) => {
  expect(meantBy(typed, ['1126-tango', '1126-tiger', '1125-tulip'])).toEqual(meant);
});
