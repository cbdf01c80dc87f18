/** What needs no stack, and what is found before anything is contacted: on the packed program. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { nanoops } from '../package/nanoops.ts';

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
