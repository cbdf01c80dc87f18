import { describe, expect, it } from 'vitest';
import { changeGroups, changeTally, changeText, differencesIn, howToLook } from '../../src/report/change-text.ts';

const change = { operation: 'ecs:UpdateService', resource: 'nano/nano-api', region: 'us-west-2', stepId: 'scale-out' };

describe('what a change changes', () => {
  it.each([
    [{ desired: 6, version: 'a' }, { desired: 7, version: 'a' }, 'desired 6 → 7'],
    [{ minimum: null }, { minimum: 2 }, 'minimum none → 2'],
    [{}, { cluster: 'nano-db-2' }, 'cluster none → nano-db-2'],
    [{ groups: ['a'] }, { groups: ['a', 'b'] }, 'groups ["a"] → ["a","b"]'],
    [{ on: true, name: '' }, { on: false, name: 'x' }, 'on true → false, name "" → x'],
  ])('from %j to %j is "%s"', (before, after, expected) => {
    expect(changeText({ ...change, before, after })).toBe(`ecs:UpdateService nano/nano-api in us-west-2: ${expected}`);
  });

  it('is nothing where a value is absent on both sides', () => {
    expect(differencesIn({ before: { a: null }, after: {} })).toEqual([]);
  });

  it('is its summary where no values are told, and its name alone where there is none', () => {
    expect(changeText({ ...change, summary: 'every task is replaced' })).toBe(
      'ecs:UpdateService nano/nano-api in us-west-2: every task is replaced',
    );
    expect(changeText(change)).toBe('ecs:UpdateService nano/nano-api in us-west-2');
  });

  it('can be looked at, also where nothing tells before from after', () => {
    expect(howToLook({ ...change, before: { desired: 6 }, after: { desired: 7 } })).toBe(
      'look at nano/nano-api in us-west-2: desired 6 means that it was not done, desired 7 that it was',
    );
    expect(howToLook(change)).toBe('look at nano/nano-api in us-west-2 before anything else is changed there');
  });
});

describe('the changes of a run', () => {
  const all = (['planned', 'failed', 'reverted', 'unknown', 'applied'] as const).map((status) => ({
    ...change,
    status,
  }));

  it('stand in the order in which a reader must know of them', () => {
    expect(changeGroups(all).map(({ status }) => status)).toEqual([
      'applied',
      'unknown',
      'reverted',
      'failed',
      'planned',
    ]);
  });

  it('are counted by how they stand', () => {
    expect(changeTally([])).toBe('nothing was changed');
    expect(changeTally(all.slice(1, 2))).toBe('1 change was not made');
    expect(changeTally([...all.slice(2), ...all.slice(2)])).toBe(
      '2 changes stay, 2 may or may not have been made, 2 were put back',
    );
  });
});
