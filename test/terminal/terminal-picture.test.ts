import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inTier } from '../support/tier.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-picture-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const script = join(import.meta.dirname, '../../scripts/terminal-picture.js');

async function pictureOf(program: string): Promise<string> {
  const file = join(folder, 'made/picture.svg');
  await execa('node', [script, file, '--', 'node', '-e', program]);
  return readFile(file, 'utf8');
}

it('draws what a command printed, in order, with its colours, and escaped', async () => {
  const svg = await pictureOf(`
    process.stderr.write('\\u001b[32m✓\\u001b[39m found  <b>&amp;</b> "it"\\n');
    process.stdout.write('\\u001b[1m\\u001b[31m! done\\u001b[39m\\u001b[22m\\n\\u001b[2Jgone\\n');
    process.exitCode = 1;
  `);
  expect(svg).toContain('<tspan x="18" class="green">✓</tspan>');
  expect(svg).toContain('>&lt;b&gt;&amp;amp;&lt;/b&gt; &quot;it&quot;</tspan>');
  expect(svg).toContain('class="red bold">! done</tspan>');
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg.indexOf('found</tspan>')).toBeLessThan(svg.indexOf('! done</tspan>'));
  // oxlint-disable-next-line no-control-regex -- XML may hold none of them
  expect(svg).not.toMatch(/[\u0000-\u0008\u000B-\u001F]/);
});

it('breaks a line where a terminal would', async () => {
  const svg = await pictureOf(`console.log('x'.repeat(100))`);
  expect(svg).toContain(`>${'x'.repeat(96)}</tspan>`);
  expect(svg).toContain('>xxxx</tspan>');
});

it('draws nothing of a command that cannot be run', async () => {
  const { exitCode, stderr } = await execa('node', [script, join(folder, 'a.svg'), '--', './no-such-command'], {
    reject: false,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('./no-such-command could not be run');
});

it('draws what stdout holds only, and says so, and does not see what other runs left behind', async () => {
  const file = join(folder, 'picture.svg');
  const program = `console.error('a step'); console.log(process.env.XDG_STATE_HOME === 'left behind' ? 'seen' : 'the outcome')`;
  await execa('node', [script, file, '--stdout', '--', 'node', '-e', program], {
    env: { XDG_STATE_HOME: 'left behind' },
  });
  const svg = await readFile(file, 'utf8');
  expect(svg).toContain('>the outcome</tspan>');
  expect(svg).not.toContain('>a step</tspan>');
  expect(svg).toMatch(/<title id="title">.* 2&gt;\/dev\/null<\/title>/);
});

it('says how it is used', async () => {
  const { exitCode, stderr } = await execa('node', [script], { reject: false });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^usage: /);
});

const pictures: readonly (readonly [string, readonly string[]])[] = [
  ['diagnose-latency.svg', ['--', 'node', 'bin/nanoops.js', 'diagnose', 'latency', '--sandbox']],
  ['dr-drill.svg', ['--stdout', '--', 'node', 'bin/nanoops.js', 'dr', 'drill', '--sandbox']],
];
const isTold = inTier({ all: true, some: false });

it.runIf(isTold).each(pictures)('docs/images/%s shows what its command prints today', async (name, words) => {
  const root = join(import.meta.dirname, '../..');
  const file = join(folder, name);
  await execa('node', [script, file, ...words], { cwd: root });
  // A run that keeps a journal has an id of its own each time.
  const [drawn, shown] = await Promise.all(
    [file, join(root, 'docs/images', name)].map(async (path) =>
      (await readFile(path, 'utf8')).replaceAll(/\d{8}T\d{6}Z-[a-z-]+-[a-z0-9]{6}/g, 'a run'),
    ),
  );
  expect(shown).toBe(drawn);
});
