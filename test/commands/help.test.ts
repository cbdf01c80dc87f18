/** Help that teaches: examples and exit codes everywhere, pages on topics, and what was meant where a word is mistyped. */
import { describe, expect, test } from 'vitest';
import { runMain } from '../support/run-main.ts';
import { errorOf } from './operator.ts';

const subcommandsOf = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await runMain(['complete', '--', ...words, '']);
  return stdout
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
    .filter((word) => /^[a-z]/.test(word));
};
const helpOf = async (...words: readonly string[]) => (await runMain([...words, '--help'])).stdout;

test('every command and every subcommand has examples, and says what its exit codes mean', async () => {
  const lacking: string[] = [];
  let count = 0;
  for (const noun of await subcommandsOf()) {
    const help = await helpOf(noun);
    const isNoun = help.includes('\nCommands:');
    const paths = [[noun], ...(isNoun ? (await subcommandsOf(noun)).map((verb) => [noun, verb]) : [])];
    for (const path of paths) {
      count += 1;
      const text = await helpOf(...path);
      const typed = `  nanoops ${path.join(' ')}`;
      const line = path.join(' ');
      // Completion is read by the shell that is told to.
      if (!/\nExamples:\n/.test(text) || !(text.includes(typed) || text.includes(`nanoops ${line}`)))
        lacking.push(`${line}: examples`);
      if (!(isNoun && path.length === 1) && !text.includes('Exit codes: ')) lacking.push(`${line}: exit codes`);
    }
  }
  expect(count).toBeGreaterThan(50);
  expect(lacking).toEqual([]);
});

describe('topics', () => {
  // A file to copy is not broken either.
  const wrapped = ['exit-codes', 'configuration', 'output', 'environment'];

  test.each([
    ...wrapped.flatMap((topic) => [40, 80, 120].map((columns) => [topic, columns] as const)),
    ['own-runbooks', 80] as const,
  ])('%s fits %i columns', async (topic, columns) => {
    const { exitCode, stdout } = await runMain(['help', topic], { columns });
    expect(exitCode).toBe(0);
    // A command to type is not broken.
    const long = stdout.split('\n').filter((line) => line.length > columns && line.trim().includes(' '));
    expect(long).toEqual([]);
  });

  test('every exit code of the contract is explained', async () => {
    const { stdout } = await runMain(['help', 'exit-codes']);
    for (const code of [0, 1, 2, 3, 4, 5, 6, 130]) expect(stdout).toMatch(new RegExp(`^  ${code} +\\S`, 'm'));
  });

  test('help without a word, and on a command, is that of --help', async () => {
    expect((await runMain(['help'])).stdout).toBe(await helpOf());
    expect((await runMain(['help', 'dr', 'drill'])).stdout).toBe(await helpOf('dr', 'drill'));
  });
});

describe('did you mean', () => {
  test.each([
    [['statsu'], 'status'],
    [['diagnose', 'latensy'], 'latency'],
    [['status', '--sandbx'], '--sandbox'],
    [['status', '--sandbox', 'slow-qery'], 'slow-query'],
    [['runbook', 'show', 'crash-lop'], 'crash-loop'],
    [['checks', 'run', 'api-latncy-p99'], 'api-latency-p99'],
    [['help', 'exit-code'], 'exit-codes'],
    [['help', 'dr', 'dril'], 'drill'],
    [['config', 'schema', '--of', 'reprot'], 'report'],
    [['iam', 'policy', '--command', 'checklst'], 'checklist'],
  ])('%j', async (words, meant) => {
    const ended = await runMain([...words, '--json']);
    expect(ended.exitCode).toBe(2);
    const { message, details } = errorOf(ended);
    expect([message, ...details].join(' ').toLowerCase()).toMatch(new RegExp(`did you mean "?${meant}"?\\?`));
  });
});
