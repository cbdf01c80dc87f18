/**
 * Takes out of what was seen what nobody else may read: secrets, addresses of people, the values in statements. What a
 * diagnosis goes by stays: how often, how long, which statement, which component. Texts are written by whoever can send a
 * request, so that every pattern takes time in proportion to the text.
 */
import { statementShape } from '../diagnosis/statement-shape.ts';
import { isCount, isNameOfSecret, maskedValue, withoutSecrets } from '../diagnosis/secrets.ts';
import { isTooDeep } from './depth.ts';

/**
 * A value of JSON without any of it, in the same shape. Keys are code's, not people's, and stay; a text under the key of a
 * secret is one.
 */
export function cleanValue(value: unknown): unknown {
  return cleaned(value, { isLine: false, isSecret: false });
}

export function cleanText(text: string): string {
  const begin = text.indexOf('{');
  const isBehindPrefix = begin > 0 && begin <= longestPrefix;
  for (const from of isBehindPrefix ? [0, begin] : [0]) {
    const fields = structuredLine(text.slice(from));
    if (fields === undefined) continue;
    return cleanPlain(text.slice(0, from)) + JSON.stringify(cleaned(fields, { isLine: true, isSecret: false }));
  }
  return cleanPlain(text);
}

/** What runtimes and agents write before a structured line: a time, a level, a stream. */
const longestPrefix = 100;

function cleanPlain(text: string): string {
  return withoutAddresses(withoutSecrets(withoutQueries(withoutValues(text))));
}

interface Place {
  /** Of others' making: there, all that stands below the key of a secret is secret. */
  readonly isLine: boolean;
  /** Below the key of a secret. */
  readonly isSecret: boolean;
}

function cleaned(value: unknown, place: Place): unknown {
  const { isLine, isSecret } = place;
  if (typeof value === 'string') return isSecret ? maskedValue(value) : cleanText(value);
  if (typeof value === 'number') return isSecret && isLine ? maskedValue(String(value)) : value;
  const below = { isLine, isSecret: isSecret && isLine };
  if (Array.isArray(value)) return value.map((each) => cleaned(each, below));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  const isPairOfSecret = members.some(
    ([key, each]) => /^(?:name|key)$/i.test(key) && typeof each === 'string' && isNameOfSecret(each),
  );
  return Object.fromEntries(
    members.map(([key, each]) => {
      const isNumber = typeof each === 'number' && isCount(key, String(each));
      const isNamed = (isNameOfSecret(key) && !isNumber) || (isPairOfSecret && /^value$/i.test(key));
      return [key, cleaned(each, { isLine, isSecret: below.isSecret || isNamed })];
    }),
  );
}

/** A structured log line is cleaned field by field: as a text it would be no JSON any more. One without end is a text. */
export function structuredLine(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !isTooDeep(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const statementWord =
  /\b(?:select\b[^]{0,2000}?\bfrom|insert\s+(?:ignore\s+)?into|replace\s+into|update\b[^]{0,400}?\bset|delete\s+from|call\s+[\w.`]+\s*\(|with\s+[\w`]+\s+as\s*\()/i;

/** Lines of a slow query log that are no statement: what its header says, and the time that it gives. */
const noStatement = /^(?:#.*|SET timestamp=\d{1,20};|use [\w`$]{1,80};)$/i;

/** The values of statements become `?`; of a slow query log's entry the header stays. */
function withoutValues(text: string): string {
  if (!statementWord.test(text)) return text;
  const done: string[] = [];
  let statement: string[] = [];
  const end = (): void => {
    if (statement.length > 0) done.push(shaped(statement.join('\n')));
    statement = [];
  };
  for (const line of text.split('\n')) {
    if (noStatement.test(line.trimEnd())) {
      end();
      done.push(line);
    } else statement.push(line);
  }
  end();
  return done.join('\n');
}

/** What stands before a statement, a message for one, is none: there only quoted texts are values. */
function shaped(text: string): string {
  const at = statementWord.exec(text)?.index;
  if (at === undefined) return text;
  const ends = /;\s*$/.test(text) ? ';' : '';
  return `${text.slice(0, at)}${statementShape(text.slice(at))}${ends}`;
}

function withoutQueries(text: string): string {
  if (!text.includes('://')) return text;
  return text.replaceAll(/(\bhttps?:\/\/[^\s"'<>?#]{1,2000})\?(?!<query>)[^\s"'<>#]{0,8000}/gi, '$1?<query>');
}

/** Of this network (RFC 1918, 6598, 3927) and of this machine: nobody's. */
const private4 =
  /^(?:10\.|127\.|0\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

/** Networks, which rules are about, stay; of addresses those that may be a person's go. */
function withoutAddresses(text: string): string {
  return text
    .replaceAll(/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w/]|\.\d|-[a-z])/g, (found) =>
      private4.test(found) ? found : '<ip>',
    )
    .replaceAll(/(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,5}(?![\w:/])/gi, (found) =>
      (found.includes('::') || found.split(':').length === 8) && !/^(?:fe80|f[cd])/i.test(found) ? '<ip>' : found,
    );
}
