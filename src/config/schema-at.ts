/** Finds the part of the schema that describes a path: for suggestions, and to say what a missing value means. */
import * as z from 'zod';
import { configSchema, topLevelKeys } from './schema.ts';
import type { Path } from './path.ts';

/** The keys that a map at `path` may have, in any of its variants. */
export function keysAt(path: Path): readonly string[] {
  if (path.length === 0) return topLevelKeys;
  const keys = schemasAt(path).flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []));
  return [...new Set(keys)];
}

/** The texts that may stand at `path`, where there is a choice. */
export function choicesAt(path: Path): string[] {
  const values = schemasAt(path).flatMap((schema) => (schema instanceof z.ZodLiteral ? [...schema.values] : []));
  return values.filter((value) => typeof value === 'string');
}

/** What stands at `path`, in a sentence. */
export function meaningAt(path: Path): string | undefined {
  return schemasAt(path).find((schema) => schema.description !== undefined)?.description;
}

/** Every schema that describes what stands at `path`, the outer before the inner. */
function schemasAt(path: Path): z.ZodType[] {
  let here = layers(configSchema);
  for (const key of path) here = here.flatMap((schema) => layers(childOf(schema, key)));
  return here;
}

function childOf(schema: z.ZodType, key: string | number): unknown {
  if (schema instanceof z.ZodArray) return schema.element;
  if (!(schema instanceof z.ZodObject)) return undefined;
  const shape: Readonly<Record<string, unknown>> = schema.shape;
  return Object.hasOwn(shape, key) ? shape[key] : undefined;
}

/** A schema and what it wraps: defaults, optional values, what is read before it is transformed, variants. */
function layers(schema: unknown): z.ZodType[] {
  if (!(schema instanceof z.ZodType)) return [];
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return [schema, ...layers(schema.unwrap())];
  }
  if (schema instanceof z.ZodPipe) return [schema, ...layers(schema.in)];
  if (schema instanceof z.ZodUnion) return [schema, ...schema.options.flatMap((option) => layers(option))];
  return [schema];
}
