/**
 * Reads the form bodies of the query protocols by the operation's input schema: the reverse of what the SDK writes.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html and aws-ec2-query-protocol.html have the rules.
 */
import { FromStringShapeDeserializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { membersOf } from './schema.ts';

/** Both query protocols write times as ISO 8601 unless a trait says otherwise. */
const TIMESTAMP_DATE_TIME = 5;

/** A dotted name's part: what was said of it itself, and what of the names below it. */
interface FormNode {
  value: string | undefined;
  readonly children: Map<string, FormNode>;
}

export interface FormRules {
  /** The EC2 flavour: lists are always flat, and names are capitalised unless `ec2QueryName` gives one. */
  readonly ec2: boolean;
}

/** Reads `Filters.Filter.1.Name=…`-like parameters into the shape of `schema`. */
export function readForm(
  schema: NormalizedSchema,
  parameters: URLSearchParams,
  rules: FormRules,
): Record<string, unknown> {
  return new FormReader(rules).structure(schema, treeOf(parameters));
}

function treeOf(parameters: URLSearchParams): FormNode {
  const root: FormNode = { value: undefined, children: new Map() };
  for (const [name, value] of parameters) {
    let node = root;
    for (const part of name.split('.')) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = { value: undefined, children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.value = value;
  }
  return root;
}

class FormReader {
  private readonly ec2: boolean;
  private readonly text = new FromStringShapeDeserializer({
    timestampFormat: { useTrait: true, default: TIMESTAMP_DATE_TIME },
    httpBindings: false,
  });

  constructor(rules: FormRules) {
    this.ec2 = rules.ec2;
  }

  structure(schema: NormalizedSchema, node: FormNode): Record<string, unknown> {
    const members: [string, unknown][] = [];
    for (const [name, member] of membersOf(schema)) {
      const child = node.children.get(this.memberKey(name, member));
      if (child !== undefined) members.push([name, this.value(member, child)]);
    }
    return Object.fromEntries(members);
  }

  private value(schema: NormalizedSchema, node: FormNode): unknown {
    if (schema.isStructSchema()) return this.structure(schema, node);
    if (schema.isListSchema()) return this.list(schema, node);
    if (schema.isMapSchema()) return this.map(schema, node);
    const read: unknown = this.text.read(schema, node.value ?? '');
    return read;
  }

  private list(schema: NormalizedSchema, node: FormNode): unknown[] {
    const item = schema.getValueSchema();
    const flat = this.ec2 || Boolean(schema.getMergedTraits().xmlFlattened);
    const holder = flat ? node : node.children.get(this.wireName('member', item));
    return numbered(holder).map((child) => this.value(item, child));
  }

  private map(schema: NormalizedSchema, node: FormNode): Record<string, unknown> {
    const keySchema = schema.getKeySchema();
    const valueSchema = schema.getValueSchema();
    const holder = schema.getMergedTraits().xmlFlattened ? node : node.children.get('entry');
    const entries = numbered(holder).flatMap((entry): [string, unknown][] => {
      const key = entry.children.get(this.wireName('key', keySchema))?.value;
      const value = entry.children.get(this.wireName('value', valueSchema));
      return key === undefined || value === undefined ? [] : [[key, this.value(valueSchema, value)]];
    });
    return Object.fromEntries(entries);
  }

  private memberKey(name: string, member: NormalizedSchema): string {
    const key = this.wireName(name, member);
    if (!this.ec2 || member.getMergedTraits().ec2QueryName !== undefined) return key;
    return key.charAt(0).toUpperCase() + key.slice(1);
  }

  private wireName(name: string, member: NormalizedSchema): string {
    const { ec2QueryName, xmlName } = member.getMergedTraits();
    if (this.ec2 && typeof ec2QueryName === 'string') return ec2QueryName;
    return xmlName ?? name;
  }
}

/** The children `1`, `2`, … in the order of their numbers. */
function numbered(node: FormNode | undefined): FormNode[] {
  if (node === undefined) return [];
  return [...node.children]
    .filter(([key]) => /^\d+$/u.test(key))
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([, child]) => child);
}
