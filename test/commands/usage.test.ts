/** What a mistyped command line is answered with: exit code 2, what is wrong, and what was probably meant. */
import { describe, expect, test } from 'vitest';
import { errorDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';

describe.each([
  { words: ['diagnos', 'latency'], code: 'UnknownCommand', says: 'diagnose' },
  { words: ['diagnose', 'latancy'], code: 'UnknownCommand', says: 'latency' },
  { words: ['diagnose', 'latency', '--sandbix'], code: 'UnknownOption', says: '--sandbox' },
  { words: ['diagnose', 'latency', '--sandbox', 'slow-qery'], code: 'UnknownScenario', says: 'slow-query' },
  { words: ['diagnose', 'latency', '--sandbox', '-o', 'jsn'], code: 'InvalidValue', says: 'json' },
  { words: ['diagnose', 'latency', '--sandbox', '--since', 'yesterday'], code: 'InvalidTime', says: 'yesterday' },
  { words: ['diagnose', 'latency', '--sandbox', '--seed', 'x'], code: 'InvalidSeed', says: 'seed' },
  { words: ['diagnose', 'latency', '--sandbox', '--region', 'eu-west-9'], code: 'UnknownRegion', says: 'us-west-2' },
  { words: ['runbook', 'show', 'latncy'], code: 'UnknownRunbook', says: 'latency' },
  { words: ['diagnose', 'latency', '-c', 'nowhere.yaml'], code: 'ConfigNotFound', says: 'nowhere.yaml' },
  { words: ['sandbox', 'serve', '--port', '99999'], code: 'InvalidPort', says: '65535' },
  { words: ['sandbox', 'list', '--report', 'r.md'], code: 'NoReport', says: '--report' },
  { words: ['diagnose', 'latency', '--sandbox', '--timeout', '0s'], code: 'InvalidDuration', says: '--timeout' },
  { words: ['incident', 'update', '--public', '--sandbox'], code: 'MissingValue', says: '--sandbox' },
  { words: ['diagnose', 'latency', '--sandbox', '--seed', '-q'], code: 'MissingValue', says: '-q' },
  {
    words: ['diagnose', 'latency', '--sandbox', '--since', '2099-01-01T00:00Z'],
    code: 'InvalidWindow',
    says: 'future',
  },
  { words: ['logs', 'errors', '--sandbox', '--since', '2099-01-01T00:00Z'], code: 'InvalidWindow', says: 'future' },
  { words: ['trace', 'list', '--sandbox', '--since', '2099-01-01T00:00Z'], code: 'InvalidWindow', says: 'future' },
  {
    words: ['dr', 'schedule', '--from', 'yesterday'],
    code: 'InvalidTime',
    says: 'a day (2027-01-01), an ISO 8601 time',
  },
  { words: ['dr', 'schedule', '--from', '2027-02-30'], code: 'InvalidTime', says: 'no day that exists' },
  { words: ['status', '--sandbox', '-e', 'staging'], code: 'UnknownEnvironment', says: 'prod' },
  { words: ['incident', 'list', '--sandbox', '-e', 'staging'], code: 'UnknownEnvironment', says: 'prod' },
  { words: ['notify', 'list', '--sandbox', '-e', 'staging'], code: 'UnknownEnvironment', says: 'prod' },
  { words: ['dr', 'schedule', '--sandbox', '-e', 'staging'], code: 'UnknownEnvironment', says: 'prod' },
  { words: ['iam', 'policy', '--sandbox', '-e', 'staging'], code: 'UnknownEnvironment', says: 'prod' },
  {
    words: ['runbook', 'run', '--sandbox', 'latency'],
    code: 'MissingArgument',
    says: 'was taken for the scenario of --sandbox',
  },
  {
    words: ['checks', 'run', '--sandbox', 'database'],
    code: 'UnknownScenario',
    says: 'was taken for the scenario of --sandbox',
  },
  {
    words: ['incident', 'note', '--sandbox', 'seen'],
    code: 'TextMissing',
    says: 'was taken for the scenario of --sandbox',
  },
  { words: ['diagnose', 'latency', '--sandbox', '-c', 'nope.yaml'], code: 'ConfigNotFound', says: 'needs none' },
  {
    words: ['diagnose', 'latency', '--sandbox', '--until', '2099-01-01T00:00:00Z'],
    code: 'InvalidWindow',
    says: 'future',
  },
])('nanoops $words', ({ words, code, says }) => {
  test('for a person', async () => {
    const { exitCode, stdout, stderr } = await runMain(words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(says);
  });

  test('for a script', async () => {
    const wordsOfScript = words.includes('-o') ? words : [...words, '--json'];
    const { exitCode, stdout, stderr } = await runMain(wordsOfScript);
    expect(exitCode).toBe(2);
    if (words.includes('-o')) return;
    const document = errorDocument.parse(JSON.parse(stdout));
    expect(document.error.code).toBe(code);
    expect(JSON.stringify(document)).toContain(says);
    expect(stderr).toBe('');
  });
});

describe('where the subcommand is missing', () => {
  test.each(['diagnose -o json', 'diagnose --output=json', 'runs -ojson', 'dr --json --sandbox', '-o json'])(
    'nanoops %s: that is what is told, not a flag',
    async (line) => {
      const { exitCode, stdout, stderr } = await runMain(line.split(' '));
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
      expect(errorDocument.parse(JSON.parse(stdout)).error).toMatchObject({
        code: 'MissingCommand',
        nextStep: /^[a-z]/.test(line) ? `nanoops ${line.split(' ')[0]} --help` : 'nanoops --help',
      });
    },
  );

  test('a person is shown which there are', async () => {
    const { exitCode, stderr } = await runMain(['diagnose', '--sandbox']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe((await runMain(['diagnose'])).stderr);
    expect(stderr).toContain('crash-loop');
  });

  test.each(['diagnose --frobnicate --json', 'diagnose --json latency', '--json status'])(
    'a flag that is wrong stays wrong: nanoops %s',
    async (line) => {
      const { exitCode, stdout } = await runMain(line.split(' '));
      expect(exitCode).toBe(2);
      expect(errorDocument.parse(JSON.parse(stdout)).error.code).toBe('UnknownOption');
    },
  );
});

test.each(['status', 'incident list', 'notify list', 'dr schedule', 'iam policy --runbook latency'])(
  'the simulated stack is of the environment that its documents name: nanoops %s',
  async (line) => {
    const { exitCode, stderr } = await runMain([...line.split(' '), '--sandbox', '-e', 'prod', '--json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  },
);

test('a value that looks like a flag is one where it is tied to its option', async () => {
  const { exitCode, stdout } = await runMain([
    'incident',
    'open',
    '--sandbox',
    '--title=--sandbox',
    '--severity',
    'sev3',
  ]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('SEV-3 --sandbox');
});
