/**
 * What a page loads, and what its scripts and styles look like. Reads text that anybody may have written: every pass over it
 * takes time in proportion to its length, and nothing in it is followed but to its own site.
 */
import type { WebAnswer } from '../../cloud/inspection.ts';

/** Tags longer than this hold no plain address; one within another is none, which keeps the search short. */
const tags = /<(script|link|a)\b([^<>]{0,2000})>/gi;

interface Assets {
  /** Scripts and styles of the page's own site, each once, in its order. */
  readonly loaded: readonly string[];
  /** How many come from other sites, which are not asked. */
  readonly elsewhere: number;
  /** ZIPs of its own site that it links to. */
  readonly zips: readonly string[];
}

export function assetsIn({ url, text }: Pick<WebAnswer, 'url' | 'text'>): Assets {
  const loaded = new Set<string>();
  const elsewhere = new Set<string>();
  const zips = new Set<string>();
  const { origin } = new URL(url);
  for (const [, tag = '', attributes = ''] of withoutComments(text).matchAll(tags)) {
    const kind = tag.toLowerCase();
    const address = attribute(attributes, kind === 'script' ? 'src' : 'href');
    if (address === undefined || !URL.canParse(address, url)) continue;
    const found = new URL(address, url);
    found.hash = '';
    if (!/^https?:$/.test(found.protocol)) continue;
    const isOwn = found.origin === origin;
    if (kind === 'a') {
      if (isOwn && found.pathname.toLowerCase().endsWith('.zip')) zips.add(found.href);
    } else if (kind === 'script' || loads(attributes)) (isOwn ? loaded : elsewhere).add(found.href);
  }
  return { loaded: [...loaded], elsewhere: elsewhere.size, zips: [...zips] };
}

/** A comment that is not closed hides the rest, as it does in a browser. */
function withoutComments(text: string): string {
  const parts = text.split('<!--');
  return (
    (parts[0] ?? '') +
    parts
      .slice(1)
      .map((part) => part.slice(endOf(part, '-->')))
      .join('')
  );
}

function endOf(text: string, closing: string): number {
  const at = text.indexOf(closing);
  return at === -1 ? text.length : at + closing.length;
}

function loads(attributes: string): boolean {
  const relation = attribute(attributes, 'rel')?.toLowerCase().split(/\s+/) ?? [];
  if (relation.includes('preload')) return /^(?:script|style)$/i.test(attribute(attributes, 'as') ?? '');
  return relation.includes('stylesheet') || relation.includes('modulepreload');
}

function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(attributes);
  return (found?.[1] ?? found?.[2] ?? found?.[3])?.replaceAll(/&(?:amp|#38);/gi, '&').trim();
}

/** How the page is styled before its stylesheets have come. */
export function stylesIn(text: string): { readonly blocking: number; readonly inlineCharacters: number } {
  const whole = withoutComments(text);
  const head = whole.slice(0, whole.search(/<body\b/i) === -1 ? whole.length : whole.search(/<body\b/i));
  const sheets = [...head.matchAll(tags)].filter(
    ([, tag = '', attributes = '']) =>
      tag.toLowerCase() === 'link' &&
      (attribute(attributes, 'rel')?.toLowerCase().split(/\s+/).includes('stylesheet') ?? false) &&
      // What is for print, or is only switched on by a script, keeps nobody waiting.
      !/^print$/i.test(attribute(attributes, 'media') ?? ''),
  );
  const inline = head
    .split(/<style\b/i)
    .slice(1)
    .reduce((sum, part) => {
      const from = part.indexOf('>') + 1;
      const end = part.search(/<\/style/i);
      return sum + Math.max(0, (end === -1 ? part.length : end) - from);
    }, 0);
  return { blocking: sheets.length, inlineCharacters: inline };
}

export type AssetKind = 'script' | 'style' | 'page' | 'data' | 'text' | 'other';

export function kindOf({ headers }: Pick<WebAnswer, 'headers'>): AssetKind {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/^(?:text|application)\/(?:javascript|x-javascript|ecmascript)$/.test(type)) return 'script';
  if (type === 'text/css') return 'style';
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'page';
  if (/^application\/(?:[\w.+-]+\+)?json$/.test(type)) return 'data';
  return type.startsWith('text/') || /\bxml$/.test(type) ? 'text' : 'other';
}

/** A name that changes with the content: a hash in it, or a version behind it. */
export function isVersioned(url: string): boolean {
  const { pathname, search } = new URL(url);
  const name = pathname.split('/').at(-1) ?? '';
  const parts = name.split(/[.~_-]/).slice(0, -1);
  return (
    parts.some(isHash) || /[?&](?:v|ver|version|h|hash)=[\w.-]+/i.test(search) || /\/v?\d+\.\d+\.\d+\//.test(pathname)
  );
}

/** Hexadecimal of eight or more with a digit, or a mix of cases and digits as base64 has it. */
function isHash(part: string): boolean {
  if (/^[0-9a-f]{8,64}$/.test(part)) return /\d/.test(part);
  return /^[A-Za-z0-9]{8,64}$/.test(part) && /\d/.test(part) && /[A-Z]/.test(part) && /[a-z]/.test(part);
}

export interface Density {
  readonly characters: number;
  readonly perLine: number;
  /** Of all characters, those that a minifier takes away: white space at the start of lines, and line ends. */
  readonly indentShare: number;
}

/** A text that is shorter tells nothing. */
const shortestJudged = 2_000;

/** Undefined for a text that is too short to be judged. */
export function densityOf(text: string): Density | undefined {
  if (text.length < shortestJudged) return undefined;
  let [lines, indent] = [0, 0];
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      indent += line.length + 1;
      continue;
    }
    lines += 1;
    indent += line.length - line.trimStart().length + 1;
  }
  return { characters: text.length, perLine: text.length / Math.max(1, lines), indentShare: indent / text.length };
}

/** Short lines that are indented are written for people. Long ones, or short ones at the margin, may be a licence's. */
export function looksMinified({ perLine, indentShare }: Density): boolean {
  return perLine >= 120 || indentShare < 0.08;
}

interface MapPlace {
  /** The script or style. */
  readonly of: string;
  /** Undefined for a map that is within it. */
  readonly map: string | undefined;
}

/** Where a script's or a style's source map would be: as it says, and beside it. Only of the same site. */
export function mapsOf(answer: WebAnswer): readonly MapPlace[] {
  const kind = kindOf(answer);
  if (answer.status !== 200 || (kind !== 'script' && kind !== 'style')) return [];
  const { url, headers, text } = answer;
  const comment = /[#@]\s*sourceMappingURL=(\S{1,2000})/.exec(
    text.slice(text.lastIndexOf('sourceMappingURL=') - 4),
  )?.[1];
  const said = headers['sourcemap'] ?? headers['x-sourcemap'] ?? comment?.replace(/\*\/$/, '');
  if (said?.startsWith('data:') === true) return [{ of: url, map: undefined }];
  const beside = new URL(url);
  beside.pathname += '.map';
  const { origin } = new URL(url);
  return [said, beside.href]
    .flatMap((place) => (place === undefined || !URL.canParse(place, url) ? [] : [new URL(place, url)]))
    .filter((place) => place.origin === origin)
    .map((place) => ({ of: url, map: place.href }));
}

/** A site that answers every path with its page has no map there (Source Map, ECMA-426). */
export function looksLikeMap({ status, text }: Pick<WebAnswer, 'status' | 'text'>): boolean {
  const start = text.slice(0, 2_000);
  return (
    status === 200 &&
    /^(?:\)\]\}'?[^\n]*\n)?\s*\{/.test(start) &&
    /"(?:version|sources|mappings|file|sections)"\s*:/.test(start)
  );
}

export interface CacheControl {
  readonly maxAgeS?: number;
  readonly isImmutable: boolean;
  /** As it was sent. */
  readonly text: string;
}

/** RFC 9111, 5.2.2; `no-store` and `no-cache` keep it for no time at all. */
export function cacheControlOf({ headers }: Pick<WebAnswer, 'headers'>): CacheControl {
  const text = headers['cache-control'] ?? '';
  const words = text
    .toLowerCase()
    .split(',')
    .map((word) => word.trim());
  const isKept = !words.includes('no-store') && !words.includes('no-cache');
  const maxAge = words.map((word) => /^max-age="?(\d{1,10})"?$/.exec(word)?.[1]).find((found) => found !== undefined);
  return {
    ...(isKept ? (maxAge === undefined ? {} : { maxAgeS: Number(maxAge) }) : { maxAgeS: 0 }),
    isImmutable: words.includes('immutable'),
    text: text === '' ? 'no Cache-Control' : `Cache-Control: ${text}`,
  };
}
