/**
 * A statement without its values, so that executions of the same statement can be told to be the same. Statements come
 * from a log that anybody may have written into: every pass over them takes time in proportion to their length.
 * Lexical rules: MySQL 8.0 Reference Manual, "Literal Values" and "Comments".
 */

/** Longer statements are cut: what tells them apart stands well before. */
const longestStatement = 20_000;

/**
 * Literals become `?`, lists and rows of them one `(?)`, white space and comments one space. A text that begins with a
 * wildcard becomes `'%?'`, since no B-tree index can serve a LIKE of it.
 */
export function statementShape(sql: string): string {
  return withoutTexts(sql.slice(0, longestStatement))
    .replaceAll(/`[^`]*`?|\b0x[\da-f]+\b|\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi, (found) =>
      found.startsWith('`') ? found : '?',
    )
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?\( ?\?(?: ?, ?\?)* ?\)/g, (list) => (list.startsWith(' ') ? ' (?)' : '(?)'))
    .replaceAll(/\(\?\)(?: ?, ?\(\?\))+/g, '(?)')
    .replace(/ ?; ?$/, '')
    .trim();
}

/** Replaces quoted texts and comments; quoted identifiers stay. */
function withoutTexts(sql: string): string {
  let result = '';
  let at = 0;
  while (at < sql.length) {
    const next = opening(sql, at);
    result += sql.slice(at, next.at);
    if (next.kind === 'end') return result;
    if (next.kind === 'comment') {
      at = after(sql, next.closes, next.at + 2);
      result += ' ';
    } else if (next.kind === 'identifier') {
      at = after(sql, '`', next.at + 1);
      result += sql.slice(next.at, at);
    } else {
      at = endOfText(sql, next.at);
      result += sql[next.at + 1] === '%' ? "'%?'" : '?';
    }
  }
  return result;
}

type Opening =
  | { readonly kind: 'text' | 'identifier' | 'end'; readonly at: number }
  | { readonly kind: 'comment'; readonly at: number; readonly closes: string };

/** Where the next quoted text, quoted identifier or comment begins. */
function opening(sql: string, from: number): Opening {
  for (let at = from; at < sql.length; at += 1) {
    const char = sql[at];
    if (char === "'" || char === '"') return { kind: 'text', at };
    if (char === '`') return { kind: 'identifier', at };
    if (char === '/' && sql[at + 1] === '*') return { kind: 'comment', at, closes: '*/' };
    if (char === '#') return { kind: 'comment', at, closes: '\n' };
    if (char === '-' && sql[at + 1] === '-' && /\s/.test(sql[at + 2] ?? '\n'))
      return { kind: 'comment', at, closes: '\n' };
  }
  return { kind: 'end', at: sql.length };
}

/** The place behind the next `closes`, or the end. */
function after(sql: string, closes: string, from: number): number {
  const found = sql.indexOf(closes, from);
  return found === -1 ? sql.length : found + closes.length;
}

/** The place behind a quoted text: a backslash escapes, a doubled quote stands for one. */
function endOfText(sql: string, start: number): number {
  const quote = sql[start];
  for (let at = start + 1; at < sql.length; at += 1) {
    if (sql[at] === '\\') at += 1;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return sql.length;
}
