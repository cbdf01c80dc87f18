/** What a diagnosis saw, kept in a file, gives the same answer again, wherever it is read. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { answersDigest, parseCapture } from '../../src/capture/capture.ts';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { sandboxConfigFor } from '../../src/sandbox/sandbox.ts';
import { runMain, type Ended } from '../support/run-main.ts';
import { inTier } from '../support/tier.ts';

const names: Readonly<Record<string, string>> = {
  latency: 'latency',
  'database-unavailable': 'database',
  'crash-loop': 'crash-loop',
  errors: 'errors',
};
const diagnosed = listScenarios().flatMap(({ id, runbook }) =>
  runbook !== undefined && names[runbook] !== undefined ? [[names[runbook], id] as const] : [],
);
const some = [
  ['latency', 'slow-query'],
  ['latency', 'healthy'],
  ['latency', 'metrics-missing'],
  ['database', 'writer-unreachable'],
  ['database', 'writer-unreachable-no-reader'],
  ['crash-loop', 'crash-loop'],
  ['errors', 'deploy-failing'],
  ['errors', 'targets-unreachable'],
] as const;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-capture-'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...words: readonly string[]): Promise<Ended> => runMain(words, { cwd: folder });

/** A run's document without what each run has of its own. */
function told({ stdout }: Ended): Record<string, unknown> {
  const { runId }: { readonly runId: string } = JSON.parse(stdout);
  // What a run would make is called after it.
  const own = runId.slice(runId.lastIndexOf('-'));
  // What is typed next names the simulated stack, which a capture does not know of.
  const text = stdout.replaceAll(own, '-own').replaceAll(/ --sandbox [\w-]+(?=")/g, '');
  const { runId: _id, api: _api, notes = [], ...document } = JSON.parse(text);
  return { ...document, notes: notes.filter((note: string) => !note.startsWith('what was seen is in ')) };
}

describe('a capture', () => {
  test.each(
    inTier<readonly (readonly [string, string])[]>({
      all: [...new Map([...some, ...diagnosed].map((each) => [each.join(' '), each])).values()],
      some,
    }),
  )('of %s in %s says the same as what was looked at then', async (name, scenario) => {
    const file = `${name}-${scenario}.json`;
    const plain = await run('diagnose', name, '--sandbox', scenario, '--json');
    const captured = await run('capture', name, '--sandbox', scenario, '--to', file, '--json');
    const replayed = await run('diagnose', name, '--replay', join(folder, file), '--json');
    expect([captured.stderr, replayed.stderr]).toEqual(['', '']);
    expect([captured.exitCode, replayed.exitCode]).toEqual([plain.exitCode, plain.exitCode]);
    expect(told(replayed)).toEqual(told(captured));
    // What was taken out of it is nothing that a diagnosis goes by.
    const causes = (ended: Ended) =>
      JSON.parse(ended.stdout).causes.map(({ kind, component, confidence }: Record<string, unknown>) => [
        kind,
        component,
        confidence,
      ]);
    expect(causes(captured)).toEqual(causes(plain));
    expect(told(captured)['verdict']).toBe(told(plain)['verdict']);
  });

  test('is for its owner alone, and replaces nothing', async () => {
    const words = ['capture', '--sandbox', 'healthy'];
    const first = await run(...words);
    const [file = ''] = (await readdir(folder)).filter((name) => name.startsWith('nanoops-capture-latency-'));
    expect(first.stdout).toContain(file);
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    const before = await readFile(join(folder, file), 'utf8');
    const second = await run(...words);
    expect(second.exitCode).toBe(5);
    expect(second.stderr.replaceAll(/\s+/g, ' ')).toMatch(/there is a file already.*--to/);
    expect(await readFile(join(folder, file), 'utf8')).toBe(before);
  });

  test.each([
    ['a name that is taken', 'taken.json', /there is a file already/],
    [
      'a folder that is not there',
      'nowhere/capture.json',
      /the folder ".*nowhere" does not exist.*mkdir -p .*nowhere /,
    ],
  ])('is refused before anything is looked at: %s', async (_what, to, message) => {
    await writeFile(join(folder, 'taken.json'), 'mine');
    const { exitCode, stdout, stderr } = await run('capture', '--sandbox', '--to', to);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(message);
    expect(stderr).not.toMatch(/Deployments/);
    expect(await readFile(join(folder, 'taken.json'), 'utf8')).toBe('mine');
  });

  test('holds no programs, notifiers and references to secrets', async () => {
    const config = sandboxConfigFor('healthy');
    if (!('api' in config)) throw new TypeError('the sandbox has an API');
    const text = stringify({ ...config, api: { ...config.api, writeProbe: { exec: ['probe', '--of', 'planted'] } } });
    await writeFile(join(folder, 'own.yaml'), text);
    const ended = await run('capture', '--sandbox', 'healthy', '-c', join(folder, 'own.yaml'), '--to', 'own.json');
    expect(ended.exitCode).toBe(0);
    const kept = JSON.parse(await readFile(join(folder, 'own.json'), 'utf8'));
    expect(kept.schema).toBe('nanoops/capture@1');
    expect(JSON.stringify(kept)).not.toContain('planted');
    expect(Object.keys(kept.config)).not.toContain('drill');
  });

  test('of a part of the time keeps to that part', async () => {
    const span = ['--since', '30m', '--region', 'us-west-2'];
    const captured = await run('capture', '--sandbox', 'slow-query', ...span, '--to', 'part.json', '--json');
    const replayed = await run('diagnose', 'latency', '--replay', join(folder, 'part.json'), '--json');
    expect(replayed.stderr).toBe('');
    expect(told(replayed)).toEqual(told(captured));
  });
});

describe('what a person found in a capture', () => {
  const part = ['capture', 'errors', '--replay', 'whole.json'];
  beforeAll(async () => {
    await run('capture', 'errors', '--sandbox', 'deploy-failing', '--to', 'whole.json');
  });

  test('is taken out of it, and it says the same of the rest', async () => {
    const ended = await run(
      ...part,
      '--leave-out',
      'entitlements',
      '--leave-out',
      'nano-cache',
      '--to',
      'part.left.json',
    );
    const left = await readFile(join(folder, 'part.left.json'), 'utf8');
    expect(left).not.toMatch(/\bentitlements\b|\bnano-cache\b/);
    expect(ended.stdout).not.toContain('entitlements');
    const [whole, replayed] = await Promise.all(
      ['whole.json', 'part.left.json'].map((file) => run('diagnose', 'errors', '--replay', file, '--json')),
    );
    const causes = ({ stdout = '' }: Partial<Ended> = {}) =>
      JSON.parse(stdout).causes.map(({ cause, component }: Record<string, unknown>) => [cause, component]);
    expect(causes(replayed)).toEqual(causes(whole));
    expect([replayed?.exitCode, ended.exitCode]).toEqual([1, 1]);
  });

  test.each<[readonly string[], RegExp]>([
    [part, /that is a capture already/],
    [['capture', '--sandbox', '--leave-out', 'x'], /there is none/],
    [[...part, '--leave-out', 'nobody-of-that-name'], /stands nowhere/],
    [[...part, '--leave-out', 'entitlements', '--since', '1h'], /--since cannot be given here/],
    [['capture', 'latency', ...part.slice(2), '--leave-out', 'entitlements'], /nanoops diagnose errors --replay/],
  ])('is not, and nothing is written: %j', async (words, message) => {
    const { exitCode, stdout, stderr } = await run(...words, '--to', 'not.json');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(message);
    expect(await readdir(folder)).not.toContain('not.json');
  });
});

describe('what cannot be replayed is refused', () => {
  beforeAll(async () => {
    await run('capture', 'database', '--sandbox', 'writer-unreachable', '--to', 'refused.json');
  });
  const file = (): string => join(folder, 'refused.json');

  test.each<[string, () => readonly string[], RegExp]>([
    ['a file that is not there', () => ['diagnose', 'latency', '--replay', 'nowhere.json'], /cannot be read/],
    ['a folder', () => ['diagnose', 'latency', '--replay', folder], /cannot be read/],
    ['another diagnosis', () => ['diagnose', 'latency', '--replay', file()], /nanoops diagnose database --replay/],
    ['a change', () => ['diagnose', 'database', '--replay', file(), '--fix'], /nothing can be changed/],
    ['a rehearsal', () => ['diagnose', 'database', '--replay', file(), '--fix', '--dry-run'], /nothing can be changed/],
    ['another command', () => ['checks', 'run', '--replay', file()], /nanoops diagnose latency --replay/],
    [
      'a sandbox beside it',
      () => ['diagnose', 'database', '--replay', file(), '--sandbox'],
      /--sandbox has no meaning/,
    ],
    ['an endpoint', () => ['diagnose', 'database', '--replay', file(), '--endpoint-url', 'http://x'], /--endpoint-url/],
  ])('%s', async (_what, words, message) => {
    const { exitCode, stdout, stderr } = await run(...words());
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test.each<[string, (kept: Record<string, unknown>) => unknown]>([
    ['an empty object', () => ({})],
    ['a list', () => []],
    ['another version', (kept) => ({ ...kept, schema: 'nanoops/capture@2' })],
    ['a key too many', (kept) => ({ ...kept, more: 1 })],
    ['no time', (kept) => ({ ...kept, at: 'yesterday' })],
    ['answers that are none', (kept) => ({ ...kept, answers: [{ fact: 1 }, 2, null] })],
    ['a configuration that is none', (kept) => ({ ...kept, config: { service: 7 } })],
    ['other answers than were captured', (kept) => ({ ...kept, answers: [] })],
  ])('%s', async (_what, spoil) => {
    const kept = JSON.parse(await readFile(file(), 'utf8'));
    await writeFile(join(folder, 'spoilt.json'), JSON.stringify(spoil(kept)));
    const { exitCode, stderr } = await run('diagnose', 'database', '--replay', join(folder, 'spoilt.json'));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/spoilt\.json/);
    expect(stderr).not.toMatch(/defect|^\s+at /m);
  });

  test('what is missing in it was not seen', async () => {
    const kept = parseCapture(await readFile(file(), 'utf8'), 'it');
    const answers = kept.answers.filter(({ fact }) => fact !== 'databaseState');
    await writeFile(join(folder, 'partly.json'), JSON.stringify({ ...kept, answers, digest: answersDigest(answers) }));
    const partly = await run('diagnose', 'database', '--replay', join(folder, 'partly.json'));
    expect(partly.stdout).toContain('the capture holds no answer');
  });
});
