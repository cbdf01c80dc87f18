/** What an incident is compared with. */
import { expect, test } from 'vitest';
import { chooseBase, incidentIn } from '../../../src/diagnosis/root-cause/base.ts';
import { times } from './made-up.ts';

const day = 288;

test('a normal period just before the incident is its base', () => {
  expect(chooseBase({ at: times(day) }, { at: times(5, day) })).toMatchObject({ window: 5, edge: 1, isEdges: false });
});

test('so is the same hour of the week before', () => {
  expect(chooseBase({ at: times(12) }, { at: times(12, 7 * day) })).toMatchObject({ isEdges: false });
});

test('of an old one, the incident’s edges are the base', () => {
  expect(chooseBase({ at: times(day) }, { at: times(5, 60 * day) })).toMatchObject({ edge: 1, isEdges: true });
  expect(chooseBase({ at: times(day, 60 * day) }, { at: times(50) })).toMatchObject({ edge: 10, isEdges: true });
});

test('an incident of two points has no edges', () => {
  expect(chooseBase({ at: times(day) }, { at: times(2, 60 * day) })).toMatchObject({ edge: 0, isEdges: false });
});

test('without points there is no base', () => {
  expect(chooseBase({ at: [] }, { at: times(5) })).toBeUndefined();
  expect(chooseBase({ at: times(5) }, { at: [] })).toBeUndefined();
});

test('the incident’s own points are no part of the normal period', () => {
  const base = chooseBase({ at: times(day) }, { at: times(5, 100) });
  if (base === undefined) throw new Error('no base');
  expect(incidentIn(times(day), base)).toEqual({ from: 100, to: 105 });
  expect(incidentIn(times(50), base)).toEqual({ from: 0, to: 0 });
});
