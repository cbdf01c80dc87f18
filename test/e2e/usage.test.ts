/** What a mistyped command line is answered with: exit code 2, what is wrong, and what was probably meant. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { errorDocument } from '../../src/report/schemas.ts';
import { nanoops } from '../package/nanoops.ts';

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
  {
    words: ['diagnose', 'latency', '--sandbox', '--until', '2099-01-01T00:00:00Z'],
    code: 'InvalidWindow',
    says: 'future',
  },
])('nanoops $words', ({ words, code, says }) => {
  test('for a person', async () => {
    const { exitCode, stdout, stderr } = await nanoops(words.filter((word) => word !== '--json'));
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(says);
  });

  test('for a script', async () => {
    const wordsOfScript = words.includes('-o') ? words : [...words, '--json'];
    const { exitCode, stdout, stderr } = await nanoops(wordsOfScript);
    expect(exitCode).toBe(2);
    if (words.includes('-o')) return;
    const document = errorDocument.parse(JSON.parse(stdout));
    expect(document.error.code).toBe(code);
    expect(JSON.stringify(document)).toContain(says);
    expect(stderr).toBe('');
  });
});

test('--version and --help need nothing', async () => {
  expect(await nanoops(['--version'])).toMatchObject({
    exitCode: 0,
    stderr: '',
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
  const help = await nanoops(['--help']);
  expect(help).toMatchObject({ exitCode: 0, stderr: '' });
  expect(help.stdout).toContain('nanoops diagnose latency --sandbox');
});

test('a group without its command: what there is to choose from', async () => {
  const { exitCode, stdout, stderr } = await nanoops(['diagnose']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('latency');
});

test('no words at all: the help, as a mistake', async () => {
  const { exitCode, stderr } = await nanoops([]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('Usage: nanoops');
});

describe('on a real stack, what is wrong is found before anything is contacted', () => {
  test.each([
    { words: ['--endpoint-url', 'notaurl'], code: 'InvalidEndpoint' },
    { words: ['--endpoint-url', ''], code: 'InvalidEndpoint' },
    { words: ['--endpoint-url', 'http://127.0.0.1:1', '--since', 'garbage'], code: 'InvalidTime' },
    { words: ['--endpoint-url', 'http://127.0.0.1:1', '--region', 'mars'], code: 'UnknownRegion' },
  ])('$words', async ({ words, code }) => {
    const { folder } = inject('installed');
    const { stdout: yaml } = await nanoops(['sandbox', 'config']);
    await writeFile(join(folder, 'usage.yaml'), yaml);
    // No credentials: whoever looks for them, or asks AWS, ends with 3.
    const { exitCode, stdout } = await nanoops(['diagnose', 'latency', '-c', 'usage.yaml', '--json', ...words], {
      env: {
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
    });
    expect({ exitCode, code: JSON.parse(stdout).error.code }).toEqual({ exitCode: 2, code });
  });
});
