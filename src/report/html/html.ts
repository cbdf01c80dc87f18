/**
 * HTML from templates that escape by default: every value that is put into `markup` is made plain and escaped, unless it is
 * markup that another template gave. It is the only way in which anything gets onto a page. Knows no document.
 */
import { plain } from '../plain-text.ts';

/** Markup that a template made. Nothing else can make one, so that a string can never pass for it. */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type { Markup };

/** What a template takes: text and numbers are escaped, lists are joined, and `undefined` leaves nothing. */
export type Content = Markup | string | number | undefined | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * Markup, with values between its pieces. A value stands between tags or inside an attribute's quotes, nowhere else:
 * there, escaping `& < > " '` keeps it text (HTML Standard, 13.3 "Serializing HTML fragments").
 */
export function markup(pieces: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const parts = pieces.map((piece, index) => {
    // The indentation is the source's own.
    const tags = piece.replace(/\n\s*/g, '\n');
    return index === 0 ? tags : textOf(values[index - 1]) + tags;
  });
  return new Markup(parts.join(''));
}

function textOf(value: Content): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'string') return plain(value).replace(/[&<>"'`]/g, (sign) => entities[sign] ?? '');
  return typeof value === 'number' ? String(value) : value.map(textOf).join('');
}

/** Text in which no line breaks between a number and its unit, nor within a date. */
export function unbroken(text: string): Markup {
  return new Markup(
    textOf(text)
      .replace(/(?<=\d) (?=(?:%|ms|s|min|h|d)(?![\p{L}\p{N}]))/gu, '&nbsp;')
      .replace(/(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])/g, '<span class="brief">$&</span>'),
  );
}

/** A length as CSS wants it: `12.5%`, kept between nothing and all. */
export function percentOf(part: number, whole: number): string {
  const share = whole > 0 ? (part / whole) * 100 : 0;
  return `${Number(Math.min(100, Math.max(0, Number.isFinite(share) ? share : 0)).toFixed(2))}%`;
}
