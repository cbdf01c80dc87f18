/** What `init` writes as examples can be uncommented as it stands. */
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { keyNotes, unasked } from '../../src/discovery/findings.ts';

test('what nothing in an account tells is shown as a configuration may have it', () => {
  const lines = unasked.flatMap((each) => each.lines);
  const [inside, outside] = [
    lines.filter((line) => line.startsWith('  ')),
    lines.filter((line) => !line.startsWith('  ')),
  ];
  const text = [
    'service: shop-api',
    'regions: { primary: us-west-2, recovery: us-east-1 }',
    'database:',
    '  cluster: shop-db',
    ...inside,
    ...outside,
  ].join('\n');
  const config = parseConfig(parse(text), 'an example');
  expect(config).toMatchObject({
    database: { rpoProbe: {} },
    notify: { slack: {} },
    drill: {},
    state: { dynamodb: {} },
  });
});

test('every key that may be missing is shown with a value that it may have', () => {
  const config: Record<string, unknown> = {};
  for (const { key, example } of keyNotes) {
    const parts = key.split('.');
    const last = parts.pop() ?? '';
    let inside = config;
    for (const part of parts) inside = (inside[part] ??= {}) as Record<string, unknown>;
    inside[last] = parse(example);
  }
  expect(parseConfig(config, 'the examples')).toMatchObject({
    service: 'shop-api',
    dns: { record: 'api.shop.example' },
  });
});
