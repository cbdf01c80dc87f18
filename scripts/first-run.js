/**
 * Plays the first run of somebody who knows nothing, and writes down what they see: an empty folder, a file that `init` writes, the
 * first looks, a rehearsed drill, a runbook of their own. What is typed is never in here: each command is read from a page of docs/
 * or from a screen that a command before it printed, and where none names it the script fails. Standard output is kept, as it is on 96
 * columns without a terminal; progress is not. Identities of runs, which no two runs share, are written as <run-id>.
 *
 *     node scripts/first-run.js docs/first-run.md -- node bin/nanoops.js
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';

const columns = 96;
const root = dirname(import.meta.dirname);

/**
 * A stop on the way: what the newcomer wants (`wants` is looked for in commands), and where they read how to type it: on a page, or
 * on a screen. `page` without `wants` is a file to copy, whose first line names it.
 *
 * @typedef {{ text: string, page?: string, wants?: RegExp }} Stop
 */

/** @type {readonly Stop[]} */
const way = [
  { text: 'In an empty folder', page: 'docs/getting-started.md', wants: /\binit --yes --sandbox\b/ },
  { text: 'How is it now?', wants: /\bstatus\b/ },
  {
    text: 'Is it slow, and why? For this the simulated AWS has a slow statement',
    wants: /\bdiagnose\b/,
  },
  { text: 'Could it fail over?', wants: /\bdr readiness\b/ },
  { text: 'What would a drill come to?', wants: /\bdr drill --dry-run\b/ },
  { text: 'And what only the team knows', wants: /\bhelp own-runbooks\b/ },
  { text: 'The file that it shows, copied', page: 'docs/own-runbooks.md' },
  { text: 'Its steps', wants: /\brunbook show\b/ },
  { text: 'What it would do', wants: /\brunbook run .*--dry-run\b/ },
  { text: 'Is it fit for bad luck?', wants: /\brunbook test\b/ },
  {
    text: 'For real, on the simulated AWS: nobody sits at a terminal here, so it waits',
    wants: /\brunbook run .*--sandbox$/,
  },
  { text: 'Somebody agrees', wants: /\bruns resume\b/ },
];

/** @param {string} page @param {string} language */
async function blocksOf(page, language) {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, block = '']) => block);
}

/** The commands of nanoops that a text shows, each from its name to where the words end that go with it. */
function commandsIn(/** @type {string} */ text) {
  return [...text.matchAll(/(?:^|\s)(nanoops(?: [^\s#]+)+)(?=\s{2}|\s*$)/gm)].map(([, command = '']) => command);
}

/**
 * The command for what is wanted: of the page, or of the newest screen that shows one.
 *
 * @param {Required<Pick<Stop, 'wants'>> & Stop} stop
 * @param {readonly string[]} screens
 */
async function commandFor({ page, wants }, screens) {
  const texts = page === undefined ? screens.toReversed() : await blocksOf(page, 'sh');
  const command = texts.flatMap(commandsIn).find((each) => wants.test(each));
  if (command === undefined) throw new Error(`${page ?? 'no screen'} shows no command for ${wants}`);
  return command;
}

/** The first file that a page has to be copied: its path stands in its first line, as a comment. */
async function fileOf(/** @type {string} */ page) {
  for (const text of await blocksOf(page, 'yaml')) {
    const [, path] = /^# (\S+\.yaml)\n/.exec(text) ?? [];
    if (path !== undefined) return { path, text };
  }
  throw new Error(`${page} has no block of YAML whose first line is the name of a file`);
}

/** A machine without an account, on which nothing has been run yet. */
function environmentIn(/** @type {string} */ home) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:AWS_|NANOOPS_|XDG_|NO_COLOR|FORCE_COLOR)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    TZ: 'UTC',
    COLUMNS: String(columns),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** @param {string} text */
function withoutRunIds(text) {
  return text.replaceAll(/\b\d{8}T\d{6}Z-[a-z-]+-[a-z0-9]{6}\b/g, '<run-id>');
}

/** @param {readonly string[]} program */
async function played([program = '', ...given]) {
  const home = await mkdtemp(join(tmpdir(), 'nanoops-first-run-'));
  const folder = join(home, 'try-nanoops');
  await mkdir(folder);
  const env = environmentIn(home);
  /** @type {string[]} */
  const screens = [];
  /** @type {string[]} */
  const sections = [];
  try {
    for (const stop of way) {
      if (stop.wants === undefined) {
        const { path, text } = await fileOf(stop.page ?? '');
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
        sections.push(`## ${stop.text}`, `\`${path}\``);
        continue;
      }
      const command = await commandFor({ ...stop, wants: stop.wants }, screens);
      const words = command.split(' ').slice(1);
      const { stdout, stderr, exitCode } = await execa(program, [...given, ...words], {
        cwd: folder,
        env,
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
      });
      if (exitCode === undefined || stdout === '') throw new Error(`${command} printed nothing: ${stderr}`);
      screens.push(stdout);
      const typed = command.startsWith('nanoops runs resume') ? withoutRunIds(command) : command;
      sections.push(
        `## ${stop.text}`,
        `\`\`\`text\n$ ${typed}\n${withoutRunIds(stdout).trimEnd()}\n\`\`\``,
        `Exit code ${exitCode}.`,
      );
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  return sections;
}

const intro = `# The first run, as it looks

From an empty folder to a runbook of one's own, on the simulated AWS: everything that the screen answered, on 96 columns. Each command
was read from [the first ten minutes](getting-started.md) or from a screen further up, by \`scripts/first-run.js\`, which made this
page; the tests play it again. What the exit codes mean is [in the README](../README.md#exit-codes).`;

const [file, separator, ...program] = process.argv.slice(2);
if (file === undefined || separator !== '--' || program.length === 0) {
  process.stderr.write('usage: node scripts/first-run.js <page.md> -- <command…>\n');
  process.exitCode = 2;
} else {
  const [name = '', ...given] = program;
  // It runs in a folder of its own: what is there from here is named from anywhere.
  const anywhere = given.map((word) => (word.endsWith('.js') ? resolve(word) : word));
  const sections = await played([name, ...anywhere]);
  await writeFile(file, `${[intro, ...sections].join('\n\n')}\n`);
}
