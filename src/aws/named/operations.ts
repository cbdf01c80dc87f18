/**
 * What services offer, for calls that a team names itself: which operations there are, what a request may hold, and how plain data
 * becomes one. Read from the schemas by which the SDK puts requests on the wire. Contacts nothing.
 */
import { NormalizedSchema } from '@smithy/core/schema';
import type { Plain, PlainRecord } from '../../engine/plain.ts';
import { kindOfOperation } from '../reads.ts';
import { packages } from './packages.ts';

/** What the aws command line calls services that IAM calls otherwise. */
const alsoCalled: Readonly<Record<string, string>> = {
  elbv2: 'elasticloadbalancing',
  eventbridge: 'events',
  'cloudwatch-logs': 'logs',
  costexplorer: 'ce',
  'route-53': 'route53',
};

export interface OperationFault {
  /** In the input; empty where it is about the operation. */
  readonly path: readonly (string | number)[];
  readonly about: 'service' | 'operation' | 'input';
  readonly message: string;
  /** Words of which the one that stands there may have been meant. */
  readonly known: readonly string[];
}

export interface NamedOperation {
  readonly kind: ReturnType<typeof kindOfOperation>;
  readonly faults: readonly OperationFault[];
}

/**
 * Judges a call as it is written. A text that holds `${…}` may become anything.
 *
 * `kind` is told of every operation, also of one that is unknown.
 */
export async function judgeCall(service: string, operation: string, input: PlainRecord): Promise<NamedOperation> {
  const kind = kindOfOperation(`${service}:${operation}`);
  const load = Object.hasOwn(packages, service) ? packages[service] : undefined;
  if (load === undefined) {
    const meant = alsoCalled[service];
    const message = meant === undefined ? `no service "${service}" is known` : `is called "${meant}" here, as in IAM`;
    return { kind, faults: [{ path: [], about: 'service', message, known: Object.keys(packages) }] };
  }
  const module = await load();
  const schema = inputSchemaIn(module, operation);
  if (schema === undefined) {
    const known = Object.keys(module).flatMap((name) => /^([A-Z]\w*)Command$/.exec(name)?.[1] ?? []);
    return {
      kind,
      faults: [{ path: [], about: 'operation', message: `${service} has no operation "${operation}"`, known }],
    };
  }
  return { kind, faults: [...faultsOf(schema, input, []), ...missingIn(schema, input)] };
}

/**
 * What is wrong with the name of an operation, as `service:Operation`; undefined where nothing is, or where the service is none of
 * those that can be called by name: code may ask it in its own way.
 */
export async function unknownOperation(
  name: string,
): Promise<{ readonly message: string; readonly word: string; readonly known: readonly string[] } | undefined> {
  const [service = '', operation = ''] = name.split(':');
  const { faults } = await judgeCall(service, operation, {});
  const fault = faults.find(
    ({ about }) => about === 'operation' || (about === 'service' && alsoCalled[service] !== undefined),
  );
  if (fault === undefined) return undefined;
  const { about, message, known } = fault;
  return {
    message: about === 'operation' ? message : `the service "${service}" ${message}`,
    word: about === 'operation' ? operation : service,
    known: about === 'operation' ? known : [],
  };
}

/** The schema of what an operation is asked with; undefined where the package has no such operation. */
function inputSchemaIn(module: object, operation: string): NormalizedSchema | undefined {
  const schema: unknown = Reflect.get(module, `${operation}$`);
  // A static operation schema: kind, namespace, name, traits, input, output (`StaticOperationSchema` in @smithy/types).
  const input: unknown = Array.isArray(schema) ? schema[4] : undefined;
  // The SDK's own type of a schema is a union of arrays, which nothing at run time tells apart.
  return input === undefined ? undefined : NormalizedSchema.of(input as Parameters<typeof NormalizedSchema.of>[0]);
}

function faultsOf(schema: NormalizedSchema, value: Plain | undefined, path: OperationFault['path']): OperationFault[] {
  if (value === undefined || isOpen(value)) return [];
  const fault = (message: string, known: readonly string[] = []): OperationFault[] => [
    { path, about: 'input', message, known },
  ];
  if (schema.isStructSchema()) {
    if (!isRecord(value)) return fault('must be a map');
    const members = new Map(schema.structIterator());
    return Object.entries(value).flatMap(([name, inner]) => {
      const member = members.get(name);
      return member === undefined
        ? [{ path: [...path, name], about: 'input', message: 'is unknown to AWS', known: [...members.keys()] }]
        : faultsOf(member, inner, [...path, name]);
    });
  }
  if (schema.isListSchema()) {
    if (!isList(value)) return fault('must be a list');
    return value.flatMap((item, index) => faultsOf(schema.getValueSchema(), item, [...path, index]));
  }
  if (schema.isMapSchema()) {
    if (!isRecord(value)) return fault('must be a map');
    return Object.entries(value).flatMap(([name, inner]) => faultsOf(schema.getValueSchema(), inner, [...path, name]));
  }
  if (schema.isDocumentSchema()) return [];
  if (schema.isTimestampSchema()) {
    return typeof value === 'string' && !Number.isNaN(Date.parse(value))
      ? []
      : fault('must be a time: 2026-11-23T10:00:00Z');
  }
  if (schema.isBlobSchema()) return typeof value === 'string' ? [] : fault('must be text: bytes as base64');
  if (schema.isBooleanSchema()) return typeof value === 'boolean' ? [] : fault('must be true or false');
  if (schema.isNumericSchema()) return typeof value === 'number' ? [] : fault('must be a number');
  if (schema.isStringSchema()) return typeof value === 'string' ? [] : fault('must be text: put it in quotes');
  return [];
}

function missingIn(schema: NormalizedSchema, input: PlainRecord): OperationFault[] {
  const raw: unknown = schema.getSchema();
  if (!Array.isArray(raw)) return [];
  // A static structure's required members come first, and are counted.
  const [names, count]: readonly unknown[] = [raw[4], raw[6]];
  if (!Array.isArray(names) || typeof count !== 'number') return [];
  return names
    .slice(0, count)
    .filter((name) => typeof name === 'string')
    .flatMap((name): OperationFault[] =>
      input[name] === undefined ? [{ path: [], about: 'input', message: `${name} is missing`, known: [] }] : [],
    );
}

/** What the SDK takes: times as dates, bytes as bytes. */
export function requestOf(module: object, operation: string, input: PlainRecord): object {
  const schema = inputSchemaIn(module, operation);
  const made = schema === undefined ? input : valueOf(schema, input);
  return typeof made === 'object' && made !== null ? made : {};
}

function valueOf(schema: NormalizedSchema, value: Plain | undefined): unknown {
  if (schema.isStructSchema() && isRecord(value)) {
    const members = new Map(schema.structIterator());
    return mapped(value, (inner, name) => {
      const member = members.get(name);
      return member === undefined ? inner : valueOf(member, inner);
    });
  }
  if (schema.isListSchema() && isList(value)) return value.map((item) => valueOf(schema.getValueSchema(), item));
  if (schema.isMapSchema() && isRecord(value)) return mapped(value, (inner) => valueOf(schema.getValueSchema(), inner));
  if (schema.isTimestampSchema() && typeof value === 'string') return new Date(value);
  if (schema.isBlobSchema() && typeof value === 'string') return Buffer.from(value, 'base64');
  return value;
}

/** An answer as plain data, without what the SDK adds. @throws TypeError for a body that is a stream. */
export function answerOf(value: unknown): Plain {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : answerOf(item)));
  if (typeof value !== 'object') return null;
  if ('pipe' in value || 'getReader' in value) throw new TypeError('its answer is a stream, and not data');
  const members = Object.entries(value).filter(([name, member]) => name !== '$metadata' && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, answerOf(member)]));
}

function mapped(value: PlainRecord, made: (inner: Plain | undefined, name: string) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, made(inner, name)]));
}

/** What an expression stands in is known when the step runs. */
function isOpen(value: Plain): boolean {
  return typeof value === 'string' && value.includes('${');
}

function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}

function isRecord(value: Plain | undefined): value is PlainRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
