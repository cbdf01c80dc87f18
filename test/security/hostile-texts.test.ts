/**
 * Texts that somebody hostile writes, from where they come in to where people see them: log lines, names, messages and
 * errors of a whole diagnosis are infected at once, and what is drawn and written of it is looked at.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCapture } from '../../src/capture/capture.ts';
import { writeCapture } from '../../src/composition/write-capture.ts';
import { runMain } from '../support/run-main.ts';
import { attack, infectedCapture, steering } from './infected.ts';

let folder: string;
let file: string;
let infected = 0;

const replay = (...words: readonly string[]) =>
  runMain(['diagnose', 'crash-loop', '--replay', file, ...words], { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-hostile-'));
  file = join(folder, 'infected.json');
  infected = await infectedCapture({ diagnosis: 'crash-loop', words: attack, folder }, file);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('it is a diagnosis, and many of its texts are infected', async () => {
  expect(infected).toBeGreaterThan(50);
  const { exitCode, stdout } = await replay('--json');
  expect(exitCode).toBe(1);
  expect(stdout).toContain('owned');
});

describe('on a screen', () => {
  test.each([
    [[]],
    [['-v']],
    [['-o', 'markdown']],
    [['-o', 'junit']],
    [['-o', 'json']],
    [['-o', 'ndjson']],
    [['--log-format', 'json']],
    [['-v', '--log-format', 'json']],
  ])('%j: nothing steers it', async (words) => {
    const { stdout, stderr } = await replay(...words);
    expect(`${stdout}${stderr}`).not.toMatch(steering);
    expect(stdout).toContain('alert');
    expect(stderr).toContain(words.includes('--log-format') ? 'alert' : '');
  });

  test('with colours there are no sequences but those of the view itself', async () => {
    const { stdout } = await runMain(['diagnose', 'crash-loop', '--replay', file], {
      cwd: folder,
      env: { FORCE_COLOR: '1' },
      isTTY: true,
    });
    expect(stdout).toContain('\u001b[');
    expect(stdout).not.toContain('\u001b[2J');
    expect(stdout).not.toContain('\u001b]');
    expect(stripVTControlCharacters(stdout)).not.toMatch(steering);
  });

  test('an error shows what was typed without what steers it', async () => {
    for (const words of [
      ['diagnose', 'latency', '--sandbox', attack],
      ['runs', 'show', attack],
      ['status', '-c', attack],
    ]) {
      const { exitCode, stderr } = await runMain(words, { cwd: folder, env: { XDG_STATE_HOME: folder } });
      expect(exitCode).toBe(2);
      expect(stderr).not.toMatch(steering);
      const logged = await runMain([...words, '--log-format', 'json'], {
        cwd: folder,
        env: { XDG_STATE_HOME: folder },
      });
      expect(logged.stderr).toContain('COMMAND_FAILED');
      expect(logged.stderr).not.toMatch(steering);
    }
  });

  test('names of files of the team’s own, in lists and in what is said beside them', async () => {
    const team = join(folder, 'team');
    const named = 'x\u001b[2J\u009b8m\u202ey';
    for (const kind of ['runbooks', 'checks']) {
      await mkdir(join(team, kind), { recursive: true });
      await writeFile(join(team, kind, `${named}.yaml`), `${named}: [`);
    }
    await writeFile(join(team, 'nanoops.yaml'), 'service: a\nregions: { primary: us-west-2 }\n');
    for (const words of [
      ['runbook', 'list'],
      ['runbook', 'list', '-o', 'json'],
      ['runbook', 'list', '--log-format', 'json'],
      ['checks', 'list'],
      ['checks', 'list', '-o', 'markdown'],
    ]) {
      for (const isTTY of [false, true]) {
        const { stdout, stderr } = await runMain(words, { cwd: team, isTTY, env: { NO_COLOR: '1' } });
        expect(`${stdout}${stderr}`).toMatch(/y\.yaml/);
        expect(`${stdout}${stderr}`).not.toMatch(steering);
      }
    }
  });
});

describe('in a report', () => {
  test('a page has the elements of nanoops and none of theirs, and may load and run nothing', async () => {
    await replay('--report', join(folder, 'report.html'));
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'");
    expect(page).not.toMatch(/<(?:script|img|iframe|object|embed|form|link|base)\b/i);
    expect(page).not.toMatch(/<[^>]*\son\w+=|(?:href|src)="(?!#|https:\/\/[\w.-]*(?:amazonaws|aws\.amazon)\.com)/i);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toMatch(steering);
  });

  test('JSON, a capture too, is as readable on a screen', async () => {
    await replay('--report', join(folder, 'report.json'));
    const report = await readFile(join(folder, 'report.json'), 'utf8');
    expect(JSON.stringify(JSON.parse(report))).toContain('\u009b8m\u202e');
    expect(report.search(steering)).toBe(-1);
    const capture = parseCapture(await readFile(file, 'utf8'), file);
    await writeCapture(join(folder, 'again.json'), capture);
    const again = await readFile(join(folder, 'again.json'), 'utf8');
    expect(parseCapture(again, 'again.json')).toEqual(capture);
    expect(again.search(steering)).toBe(-1);
  });

  test('JUnit is XML, with their texts as texts', async () => {
    await replay('--report', join(folder, 'report.xml'));
    const text = await readFile(join(folder, 'report.xml'), 'utf8');
    expect(text).not.toMatch(/<(?:script|img)\b/);
    expect(text).not.toMatch(steering);
  });
});
