/**
 * Takes out of a capture what a person found in it who read it before handing it on: texts, wherever they stand as words of their
 * own. What is left is a capture like any other. Text that is compared with text is changed in both places, so that the same is seen.
 */
import { NanoopsError } from '../errors.ts';
import { answersDigest, type Capture } from './capture.ts';
import { structuredLine } from './clean.ts';

/** Fits where names do, in a configuration too; another for each text, so that what differed still does. */
const instead = (index: number): string => `left-out-${index + 1}`;

/**
 * @throws NanoopsError `CannotLeaveOut` for a text without a letter or a digit, for one that stands nowhere in it, and for one that is
 * more than a text: a field, a number.
 */
export function leaveOut(capture: Capture, texts: readonly string[]): Capture {
  if (texts.length === 0) return capture;
  const words = wordsOf(texts);
  const answers = without(capture.answers, words) as Capture['answers'];
  const config = without(capture.config, words) as Capture['config'];
  const absent = texts.find((text) => !stands([capture.config, capture.answers], new RegExp(wordOf(text), 'iu')));
  if (absent !== undefined) {
    throw cannot(absent, 'it stands nowhere in the capture as words of its own', 'write it as it stands there');
  }
  return { ...capture, config, answers, digest: answersDigest(answers) };
}

interface Words {
  readonly pattern: RegExp;
  /** What stands in the place of one that was found. */
  readonly instead: (found: string) => string;
}

/** The longest first, so that what begins alike is left out as a whole. */
function wordsOf(texts: readonly string[]): Words {
  const blank = texts.find((text) => !/[\p{L}\p{N}]/u.test(text));
  if (blank !== undefined) {
    throw cannot(blank, 'it has no letter and no digit', 'give a text that stands in the capture: --leave-out "Ada"');
  }
  const words = texts.toSorted((a, b) => b.length - a.length).map(wordOf);
  const each = texts.map((text) => new RegExp(`^${wordOf(text)}$`, 'iu'));
  return {
    pattern: new RegExp(words.join('|'), 'giu'),
    instead: (found) => instead(each.findIndex((word) => word.test(found))),
  };
}

function wordOf(text: string): string {
  const [before, after] = [/^[\p{L}\p{N}_]/u, /[\p{L}\p{N}_]$/u].map((edge) => edge.test(text));
  const literal = text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  return `${before === true ? String.raw`(?<![\p{L}\p{N}_])` : ''}${literal}${after === true ? String.raw`(?![\p{L}\p{N}_])` : ''}`;
}

function without(value: unknown, words: Words): unknown {
  const { pattern } = words;
  if (typeof value === 'string') {
    const structured = structuredLine(value);
    return structured === undefined
      ? value.replaceAll(pattern, words.instead)
      : JSON.stringify(without(structured, words));
  }
  if (typeof value === 'number') {
    const [found] = String(value).match(pattern) ?? [];
    if (found !== undefined)
      throw cannot(found, 'a number is it, too', 'ask for what stands around it, or make another capture');
    return value;
  }
  if (Array.isArray(value)) return value.map((each) => without(each, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const [found] = key.match(pattern) ?? [];
      if (found !== undefined)
        throw cannot(found, 'a field is called so, too', 'give more of the text that it stands in');
      return [key, without(each, words)];
    }),
  );
}

function stands(value: unknown, pattern: RegExp): boolean {
  const text = typeof value === 'string' ? (structuredLine(value) ?? value) : value;
  if (typeof text === 'string') return pattern.test(text);
  return typeof text === 'object' && text !== null && Object.values(text).some((each) => stands(each, pattern));
}

function cannot(text: string, why: string, nextStep: string): NanoopsError {
  return new NanoopsError(`${JSON.stringify(text)} cannot be left out: ${why}`, {
    code: 'CannotLeaveOut',
    exitCode: 2,
    nextStep,
  });
}
