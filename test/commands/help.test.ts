/** Help that teaches: examples and exit codes everywhere, pages on topics, and what was meant where a word is mistyped. */
import { describe, expect, test } from 'vitest';
import { laidOut } from '../../src/commands/help-layout.ts';
import { findRunbook } from '../../src/use-cases/runbooks.ts';
import { runMain } from '../support/run-main.ts';
import { everyCommand, helpOf } from './every-command.ts';
import { errorOf } from './operator.ts';

test('every command and every subcommand has examples, and says what its exit codes mean', async () => {
  const lacking: string[] = [];
  let count = 0;
  for await (const { path, isNoun } of everyCommand()) {
    count += 1;
    const text = await helpOf(...path);
    const typed = `  nanoops ${path.join(' ')}`;
    const line = path.join(' ');
    // Completion is read by the shell that is told to.
    if (!/\nExamples:\n/.test(text) || !(text.includes(typed) || text.includes(`nanoops ${line}`)))
      lacking.push(`${line}: examples`);
    if (!isNoun && !text.includes('Exit codes: ')) lacking.push(`${line}: exit codes`);
  }
  expect(count).toBeGreaterThan(50);
  expect(lacking).toEqual([]);
});

test.each([80, 120])('every help fits %i columns, and what is typed can be copied', async (columns) => {
  const wide: string[] = [];
  for await (const { path } of everyCommand()) {
    const { stdout } = await runMain([...path, '--help'], { columns });
    wide.push(...stdout.split('\n').filter((line) => line.length > columns));
  }
  expect(wide).toEqual([]);
  const exported = (await runMain(['runbook', 'export', '--help'], { columns })).stdout;
  const [, typed = ''] = /\n( {2}nanoops runbook export region-drill (?:.*\\\n)+.*\n)/.exec(exported) ?? [];
  expect(typed.replaceAll(/ \\\n +/g, ' ').trim()).toBe(
    'nanoops runbook export region-drill --format step-functions --cluster shop --task-definition nanoops-drill --subnets subnet-0a1b2c3d --yes > drill.asl.json',
  );
});

test('on a narrow screen, too, options are told in whole words', async () => {
  const { stdout } = await runMain(['dr', 'drill', '--help'], { columns: 60 });
  const [options = ''] = /\nOptions:\n[^]*?\n\n/.exec(stdout) ?? [];
  expect(options).toContain('--accept-loss <duration>');
  expect(options.split('\n').filter((line) => line.length > 60)).toEqual([]);
});

test('the steps in the examples are steps of their runbooks', async () => {
  const help = await helpOf('runs', 'step');
  const typed = [...help.matchAll(/nanoops runs step \d+T\d+Z-([a-z-]+)-[a-z0-9]+ (\S+)/g)];
  expect(typed.length).toBeGreaterThan(1);
  for (const [, runbook = '', step] of typed) expect(findRunbook(runbook).steps.map(({ id }) => id)).toContain(step);
});

describe('the end of a help', () => {
  const wide = [
    '',
    'Examples:',
    '  nanoops look  at all of it',
    '  nanoops look --at everything  and at what is behind it',
    '  nanoops look --again',
    '  nanoops look \\',
    '    --far',
    '',
    'Exit codes: 0 it was seen; 1 not seen;',
    '2 not looked.',
    'Nothing is said.',
  ];

  test('is a column of what is typed and one of what it does, where both fit', () => {
    expect(laidOut(wide.join('\n'), 80).split('\n')).toEqual([
      '',
      'Examples:',
      '  nanoops look                  at all of it',
      '  nanoops look --at everything  and at what is behind it',
      '  nanoops look --again',
      '  nanoops look --far',
      '',
      'Exit codes: 0 it was seen; 1 not seen; 2 not looked. Nothing is said.',
    ]);
  });

  test('is one below the other where they do not, with no number without what it stands for', () => {
    expect(laidOut(wide.join('\n'), 30).split('\n')).toEqual([
      '',
      'Examples:',
      '  nanoops look  at all of it',
      '  nanoops look --at everything',
      '      and at what is behind it',
      '  nanoops look --again',
      '  nanoops look --far',
      '',
      'Exit codes: 0 it was seen;',
      '1 not seen; 2 not looked.',
      'Nothing is said.',
    ]);
  });
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
  test('each of several, where a part of an id was typed', async () => {
    const { details } = errorOf(await runMain(['runbook', 'show', 'region', '--json']));
    expect(details).toEqual(['did you mean "region-failover" or "region-failback" or "region-drill"?']);
  });

  test.each([
    [['statsu'], 'status'],
    [['diagnose', 'latensy'], 'latency'],
    [['status', '--sandbx'], '--sandbox'],
    [['status', '--sandbox', 'slow-qery'], 'slow-query'],
    [['runbook', 'show', 'crash-lop'], 'crash-loop'],
    [['runbook', 'run', 'database'], 'database-unavailable'],
    [['runbook', 'run', 'failover'], 'region-failover'],
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
