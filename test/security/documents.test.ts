/** What else is written of texts of others: pages for customers, post-mortems, reports of many services, calendars, templates. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import ICAL from 'ical.js';
import { XmlDocument, XmlElement } from 'libxml2-wasm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { icalendar } from '../../src/report/icalendar.ts';
import { templateText } from '../../src/report/template-text.ts';
import type { DrillSchedule } from '../../src/use-cases/drills.ts';
import { hostileValue } from '../fuzz/hostile.ts';
import { runMain } from '../support/run-main.ts';
import { nasty } from '../terminal/nasty.ts';
import { attack, briefAttack, elementsIn, harmless, kindsIn, steering } from './infected.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-documents-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

describe('an incident in which everything that is written is hostile', () => {
  /** Its documents, with `words` wherever somebody writes. */
  async function documentsWith(words: string) {
    const state = await mkdtemp(join(folder, 'state-'));
    const env = { XDG_STATE_HOME: state, USER: 'ana' };
    const nanoops = async (...typed: readonly string[]) => {
      const ended = await runMain([...typed, '--sandbox', 'slow-query'], { cwd: folder, env });
      expect([typed, ended.exitCode, ended.stderr]).toEqual([typed, 0, expect.not.stringMatching(steering)]);
      return ended.stdout;
    };
    const printed = [
      await nanoops(
        'incident',
        'open',
        '--severity',
        'SEV-2',
        '--title',
        `T ${words}`,
        '--public',
        `P ${words}`,
        '--no-look',
      ),
      await nanoops('incident', 'note', `N ${words}`),
      await nanoops('incident', 'update', `U ${words}`, '--public', `Q ${words}`, '--root-cause', `C ${words}`),
      await nanoops(
        'incident',
        'update',
        '--impact',
        `I ${words}`,
        '--data-lost',
        `L ${words}`,
        '--action',
        `A ${words}`,
      ),
      await nanoops('incident', 'show'),
    ];
    await nanoops('incident', 'postmortem', '--no-look', '--report', join(state, 'all.md'));
    await nanoops('incident', 'postmortem', '--no-look', '--report', join(state, 'all.html'));
    await nanoops('incident', 'postmortem', '--no-look', '--public', '--report', join(state, 'public.md'));
    await nanoops('incident', 'publish', state, '--title', `S ${words}`);
    const text = (name: string): Promise<string> => readFile(join(state, name), 'utf8');
    return {
      printed: printed.join('\n'),
      markdown: [await text('all.md'), await text('public.md')],
      pages: [await text('all.html'), await text('index.html')],
      status: await text('status.json'),
    };
  }

  test('its screen, post-mortems and status page are made as of harmless words', async () => {
    const [good, bad] = [await documentsWith(harmless), await documentsWith(briefAttack)];
    expect(bad.printed).not.toMatch(steering);
    expect(bad.markdown.map(kindsIn)).toEqual(good.markdown.map(kindsIn));
    expect(bad.pages.map(elementsIn)).toEqual(good.pages.map(elementsIn));
    for (const text of [...bad.markdown, ...bad.pages]) {
      expect(text).toContain('owned');
      expect(text).not.toMatch(steering);
    }
    expect(JSON.parse(bad.status).incidents).toHaveLength(1);
  });
});

test('a report of many services is made of the same parts, whatever their files are called and hold', async () => {
  const { stdout: yaml } = await runMain(['sandbox', 'config']);
  const reports = async (name: string, words: string) => {
    const services = join(folder, name);
    await mkdir(services);
    await writeFile(join(services, 'carts.yaml'), yaml);
    await writeFile(join(services, `faulty ${words}.yaml`), `${yaml}\n"x ${JSON.stringify(words).slice(1, -1)}": 1\n`);
    const run = async (...more: readonly string[]) => {
      const typed = ['checks', 'run', 'ecs-cpu', '--sandbox', '-c', join(services, '*.yaml'), ...more];
      const { exitCode, stdout, stderr } = await runMain(typed, { cwd: folder });
      expect([more, exitCode]).toEqual([more, 2]);
      expect(`${stdout}${stderr}`).not.toMatch(steering);
      return stdout;
    };
    await run('--report', join(folder, `${name}.html`));
    return {
      screen: await run(),
      markdown: await run('-o', 'markdown'),
      junit: await run('-o', 'junit'),
      page: await read(`${name}.html`),
    };
  };
  const [good, bad] = [await reports('good', harmless), await reports('bad', briefAttack)];
  expect(bad.markdown).toContain('owned');
  expect(kindsIn(bad.markdown)).toEqual(kindsIn(good.markdown));
  expect(elementsIn(bad.page)).toEqual(elementsIn(good.page));
  const names = (text: string): readonly string[] =>
    XmlDocument.fromString(text)
      .root.find('//*')
      .flatMap((each) => (each instanceof XmlElement ? [each.name] : []));
  expect(names(bad.junit)).toEqual(names(good.junit));
});

test('a calendar has the drills, and no line of theirs, whatever the schedule is called', () => {
  // Services and environments have names of letters and digits, which nothing can be written into.
  const calendar = (words: string) => {
    const at = '2026-12-08T14:00:00.000Z';
    const more = { timeZone: `Z ${words}`, inDays: 12, clockChange: null, skipped: false, reason: `R ${words}` };
    const schedule: DrillSchedule = {
      schema: 'nanoops/list@1',
      items: [{ id: '2026-12-08', at, local: '2026-12-08T15:00+01:00', ...more }],
      schedule: `S ${words}`,
      timeZone: `Z ${words}`,
      stack: { service: 'shop-api', environment: 'staging' },
      origin: `O ${words}`,
      simulated: false,
      lengthMs: 7_200_000,
      complete: true,
    };
    return icalendar(schedule, Date.parse('2026-11-26T08:00:00Z'));
  };
  const shape = (component: ICAL.Component): unknown => [
    component.name,
    component.getAllProperties().map(({ name }) => name),
    component.getAllSubcomponents().map(shape),
  ];
  const good = shape(new ICAL.Component(ICAL.parse(calendar(harmless))));
  fc.assert(
    fc.property(fc.oneof(fc.constant(`${attack}\r\nEND:VEVENT\r\nATTACH:https://evil.example`), nasty), (words) => {
      expect(shape(new ICAL.Component(ICAL.parse(calendar(words))))).toEqual(good);
    }),
  );
});

test('a template of CloudFormation is read as what was to be written, whatever texts are in it', () => {
  const text = fc.oneof(
    nasty,
    fc.constantFrom(attack, 'a: b', '- a', '!Ref x', '${AWS::Region}', '2026-11-23', 'no', '1_0', '0o7', '~'),
  );
  const template = fc.record({ Description: text, Resources: fc.dictionary(text, fc.oneof(text, hostileValue)) });
  fc.assert(
    fc.property(template, (made) => {
      // As JSON holds it: there is no -0, and what is no letter is no text.
      const plain = JSON.parse(JSON.stringify(made));
      expect(JSON.parse(templateText(plain, 'json'))).toEqual(plain);
      expect(parse(templateText(plain, 'yaml'), { version: '1.1' })).toEqual(plain);
    }),
  );
});
