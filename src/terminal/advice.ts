/** What to do next, in lines: prose is broken at spaces, a command in it never is, so that it can be copied. */
import type { Palette } from './screen.ts';
import { layOut, plain, widthOf, wordsOf, type Piece } from './text.ts';

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

/** The same behind a label, which stands before the first line; `painted` is how that is shown. */
export function labelledAdvice(
  text: string,
  {
    label,
    painted,
    width,
    indent = '',
  }: { readonly label: string; readonly painted: string; readonly width: number; readonly indent?: string },
): string[] {
  const room = width - indent.length - label.length - 2;
  return adviceLines(plain(text), room).map(
    (line, index) => `${indent}${index === 0 ? painted : ' '.repeat(label.length)}  ${line}`,
  );
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
  let quote = quoteAfter(program, '');
  const rest: { readonly word: string; readonly isOpen: boolean }[] = [];
  for (const word of words.slice(1)) {
    const isOpen = quote !== '';
    quote = quoteAfter(word, quote);
    rest.push({ word, isOpen });
    if (quote === '' && (isInQuotes || clauseEnd.test(word))) break;
  }
  const lastFlag = rest.findLastIndex(({ word, isOpen }) => !isOpen && word.startsWith('-'));
  let subcommands = 0;
  for (const [at, { word, isOpen }] of rest.entries()) {
    const isLast = at + 2 === words.length;
    if (!isOpen && !isLast && at > lastFlag && subcommands >= mostSubcommands && isProse(word, rest[at - 1]?.word)) {
      return at + 1;
    }
    // Behind it the name of a program comes first.
    subcommands = /^(?:&&|\|\|?)$/.test(word) && !isOpen ? -1 : subcommands + 1;
  }
  return rest.length + 1;
}

/** The quote that is open behind the word, of a shell's; an apostrophe within a word is none. */
function quoteAfter(word: string, before: string): string {
  let quote = before;
  for (let at = 0; at < word.length; at += 1) {
    const sign = word.charAt(at);
    if (sign === '\\' && quote !== "'") at += 1;
    else if (sign === quote) quote = '';
    else if (quote === '' && (sign === '"' || (sign === "'" && /^$|[=:('"]/.test(word.charAt(at - 1))))) quote = sign;
  }
  return quote;
}

/** True of what is told of a command after its name: `nanoops config schema prints …`. A flag and an id have other characters. */
function isProse(word: string, before = ''): boolean {
  return /^[a-z]+$/.test(word) && /^[a-z][a-z-]*$/.test(before);
}

/** What to do next below what it is about, behind its label; a command that is too long there begins further left. */
export function nextLines(
  text: string,
  { pad, room, palette }: { readonly pad: string; readonly room: number; readonly palette: Palette },
): readonly string[] {
  const label = `${pad}${palette.faint('next')}`;
  const lines = adviceLines(text, room);
  const isLong = (line = ''): boolean => widthOf(line) > room;
  return [
    ...(isLong(lines[0]) ? [label] : []),
    ...lines.map((line, index) => {
      if (isLong(line)) return `    ${line}`;
      return `${index === 0 ? label : `${pad}    `}  ${line}`;
    }),
  ];
}
