/**
 * What the wire needs to know of the SDK's schemas beyond what `NormalizedSchema` tells: derived structures, and where
 * a member travels in an HTTP message.
 */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { $SchemaRef, SchemaTraits, StaticStructureSchema } from '@smithy/types';

const STRUCTURE = 3;
const STRING = 0;

/** A structure of the same members under another name: the name becomes the XML element. */
export function structure(
  name: string,
  members: readonly (readonly [string, $SchemaRef])[],
  traits: SchemaTraits = 0,
): StaticStructureSchema {
  return [STRUCTURE, '', name, traits, members.map(([member]) => member), members.map(([, ref]) => ref)];
}

/** The element that holds one text. */
export function textMember(name: string): readonly [string, $SchemaRef] {
  return [name, STRING];
}

/** Name and schema of every member of a structure; nothing for `unit`. */
export function membersOf(schema: NormalizedSchema): readonly (readonly [string, NormalizedSchema])[] {
  return schema.isStructSchema() ? [...schema.structIterator()] : [];
}

/** Names of the members that the model calls required; the SDK's schemas list them first and count them. */
export function requiredMembersOf(schema: NormalizedSchema): readonly string[] {
  const raw: unknown = schema.getSchema();
  if (!Array.isArray(raw) || raw[0] !== STRUCTURE) return [];
  const names: unknown = raw[4];
  const count: unknown = raw[6];
  if (!Array.isArray(names) || typeof count !== 'number') return [];
  return names.slice(0, count).filter((name) => typeof name === 'string');
}

export type HttpLocation =
  | { readonly at: 'label' }
  | { readonly at: 'query'; readonly name: string }
  | { readonly at: 'query-map' }
  | { readonly at: 'header'; readonly name: string }
  | { readonly at: 'header-map'; readonly prefix: string }
  | { readonly at: 'payload' }
  | { readonly at: 'status' }
  | { readonly at: 'body' };

/** Where a member travels, by Smithy's HTTP binding traits (https://smithy.io/2.0/spec/http-bindings.html). */
export function locationOf(member: NormalizedSchema): HttpLocation {
  const traits = member.getMergedTraits();
  if (traits.httpLabel) return { at: 'label' };
  if (typeof traits.httpQuery === 'string') return { at: 'query', name: traits.httpQuery };
  if (traits.httpQueryParams) return { at: 'query-map' };
  if (typeof traits.httpHeader === 'string') return { at: 'header', name: traits.httpHeader.toLowerCase() };
  if (typeof traits.httpPrefixHeaders === 'string')
    return { at: 'header-map', prefix: traits.httpPrefixHeaders.toLowerCase() };
  if (traits.httpPayload) return { at: 'payload' };
  if (traits.httpResponseCode) return { at: 'status' };
  return { at: 'body' };
}

/** The members of a structure that travel in the body, as a structure that keeps its name. */
export function bodyOf(schema: NormalizedSchema): StaticStructureSchema | undefined {
  const members = membersOf(schema).filter(([, member]) => locationOf(member).at === 'body');
  if (members.length === 0) return undefined;
  return structure(
    schema.getName() ?? '',
    members.map(([name, member]) => [name, member]),
    schema.getOwnTraits(),
  );
}

/** A handler's answer, as a record of members. Nothing at all counts as an empty structure. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object') throw new TypeError(`a structure was expected, not ${typeof value}`);
  return Object.fromEntries(Object.entries(value));
}

const plainOnes = new WeakMap<object, boolean>();

/**
 * True of a structure whose values JSON holds as they are: texts, numbers (finite ones, as all that is simulated), truths, and lists,
 * maps and structures of these. Times, bytes, documents and texts of a media type are written otherwise.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html#shape-serialization
 */
export function isPlainJson(schema: NormalizedSchema): boolean {
  const raw: unknown = schema.getSchema();
  if (typeof raw !== 'object' || raw === null) return isPlainValue(schema);
  const known = plainOnes.get(raw);
  if (known !== undefined) return known;
  // What holds itself is as plain as the rest of it.
  plainOnes.set(raw, true);
  const isPlain = isPlainValue(schema);
  plainOnes.set(raw, isPlain);
  return isPlain;
}

function isPlainValue(schema: NormalizedSchema): boolean {
  if (schema.isUnionSchema() || schema.getMergedTraits().mediaType !== undefined) return false;
  if (schema.isStructSchema()) return membersOf(schema).every(([, member]) => isPlainJson(member));
  if (schema.isListSchema() || schema.isMapSchema()) return isPlainJson(schema.getValueSchema());
  return schema.isStringSchema() || schema.isBooleanSchema() || schema.isNumericSchema();
}
