/** Wrong usage leads to the help of the command that was meant. */
import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { toNanoopsError } from '../../src/composition/error-report.ts';
import { runMain } from '../support/run-main.ts';

test.each([
  [['diagnse'], "error: unknown command 'diagnse'", 'nanoops --help'],
  [['diagnose', 'latncy'], "error: unknown command 'latncy'", 'nanoops diagnose --help'],
  [['diagnose', 'latency', '--snce', '1h'], "error: unknown option '--snce'", 'nanoops diagnose latency --help'],
  [['runbook', 'show'], "error: missing required argument 'id'", 'nanoops runbook show --help'],
  [['-o', 'json'], "error: unknown option '-o'", 'nanoops --help'],
])('%j', async (argv, said, command) => {
  const error = new CommanderError(1, 'commander.unknownOption', said);
  const told = toNanoopsError(error, [said], new AbortController().signal, argv);
  expect(told?.nextStep).toBe(command);
  const help = await runMain(command.split(' ').slice(1));
  expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Usage: nanoops') });
});

test.each(['slow-qury', 'SLOW_QUERY'])('the scenario that %s was meant to be comes before the list', async (typed) => {
  const { exitCode, stderr } = await runMain(['diagnose', 'latency', '--sandbox', typed]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/did you mean "slow-query"\?\n.*Scenarios: /u);
});
