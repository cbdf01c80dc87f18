/** What is typed to go on with a run that a team keeps in its table, from a folder that holds no configuration. */
import { expect, test } from 'vitest';
import { crashLoop } from '../../src/runbooks/crash-loop.ts';
import type { OwnOption } from '../../src/use-cases/own-command.ts';
import { simulate } from './rehearsing.ts';

const team: readonly OwnOption[] = [
  ['-c', 'prod.yaml'],
  ['--profile', 'prod'],
  ['--region', 'us-west-2'],
];

test.each([
  ['leads to the table', team, ' -c prod.yaml --profile prod'],
  ['needs nothing where runs are kept on this machine', undefined, ''],
])('%s', async (_what, options, added) => {
  const { document } = await simulate(crashLoop, {
    scenario: 'crash-loop',
    mode: 'execute',
    answer: () => ({ kind: 'absent', reason: 'nobody is here', nextSteps: [] }),
    ...(options === undefined ? {} : { team: options }),
  });
  const { runId, suspended, nextSteps } = document;
  expect(suspended?.nextSteps).toEqual([`nanoops runs abort ${runId}${added}`]);
  expect(nextSteps).toContain(`nanoops runs abort ${runId}${added}`);
});
