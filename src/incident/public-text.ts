/**
 * What customers must not read in a text: names of people, machines and parts of the stack, accounts, addresses, ids. It
 * is found so that whoever types it is told, and masked wherever a public text is shown all the same. Patterns are
 * bounded, and take time in proportion to the text.
 */

import { isIncidentId } from './id.ts';

export interface Internals {
  /** What the stack's parts are called. */
  readonly names: readonly string[];
  /** Everybody who took part: `ana`, `ana@laptop`, `ana@nano.example`. */
  readonly people: readonly string[];
}

export interface Internal {
  readonly text: string;
  /** With its article: `an ARN`. */
  readonly what: string;
}

interface Pattern {
  readonly what: string;
  readonly mask: string;
  readonly find: RegExp;
  /** False for what only looks like it. */
  readonly isMeant?: (found: string) => boolean;
}

/** In the order in which they are looked for: what holds others comes first. */
const patterns: readonly Pattern[] = [
  { what: 'an ARN', mask: '[resource]', find: /\barn:[\w-]{1,20}:[^\s"'<>,;)]{1,600}/gi },
  {
    what: 'an e-mail address or a user on a machine',
    mask: '[somebody]',
    find: /(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}/g,
  },
  { what: 'an access key', mask: '[secret]', find: /\b(?:AKIA|ASIA)[A-Z0-9]{12,20}\b/g },
  { what: 'an address', mask: '[address]', find: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)]{1,800}/gi },
  { what: 'a UUID', mask: '[id]', find: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi },
  { what: 'the id of a trace', mask: '[id]', find: /\b1-[0-9a-f]{8}-[0-9a-f]{24}\b/gi },
  { what: 'the id of a run', mask: '[id]', find: /\b\d{8}T\d{6}Z-[\w-]{1,80}/g },
  { what: 'the id of an incident', mask: '[id]', find: /(?<![\w-])\d{4}-[a-z]{4,8}(?![\w-])/gi, isMeant: isIncidentId },
  { what: 'an IP address', mask: '[address]', find: /(?<![\w.])\d{1,3}(?:[.-]\d{1,3}){3}(?![\w.]\d)/g },
  {
    what: 'an IP address',
    mask: '[address]',
    find: /(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,5}(?!\w|:\w)/gi,
    isMeant: isAddress6,
  },
  // `ip-10-0-3-7`, `i-0abc…`, `vpc-…`, `sg-…`, `E123ABC…` of CloudFront.
  {
    what: 'the id of a resource',
    mask: '[id]',
    find: /\b(?:i|vol|eni|sg|subnet|vpc|igw|rtb|ami|snap|eipalloc|db|cluster|ip)-(?=[0-9a-z-]{0,40}\d)[0-9a-z-]{3,60}\b/gi,
  },
  { what: 'an account number', mask: '[account]', find: /(?<![\w.])\d{4}-?\d{4}-?\d{4}(?![\w.]\d)/g },
  {
    what: 'a host',
    mask: '[host]',
    find: /(?<![\w.-])(?:[a-z0-9](?:[\w-]{0,61}[a-z0-9])?\.){1,8}(?:com|net|org|io|dev|app|cloud|example|internal|local|lan|corp|test|eu|de|at|ch|fr|nl|uk|us|cn|ai|tech|systems|services|network|host|info|biz|xyz|home|arpa|aws)(?![\w-]|\.[a-z0-9])/gi,
  },
  {
    what: 'a region or zone of AWS',
    mask: '[region]',
    find: /\b(?:us|eu|ap|sa|ca|af|me|il|mx|cn)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d[a-z]?\b/gi,
  },
  {
    what: 'an id or a hash',
    mask: '[id]',
    find: /(?<![\w-])(?=[0-9a-f]{0,63}\d)(?=[0-9a-f]{0,63}[a-f])[0-9a-f]{8,64}(?![\w-])/gi,
  },
  { what: 'a file or folder', mask: '[path]', find: /(?<![\w/.])\/(?:[\w.@-]{1,80}\/){1,20}[\w.@-]{0,80}/g },
];

/** A time of the day has colons, too. */
function isAddress6(text: string): boolean {
  return text.includes('::') || text.split(':').length === 8;
}

/** Names that many machines have, and no person. */
const nobody = new Set([
  'root',
  'admin',
  'administrator',
  'user',
  'ubuntu',
  'ec2-user',
  'nobody',
  'unknown',
  'node',
  'runner',
  'jenkins',
  'ops',
  'oncall',
  'on-call',
]);

/** What there is of it in a text, each once. */
export function internalsIn(text: string, internals: Internals): readonly Internal[] {
  const found = new Map<string, Internal>();
  cut(text, internals, (part, { what }) => {
    if (!found.has(part)) found.set(part, { text: part, what });
  });
  return [...found.values()];
}

/** The text with a word in the place of each. */
export function masked(text: string, internals: Internals): string {
  return cut(text, internals, () => undefined);
}

function cut(text: string, internals: Internals, told: (part: string, pattern: Pattern) => void): string {
  return [...patterns, ...own(internals)].reduce(
    (rest, pattern) =>
      rest.replace(pattern.find, (part) => {
        if (pattern.isMeant?.(part) === false) return part;
        told(part, pattern);
        return pattern.mask;
      }),
    text,
  );
}

function own({ names, people }: Internals): readonly Pattern[] {
  return [
    ...anyOf(names.filter(isTechnical), 'the name of a part of the stack', '[component]'),
    ...anyOf(people.flatMap(namesOfPerson), 'somebody of the team', '[somebody]'),
  ];
}

/**
 * A name that is a plain word is also one of the language, and often the product's own: `nano`. It cannot be told apart,
 * and says nothing about the inside.
 */
function isTechnical(name: string): boolean {
  return name.length > 2 && /[\d/_.:-]/.test(name);
}

/** `ana@laptop` is ana on laptop. */
function namesOfPerson(person: string): readonly string[] {
  return [...new Set([person, ...person.split('@')])].filter(
    (name) => name.length > 1 && !nobody.has(name.toLowerCase()),
  );
}

function anyOf(words: readonly string[], what: string, mask: string): readonly Pattern[] {
  // The longest first: what is the beginning of another must not hide its end.
  const sorted = [...new Set(words)].toSorted((a, b) => b.length - a.length);
  return sorted.map((word) => ({
    what,
    mask,
    find: new RegExp(
      `(?<![\\p{L}\\p{N}_])${word.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)}(?![\\p{L}\\p{N}_])`,
      'giu',
    ),
  }));
}
