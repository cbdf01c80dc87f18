/**
 * Reports of a diagnosis, each of whose texts somebody hostile has written into: they are made of the same parts as the report
 * of the same diagnosis with harmless words in those places.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as markdown from '../../src/report/markdown.ts';
import { runMain } from '../support/run-main.ts';
import { inTier } from '../support/tier.ts';
import { nasty } from '../terminal/nasty.ts';
import { attack, elementsIn, harmless, infectedCapture, kindsIn, steering } from './infected.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-hostile-reports-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const diagnoses = inTier({ all: ['crash-loop', 'latency', 'errors', 'database'], some: ['crash-loop', 'latency'] });

/** Of that diagnosis, with `words` in all of its texts. */
async function reportsOf(diagnosis: string, words: string): Promise<Record<'md' | 'html', string>> {
  const file = join(folder, `${diagnosis}-${words.length}.json`);
  expect(await infectedCapture({ diagnosis, words, folder }, file)).toBeGreaterThan(30);
  const report = async (kind: string): Promise<string> => {
    const path = `${file}.${kind}`;
    const ended = await runMain(['diagnose', diagnosis, '--replay', file, '--report', path], { cwd: folder });
    expect(ended.exitCode).toBeOneOf([1, 3]);
    return readFile(path, 'utf8');
  };
  return { md: await report('md'), html: await report('html') };
}

test.each(diagnoses)(
  'a report of %s has no element, attribute, link, image, heading or block of theirs, as Markdown or as a page',
  async (diagnosis) => {
    const good = await reportsOf(diagnosis, harmless);
    const bad = await reportsOf(diagnosis, attack);
    expect(bad.md).toContain('owned');
    expect(bad.html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(kindsIn(bad.md)).toEqual(kindsIn(good.md));
    expect(elementsIn(bad.html)).toEqual(elementsIn(good.html));
    expect(`${bad.md}${bad.html}`).not.toMatch(steering);
  },
);

test('whatever a text is, in Markdown it is text, and no more of anything', () => {
  const signs = fc.string({
    unit: fc.constantFrom(...'\\`*_[]<>&|~$#!{}()"\'ab -+=1.@:/\n\t'.split('')),
    maxLength: 30,
  });
  const text = fc.oneof(signs, nasty, fc.constant(attack));
  fc.assert(
    fc.property(text, text, (one, two) => {
      const rows = [{ one, two }];
      const document = [
        `# x${markdown.text(one)}`,
        `x ${markdown.text(one)} ${markdown.code(`x${two}`)} x`,
        `- x ${markdown.text(two)}`,
        markdown.table(rows, [
          { title: `x${one}`, value: () => `x${two}` },
          { title: 'x', value: () => `x${one}`, code: true },
        ]),
        markdown.text(`x${two}`),
      ].join('\n\n');
      expect(kindsIn(document)).toEqual([
        ...['heading 1', 'paragraph', 'codespan', 'list', 'list_item', 'table', 'codespan', 'paragraph'],
      ]);
    }),
  );
});
