/** Whatever stands in a capture that somebody sent: it was edited, damaged, or made up altogether, digest included. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answersDigest, parseCapture, type Capture, type CapturedAnswer } from '../../src/capture/capture.ts';
import { replayedFacts } from '../../src/capture/facts.ts';
import { writeCapture } from '../../src/composition/write-capture.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { runMain } from '../support/run-main.ts';
import {
  deepJson,
  expectCleanPrototypes,
  garbled,
  hostileValue,
  mutated,
  readingOf,
  runs,
  wrongIn,
} from './hostile.ts';

let folder: string;
let text: string;
let good: Capture;

const diagnose = (file: string) => runMain(['diagnose', 'crash-loop', '--replay', file, '--json'], { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-captures-'));
  const file = join(folder, 'good.json');
  const words = ['capture', 'crash-loop', '--sandbox', '--to', file, '--json'];
  await runMain(words, { cwd: folder });
  text = await readFile(file, 'utf8');
  good = parseCapture(text, file);
});

afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(expectCleanPrototypes);

/** A capture whose answers are others, as if they had been captured. */
function withAnswers(answers: unknown): string {
  return JSON.stringify({ ...good, answers, digest: answersDigest(answers) });
}

const own = { code: 'InvalidCapture', exitCode: 2 };

test('that was edited is the same one, or is refused with its faults', () => {
  const edited = fc.oneof(
    fc.gen().map((draw) => draw(garbled, text, ['"tookMs":-1', '1e999'])),
    fc.gen().map((draw) => JSON.stringify(draw(mutated, good)) ?? ''),
    fc.gen().map((draw) => JSON.stringify({ ...good, ...Object(draw(mutated, { ...good, answers: [] })) })),
  );
  fc.assert(
    fc.property(edited, (each) => {
      const reading = readingOf(() => parseCapture(each, 'capture.json'));
      expect(wrongIn(reading, { codes: ['InvalidCapture'] })).toEqual([]);
      expect('value' in reading ? reading.value.answers : good.answers).toEqual(good.answers);
    }),
    runs(40, 5_000),
  );
});

test.each([
  ['nested without end', () => deepJson()],
  ['answers that are nested without end', () => JSON.stringify(good).replace('"asked":[', `"asked":[${deepJson()},`)],
  [
    'a configuration that is nested without end',
    () => JSON.stringify(good).replace('"config":{', `"config":{"x":${deepJson()},`),
  ],
])('with %s is refused', async (_, make) => {
  expect(readingOf(() => parseCapture(make(), 'capture.json'))).toMatchObject({ error: own });
});

describe('a replay', () => {
  test('of answers that somebody made up ends with an answer, or says that the capture is to blame', async () => {
    const file = join(folder, 'made-up.json');
    const answers = fc.gen().map((draw) => {
      const at = draw(fc.nat, good.answers.length - 1);
      return good.answers.map((each, index) => (index === at ? { ...each, value: draw(mutated, each.value) } : each));
    });
    await fc.assert(
      fc.asyncProperty(answers, async (made) => {
        await writeFile(file, withAnswers(made));
        const { exitCode, stdout } = await diagnose(file);
        expect([0, 1, 2, 3]).toContain(exitCode);
        expect(stdout).not.toMatch(/TypeError|RangeError|"Defect"/);
      }),
      runs(8, 2_000),
    );
  });
});

test('what is written is read back and answers the same', async () => {
  const answer: fc.Arbitrary<CapturedAnswer> = fc.record({
    fact: fc.constantFrom('errorLines', 'apiTraffic', '__proto__', 'constructor'),
    asked: fc.array(hostileValue, { maxLength: 2 }),
    tookMs: fc.nat(1000),
    value: hostileValue,
  });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(answer, { maxLength: 3 }), async (drawn) => {
      // As JSON holds them: there is no -0.
      const answers: readonly CapturedAnswer[] = JSON.parse(JSON.stringify(drawn));
      count += 1;
      const capture: Capture = { ...good, answers: [...answers], digest: answersDigest(answers) };
      const path = await writeCapture(join(folder, `written-${count}.json`), capture);
      const read = parseCapture(await readFile(path, 'utf8'), path);
      expect(JSON.stringify(read.answers)).toBe(JSON.stringify(answers));
      const [first] = answers;
      if (first === undefined) return;
      const facts = replayedFacts(read.answers, new VirtualClock(0));
      // By whatever name it was asked.
      const ask: unknown = Reflect.get(facts, first.fact);
      expect(ask).toBeTypeOf('function');
    }),
    runs(15, 1_000),
  );
});
