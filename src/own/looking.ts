/** How a team's YAML looks at something: a call, a program that only reads, an address. */
import { CloudError } from '../cloud/errors.ts';
import type { NamedLooks } from '../cloud/named.ts';
import type { Source } from '../config/own/fields.ts';
import { plainOf, type Plain, type PlainRecord } from '../engine/plain.ts';
import type { RunbookSettings } from '../runbooks/kit.ts';
import { filled, filledWord } from './expressions.ts';

/** One look, with everything in it that expressions stood for. Plain data: an act's is journaled with its change. */
export type PlainLook = {
  readonly call?: {
    readonly service: string;
    readonly operation: string;
    readonly region: string;
    readonly input: PlainRecord;
  };
  readonly command?: readonly string[];
  readonly http?: string;
  readonly simulated?: Plain;
  readonly withinMs: number;
};

const defaultWithinMs = 30_000;

/** What a step keeps goes into journals, whose records are bounded. */
const mostKept = 64 * 1_024;

/** What is looked at cannot be kept whole. */
class TooMuch extends Error {
  override readonly name = 'TooMuch';
  readonly errorClass = 'rejected';
}

/** `service:Operation`, where it looks by a call. */
export function callsOfSource({ call }: Pick<Source, 'call'>): readonly string[] {
  return call === undefined ? [] : [`${call.service}:${call.operation}`];
}

/** @throws ExpressionError where an expression finds nothing. */
export function lookOf(source: Source, data: Plain, { site }: Pick<RunbookSettings, 'site'>): PlainLook {
  const { call, command, http, simulated, within = defaultWithinMs } = source;
  return {
    ...(call === undefined ? {} : { call: callOf(call, data, site.region) }),
    ...(command === undefined ? {} : { command: command.map((word) => filledWord(word, data)) }),
    ...(http === undefined ? {} : { http }),
    ...(simulated === undefined ? {} : { simulated: plainOf(simulated) }),
    withinMs: within,
  };
}

export function callOf(call: NonNullable<Source['call']>, data: Plain, region: string) {
  const input = filled(plainOf(call.input ?? {}), data);
  return {
    service: call.service,
    operation: call.operation,
    region: call.region ?? region,
    // What is filled in a map is a map.
    input: typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as PlainRecord) : {},
  };
}

/** The answer: of a call as the API has it, of a program `{ ok, detail, output, json }`, of an address `{ ok, status, durationMs, detail }`. */
export async function answerTo(
  { call, command, http, simulated, withinMs }: PlainLook,
  named: NamedLooks,
  signal: AbortSignal,
): Promise<Plain> {
  try {
    if (call !== undefined) return plainOf(await named.call(call));
    if (command !== undefined) {
      const answer = await named.program({ exec: command, withinMs }, signal);
      return { ...answer, json: jsonIn(answer.output) };
    }
    return plainOf(await named.address({ url: http ?? '', withinMs }, signal));
  } catch (error) {
    const isElsewhere = error instanceof CloudError && error.kind === 'not-simulated';
    if (!isElsewhere || simulated === undefined) throw error;
    return simulated;
  }
}

/** Of a program that prints JSON; null where it prints something else. */
function jsonIn(output: string): Plain {
  try {
    return plainOf(JSON.parse(output));
  } catch {
    return null;
  }
}

/** @throws TooMuch */
export function bounded(kept: Plain, id: string): Plain {
  const length = JSON.stringify(kept).length;
  if (length <= mostKept) return kept;
  throw new TooMuch(
    `what "${id}" found has ${length} characters, and ${mostKept} at most are kept: narrow it down with "keep"`,
  );
}
