/** How a change of a journal is told: as far as anybody saw it. */
import { expect, test } from 'vitest';
import type { Change } from '../../src/engine/change.ts';
import { standingOf } from '../../src/engine/standing.ts';

const change: Change = {
  operation: 'ecs:UpdateService',
  region: 'us-west-2',
  resource: 'nano/nano-api',
  summary: 'desiredCount 6 → 7',
  before: { desiredCount: 6 },
  after: { desiredCount: 7 },
  risk: 'reversible',
  blastRadius: 'nobody',
  input: { to: 7 },
};

test.each([
  ['intended', 'unknown'],
  ['unknown', 'unknown'],
  ['applied', 'applied'],
  ['failed', 'failed'],
  ['reverting', 'applied'],
  ['reverted', 'reverted'],
  ['taken-back', 'reverted'],
] as const)('what is %s is told as %s', (status, told) => {
  expect(standingOf({ stepId: 'scale', change, status })).toEqual({
    stepId: 'scale',
    operation: 'ecs:UpdateService',
    region: 'us-west-2',
    resource: 'nano/nano-api',
    summary: 'desiredCount 6 → 7',
    before: { desiredCount: 6 },
    after: { desiredCount: 7 },
    status: told,
  });
});
