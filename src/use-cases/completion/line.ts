/** A command line as bash has it: its words as the program would get them, and how the last one was written. */

export interface TypedLine {
  /** Without the program's own name; the last is the one that is being typed, and may be empty. */
  readonly words: readonly string[];
  /** The quote that the last word is in. */
  readonly quote: '"' | "'" | undefined;
}

/** Splits as a shell does, but expands nothing: a glob stays a glob. */
export function typedLine(line: string): TypedLine {
  const words: string[] = [];
  let word = '';
  let begun = false;
  let quote: TypedLine['quote'];
  for (let index = 0; index < line.length; index += 1) {
    const sign = line.charAt(index);
    if (quote === "'") {
      if (sign === quote) quote = undefined;
      else word += sign;
    } else if (sign === '\\') {
      // Within double quotes a backslash is one, but before what it makes harmless.
      const next = line.charAt(index + 1);
      const escapes = quote === undefined || '"\\$`'.includes(next);
      word += escapes ? next : sign;
      if (escapes) index += 1;
      begun = true;
    } else if (quote === '"') {
      if (sign === quote) quote = undefined;
      else word += sign;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
      begun = true;
    } else if (/\s/.test(sign)) {
      if (begun) words.push(word);
      word = '';
      begun = false;
    } else {
      word += sign;
      begun = true;
    }
  }
  const all = [...words, word];
  const program = all.findIndex((each) => !/^[A-Za-z_]\w*=/.test(each));
  return { words: all.slice(program + 1), quote };
}

/**
 * A candidate as bash is to put it in the place of what it takes for the word: what follows the last character that breaks
 * words for it, in the quotes that are open.
 */
export function asReply(candidate: string, { words, quote }: TypedLine, breaks: string): string {
  if (quote === '"') return candidate.replaceAll(/["\\$`]/g, (sign) => `\\${sign}`);
  if (quote === "'") return candidate.replaceAll("'", String.raw`'\''`);
  const word = words.at(-1) ?? '';
  const cut = Math.max(-1, ...['=', ':'].filter((sign) => breaks.includes(sign)).map((sign) => word.lastIndexOf(sign)));
  const rest = candidate.startsWith(word.slice(0, cut + 1)) ? candidate.slice(cut + 1) : candidate;
  return rest.replaceAll(/[^A-Za-z0-9_@%+=:,./-]/g, (sign) => `\\${sign}`);
}
