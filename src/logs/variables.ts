/**
 * Replaces in a message what differs from one occurrence to the next: numbers, ids, addresses, times, quoted values. The
 * first step of Drain ("domain knowledge", see clusters.ts). Linear in the length of the message.
 */

/** Values in quotes: short ones. What has three words or more is a sentence, and tells what went wrong. */
const quotes = [
  /(?<!\w)'([^'\n]{0,300})'(?!\w)/g,
  /(?<!\w)"([^"\n]{0,300})"(?!\w)/g,
  /(?<!\w)`([^`\n]{0,300})`(?!\w)/g,
] as const;

/** Different words of a log are few; those that are not are forgotten all at once. */
const mostRemembered = 20_000;
const longestRemembered = 120;

export class Variables {
  private readonly known = new Map<string, string>();

  /** The message's words with their variables masked. */
  words(message: string): readonly string[] {
    let text = message;
    if (/['"`]/.test(text)) {
      for (const quote of quotes) {
        text = text.replaceAll(quote, (whole, inside: string) => (isSentence(inside) ? whole : '<text>'));
      }
    }
    return text.split(/\s+/).flatMap((word) => (word === '' ? [] : [this.word(word)]));
  }

  private word(word: string): string {
    if (!/[\d@]/.test(word)) return word;
    if (/^\d{1,20}$/.test(word)) return '<n>';
    const known = this.known.get(word);
    if (known !== undefined) return known;
    const made = maskedWord(word);
    if (word.length <= longestRemembered) {
      if (this.known.size >= mostRemembered) this.known.clear();
      this.known.set(word, made);
    }
    return made;
  }
}

function isSentence(text: string): boolean {
  return text.trim().split(/\s+/, 3).length >= 3;
}

/**
 * From the most special to the least: what one has replaced holds nothing for the next. `needs` is what a word has to hold
 * for the pattern to be worth a try.
 */
const wholes: readonly { readonly needs?: string; readonly pattern: RegExp; readonly name: string }[] = [
  { needs: '-', pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, name: '<uuid>' },
  {
    needs: '-',
    pattern: /\b\d{4}-\d\d-\d\d(?:[T_]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w-])/g,
    name: '<time>',
  },
  { needs: ':', pattern: /\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b/g, name: '<time>' },
  { needs: '@', pattern: /(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g, name: '<email>' },
  {
    needs: '.',
    pattern: /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|\/\d{1,2})?(?![\w.])/g,
    name: '<ip>',
  },
  // At least four groups: times of day have fewer, and are gone by now.
  { needs: ':', pattern: /(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])/gi, name: '<ip>' },
  { needs: '?', pattern: /\?[\w%.~-]{1,100}=[^\s"'<>)]{0,2000}/g, name: '?<query>' },
  { needs: '0x', pattern: /\b0x[0-9a-f]+\b/gi, name: '<hex>' },
  {
    pattern: /(?<![\w.])[+-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?(?=(?:%|[a-zA-Z]{1,3})?(?![\w.-]))/g,
    name: '<n>',
  },
];

const pieces = /<\w+>|[A-Za-z0-9]+/g;

function maskedWord(word: string): string {
  let text = word;
  for (const { needs, pattern, name } of wholes) {
    if (needs === undefined || word.includes(needs)) text = text.replaceAll(pattern, name);
  }
  return text
    .replaceAll(pieces, (piece) => (piece.startsWith('<') ? piece : maskedPiece(piece)))
    .replaceAll(/<n>(?:[.:,/-]<n>)+/g, '<n>');
}

/** A run of letters and digits: names such as `S3`, `v1` and `utf8` stay. */
function maskedPiece(piece: string): string {
  if (!/\d/.test(piece)) return piece;
  if (/^\d+$/.test(piece)) return '<n>';
  if (piece.length >= 8 && /^[0-9a-f]+$/i.test(piece)) return '<hex>';
  if (/^[A-Za-z]{1,6}\d{1,2}[a-z]{0,2}$/.test(piece) || /^\d{1,2}[A-Za-z]{1,8}$/.test(piece)) return piece;
  return '<id>';
}
