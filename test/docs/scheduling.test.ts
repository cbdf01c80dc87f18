/**
 * What docs/scheduling.md and the files in examples/ promise: they parse, start commands that exist with flags that exist, agree with
 * what nanoops has as its defaults, and allow nothing that is not needed. What AWS's linter says of the template is in `test/moto`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { runMain } from '../support/run-main.ts';

const examples = resolve(import.meta.dirname, '../../examples');

const workflow = z.object({
  on: z.object({ schedule: z.tuple([z.object({ cron: z.string() })]), workflow_dispatch: z.null() }),
  permissions: z.object({ contents: z.literal('read'), 'id-token': z.literal('write') }),
  jobs: z.record(
    z.string(),
    z.object({
      needs: z.string().optional(),
      environment: z.string().optional(),
      'timeout-minutes': z.number(),
      steps: z.array(
        z.looseObject({ uses: z.string().optional(), if: z.string().optional(), run: z.string().optional() }),
      ),
    }),
  ),
});

const workflows = await Promise.all(
  (await readdir(join(examples, 'github')))
    // That one is for nanoops' own releases (docs/releasing.md).
    .filter((name) => name !== 'release.yaml')
    .map(async (name) => ({
      name,
      content: workflow.parse(parse(await readFile(join(examples, 'github', name), 'utf8'))),
    })),
);

const statements = z.object({
  Statement: z.array(
    z.object({
      Action: z.union([z.string(), z.array(z.string())]),
      Resource: z.unknown().optional(),
      Condition: z.unknown().optional(),
    }),
  ),
});
const resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) });
// CloudFormation's short forms (`!Ref`) are strings here: which resource is meant is the linter's business.
const template = z
  .object({
    Parameters: z.record(z.string(), z.object({ Default: z.string().optional() })),
    Resources: z.record(z.string(), resource),
  })
  .parse(parse(await readFile(join(examples, 'scheduling/ecs.template.yaml'), 'utf8'), { logLevel: 'silent' }));

function ofType(type: string): readonly Readonly<Record<string, unknown>>[] {
  return Object.values(template.Resources).flatMap((each) => (each.Type === type ? [each.Properties] : []));
}

const container = z.object({
  Command: z.array(z.string()),
  EntryPoint: z.array(z.string()),
  Secrets: z.array(z.object({ Name: z.string() })),
  Environment: z.array(z.object({ Name: z.string() })),
});
const containers = ofType('AWS::ECS::TaskDefinition').flatMap(({ ContainerDefinitions: all }) =>
  z.array(container).parse(all),
);

/** The words after `nanoops` of every command that a file starts, up to a pipe or a redirection. */
const started = [
  ...workflows.flatMap(({ content }) =>
    Object.values(content.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run = '' }) => run.match(/(?<=^nanoops )[a-z][^|>\n]*/gm) ?? []),
    ),
  ),
  ...containers.map(({ Command: words }) => words.join(' ')),
].map((words) => words.trim());

describe('a command that is started on a schedule', () => {
  it('is found, each of them', () => {
    expect(started.map((words) => words.split(' ').slice(0, 2).join(' ')).toSorted()).toEqual([
      'checklist weekly',
      'checklist weekly',
      'dr drill',
      'dr drill',
      'dr drill',
      'dr schedule',
    ]);
  });

  it.each(started)('%s exists, with its flags', async (line) => {
    const words = line.split(/\s+/);
    const { exitCode, stdout } = await runMain([...words.slice(0, 2), '--help'], { columns: 200 });
    expect({ exitCode, usage: stdout.split('\n')[0] }).toEqual({
      exitCode: 0,
      usage: expect.stringContaining(`nanoops ${words.slice(0, 2).join(' ')}`),
    });
    for (const flag of words.filter((word) => word.startsWith('-')))
      expect(stdout).toMatch(new RegExp(`^  (?:-\\w, )?${flag}\\b|^  ${flag}, --`, 'm'));
  });
});

describe('the workflows', () => {
  const jobs = workflows.flatMap(({ name, content }) =>
    Object.entries(content.jobs).map(([job, { steps, ...more }]) => ({ job: `${name}: ${job}`, steps, ...more })),
  );

  it('end by themselves, before GitHub ends them', () => {
    expect(jobs.filter((job) => job['timeout-minutes'] >= 360)).toEqual([]);
  });

  it.each(jobs.filter(({ steps }) => steps.some(({ run = '' }) => run.includes('--report'))))(
    'keep what $job found, also after a failure',
    ({ steps }) => {
      expect(steps.at(-1)).toMatchObject({ uses: expect.stringContaining('upload-artifact'), if: 'always()' });
    },
  );

  it('act only where somebody agreed', () => {
    const acting = jobs.filter(({ steps }) => steps.some(({ run = '' }) => run.includes('--yes')));
    expect(acting).toEqual([expect.objectContaining({ environment: 'drill', needs: 'rehearse' })]);
  });
});

describe('the template', () => {
  it('gives a table as nanoops makes it', () => {
    expect(ofType('AWS::DynamoDB::Table')).toEqual([
      expect.objectContaining({
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
      }),
    ]);
  });

  it('holds a drill when nanoops does, where neither is told', async () => {
    const { stdout } = await runMain(['dr', 'schedule', '--count', '3', '-o', 'json']);
    const { items, schedule, timeZone } = z
      .object({ items: z.array(z.object({ id: z.string() })), schedule: z.string(), timeZone: z.string() })
      .parse(JSON.parse(stdout));
    expect(schedule).toBe('2nd tuesday 15:00');
    expect(template.Parameters['TimeZone']?.Default).toBe(timeZone);
    const [, minute, hour, day, which] =
      /^cron\((\d+) (\d+) \? \* (\d)#(\d) \*\)$/.exec(template.Parameters['DrillSchedule']?.Default ?? '') ?? [];
    expect(`${hour}:${minute?.padStart(2, '0')}`).toBe('15:00');
    for (const { id } of items) {
      const date = new Date(`${id}T00:00Z`);
      // EventBridge counts days from Sunday, which is 1.
      expect([date.getUTCDay() + 1, Math.ceil(date.getUTCDate() / 7)]).toEqual([Number(day), Number(which)]);
    }
  });

  it('starts each task with what its script reads', () => {
    expect(containers).toHaveLength(2);
    for (const { EntryPoint: words, Secrets: secrets, Environment: variables } of containers) {
      const read = new Set(words[2]?.match(/(?<=\$)[A-Z_]+/g));
      expect([...read].toSorted()).toEqual([...secrets, ...variables].map(({ Name: name }) => name).toSorted());
    }
  });

  it('allows nothing on everything, and no role is assumed or passed but for a purpose', () => {
    const roles = ofType('AWS::IAM::Role');
    expect(roles).toHaveLength(4);
    const policies = roles.flatMap(({ AssumeRolePolicyDocument: trust, Policies: own = [] }) => [
      statements.parse(trust),
      ...z
        .array(z.object({ PolicyDocument: statements }))
        .parse(own)
        .map((each) => each.PolicyDocument),
    ]);
    const all = policies.flatMap((policy) => policy.Statement);
    expect(all.flatMap((statement) => statement.Action).filter((action) => action.includes('*'))).toEqual([]);
    expect(all.flatMap((statement) => statement.Resource)).not.toContain('*');
    const strong = all.filter(({ Action: actions }) =>
      [actions].flat().some((action) => /^(?:sts:AssumeRole|iam:PassRole|ecs:RunTask)$/.test(action)),
    );
    expect(strong).toHaveLength(6);
    expect(strong.filter(({ Condition: condition }) => condition === undefined)).toEqual([]);
  });

  it('uses what CloudFormation reads of YAML: no aliases, no merged keys', async () => {
    const text = await readFile(join(examples, 'scheduling/ecs.template.yaml'), 'utf8');
    expect(text).not.toMatch(/^\s*(?:- )?<<:|: [&*][a-z]/m);
  });
});

test('the page names every example', async () => {
  const page = await readFile(resolve(examples, '../docs/scheduling.md'), 'utf8');
  for (const file of [
    ...workflows.map(({ name }) => `github/${name}`),
    'scheduling/ecs.template.yaml',
    'scheduling/state-machine.template.yaml',
  ])
    expect(page).toContain(`](../examples/${file})`);
});
