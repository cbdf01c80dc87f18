/**
 * Every command that the documentation shows is one: those of the sandbox are run, page by page as a reader would type them; the others
 * are typed where there is no configuration, and get as far as looking for it.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { errorDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';
import { inTier } from '../support/tier.ts';

const root = resolve(import.meta.dirname, '../..');
const folders: string[] = [];
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** They go on until somebody ends them, or try a runbook at every one of its moments: their words are looked up in their help. */
const unending = [
  /^sandbox serve\b/,
  /^runbook test\b/,
  /--watch\b/,
  // Long, and run by many other tests.
  ...inTier({ all: [], some: [/^dr (?:drill|failover)\b.*--sandbox/] }),
];
/** What tells that words or flags are none that nanoops knows. */
const misspelt = [
  'UnknownCommand',
  'UnknownOption',
  'MissingArgument',
  'MissingValue',
  'TooManyArguments',
  'InvalidValue',
  'FlagWithoutMeaning',
  'UnknownScenario',
  'UnknownRunbook',
  'UnknownCheck',
];

/** The words of a line in a shell, up to a comment, a pipe or a redirection. */
function wordsOf(line: string): readonly string[] {
  const [, ...words] = line.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  const end = words.findIndex((word) => /^(?:#|\||>|2>|<$)/.test(word));
  return words.slice(0, end === -1 ? undefined : end).map((word) => word.replaceAll(/^["']|["']$/g, ''));
}

async function commandsOf(page: string): Promise<readonly string[]> {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(/^```(?:sh|bash)\n([^]*?)^```/gm)].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('nanoops ')),
  );
}

/** The files that a page shows whole, for its reader to copy: the first line of each names it. */
async function filesOf(page: string): Promise<readonly (readonly [path: string, text: string])[]> {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(# (\w+\/[\w-]+\.yaml)\n[^]*?)^```/gm)].map(
    ([, whole = '', path = '']) => [path, whole] as const,
  );
}

const pages = [
  'README.md',
  ...(await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];
const told = await Promise.all(
  pages.map(async (page) => ({ page, lines: await commandsOf(page), files: await filesOf(page) })),
);

test('there are commands to be tried', () => {
  expect(told.flatMap(({ lines }) => lines).length).toBeGreaterThan(100);
});

describe.each(told.filter(({ lines }) => lines.length > 0))('$page', ({ lines, files }) => {
  test('shows commands that are known, and those of the sandbox do what they say', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nanoops-docs-'));
    folders.push(folder);
    await writeFile(join(folder, '.keep'), '');
    await cp(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
    // What a reader copies stands beside the configuration that they have.
    if (files.length > 0) await cp(join(root, 'examples/nanoops.yaml'), join(folder, 'nanoops.yaml'));
    for (const [path, text] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const env = { XDG_STATE_HOME: join(folder, 'state'), XDG_CACHE_HOME: join(folder, 'cache'), HOME: folder };
    let id = 'an-id';
    const wrong: string[] = [];
    for (const line of lines) {
      const typed = wordsOf(line).map((word) => (/^<.*id>$/.test(word) ? id : word));
      // Reports are written where this process is.
      const words = typed.map((word, at) => (typed[at - 1] === '--report' ? join(folder, word) : word));
      const text = words.join(' ');
      const isEndless = unending.some((pattern) => pattern.test(text));
      const { exitCode, stdout, stderr } = await runMain(isEndless ? [...words, '--help'] : words, {
        cwd: folder,
        env,
      });
      id = /^(\d{4}-[a-z]+)\b/m.exec(stdout + stderr)?.[1] ?? id;
      const code = exitCode === 2 ? await codeOf(words, folder, env) : undefined;
      const isRun = words.includes('--sandbox') || isEndless;
      if (isRun ? ![0, 1, 3, 4].includes(exitCode) : exitCode === 5 || misspelt.includes(code ?? ''))
        wrong.push(`${line}\n  ends with ${exitCode} ${code ?? ''}: ${stderr}`);
    }
    expect(wrong).toEqual([]);
  });
});

/** What was wrong, as a script is told. */
async function codeOf(words: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const plain = words.filter((word, at) => word !== '-o' && words[at - 1] !== '-o');
  const { stdout } = await runMain([...plain, '--json'], { cwd, env });
  const { success, data } = errorDocument.safeParse(JSON.parse(stdout));
  return success ? data.error.code : 'no error document';
}
