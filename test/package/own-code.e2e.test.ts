/** A team's own code and the installed package: what it imports, how it is typed, and that it runs from a global installation. */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { nanoops } from './nanoops.ts';

const { folder: installed } = inject('installed');
const repository = dirname(dirname(import.meta.dirname));
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

let team = '';
let other = '';

beforeAll(async () => {
  team = await mkdtemp(join(tmpdir(), 'nanoops-team-'));
  await mkdir(join(team, 'node_modules/@types'), { recursive: true });
  for (const [name, path] of [
    ['nanoops', join(installed, 'node_modules/nanoops')],
    ['@types/node', join(repository, 'node_modules/@types/node')],
    ['undici-types', join(repository, 'node_modules/undici-types')],
  ] as const) {
    await symlink(path, join(team, 'node_modules', name));
  }
  await cp(join(repository, 'examples/runbooks'), join(team, 'runbooks'), { recursive: true });
  // Where nothing is installed beside the files.
  other = await mkdtemp(join(tmpdir(), 'nanoops-global-'));
  await cp(join(repository, 'examples'), other, { recursive: true });
});
afterAll(async () => {
  await rm(team, { recursive: true });
  await rm(other, { recursive: true });
});

const checked = async (options: Record<string, string>, type: 'module' | 'commonjs') => {
  await writeFile(join(team, 'package.json'), JSON.stringify({ type }));
  const compilerOptions = { target: 'es2023', strict: true, noEmit: true, types: ['node'], ...options };
  await writeFile(join(team, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['runbooks'] }));
  const { stdout } = await execa(process.execPath, [compiler, '--project', team], { reject: false });
  return stdout;
};

describe('its types', () => {
  test.each([
    ['an ES module, as Node resolves it', { module: 'nodenext' }, 'module'],
    ['CommonJS, as Node resolves it', { module: 'nodenext' }, 'commonjs'],
    ['as bundlers resolve it', { module: 'esnext', moduleResolution: 'bundler' }, 'module'],
  ] as const)('hold in %s', async (_name, options, type) => {
    expect(await checked(options, type)).toBe('');
  });

  test('find what is wrong: an id that stands twice, and a need of another type', async () => {
    const path = join(team, 'runbooks/wrong.ts');
    await writeFile(
      path,
      `import { conclude, observe, runbook } from 'nanoops';
const look = observe('look', { title: 'Look', run: async () => 1, detail: String });
const conclusion = conclude('look', { needs: { look }, run: ({ look }) => ({ verdict: 'ok', summary: look.trim() }) });
export default runbook({ id: 'wrong', title: 'T', summary: 'S', steps: [look, conclusion], conclusion });
`,
    );
    const said = await checked({ module: 'nodenext' }, 'module');
    await rm(path);
    expect(said).toMatch(/wrong\.ts\(3,\d+\): error TS2339: Property 'trim' does not exist on type 'number'/);
    expect(said).toMatch(/wrong\.ts\(4,\d+\)[^]*two steps have the id \\?"look\\?"/);
  });
});

test('it can be imported and required, by the names of its types', async () => {
  const declared = await readFile(join(installed, 'node_modules/nanoops/dist/types/api.d.ts'), 'utf8');
  const names = [...declared.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list.split(',').map((name) => name.trim()),
  );
  const values = names.filter((name) => name !== '');
  expect(values).toEqual(expect.arrayContaining(['runbook', 'observe', 'act']));
  const script = `import * as whole from 'nanoops'; import { runbook } from 'nanoops'; import { createRequire } from 'node:module';
console.log(JSON.stringify([Object.keys(whole), typeof runbook, Object.keys(createRequire('${team}/x.js')('nanoops'))]));`;
  await writeFile(join(team, 'names.mjs'), script);
  const { stdout } = await execa(process.execPath, [join(team, 'names.mjs')]);
  const [imported, kind, required] = JSON.parse(stdout);
  expect(imported).toEqual(expect.arrayContaining(values));
  expect(kind).toBe('function');
  expect(required).toEqual(expect.arrayContaining(values));
});

test('without being installed beside it, the program runs a runbook in TypeScript', async () => {
  const { stdout, stderr, exitCode } = await nanoops(
    ['runbook', 'run', 'prepare-launch', '--sandbox', '--yes', '--json'],
    { cwd: other, env: { XDG_STATE_HOME: join(other, 'state') } },
  );
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'ok', mutations: [{ stepId: 'more-tasks', status: 'applied' }] });
  expect(exitCode).toBe(0);
});

test('what needs no runbook of a team\u2019s loads nothing for them', async () => {
  const loads = async (...words: string[]) => {
    const preload = join(other, 'loaded.cjs');
    await writeFile(
      preload,
      `const fs = require('node:fs'); const seen = []; const read = fs.readFileSync;
const open = fs.openSync;
fs.readFileSync = (path, ...rest) => { seen.push(String(path)); return read(path, ...rest); };
fs.openSync = (path, ...rest) => { seen.push(String(path)); return open(path, ...rest); };
process.on('exit', () => fs.writeSync(2, seen.filter((path) => /nanoops.dist/.test(path)).join('\\n')));`,
    );
    const { stderr } = await nanoops(words, {
      cwd: other,
      env: { NODE_OPTIONS: `--require ${preload}`, XDG_STATE_HOME: join(other, 'state'), NODE_COMPILE_CACHE: '' },
    });
    return stderr;
  };
  const own = await loads('runbook', 'show', 'prepare-launch');
  expect(own).toContain('import-code');
  for (const words of [
    ['--help'],
    ['runbook', 'show', 'latency'],
    ['runbook', 'run', 'latency', '--sandbox', '--dry-run'],
  ]) {
    const said = await loads(...words);
    expect(said).toContain('main.js');
    expect(said).not.toMatch(/import-code|open-own-files|jiti/);
  }
});
