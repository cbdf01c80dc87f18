/** The flags that every command takes: where each has a meaning it is shown and heeded, and nowhere is it passed over. */
import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { diagnoses } from '../../src/commands/diagnoses.ts';
import { runDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';
import { everyCommand, helpOf } from './every-command.ts';
import { errorOf, operator } from './operator.ts';

/** The first one loads the simulated AWS and the SDK's clients, which a busy machine takes its time for. */
beforeAll(async () => {
  await runMain(['diagnose', 'latency', '--sandbox', '--quiet']);
}, 120_000);

/** The words of those commands whose help names a flag, and of the others. */
async function commandsBy(flag: string) {
  const shown: string[] = [];
  const others: string[] = [];
  for await (const { path, isNoun } of everyCommand()) {
    if (isNoun) continue;
    const isShown = (await helpOf(...path)).includes(`${flag} <`);
    (isShown ? shown : others).push(path.join(' '));
  }
  return { shown, others };
}

describe('--fail-on', () => {
  test('is shown where checks have a status, and taken everywhere', async () => {
    const { shown, others } = await commandsBy('--fail-on');
    expect(shown.toSorted()).toEqual([
      'alerts check',
      'backup verify',
      'capacity forecast',
      'checklist weekly',
      'checks run',
      'dr lint',
      'dr readiness',
      'logs conformance',
      'slo',
      'status',
      'tune',
    ]);
    const refusing: string[] = [];
    for (const words of [...shown, ...others]) {
      const ended = await runMain([...words.split(' '), '--fail-on', 'sometimes', '--json']);
      if (errorOf(ended).code !== 'InvalidValue' || !errorOf(ended).message.includes('warning, breach'))
        refusing.push(`${words}: ${errorOf(ended).message}`);
    }
    expect(refusing).toEqual([]);
  });

  test.each(['warning', 'breach'])('%s: a cause that a diagnosis names is no mere warning', async (level) => {
    const ended = await runMain(['diagnose', 'latency', '--sandbox', '--fail-on', level, '--json']);
    const { verdict, causes } = runDocument.parse(JSON.parse(ended.stdout));
    expect({ exitCode: ended.exitCode, verdict, cause: causes[0]?.cause }).toEqual({
      exitCode: 1,
      verdict: 'attention',
      cause: 'slow-query',
    });
  });

  test('a list needs no attention, whatever is in it', async () => {
    expect((await runMain(['checks', 'list', '--fail-on', 'breach'])).exitCode).toBe(0);
  });
});

describe('--replay', () => {
  test('is offered by what can look at a capture, and refused by the rest of what looks at a stack', async () => {
    const { shown } = await commandsBy('--replay');
    expect(shown).toEqual([...diagnoses.map(({ name }) => `diagnose ${name}`), 'capture']);
  });

  test.each([
    'status',
    'slo',
    'tune',
    'checks run',
    'dr drill',
    'dr failover --dry-run',
    'dr lint --impaired us-west-2',
    'dr readiness',
    'runbook run latency --dry-run',
    'runs resume 20261101T100000Z-latency-aaaaaa',
    'init',
    'incident list',
    'logs errors',
    'trace list',
    'alerts plan',
  ])('%s: not with one, and these can', async (line) => {
    const ended = await runMain([...line.split(' '), '--replay', 'some.json', '--json']);
    expect(ended.exitCode).toBe(2);
    const { code, details, nextStep } = errorOf(ended);
    expect(code).toBe('ReplayRefused');
    expect(details.join(' ')).toContain('nanoops diagnose latency|database|errors|crash-loop, and nanoops capture');
    expect(nextStep).toBe('nanoops diagnose latency --replay <capture>');
  });

  test.each(['--replay some.json', '--sandbox'])('%s: no table of a team is asked or created', async (flag) => {
    const ana = await operator();
    const team = `${ana.home}/nanoops.yaml`;
    await writeFile(
      team,
      'service: a\nregions: { primary: us-west-2 }\nstate: { dynamodb: { table: nanoops, region: us-east-1 } }\n',
    );
    // Nobody listens there.
    const there = `-c ${team} --endpoint-url http://127.0.0.1:1`;
    expect(await ana.type(`runs list ${there} ${flag}`)).toMatchObject({ exitCode: 0, stderr: '' });
    const refused = await ana.type(`state init ${there} ${flag} --json`);
    expect(errorOf(refused).code).toBe('FlagWithoutMeaning');
  });
});
