/** What to do next, in lines: prose is broken at spaces, a command in it never is, so that it can be copied. */
import { layOut, wordsOf, type Piece } from './text.ts';

/** The text in lines of at most `width` cells, but for commands that are longer. Never an empty list. */
export function adviceLines(text: string, width: number): string[] {
  const words = wordsOf(text);
  const pieces: Piece[] = [];
  for (let at = 0; at < words.length;) {
    const length = commandLength(words.slice(at));
    pieces.push({ text: words.slice(at, at + Math.max(1, length)).join(' '), isWhole: length > 0 });
    at += Math.max(1, length);
  }
  return layOut(pieces, width);
}

/** Ends a clause, and with it a command: `nanoops runs list; or begin a new run`. */
const clauseEnd = /[;:,.)]$/;

/** Words after a program's name that say what it is to do, as in `nanoops runs list`; what follows are arguments. */
const mostSubcommands = 2;

/** How many of the words are a command that the first of them begins; 0 where it begins none. */
function commandLength(words: readonly string[]): number {
  const [program = '', verb = ''] = words;
  if (!/^["(]?(?:nanoops|aws)$/.test(program) || !/^[a-z]/.test(verb)) return 0;
  const isInQuotes = program.startsWith('"');
  let isOpen = isInQuotes;
  for (const [at, word] of words.entries()) {
    if (at === 0) continue;
    const isLast = at === words.length - 1;
    if (!isOpen && !isLast && at > mostSubcommands && isProse(word, words[at - 1])) return at;
    if ((word.match(/"/g) ?? []).length % 2 === 1) isOpen = !isOpen;
    if (!isOpen && (isInQuotes || clauseEnd.test(word))) return at + 1;
  }
  return words.length;
}

/** True of what is told of a command after its name: `nanoops config schema prints …`. A flag and an id have other characters. */
function isProse(word: string, before = ''): boolean {
  return /^[a-z]+$/.test(word) && /^[a-z][a-z-]*$/.test(before);
}
