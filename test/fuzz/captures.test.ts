/** Whatever stands in a capture that somebody sent: it was edited, damaged, or made up altogether, digest included. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  answersDigest,
  parseCapture,
  type Capture,
  type CapturedAnswer,
  type CapturedFailure,
} from '../../src/capture/capture.ts';
import { recordedFacts, replayedFacts } from '../../src/capture/facts.ts';
import { CloudError } from '../../src/cloud/errors.ts';
import type { Facts } from '../../src/cloud/facts.ts';
import { writeCapture } from '../../src/composition/write-capture.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { runMain } from '../support/run-main.ts';
import { nasty } from '../terminal/nasty.ts';
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

/** Asks for whatever fact there is of that name, and gives what it came to. */
async function answerOf(facts: Facts, { fact, asked }: Pick<CapturedAnswer, 'fact' | 'asked'>): Promise<unknown> {
  const ask: (...asked: readonly unknown[]) => Promise<unknown> = Reflect.get(facts, fact);
  try {
    return { value: await ask(...asked) };
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return { kind: error.kind, message: error.message, details: error.details };
  }
}

test('what is recorded is read back from the file, and answers as it did then, in as much time', async () => {
  const question = {
    fact: fc.constantFrom('errorLines', 'apiTraffic', '__proto__', 'constructor'),
    // The same is asked twice, too.
    asked: fc.oneof(fc.constant([]), fc.array(hostileValue, { maxLength: 2 })),
    tookMs: fc.nat(1000),
  };
  const details = fc.record({
    service: fc.constant('ecs'),
    operation: nasty,
    region: fc.constant('us-west-2'),
    iamAction: fc.constant('ecs:DescribeServices'),
    nextStep: nasty,
  });
  const answer: fc.Arbitrary<Omit<CapturedAnswer, 'error'> & { readonly error?: CapturedFailure }> = fc.oneof(
    fc.record({ ...question, value: hostileValue }),
    fc.record({
      ...question,
      error: fc.record({ kind: fc.constantFrom('permission', 'timeout', 'not-found'), message: nasty, details }),
    }),
  );
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(answer, { maxLength: 4 }), async (drawn) => {
      count += 1;
      const clock = new VirtualClock(0);
      const waiting = [...drawn];
      const next = async (): Promise<unknown> => {
        const answered = waiting.shift();
        await clock.sleep(answered?.tookMs ?? 0);
        const { error } = answered ?? {};
        if (error !== undefined) throw new CloudError(error.kind, error.message, error.details);
        return answered?.value;
      };
      // Facts of these names; what they are asked and answer is of any shape.
      const asked = Object.fromEntries(drawn.map(({ fact }) => [fact, next])) as unknown as Facts;
      const kept: CapturedAnswer[] = [];
      const recorded = recordedFacts(asked, clock, (each) => kept.push(each));
      const given: unknown[] = [];
      for (const each of drawn) given.push(await answerOf(recorded, each));
      const capture: Capture = { ...good, answers: kept, digest: answersDigest(kept) };
      const path = await writeCapture(join(folder, `written-${count}.json`), capture);
      const read = parseCapture(await readFile(path, 'utf8'), path);
      expect(JSON.stringify(read.answers)).toBe(JSON.stringify(kept));
      const again = new VirtualClock(0);
      const replayed = replayedFacts(read.answers, again);
      for (const [index, each] of drawn.entries())
        expect(JSON.stringify(await answerOf(replayed, each))).toBe(JSON.stringify(given[index]));
      expect(again.now()).toBe(drawn.reduce((sum, { tookMs }) => sum + tookMs, 0));
    }),
    runs(15, 1_000),
  );
});
