/** A team's own runbook in YAML: what it may say, what it does, and that nothing in it changes anything unasked. */
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { judgeCall } from '../../src/aws/named/operations.ts';
import { parseConfig } from '../../src/config/load.ts';
import { readRunbookFile } from '../../src/config/own/read-own-file.ts';
import { checkWritten, lookAtDeed, plannedChange, reverseDeed, type DeedInput } from '../../src/own/deeds.ts';
import { filledExpression } from '../../src/own/expressions.ts';
import { rulesBy } from '../../src/own/rules.ts';
import { errorDocument, runDocument, survivalDocument } from '../../src/report/schemas.ts';
import { sandboxConfig, sandboxStack, sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { runSettings } from '../../src/use-cases/run-settings.ts';
import { runMain } from '../support/run-main.ts';

const examples = join(import.meta.dirname, '../../examples');

let folder = '';
let env: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-yaml-'));
  env = { XDG_STATE_HOME: join(folder, 'state') };
  await mkdir(join(folder, 'runbooks'));
  for (const name of ['nanoops.yaml', 'runbooks/replace-tasks.yaml']) {
    await writeFile(join(folder, name), await readFile(join(examples, name)));
  }
});
afterAll(() => rm(folder, { recursive: true }));

const nanoops = (words: string) => runMain(words.split(' '), { cwd: folder, env });

async function withFile<T>(name: string, text: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, 'runbooks', name);
  await writeFile(path, text);
  try {
    return await work();
  } finally {
    await rm(path);
  }
}

const runOf = ({ stdout, stderr }: { stdout: string; stderr: string }) => {
  const document: unknown = JSON.parse(stdout);
  const { data } = runDocument.safeParse(document);
  if (data === undefined) throw new Error(`no run: ${stdout}${stderr}`);
  return data;
};

/** The faults of a file, a line each. */
const faultsOf = async (text: string): Promise<readonly string[]> => {
  const { stdout, exitCode } = await withFile('faulty.yaml', text, () => nanoops('runbook show faulty --json'));
  expect(exitCode).toBe(2);
  const { error } = errorDocument.parse(JSON.parse(stdout));
  expect(error.code).toBe('OwnFileInvalid');
  return error.details ?? [];
};

const head = 'title: T\nsummary: S\nlocks: [x]\nsteps:\n';
const looking = `  - look: service
    call: { service: ecs, operation: DescribeServices, input: { cluster: nano, services: [nano-api] } }
`;
const scaling = `${looking}    keep: services[0].desiredCount
  - act: more
    onlyIf: service < \`20\`
    call: { service: ecs, operation: UpdateService, input: { cluster: nano, service: nano-api, desiredCount: 8 } }
    resource: nano/nano-api
    summary: "desiredCount \${service} → 8"
    blastRadius: two more tasks
    undo:
      call: { service: ecs, operation: UpdateService, input: { cluster: nano, service: nano-api, desiredCount: "\${service}" } }
      summary: "desiredCount 8 → \${service}"
    effect:
      call: { service: ecs, operation: DescribeServices, input: { cluster: nano, services: [nano-api] } }
      done: services[0].desiredCount == \`8\`
      undone: services[0].desiredCount == \`\${service}\`
`;

describe('the example', () => {
  test('plans one change in a dry run, and makes none', async () => {
    const document = runOf(await nanoops('runbook run replace-tasks --sandbox --dry-run --json'));
    expect(document.mutations).toMatchObject([
      { stepId: 'replace', operation: 'ecs:UpdateService', status: 'planned' },
    ]);
    expect(document.api.mutations).toBe(0);
    expect(document.steps.find(({ id }) => id === 'replaced')).toMatchObject({ basis: 'assumed' });
    // Nobody saw it come true.
    expect(document.outcome).toEqual({
      helped: false,
      summary: 'planned, and assumed to come true: Replace the tasks',
    });
  });

  test('waits for a yes, and makes the change once', async () => {
    const asked = runOf(await nanoops('runbook run replace-tasks --sandbox --no-input --json'));
    expect(asked).toMatchObject({ verdict: 'awaiting-approval', mutations: [] });
    const document = runOf(await nanoops(`runs resume ${asked.runId} --yes --json`));
    expect(document).toMatchObject({ verdict: 'ok', mutations: [{ stepId: 'replace', status: 'applied' }] });
    expect(document.steps.find(({ id }) => id === 'replaced')?.detail).toBe('6 tasks run, rollout COMPLETED');
  });

  test('survives being killed anywhere', async () => {
    const { stdout } = await nanoops('runbook test replace-tasks --crash-everywhere --json');
    const document = survivalDocument.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ verdict: 'ok', survived: document.moments });
  });
});

test('a number is filled in as a number; what a later step finds wrong is put back', async () => {
  const failing = `${head}${scaling}  - verify: enough
    call: { service: ecs, operation: DescribeServices, input: { cluster: nano, services: [nano-api] } }
    until: services[0].runningCount > \`100\`
    for: 2m
`;
  const document = await withFile('scale.yaml', failing, async () =>
    runOf(await nanoops('runbook run scale --sandbox --yes --json')),
  );
  expect(document.verdict).toBe('failed');
  expect(document.mutations).toMatchObject([{ stepId: 'more', summary: 'desiredCount 6 → 8', status: 'reverted' }]);
});

test('what is not needed is not done, and nobody is asked', async () => {
  const text = `${head}${scaling.replace('`20`', '`2`')}`;
  const document = await withFile('scale.yaml', text, async () =>
    runOf(await nanoops('runbook run scale --sandbox --no-input --json')),
  );
  expect(document).toMatchObject({ verdict: 'ok', mutations: [] });
});

test('what is there already is not changed again', async () => {
  const text = `${head}${scaling.replaceAll('8', '6')}`;
  const document = await withFile('scale.yaml', text, async () =>
    runOf(await nanoops('runbook run scale --sandbox --yes --json')),
  );
  expect(document.api.mutations).toBe(0);
  expect(document.verdict).toBe('ok');
});

test('a look that finds another thing than it expects needs attention, and says what', async () => {
  const text = `${head}${looking}    expect: services[0].runningCount == \`7\`\n    say: "\${services[0].runningCount} run"\n`;
  const document = await withFile('seven.yaml', text, async () =>
    runOf(await nanoops('runbook run seven --sandbox --json')),
  );
  expect(document).toMatchObject({ verdict: 'attention', exitCode: 1 });
  expect(document.steps).toContainEqual(expect.objectContaining({ id: 'service', detail: '6 run' }));
  expect(document.steps.at(-1)).toMatchObject({ detail: 'not as expected: service' });
});

test('what nothing else in the file names is not kept in the journal', async () => {
  const journalOf = async (text: string): Promise<string> => {
    const { runId } = await withFile('kept.yaml', text, async () =>
      runOf(await nanoops('runbook run kept --sandbox --yes --json')),
    );
    const place = join(folder, 'state/nanoops/runs', runId);
    const names = await readdir(place, { recursive: true, withFileTypes: true });
    const files = names.filter((each) => each.isFile() && !each.name.includes('world'));
    const texts = await Promise.all(files.map((each) => readFile(join(each.parentPath, each.name), 'utf8')));
    return texts.join('\n');
  };
  const revision = looking.replace('look: service', 'look: revision');
  // What an act comes after is kept, so that a run that is taken up goes by what was agreed to.
  const unnamed = await journalOf(`${head}${revision}${scaling}`);
  expect(unnamed).toContain('"stepId":"revision"');
  expect(unnamed).not.toContain('taskDefinition');
  const named = scaling.replace('resource: nano/nano-api', 'resource: ${revision.services[0].serviceName}');
  expect(await journalOf(`${head}${revision}${named}`)).toContain('taskDefinition');
});

test('what could not be looked at is unknown, and nothing is changed on its strength', async () => {
  const text = `${head}${scaling.replace('services: [nano-api] } }\n    keep', 'services: ["${stack.compute.nothing}"] } }\n    keep')}`;
  const document = await withFile('hole.yaml', text, async () =>
    runOf(await nanoops('runbook run hole --sandbox --yes --json')),
  );
  expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3, mutations: [] });
  expect(document.steps.find(({ id }) => id === 'service')?.detail).toContain('${stack.compute.nothing} finds nothing');
});

test.each([
  ['what is changed', 'resource: nano/nano-api', 'resource: nano/${stack.compute.nothing}'],
  ['what that means', 'summary: "desiredCount ${service} → 8"', 'summary: "${stack.compute.nothing} → 8"'],
  ['who feels it', 'blastRadius: two more tasks', 'blastRadius: "${stack.compute.nothing} more tasks"'],
  ['how it is put back', 'summary: "desiredCount 8 → ${service}"', 'summary: "8 → ${stack.compute.nothing}"'],
  ['what is asked', 'onlyIf:', 'question: "More than ${stack.compute.nothing}?"\n    onlyIf:'],
])('nobody is asked with a hole in %s', async (_what, whole, hole) => {
  const text = scaling.replace(whole, hole);
  expect(text).not.toBe(scaling);
  const document = await withFile('hole.yaml', `${head}${text}`, async () =>
    runOf(await nanoops('runbook run hole --sandbox --yes --json')),
  );
  expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3, mutations: [] });
  expect(document.steps.find(({ id }) => id === 'plan-more')?.detail).toContain(
    '${stack.compute.nothing} finds nothing',
  );
  expect(document.steps.find(({ id }) => id === 'approve-more')?.status).toBe('skipped');
});

test('nor whether to go on; a fact is told with a gap', async () => {
  const asking = (question: string) => `${head}${looking}    keep: services[0].desiredCount
  - approve: go
    question: ${question}
    facts: ["\${stack.compute.nothing} wait, \${service} run"]
`;
  const run = (question: string, flags = '') =>
    withFile('asking.yaml', asking(question), async () =>
      runOf(await nanoops(`runbook run asking --sandbox --json${flags}`)),
    );
  const holed = await run('"Beside ${stack.compute.nothing}?"', ' --yes');
  expect(holed).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  expect(holed.steps.find(({ id }) => id === 'go')).toMatchObject({
    status: 'unknown',
    detail: '${stack.compute.nothing} finds nothing',
  });
  const asked = await withFile('asking.yaml', asking('Beside ${service}?'), () =>
    nanoops('runbook run asking --sandbox'),
  );
  expect(asked.exitCode).toBe(4);
  expect(asked.stderr).toContain('Beside 6?');
});

test('what could not be told is in the first line', async () => {
  const text = `${head}${looking}    keep: services[0].desiredCount\n  - approve: go\n    question: "\${stack.nothing}?"\n`;
  const ended = await withFile('asking.yaml', text, () => nanoops('runbook run asking --sandbox --yes'));
  expect(ended.stdout).toMatch(/^\? Could not tell: go: \$\{stack\.nothing\} finds nothing\n/);
});

const verified = (until: string) => `  - notify: told
    message: done
  - verify: enough
    call: { service: ecs, operation: DescribeServices, input: { cluster: nano, services: [nano-api] } }
    until: ${until}
    for: 2m
`;

test('what is verified is looked at also where a step between had nobody to tell', async () => {
  const run = (name: string, until: string) =>
    withFile(`${name}.yaml`, `${head}${scaling}${verified(until)}`, async () =>
      runOf(await nanoops(`runbook run ${name} --sandbox --yes --json`)),
    );
  expect(await run('holds', 'services[0].desiredCount == `8`')).toMatchObject({
    verdict: 'ok',
    outcome: { helped: true },
  });
  expect((await run('fails', 'services[0].desiredCount == `9`')).verdict).toBe('failed');
});

test('what was done and not looked at again is not called mended', async () => {
  const text = `${head}${scaling.replace('    keep:', '    expect: services[0].runningCount == `7`\n    keep:')}`;
  const document = await withFile('blind.yaml', text, async () =>
    runOf(await nanoops('runbook run blind --sandbox --yes --json')),
  );
  expect(document).toMatchObject({ verdict: 'attention', outcome: { helped: false } });
});

describe('faults are told at once, each with its line', () => {
  test('of form', async () => {
    const text = `title: T
sumary: S
steps:
  - look: service
    call: { service: ecs, operation: DescribeServices, regin: eu-west-1 }
  - lok: other
  - wait: it
    http: nano.example
    for: 10
`;
    expect(await faultsOf(text)).toEqual([
      expect.stringMatching(/^runbooks\/faulty\.yaml:\d+:\d+ summary: is missing/),
      expect.stringMatching(/^runbooks\/faulty\.yaml:2:1 sumary: is unknown; did you mean "summary"\?/),
      expect.stringMatching(/faulty\.yaml:5:\d+ steps\[0\]\.call\.regin: is unknown; did you mean "region"\?/),
      expect.stringMatching(/faulty\.yaml:6:\d+ steps\[1\]: says no kind: [^]*did you mean "look"\?/),
      expect.stringMatching(/faulty\.yaml:7:\d+ steps\[2\]\.until: is missing/),
      expect.stringMatching(/faulty\.yaml:8:\d+ steps\[2\]\.http: must say its protocol/),
      expect.stringMatching(/faulty\.yaml:8:\d+ steps\[2\]\.http: must be a URL that can be read/),
      expect.stringMatching(/faulty\.yaml:9:\d+ steps\[2\]\.for: has no unit: write 10s/),
    ]);
  });

  test('of syntax: those alone, since others may follow from them', async () => {
    const faults = await faultsOf('title: T\nsummary: S\nsteps\n  - look: service\n    http: https://nano.example\n');
    expect(faults[0]).toMatch(/^runbooks\/faulty\.yaml:3:\d+: is not YAML/);
    expect(faults.join('\n')).not.toContain('is missing');
  });

  test('of one key: nothing is said of another that stands there', async () => {
    expect(await faultsOf(`summary: S\nlocks: [x]\nsteps:\n${scaling}`)).toEqual([
      expect.stringMatching(/^runbooks\/faulty\.yaml:1:1 title: is missing/),
    ]);
  });

  test.each([
    [
      'a changing call in a look',
      looking.replace('DescribeServices', 'DeleteService').replace('services: [nano-api]', 'service: nano-api'),
      /6:\d+ steps\[0\]\.call\.operation: DeleteService is not an operation that only reads/,
    ],
    [
      'a reading call in an act',
      scaling.replace(
        'operation: UpdateService, input: { cluster: nano, service: nano-api, desiredCount: 8 }',
        'operation: ListServices',
      ),
      /steps\[1\]\.call\.operation: ListServices only reads/,
    ],
    [
      'a call that hands out secrets',
      '  - look: x\n    call: { service: secretsmanager, operation: GetSecretValue, input: { SecretId: x } }\n',
      /hands out secrets/,
    ],
    [
      'a service that is not known',
      '  - look: x\n    call: { service: elbv2, operation: DescribeLoadBalancers }\n',
      /call\.service: is called "elasticloadbalancing" here/,
    ],
    [
      'an operation that is not there',
      '  - look: x\n    call: { service: ecs, operation: DescribeService }\n',
      /ecs has no operation "DescribeService"; did you mean "DescribeServices"\?/,
    ],
    [
      'a member that is not there',
      '  - look: x\n    call: { service: ecs, operation: DescribeServices, input: { clustr: nano, services: [a] } }\n',
      /call\.input\.clustr: is unknown to AWS; did you mean "cluster"\?/,
    ],
    [
      'a member of another type',
      '  - look: x\n    call: { service: ecs, operation: DescribeServices, input: { services: a } }\n',
      /call\.input\.services: must be a list/,
    ],
    [
      'a member that is missing',
      '  - look: x\n    call: { service: ecs, operation: DescribeServices }\n',
      /steps\[0\]\.call\.input: services is missing/,
    ],
    [
      'an expression that is none',
      `${looking}    expect: "services[0"\n`,
      /steps\[0\]\.expect: is no JMESPath expression/,
    ],
    [
      'a look that is not before it',
      `${looking}  - approve: go\n    question: "With \${servce}?"\n`,
      /question: "servce" is no look before this one; did you mean "service"\?/,
    ],
    [
      'a program that may change something',
      '  - look: x\n    command: [./x.sh]\n',
      /steps\[0\]\.command: may look only where it is declared to change nothing: readOnly: true/,
    ],
    [
      'a program as one text',
      '  - look: x\n    command: ./x.sh --all\n    readOnly: true\n',
      /command: must be a list of words, since no shell reads it/,
    ],
    [
      'two ways to look',
      '  - look: x\n    command: [./x.sh]\n    readOnly: true\n    http: https://nano.example/\n',
      /steps\[0\]: has to look in one way: call, command or http, not several/,
    ],
    ['no way to look', '  - look: x\n', /steps\[0\]: has to look in one way: call, command or http/],
    ['an id that stands twice', `${looking}${looking}`, /the id "service" stands twice/],
    [
      'an id that nanoops gives',
      looking.replace('look: service', 'look: conclusion'),
      /the id "conclusion" stands twice, or is one that nanoops gives/,
    ],
    ['a look after an act', `${scaling}${looking.replace('look: service', 'look: again')}`, /stands after an act/],
    [
      'an undo that nobody can see',
      scaling.replace(/ {6}undone: .*\n/, ''),
      /steps\[1\]\.effect: with an undo it has to say what shows that it is put back/,
    ],
    ['no word on how it is put back', scaling.replace(/ {4}undo:\n.*\n.*\n/, ''), /steps\[1\]\.undo: is missing/],
    ['no word on how it is seen', scaling.replace(/ {4}effect:\n(?: {6}.*\n)+/, ''), /steps\[1\]\.effect: is missing/],
  ])('%s', async (_name, steps, fault) => {
    const faults = await faultsOf(`${head}${steps}`);
    expect(faults.join('\n')).toMatch(fault);
    expect(faults).toHaveLength(1);
  });

  test('who acts says under which names', async () => {
    expect(await faultsOf(`${head.replace('locks: [x]\n', '')}${scaling}`)).toEqual([
      expect.stringMatching(/faulty\.yaml:1:1: it acts, so it has to say under which names: locks/),
    ]);
  });

  test('syntax that is broken, and an alias bomb, end nothing but this file', async () => {
    expect((await faultsOf('title: [\n')).join('\n')).toMatch(/faulty\.yaml:\d+:\d+/);
    const bomb = `a: &a [1,2,3,4,5,6,7,8,9]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at] ?? ''},`.repeat(9)}]`).join('\n')}\n`;
    expect((await faultsOf(bomb)).join('\n')).toContain('aliases stand for more');
  });
});

describe('programs and addresses', () => {
  const program = (steps: string) => `${head}${steps}`;
  const look = (more = '') => `  - look: depth
    command: [./depth.sh, "two words; $(touch shell)"]
    readOnly: true
    expect: json.depth < \`5\`
    say: "\${json.depth} wait"
${more}`;
  const touch = `  - act: drain
    command: [./drain.sh]
    resource: the queue
    summary: drain the queue
    blastRadius: nobody
    undo: irreversible
    effect:
      command: [./drained.sh]
      readOnly: true
      done: ok
`;
  let aws: { url: string; close(): void };
  const real = (words: string, more: Record<string, string> = {}) => {
    const settings = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_ENDPOINT_URL: aws.url };
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
    return runMain(words.split(' '), { cwd: folder, env: { ...env, ...settings, ...more, PATH: process.env['PATH'] } });
  };

  beforeAll(async () => {
    // An AWS that knows who asks, and nothing else.
    const server = createServer((request, response) => {
      if (request.url === '/healthz') return void response.writeHead(204).end();
      response.setHeader('content-type', 'text/xml');
      response.end(
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>x</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    aws = { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
    const scripts = {
      'depth.sh': '#!/bin/sh\necho "$#" > words; echo "{ \\"depth\\": 3 }"\n',
      'drain.sh': '#!/bin/sh\necho once >> drained\n',
      'drained.sh': '#!/bin/sh\ntest -f drained\n',
      'where.sh': '#!/bin/sh\necho $AWS_ENDPOINT_URL and $AWS_ENDPOINT_URL_S3\n',
    };
    for (const [name, text] of Object.entries(scripts)) await writeFile(join(folder, name), text, { mode: 0o755 });
  });
  afterAll(() => aws.close());

  const isThere = (name: string) => readFile(join(folder, name), 'utf8').catch(() => undefined);

  test('no shell reads their words, they start beside nanoops.yaml, and an address is asked', async () => {
    const text = program(`${look()}  - look: front
    http: ${aws.url}/healthz
    expect: status == \`204\`
`);
    const ended = await withFile('outside.yaml', text, () => real('runbook run outside --json'));
    expect(runOf(ended)).toMatchObject({ verdict: 'ok', steps: [{ detail: '3 wait' }, {}, {}] });
    expect(await isThere('words')).toBe('1\n');
    expect(await isThere('shell')).toBeUndefined();
  });

  test('what a program prints of a secret in its environment is kept nowhere', async () => {
    const text = program('  - look: leak\n    command: [printenv, QUEUE_TOKEN]\n    readOnly: true\n');
    const ended = await withFile('leak.yaml', text, () =>
      real('runbook run leak --json', { QUEUE_TOKEN: 'tok-0123456789' }),
    );
    expect(runOf(ended).steps[0]?.detail).toBe('***');
    const kept = await runMain(['runs', 'show', runOf(ended).runId, '-o', 'ndjson'], { cwd: folder, env });
    expect(kept.stdout).toContain('leak');
    expect(kept.stdout + ended.stdout).not.toContain('0123456789');
  });

  test('in a dry run one that is declared to look runs, and one that acts does not', async () => {
    await rm(join(folder, 'words'), { force: true });
    const document = await withFile('drain.yaml', program(look() + touch), async () =>
      runOf(await real('runbook run drain --dry-run --json')),
    );
    expect(document.mutations).toMatchObject([{ operation: 'program:drain.sh', status: 'planned' }]);
    expect(await isThere('words')).toBe('1\n');
    expect(await isThere('drained')).toBeUndefined();
  });

  test('one that acts is started once, after a yes, and seen to have done it', async () => {
    const document = await withFile('drain.yaml', program(look() + touch), async () =>
      runOf(await real('runbook run drain --yes --json')),
    );
    expect(document).toMatchObject({ verdict: 'ok', mutations: [{ stepId: 'drain', status: 'applied' }] });
    expect(await isThere('drained')).toBe('once\n');
  });

  /** A program, with the call that stands for it on the simulated AWS, by which it can be tried there to its end. */
  const scale = `${looking}    keep: services[0].desiredCount
  - act: more
    command: [./scale.sh, "8"]
    simulated:
      call: { service: ecs, operation: UpdateService, input: { cluster: nano, service: nano-api, desiredCount: 8 } }
    resource: nano/nano-api
    summary: "desiredCount \${service} → 8"
    blastRadius: two more tasks
    undo:
      command: [./scale.sh, "\${service}"]
      simulated:
        call: { service: ecs, operation: UpdateService, input: { cluster: nano, service: nano-api, desiredCount: "\${service}" } }
      summary: "desiredCount 8 → \${service}"
    effect:
      call: { service: ecs, operation: DescribeServices, input: { cluster: nano, services: [nano-api] } }
      done: services[0].desiredCount == \`8\`
      undone: services[0].desiredCount == \`\${service}\`
  - verify: there
    call: { service: ecs, operation: DescribeServices, input: { cluster: nano, services: [nano-api] } }
    until: UNTIL
    every: 15s
    for: 5m
`;

  test('in a simulation one that acts does what its file says that it does, or nothing', async () => {
    const stays = program(scale.replace('UNTIL', 'services[0].runningCount == `8`'));
    await withFile('scale.yaml', stays, async () => {
      const ended = runOf(await nanoops('runbook run scale --sandbox --yes --json'));
      expect(ended).toMatchObject({
        verdict: 'ok',
        mutations: [{ operation: 'program:scale.sh', status: 'applied' }],
        // As where it is started, what it does itself is not counted.
        api: { mutations: 0 },
      });
      const { stdout: policy } = await nanoops('iam policy --runbook scale');
      expect(policy).not.toContain('UpdateService');
      const tested = await nanoops('runbook test scale --crash-everywhere --json');
      const { verdict, moments, survived } = survivalDocument.parse(JSON.parse(tested.stdout));
      expect([verdict, survived, moments > 20]).toEqual(['ok', moments, true]);
    });
    const back = program(scale.replace('UNTIL', 'services[0].runningCount == `9`'));
    const undone = await withFile('scale.yaml', back, async () =>
      runOf(await nanoops('runbook run scale --sandbox --yes --json')),
    );
    expect(undone).toMatchObject({ verdict: 'failed', mutations: [{ status: 'reverted' }] });
    const silent = program(
      scale.replaceAll(/ +simulated:\n.*\n/g, '').replace('UNTIL', 'services[0].runningCount > `0`'),
    );
    const refused = await withFile('scale.yaml', silent, async () =>
      runOf(await nanoops('runbook run scale --sandbox --yes --json')),
    );
    expect(refused.verdict).not.toBe('ok');
    expect(refused.steps.find(({ id }) => id === 'more')?.detail).toContain(
      'nothing of yours is started in a simulation',
    );
    expect(await isThere('scaled')).toBeUndefined();
  });

  test('a call that stands for no program is a fault, and so is one that only reads', async () => {
    expect(
      (
        await faultsOf(
          `${head}${scale.replace('UNTIL', 'services[0].runningCount > `0`').replaceAll('command: [./scale.sh, "8"]', 'call: { service: ecs, operation: UpdateService, input: { cluster: nano, service: nano-api } }')}`,
        )
      ).join(),
    ).toMatch(/simulated: stands for a command: a call is simulated itself/);
    expect(
      (
        await faultsOf(
          `${head}${scale.replace('UNTIL', 'services[0].runningCount > `0`').replace('operation: UpdateService', 'operation: DescribeServices')}`,
        )
      ).join(),
    ).toMatch(/simulated\.call.*DescribeServices only reads/);
  });

  test('they reach the AWS that the run reaches: a flag comes before variables', async () => {
    const text = program('  - look: where\n    command: [./where.sh]\n    readOnly: true\n    say: "${output}"\n');
    const said = (words: string) =>
      withFile('where.yaml', text, async () => {
        const more = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' };
        return runOf(await real(`runbook run where --json${words}`, more)).steps[0]?.detail.trim();
      });
    expect(await said('')).toBe(`${aws.url} and http://127.0.0.1:9`);
    expect(await said(` --endpoint-url ${aws.url}/`)).toBe(`${aws.url}/ and`);
  });

  test('one that cannot be started has told nothing: nothing is changed on its strength', async () => {
    await rm(join(folder, 'drained'), { force: true });
    const absent = look().replace('./depth.sh', './dept.sh');
    const ended = await withFile('outside.yaml', program(`${absent}${touch}`), () =>
      real('runbook run outside --yes --json'),
    );
    const { verdict, steps, mutations } = runOf(ended);
    expect(steps[0]).toMatchObject({ detail: "./dept.sh: not found; paths are relative to nanoops.yaml's folder" });
    expect({ verdict, mutations, exitCode: ended.exitCode }).toEqual({
      verdict: 'unknown',
      mutations: [],
      exitCode: 3,
    });
    expect(await isThere('drained')).toBeUndefined();
  });

  test('one that acts and cannot be started has changed nothing, and the run says no more than that', async () => {
    const absent = touch.replace('[./drain.sh]', '[./drian.sh]');
    const ended = await withFile('outside.yaml', program(absent), () => real('runbook run outside --yes --json'));
    const { verdict, steps } = runOf(ended);
    expect({ verdict, exitCode: ended.exitCode }).toEqual({ verdict: 'failed', exitCode: 5 });
    expect(steps.find(({ id }) => id === 'drain')?.detail).toContain('./drian.sh: not found');
  });

  test('in a simulation none runs: what it would say is said in the file, or unknown', async () => {
    await rm(join(folder, 'words'), { force: true });
    const unknown = await withFile('outside.yaml', program(look()), () =>
      nanoops('runbook run outside --sandbox --json'),
    );
    expect(runOf(unknown)).toMatchObject({ verdict: 'unknown' });
    expect(runOf(unknown).steps[0]?.detail).toContain('nothing of yours is started in a simulation');
    const told = program(look('    simulated: { ok: true, json: { depth: 4 } }\n'));
    const known = await withFile('outside.yaml', told, () => nanoops('runbook run outside --sandbox --json'));
    expect(runOf(known)).toMatchObject({ verdict: 'ok' });
    expect(await isThere('words')).toBeUndefined();
  });
});

test('beside the files of many services none is looked for, and whoever asks for one is told so', async () => {
  for (const words of [
    'runbook run replace-tasks --sandbox',
    'runbook show replace-tasks',
    'checks run own --sandbox',
  ]) {
    const { exitCode, stdout } = await nanoops(`${words} -c *.yaml --json`);
    const { error } = errorDocument.parse(JSON.parse(stdout));
    expect([exitCode, error.details]).toEqual([
      2,
      ['what is a team\u2019s own lies beside one configuration, and "*.yaml" may name many: name one of them with -c'],
    ]);
  }
});

describe('a change that is told by its author alone', () => {
  const early = scaling.replace('done: services[0].desiredCount == `8`', "done: services[0].status == 'ACTIVE'");

  test('is shown as the request that is sent, whatever its summary says', async () => {
    const asked = await withFile('scale.yaml', `${head}${scaling}`, async () =>
      runOf(await nanoops('runbook run scale --sandbox --no-input --json')),
    );
    expect(asked.verdict).toBe('awaiting-approval');
    const request = 'ecs:UpdateService in us-west-2 {"cluster":"nano","service":"nano-api","desiredCount":8}';
    expect(asked.steps.find(({ id }) => id === 'plan-more')?.detail).toContain(`sends ${request}`);
  });

  test('is not called done where nobody did it', async () => {
    const document = await withFile('scale.yaml', `${head}${early}`, async () =>
      runOf(await nanoops('runbook run scale --sandbox --yes --json')),
    );
    expect(document.api.mutations).toBe(0);
    expect(document.steps.find(({ id }) => id === 'conclusion')?.detail).toBe(
      'nothing was changed: so already is more',
    );
  });

  test('is not called so already where it is only under way, by somebody else or by its look', async () => {
    const begun = scaling.replace('done: services', "underWay: services[0].status == 'ACTIVE'\n      done: services");
    expect(begun).not.toBe(scaling);
    const conclusionOf = async (text: string) => {
      const run = await withFile('scale.yaml', `${head}${text}`, async () =>
        runOf(await nanoops('runbook run scale --sandbox --yes --json')),
      );
      expect(run.api.mutations).toBe(0);
      return { verdict: run.verdict, detail: run.steps.find(({ id }) => id === 'conclusion')?.detail };
    };
    expect(await conclusionOf(begun)).toEqual({
      verdict: 'attention',
      detail: 'more: under way before this run, which sent nothing; its end was not looked at',
    });
    const seen = `${begun}  - verify: enough
    call: { service: ecs, operation: DescribeServices, input: { cluster: nano, services: [nano-api] } }
    until: services[0].runningCount == \`6\`
    for: 2m
`;
    expect(await conclusionOf(seen)).toEqual({
      verdict: 'ok',
      detail: 'nothing was changed: under way already, and seen to its end: more',
    });
  });
});

test('a journal does not say what is started: only what the file says is', async () => {
  const reading = await readRunbookFile(`${head}${scaling}`, 'scale.yaml', rulesBy(judgeCall));
  const step = reading.ok ? reading.file.steps.find((each) => 'act' in each) : undefined;
  if (step === undefined || !('act' in step)) throw new Error('there is no act');
  const settings = runSettings(
    { config: parseConfig(sandboxConfig, 'the sandbox'), stack: sandboxStack, awsOptions: [] },
    sandboxStartMs,
    {},
    { runId: 'run-1', runbook: 'scale' },
  );
  const change = plannedChange(step, { service: 6 }, settings);
  const reverse = reverseDeed(change);
  if (reverse === undefined) throw new Error('it can be put back');
  const words = { command: ['sh', '-c', 'id'], withinMs: 1_000 };
  for (const honest of [change, reverse]) {
    expect(() => checkWritten(honest, step)).not.toThrow();
    const { input } = honest;
    const forged: readonly DeedInput[] = [
      { ...input, deed: { ...words, summary: 'x' } },
      { ...input, deed: { ...input.deed, ...words } },
      { ...input, look: words },
      { ...input, look: { ...input.look, http: 'http://127.0.0.1/' } },
    ];
    for (const each of forged) {
      expect(() => checkWritten({ ...honest, input: each }, step)).toThrow(/says something else of "more"/);
    }
  }
  // What holds beside its opposite tells nothing.
  const service = { desiredCount: 8, status: 'ACTIVE' };
  const named = { call: async () => ({ services: [service] }) };
  const unclear = {
    ...reverse,
    input: { ...reverse.input, signs: { ...reverse.input.signs, done: "services[0].status == 'ACTIVE'" } },
  };
  const look = (each: typeof reverse) =>
    lookAtDeed(each, { ports: { named }, signal: new AbortController().signal } as unknown as Parameters<
      typeof lookAtDeed
    >[1]);
  expect(await look(unclear)).toMatchObject({ state: 'unknown', detail: expect.stringContaining('at the same time') });
  expect(await look(reverse)).toMatchObject({ state: 'not-started' });
  expect(await look(change)).toMatchObject({ state: 'done' });
});

test('a value that was found is no part of a program’s name, and no expression', async () => {
  const act = (command: string) => `${head}${looking}  - act: go
    command: ${command}
    resource: x
    summary: s
    blastRadius: b
    undo: irreversible
    effect:
      call: { service: ecs, operation: DescribeServices, input: { cluster: nano, services: [nano-api] } }
      done: services[0].desiredCount == \`8\`
`;
  expect((await faultsOf(act("['${service.x}', a]"))).join()).toMatch(/command.*is started as it stands there/);
  expect(filledExpression("a == '${x}' && b[${n}] == `${n}`", { x: 'it', n: 3 })).toBe("a == 'it' && b[3] == `3`");
  expect(() => filledExpression('services[${x}].nothing', { x: '0] || @ || [0' })).toThrow(/is no number/);
});
