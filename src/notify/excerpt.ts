/**
 * What of an answer may be shown: a short text, without controls. Nothing of pages, of long bodies, and of texts that
 * repeat a part of what must not be shown: a secret address, a key.
 */

/** A longer body is no message for people. */
const longestBodyBytes = 2_048;
const longestExcerpt = 160;

/** Shorter parts of an address are words such as `api` and `hooks`. */
const shortestSecret = 6;

/** Reads as little as it can; undefined for nothing that may be shown. `hidden`: see `partsOf`; a key is one part. */
export async function excerptOf(response: Response, hidden: readonly string[]): Promise<string | undefined> {
  const body = await shortBodyOf(response, longestBodyBytes);
  const isPage = /html|xml/i.test(response.headers.get('content-type') ?? '') || /^\s*</.test(body ?? '');
  if (body === undefined || isPage) return undefined;
  const line = body.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  if (line === '' || repeats(line, hidden)) return undefined;
  const characters = Array.from(line);
  return characters.length > longestExcerpt ? `${characters.slice(0, longestExcerpt).join('')}…` : line;
}

/** The parts of an address of which none may be shown. */
export function partsOf({ host, pathname, search, href }: URL): readonly string[] {
  return [host, pathname + search, ...href.split(/[/?&=#]+/), ...href.split(/[^\w%-]+/)];
}

/** The whole body; undefined where it is too long. Ends the transfer either way. */
export async function shortBodyOf(response: Response, mostBytes: number): Promise<string | undefined> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the transfer.
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Compares letters and digits only, with escapes and without, so that no manner of escaping hides a repetition. */
function repeats(line: string, hidden: readonly string[]): boolean {
  const told = cores(line);
  return hidden
    .flatMap(cores)
    .some((part) => part.length >= shortestSecret && told.some((text) => text.includes(part)));
}

function cores(text: string): string[] {
  return [text, unescaped(text)].map((form) => form.replace(/[^a-z0-9]/gi, '').toLowerCase());
}

/** Without the escapes of URLs, JSON and HTML, as far as they stand for letters, digits or ASCII punctuation. */
function unescaped(text: string): string {
  return text.replace(
    /%([0-9a-f]{2})|\\u00([0-9a-f]{2})|&#x0*([0-9a-f]{2});|&#0*(\d{2,3});|&\w+;/gi,
    (_escape, url?: string, json?: string, hex?: string, decimal?: string) => {
      const code = decimal === undefined ? Number.parseInt(url ?? json ?? hex ?? '20', 16) : Number(decimal);
      return String.fromCodePoint(code);
    },
  );
}
