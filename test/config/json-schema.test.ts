import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema, documentSchemas } from '../../src/config/json-schema.ts';
import { validateConfigText } from '../../src/config/load.ts';
import { failureOf, fullExample, minimal } from './example.ts';
import { violations } from './schema-check.ts';

describe('the JSON Schema of the file', () => {
  test('says what it is, and names every key with its meaning', () => {
    const schema = configJsonSchema();
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'nanoops.yaml',
      type: 'object',
      required: ['service', 'regions'],
      additionalProperties: false,
    });
    expect(undescribed(schema, '$')).toEqual([]);
  });

  test.each([
    ['a file with every key', fullExample],
    ['the least', minimal()],
    ['an empty overlay', minimal('environments: { staging: {} }')],
    [
      'an overlay of a part',
      minimal('compute: { cluster: a, service: b }', 'environments: { staging: { compute: { maxTasks: 2 } } }'),
    ],
    ['DNS without a mechanism', minimal('dns: { hostedZoneId: Z1, record: a.example }')],
    ['compound durations', minimal('objectives: { rto: 1h30m }')],
    ['counts', minimal('objectives: { checks: { new-nanos: { target: 7 } } }')],
  ])('accepts what the program accepts: %s', (_name, text) => {
    expect(violations(configJsonSchema(), parse(text))).toEqual([]);
    expect(validateConfigText(text, 'nanoops.yaml')).toContain('prod');
  });

  test.each([
    ['an unknown key', minimal('tracng: { service: x }')],
    ['a missing key', 'service: a\n'],
    ['a full ARN', minimal('api: { loadBalancer: "arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/a/1" }')],
    ['a number for a duration', minimal('objectives: { rto: 60 }')],
    ['an empty duration', minimal('objectives: { rto: "" }')],
    ['a number for a percentage', minimal('objectives: { checks: { ecs-cpu: { target: 70 } } }')],
    ['a text for a count', minimal('objectives: { checks: { new-nanos: { target: 5% } } }')],
    ['an unknown check', minimal('objectives: { checks: { ecs-cpus: { target: 70% } } }')],
    ['a written-out secret', minimal('notify: { slack: { webhookUrl: https://hooks.slack.example/x } }')],
    ['an unquoted account', minimal('account: 123456789012')],
    ['an unknown key in an overlay', minimal('environments: { staging: { tracng: { service: x } } }')],
    ['a wrong value in an overlay', minimal('environments: { staging: { account: "12" } }')],
    ['an environment in an overlay', minimal('environments: { staging: { environment: x } }')],
    ['a key of another mechanism', minimal('dns: { hostedZoneId: Z1, record: a.example, endpoints: [] }')],
  ])('rejects what the program rejects: %s', async (_name, text) => {
    expect(violations(configJsonSchema(), parse(text))).not.toEqual([]);
    expect(await failureOf(() => validateConfigText(text, 'nanoops.yaml'))).toMatchObject({ code: 'ConfigInvalid' });
  });
});

test('every document has a schema with an id and a title', () => {
  expect(Object.keys(documentSchemas)).toEqual([
    'config',
    'runbook',
    'check',
    'error',
    'report',
    'plan',
    'forecast',
    'fleet',
    'init',
    'run',
    'run-step',
    'runbook-graph',
    'list',
    'journal',
    'survival',
    'takeover',
    'log-patterns',
    'slow-queries',
    'traces',
    'trace',
    'trace-map',
    'policy',
    'incident',
    'postmortem',
    'public-postmortem',
    'status-page',
    'event',
    'notify-test',
    'notify-flush',
    'state',
    'valid',
    'sandbox',
    'completion',
    'help',
  ]);
  for (const schema of Object.values(documentSchemas)) {
    expect(schema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: expect.stringMatching(/^urn:nanoops:schema:/),
      title: expect.any(String),
    });
  }
});

/** Keys without a description. */
function undescribed(schema: unknown, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const found: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties' && typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        const isCheck = at.endsWith('.checks');
        if (!isCheck && !JSON.stringify(inner).includes('"description"')) found.push(`${at}.${name}`);
        found.push(...undescribed(inner, `${at}.${name}`));
      }
    } else if (key !== '$defs') found.push(...undescribed(value, at));
  }
  return found;
}
