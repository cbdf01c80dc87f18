/** How many more requests failed than usual. */
import { expect, test } from 'vitest';
import { chooseBase } from '../../../src/diagnosis/root-cause/base.ts';
import { faultExcess } from '../../../src/diagnosis/root-cause/fault-counts.ts';
import type { Readings } from '../../../src/diagnosis/root-cause/input.ts';
import { times } from './made-up.ts';

function readings(first: number, requests: number, faults: readonly number[]): Readings {
  return { at: times(faults.length, first), requests: faults.map(() => requests), faults };
}

function excess(normal: Readings, incident: Readings): ReturnType<typeof faultExcess> {
  const base = chooseBase(normal, incident);
  return base === undefined ? undefined : faultExcess(normal, incident, base);
}

const clean = readings(0, 300, Array(288).fill(0));
const old = 100_000;

test('the same share is surer of more requests', () => {
  const few = excess(readings(0, 10, Array(288).fill(0)), readings(288, 10, [0, 1, 0, 0, 0]));
  const many = excess(clean, readings(288, 300, [0, 10, 10, 10, 0]));
  expect(few?.score).toBeLessThan(4);
  expect(many?.score).toBeGreaterThan(8);
  expect(many?.excess).toBeCloseTo(30, 0);
});

test('what fails in bursts on calm days, too, is overdispersed', () => {
  const bursts = readings(
    0,
    300,
    Array.from({ length: 288 }, (_, point) => (point % 20 === 0 ? 12 : 0)),
  );
  expect(excess(bursts, readings(288, 300, [0, 0, 14, 0, 0]))?.score).toBeLessThan(3);
});

test('what fails always is not news when it fails again', () => {
  const failing = readings(0, 10, Array(288).fill(10));
  expect(Math.abs(excess(failing, readings(288, 10, [10, 10, 10, 10, 10]))?.score ?? Infinity)).toBeLessThan(2);
});

test('edges that contradict an old normal period are the base', () => {
  const failing = readings(0, 300, Array(288).fill(300));
  expect(excess(failing, readings(old, 300, [0, 60, 60, 60, 0]))?.score).toBeGreaterThan(8);
  expect(excess(clean, readings(old, 300, [60, 60, 60, 60, 60]))?.score).toBeLessThan(3);
});

test('edges too small to contradict it leave the old normal period the base', () => {
  expect(excess(clean, readings(old, 300, [0, 6, 6, 6, 1]))?.usual).toBeLessThan(0.001);
});

test('one bad moment of a long time is no incident, and a long time is no surer', () => {
  const moment = Array.from({ length: 100 }, (_, point) => (point === 50 ? 250 : 0));
  expect(excess(clean, readings(288, 300, moment))?.score).toBeLessThan(2);
  const short = excess(clean, readings(288, 300, Array(36).fill(1)))?.score ?? 0;
  const long = excess(clean, readings(288, 300, Array(288).fill(1)))?.score ?? 0;
  expect(long).toBeLessThan(1.5 * short);
});

test('without requests, or faults, there is none', () => {
  expect(excess(clean, readings(288, 0, [0, 0, 0, 0, 0]))).toBeUndefined();
  expect(excess({ ...clean, faults: undefined }, readings(288, 300, [0, 9, 9, 9, 0]))).toBeUndefined();
});
