/** What docs/ci.md promises to pipelines: its YAML parses, its commands and flags exist, its jq paths are in real documents. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { runMain } from './support/run-main.ts';

const page = await readFile(new URL('../docs/ci.md', import.meta.url), 'utf8');

function blocks(language: string): readonly string[] {
  return [...page.matchAll(/```(\w+)\n([^]*?)```/g)].flatMap(([, found, text = '']) =>
    found === language ? [text] : [],
  );
}

/** The words after `nanoops` of every command in the page's blocks, up to a pipe or a redirection. */
const commands = [
  ...new Set(`${blocks('yaml').join('\n')}\n${blocks('sh').join('\n')}`.match(/(?<=\bnanoops )[a-z][^|>\n]*/g)),
].map((words) => words.trim().split(/\s+/));

test('its pipelines are YAML, with a schedule, a role and artifacts that outlive a failure', () => {
  const [github, gitlab, ...others] = blocks('yaml').map((text) => parse(text));
  expect(others).toEqual([]);
  expect(github).toMatchObject({
    on: { schedule: [{ cron: expect.any(String) }, { cron: expect.any(String) }] },
    permissions: { 'id-token': 'write' },
  });
  const schedules = new Set(github.on.schedule.map(({ cron }: { cron: string }) => cron));
  for (const { if: condition, steps } of Object.values<{ if: string; steps: readonly object[] }>(github.jobs)) {
    expect(schedules).toContain(/'(.*)'/.exec(condition)?.[1]);
    expect(steps.at(-1)).toMatchObject({ uses: expect.stringContaining('upload-artifact'), if: 'always()' });
  }
  for (const job of ['checks', 'weekly']) {
    expect(gitlab[job].artifacts).toMatchObject({ when: 'always', reports: { junit: `${job}.xml` } });
    expect(gitlab[job].script.join('\n')).toContain(`${job}.xml`);
  }
});

describe('a command of the page', () => {
  it('is found, each of them', () => {
    expect(commands.length).toBeGreaterThan(8);
  });

  it.each(commands.map((words) => [words.join(' '), words] as const))(
    'nanoops %s exists, with its flags',
    async (_, words) => {
      const end = words.findIndex((word) => word.startsWith('-'));
      const help = await runMain([...words.slice(0, end === -1 ? undefined : end), '--help'], { columns: 200 });
      expect(help.exitCode).toBe(0);
      const [usage = ''] = /^Usage: nanoops .*/.exec(help.stdout) ?? [];
      expect(usage).toContain(words.slice(0, 2).join(' '));
      for (const flag of words.filter((word) => word.startsWith('-'))) {
        expect(help.stdout).toMatch(new RegExp(`^  (-\\w, )?${flag}\\b|^  ${flag}, --`, 'm'));
      }
    },
  );
});

describe('a jq example', () => {
  const examples = [...page.matchAll(/^nanoops (.*) \| jq (?:-r )?'(.*)'$/gm)].map(([, command = '', filter = '']) => ({
    command,
    filter,
  }));
  const scenarios: Readonly<Record<string, string>> = { 'dr failover --dry-run -o json': 'region-down' };
  const documents = new Map<string, unknown>();

  beforeAll(async () => {
    for (const command of new Set(examples.map((each) => each.command))) {
      const { stdout } = await runMain([...command.split(' '), '--sandbox', scenarios[command] ?? 'slow-query']);
      documents.set(command, JSON.parse(stdout));
    }
  }, 120_000);

  it.each(examples)('of $command: $filter', ({ command, filter }) => {
    const [first = '', ...rest] = pathsIn(filter);
    const found = valuesAt([documents.get(command)], first);
    expect({ path: first, found }).not.toEqual({ path: first, found: [] });
    for (const path of rest) expect({ path, found: valuesAt(found, path) }).not.toEqual({ path, found: [] });
  });

  it('would be found out if its path led nowhere', () => {
    expect(pathsIn('.checks[] | select(.status == "a.b") | "\\(.id): \\(.x.y)"')).toEqual([
      '.checks[]',
      '.status',
      '.id',
      '.x.y',
    ]);
    expect(valuesAt([{ checks: [{ id: 1 }, {}] }], '.checks[]')).toHaveLength(2);
    expect(valuesAt([{ checks: [{ id: 1 }, {}] }], '.checks[].ids')).toEqual([]);
    expect(valuesAt([{ list: [] }], '.list[]')).toEqual(['empty']);
  });
});

/** The paths of a filter, those that stand in strings but in no interpolation left out. */
function pathsIn(filter: string): readonly string[] {
  const code = filter.replaceAll(/"[^"]*"/g, (text) =>
    [...text.matchAll(/\\\((.*?)\)/g)].map(([, inner]) => inner).join(' '),
  );
  return code.match(/(?<![\w\]])\.[a-zA-Z]\w*(?:\[\])?(?:\.[a-zA-Z]\w*(?:\[\])?)*/g) ?? [];
}

/** What is at a path of any of the values. A list that has nothing in it is there all the same. */
function valuesAt(values: readonly unknown[], path: string): readonly unknown[] {
  let found = values;
  for (const [, key = '', list] of path.matchAll(/\.(\w+)(\[\])?/g)) {
    found = found.flatMap((value) => {
      const next: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
      if (next === undefined) return [];
      if (list === undefined) return [next];
      return Array.isArray(next) ? (next.length === 0 ? ['empty'] : next) : [];
    });
  }
  return found;
}
