/** A team's own checks, in code and in YAML: listed and run with the built-in ones, and never ok where nothing was measured. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { listDocument, reportDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';

const examples = join(import.meta.dirname, '../../examples');

let folder = '';
let env: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-checks-'));
  env = { XDG_STATE_HOME: join(folder, 'state') };
  await cp(examples, folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

const nanoops = (words: string) =>
  runMain(
    words.split(' ').filter((word) => word !== ''),
    { cwd: folder, env },
  );
const checksOf = ({ stdout }: { stdout: string }) => reportDocument.parse(JSON.parse(stdout)).checks;

async function withFile<T>(name: string, text: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, 'checks', name);
  await writeFile(path, text);
  try {
    return await work();
  } finally {
    await rm(path);
  }
}

const yaml = (more: string) => `title: T
call: { service: ecs, operation: DescribeServices, input: { cluster: nano, services: [nano-api] } }
${more}`;

test('they are listed with their files and what they read', async () => {
  const { items } = listDocument.parse(JSON.parse((await nanoops('checks list --json')).stdout));
  expect(items.slice(-2)).toMatchObject([
    { id: 'rollout-settled', area: 'compute', file: 'checks/rollout-settled.yaml', reads: ['ecs:DescribeServices'] },
    { id: 'spare-tasks', area: 'compute', file: 'checks/spare-tasks.ts', reads: ['ecs:DescribeServices'] },
  ]);
});

test('they run by their ids, by "own", by their area and with all', async () => {
  const ids = async (words: string) =>
    checksOf(await nanoops(`checks run ${words} --sandbox --json`)).map(({ id }) => id);
  expect(await ids('spare-tasks')).toEqual(['spare-tasks']);
  expect(await ids('own')).toEqual(['rollout-settled', 'spare-tasks']);
  expect(await ids('compute')).toEqual(expect.arrayContaining(['ecs-cpu', 'spare-tasks']));
  expect((await ids('')).slice(-2)).toEqual(['rollout-settled', 'spare-tasks']);
});

test('they say what they measured and where they saw it', async () => {
  const [settled, spare] = checksOf(await nanoops('checks run own --sandbox --json'));
  expect(settled).toMatchObject({
    status: 'ok',
    summary: 'the newest of 1 deployments is COMPLETED',
    observed: { value: 1, unit: 'count' },
    evidence: [{ source: 'ecs:DescribeServices', region: 'us-west-2' }],
  });
  expect(spare).toMatchObject({ status: 'ok', summary: '6 of 6 tasks run; without a zone 4 are left' });
});

test.each([
  ['breach: "services[0].runningCount < `7`"', 'breach', 1],
  ['warning: "services[0].runningCount < `7`"\nbreach: "services[0].runningCount < `3`"', 'warning', 1],
  ['warning: "services[0].runningCount < `3`"', 'ok', 0],
  ['warning: "services[0].nothing"\nvalue: services[0].nothing', 'unknown', 3],
  ['warning: "length(services[0].nothing) > `1`"', 'unknown', 3],
])('%s is %s', async (more, status, exitCode) => {
  await withFile('tasks.yaml', yaml(more), async () => {
    const ended = await nanoops('checks run tasks --sandbox --json');
    expect(checksOf(ended)).toMatchObject([{ id: 'tasks', area: 'own', status }]);
    expect(ended.exitCode).toBe(exitCode);
  });
});

test('a call that fails is unknown, and so is a program in a simulation', async () => {
  const other = yaml('warning: services').replace('cluster: nano,', 'cluster: other,');
  await withFile('other.yaml', other, async () => {
    expect(checksOf(await nanoops('checks run other --sandbox --json'))).toMatchObject([{ status: 'unknown' }]);
  });
  await withFile('program.yaml', 'title: T\ncommand: [./x.sh]\nreadOnly: true\n', async () => {
    const [check] = checksOf(await nanoops('checks run program --sandbox --json'));
    expect(check).toMatchObject({
      status: 'unknown',
      summary: expect.stringContaining('nothing of yours is started') as string,
    });
  });
});

describe('what is broken', () => {
  test.each([
    [
      'call.yaml',
      yaml('warning: services').replace('DescribeServices', 'UpdateService'),
      /call\.yaml:2:\d+ call\.operation: UpdateService is not an operation that only reads/,
    ],
    ['never.yaml', yaml(''), /has to say when it fails: warning or breach/],
    ['typo.yaml', yaml('warnung: services'), /typo\.yaml:3:1 warnung: is unknown; did you mean "warning"\?/],
    ['ecs-cpu.yaml', yaml('warning: services'), /"ecs-cpu" is a built-in check/],
    ['database.yaml', yaml('warning: services'), /"database" is an area of checks/],
    ['empty.ts', 'export const x = 1;', /empty\.ts: it exports no check/],
    [
      'acting.ts',
      "import { check, decide } from 'nanoops'; export default check('acting', { title: 'T', needs: { x: decide('x', { title: 'X', run: () => 1, detail: String }) }, judge: () => ({}) });",
      /a check only looks: make its looks with "look" \("x"\)/,
    ],
  ])('%s: warned of, and unknown among all', async (name, text, fault) => {
    await withFile(name, text, async () => {
      const listed = await nanoops('checks list');
      expect(listed.stderr).toMatch(fault);
      expect([listed.exitCode, listed.stdout.includes('spare-tasks')]).toEqual([0, true]);
    });
  });

  test('it is unknown among all, an error by its own id, and nothing to the others', async () => {
    await withFile('broken.yaml', yaml(''), async () => {
      const all = await nanoops('checks run own --sandbox --json');
      expect(checksOf(all).map(({ id, status }) => [id, status])).toContainEqual(['broken', 'unknown']);
      expect([all.exitCode, all.stderr.startsWith('warning: checks/broken.yaml cannot be used')]).toEqual([3, true]);
      const asked = await nanoops('checks run broken --sandbox');
      expect(asked.exitCode).toBe(2);
      expect(asked.stderr).toMatch(/^error: checks\/broken\.yaml cannot be used/);
      for (const words of ['ecs-cpu', 'spare-tasks', 'ecs-cpu spare-tasks']) {
        expect((await nanoops(`checks run ${words} --sandbox`)).stderr).not.toContain('broken');
      }
    });
  });
});

describe('around them', () => {
  test('shells complete their ids, and those of runbooks', async () => {
    const after = async (...words: string[]) =>
      (await runMain(['complete', '--', ...words], { cwd: folder, env })).stdout
        .split('\n')
        .map((line) => line.split('\t')[0]);
    expect(await after('runbook', 'run', 'prep')).toContain('prepare-launch');
    expect(await after('checks', 'run', 'sp')).toContain('spare-tasks');
    expect(await after('checks', 'run', 'ow')).toContain('own');
  });

  test('iam policy: what a runbook names itself is told apart, and allowed because nobody knows more of it', async () => {
    const policy = async (words: string) => JSON.parse((await nanoops(`iam policy ${words} -o json`)).stdout);
    const code = await policy('--runbook prepare-launch');
    const statements = (report: { policies: { document: { Statement: { Sid: string; Action: string[] }[] } }[] }) =>
      report.policies.flatMap(({ document }) => document.Statement);
    // Facts are of the configured stack.
    expect(statements(code).map(({ Sid }) => Sid)).not.toContain('OwnLook');
    expect(JSON.stringify(statements(code))).toContain('application-autoscaling:RegisterScalableTarget');
    const own = await policy('--runbook replace-tasks');
    expect(statements(own)).toContainEqual(
      expect.objectContaining({ Sid: 'OwnLook', Action: ['ecs:DescribeServices'], Resource: '*' }),
    );
    expect(statements(own)).toContainEqual(expect.objectContaining({ Action: ['ecs:UpdateService'], Resource: '*' }));
    expect(own.everything).toContainEqual({
      action: 'ecs:UpdateService',
      because: 'a runbook or check of your own names what it is about: narrow it down to that',
    });
    expect((await policy('')).runbooks).toEqual(expect.arrayContaining(['latency', 'prepare-launch', 'replace-tasks']));
  });

  test.each([
    ['runbook', 'runbooks/replace-tasks.yaml'],
    ['check', 'checks/rollout-settled.yaml'],
  ])('the JSON Schema of a %s holds for the example, and finds a mistyped key', async (name, file) => {
    const { stdout } = await nanoops(`config schema --of ${name}`);
    const holdsFor = new Ajv2020({ strict: false }).compile(JSON.parse(stdout));
    const example = parse(await readFile(join(examples, file), 'utf8'));
    expect([holdsFor(example), holdsFor.errors]).toEqual([true, null]);
    expect(holdsFor({ ...example, titel: 'T' })).toBe(false);
  });
});

describe('what a check’s own author got wrong', () => {
  test('a condition that finds nothing is unknown, and never ok', async () => {
    const text = yaml('breach: services[0].runningcount < `2`').replace('nano-api', 'gone-api');
    await withFile('typo.yaml', text, async () => {
      const ended = await nanoops('checks run typo --sandbox --json');
      expect(ended.exitCode).toBe(3);
      expect(checksOf(ended)).toMatchObject([{ status: 'unknown', summary: expect.stringContaining('finds nothing') }]);
    });
  });

  test.each([
    ['throws', "judge: () => { throw new Error('boom'); }", /boom/],
    ['gives what is no judgement', "judge: () => ({ status: 'fine' })", /does not judge/],
  ])('a judgement that %s is unknown, and nothing to the others', async (_what, judge, summary) => {
    const text = `import { check, look } from 'nanoops';
const b = look('b', { title: 'B', run: async () => 1, detail: () => 'one' });
export default check('two', { title: 'Two', needs: { b }, ${judge} });\n`;
    await withFile('two.ts', text, async () => {
      const ended = await nanoops('checks run own --sandbox --json');
      const all = checksOf(ended);
      expect(all.map(({ id }) => id)).toEqual(['rollout-settled', 'spare-tasks', 'two']);
      expect(all.find(({ id }) => id === 'two')).toMatchObject({
        status: 'unknown',
        summary: expect.stringMatching(summary),
      });
      expect(all.find(({ id }) => id === 'spare-tasks')?.status).toBe('ok');
    });
  });

  test('looks of two files may have the same name', async () => {
    const text = (id: string, found: number) => `import { check, look, ok } from 'nanoops';
const b = look('b', { title: 'B', run: async () => ${found}, detail: () => 'it' });
export default check('${id}', { title: 'T', needs: { b }, judge: ({ b }) => ok(String(b.known && b.value), []) });\n`;
    await withFile('one.ts', text('one', 1), () =>
      withFile('two.ts', text('two', 2), async () => {
        const told = checksOf(await nanoops('checks run one two --sandbox --json'));
        expect(told.map(({ id, status, summary }) => [id, status, summary])).toEqual([
          ['one', 'ok', '1'],
          ['two', 'ok', '2'],
        ]);
      }),
    );
  });
});

test('what a check’s code throws makes that check unknown, with its line, and no other', async () => {
  const text = (id: string, run: string, judged: string) => `import { check, look, ok, unknown } from 'nanoops';
const state = look('state', { title: 'Look', run: async (): Promise<{ n: number }> => ${run}, detail: ({ n }) => String(n) });
export default check('${id}', { title: 'T', needs: { state }, judge: ({ state: seen }) =>
  ${judged} });
`;
  const looks = text('bad-look', 'undefined as never', "seen.known ? ok('fine', []) : unknown(seen.reason, [])");
  const judges = text('bad-judge', '({ n: 1 })', "{ throw new RangeError('too much'); }");
  const found = await withFile('bad-look.ts', looks, () =>
    withFile('bad-judge.ts', judges, () => nanoops('checks run own --sandbox --json')),
  );
  expect(found.exitCode).toBe(3);
  const told = 'which tells nothing about your stack';
  expect(
    Object.fromEntries(checksOf(found).map(({ id, status, summary }) => [id, status === 'ok' || summary])),
  ).toEqual({
    'bad-judge': `a fault in checks/bad-judge.ts:4, ${told}: RangeError: too much`,
    'bad-look': `a fault in checks/bad-look.ts:2, ${told}: TypeError: Cannot destructure property 'n' of 'undefined' as it is undefined.`,
    'rollout-settled': true,
    'spare-tasks': true,
  });
});
