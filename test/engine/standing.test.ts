/** How a change of a journal is told: as far as anybody saw it. */
import { expect, test } from 'vitest';
import { standingOf } from '../../src/engine/standing.ts';
import { theChange } from './run/parts.ts';

test.each([
  ['intended', 'unknown'],
  ['unknown', 'unknown'],
  ['applied', 'applied'],
  ['failed', 'failed'],
  ['reverting', 'applied'],
  ['reverted', 'reverted'],
  ['taken-back', 'reverted'],
] as const)('what is %s is told as %s', (status, told) => {
  const { input: _input, risk: _risk, blastRadius: _radius, ...shown } = theChange;
  expect(standingOf({ stepId: 'act', change: theChange, status })).toEqual({ ...shown, stepId: 'act', status: told });
});
