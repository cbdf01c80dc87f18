/** Captures whose every text for people somebody else has written into, and what such texts are looked for in a document. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lexer, walkTokens } from 'marked';
import { answersDigest, parseCapture } from '../../src/capture/capture.ts';
import { runMain } from '../support/run-main.ts';

/** Clears the screen, names the window, draws a link, hides text, turns the direction of reading. */
const escapes = '\u001b[2J\u001b]0;owned\u0007\u001b]8;;https://evil.example\u001b\\\u009b8m\u202e\r\u0000';
const tags = '<img src=x onerror=alert(1)><script>alert(2)</script></style>"\' onload=alert(3)';
const markdown =
  '[click](javascript:alert(4)) ![x](https://evil.example/p.png) | x |\n# owned\n```\n&lt;b&gt; ~~~ www.evil.example **b** _i_ ~s~ `c` <https://evil.example>';
export const attack = `${escapes}${tags}${markdown}`;

/** What there is room for in a title or the name of a file. */
export const briefAttack =
  '\u001b[2J\u009b8m\u202e<img src=x onerror=alert(1)>&lt;"\' [click](javascript:alert(4)) | **b** `c` ~~~ | @here\n# owned\n```\n';

/** As much of it, with nothing in it. */
export const harmless = 'and some more words that say nothing at all';

/** What a terminal obeys, and what turns the direction of reading. */
export const steering = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/** Members by which a diagnosis goes: what stands there is no prose. */
const meant =
  /^(?:at|region|unit|status|state|id|arn|level|role|operation|kind|version|revision|rolloutState|from|to)$/;

/** Every text that a person may see of it, with `words` behind it; and how many they were. */
function infect(document: unknown, words: string): { readonly value: unknown; readonly count: number } {
  let count = 0;
  const infected = (value: unknown, key: string): unknown => {
    if (typeof value === 'string' && !meant.test(key) && /[ :]/.test(value)) {
      count += 1;
      return `${value} ${words}`;
    }
    if (Array.isArray(value)) return value.map((each) => infected(each, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, infected(member, name)]));
  };
  return { value: infected(document, ''), count };
}

/**
 * A capture of that diagnosis on the simulated AWS, with `words` in all of its texts, and one look that failed, in the other
 * side's own words. Gives how many texts they are.
 */
export async function infectedCapture(
  { diagnosis, words, folder }: { readonly diagnosis: string; readonly words: string; readonly folder: string },
  file: string,
): Promise<number> {
  const good = join(folder, `good-${diagnosis}.json`);
  // A capture replaces nothing: it is made once.
  await runMain(['capture', diagnosis, '--sandbox', '--to', good], { cwd: folder });
  const capture = parseCapture(await readFile(good, 'utf8'), good);
  const infected = capture.answers.map((answer) => ({ answer, ...infect(answer.value, words) }));
  const [first, ...rest] = infected.map(({ answer, value }) => ({ ...answer, value }));
  const call = {
    service: 'ecs',
    operation: 'DescribeServices',
    region: 'us-west-2',
    iamAction: 'ecs:DescribeServices',
  };
  const error = {
    kind: 'permission',
    message: `not allowed: ${words}`,
    details: { ...call, nextStep: `allow ${words}` },
  };
  const made = JSON.parse(JSON.stringify([{ ...first, value: undefined, error }, ...rest]));
  await writeFile(file, JSON.stringify({ ...capture, answers: made, digest: answersDigest(made) }));
  return infected.reduce((sum, { count }) => sum + count, 0);
}

/** What a document in Markdown is made of, in order, as a reader of GitHub's dialect takes it; of plain text nothing. */
export function kindsIn(text: string): readonly string[] {
  const kinds: string[] = [];
  void walkTokens(lexer(text, { gfm: true }), (token) => {
    if (['text', 'escape', 'space'].includes(token.type)) return;
    kinds.push('depth' in token ? `${token.type} ${token.depth}` : token.type);
  });
  return kinds;
}

/** The elements of a page with the names of their attributes, in order. */
export function elementsIn(page: string): readonly string[] {
  return [...page.matchAll(/<!?\/?[a-z][^>]*>/gi)].map(([element]) => element.replaceAll(/"[^"]*"/g, '""'));
}
