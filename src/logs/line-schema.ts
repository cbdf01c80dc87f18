/**
 * What a structured line of the service has to hold, as JSON Schema
 * (https://json-schema.org/draft/2020-12). The default is what the product's logging asks for: five fields on every line, eight more on those that tell of a request.
 */
type Schema = Readonly<Record<string, unknown>>;

const id: Schema = { type: ['string', 'null'] };

/** The form of each field; `null` where a line has nothing to say. */
const properties: Readonly<Record<string, Schema>> = {
  timestamp: { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$` },
  level: { enum: ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] },
  service: { type: 'string', minLength: 1 },
  action: { type: 'string', pattern: '^[A-Z][A-Z0-9_]*$' },
  duration_ms: { type: 'number', minimum: 0 },
  http_status: { type: 'integer', minimum: 100, maximum: 599 },
  http_method: { enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] },
  http_path: { type: 'string', pattern: '^/' },
  user_id: id,
  request_id: { type: 'string', minLength: 1 },
  trace_id: id,
  correlation_id: id,
  error: { type: ['string', 'object', 'null'] },
  nano_id: id,
  creator_id: id,
};

const onEveryLine = ['timestamp', 'level', 'service', 'action', 'error'];
const ofRequests = ['http_status', 'http_method', 'http_path'];
const onRequests = [...ofRequests, 'duration_ms', 'user_id', 'request_id', 'trace_id', 'correlation_id'];

/** `required`: the fields that every line has to have, in the place of the default. */
export function lineSchema(required?: readonly string[]): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:nanoops:schema:log-line:1',
    title: 'A structured line of the service',
    type: 'object',
    required: required ?? onEveryLine,
    properties,
    ...(required === undefined
      ? {
          if: { anyOf: ofRequests.map((field) => ({ required: [field] })) },
          // JSON Schema's own words.
          // oxlint-disable-next-line unicorn/no-thenable
          then: { required: onRequests },
        }
      : {}),
  };
}
