/**
 * Text on a grid of cells: how wide it is, where it may be cut and broken. Widths count what a terminal draws: two cells
 * for wide characters and emoji, none for marks. Expects text without controls (see `plain`). Knows no colour.
 */
export { plain } from '../report/plain-text.ts';

/**
 * Wide and fullwidth characters, except emoji, which have a property of their own.
 * Source: Unicode Standard Annex 11, East Asian Width.
 */
const wide =
  /[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{1D300}-\u{1D376}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]/u;
const emoji = /\p{Emoji_Presentation}/u;
const mark = /\p{M}/u;
/** Latin letters, dashes, quotes and arrows, one cell each: nearly all there is, and told without looking closer. */
const narrow = /^[ -~\u00A0-\u02FF\u2010-\u2027\u2030-\u205E\u2190-\u21FF]*$/;

/** Cells that the text takes. */
export function widthOf(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const { segment } of clusters(text)) width += clusterWidth(segment);
  return width;
}

/** Intl's tables take 4 MB, so that texts of narrow characters, nearly all, do without. */
function clusters(text: string): Iterable<{ readonly segment: string }> {
  return new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text);
}

/** What a reader sees as one character. Terminals differ on the rarer ones; where they do, the wider is assumed. */
function clusterWidth(cluster: string): number {
  if (emoji.test(cluster)) return 2;
  let width = 0;
  for (const character of cluster) if (!mark.test(character)) width += wide.test(character) ? 2 : 1;
  return width;
}

/** The text, cut to at most `width` cells; where something was cut off, the last of them is an ellipsis. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  return `${head(text, width - 1).trimEnd()}…`;
}

/** As much of the text as fits into `width` cells, in whole characters. */
function head(text: string, width: number): string {
  if (narrow.test(text)) return text.slice(0, Math.max(0, width));
  let taken = '';
  let used = 0;
  for (const { segment } of clusters(text)) {
    used += clusterWidth(segment);
    if (used > width) break;
    taken += segment;
  }
  return taken;
}

/** For lines narrower than a wide character, which must get on all the same. */
function firstCharacter(text: string): string {
  for (const { segment } of clusters(text)) return segment;
  return text;
}

/** The text, filled up with spaces to `width` cells. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** What stays on the line of the number before it. */
const unit = /^(?:%|ms|s|min|h|d|B|KiB|MiB|GiB|TiB)[.,;:)]*$/;

/** Words that stay on one line. */
export interface Piece {
  readonly text: string;
  /** True for what is rather longer than a line than broken. */
  readonly isWhole: boolean;
}

/** The text in lines of at most `width` cells, broken at spaces where there are any. Never an empty list. */
export function wrap(text: string, width: number): string[] {
  return layOut(
    wordsOf(text).map((word) => ({ text: word, isWhole: false })),
    width,
  );
}

/** The pieces in lines of at most `width` cells, but for whole ones that are longer. Never an empty list. */
export function layOut(pieces: readonly Piece[], width: number): string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (const { text, isWhole } of pieces) {
    if (line !== '' && widthOf(line) + 1 + widthOf(text) <= room) {
      line += ` ${text}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = text;
    if (isWhole) continue;
    while (widthOf(line) > room) {
      const part = head(line, room) || firstCharacter(line);
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** The words of a text, a number and its unit as one. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const word of text.split(' ')) {
    const before = words.at(-1);
    if (before !== undefined && /\d$/.test(before) && unit.test(word)) words[words.length - 1] = `${before} ${word}`;
    else if (word !== '') words.push(word);
  }
  return words;
}
