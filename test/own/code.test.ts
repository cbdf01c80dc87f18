/** A team's own runbook in TypeScript: beside the configuration it is listed, shown, rehearsed, run and resumed as a built-in one. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listDocument, runDocument, survivalDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';

const examples = join(import.meta.dirname, '../../examples');

let folder = '';
let env: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-own-'));
  env = { XDG_STATE_HOME: join(folder, 'state') };
  await mkdir(join(folder, 'team/runbooks/parts'), { recursive: true });
  await writeFile(join(folder, 'team/nanoops.yaml'), await readFile(join(examples, 'nanoops.yaml')));
  await writeFile(
    join(folder, 'team/runbooks/prepare-launch.ts'),
    await readFile(join(examples, 'runbooks/prepare-launch.ts')),
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** In the team's folder, where nobody has to name the configuration. */
const nanoops = (words: string) => runMain(words.split(' '), { cwd: join(folder, 'team'), env });

async function withFile<T>(name: string, text: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, 'team/runbooks', name);
  await writeFile(path, text);
  try {
    return await work();
  } finally {
    await rm(path);
  }
}

const looking = (id: string, found: string) => `
import { conclude, observe, runbook } from 'nanoops';
const look = observe('look', { title: 'Look', run: async () => ${found}, detail: String });
const conclusion = conclude('conclusion', { needs: { look }, run: ({ look }) => ({ verdict: 'ok', summary: 'found ' + look }) });
export default runbook({ id: '${id}', title: 'T', summary: 'S', steps: [look, conclusion], conclusion });
`;

/** Waits for something, by what it declares. */
const asking = (id: string, calls: string) => `
import { conclude, runbook, verify } from 'nanoops';
const count = verify('count', { title: 'Count', ${calls} withinMs: 1000, everyMs: 500, poll: async () => ({ state: 'reached', output: 1, detail: 'x' }) });
const conclusion = conclude('conclusion', { needs: { count }, run: () => ({ verdict: 'ok', summary: 'S' }) });
export default runbook({ id: '${id}', title: 'T', summary: 'S', steps: [count, conclusion], conclusion });
`;

describe('the example', () => {
  test('is listed with its file, after the built-in ones', async () => {
    const { stdout, stderr, exitCode } = await nanoops('runbook list --json');
    const { items } = listDocument.parse(JSON.parse(stdout));
    expect(items.at(-1)).toMatchObject({ id: 'prepare-launch', steps: 7, file: 'runbooks/prepare-launch.ts' });
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  });

  test('is shown, and exported', async () => {
    expect((await nanoops('runbook show prepare-launch')).stdout).toContain('more-tasks');
    expect((await nanoops('runbook export prepare-launch')).stdout).toContain('flowchart');
  });

  test('changes nothing in a dry run, and says what it would', async () => {
    const { stdout, exitCode } = await nanoops('runbook run prepare-launch --sandbox --dry-run --json');
    const document = runDocument.parse(JSON.parse(stdout));
    expect(document.mutations).toMatchObject([{ stepId: 'more-tasks', status: 'planned' }]);
    expect(document.api.mutations).toBe(0);
    expect(exitCode).toBe(1);
  });

  test('waits for a yes, and goes on with one', async () => {
    const asked = runDocument.parse(
      JSON.parse((await nanoops('runbook run prepare-launch --sandbox --no-input --json')).stdout),
    );
    expect(asked).toMatchObject({ verdict: 'awaiting-approval', exitCode: 4, mutations: [] });
    const resumed = await nanoops(`runs resume ${asked.runId} --yes --json`);
    const document = runDocument.parse(JSON.parse(resumed.stdout));
    expect(document).toMatchObject({ runId: asked.runId, verdict: 'ok' });
    expect(document.mutations).toMatchObject([{ stepId: 'more-tasks', status: 'applied' }]);
    expect(document.steps.find(({ id }) => id === 'tasks-run')).toMatchObject({ detail: '9 of 9 tasks run' });
  });

  test('survives being killed anywhere', async () => {
    const { stdout } = await nanoops('runbook test prepare-launch --crash-everywhere --json');
    const document = survivalDocument.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ verdict: 'ok', survived: document.moments });
    expect(document.moments).toBeGreaterThan(20);
  });
});

test('a run is not gone on with silently once the file, or a part of it, says something else', async () => {
  const part = join(folder, 'team/runbooks/parts/share.ts');
  const text = await readFile(join(examples, 'runbooks/prepare-launch.ts'), 'utf8');
  const parted = text
    .replace("} from 'nanoops';", "} from 'nanoops';\nimport { share } from './parts/share.ts';")
    .replace('desired * 1.5', 'desired * share')
    .replace("id: 'prepare-launch'", "id: 'in-parts'");
  expect(parted).toContain('desired * share');
  await writeFile(part, 'export const share: number = 1.5;\n');
  await withFile('in-parts.ts', parted, async () => {
    const { stdout } = await nanoops('runbook run in-parts --sandbox --no-input --json');
    const { runId } = runDocument.parse(JSON.parse(stdout));
    await writeFile(part, 'export const share: number = 3;\n');
    const changed = await nanoops(`runs resume ${runId} --no-input`);
    expect(changed.exitCode).toBe(4);
    expect(changed.stderr).toMatch(/the runbook "in-parts" has changed since run \S+ began/);
    const agreed = /--approve (runbook@[0-9a-f]+)/.exec(changed.stderr)?.[1];
    const gone = await nanoops(`runs resume ${runId} --approve ${agreed ?? ''} --approve approve-more-tasks --json`);
    expect(runDocument.parse(JSON.parse(gone.stdout)).mutations).toMatchObject([{ after: { minCapacity: 18 } }]);
  });
});

test('a run of a runbook that is not here names what to do', async () => {
  const text = (await readFile(join(examples, 'runbooks/prepare-launch.ts'), 'utf8')).replace(
    'prepare-launch',
    'fleeting',
  );
  const fleeting = text.replace("id: 'prepare-launch'", "id: 'fleeting'");
  const runId = await withFile('fleeting.ts', fleeting, async () => {
    const { stdout } = await nanoops('runbook run fleeting --sandbox --no-input --json');
    return runDocument.parse(JSON.parse(stdout)).runId;
  });
  const gone = await nanoops(`runs resume ${runId} --yes`);
  expect(gone.exitCode).toBe(2);
  expect(gone.stderr).toContain(`run ${runId} is of the runbook "fleeting", which is not here`);
  expect(gone.stderr).toContain('there is no file for it in runbooks');
  const elsewhere = await runMain(['runs', 'resume', runId, '--yes'], { cwd: folder, env });
  expect(elsewhere.stderr).toMatch(/there is no nanoops\.yaml here[^]*-c <file>/);
});

test('JavaScript will do as well, by any name that it is exported by', async () => {
  const text = looking('plain', '42').replace('export default', 'export const mine =');
  const { stdout, exitCode } = await withFile('plain.mjs', text, () => nanoops('runbook run plain --sandbox'));
  expect(stdout).toContain('Nothing needs attention');
  expect(exitCode).toBe(0);
});

describe('what is broken', () => {
  test.each([
    ['syntax.ts', 'const x: = 3;', /runbooks\/syntax\.ts:1: Unexpected token/],
    ['throws.ts', '\n\nthrow new Error("not today");', /runbooks\/throws\.ts:3: not today/],
    ['missing.ts', "import x from './not-there.ts'; export default x;", /Cannot find module/],
    ['nothing.ts', 'export const x = 1;', /nothing\.ts: it exports no runbook/],
    ['other.ts', looking('another', '1'), /its runbook has the id "another", and the file is called "other"/],
    [
      'twice.ts',
      `${looking('twice', '1')}\nexport const more = { ...runbook({ id: 'twice', title: 'T', summary: 'S', steps: [look, conclusion], conclusion }) };`,
      /it exports 2 runbooks/,
    ],
    ['latency.ts', looking('latency', '1'), /"latency" is a built-in runbook/],
    ['alerts-apply.ts', looking('alerts-apply', '1'), /"alerts-apply" is a built-in runbook/],
    ['Drain_Workers.ts', looking('Drain_Workers', '1'), /its name is an id/],
    [
      'by-hand.js',
      "const s = { id: 'a', kind: 'observe', needs: [], body: {}, title: 'A' }; export default { id: 'by-hand', title: 'T', summary: 'S', steps: [s, s], conclusion: s, resources: () => [] };",
      /two steps have the id "a"/,
    ],
    [
      'undeclared.ts',
      asking('undeclared', ''),
      /step "count" has to declare how it looks: calls: \['ecs:DescribeServices'\]/,
    ],
    [
      'misnamed.ts',
      asking('misnamed', "calls: ['ecs:DescribeService'],"),
      /step "count": ecs has no operation "DescribeService"; did you mean "DescribeServices"\?/,
    ],
    [
      'renamed.ts',
      asking('renamed', "calls: ['elbv2:DescribeRules'],"),
      /the service "elbv2" is called "elasticloadbalancing"/,
    ],
  ])('%s: the list warns of it and holds the others', async (name, text, fault) => {
    const { stdout, stderr, exitCode } = await withFile(name, text, () => nanoops('runbook list'));
    expect(stderr).toMatch(/^warning: runbooks\/\S+ cannot be used/);
    expect(stderr).toMatch(fault);
    expect(stdout).toContain('latency');
    expect(stdout).toContain('prepare-launch');
    expect(exitCode).toBe(0);
  });

  test('it is an error where it is asked for, and where nothing else is', async () => {
    await withFile('syntax.ts', 'const x: = 3;', async () => {
      for (const words of ['runbook run syntax --sandbox', 'runbook show syntax', 'runbook export syntax']) {
        const { stderr, exitCode } = await nanoops(words);
        expect([words, exitCode]).toEqual([words, 2]);
        expect(stderr).toMatch(/^error: runbooks\/syntax\.ts cannot be used; nothing was contacted/);
      }
      const others = ['runbook run prepare-launch --sandbox --dry-run', 'diagnose latency --sandbox healthy'];
      for (const words of others) expect((await nanoops(words)).stderr).not.toContain('syntax.ts');
    });
  });

  test('two files of one id', async () => {
    await withFile('plain.mjs', looking('plain', '1'), () =>
      withFile('plain.ts', looking('plain', '1'), async () => {
        const { stderr, exitCode } = await nanoops('runbook run plain --sandbox');
        expect(stderr).toMatch(/runbooks\/plain\.\w+ has the same id "plain"/);
        expect(exitCode).toBe(2);
      }),
    );
  });

  test('a link is not followed: what is loaded lies beside the configuration', async () => {
    const elsewhere = join(folder, 'elsewhere.ts');
    await writeFile(elsewhere, looking('linked', '1'));
    const link = join(folder, 'team/runbooks/linked.ts');
    await symlink(elsewhere, link);
    const { stderr, exitCode } = await nanoops('runbook run linked --sandbox');
    await rm(link);
    expect(stderr).toContain('it is a link');
    expect(exitCode).toBe(2);
  });

  test('one that is not there is wrong usage, with the nearest one', async () => {
    const { stderr, exitCode } = await nanoops('runbook run prepare-lanch --sandbox');
    expect(stderr).toContain('did you mean "prepare-launch"?');
    expect(exitCode).toBe(2);
  });
});

test('nothing is loaded from the current folder, nor from a folder above, where the configuration lies elsewhere', async () => {
  const inner = join(folder, 'team/inner');
  await mkdir(join(inner, 'runbooks'), { recursive: true });
  await writeFile(join(inner, 'runbooks/stray.ts'), 'throw new Error("loaded")');
  const found = await runMain(['runbook', 'list'], { cwd: inner, env });
  expect(found.stdout).toContain('prepare-launch');
  expect(found.stderr).toBe('');
  const above = await runMain(['runbook', 'list', '-c', 'x.yaml'], { cwd: inner, env });
  expect(above.stdout).not.toContain('prepare-launch');
});

test('tests, types and parts beside a runbook are nobody\u2019s runbooks', async () => {
  const names = ['prepare-launch.test.ts', 'shared.d.ts', '_part.ts', '.hidden.ts', 'notes.md'];
  for (const name of names) await writeFile(join(folder, 'team/runbooks', name), 'throw new Error("loaded")');
  const { stderr } = await nanoops('runbook list');
  for (const name of names) await rm(join(folder, 'team/runbooks', name));
  expect(stderr).toBe('');
});

describe('what a team\u2019s code throws', () => {
  const thrown = `
import { conclude, observe, runbook } from 'nanoops';
import { find } from './parts/find.ts';
const look = observe('look', { title: 'Look', run: async () => find('x'), detail: String });
const conclusion = conclude('conclusion', { needs: { look }, run: () => ({ verdict: 'ok', summary: 'S' }) });
export default runbook({ id: 'thrown', title: 'T', summary: 'S', steps: [look, conclusion], conclusion });
`;

  test('in a runbook is a fault of that file, with its line, and no defect of nanoops', async () => {
    await writeFile(
      join(folder, 'team/runbooks/parts/find.ts'),
      `// Types take lines, too.\ninterface Found {\n  readonly name: string;\n}\nexport const find = (name: string): string => {\n  const all: Record<string, Found> = {};\n  return (all[name] as Found).name;\n};\n`,
    );
    const { stdout, exitCode } = await withFile('thrown.ts', thrown, () =>
      nanoops('runbook run thrown --sandbox --json'),
    );
    const { verdict, notes } = runDocument.parse(JSON.parse(stdout));
    expect({ verdict, exitCode }).toEqual({ verdict: 'failed', exitCode: 5 });
    expect(notes).toEqual([
      "a fault in runbooks/parts/find.ts:7, which tells nothing about your stack: TypeError: Cannot read properties of undefined (reading 'name')",
    ]);
  });

  test('without a trace of where, the file is named', async () => {
    const text = thrown
      .replace("import { find } from './parts/find.ts';", 'const find = (name: string): string => { throw name; };')
      .replace("id: 'thrown'", "id: 'said'");
    const { stdout } = await withFile('said.ts', text, () => nanoops('runbook run said --sandbox --json'));
    expect(runDocument.parse(JSON.parse(stdout)).notes).toEqual([
      'a fault in runbooks/said.ts, which tells nothing about your stack: x',
    ]);
  });
});

test('an operation of a service that cannot be called by name is the code\u2019s own business', async () => {
  const text = asking('queued', "calls: ['sqs:ReceiveMessage'],");
  const { stderr, exitCode } = await withFile('queued.ts', text, () => nanoops('runbook run queued --sandbox'));
  expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('sqs')]);
});

describe('what a team\u2019s code gives in the place of what it has to', () => {
  test.each([
    ['nothing', ''],
    ['a verdict that there is not', "return { verdict: 'fine', summary: 'S' };"],
    ['no summary', "return { verdict: 'ok' };"],
  ])('as what it comes to: %s', async (_, body) => {
    const text = looking('odd', '1').replace("({ verdict: 'ok', summary: 'found ' + look })", `{ ${body} }`);
    const { stdout, exitCode } = await withFile('odd.ts', text, () => nanoops('runbook run odd --sandbox --json'));
    const { verdict, notes } = runDocument.parse(JSON.parse(stdout));
    expect({ verdict, exitCode }).toEqual({ verdict: 'failed', exitCode: 5 });
    expect(notes).toEqual([expect.stringMatching(/^a fault in runbooks\/odd\.ts, .*"conclusion" has to give/)]);
  });

  test.each([
    ['it throws', 'resources: () => serviceResorce()', 'ReferenceError: serviceResorce is not defined'],
    ['a word alone', "resources: () => 'x'", 'TypeError: resources gives no list of names'],
    ['an empty name', "resources: () => ['']", 'TypeError: resources gives no list of names'],
  ])('as what is locked: %s', async (_, resources, said) => {
    const text = (await readFile(join(examples, 'runbooks/prepare-launch.ts'), 'utf8'))
      .replace("id: 'prepare-launch'", "id: 'locking'")
      .replace(/resources: .*/, `${resources},`);
    const { stderr, exitCode } = await withFile('locking.ts', text, () =>
      nanoops('runbook run locking --sandbox --yes'),
    );
    expect(stderr).toContain('error: runbook "locking" cannot say what it locks; nothing was changed');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`a fault in runbooks/locking.ts`);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(said);
    expect(exitCode).toBe(5);
  });
});

test('a risk that there is not is agreed to by nobody: --yes would take it for one that can be put back', async () => {
  const text = (await readFile(join(examples, 'runbooks/prepare-launch.ts'), 'utf8'))
    .replace("id: 'prepare-launch'", "id: 'risky'")
    .replace("risk: 'reversible'", "risk: 'dataloss'");
  const { stdout, exitCode } = await withFile('risky.ts', text, () =>
    nanoops('runbook run risky --sandbox --yes --json'),
  );
  const { notes, mutations } = runDocument.parse(JSON.parse(stdout));
  expect(notes).toEqual([expect.stringContaining('a change has the risk "dataloss", which is none of reversible,')]);
  expect({ mutations, exitCode }).toEqual({ mutations: [], exitCode: 5 });
});

test('a runbook that is nowhere says where those of a team are looked for', async () => {
  expect((await nanoops('runbook show nowhere')).stderr).toContain('there is no file for it in runbooks');
  const elsewhere = await runMain(['runbook', 'show', 'nowhere'], { cwd: folder, env });
  expect(elsewhere.stderr).toContain('there is no nanoops.yaml here or in a folder above');
});
