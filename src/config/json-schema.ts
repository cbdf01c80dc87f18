/**
 * JSON Schema (draft 2020-12) of the configuration file, for editors and other programs, and the registry of the
 * schemas of every document that nanoops prints.
 */
import * as z from 'zod';
import {
  completionDocument,
  errorDocument,
  eventDocument,
  forecastDocument,
  helpDocument,
  journalDocument,
  listDocument,
  logPatternsDocument,
  notifyFlushDocument,
  notifyTestDocument,
  planDocument,
  fleetDocument,
  reportDocument,
  runDocument,
  runStepDocument,
  runbookGraphDocument,
  sandboxDocument,
  slowQueriesDocument,
  stateDocument,
  survivalDocument,
  takeoverDocument,
  traceDocument,
  traceMapDocument,
  tracesDocument,
  validDocument,
} from '../report/schemas.ts';
import { policyDocument } from '../report/policy-schemas.ts';
import {
  incidentDocument,
  postmortemDocument,
  publicPostmortemDocument,
  statusPageDocument,
} from '../report/incident-schemas.ts';
import { initDocument } from '../report/init-schema.ts';
import { idPattern } from './schema/fields.ts';
import { checkFileSchema } from './own/check-file.ts';
import { runbookFileSchema } from './own/runbook-file.ts';
import { configSchema, overlaysKey } from './schema.ts';

type Json = Readonly<Record<string, unknown>>;

/** The schema of `nanoops.yaml` as it is written, overlays included. */
export function configJsonSchema(): Json {
  const { $schema, properties, ...rest } = plain(configSchema);
  return {
    $schema,
    $id: 'urn:nanoops:schema:config:1',
    title: 'nanoops.yaml',
    description: 'The stack that nanoops looks after. Only "service" and "regions.primary" are required.',
    ...rest,
    properties: {
      ...asObject(properties),
      [overlaysKey]: {
        type: 'object',
        description: 'What differs in other environments, by name; chosen with -e.',
        propertyNames: { pattern: idPattern.source },
        additionalProperties: { $ref: '#/$defs/overlay' },
      },
    },
    $defs: {
      overlay: {
        ...withoutEnvironment(overlayOf({ ...rest, properties })),
        description: 'Merged over the rest of the file: maps key by key, everything else replaced, null removes.',
      },
    },
  };
}

/** The documents that `config schema --of <name>` knows, by name. */
export const documentSchemas: Readonly<Record<string, () => object>> = {
  config: configJsonSchema,
  runbook: () => fileSchema('runbook', 'A team\u2019s own runbook: runbooks/<id>.yaml', runbookFileSchema),
  check: () => fileSchema('check', 'A team\u2019s own check: checks/<id>.yaml', checkFileSchema),
  error: () => documentSchema('error', 'An error, in place of a report or a run', errorDocument),
  report: () => documentSchema('report', 'A report', reportDocument),
  plan: () => documentSchema('plan', 'What is to watch a stack, against what does', planDocument),
  forecast: () => documentSchema('forecast', 'A forecast of capacity', forecastDocument),
  fleet: () => documentSchema('fleet', 'A report on many services', fleetDocument),
  init: () => documentSchema('init', 'What was found in an account', initDocument),
  run: () => documentSchema('run', 'A run of a runbook', runDocument),
  'run-step': () => documentSchema('run-step', 'A step of a run that goes on', runStepDocument),
  'runbook-graph': () => documentSchema('runbook-graph', 'The graph of a runbook\u2019s steps', runbookGraphDocument),
  list: () => documentSchema('list', 'A list', listDocument),
  journal: () => documentSchema('journal', 'What checking a journal shows', journalDocument),
  survival: () => documentSchema('survival', 'What a runbook survived', survivalDocument),
  takeover: () => documentSchema('takeover', 'A lease that was taken away', takeoverDocument),
  'log-patterns': () => documentSchema('log-patterns', 'Error lines as patterns', logPatternsDocument),
  'slow-queries': () => documentSchema('slow-queries', 'Slow statements', slowQueriesDocument),
  traces: () => documentSchema('traces', 'Traces of the service', tracesDocument),
  trace: () => documentSchema('trace', 'A trace', traceDocument),
  'trace-map': () => documentSchema('trace-map', 'Who calls whom', traceMapDocument),
  policy: () => documentSchema('policy', 'IAM policies', policyDocument),
  incident: () => documentSchema('incident', 'An incident', incidentDocument),
  postmortem: () => documentSchema('postmortem', 'A post-mortem', postmortemDocument),
  'public-postmortem': () =>
    documentSchema('public-postmortem', 'A post-mortem for customers', publicPostmortemDocument),
  'status-page': () => documentSchema('status-page', 'A status page', statusPageDocument),
  event: () => documentSchema('event', 'What an event bus is told', eventDocument),
  'notify-test': () => documentSchema('notify-test', 'A test message', notifyTestDocument),
  'notify-flush': () => documentSchema('notify-flush', 'Messages that waited to be sent', notifyFlushDocument),
  state: () => documentSchema('state', 'A team\u2019s table', stateDocument),
  valid: () => documentSchema('valid', 'A configuration in which nothing is wrong', validDocument),
  sandbox: () => documentSchema('sandbox', 'The simulated AWS as an endpoint', sandboxDocument),
  completion: () => documentSchema('completion', 'What a shell completes nanoops by', completionDocument),
  help: () => documentSchema('help', 'A page of help', helpDocument),
};

/** Of a file that people write, for their editors. */
function fileSchema(name: string, title: string, schema: z.ZodType): Json {
  const { $schema, ...rest } = plain(schema);
  return { $schema, $id: `urn:nanoops:schema:${name}:1`, title, ...rest };
}

function documentSchema(name: string, title: string, schema: z.ZodType): Json {
  const { $schema, ...rest } = plain(schema);
  return { $schema, $id: `urn:nanoops:schema:${name}:1`, title: `${title} (nanoops/${name}@1)`, ...rest };
}

function plain(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.anyOf === undefined) delete jsonSchema.anyOf;
    },
  });
}

/** A schema of which any part may be left out, and any key be null: what may be laid over a whole configuration. */
function overlayOf(schema: Json): Json {
  const { required: _required, default: _default, oneOf, anyOf, properties, ...rest } = schema;
  const variants = [oneOf, anyOf].flatMap((list) => (Array.isArray(list) ? list.map(asObject).map(overlayOf) : []));
  const keys = Object.entries(asObject(properties)).map(([key, value]) => {
    const { description, ...type } = overlayOf(asObject(value));
    return [key, { ...(description === undefined ? {} : { description }), anyOf: [type, { type: 'null' }] }];
  });
  return {
    ...rest,
    ...(keys.length === 0 ? {} : { properties: Object.fromEntries(keys) }),
    ...(variants.length === 0 ? {} : { anyOf: variants }),
  };
}

function withoutEnvironment(schema: Json): Json {
  const { environment: _environment, ...properties } = asObject(schema['properties']);
  return { ...schema, properties };
}

function asObject(value: unknown): Json {
  // A JSON object, since it is neither null nor a list.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
