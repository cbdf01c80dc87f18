import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it } from 'vitest';

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

it('says how it is used', async () => {
  const { exitCode, stderr } = await execa('node', [script], { reject: false });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^usage: /);
});
