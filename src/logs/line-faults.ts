/** Lines of the service that do not hold what they have to hold, of a sample, and what is wrong with them. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { LogLine } from '../cloud/facts.ts';
import { fieldsOf } from './line.ts';
import { lineSchema } from './line-schema.ts';
import { withoutSecrets } from '../diagnosis/secrets.ts';

export interface LineFaults {
  readonly lines: number;
  /** Lines with a fault. */
  readonly bad: number;
  /** Lines that are no JSON object. */
  readonly unstructured: number;
  /** What is wrong, by field and kind, the most frequent first. */
  readonly faults: readonly { readonly fault: string; readonly lines: number }[];
  /** The first bad line, its values masked. */
  readonly example?: string;
}

/** A sample of lines against what they have to hold. */
export function lineFaults(lines: readonly LogLine[], required?: readonly string[]): LineFaults {
  const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true }).compile(
    lineSchema(required),
  );
  const faults = new Map<string, number>();
  let [bad, unstructured] = [0, 0];
  let example: string | undefined;
  for (const { message } of lines) {
    const fields = fieldsOf(message);
    const found = new Set<string>();
    if (fields === undefined) {
      unstructured += 1;
      found.add('no JSON');
    } else if (!validate(fields)) {
      for (const error of validate.errors ?? []) {
        const fault = faultText(error);
        if (fault !== undefined) found.add(fault);
      }
    }
    if (found.size === 0) continue;
    bad += 1;
    example ??= fields === undefined ? maskedText(message) : maskedLine(fields);
    for (const fault of found) faults.set(fault, (faults.get(fault) ?? 0) + 1);
  }
  return {
    lines: lines.length,
    bad,
    unstructured,
    faults: [...faults]
      .map(([fault, count]) => ({ fault, lines: count }))
      .toSorted((a, b) => b.lines - a.lines || (a.fault < b.fault ? -1 : 1)),
    ...(example === undefined ? {} : { example }),
  };
}

/** `trace_id is missing`, `http_status is of another form`; undefined for what only says that something else failed. */
function faultText(error: {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}): string | undefined {
  if (error.keyword === 'if') return undefined;
  if (error.keyword === 'required') return `${String(error.params['missingProperty'])} is missing`;
  return `${error.instancePath.slice(1)} is of another form`;
}

const longestExample = 300;

/** Keys, and of what kind their values are: the values may be people's. */
function maskedLine(fields: Readonly<Record<string, unknown>>): string {
  const kinds = Object.entries(fields).map(([key, value]) => {
    const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
    // What levels and actions are called is of no person, and tells which line it was.
    const shown = key === 'level' || key === 'action' ? value : kind === 'null' ? null : `<${kind}>`;
    return [withoutSecrets(key), typeof shown === 'string' ? withoutSecrets(shown).slice(0, 40) : shown] as const;
  });
  return capped(JSON.stringify(Object.fromEntries(kinds)));
}

function maskedText(message: string): string {
  return capped(withoutSecrets(message.replaceAll(/\s+/g, ' ')).replaceAll(/\d/g, '#'));
}

function capped(text: string): string {
  return text.length > longestExample ? `${text.slice(0, longestExample - 1)}\u2026` : text;
}
