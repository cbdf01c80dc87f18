/** Each command that a message tells to type is one that the program knows. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { helpTopics } from '../../src/commands/help-topics.ts';
import { runMain } from '../support/run-main.ts';

const repository = dirname(dirname(import.meta.dirname));

/** The commands that a help text lists. */
async function listedIn(words: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stdout } = await runMain([...words, '--help']);
  expect(exitCode).toBe(0);
  const section = /^Commands:\n((?: {2}.*\n?)+)/mu.exec(stdout)?.[1] ?? '';
  return [...section.matchAll(/^ {2}([a-z][a-z-]*)/gmu)].map((match) => match[1] ?? '');
}

/** The words after `nanoops` in the strings of a source text, comments left out: `diagnose latency`, `status`. */
function suggestedIn(source: string): readonly string[] {
  const code = source.replaceAll(/\/\*.*?\*\/|^\s*\/\/.*$/gmsu, '');
  // A command is at the start of a string or line, or after what introduces one; elsewhere the name is prose.
  const typed =
    /(?:^\s*|["'`(]|[:,;] |\b(?:run|with|is|type) "?)nanoops (?!itself )((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)/gmu;
  return [...code.matchAll(typed)].map((match) => match[1] ?? '');
}

let known: ReadonlyMap<string, ReadonlySet<string>>;
beforeAll(async () => {
  const names = await listedIn([]);
  const groups = names.filter((name) => name !== 'help');
  const entries = await Promise.all(groups.map(async (name) => [name, new Set(await listedIn([name]))] as const));
  known = new Map([...entries, ['help', new Set([...groups, ...helpTopics.map(({ name }) => name)])]]);
});

function isKnown(suggested: string): boolean {
  const [first = '', second] = suggested.split(' ');
  const subcommands = known.get(first);
  if (subcommands === undefined) return false;
  return second === undefined || subcommands.size === 0 || subcommands.has(second);
}

test('the program lists its commands, and others are not taken for known', () => {
  expect([...known.keys()]).toEqual(expect.arrayContaining(['diagnose', 'runbook', 'config', 'sandbox']));
  expect(isKnown('sandbox list')).toBe(true);
  expect(isKnown('sandbox lust')).toBe(false);
  expect(isKnown('rehearse')).toBe(false);
  expect(isKnown('help exit-codes')).toBe(true);
  expect(isKnown('help exit-doors')).toBe(false);
});

test('every command in a text of the program is there', async () => {
  const found: string[] = [];
  const files = (await readdir(join(repository, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
  for (const file of files) {
    const source = await readFile(join(repository, 'src', file), 'utf8');
    found.push(...suggestedIn(source).map((suggested) => `${file}: nanoops ${suggested}`));
  }
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter((each) => !isKnown(each.split(': nanoops ')[1] ?? ''))).toEqual([]);
});

test('a command that is not there would be found', () => {
  const source = 'nextStep: \'Write one with "nanoops rehearse", or: nanoops drill start\'; // nanoops nothing';
  expect(suggestedIn(source).filter((each) => !isKnown(each))).toEqual(['rehearse', 'drill start']);
});

test('no text of the program sends anybody to a page that does not come with it', async () => {
  const files = (await readdir(join(repository, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
  const found: string[] = [];
  for (const file of files) {
    const source = await readFile(join(repository, 'src', file), 'utf8');
    const code = source.replaceAll(/\/\*.*?\*\/|^\s*\/\/.*$/gmsu, '');
    found.push(...[...code.matchAll(/\bdocs\/[\w/-]*\.md/gu)].map(([page]) => `${file}: ${page}`));
  }
  expect(found).toEqual([]);
});
