/** Judges a configuration's tree by the schema: a parsed `Config`, or every fault with the place where it stands. */
import type * as z from 'zod';
import { didYouMean } from './nearest.ts';
import { brokenRules } from './rules.ts';
import { choicesAt, keysAt, meaningAt } from './schema-at.ts';
import { configSchema, overlaysKey, type Config } from './schema.ts';
import { find, valueOf, type Entry } from './tree.ts';
import type { Fault } from './faults.ts';
import type { Path } from './path.ts';

export type Checked =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** `environment` names the overlay that has been applied, for faults that show only under it. */
export function checkConfig(root: Entry, environment?: string): Checked {
  const value = valueOf(root.tree);
  const result = configSchema.safeParse(value, { error: explain, jitless: true }); // To compile a parser for one file takes longer than to parse it.;
  const found: Finding[] = result.success ? [] : result.error.issues.flatMap((issue) => findingsOf(issue, [], root));
  found.push(...brokenRules(value));
  if (result.success && found.length === 0) return { ok: true, config: result.data };
  return { ok: false, faults: found.map((finding) => placed(finding, root, environment)) };
}

interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly suggestion?: string;
}

function placed(finding: Finding, root: Entry, environment: string | undefined): Fault {
  const { entry, missing } = find(root, finding.path);
  const { path, position } = entry.place;
  const absent = missing.length > 0 || (entry.tree.kind === 'scalar' && entry.tree.value === null);
  const elsewhere = environment !== undefined && path[0] !== overlaysKey;
  return {
    path: [...path, ...missing],
    message: finding.message,
    ...(position === undefined ? {} : { position }),
    ...(finding.suggestion === undefined ? {} : { suggestion: finding.suggestion }),
    ...(absent ? { absent } : {}),
    ...(elsewhere ? { environment } : {}),
  };
}

/** Words for what the schema itself has none for. Never shows a value: it might be a secret. */
export function explain(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return wrongType(issue.expected, issue.input);
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  return issue.code === 'invalid_union' ? 'is none of what can stand here' : undefined;
}

function oneOf(values: readonly unknown[]): string {
  return `must be ${values.map((value) => (isText(value) ? `"${value}"` : String(value))).join(' or ')}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
};

function wrongType(expected: string, input: unknown): string {
  if (input === undefined) return 'is missing';
  if (input === null) return 'is empty: fill it in, or remove the line';
  const wanted = kinds[expected] ?? expected;
  const given = kinds[Array.isArray(input) ? 'array' : typeof input] ?? typeof input;
  if (expected === 'string' && typeof input !== 'object')
    return `must be text, and YAML reads ${given}: put it in quotes`;
  return `must be ${wanted}, not ${given}`;
}

function findingsOf(issue: z.core.$ZodIssue, above: Path, root: Entry): Finding[] {
  const path: Path = [...above, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], key));
  if (issue.code === 'invalid_union') return variantFindings(issue, path, root);
  if (issue.code === 'invalid_value') return [withSuggestion(path, issue.message, issue.values.filter(isText), root)];
  const isAbsent = issue.code === 'invalid_type' && find(root, path).missing.length > 0;
  const meaning = isAbsent ? meaningAt(path) : undefined;
  return [{ path, message: meaning === undefined ? issue.message : `${issue.message}: ${meaning}` }];
}

/** Where one variant fits but for its inside, its faults; otherwise that none fits. */
function variantFindings(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: Entry): Finding[] {
  const variant = issue.errors.find((errors) => errors.every((nested) => nested.path.length > 0));
  if (variant !== undefined) return variant.flatMap((nested) => findingsOf(nested, path, root));
  const choices = choicesAt(path);
  const message = issue.errors.length === 0 && choices.length > 0 ? oneOf(choices) : issue.message;
  return [withSuggestion(path, message, choices, root)];
}

/** More keys than this are no help in one line. */
const mostKeysListed = 10;

function unknownKey(path: Path, key: string): Finding {
  const known = keysAt(path.slice(0, -1));
  if (known.includes(key))
    return { path, message: 'belongs to another variant of this part than the one written here' };
  const suggestion = didYouMean(key, known);
  if (suggestion !== undefined) return { path, message: 'is unknown', suggestion };
  const isListed = known.length > 0 && known.length <= mostKeysListed;
  return { path, message: isListed ? `is unknown; known here: ${known.join(', ')}` : 'is unknown' };
}

function withSuggestion(path: Path, message: string, known: readonly string[], root: Entry): Finding {
  const { entry, missing } = find(root, path);
  const given = missing.length === 0 && entry.tree.kind === 'scalar' ? entry.tree.value : undefined;
  const suggestion = typeof given === 'string' ? didYouMean(given, known) : undefined;
  return suggestion === undefined ? { path, message } : { path, message, suggestion };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
