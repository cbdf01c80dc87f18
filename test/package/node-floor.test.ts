/** What somebody sees who starts nanoops with a Node.js that is too old, and that the floor is said the same everywhere. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';

import { describe, expect, test } from 'vitest';

const repository = dirname(dirname(import.meta.dirname));
const executable = await readFile(join(repository, 'bin/nanoops.js'), 'utf8');

interface Start {
  readonly started: boolean;
  readonly exitCode: number;
  readonly stderr: string;
}

/** Runs the executable as a Node.js of that version would, as far as it lets it. */
function startOn(version: string): Start {
  const seen = { started: false, stderr: '' };
  const process = {
    versions: { node: version },
    execPath: '/usr/bin/node',
    exitCode: 0,
    stderr: { write: (text: string) => (seen.stderr += text) },
  };
  runInNewContext(executable, { process, require: () => ({ start: () => (seen.started = true) }) });
  return { ...seen, exitCode: process.exitCode };
}

describe('the Node.js floor', () => {
  test.each(['0.12.18', '12.22.12', '18.20.8', '20.18.3'])('%s is refused, and told what to do', (version) => {
    const { started, exitCode, stderr } = startOn(version);
    expect(started).toBe(false);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`needs Node.js 20.19 or newer; this is ${version} (/usr/bin/node)`);
    expect(stderr).toContain('Nothing was done.');
    expect(stderr).toContain('https://nodejs.org');
  });

  test.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0', '100.0.0'])('%s is let in', (version) => {
    expect(startOn(version)).toEqual({ started: true, exitCode: 0, stderr: '' });
  });

  test('is the one that package.json declares', async () => {
    const { engines } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
    expect(engines).toEqual({ node: '>=20.19.0' });
  });

  test('is checked in words that an old Node.js can read', () => {
    const code = executable.replaceAll(/\/\*.*?\*\/|\/\/.*$/gmsu, '');
    expect(code).not.toMatch(/=>|`|\?\.|\?\?|\b(?:const|let|class|async|await|import)\b/u);
  });
});
