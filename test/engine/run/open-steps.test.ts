/** Which steps of a run that is taken up again are still to be carried out, case by case. */
import { describe, expect, it } from 'vitest';
import type { StepStatus } from '../../../src/engine/events.ts';
import { hasEnded, isDone, isNeededBy, openSteps, stepsLeft } from '../../../src/engine/open-steps.ts';
import { settled, type AnyStep } from '../../../src/engine/step.ts';
import { setting, setTo, steps, theBook } from '../acting/stage.ts';

const book = theBook();
const { conclusion } = book;
const all: readonly StepStatus[] = [
  'succeeded',
  'failed',
  'skipped',
  'blocked',
  'suspended',
  'rolled-back',
  'planned',
  'unknown',
];

type Statuses = { readonly [stepId: string]: StepStatus };

const ended = (statuses: Statuses) => new Map(Object.entries(statuses).map(([id, status]) => [id, { status }]));

/** The ids of what is open, in the steps' order. */
function open(statuses: Statuses, phase: 'acting' | 'undoing' = 'acting', of: readonly AnyStep[] = book.steps) {
  const found = openSteps({ steps: of, conclusion: of.at(-1) ?? conclusion }, ended(statuses), phase);
  return of.filter((step) => found.has(step)).map(({ id }) => id);
}

const whole = {
  found: 'succeeded',
  plan: 'succeeded',
  consent: 'succeeded',
  grow: 'succeeded',
  grown: 'succeeded',
  turn: 'succeeded',
  holds: 'succeeded',
  told: 'succeeded',
  end: 'succeeded',
} as const;

/** Steps of every kind after one that can be left open, and the conclusion. */
function afterOne(isOptional = false) {
  const { observe, approve, manual, act, wait, tell, decide } = steps;
  const change = setTo('size', 2, 3);
  const first = wait('first', {
    title: 'First',
    calls: [],
    withinMs: 1_000,
    isOptional,
    poll: async () => ({ state: 'waiting', detail: '' }),
  });
  const needs = { first: settled(first) };
  const common = { title: 'Next', needs };
  const message = { message: () => '', summary: String, send: async () => ({ delivered: true, detail: '' }) };
  const consent = approve('approve', { ...common, ask: () => ({ question: '?', facts: [], changes: [change] }) });
  const looks = observe('observe', { ...common, run: async () => 1, detail: String });
  return [
    first,
    looks,
    decide('decide', { ...common, run: () => 1, detail: String }),
    consent,
    manual('manual', { ...common, ask: () => ({ question: '?', facts: [] }) }),
    act('act', { ...setting, ...common, approval: consent, change: () => change }),
    tell('notify', { ...common, ...message }),
    decide('last', { title: 'Last', run: () => 1, detail: String }),
  ] as const satisfies readonly AnyStep[];
}

const next = {
  observe: 'succeeded',
  decide: 'succeeded',
  approve: 'succeeded',
  manual: 'succeeded',
  act: 'succeeded',
} as const;
const nextAll = { ...next, notify: 'succeeded', last: 'succeeded' } as const;

describe('what is still to be carried out', () => {
  it('is all of it at the beginning, and the conclusion alone in the end', () => {
    expect(open({})).toEqual(book.steps.map(({ id }) => id));
    expect(open(whole)).toEqual(['end']);
  });

  it.each([
    ['succeeded', []],
    ['planned', []],
    ['skipped', []],
    ['unknown', []],
    ['rolled-back', []],
    ['suspended', ['grow']],
    ['failed', ['grow']],
  ] as const)('of a change that ended %s: %j', (status, expected) => {
    expect(open({ ...whole, grow: status }).filter((id) => id === 'grow')).toEqual(expected);
  });

  it('is what was blocked, where what it needs has ended well or is open itself', () => {
    const blocked = { ...whole, grow: 'suspended', grown: 'blocked', turn: 'blocked', holds: 'blocked' } as const;
    expect(open(blocked)).toEqual(['grow', 'grown', 'turn', 'holds', 'end']);
    expect(open({ ...whole, turn: 'blocked' })).toContain('turn');
    expect(open({ ...whole, grown: 'planned', turn: 'blocked' })).toContain('turn');
  });

  it('is not what was blocked by what has ended, and not well', () => {
    for (const status of ['skipped', 'unknown', 'rolled-back'] as const) {
      // Its other needs have ended well.
      expect(open({ ...whole, grown: status, turn: 'blocked' })).not.toContain('turn');
      expect(open({ ...whole, grown: status, plan: 'succeeded', turn: 'blocked' })).toEqual(['end']);
    }
    const { grown: _grown, ...without } = whole;
    expect(open({ ...without, turn: 'blocked' })).toEqual(['grown', 'turn', 'holds', 'end']);
  });

  it('is what was blocked by a need that it can do without', () => {
    const [first, looks, , , , , , last] = afterOne();
    expect(open({ first: 'unknown', observe: 'blocked', last: 'succeeded' }, 'acting', [first, looks, last])).toEqual([
      'observe',
      'last',
    ]);
  });

  it('is what looked or concluded without one that is open; what was done is not done again', () => {
    const graph = afterOne();
    expect(open({ first: 'failed', ...nextAll }, 'acting', graph)).toEqual(['first', 'observe', 'decide', 'last']);
    expect(open({ first: 'succeeded', ...nextAll }, 'acting', graph)).toEqual(['last']);
  });

  it('is what was skipped without one that is open, whatever its kind', () => {
    const skipped = Object.fromEntries(Object.keys(next).map((id) => [id, 'skipped' as const]));
    expect(open({ first: 'suspended', ...skipped, notify: 'skipped', last: 'skipped' }, 'acting', afterOne())).toEqual([
      'first',
      'observe',
      'decide',
      'approve',
      'manual',
      'act',
      'notify',
      'last',
    ]);
    expect(open({ first: 'succeeded', ...skipped, notify: 'skipped', last: 'skipped' }, 'acting', afterOne())).toEqual([
      'last',
    ]);
  });

  it('is not what concluded without one that is open, while the run puts back', () => {
    expect(open({ first: 'failed', ...nextAll }, 'undoing', afterOne())).toEqual(['first', 'last']);
    // It was kept from its start then, and is not judged anew.
    expect(open({ first: 'failed', ...nextAll, observe: 'rolled-back' }, 'acting', afterOne())).not.toContain(
      'observe',
    );
  });

  it('is not one that may fail and did', () => {
    expect(open({ first: 'failed', ...nextAll }, 'acting', afterOne(true))).toEqual(['last']);
    expect(open({ first: 'suspended', ...nextAll }, 'acting', afterOne(true))).toContain('first');
  });
});

describe('steps that are left, of a run whose steps come one by one', () => {
  const left = (statuses: Statuses, of: readonly AnyStep[] = book.steps) =>
    stepsLeft(
      { steps: of, conclusion: of.at(-1) ?? conclusion },
      { remembered: Object.entries(statuses).map(([stepId, status]) => ({ stepId, status, detail: '' })) },
    ).map(({ id }) => id);

  it('are in the order of the runbook', () => {
    expect(left({})).toEqual(book.steps.map(({ id }) => id));
    expect(left({ ...whole, turn: 'suspended' })).toEqual(['turn', 'holds']);
  });

  it('have the conclusion among them until it has concluded', () => {
    const { end: _end, ...unended } = whole;
    expect(left(unended)).toEqual(['end']);
    expect(left({ ...unended, end: 'suspended' })).toEqual(['end']);
    expect(left({ ...unended, end: 'unknown' })).toEqual([]);
    expect(left(whole)).toEqual([]);
  });

  it('are those without which others looked', () => {
    expect(left({ first: 'suspended', ...nextAll }, afterOne())).toEqual(['first', 'observe', 'decide']);
  });
});

describe('an end', () => {
  const ends = (is: (status: StepStatus) => boolean) => all.filter((status) => is(status));
  const [first] = afterOne();
  const [optional] = afterOne(true);

  it('is well, or any but waiting, failing and not beginning', () => {
    expect(ends(isDone)).toEqual(['succeeded', 'planned']);
    expect(isDone(undefined)).toBe(false);
    expect(ends((status) => hasEnded(first, status))).toEqual(['succeeded', 'skipped', 'planned', 'unknown']);
    expect(hasEnded(first, undefined)).toBe(false);
  });

  it('is a failure where the step may fail', () => {
    expect(ends((status) => hasEnded(optional, status))).toEqual([
      'succeeded',
      'failed',
      'skipped',
      'planned',
      'unknown',
    ]);
    expect(hasEnded(optional, undefined)).toBe(false);
  });
});

it('a step is needed by those that name it', () => {
  const [first, looks, decides, , , , , last] = afterOne();
  expect(isNeededBy(new Set([looks]), first)).toBe(true);
  expect(isNeededBy(new Set([last, decides]), first)).toBe(true);
  expect(isNeededBy(new Set([last]), first)).toBe(false);
  expect(isNeededBy(new Set([first, looks]), last)).toBe(false);
  expect(isNeededBy(new Set(), first)).toBe(false);
});
