/** A suggested command, as it has to be typed to look where the run looked. */
import { describe, expect, test } from 'vitest';
import { reaching, retyped, type OwnOption } from '../../src/use-cases/own-command.ts';

const options: readonly OwnOption[] = [
  ['-c', 'services/a b.yaml'],
  ['-e', 'staging'],
  ['--sandbox', 'slow-query'],
  ['--region', 'us-east-1'],
];
const file = "-c 'services/a b.yaml' -e staging";

describe('a suggested command', () => {
  test.each([
    ['nanoops logs errors', `nanoops logs errors ${file} --sandbox slow-query --region us-east-1`],
    [
      'nanoops logs errors --since 1d',
      `nanoops logs errors --since 1d ${file} --sandbox slow-query --region us-east-1`,
    ],
    [
      'look there: nanoops tune database -v',
      `look there: nanoops tune database -v ${file} --sandbox slow-query --region us-east-1`,
    ],
    [
      'nanoops diagnose latency --region us-west-2',
      `nanoops diagnose latency --region us-west-2 ${file} --sandbox slow-query`,
    ],
    ['nanoops dr drill --dry-run', `nanoops dr drill --dry-run ${file} --sandbox slow-query`],
    ['nanoops runs abort 20261123t110000z-latency-x', 'nanoops runs abort 20261123t110000z-latency-x'],
    ['nanoops config show dns', `nanoops config show dns ${file}`],
    ['nanoops help own-runbooks', 'nanoops help own-runbooks'],
    ['List them with: nanoops sandbox list', 'List them with: nanoops sandbox list'],
  ])('%s', (text, typed) => {
    expect(retyped(text, options)).toBe(typed);
    expect(retyped(text)).toBe(text);
  });

  test('about a run that a team keeps leads to its table, and to no stack', () => {
    expect(reaching('nanoops runs resume 1-a', [...options, ['--profile', 'team']])).toBe(
      `nanoops runs resume 1-a ${file} --profile team`,
    );
  });

  test('that says already where to look is not told twice', () => {
    const some: readonly OwnOption[] = [
      ['-e', 'staging'],
      ['--profile', 'team'],
    ];
    const once = retyped('nanoops status', some);
    expect(retyped(once, some)).toBe(once);
    expect(retyped('nanoops status --environment staging', some)).toBe(
      'nanoops status --environment staging --profile team',
    );
  });

  test.each([
    ['nanoops logs errors', 'nanoops logs errors --until 2026-11-20T10:00:00Z'],
    ['nanoops logs errors --since 1d', 'nanoops logs errors --since 2026-11-19T10:00:00Z --until 2026-11-20T10:00:00Z'],
    [
      'nanoops diagnose database --region eu-west-1',
      'nanoops diagnose database --region eu-west-1 --until 2026-11-20T10:00:00Z',
    ],
    ['nanoops logs errors --until 3h', 'nanoops logs errors --until 3h'],
    // What acts, and what knows the present alone.
    ['nanoops diagnose database --fix', 'nanoops diagnose database --fix'],
    ['nanoops dr readiness', 'nanoops dr readiness'],
    ['nanoops config show dns', 'nanoops config show dns'],
  ])('after a look at what is over: %s', (text, typed) => {
    expect(retyped(text, [['--until', '2026-11-20T10:00:00Z']])).toBe(typed);
  });

  test.each([
    'assign more reviewers',
    'aws s3 ls',
    'take reads off it; nanoops tune shows statements',
    'every index costs each write; nanoops creates none',
  ])('what is none stays as it is: %s', (text) => {
    expect(retyped(text, options.slice(0, 1))).toBe(text);
  });
});
